// The list of all products, for those who run the shop. A page is read from an index that gives its order, as far as the
// page needs it. A filter that no such index serves would make that walk long where few products match; so those few are
// looked up first, and only when they are too many to sort is the index walked, which is then short.

import { type SQL, sql } from 'drizzle-orm'
import type { Db } from '../../db/client.ts'
import type { Deps } from '../../deps.ts'
import { invalidInput } from '../../http/errors.ts'
import { trim } from '../../http/fields.ts'
import { type CursorValue, decodeCursor, encodeCursor } from '../../http/pagination.ts'
import { DEFAULT_LIMIT } from '../../http/schemas.ts'
import { rfc3339 } from '../../lib/clock.ts'
import { DomainError } from '../../lib/errors.ts'
import { idAt } from '../../lib/ids.ts'
import type { AdminProductQuery, AdminProductSummary } from './admin-schemas.ts'
import { searchWords } from './search-words.ts'

/** As many matches are sorted; where there are more, the index of the order meets enough of them soon. */
const FEW = 500
const MAX_WORDS = 8
/** An id is made at most so long after the moment that `created_at` says. */
const SLACK_MS = 600_000

type Sort = 'newest' | 'title' | 'updated'

interface Order {
  /** Indexes in this order: of products of every status, and of one. Named, since without statistics SQLite would rather sort. */
  index: [every: string, ofOne: string]
  by: SQL
  after: (values: CursorValue[]) => SQL
  cursor: SQL
  kinds: ('string' | 'number')[]
}

const ORDERS: Record<Sort, Order> = {
  newest: {
    index: ['products_id', 'products_by_age'],
    by: sql`p.id DESC`,
    after: ([id]) => sql`p.id < ${id}`,
    cursor: sql`json_array(p.id)`,
    kinds: ['string'],
  },
  title: {
    index: ['products_by_any_title', 'products_by_title'],
    by: sql`p.title COLLATE NOCASE, p.id`,
    // The first condition is for the planner: of the second alone it makes no range of the index.
    after: ([title, id]) =>
      sql`p.title COLLATE NOCASE >= ${title} AND (p.title COLLATE NOCASE, p.id) > (${title}, ${id})`,
    cursor: sql`json_array(p.title, p.id)`,
    kinds: ['string', 'string'],
  },
  updated: {
    index: ['products_by_update', 'products_by_status_update'],
    by: sql`p.updated_at DESC, p.id DESC`,
    after: ([time, id]) => sql`(p.updated_at, p.id) < (${time}, ${id})`,
    cursor: sql`json_array(p.updated_at, p.id)`,
    kinds: ['number', 'string'],
  },
}

type Summary = Partial<AdminProductSummary> & { id: string }

/** Lists products of every status, trimmed to `fields`. Raises `invalid_cursor`, `invalid_input`. */
export async function listAdminProducts(
  { db }: Deps,
  query: AdminProductQuery,
): Promise<{ data: Summary[]; next_cursor: string | null }> {
  const limit = query.limit ?? DEFAULT_LIMIT
  const sort = query.sort ?? 'newest'
  if (query.q !== undefined && sort !== 'newest') {
    const detail = 'What is searched for comes newest first.'
    throw new DomainError(invalidInput, detail, {
      errors: [{ in: 'query', pointer: '/sort', code: 'not_with_q', detail }],
    })
  }
  const after = decodeCursor(query.cursor, sort, ORDERS[sort].kinds)
  const rows = await selectPage(db, query, sort, after, limit)
  const shown = rows.slice(0, limit)
  const last = rows.length > limit ? shown.at(-1) : undefined
  return trim(
    { data: shown.map(summary), next_cursor: last ? encodeCursor(sort, JSON.parse(last.cursor)) : null },
    query.fields,
  )
}

interface Row {
  id: string
  handle: string
  title: string
  vendor: string
  product_type: string
  status: AdminProductSummary['status']
  tags: string
  image_url: string | null
  variant_count: number
  on_hand: number | null
  price_ranges: string
  created_at: number
  updated_at: number
  cursor: string
}

