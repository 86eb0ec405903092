// SQL of the catalogue. A page of products, whole with variants, prices and stock, is one statement: the page's ids
// are found first, through an index that gives the sort order, and only those rows are then filled in.

import { type SQL, sql } from 'drizzle-orm'
import type { Db } from '../../db/client.ts'
import type { SearchWord } from './search-words.ts'

export type ProductSort = 'relevance' | 'newest' | 'title' | 'price' | '-price'

export interface ProductFilter {
  /** Words that must all occur. When there are none, nothing matches. */
  search?: (SearchWord & { typos: string[] })[]
  collection?: string
  vendor?: string
  product_type?: string
  tag?: string
  price_min?: number
  price_max?: number
  available?: boolean
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
  /** JSON array of the values that the next page begins after. */
  cursor: string
}

type CursorValues = (string | number)[]

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
  page: { sort: ProductSort; currency: string | undefined; after: CursorValues | null; limit: number },
) {
  const { ctes, again } =
    page.sort === 'relevance' ? rankedPage(filter, page) : sortedPage(filter, page, page.sort)
  return db.all<ProductRow>(sql`
    WITH ${ctes}
    SELECT ${PRODUCT_COLUMNS}, page.cursor
    FROM page CROSS JOIN products p ON p.seq = page.seq ORDER BY ${again}`)
}

interface PageRequest {
  currency: string | undefined
  after: CursorValues | null
  limit: number
}

function sortedPage(filter: ProductFilter, page: PageRequest, sort: Exclude<ProductSort, 'relevance'>) {
  const { from, where, id } = matchingProducts(filter, page.currency, sort)
  const order = ORDERS[sort]
  const after = page.after ? sql`AND ${order.after(id, page.after)}` : sql``
  const ctes = sql`page AS (
    SELECT p.seq, ${order.cursor} AS cursor, r.currency, r.min_amount, r.max_amount
    ${from} WHERE ${where} ${after} ORDER BY ${order.by(id)} LIMIT ${page.limit + 1})`
  return { ctes, again: order.again }
}

/**
 * A page by relevance: products whose title has the very words come first, then those whose title has words that begin
 * so, then vendor, type and tags, then all the rest; the newest first within each tier. Unlike a BM25 score, a product's
 * place does not depend on what other products there are, so pages stay stable; and each tier is read in the order of
 * the index, only as far as the page needs it.
 */
function rankedPage(filter: ProductFilter, page: PageRequest) {
  const { joins, conditions } = productConditions({ ...filter, search: undefined }, page.currency)
  const [afterTier, afterSeq] = page.after ?? [0, null]
  const tiers = TIERS.map((match, tier) => ({ match, tier, name: sql.raw(`tier_${tier}`) })).filter(
    ({ tier }) => tier >= Math.min(Number(afterTier), TIERS.length - 1),
  )
  const ctes = tiers.map(({ match, tier, name }, i) => {
    const before = tiers.slice(0, i).map(({ name }) => sql`(SELECT count(*) FROM ${name})`)
    const after =
      tier === afterTier && afterSeq !== null ? sql`AND product_search.rowid < ${afterSeq}` : sql``
    return sql`${name} AS MATERIALIZED (
      SELECT ${sql.raw(String(tier))} AS tier, p.seq, r.currency, r.min_amount, r.max_amount
      FROM product_search CROSS JOIN products p ON p.seq = product_search.rowid ${joins}
      WHERE product_search MATCH (SELECT ${match} FROM asked) AND ${conditions} ${after}
      ORDER BY product_search.rowid DESC LIMIT ${sql.join([sql`${page.limit + 1}`, ...before], sql` - `)})`
  })
  const all = tiers.map(({ name }) => sql`SELECT *, json_array(tier, seq) AS cursor FROM ${name}`)
  const search = filter.search ?? []
  const exact = search.map(({ text }) => `"${text}"`).join(' AND ')
  return {
    ctes: sql`asked AS MATERIALIZED (SELECT ${exact} AS exact, ${matchExpression(search)} AS loose),
      ${sql.join(ctes, sql`, `)}, page AS (${sql.join(all, sql` UNION ALL `)})`,
    again: sql`page.tier, page.seq DESC`,
  }
}

/** FTS5 expressions of `asked`, each leaving out what those before it find. */
const TIERS = [
  sql`'{title} : (' || exact || ')'`,
  sql`'({title} : (' || loose || ')) NOT ({title} : (' || exact || '))'`,
  sql`'({title vendor product_type tags} : (' || loose || ')) NOT ({title} : (' || loose || '))'`,
  sql`'(' || loose || ') NOT ({title vendor product_type tags} : (' || loose || '))'`,
]

