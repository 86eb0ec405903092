// Reading orders. A guest proves with the order's token that it is theirs; without it an order looks exactly like one
// that does not exist (INV-404).

import { asc, eq } from 'drizzle-orm'
import type { Deps } from '../../deps.ts'
import { notFound } from '../../http/errors.ts'
import { rfc3339 } from '../../lib/clock.ts'
import { DomainError } from '../../lib/errors.ts'
import { payments } from '../payments/table.ts'
import type { Order } from './schemas.ts'
import { orderLines, orders } from './table.ts'
import { isOrderToken } from './token.ts'

/** Reads an order by id and token. Raises `not_found`. */
export async function getOrder(deps: Deps, id: string, token: string): Promise<Order> {
  const { db } = deps
  const [[rows, lines, paid], isTheirs] = await Promise.all([
    db.batch([
      db.select().from(orders).where(eq(orders.id, id)),
      db.select().from(orderLines).where(eq(orderLines.order_id, id)).orderBy(asc(orderLines.position)),
      db.select().from(payments).where(eq(payments.order_id, id)),
    ]),
    isOrderToken(deps, id, token),
  ])
  const order = rows[0]
  if (!order || !isTheirs) throw new DomainError(notFound, 'There is no such order.')
  return orderOf(order, lines, paid)
}

function orderOf(
  order: typeof orders.$inferSelect,
  lines: (typeof orderLines.$inferSelect)[],
  paid: (typeof payments.$inferSelect)[],
): Order {
  const money = (amount: number) => ({ amount, currency: order.currency })
  return {
    id: order.id,
    number: order.number,
    checkout_id: order.checkout_id,
    status: order.status,
    payment_status: order.payment_status,
    fulfilment_status: order.fulfilment_status,
    email: order.email,
    phone: order.phone,
    currency: order.currency,
    lines: lines.map(({ order_id: _order, position: _position, ...line }) => ({
      ...line,
      unit_price: money(line.unit_price),
      subtotal: money(line.subtotal),
      discount: money(line.discount),
      tax: money(line.tax),
      total: money(line.total),
    })),
    discounts: order.discounts.map(discount => ({ ...discount, amount: money(discount.amount) })),
    tax_lines: order.tax_lines.map(tax => ({ ...tax, amount: money(tax.amount) })),
    totals: {
      subtotal: money(order.subtotal),
      discount: money(order.discount),
      shipping: money(order.shipping),
      tax: money(order.tax),
      shipping_tax: money(lines.reduce((rest, line) => rest - line.tax, order.tax)),
      tax_included: order.tax_included,
      total: money(order.total),
    },
    shipping_address: order.shipping_address,
    billing_address: order.billing_address,
    shipping_option: order.shipping_option && {
      ...order.shipping_option,
      price: money(order.shipping_option.price),
    },
    payments: paid.flatMap(payment =>
      payment.status === 'awaiting' ||
      payment.status === 'authorised' ||
      payment.status === 'captured' ||
      payment.status === 'voided'
        ? [
            {
              id: payment.id,
              provider: payment.provider,
              status: payment.status,
              amount: money(payment.amount),
              captured: money(payment.captured_amount),
              refunded: money(payment.refunded_amount),
              created_at: rfc3339(payment.created_at),
            },
          ]
        : [],
    ),
    note: order.note,
    placed_at: rfc3339(order.placed_at),
  }
}
