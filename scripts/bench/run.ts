// `npm run bench -- [--only reads|purchase|login|size|bundle]`: how fast the built Worker is in workerd, beside a bare Worker
// that makes the same database calls. BENCH_SECONDS (10) is the length of one measurement, BENCH_ROUNDS (3) how often
// each is made; the medians count. docs/benchmarks.md has figures and says what they mean.

import { loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { environment } from '../lib/report.ts'
import { bundleWorker } from '../lib/worker.ts'
import { benchBundle } from './bundle.ts'
import { benchLogin } from './login.ts'
import { benchPurchase } from './purchase-bench.ts'
import { benchReads } from './reads.ts'
import { benchSizes } from './sizes.ts'
import { printTable, type Target } from './targets.ts'

/** What a part of the bench needs to know. */
export interface Settings {
  seconds: number
  rounds: number
}

const PARTS = {
  bundle: benchBundle,
  reads: benchReads,
  purchase: benchPurchase,
  login: benchLogin,
  size: benchSizes,
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { only: { type: 'string' } } })
  const settings = {
    seconds: Number(process.env.BENCH_SECONDS ?? 10),
    rounds: Number(process.env.BENCH_ROUNDS ?? 3),
  }
  console.log(JSON.stringify({ run: 'bench', ...settings, load_average: loadavg()[0], ...environment() }))
  const bundle = await bundleWorker()
  const targets: Target[] = []
  for (const [name, part] of Object.entries(PARTS)) {
    if (values.only === undefined || values.only === name) targets.push(...(await part(bundle, settings)))
  }
  console.log()
  printTable(
    ['target', 'measured', 'to reach', ''],
    targets.map(({ what, value, target, met }) => [what, value, target, met ? 'met' : 'MISSED']),
  )
  console.log(JSON.stringify({ load_average_at_end: loadavg()[0] }))
  const missed = targets.filter(({ met }) => !met).length
  console.log(`${targets.length - missed} met, ${missed} missed`)
  return missed === 0 ? 0 : 1
}

main().then(
  code => process.exit(code),
  error => {
    console.error(error)
    process.exit(1)
  },
)