/** One active product by id or handle; no row when it is not sold in the currency. */
export const selectProduct = (db: Db, idOrHandle: string, currency: string | undefined) =>
  db.all<ProductRow>(sql`
    WITH page AS (
      SELECT p.seq, r.currency, r.min_amount, r.max_amount FROM products p
      CROSS JOIN product_price_ranges r ON r.product_id = p.id AND r.currency = ${shownCurrency(currency)}
      WHERE p.status = 'active' AND (p.id = ${idOrHandle} OR p.handle = ${idOrHandle}))
    SELECT ${PRODUCT_COLUMNS}, NULL AS cursor FROM page CROSS JOIN products p ON p.seq = page.seq`)

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
) => {
  const { from, where, id } = matchingProducts(filter, currency, 'newest')
  return db.all<{ kind: string; value: string; count: number }>(sql`
    WITH matching AS MATERIALIZED (
      SELECT p.vendor, p.product_type, p.tags, r.min_amount
      ${from} WHERE ${where} ORDER BY ${id} DESC LIMIT ${MAX_COUNTED}),
    unit AS (SELECT coalesce(${JSON.stringify(minorUnits)} -> ${shownCurrency(currency)}, 100) AS size),
    edges AS MATERIALIZED (SELECT value AS edge FROM json_each(${JSON.stringify(edges)}))
    SELECT 'vendor' AS kind, vendor AS value, count(*) AS count FROM matching WHERE vendor <> '' GROUP BY vendor
    UNION ALL SELECT 'product_type', product_type, count(*) FROM matching WHERE product_type <> '' GROUP BY product_type
    UNION ALL SELECT 'tag', t.value, count(*) FROM matching m, json_each(m.tags) t GROUP BY t.value
    UNION ALL SELECT 'price_band',
      (SELECT max(edge) FROM edges, unit WHERE edge * size <= min_amount), count(*) FROM matching GROUP BY 2
    UNION ALL SELECT 'counted', '', count(*) FROM matching
    ORDER BY kind, count DESC, value`)
}

interface Order {
  /** `id` is the id column of the table that gives the order. */
  by: (id: SQL) => SQL
  after: (id: SQL, values: CursorValues) => SQL
  cursor: SQL
  /** The same order over the page's own columns. */
  again: SQL
}

const ORDERS: Record<Exclude<ProductSort, 'relevance'>, Order> = {
  newest: {
    by: id => sql`${id} DESC`,
    after: (column, [id]) => sql`${column} < ${id}`,
    cursor: sql`json_array(p.id)`,
    again: sql`p.id DESC`,
  },
  title: {
    by: id => sql`p.title COLLATE NOCASE, ${id}`,
    // The first condition is for the planner: of the second alone it makes no range of the index.
    after: (column, [title, id]) =>
      sql`p.title COLLATE NOCASE >= ${title} AND (p.title COLLATE NOCASE, ${column}) > (${title}, ${id})`,
    cursor: sql`json_array(p.title, p.id)`,
    again: sql`p.title COLLATE NOCASE, p.id`,
  },
  price: {
    by: id => sql`r.min_amount, ${id}`,
    after: (column, [amount, id]) => sql`(r.min_amount, ${column}) > (${amount}, ${id})`,
    cursor: sql`json_array(r.min_amount, p.id)`,
    again: sql`page.min_amount, p.id`,
  },
  '-price': {
    by: id => sql`r.min_amount DESC, ${id} DESC`,
    after: (column, [amount, id]) => sql`(r.min_amount, ${column}) < (${amount}, ${id})`,
    cursor: sql`json_array(r.min_amount, p.id)`,
    again: sql`page.min_amount DESC, p.id DESC`,
  },
}

/** Types of the values of each sort's cursor. */
export const CURSORS: Record<ProductSort, ('string' | 'number')[]> = {
  newest: ['string'],
  title: ['string', 'string'],
  price: ['number', 'string'],
  '-price': ['number', 'string'],
  relevance: ['number', 'number'],
}

/**
 * FROM and WHERE of the active products that match, and the id column to sort by. CROSS JOIN fixes the join order
 * (SQLite has no statistics here): the table that gives the sort order comes first.
 */
function matchingProducts(
  filter: ProductFilter,
  currency: string | undefined,
  sort: Exclude<ProductSort, 'relevance'>,
): { from: SQL; where: SQL; id: SQL } {
  const { collection, tag } = filter
  if (sort === 'price' || sort === '-price') {
    const { conditions } = productConditions(filter, currency)
    return {
      from: sql`FROM product_price_ranges r CROSS JOIN products p ON p.id = r.product_id`,
      where: sql`r.currency = ${shownCurrency(currency)} AND ${conditions}`,
      id: sql`r.product_id`,
    }
  }
  if (collection !== undefined && sort === 'newest') {
    const { joins, conditions } = productConditions({ ...filter, collection: undefined }, currency)
    return {
      from: sql`FROM collection_products member CROSS JOIN products p ON p.id = member.product_id ${joins}`,
      where: sql`member.collection_id = ${collectionId(collection)} AND ${conditions}`,
      id: sql`member.product_id`,
    }
  }
  if (tag !== undefined && sort === 'newest') {
    const { joins, conditions } = productConditions({ ...filter, tag: undefined }, currency)
    return {
      from: sql`FROM product_tags tagged CROSS JOIN products p ON p.id = tagged.product_id ${joins}`,
      where: sql`tagged.tag = ${tag} AND ${conditions}`,
      id: sql`tagged.product_id`,
    }
  }
  const { joins, conditions } = productConditions(filter, currency)
  return { from: sql`FROM products p ${joins}`, where: conditions, id: sql`p.id` }
}

