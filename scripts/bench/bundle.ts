// The bundle: its size, and what it costs to start it.

import type { Bundle } from '../lib/worker.ts'
import { wrangler } from '../lib/worker.ts'
import { median } from './load.ts'
import type { Settings } from './run.ts'
import { atMost, type Target } from './targets.ts'

/** Measures with `wrangler check startup`: active CPU time of evaluating the Worker, as its profiler sees it. */
export async function benchBundle(bundle: Bundle, { rounds }: Settings): Promise<Target[]> {
  const active: number[] = []
  for (let n = 0; n < rounds; n++) {
    const args = `--config=${bundle.configPath} --minify`
    const text = await wrangler([
      'check',
      'startup',
      `--args=${args}`,
      `--outfile=${bundle.scriptPath}.cpuprofile`,
    ])
    const ms = /Active: ([\d.]+) ms/.exec(text)?.[1]
    if (ms === undefined) throw new Error(`wrangler check startup says no active time:\n${text}`)
    active.push(Number(ms))
  }
  const kib = (bytes: number): number => bytes / 1024
  const sizes = {
    bundle_kib: Math.round(kib(bundle.bytes)),
    bundle_gzip_kib: Math.round(kib(bundle.gzipBytes)),
  }
  console.log(JSON.stringify({ bench: 'bundle', ...sizes, startup_cpu_ms: active }))
  return [
    atMost('bundle, KiB gzip', kib(bundle.gzipBytes), 400),
    atMost('start-up, CPU ms (wrangler check startup)', median(active), 150),
  ]
}
