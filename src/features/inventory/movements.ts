// The history of stock.

import { type SQL, sql } from 'drizzle-orm'
import type { Deps } from '../../deps.ts'
import { decodeCursor, encodeCursor } from '../../http/pagination.ts'
import { DEFAULT_LIMIT } from '../../http/schemas.ts'
import { rfc3339 } from '../../lib/clock.ts'
import type { ListStockMovements, StockMovement } from './admin-schemas.ts'
import type { stockMovements } from './table.ts'

type Row = typeof stockMovements.$inferSelect
type Filter = Pick<ListStockMovements, 'variant_id' | 'location_id' | 'reason' | 'order_id' | 'document_id'>

/** Lists what moved stock, by time. Raises `invalid_cursor`. */
export async function listStockMovements(
  { db }: Deps,
  { limit = DEFAULT_LIMIT, cursor, sort = 'newest', ...filter }: Omit<ListStockMovements, 'fields'>,
): Promise<{ data: StockMovement[]; next_cursor: string | null }> {
  const name = `movements:${sort}`
  const after = decodeCursor(cursor, name, ['number', 'string'])
  const conditions = matching(filter)
  const [beyond, order] =
    sort === 'newest' ? [sql`<`, sql`created_at DESC, id DESC`] : [sql`>`, sql`created_at, id`]
  if (after) conditions.push(sql`(created_at, id) ${beyond} (${after[0]}, ${after[1]})`)
  const rows = await db.all<Row>(sql`
    SELECT id, variant_id, location_id, quantity, reason, order_id, document_id, actor, note, created_at
    FROM stock_movements WHERE ${sql.join(conditions, sql` AND `)} ORDER BY ${order} LIMIT ${limit + 1}`)
  const page = rows.slice(0, limit)
  const last = page.at(-1)
  return {
    data: page.map(row => ({ ...row, created_at: rfc3339(row.created_at) })),
    next_cursor: rows.length > limit && last ? encodeCursor(name, [last.created_at, last.id]) : null,
  }
}

/** The first filter chooses the index; `+` keeps the others from it (sqlite.org/optoverview.html, 3.3). */
function matching({ document_id, order_id, variant_id, reason, location_id }: Filter): SQL[] {
  const given = Object.entries({ document_id, order_id, variant_id, reason, location_id }).filter(
    ([, value]) => value !== undefined,
  )
  return given.length === 0
    ? [sql`true`]
    : given.map(([name, value], i) => sql`${sql.raw(i === 0 ? name : `+${name}`)} = ${value}`)
}
