// INV-STOCK: 1,000 buyers want 100 units at the same time. Exactly 100 get one, the others are told how many are left.

import { randomUUID } from 'node:crypto'
import { APPROVED, stocked } from '../lib/fixture.ts'
import { bodyOf, mapConcurrently } from '../lib/http-client.ts'
import type { Outcome } from '../lib/report.ts'
import type { Breakage, Bundle } from '../lib/worker.ts'
import { CONNECTIONS, countRows, expectEqual, stockOf, tally, withShop } from './shop.ts'

const BUYERS = 1_000
const UNITS = 100

export const NAME = 'last_units'

/** Without the CHECK only what a request read before is between the stock and the buyers. */
export const BROKEN: { what: string; breakages: Breakage[] } = {
  what: 'CHECK stock_reserved_within_on_hand and stock_on_hand_not_negative removed',
  breakages: [
    {
      remove: 'CONSTRAINT "stock_reserved_within_on_hand" CHECK(reserved <= on_hand)',
      instead: 'CHECK(true)',
    },
    { remove: 'CONSTRAINT "stock_on_hand_not_negative" CHECK(on_hand >= 0)', instead: 'CHECK(true)' },
  ],
}

/** Runs it once. */
export const run = (bundle: Bundle, breakages: Breakage[]): Promise<Outcome> =>
  withShop(bundle, { products: [stocked('last-units', UNITS)], breakages }, async shop => {
    const failures: string[] = []
    const [variant_id = ''] = shop.variantIds
    const ids = await shop.prepare(Array.from({ length: BUYERS }, () => [{ variant_id, quantity: 1 }]))
    const started = performance.now()
    const answers = await mapConcurrently(ids, CONNECTIONS, id =>
      shop.client.call('POST', `/v1/checkouts/${id}/complete`, {
        body: APPROVED,
        headers: { 'Idempotency-Key': randomUUID() },
      }),
    )
    const seconds = (performance.now() - started) / 1000

    const answered = tally(answers)
    expectEqual(failures, 'answers', answered, { '200': UNITS, '409 stock_insufficient': BUYERS - UNITS })
    for (const answer of answers.filter(({ status }) => status === 409)) {
      const expected = [{ variant_id, quantity: 1, quantity_available: 0 }]
      expectEqual(failures, 'items of a 409', itemsOf(bodyOf(answer).items), expected)
    }
    const orderIds = new Set(
      answers.flatMap(answer => (answer.status === 200 ? [bodyOf(answer).order_id] : [])),
    )
    const { rows, stock } = await shop.settle(failures, async db => ({
      rows: await countRows(db),
      stock: await stockOf(db),
    }))
    expectEqual(failures, 'distinct orders answered', orderIds.size, UNITS)
    expectEqual(failures, 'orders', rows.orders, UNITS)
    expectEqual(failures, 'charges', rows.charges, UNITS)
    expectEqual(failures, 'stock', stock.get(variant_id), { on_hand: 0, reserved: 0 })
    const figures = {
      buyers: BUYERS,
      units: UNITS,
      in_flight: CONNECTIONS,
      answered,
      orders: rows.orders,
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
