// Does reading stay as fast when the catalogue grows: the shop with 1,000 and with 100,000 products, in turn.

import { type Bundle, startWorker, withD1 } from '../lib/worker.ts'
import { inTurn, measure, reading } from './load.ts'
import { CONNECTIONS, createCatalogue, readPaths } from './reads.ts'
import { openRecorder } from './record.ts'
import type { Settings } from './run.ts'
import { atMost, printTable, ratios, round, summarise, type Target } from './targets.ts'

const SMALL = 1_000
const LARGE = 100_000
const MOST_TIMES_SLOWER = 1.5

/** Measures the three reads at both sizes. */
export async function benchSizes(bundle: Bundle, { seconds, rounds }: Settings): Promise<Target[]> {
  const [small, large] = [await open(bundle, SMALL), await open(bundle, LARGE)]
  const targets: Target[] = []
  const rows: (string | number | null)[][] = []
  for (const kind of ['list', 'detail', 'search'] as const) {
    const sides = await inTurn(
      {
        small: () => measure(small.server, reading(small.paths[kind], CONNECTIONS), seconds),
        large: () => measure(large.server, reading(large.paths[kind], CONNECTIONS), seconds),
      },
      rounds,
    )
    const [few, many] = [summarise(sides.small), summarise(sides.large)]
    const { ratioOfP50: ratio, ratioOfCpu } = ratios(sides.large, sides.small)
    console.log(
      JSON.stringify({
        bench: `${kind}_by_size`,
        connections: CONNECTIONS,
        rounds,
        ratio,
        ratio_of_cpu: ratioOfCpu && round(1 / ratioOfCpu),
        [SMALL]: few,
        [LARGE]: many,
      }),
    )
    const others = Math.max(few.othersCpus ?? 0, many.othersCpus ?? 0)
    rows.push([
      kind,
      few.p50Ms,
      many.p50Ms,
      ratio,
      few.perSecond,
      many.perSecond,
      few.cpuMs,
      many.cpuMs,
      others,
    ])
    targets.push(atMost(`${kind}, p50 at ${LARGE} of that at ${SMALL}`, ratio, MOST_TIMES_SLOWER))
  }
  printTable(
    ['read', 'p50 ms, few', 'many', 'ratio', '/s, few', 'many', 'CPU ms, few', 'many', 'others'],
    rows,
  )
  await Promise.all([small.server.stop(), large.server.stop()])
  return targets
}

async function open(bundle: Bundle, products: number) {
  const started = performance.now()
  const directory = await createCatalogue(products)
  console.log(
    JSON.stringify({ bench: 'load', products, seconds: Math.round((performance.now() - started) / 1000) }),
  )
  const paths = await withD1(directory, (_, binding) => readPaths(openRecorder(binding), products))
  return { paths, server: await startWorker({ ...bundle, directory }) }
}
