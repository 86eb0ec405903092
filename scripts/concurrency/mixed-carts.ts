// INV-STOCK and INV-ATOMIC: 500 carts of two or three lines over three items that three locations share, completed at the
// same time. Each cart is sold whole or not at all, and one is refused only if it really could not be filled.

import { randomUUID } from 'node:crypto'
import { sql } from 'drizzle-orm'
import type { Db } from '../../src/db/client.ts'
import { APPROVED, stocked } from '../lib/fixture.ts'
import { bodyOf, type HttpAnswer, mapConcurrently } from '../lib/http-client.ts'
import { between, seededRandom } from '../lib/random.ts'
import type { Outcome } from '../lib/report.ts'
import type { Breakage, Bundle } from '../lib/worker.ts'
import {
  CONNECTIONS,
  countRows,
  expectEqual,
  type Line,
  splitOrders,
  stockOf,
  tally,
  withShop,
} from './shop.ts'

const CARTS = 500
const STOCK = [120, 180, 240]
const PLACES = 3

export const NAME = 'mixed_carts'

/** As a guarded insert would do it: a line that is short is skipped silently, and the rest of the list goes on. */
export const BROKEN: { what: string; breakages: Breakage[] } = {
  what: 'a short line is skipped instead of aborting the unit',
  breakages: [
    {
      remove: 'CREATE TRIGGER stock_reservations_inserting\nBEFORE INSERT',
      instead: `CREATE TRIGGER broken_skip_short BEFORE INSERT ON stock_reservations
        WHEN (SELECT on_hand - reserved FROM stock_levels
          WHERE variant_id = NEW.variant_id AND location_id = NEW.location_id) < NEW.quantity
        BEGIN SELECT RAISE(IGNORE); END;
        CREATE TRIGGER stock_reservations_inserting
        BEFORE INSERT`,
    },
  ],
}

/** Runs it once. */
export const run = (bundle: Bundle, breakages: Breakage[], seed: number): Promise<Outcome> =>
  withShop(
    bundle,
    { products: STOCK.map((quantity, i) => stocked(`mixed-${i}`, quantity)), breakages, places: PLACES },
    async shop => {
      const failures: string[] = []
      const random = seededRandom(seed)
      const carts = Array.from({ length: CARTS }, () => aCart(random, shop.variantIds))
      const ids = await shop.prepare(carts)
      const answers = await mapConcurrently(ids, CONNECTIONS, id =>
        shop.client.call('POST', `/v1/checkouts/${id}/complete`, {
          body: APPROVED,
          headers: { 'Idempotency-Key': randomUUID() },
        }),
      )
      const answered = tally(answers)
      const sold = answered['200'] ?? 0
      expectEqual(failures, 'answers', answered, { '200': sold, '409 stock_insufficient': CARTS - sold })
      for (const answer of answers) checkRefusal(failures, answer)

      const { rows, stock, partial, split } = await shop.settle(failures, async db => ({
        rows: await countRows(db),
        stock: await stockOf(db),
        partial: await partialOrders(db),
        split: await splitOrders(db),
      }))
      expectEqual(failures, 'orders', rows.orders, sold)
      expectEqual(failures, 'orders whose movements are not their lines', partial, [])
      for (const [variant, { on_hand, reserved }] of stock) {
        if (on_hand < 0 || reserved !== 0)
          failures.push(`stock of ${variant}: on hand ${on_hand}, reserved ${reserved}`)
      }
      // Stock only went down, so a cart that could be filled now could have been filled then.
      const refused = carts.filter((_, index) => answers[index]?.status === 409)
      const fillable = refused.filter(lines =>
        lines.every(line => line.quantity <= (stock.get(line.variant_id)?.on_hand ?? 0)),
      )
      expectEqual(failures, 'carts refused without reason', fillable.length, 0)
      const left = shop.variantIds.map(id => stock.get(id)?.on_hand)
      return {
        failures,
        figures: {
          carts: CARTS,
          in_flight: CONNECTIONS,
          seed,
          answered,
          partial_orders: partial.length,
          places: PLACES,
          split_orders: split,
          stock: STOCK,
          left,
        },
      }
    },
  )

/** Two or three different items in random order, one to three of each. */
function aCart(random: () => number, variantIds: string[]): Line[] {
  const order = variantIds.map(id => ({ id, rank: random() })).sort((a, b) => a.rank - b.rank)
  return order
    .slice(0, between(random, 2, 3))
    .map(({ id }) => ({ variant_id: id, quantity: between(random, 1, 3) }))
}

/** A refusal names at least one line, and says that fewer are left than it wants. */
function checkRefusal(failures: string[], answer: HttpAnswer): void {
  if (answer.status !== 409) return
  const { items } = bodyOf(answer)
  const isClear =
    Array.isArray(items) && items.length > 0 && items.every(item => item.quantity_available < item.quantity)
  if (!isClear) failures.push(`an unclear refusal: ${answer.text}`)
}

/** Orders of which some line did not take exactly its quantity from stock. */
async function partialOrders(db: Db): Promise<string[]> {
  const rows = await db.all<{ id: string }>(sql`
    SELECT DISTINCT l.order_id AS id FROM order_lines l
    WHERE (SELECT sum(m.quantity) FROM stock_movements m
      WHERE m.order_id = l.order_id AND m.variant_id = l.variant_id AND m.reason = 'sale') IS NOT -l.quantity`)
  return rows.map(({ id }) => id)
}
