// SQL of the back office's order lists. Every filter has an index that also has the order of the page, since ids sort
// by age; of several filters SQLite takes one and looks at the rest of each row.

import { type SQL, sql } from 'drizzle-orm'
import type { Db } from '../../db/client.ts'
import type { CursorValue } from '../../http/pagination.ts'
import { idAt } from '../../lib/ids.ts'

export type OrderSort = 'newest' | 'oldest' | 'total' | '-total'

export interface OrderFilter {
  status?: string
  payment_status?: string
  fulfilment_status?: string
  email?: string
  number?: number
  id?: string
  customer?: string
  tag?: string
  currency?: string
  placed_from?: number
  placed_to?: number
}

export interface OrderSummaryRow {
  id: string
  number: number
  status: 'open' | 'cancelled' | 'closed'
  payment_status: 'pending' | 'authorised' | 'paid' | 'partially_refunded' | 'refunded'
  fulfilment_status: 'unfulfilled' | 'partial' | 'fulfilled'
  email: string
  customer_id: string | null
  currency: string
  total: number
  quantity: number
  tags: string
  placed_at: number
}

export interface OrderExportRow extends OrderSummaryRow {
  subtotal: number
  discount: number
  shipping: number
  tax: number
  phone: string | null
  shipping_address: string | null
  shipping_title: string | null
  note: string | null
  staff_note: string | null
}

interface OrderPage {
  sort: OrderSort
  after: CursorValue[] | null
  limit: number
}

/** How long before it is placed an order's id may be made: its payment may have to be recovered first. */
const PLACED_AFTER_ID_MS = 2 * 24 * 60 * 60 * 1000

const COLUMNS =
  sql.raw(`o.id, o.number, o.status, o.payment_status, o.fulfilment_status, o.email, o.user_id AS customer_id,
    o.currency, o.total, o.tags, o.placed_at,
    (SELECT sum(quantity) FROM order_lines l WHERE l.order_id = o.id) AS quantity`)

export const selectOrders = (db: Db, filter: OrderFilter, page: OrderPage) =>
  db.all<OrderSummaryRow>(sql`SELECT ${COLUMNS} ${from(filter, page)}`)

/** The same with what an export tells besides. */
export const selectOrdersForExport = (db: Db, filter: OrderFilter, page: OrderPage) =>
  db.all<OrderExportRow>(sql`SELECT ${COLUMNS}, o.subtotal, o.discount, o.shipping, o.tax, o.phone, o.shipping_address,
    o.shipping_option ->> 'title' AS shipping_title, o.note, o.staff_note ${from(filter, page)}`)

function from(filter: OrderFilter, { sort, after, limit }: OrderPage): SQL {
  const conditions: SQL[] = [sql`true`]
  const equal = (column: string, value: string | number | undefined) => {
    if (value !== undefined) conditions.push(sql`${sql.raw(column)} = ${value}`)
  }
  const isTagged = filter.tag !== undefined
  const id = isTagged ? sql`t.order_id` : sql`o.id`
  equal('t.tag', filter.tag)
  equal('o.status', filter.status)
  equal('o.payment_status', filter.payment_status)
  equal('o.fulfilment_status', filter.fulfilment_status)
  equal('lower(o.email)', filter.email?.toLowerCase())
  equal('o.number', filter.number)
  equal('o.id', filter.id)
  equal('o.user_id', filter.customer)
  equal('o.currency', filter.currency)
  if (filter.placed_from !== undefined) {
    conditions.push(sql`o.placed_at >= ${filter.placed_from}`)
    conditions.push(sql`${id} >= ${idAt('order', Math.max(0, filter.placed_from - PLACED_AFTER_ID_MS))}`)
  }
  if (filter.placed_to !== undefined) {
    conditions.push(sql`o.placed_at < ${filter.placed_to}`)
    conditions.push(sql`${id} < ${idAt('order', filter.placed_to)}`)
  }
  if (after) conditions.push(AFTER[sort](id, after))
  const order = {
    newest: sql`${id} DESC`,
    oldest: sql`${id}`,
    total: sql`o.total, ${id}`,
    '-total': sql`o.total DESC, ${id} DESC`,
  }[sort]
  const table = isTagged ? sql`order_tags t CROSS JOIN orders o ON o.id = t.order_id` : sql`orders o`
  return sql`FROM ${table} WHERE ${sql.join(conditions, sql` AND `)} ORDER BY ${order} LIMIT ${limit}`
}

const AFTER: Record<OrderSort, (id: SQL, after: CursorValue[]) => SQL> = {
  newest: (id, [last]) => sql`${id} < ${last}`,
  oldest: (id, [last]) => sql`${id} > ${last}`,
  total: (id, [total, last]) => sql`(o.total, ${id}) > (${total}, ${last})`,
  '-total': (id, [total, last]) => sql`(o.total, ${id}) < (${total}, ${last})`,
}

export interface TimelineRow {
  at: number
  kind: 'change' | 'event' | 'payment' | 'stock'
  what: string
  by_whom: string | null
  details: string
}

/** What happened to an order and to every attempt to pay it, oldest first. */
export const selectTimeline = (db: Db, id: string) => {
  const attempts = sql`SELECT p.id FROM payments p JOIN orders o ON o.checkout_id = p.checkout_id WHERE o.id = ${id}`
  return db.all<TimelineRow>(sql`
    SELECT * FROM (
      SELECT created_at AS at, 'change' AS kind, action AS what, actor AS by_whom, changes AS details, id
        FROM audit_log WHERE object_id = ${id} OR object_id IN (${attempts})
      UNION ALL
      SELECT created_at, 'event', type, NULL, json_object('event_id', id), id
        FROM outbox_events WHERE object_id = ${id} OR object_id IN (${attempts})
      UNION ALL
      SELECT created_at, 'payment', kind, NULL,
          json_object('payment_id', payment_id, 'amount', amount, 'reason', reason), id
        FROM payment_records WHERE payment_id IN (${attempts})
      UNION ALL
      SELECT created_at, 'stock', reason, NULL, json_object('variant_id', variant_id, 'quantity', quantity), id
        FROM stock_movements WHERE order_id = ${id}
    ) ORDER BY at, kind, id`)
}
