// Every process that came of one command, however it was reparented: each inherits the command's environment, and with
// it a mark. Only where there is /proc.

import { readdirSync, readFileSync } from 'node:fs'

export interface MarkedProcess {
  pid: number
  command: string
}

/** Says whether processes can be found here. */
export const canFindProcesses = (): boolean => process.platform === 'linux'

/** The living processes whose environment has `name=value`. */
export function processesWith(name: string, value: string): MarkedProcess[] {
  return readdirSync('/proc')
    .filter(entry => /^\d+$/.test(entry))
    .filter(pid => read(`/proc/${pid}/environ`).split('\0').includes(`${name}=${value}`))
    .map(pid => ({ pid: Number(pid), command: read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim() }))
}

/** A file's text; empty when its process is gone, is another user's or is a zombie. */
function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