function selectPage(
  db: Db,
  query: AdminProductQuery,
  sort: Sort,
  after: CursorValue[] | null,
  limit: number,
) {
  const order = ORDERS[sort]
  const conditions = [...conditionsOf(query), ...(after ? [order.after(after)] : [])]
  const end = sql`LIMIT ${limit + 1}`
  return db.all<Row>(sql`
    WITH ${query.q === undefined ? pageOf(query, sort, conditions, after, limit) : searchedPage(query.q, conditions, end)}
    SELECT p.id, p.handle, p.title, p.vendor, p.product_type, p.status, p.tags, p.created_at, p.updated_at,
      ${order.cursor} AS cursor,
      (SELECT url FROM product_images i WHERE i.product_id = p.id ORDER BY i.position LIMIT 1) AS image_url,
      (SELECT count(*) FROM variants v WHERE v.product_id = p.id) AS variant_count,
      (SELECT sum(on_hand) FROM variants v JOIN stock_levels s ON s.variant_id = v.id
        WHERE v.product_id = p.id AND v.tracks_inventory) AS on_hand,
      (SELECT json_group_array(json_array(currency, min_amount, max_amount)) FROM product_price_ranges r
        WHERE r.product_id = p.id) AS price_ranges
    FROM page CROSS JOIN products p ON p.seq = page.seq ORDER BY ${order.by} ${end}`)
}

/** The page's row numbers as a CTE named `page`. A limit is computed once, so that of two ways only one is gone. */
function pageOf(
  query: AdminProductQuery,
  sort: Sort,
  conditions: SQL[],
  after: CursorValue[] | null,
  limit: number,
): SQL {
  const end = sql`LIMIT ${limit + 1}`
  const where = all(conditions)
  const { by, index } = ORDERS[sort]
  const members = membersOf(query)
  if (sort === 'newest' && members)
    return sql`page AS (SELECT p.seq FROM (${members}) m CROSS JOIN products p ON p.id = m.id
      WHERE ${where} ${after ? sql`AND m.id < ${after[0]}` : sql``} ORDER BY m.id DESC ${end})`
  // The index over all holds vendor and type, so that a walk need not look into the rows.
  const isOfOne = query.status && query.vendor === undefined && query.product_type === undefined
  const walk = sql`products p INDEXED BY ${sql.identifier(index[isOfOne ? 1 : 0])}`
  const few = fewOf(query, sort)
  if (!few) return sql`page AS (SELECT p.seq FROM ${walk} WHERE ${where} ORDER BY ${by} ${end})`
  return sql`few AS MATERIALIZED (${few} LIMIT ${FEW + 1}),
    sorted AS (SELECT p.seq FROM few CROSS JOIN products p ON p.id = few.id
      WHERE ${where} ORDER BY ${by} LIMIT iif((SELECT count(*) FROM few) > ${FEW}, 0, ${limit + 1})),
    walked AS (SELECT p.seq FROM ${walk}
      WHERE ${where} ORDER BY ${by} LIMIT iif((SELECT count(*) FROM few) > ${FEW}, ${limit + 1}, 0)),
    page AS (SELECT seq FROM sorted UNION ALL SELECT seq FROM walked)`
}

/** Ids of a collection's products, or of those with a tag, from an index in their order. */
function membersOf({ collection, tag }: AdminProductQuery): SQL | null {
  if (collection !== undefined)
    return sql`SELECT product_id AS id FROM collection_products WHERE collection_id = ${collectionId(collection)}`
  return tag === undefined ? null : sql`SELECT product_id AS id FROM product_tags WHERE tag = ${tag}`
}

/** Ids that the most telling filter leaves, from its own index; null when the order's index serves all filters. */
function fewOf(query: AdminProductQuery, sort: Sort): SQL | null {
  const { vendor, product_type, created_min, created_max, updated_min, updated_max } = query
  const members = membersOf(query)
  if (members) return members
  if (vendor !== undefined) return sql`SELECT id FROM products WHERE vendor = ${vendor}`
  if (product_type !== undefined) return sql`SELECT id FROM products WHERE product_type = ${product_type}`
  if (sort !== 'newest' && (created_min !== undefined || created_max !== undefined))
    return sql`SELECT p.id FROM products p WHERE ${all(idRange(query))}`
  if (sort !== 'updated' && (updated_min !== undefined || updated_max !== undefined))
    return sql`SELECT p.id FROM products p WHERE ${all(updatedRange(query))}`
  return null
}

