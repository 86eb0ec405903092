// INV-STOCK: 1,000 buyers want 100 units at the same time. Exactly as many get theirs as there are units for, the others
// are told how many are left; also where three locations share the units, and where orders must be split between them.

import { randomUUID } from 'node:crypto'
import { APPROVED, stocked } from '../lib/fixture.ts'
import { bodyOf, mapConcurrently } from '../lib/http-client.ts'
import type { Outcome } from '../lib/report.ts'
import type { Breakage, Bundle } from '../lib/worker.ts'
import { CONNECTIONS, countRows, expectEqual, splitOrders, stockOf, tally, withShop } from './shop.ts'

const BUYERS = 1_000
const UNITS = 100

/** Without the CHECK only what a request read before is between the stock and the buyers. */
const BROKEN: { what: string; breakages: Breakage[] } = {
  what: 'CHECK stock_reserved_within_on_hand and stock_on_hand_not_negative removed',
  breakages: [
    {
      remove: 'CONSTRAINT "stock_reserved_within_on_hand" CHECK (reserved <= on_hand)',
      instead: 'CHECK(true)',
    },
    { remove: 'CONSTRAINT "stock_on_hand_not_negative" CHECK (on_hand >= 0)', instead: 'CHECK(true)' },
  ],
}

interface Variation {
  /** How many locations share the units. */
  places: number
  /** How many each buyer wants. */
  quantity: number
}

/** The scenario in a variation: `run` runs it once. */
const scenario = (NAME: string, variation: Variation) => ({
  NAME,
  BROKEN,
  run: (bundle: Bundle, breakages: Breakage[]) => sellOut(bundle, breakages, variation),
})

export const lastUnits = scenario('last_units', { places: 1, quantity: 1 })
export const lastUnitsOfThreePlaces = scenario('last_units_of_three_places', { places: 3, quantity: 1 })
export const lastUnitsSplit = scenario('last_units_split', { places: 3, quantity: 7 })

const sellOut = (bundle: Bundle, breakages: Breakage[], { places, quantity }: Variation): Promise<Outcome> =>
  withShop(bundle, { products: [stocked('last-units', UNITS)], breakages, places }, async shop => {
    const orders = Math.floor(UNITS / quantity)
    const left = UNITS - orders * quantity
    const failures: string[] = []
    const [variant_id = ''] = shop.variantIds
    const ids = await shop.prepare(Array.from({ length: BUYERS }, () => [{ variant_id, quantity }]))
    const started = performance.now()
    const answers = await mapConcurrently(ids, CONNECTIONS, id =>
      shop.client.call('POST', `/v1/checkouts/${id}/complete`, {
        body: APPROVED,
        headers: { 'Idempotency-Key': randomUUID() },
      }),
    )
    const seconds = (performance.now() - started) / 1000

    const answered = tally(answers)
    expectEqual(failures, 'answers', answered, { '200': orders, '409 stock_insufficient': BUYERS - orders })
    for (const answer of answers.filter(({ status }) => status === 409)) {
      const expected = [{ variant_id, quantity, quantity_available: left }]
      expectEqual(failures, 'items of a 409', itemsOf(bodyOf(answer).items), expected)
    }
    const orderIds = new Set(
      answers.flatMap(answer => (answer.status === 200 ? [bodyOf(answer).order_id] : [])),
    )
    const { rows, stock, split } = await shop.settle(failures, async db => ({
      rows: await countRows(db),
      stock: await stockOf(db),
      split: await splitOrders(db),
    }))
    expectEqual(failures, 'distinct orders answered', orderIds.size, orders)
    expectEqual(failures, 'orders', rows.orders, orders)
    expectEqual(failures, 'charges', rows.charges, orders)
    expectEqual(failures, 'stock', stock.get(variant_id), { on_hand: left, reserved: 0 })
    const figures = {
      buyers: BUYERS,
      units: UNITS,
      each: quantity,
      places,
      in_flight: CONNECTIONS,
      answered,
      orders: rows.orders,
      split_orders: split,
      stock: stock.get(variant_id),
    }
    return { failures, figures: { ...figures, seconds: Number(seconds.toFixed(2)) } }
  })

function itemsOf(items: unknown): unknown {
  if (!Array.isArray(items)) return items
  return items.map(({ variant_id, quantity, quantity_available }) => ({
    variant_id,
    quantity,
    quantity_available,
  }))
}
