// The eight-call purchase: the shop, and the bare Worker replaying the same purchases' database calls, each round on a
// fresh copy of the same data.

import { seededRandom } from '../lib/random.ts'
import { type Bundle, startWorker, withD1 } from '../lib/worker.ts'
import { inTurn, measure } from './load.ts'
import { CALLS_A_PURCHASE, type PurchaseSource, recordPurchases, replaying, shopping } from './purchase.ts'
import { copyDirectory, createCatalogue, PRODUCTS, readPaths, startFloor } from './reads.ts'
import { openRecorder } from './record.ts'
import type { Settings } from './run.ts'
import { atLeast, COMPARISON, compare, printTable, type Target } from './targets.ts'

const SHOPPERS = 8
const TARGET_A_SECOND = 25
/** Purchases recorded for one second of replay: more than the bare Worker makes. */
const RECORDED_A_SECOND = 80

/** Measures purchases a second. */
export async function benchPurchase(bundle: Bundle, { seconds, rounds }: Settings): Promise<Target[]> {
  const directory = await createCatalogue(PRODUCTS)
  const listPaths = await withD1(
    directory,
    async (_, binding) => (await readPaths(openRecorder(binding), PRODUCTS)).list,
  )
  const source = (seed: number): PurchaseSource => ({
    listPaths,
    products: PRODUCTS,
    random: seededRandom(seed),
  })
  const count = RECORDED_A_SECOND * seconds
  const recording = await withD1(await copyDirectory(directory), async (_, binding) => {
    const recorder = openRecorder(binding)
    await recordPurchases(recorder, source(1), count)
    return recorder.recording
  })
  const callsAPurchase = Object.values(recording.calls).flat().length / count

  const sides = await inTurn(
    {
      shop: async () => {
        const server = await startWorker({ ...bundle, directory: await copyDirectory(directory) })
        const measured = await measure(server, shopping(source(2), SHOPPERS), seconds)
        await server.stop()
        return measured
      },
      floor: async () => {
        const server = await startFloor(bundle, await copyDirectory(directory), recording)
        const measured = await measure(server, replaying(count, SHOPPERS), seconds)
        await server.stop()
        return measured
      },
    },
    rounds,
  )
  const facts = {
    products: PRODUCTS,
    shoppers: SHOPPERS,
    http_calls: CALLS_A_PURCHASE,
    database_calls: callsAPurchase,
    rounds,
  }
  const { rows, shop } = compare('purchase', facts, sides)
  printTable(COMPARISON, rows)
  return [atLeast('purchase, orders/s', shop.perSecond, TARGET_A_SECOND)]
}