function conditionsOf(query: AdminProductQuery): SQL[] {
  const { status, vendor, product_type, tag, collection, created_min, created_max } = query
  return [
    ...(status ? [sql`p.status = ${status}`] : []),
    ...(vendor === undefined ? [] : [sql`p.vendor = ${vendor}`]),
    ...(product_type === undefined ? [] : [sql`p.product_type = ${product_type}`]),
    ...(tag === undefined
      ? []
      : [sql`EXISTS (SELECT 1 FROM product_tags t WHERE t.tag = ${tag} AND t.product_id = p.id)`]),
    ...(collection === undefined
      ? []
      : [
          sql`EXISTS (SELECT 1 FROM collection_products m
            WHERE m.collection_id = ${collectionId(collection)} AND m.product_id = p.id)`,
        ]),
    ...idRange(query),
    ...(created_min === undefined ? [] : [sql`p.created_at >= ${Date.parse(created_min)}`]),
    ...(created_max === undefined ? [] : [sql`p.created_at < ${Date.parse(created_max)}`]),
    ...updatedRange(query),
  ]
}

/** Ids begin with the time at which they were made, so the index of ids is one of creation. */
const idRange = ({ created_min, created_max }: AdminProductQuery): SQL[] => [
  ...(created_min === undefined ? [] : [sql`p.id >= ${idAt('product', Date.parse(created_min))}`]),
  ...(created_max === undefined ? [] : [sql`p.id < ${idAt('product', Date.parse(created_max) + SLACK_MS)}`]),
]

const updatedRange = ({ updated_min, updated_max }: AdminProductQuery): SQL[] => [
  ...(updated_min === undefined ? [] : [sql`p.updated_at >= ${Date.parse(updated_min)}`]),
  ...(updated_max === undefined ? [] : [sql`p.updated_at < ${Date.parse(updated_max)}`]),
]

const collectionId = (idOrHandle: string): SQL =>
  sql`(SELECT id FROM collections WHERE id = ${idOrHandle} OR handle = ${idOrHandle})`

/** Active products and all others have an index of words each; row numbers grow with age in both. */
function searchedPage(q: string, conditions: SQL[], end: SQL): SQL {
  const words = searchWords(q).slice(0, MAX_WORDS)
  if (words.length === 0) return sql`page AS (SELECT p.seq FROM products p WHERE false)`
  const match = words.map(({ text }) => `"${text}"*`).join(' AND ')
  const hits = ['product_search', 'product_search_hidden'].map(name => {
    const index = sql.identifier(name)
    return sql`SELECT * FROM (SELECT p.seq FROM ${index} CROSS JOIN products p ON p.seq = ${index}.rowid
      WHERE ${index} MATCH ${match} AND ${all(conditions)} ORDER BY ${index}.rowid DESC ${end})`
  })
  return sql`page AS (${sql.join(hits, sql` UNION ALL `)})`
}

const all = (conditions: SQL[]): SQL =>
  conditions.length === 0 ? sql`true` : sql.join(conditions, sql` AND `)

const summary = (row: Row): AdminProductSummary => ({
  id: row.id,
  handle: row.handle,
  title: row.title,
  vendor: row.vendor,
  product_type: row.product_type,
  status: row.status,
  tags: JSON.parse(row.tags),
  image_url: row.image_url,
  variant_count: row.variant_count,
  on_hand: row.on_hand ?? 0,
  price_ranges: (JSON.parse(row.price_ranges) as [string, number, number][]).map(
    ([currency, min_amount, max_amount]) => ({ currency, min_amount, max_amount }),
  ),
  created_at: rfc3339(row.created_at),
  updated_at: rfc3339(row.updated_at),
})
