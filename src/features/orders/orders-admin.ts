// Orders for those who run the shop: finding them, what happened to them, and what staff keep about them.

import { and, asc, eq, sql } from 'drizzle-orm'
import { atomic } from '../../db/atomic.ts'
import type { Db } from '../../db/client.ts'
import { guardChangedOne } from '../../db/guards.ts'
import type { Deps } from '../../deps.ts'
import { staleVersion, VERSION_REFUSALS, type Versioned } from '../../http/conditional.ts'
import type { Actor } from '../../http/context.ts'
import type { CsvTable } from '../../http/csv.ts'
import { invalidInput, notFound } from '../../http/errors.ts'
import { type CursorValue, decodeCursor, encodeCursor } from '../../http/pagination.ts'
import { DEFAULT_LIMIT } from '../../http/schemas.ts'
import type { Address } from '../../lib/address.ts'
import { rfc3339 } from '../../lib/clock.ts'
import { DomainError, type FieldError } from '../../lib/errors.ts'
import { formatDecimal } from '../../lib/money.ts'
import { auditBy, changesOf } from '../audit/statements.ts'
import { payments } from '../payments/table.ts'
import {
  type OrderExportRow,
  type OrderFilter,
  type OrderSort,
  type OrderSummaryRow,
  selectOrders,
  selectOrdersForExport,
  selectTimeline,
} from './admin-repository.ts'
import type {
  AdminOrder,
  AdminOrderSummary,
  OrderExportQuery,
  OrderQuery,
  TimelineEntry,
  UpdateOrder,
} from './admin-schemas.ts'
import { orderOf } from './service.ts'
import { orderLines, orders } from './table.ts'

const EXPORT_PAGE = 500

/** Lists orders, newest first unless asked otherwise. Raises `invalid_cursor`, `invalid_input`. */
export async function listOrders(
  { db }: Deps,
  { limit = DEFAULT_LIMIT, cursor, sort = 'newest', ...query }: OrderQuery,
): Promise<{ data: AdminOrderSummary[]; next_cursor: string | null }> {
  const filter = filterOf(query)
  refuseSort(sort, query)
  const order = `orders_${sort}`
  const after = decodeCursor(cursor, order, isByTotal(sort) ? ['number', 'string'] : ['string'])
  const [rows] = await db.batch([selectOrders(db, filter, { sort, after, limit: limit + 1 })])
  const page = rows.slice(0, limit)
  const last = rows.length > limit ? page.at(-1) : undefined
  return {
    data: page.map(summaryOf),
    next_cursor: last ? encodeCursor(order, isByTotal(sort) ? [last.total, last.id] : [last.id]) : null,
  }
}

/** Reads an order with all that happened to it. Raises `not_found`. */
export async function getOrderDetail({ db }: Deps, id: string): Promise<Versioned<AdminOrder>> {
  const facts = await read(db, id)
  return { body: view(facts), version: facts.order.version }
}

/** Changes tags and the note of staff. Raises `not_found`, `version_stale`, `invalid_input`. */
export async function updateOrder(
  deps: Deps,
  actor: Actor,
  id: string,
  version: number,
  input: UpdateOrder,
): Promise<Versioned<AdminOrder>> {
  const { db, ids, clock } = deps
  const now = clock()
  const facts = await read(db, id)
  if (facts.order.version !== version) throw staleVersion()
  refuseTags(input.tags ?? [])
  // Tags and note may say anything about a person: the log only says that they changed.
  const changes = Object.fromEntries(
    Object.keys(changesOf(facts.order, input)).map(member => [member, 'changed']),
  )
  await atomic(
    db,
    [
      db
        .update(orders)
        .set({ ...input, version: sql`version + 1` })
        .where(and(eq(orders.id, id), eq(orders.version, version))),
      guardChangedOne(db, 'guard_version_current'),
      auditBy({ db, ids }, actor, 'order.updated', id, changes, now),
    ],
    VERSION_REFUSALS,
  )
  const entry = { at: now, kind: 'change', what: 'order.updated', by_whom: actor.principal.id } as const
  const timeline = [...facts.timeline, { ...entry, details: JSON.stringify(changes) }]
  return { body: view({ ...facts, order: { ...facts.order, ...input }, timeline }), version: version + 1 }
}

/** Orders as a table, page by page, newest first; that they were taken out goes on record first. */
export async function exportOrders(deps: Deps, actor: Actor, query: OrderExportQuery): Promise<CsvTable> {
  const { db, clock } = deps
  await db.batch([
    auditBy(deps, actor, 'orders.exported', 'orders', { filters: Object.keys(query) }, clock()),
  ])
  return { columns: EXPORT_COLUMNS, pages: exportPages(db, filterOf(query)) }
}

