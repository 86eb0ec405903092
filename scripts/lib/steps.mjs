// Running steps as child processes that never outlive us. Plain JavaScript, because it runs on the machine's own Node
// (20 or newer) before the project's Node and tools are installed.

import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'

export const ROOT = path.resolve(import.meta.dirname, '..', '..')
const BIN = path.join(ROOT, 'node_modules', '.bin')
const STAMP = path.join(ROOT, 'node_modules', '.installed-lock')

/** The project's own Node and tools come first; wrangler stays offline, quiet and without its costly local tracing. */
export const ENV = {
  ...process.env,
  PATH: `${BIN}${path.delimiter}${process.env.PATH ?? ''}`,
  CI: '1',
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_HIDE_BANNER: 'true',
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
  X_LOCAL_OBSERVABILITY: 'false',
  X_LOCAL_EXPLORER: 'false',
}

const running = new Set()

/** Kills a child with all of its children: each leads a process group of its own. */
function kill(child, signal) {
  try {
    process.kill(-child.pid, signal)
  } catch {
    // It is gone already.
  }
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    for (const child of running) kill(child, 'SIGTERM')
    setTimeout(() => {
      for (const child of running) kill(child, 'SIGKILL')
      process.exit(signal === 'SIGINT' ? 130 : 143)
    }, 1500)
  })
}
process.on('exit', () => {
  for (const child of running) kill(child, 'SIGKILL')
})

/** Starts a command in the project's folder, in a process group of its own. */
export function start(command, args, options = {}) {
  const child = spawn(command, args, { cwd: ROOT, env: ENV, stdio: 'inherit', detached: true, ...options })
  running.add(child)
  child.on('exit', () => running.delete(child))
  return child
}

/** Runs a command to its end. Rejects when it fails; the output is shown then, unless it was shown all along. */
export function run(command, args, { quiet = false } = {}) {
  return new Promise((resolve, reject) => {
    const child = start(command, args, quiet ? { stdio: ['ignore', 'pipe', 'pipe'] } : {})
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', chunk => (output += chunk))
    child.on('error', reject)
    child.on('exit', (code, signal) => {
      if (code === 0) return resolve(output)
      process.stderr.write(output)
      reject(new Error(`${command} ${args.join(' ')}: ${signal ?? `exit ${code}`}`))
    })
  })
}

/** Installs exactly what the lock file says, unless that is what is installed. */
export async function ensureInstalled() {
  const lock = createHash('sha256')
    .update(readFileSync(path.join(ROOT, 'package-lock.json')))
    .digest('hex')
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === lock) return
  console.log('Installing packages (once) ...')
  await run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { quiet: true })
  writeFileSync(STAMP, lock)
}

/** Ends the process with a clear message instead of a stack. */
export function fail(error) {
  console.error(`\n${error instanceof Error ? error.message : error}`)
  process.exit(1)
}
