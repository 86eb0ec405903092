// `npm run test:concurrency -- [--only NAME] [--runs N] [--seed N]`: what must hold when many buy at once, over real
// HTTP against the built Worker in workerd. Each scenario then runs once more on a database from which what protects
// it was taken, where it must fail.

import { parseArgs } from 'node:util'
import { seedOf } from '../lib/random.ts'
import { environment, type Outcome, openReport } from '../lib/report.ts'
import { type Breakage, type Bundle, bundleWorker } from '../lib/worker.ts'
import { lastUnits, lastUnitsOfThreePlaces, lastUnitsSplit } from './last-units.ts'
import * as mixedCarts from './mixed-carts.ts'
import * as oneKey from './one-key.ts'

interface Scenario {
  NAME: string
  BROKEN: { what: string; breakages: Breakage[] }
  run: (bundle: Bundle, breakages: Breakage[], seed: number) => Promise<Outcome>
}

const SCENARIOS: Scenario[] = [lastUnits, lastUnitsOfThreePlaces, lastUnitsSplit, mixedCarts, oneKey]

async function main(): Promise<number> {
  const options = { only: { type: 'string' }, runs: { type: 'string' }, seed: { type: 'string' } } as const
  const { values } = parseArgs({ options })
  const chosen = SCENARIOS.filter(({ NAME }) => values.only === undefined || values.only === NAME)
  if (chosen.length === 0)
    throw new Error(`--only takes one of: ${SCENARIOS.map(({ NAME }) => NAME).join(', ')}`)
  const seed = seedOf(values.seed)
  const runs = Number(values.runs ?? 1)
  console.log(JSON.stringify({ run: 'concurrency', seed, runs, ...environment() }))
  const report = openReport()
  const bundle = await bundleWorker()
  for (const { NAME, BROKEN, run } of chosen) {
    for (let n = 0; n < runs; n++) report.add(NAME, await run(bundle, [], seed + n))
    report.add(NAME, await run(bundle, BROKEN.breakages, seed), BROKEN.what)
  }
  return report.end()
}

main().then(
  code => process.exit(code),
  error => {
    console.error(error)
    process.exit(1)
  },
)
