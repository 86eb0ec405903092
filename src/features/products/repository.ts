// SQL of the catalogue. A page of products, whole with variants, prices and stock, is one statement: the page's ids
// are found first, through an index that gives the sort order, and only those rows are then filled in.

import { type SQL, sql } from 'drizzle-orm'
import type { Db } from '../../db/client.ts'

export type ProductSort = 'relevance' | 'newest' | 'title' | 'price' | '-price'

export interface ProductFilter {
  search: SearchWord[] | null
  collection?: string
  vendor?: string
  product_type?: string
  tag?: string
  price_min?: number
  price_max?: number
  available?: boolean
}

/** A folded word of the query and its keys in the typo table. */
export interface SearchWord {
  word: string
  typos: string[]
}

/** A product as SQLite returns it: nested parts as JSON text. */
export interface ProductRow {
  id: string
  handle: string
  title: string
  description_html: string
  vendor: string
  product_type: string
  tags: string
  options: string
  metadata: string
  seo_title: string | null
  seo_description: string | null
  created_at: number
  updated_at: number
  currency: string
  min_amount: number
  max_amount: number
  images: string
  variants: string
  collections: string
  sort_text: string | null
  sort_number: number | null
}

/** Relevance ranks at most this many matches, the newest ones, so that a common word costs no more than a rare one. */
const MAX_RANKED = 1_000
/** Facets count at most this many matches. */
export const MAX_COUNTED = 10_000

/** The currency that prices are shown in: the one asked for, else the shop's own. */
const shownCurrency = (currency: string | undefined): SQL =>
  currency ? sql`${currency}` : sql`(SELECT default_currency FROM shop_settings)`

/** Which currencies the shop sells in, to refuse others. One row. */
export const selectCurrencies = (db: Db) =>
  db.all<{ default_currency: string; currencies: string }>(
    sql`SELECT default_currency, currencies FROM shop_settings`,
  )

/** One page of active products, and one more row when there is a next page. */
export function selectProducts(
  db: Db,
  filter: ProductFilter,
  page: { sort: ProductSort; currency: string | undefined; after: (string | number)[] | null; limit: number },
) {
  const order = ORDERS[page.sort]
  const matches = matchingProducts(filter, page.currency, page.sort)
  const after = page.after ? order.after(page.after) : sql``
  return db.all<ProductRow>(sql`
    WITH page AS (
      SELECT p.seq, ${order.text} AS sort_text, ${order.number} AS sort_number, r.currency, r.min_amount, r.max_amount
      ${matches} ${after} ORDER BY ${order.by} LIMIT ${page.limit + 1})
    SELECT ${PRODUCT_COLUMNS}, page.sort_text, page.sort_number
    FROM page CROSS JOIN products p ON p.seq = page.seq ORDER BY ${order.again}`)
}

/** One active product by id or handle; no row when it is not sold in the currency. */
export const selectProduct = (db: Db, idOrHandle: string, currency: string | undefined) =>
  db.all<ProductRow>(sql`
    WITH page AS (
      SELECT p.seq, r.currency, r.min_amount, r.max_amount FROM products p
      CROSS JOIN product_price_ranges r ON r.product_id = p.id AND r.currency = ${shownCurrency(currency)}
      WHERE p.status = 'active' AND ${idOrHandle.startsWith('prod_') ? sql`p.id` : sql`p.handle`} = ${idOrHandle})
    SELECT ${PRODUCT_COLUMNS}, NULL AS sort_text, NULL AS sort_number FROM page CROSS JOIN products p ON p.seq = page.seq`)

/**
 * Counts by vendor, type, tag and price band over the matching products: rows of (kind, value, count). A band is
 * named by its lower edge in major units, as given; `minorUnits` says how many minor units a currency's major has,
 * where that is not 100.
 */