const EXPORT_COLUMNS = [
  'number',
  'id',
  'placed_at',
  'status',
  'payment_status',
  'fulfilment_status',
  'email',
  'phone',
  'customer_id',
  'currency',
  'subtotal',
  'discount',
  'shipping',
  'tax',
  'total',
  'quantity',
  'shipping_method',
  'ship_to_name',
  'ship_to_company',
  'ship_to_line1',
  'ship_to_line2',
  'ship_to_city',
  'ship_to_region',
  'ship_to_postal_code',
  'ship_to_country',
  'tags',
  'note',
  'staff_note',
]

async function* exportPages(db: Db, filter: OrderFilter) {
  let after: CursorValue[] | null = null
  for (;;) {
    const [rows]: [OrderExportRow[]] = await db.batch([
      selectOrdersForExport(db, filter, { sort: 'newest', after, limit: EXPORT_PAGE }),
    ])
    yield rows.map(recordOf)
    const last = rows.at(-1)
    if (rows.length < EXPORT_PAGE || !last) return
    after = [last.id]
  }
}

function recordOf(row: OrderExportRow): (string | number | null)[] {
  const money = (amount: number) => formatDecimal(amount, row.currency)
  const to: Partial<Address> = row.shipping_address ? JSON.parse(row.shipping_address) : {}
  return [
    row.number,
    row.id,
    rfc3339(row.placed_at),
    row.status,
    row.payment_status,
    row.fulfilment_status,
    row.email,
    row.phone,
    row.customer_id,
    row.currency,
    money(row.subtotal),
    money(row.discount),
    money(row.shipping),
    money(row.tax),
    money(row.total),
    row.quantity,
    row.shipping_title,
    to.name ?? null,
    to.company ?? null,
    to.line1 ?? null,
    to.line2 ?? null,
    to.city ?? null,
    to.region ?? null,
    to.postal_code ?? null,
    to.country ?? null,
    (JSON.parse(row.tags) as string[]).join('; '),
    row.note,
    row.staff_note,
  ]
}

/** What `q` says, as a filter: a number, an id, or an email. */
function filterOf({ q, ...filter }: OrderExportQuery & { currency?: string }): OrderFilter {
  if (q === undefined) return filter
  const number = /^#?(\d{1,10})$/.exec(q)?.[1]
  if (number !== undefined) return { ...filter, number: Number(number) }
  return q.startsWith('ord_') ? { ...filter, id: q } : { ...filter, email: q }
}

const isByTotal = (sort: OrderSort): boolean => sort === 'total' || sort === '-total'

/** Totals of several currencies do not compare, and no index has them in the order of anything else. */
function refuseSort(sort: OrderSort, { currency, ...others }: Omit<OrderQuery, 'sort'>): void {
  const refuse = (pointer: string, detail: string): never => {
    throw new DomainError(invalidInput, detail, {
      errors: [{ in: 'query', pointer, code: 'sort_not_available', detail }],
    })
  }
  const isFiltered = Object.values(others).some(value => value !== undefined)
  if (isByTotal(sort) && (currency === undefined || isFiltered))
    refuse('/sort', 'Sorting by total needs `currency` and takes no other filter.')
  if (!isByTotal(sort) && currency !== undefined)
    refuse('/currency', 'A currency goes with `sort=total` or `sort=-total`.')
}

function refuseTags(tags: readonly string[]): void {
  const errors = tags.flatMap((tag, i): FieldError[] =>
    tags.indexOf(tag) < i
      ? [{ in: 'body', pointer: `/tags/${i}`, code: 'duplicate', detail: 'Stands here twice.' }]
      : [],
  )
  if (errors.length > 0) throw new DomainError(invalidInput, 'A tag stands there twice.', { errors })
}

/** All about an order in one call. Raises `not_found`. */
async function read(db: Db, id: string) {
  const [rows, lines, paid, timeline] = await db.batch([
    db.select().from(orders).where(eq(orders.id, id)),
    db.select().from(orderLines).where(eq(orderLines.order_id, id)).orderBy(asc(orderLines.position)),
    db.select().from(payments).where(eq(payments.order_id, id)),
    selectTimeline(db, id),
  ])
  const order = rows[0]
  if (!order) throw new DomainError(notFound, 'There is no such order.')
  return { order, lines, paid, timeline }
}

const view = ({ order, lines, paid, timeline }: Awaited<ReturnType<typeof read>>): AdminOrder => ({
  ...orderOf(order, lines, paid),
  customer_id: order.user_id,
  tags: order.tags,
  staff_note: order.staff_note,
  timeline: timeline.map(
    ({ at, kind, what, by_whom, details }): TimelineEntry => ({
      at: rfc3339(at),
      kind,
      what,
      by: by_whom,
      details: JSON.parse(details),
    }),
  ),
})

const summaryOf = ({ currency, total, tags, placed_at, ...row }: OrderSummaryRow): AdminOrderSummary => ({
  ...row,
  total: { amount: total, currency },
  tags: JSON.parse(tags),
  placed_at: rfc3339(placed_at),
})
