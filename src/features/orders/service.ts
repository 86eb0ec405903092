// Reading orders. A guest proves with the order's token that it is theirs, a person with an account by their login; to
// everybody else an order looks exactly like one that does not exist (INV-404).

import { and, asc, desc, eq, lt, sql } from 'drizzle-orm'
import type { Deps } from '../../deps.ts'
import { type Actor, type Principal, personOf, type SignedIn } from '../../http/context.ts'
import { notFound } from '../../http/errors.ts'
import { idOf, pageById } from '../../http/pagination.ts'
import { DEFAULT_LIMIT } from '../../http/schemas.ts'
import { rfc3339 } from '../../lib/clock.ts'
import { DomainError } from '../../lib/errors.ts'
import { requireCaller, selectCaller } from '../auth/statements.ts'
import { payments } from '../payments/table.ts'
import type { Order, OrderSummary } from './schemas.ts'
import { orderLines, orders } from './table.ts'
import { isOrderToken } from './token.ts'

/** Reads an order for whoever holds its token, or for its owner while their session runs. Raises `not_found`. */
export async function getOrder(
  deps: Deps,
  { principal }: { principal: Principal },
  id: string,
  token: string,
): Promise<Order> {
  const { db, clock } = deps
  const caller = personOf(principal) ?? { id: '', session_id: '' }
  const [[rows, lines, paid, callers], hasToken] = await Promise.all([
    db.batch([
      db.select().from(orders).where(eq(orders.id, id)),
      db.select().from(orderLines).where(eq(orderLines.order_id, id)).orderBy(asc(orderLines.position)),
      db.select().from(payments).where(eq(payments.order_id, id)),
      selectCaller(db, caller, clock()),
    ]),
    isOrderToken(deps, id, token),
  ])
  const order = rows[0]
  const isOwner = order !== undefined && order.user_id !== null && order.user_id === callers[0]?.id
  if (!order || !(hasToken || isOwner)) throw new DomainError(notFound, 'There is no such order.')
  return orderOf(order, lines, paid)
}

const SORT = 'my_orders'

/** Lists the caller's orders, newest first. Raises `token_invalid`, `invalid_cursor`. */
export async function listMyOrders(
  { db, clock }: Deps,
  { principal }: Actor<SignedIn>,
  { limit = DEFAULT_LIMIT, cursor }: { limit?: number; cursor?: string },
): Promise<{ data: OrderSummary[]; next_cursor: string | null }> {
  const before = idOf(cursor, SORT)
  const [callers, rows] = await db.batch([
    selectCaller(db, principal, clock()),
    db
      .select({
        id: orders.id,
        number: orders.number,
        status: orders.status,
        payment_status: orders.payment_status,
        fulfilment_status: orders.fulfilment_status,
        currency: orders.currency,
        total: orders.total,
        placed_at: orders.placed_at,
        quantity: sql<number>`(SELECT sum(quantity) FROM order_lines WHERE order_id = orders.id)`,
      })
      .from(orders)
      .where(and(eq(orders.user_id, principal.id), before === null ? undefined : lt(orders.id, before)))
      .orderBy(desc(orders.id))
      .limit(limit + 1),
  ])
  requireCaller(callers)
  const page = pageById(rows, limit, SORT)
  return {
    data: page.rows.map(({ currency, total, placed_at, ...row }) => ({
      ...row,
      total: { amount: total, currency },
      placed_at: rfc3339(placed_at),
    })),
    next_cursor: page.next_cursor,
  }
}

/** The order as the API shows it, from its rows. */
export function orderOf(
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