/** What a product `p` must fulfil to match, with its price range `r`. */
function productConditions(
  filter: ProductFilter,
  currency: string | undefined,
): { joins: SQL; conditions: SQL } {
  const shown = shownCurrency(currency)
  const conditions = [sql`p.status = 'active'`]
  if (filter.search?.length === 0) conditions.push(sql`false`)
  else if (filter.search) {
    conditions.push(
      sql`p.seq IN (SELECT rowid FROM product_search WHERE product_search MATCH ${matchExpression(filter.search)})`,
    )
  }
  if (filter.collection !== undefined) {
    conditions.push(sql`EXISTS (SELECT 1 FROM collection_products m
      WHERE m.collection_id = ${collectionId(filter.collection)} AND m.product_id = p.id)`)
  }
  if (filter.tag !== undefined) {
    conditions.push(
      sql`EXISTS (SELECT 1 FROM product_tags t WHERE t.tag = ${filter.tag} AND t.product_id = p.id)`,
    )
  }
  if (filter.vendor !== undefined) conditions.push(sql`p.vendor = ${filter.vendor}`)
  if (filter.product_type !== undefined) conditions.push(sql`p.product_type = ${filter.product_type}`)
  if (filter.price_min !== undefined) conditions.push(sql`r.max_amount >= ${filter.price_min}`)
  if (filter.price_max !== undefined) conditions.push(sql`r.min_amount <= ${filter.price_max}`)
  if (filter.available !== undefined)
    conditions.push(sql`${isAvailable(sql`p.id`, shown)} = ${filter.available ? 1 : 0}`)
  return {
    joins: sql`CROSS JOIN product_price_ranges r ON r.product_id = p.id AND r.currency = ${shown}`,
    conditions: sql.join(conditions, sql` AND `),
  }
}

const collectionId = (idOrHandle: string): SQL =>
  sql`(SELECT id FROM collections WHERE id = ${idOrHandle} OR handle = ${idOrHandle})`

const isAvailable = (productId: SQL, currency: SQL): SQL => sql`EXISTS (
  SELECT 1 FROM variants v JOIN prices pr ON pr.variant_id = v.id AND pr.currency = ${currency}
  LEFT JOIN stock_levels s ON s.variant_id = v.id
  WHERE v.product_id = ${productId}
    AND (NOT v.tracks_inventory OR v.inventory_policy = 'continue' OR s.on_hand > s.reserved))`

/**
 * The FTS5 expression, composed inside the statement so that one call is enough. Every word must match as a prefix.
 * Stemming has shortened what is in the index ("ceramic" to "ceram"), so a prefix that is no word itself also stands for
 * the words that begin with it; and when all that finds nothing, for the words that one wrong letter tells apart from it.
 */
const matchExpression = (search: NonNullable<ProductFilter['search']>): SQL => sql`(
  WITH word AS (SELECT value ->> 'text' AS text, value ->> 'folded' AS folded, value -> 'typos' AS typos
    FROM json_each(${JSON.stringify(search)})),
  meant AS MATERIALIZED (SELECT
    '"' || text || '"*' || coalesce(' OR ' || (SELECT group_concat('"' || known || '"', ' OR ') FROM (
      SELECT t.word AS known FROM search_typos t WHERE length(folded) >= ${MIN_EXPANDED_LETTERS}
        AND t.typo >= folded AND t.typo < folded || char(1114111) AND length(t.typo) = length(t.word)
        AND NOT EXISTS (SELECT 1 FROM search_typos WHERE (typo, word) = (folded, text))
      ORDER BY t.typo LIMIT ${MAX_ALTERNATIVES})), '') AS prefix,
    (SELECT group_concat('"' || known || '"', ' OR ') FROM (
      SELECT DISTINCT t.word AS known FROM search_typos t WHERE t.typo IN (SELECT value FROM json_each(typos))
      ORDER BY known LIMIT ${MAX_ALTERNATIVES})) AS near
    FROM word)
  SELECT group_concat('(' || CASE
      WHEN near IS NULL OR EXISTS (SELECT 1 FROM product_search WHERE product_search MATCH prefix) THEN prefix
      ELSE prefix || ' OR ' || near END || ')', ' AND ') FROM meant)`

/** Stemming leaves at least this many letters of nearly every word. */
const MIN_EXPANDED_LETTERS = 4
/** Words that one word of a query stands for, beside those it is a prefix of. */
const MAX_ALTERNATIVES = 20

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