export const selectFacets = (
  db: Db,
  filter: ProductFilter,
  currency: string | undefined,
  edges: number[],
  minorUnits: Record<string, number>,
) =>
  db.all<{ kind: string; value: string; count: number }>(sql`
    WITH matching AS MATERIALIZED (
      SELECT p.vendor, p.product_type, p.tags, r.min_amount
      ${matchingProducts(filter, currency, 'newest')} ORDER BY p.id DESC LIMIT ${MAX_COUNTED}),
    unit AS (SELECT coalesce(${JSON.stringify(minorUnits)} -> ${shownCurrency(currency)}, 100) AS size),
    edges AS (SELECT value AS edge FROM json_each(${JSON.stringify(edges)}))
    SELECT 'vendor' AS kind, vendor AS value, count(*) AS count FROM matching WHERE vendor <> '' GROUP BY vendor
    UNION ALL SELECT 'product_type', product_type, count(*) FROM matching WHERE product_type <> '' GROUP BY product_type
    UNION ALL SELECT 'tag', t.value, count(*) FROM matching m, json_each(m.tags) t GROUP BY t.value
    UNION ALL SELECT 'price_band',
      (SELECT max(edge) FROM edges, unit WHERE edge * size <= min_amount), count(*) FROM matching GROUP BY 2
    UNION ALL SELECT 'counted', '', count(*) FROM matching
    ORDER BY kind, count DESC, value`)

interface Order {
  by: SQL
  /** The same order over the page's own columns. */
  again: SQL
  text: SQL
  number: SQL
  after: (values: (string | number)[]) => SQL
  /** Types of the cursor's values. */
  cursor: ('string' | 'number')[]
}

const NONE = sql`NULL`

export const ORDERS: Record<ProductSort, Order> = {
  newest: {
    by: sql`p.id DESC`,
    again: sql`p.id DESC`,
    text: NONE,
    number: NONE,
    after: ([id]) => sql`AND p.id < ${id}`,
    cursor: ['string'],
  },
  title: {
    by: sql`p.title COLLATE NOCASE, p.id`,
    again: sql`p.title COLLATE NOCASE, p.id`,
    text: sql`p.title`,
    number: NONE,
    after: ([title, id]) => sql`AND (p.title COLLATE NOCASE, p.id) > (${title}, ${id})`,
    cursor: ['string', 'string'],
  },
  price: {
    by: sql`r.min_amount, r.product_id`,
    again: sql`page.min_amount, p.id`,
    text: NONE,
    number: sql`r.min_amount`,
    after: ([amount, id]) => sql`AND (r.min_amount, r.product_id) > (${amount}, ${id})`,
    cursor: ['number', 'string'],
  },
  '-price': {
    by: sql`r.min_amount DESC, r.product_id DESC`,
    again: sql`page.min_amount DESC, p.id DESC`,
    text: NONE,
    number: sql`r.min_amount`,
    after: ([amount, id]) => sql`AND (r.min_amount, r.product_id) < (${amount}, ${id})`,
    cursor: ['number', 'string'],
  },
  relevance: {
    by: sql`hit.rank, p.id DESC`,
    again: sql`page.sort_number, p.id DESC`,
    text: NONE,
    number: sql`hit.rank`,
    after: ([rank, id]) => sql`AND (hit.rank > ${rank} OR (hit.rank = ${rank} AND p.id < ${id}))`,
    cursor: ['number', 'string'],
  },
}

/**
 * FROM and WHERE of the active products that match. CROSS JOIN fixes the join order (SQLite has no statistics here):
 * the table that gives the sort order, or narrows most, comes first.
 */
function matchingProducts(filter: ProductFilter, currency: string | undefined, sort: ProductSort): SQL {
  const shown = shownCurrency(currency)
  const ranges = sql`product_price_ranges r`
  const joinRanges = sql`CROSS JOIN ${ranges} ON r.product_id = p.id AND r.currency = ${shown}`
  const rest = [sql`p.status = 'active'`]
  let from: SQL

  if (filter.search && sort === 'relevance') {
    from = sql`FROM (SELECT rowid AS seq, round(rank, 6) AS rank FROM product_search
        WHERE product_search MATCH ${matchExpression(filter.search)} ORDER BY rowid DESC LIMIT ${MAX_RANKED}) hit
      CROSS JOIN products p ON p.seq = hit.seq ${joinRanges}`
  } else if (sort === 'price' || sort === '-price') {
    from = sql`FROM ${ranges} CROSS JOIN products p ON p.id = r.product_id`
    rest.push(sql`r.currency = ${shown}`)
  } else if (filter.collection !== undefined && sort === 'newest') {
    from = sql`FROM collection_products member CROSS JOIN products p ON p.id = member.product_id ${joinRanges}`
    rest.push(sql`member.collection_id = ${collectionId(filter.collection)}`)
  } else if (filter.tag !== undefined && sort === 'newest') {
    from = sql`FROM product_tags tagged CROSS JOIN products p ON p.id = tagged.product_id ${joinRanges}`
    rest.push(sql`tagged.tag = ${filter.tag}`)
  } else {
    from = sql`FROM products p ${joinRanges}`
  }

  if (filter.search && sort !== 'relevance') {
    rest.push(
      sql`p.seq IN (SELECT rowid FROM product_search WHERE product_search MATCH ${matchExpression(filter.search)})`,
    )
  }
  if (filter.collection !== undefined) {
    rest.push(sql`EXISTS (SELECT 1 FROM collection_products m
      WHERE m.collection_id = ${collectionId(filter.collection)} AND m.product_id = p.id)`)
  }
  if (filter.tag !== undefined) {
    rest.push(sql`EXISTS (SELECT 1 FROM product_tags t WHERE t.tag = ${filter.tag} AND t.product_id = p.id)`)
  }
  if (filter.vendor !== undefined) rest.push(sql`p.vendor = ${filter.vendor}`)
  if (filter.product_type !== undefined) rest.push(sql`p.product_type = ${filter.product_type}`)
  if (filter.price_min !== undefined) rest.push(sql`r.max_amount >= ${filter.price_min}`)
  if (filter.price_max !== undefined) rest.push(sql`r.min_amount <= ${filter.price_max}`)
  if (filter.available !== undefined)
    rest.push(sql`${isAvailable(sql`p.id`, shown)} = ${filter.available ? 1 : 0}`)
  return sql`${from} WHERE ${sql.join(rest, sql` AND `)}`
}

