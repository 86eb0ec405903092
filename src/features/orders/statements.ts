// Statements that turn a draft into an order, for the unit that settles its payment.

import { sql } from 'drizzle-orm'
import type { Db } from '../../db/client.ts'
import type { OrderDraft } from './draft.ts'
import { orders } from './table.ts'

const FIRST_NUMBER = 1001

/** Writes the order and its lines. Its number is the next one at the moment of the commit. Two statements. */
export const insertOrder = (
  db: Db,
  draft: OrderDraft,
  paymentStatus: typeof orders.$inferInsert.payment_status,
  now: number,
) => {
  const {
    order_id,
    lines,
    totals,
    cart_id: _cart,
    reply: _reply,
    request_id: _request,
    user_id,
    ...order
  } = draft
  return [
    db.insert(orders).values({
      ...order,
      ...totals,
      id: order_id,
      // An account that was erased meanwhile owns nothing.
      user_id: sql`(SELECT id FROM users WHERE id = ${user_id ?? null})`,
      number: sql`(SELECT coalesce(max(number) + 1, ${FIRST_NUMBER}) FROM orders)`,
      status: 'open',
      payment_status: paymentStatus,
      fulfilment_status: 'unfulfilled',
      placed_at: now,
    }),
    db.run(sql`
      INSERT INTO order_lines (id, order_id, position, variant_id, product_id, title, variant_title, sku, quantity,
        unit_price, subtotal, discount, tax, total, requires_shipping)
      SELECT value ->> 'id', ${order_id}, key, value ->> 'variant_id', value ->> 'product_id', value ->> 'title',
        value ->> 'variant_title', value ->> 'sku', value ->> 'quantity', value ->> 'unit_price', value ->> 'subtotal',
        value ->> 'discount', value ->> 'tax', value ->> 'total', value ->> 'requires_shipping'
      FROM json_each(${JSON.stringify(lines)})`),
  ] as const
}
