// Load and its measurement: a closed loop of connections for some seconds, and what the server's process used for it.

import { readFile } from 'node:fs/promises'
import { type HttpClient, openClient } from '../lib/http-client.ts'
import type { RunningWorker } from '../lib/worker.ts'

/** One kind of load: what a connection does in one turn. Rejects when an answer is not as it must be. */
export interface Load {
  connections: number
  /** `turn` counts up from 0 over all connections. False: there is nothing more to do. */
  run(client: HttpClient, turn: number): Promise<boolean>
}

export interface Measurement {
  turns: number
  seconds: number
  perSecond: number
  p50Ms: number
  p99Ms: number
  /** CPU of workerd for one turn; null where the platform has no /proc. */
  cpuMs: number | null
  /** Memory of workerd at the end, in MB. */
  rssMb: number | null
  /** CPUs that other processes of the machine kept busy meanwhile: what disturbed the measurement. */
  othersCpus: number | null
}

const WARM_UP_MS = 1_500

/** Warms up, then measures for `seconds`. */
export async function measure(
  server: RunningWorker,
  load: Load,
  seconds: number,
  warmUpMs = WARM_UP_MS,
): Promise<Measurement> {
  const client = openClient(server.url, load.connections)
  const turns = { next: 0 }
  try {
    if (warmUpMs > 0) await loop(client, load, turns, warmUpMs)
    const cpuBefore = await cpuOf(server.workerdPid)
    const [ownBefore, allBefore] = [process.cpuUsage(), await cpuOfMachine()]
    const started = performance.now()
    const times = (await loop(client, load, turns, seconds * 1000)).sort((a, b) => a - b)
    const elapsed = (performance.now() - started) / 1000
    const cpuAfter = await cpuOf(server.workerdPid)
    const [own, all] = [process.cpuUsage(ownBefore), await cpuOfMachine()]
    const used = cpuBefore === null || cpuAfter === null ? null : cpuAfter - cpuBefore
    const others =
      all === null || allBefore === null || used === null
        ? null
        : all - allBefore - used - (own.user + own.system) / 1000
    const at = (share: number): number =>
      times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0
    return {
      turns: times.length,
      seconds: elapsed,
      perSecond: times.length / elapsed,
      p50Ms: at(0.5),
      p99Ms: at(0.99),
      cpuMs: used === null ? null : used / times.length,
      rssMb: await memoryOf(server.workerdPid),
      othersCpus: others === null ? null : Math.max(0, others / 1000 / elapsed),
    }
  } finally {
    client.close()
  }
}

async function loop(client: HttpClient, load: Load, turns: { next: number }, ms: number): Promise<number[]> {
  const times: number[] = []
  const end = performance.now() + ms
  const connection = async () => {
    for (;;) {
      const started = performance.now()
      if (started >= end || !(await load.run(client, turns.next++))) return
      times.push(performance.now() - started)
    }
  }
  await Promise.all(Array.from({ length: load.connections }, connection))
  return times
}

/** When other processes keep more CPUs busy than this, a round says little and is made again. */
const DISTURBED_CPUS = 0.25
const MAX_TRIES = 4

/**
 * Measures two sides in turn, the one that comes first changing from round to round. A round that others disturbed is
 * made again; if none was quiet, the least disturbed one counts.
 */
export async function inTurn<S extends string>(
  sides: Record<S, () => Promise<Measurement>>,
  rounds: number,
): Promise<Record<S, Measurement[]>> {
  const names = Object.keys(sides) as S[]
  const results = Object.fromEntries(names.map(name => [name, [] as Measurement[]])) as Record<
    S,
    Measurement[]
  >
  for (let n = 0; n < rounds; n++) {
    const tries: { others: number; measured: [S, Measurement][] }[] = []
    do {
      const measured: [S, Measurement][] = []
      for (const name of n % 2 === 0 ? names : names.toReversed()) measured.push([name, await sides[name]()])
      tries.push({ measured, others: Math.max(...measured.map(([, { othersCpus }]) => othersCpus ?? 0)) })
    } while (tries.length < MAX_TRIES && (tries.at(-1)?.others ?? 0) > DISTURBED_CPUS)
    const [best] = tries.sort((a, b) => a.others - b.others)
    for (const [name, measurement] of best?.measured ?? []) results[name].push(measurement)
  }
  return results
}

/** A GET on each of `paths` in turn, which must answer 200. */
export const reading = (paths: readonly string[], connections: number): Load => ({
  connections,
  run: async (client, turn) => {
    const path = paths[turn % paths.length] ?? '/'
    const answer = await client.call('GET', path)
    if (answer.status !== 200)
      throw new Error(`${path} answered ${answer.status}: ${answer.text.slice(0, 300)}`)
    return true
  },
})

/** User and system time that a process has used so far, all its threads together, in milliseconds. */
async function cpuOf(pid: number | null): Promise<number | null> {
  if (pid === null) return null
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null)
  // After the name, which may hold spaces: fields 14 and 15 of proc(5), in clock ticks of 10 ms.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')
  return fields ? (Number(fields[11]) + Number(fields[12])) * 10 : null
}

/** The same of the whole machine: user, nice and system time of all CPUs together. */
async function cpuOfMachine(): Promise<number | null> {
  const stat = await readFile('/proc/stat', 'utf8').catch(() => null)
  const fields = stat?.split('\n')[0]?.trim().split(/\s+/)
  return fields ? (Number(fields[1]) + Number(fields[2]) + Number(fields[3])) * 10 : null
}

async function memoryOf(pid: number | null): Promise<number | null> {
  if (pid === null) return null
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]
  return kib === undefined ? null : Number(kib) / 1024
}

/** The middle one of some numbers. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0
}