const collectionId = (idOrHandle: string): SQL =>
  idOrHandle.startsWith('col_')
    ? sql`${idOrHandle}`
    : sql`(SELECT id FROM collections WHERE handle = ${idOrHandle})`

const isAvailable = (productId: SQL, currency: SQL): SQL => sql`EXISTS (
  SELECT 1 FROM variants v JOIN prices pr ON pr.variant_id = v.id AND pr.currency = ${currency}
  LEFT JOIN stock_levels s ON s.variant_id = v.id
  WHERE v.product_id = ${productId}
    AND (NOT v.tracks_inventory OR v.inventory_policy = 'continue' OR s.on_hand > s.reserved))`

/**
 * The FTS5 expression, composed inside the statement so that one call is enough: every word must match as a prefix;
 * a word that no product has may also be a known word that one letter tells apart from it.
 */
const matchExpression = (search: SearchWord[]): SQL => sql`(
  SELECT group_concat(CASE WHEN is_known OR near IS NULL THEN prefix ELSE '(' || prefix || ' OR ' || near || ')' END, ' AND ')
  FROM (
    SELECT '"' || (asked.value ->> 'word') || '"*' AS prefix,
      EXISTS (SELECT 1 FROM search_typos known WHERE known.typo >= asked.value ->> 'word'
        AND known.typo < (asked.value ->> 'word') || char(1114111) AND known.word = known.typo) AS is_known,
      (SELECT group_concat('"' || word || '"', ' OR ') FROM (
        SELECT DISTINCT word FROM search_typos WHERE typo IN (SELECT value FROM json_each(asked.value -> 'typos'))
        ORDER BY word LIMIT 20)) AS near
    FROM json_each(${JSON.stringify(search)}) asked))`

// Nested rows travel as JSON arrays (no keys repeated); the service gives them names.
const PRODUCT_COLUMNS = sql`
  p.id, p.handle, p.title, p.description_html, p.vendor, p.product_type, p.tags, p.options, p.metadata,
  p.seo_title, p.seo_description, p.created_at, p.updated_at, page.currency, page.min_amount, page.max_amount,
  (SELECT json_group_array(json_array(url, alt)) FROM (
    SELECT url, alt FROM product_images i WHERE i.product_id = p.id ORDER BY i.position)) AS images,
  (SELECT json_group_array(json_array(v.id, v.sku, v.barcode, v.title, json(v.options), v.weight_grams, v.requires_shipping,
      v.taxable, v.image_url, v.tracks_inventory, v.inventory_policy, v.amount, v.compare_at_amount, v.free)) FROM (
    SELECT v.*, pr.amount, pr.compare_at_amount, s.on_hand - s.reserved AS free
    FROM variants v JOIN prices pr ON pr.variant_id = v.id AND pr.currency = page.currency
    LEFT JOIN stock_levels s ON s.variant_id = v.id
    WHERE v.product_id = p.id ORDER BY v.position) v) AS variants,
  (SELECT json_group_array(json_array(c.id, c.handle, c.title)) FROM collection_products cp
    JOIN collections c ON c.id = cp.collection_id WHERE cp.product_id = p.id) AS collections`
