// SQL of the catalogue. A page of products, whole with variants, prices and stock, is one statement: the page's ids
// are found first, through an index that gives the sort order, and only those rows are then filled in. What a search
// adds to the statement stands in search-sql.ts.

import { type SQL, sql } from 'drizzle-orm'
import type { Db } from '../../db/client.ts'
import { MAX_AMOUNT } from '../../lib/money.ts'
import { matchExpression, rankedPage, type Search } from './search-sql.ts'
import { spellings } from './spellings.ts'

export type ProductSort = 'relevance' | 'newest' | 'title' | 'price' | '-price'

export interface ProductFilter {
  /** What must occur. Without words nothing matches. */
  search?: Search
  collection?: string
  vendor?: string
  product_type?: string
  /** All of them, whatever the case of their letters. */
  tag?: string[]
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

/** As `selectCurrencies`, and the currencies in which one active product has prices: null when there is no such product. */
export const selectCurrenciesOf = (db: Db, idOrHandle: string) =>
  db.all<{ default_currency: string; currencies: string; sold_in: string | null }>(sql`
    SELECT default_currency, currencies, (
      SELECT (SELECT json_group_array(currency) FROM (
        SELECT r.currency FROM product_price_ranges r WHERE r.product_id = p.id ORDER BY r.currency))
      FROM products p WHERE p.status = 'active' AND (p.id = ${idOrHandle} OR p.handle = ${idOrHandle})) AS sold_in
    FROM shop_settings`)

/** One page of active products, and one more row when there is a next page. */
export function selectProducts(
  db: Db,
  filter: ProductFilter,
  page: { sort: ProductSort; currency: string | undefined; after: CursorValues | null; limit: number },
) {
  const { ctes, again } =
    page.sort === 'relevance'
      ? rankedPage(filter.search, productConditions({ ...filter, search: undefined }, page.currency), page)
      : sortedPage(filter, page, page.sort)
  return db.all<ProductRow>(sql`
    WITH RECURSIVE ${spelledTags(filter)} ${ctes}
    SELECT ${PRODUCT_COLUMNS}, page.cursor
    FROM page CROSS JOIN products p ON p.seq = page.seq ORDER BY ${again}`)
}

interface PageRequest {
  currency: string | undefined
  after: CursorValues | null
  limit: number
}

function sortedPage(filter: ProductFilter, page: PageRequest, sort: Exclude<ProductSort, 'relevance'>) {
  const { arms, id } = matchingProducts(filter, page.currency, sort)
  const order = ORDERS[sort]
  const after = page.after ? sql`AND ${order.after(id, page.after)}` : sql``
  const parts = arms.map(
    ({ from, where }) => sql`
      SELECT p.seq, ${order.cursor} AS cursor, r.currency, r.min_amount, r.max_amount, p.id
      ${from} WHERE ${where} ${after} ORDER BY ${order.by(id)} LIMIT ${page.limit + 1}`,
  )
  return { ctes: sql`page AS (${newestOf(parts, page.limit + 1)})`, again: order.again }
}

/** One list of rows with an `id`, newest first; a row that stands in several comes once. A single list stays as it is. */
const newestOf = (parts: SQL[], limit: number): SQL => {
  const [only, ...others] = parts
  if (only && others.length === 0) return only
  const lists = parts.map(part => sql`SELECT * FROM (${part})`)
  return sql`${sql.join(lists, sql` UNION `)} ORDER BY id DESC LIMIT ${limit}`
}

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
 * named by its lower edge in major units, as given, and counts each product that has a price in it, as the price filter
 * does; `minorUnits` says how many minor units a currency's major has, where that is not 100.
 */
export const selectFacets = (
  db: Db,
  filter: ProductFilter,
  currency: string | undefined,
  edges: number[],
  minorUnits: Record<string, number>,
) => {
  const { arms, id } = matchingProducts(filter, currency, 'newest')
  const parts = arms.map(
    ({ from, where }) => sql`
      SELECT p.id, p.vendor, p.product_type, p.tags, r.currency, r.min_amount, r.max_amount
      ${from} WHERE ${where} ORDER BY ${id} DESC LIMIT ${MAX_COUNTED}`,
  )
  const bands = edges.map((edge, i) => [edge, edges[i + 1] ?? null])
  return db.all<{ kind: string; value: string; count: number }>(sql`
    WITH RECURSIVE ${spelledTags(filter)} matching AS MATERIALIZED (${newestOf(parts, MAX_COUNTED)}),
    unit AS (SELECT coalesce(${JSON.stringify(minorUnits)} -> ${shownCurrency(currency)}, 100) AS size),
    bands AS MATERIALIZED (SELECT value ->> 0 AS edge, (value ->> 0) * size AS low,
      coalesce((value ->> 1) * size, ${Number.MAX_SAFE_INTEGER}) AS high FROM json_each(${JSON.stringify(bands)}), unit)
    SELECT 'vendor' AS kind, vendor AS value, count(*) AS count FROM matching WHERE vendor <> '' GROUP BY vendor
    UNION ALL SELECT 'product_type', product_type, count(*) FROM matching WHERE product_type <> '' GROUP BY product_type
    UNION ALL SELECT 'tag', t.value, count(*) FROM matching m, json_each(m.tags) t GROUP BY t.value
    UNION ALL SELECT 'price_band', edge, count(*) FROM matching m CROSS JOIN bands
      WHERE ${hasPrice(sql`m`, sql`m.id`, sql`low`, sql`high - 1`)} GROUP BY edge
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
 * (SQLite has no statistics here): the table that gives the sort order comes first. What a tag's one index cannot give
 * in order, a tag in several spellings, comes as a second arm of the same list.
 */
function matchingProducts(
  filter: ProductFilter,
  currency: string | undefined,
  sort: Exclude<ProductSort, 'relevance'>,
): { arms: { from: SQL; where: SQL }[]; id: SQL } {
  const { collection, tag } = filter
  if (sort === 'price' || sort === '-price') {
    const { conditions } = productConditions(filter, currency)
    return {
      arms: [
        {
          from: sql`FROM product_price_ranges r CROSS JOIN products p ON p.id = r.product_id`,
          where: sql`r.currency = ${shownCurrency(currency)} AND ${conditions}`,
        },
      ],
      id: sql`r.product_id`,
    }
  }
  if (collection !== undefined && sort === 'newest') {
    const { joins, conditions } = productConditions({ ...filter, collection: undefined }, currency)
    return {
      arms: [
        {
          from: sql`FROM collection_products member CROSS JOIN products p ON p.id = member.product_id ${joins}`,
          where: sql`member.collection_id = ${collectionId(collection)} AND ${conditions}`,
        },
      ],
      id: sql`member.product_id`,
    }
  }
  if (tag?.length && sort === 'newest') {
    const { joins, conditions } = productConditions(filter, currency, 1)
    const from = sql`FROM product_tags tagged CROSS JOIN products p ON p.id = tagged.product_id ${joins}`
    const first = sql`(SELECT min(text) FROM spelled_tags WHERE item = 0)`
    return {
      arms: [
        { from, where: sql`tagged.tag = ${first} AND ${conditions}` },
        {
          from,
          where: sql`tagged.tag IN (SELECT text FROM spelled_tags WHERE item = 0 AND text > ${first}) AND ${conditions}`,
        },
      ],
      id: sql`tagged.product_id`,
    }
  }
  const { joins, conditions } = productConditions(filter, currency)
  return { arms: [{ from: sql`FROM products p ${joins}`, where: conditions }], id: sql`p.id` }
}

/** What a product `p` must fulfil to match, with its price range `r`. The tags before `fromTag` are seen to already. */
function productConditions(
  filter: ProductFilter,
  currency: string | undefined,
  fromTag = 0,
): { joins: SQL; conditions: SQL } {
  const shown = shownCurrency(currency)
  const conditions = [sql`p.status = 'active'`]
  if (filter.search?.words.length === 0) conditions.push(sql`false`)
  else if (filter.search) {
    conditions.push(
      sql`p.seq IN (SELECT rowid FROM product_search WHERE product_search MATCH ${matchExpression(filter.search.words)})`,
    )
  }
  if (filter.collection !== undefined) {
    conditions.push(sql`EXISTS (SELECT 1 FROM collection_products m
      WHERE m.collection_id = ${collectionId(filter.collection)} AND m.product_id = p.id)`)
  }
  for (let item = fromTag; item < (filter.tag?.length ?? 0); item++) {
    conditions.push(sql`EXISTS (SELECT 1 FROM product_tags t
      WHERE t.tag IN (SELECT text FROM spelled_tags WHERE item = ${item}) AND t.product_id = p.id)`)
  }
  if (filter.vendor !== undefined) conditions.push(sql`p.vendor = ${filter.vendor}`)
  if (filter.product_type !== undefined) conditions.push(sql`p.product_type = ${filter.product_type}`)
  const { price_min = 0, price_max = MAX_AMOUNT } = filter
  if (price_min > 0 || price_max < MAX_AMOUNT)
    conditions.push(hasPrice(sql`r`, sql`p.id`, sql`${price_min}`, sql`${price_max}`))
  if (filter.available !== undefined)
    conditions.push(sql`${isAvailable(sql`p.id`, shown)} = ${filter.available ? 1 : 0}`)
  return {
    joins: sql`CROSS JOIN product_price_ranges r ON r.product_id = p.id AND r.currency = ${shown}`,
    conditions: sql.join(conditions, sql` AND `),
  }
}

/**
 * A variant has a price from `low` to `high`, both inclusive. The product's lowest or its highest price mostly decides
 * that; only for a span that lies between the two are the variants looked at.
 */
const hasPrice = (range: SQL, productId: SQL, low: SQL, high: SQL): SQL => sql`(
  ${range}.max_amount >= ${low} AND ${range}.min_amount <= ${high} AND (
    ${range}.min_amount >= ${low} OR ${range}.max_amount <= ${high} OR EXISTS (
      SELECT 1 FROM variants v CROSS JOIN prices pr ON pr.variant_id = v.id AND pr.currency = ${range}.currency
      WHERE v.product_id = ${productId} AND pr.amount BETWEEN ${low} AND ${high})))`

/** The CTE `spelled_tags` of a filter by tag, and its comma; nothing without one. */
const spelledTags = ({ tag }: ProductFilter): SQL =>
  tag?.length ? sql`${spellings('spelled_tags', tag, 'product_tags', 'tag')},` : sql``

const collectionId = (idOrHandle: string): SQL =>
  sql`(SELECT id FROM collections WHERE id = ${idOrHandle} OR handle = ${idOrHandle})`

const isAvailable = (productId: SQL, currency: SQL): SQL => sql`EXISTS (
  SELECT 1 FROM variants v JOIN prices pr ON pr.variant_id = v.id AND pr.currency = ${currency}
  LEFT JOIN stock_items s ON s.variant_id = v.id
  WHERE v.product_id = ${productId}
    AND (NOT v.tracks_inventory OR v.inventory_policy = 'continue' OR s.available > 0))`

// Nested rows travel as JSON arrays (no keys repeated); the service gives them names.
const PRODUCT_COLUMNS = sql`
  p.id, p.handle, p.title, p.description_html, p.vendor, p.product_type, p.tags, p.options, p.metadata,
  p.seo_title, p.seo_description, p.created_at, p.updated_at, page.currency, page.min_amount, page.max_amount,
  (SELECT json_group_array(json_array(url, alt)) FROM (
    SELECT url, alt FROM product_images i WHERE i.product_id = p.id ORDER BY i.position)) AS images,
  (SELECT json_group_array(json_array(v.id, v.sku, v.barcode, v.title, json(v.options), v.weight_grams, v.requires_shipping,
      v.taxable, v.image_url, v.tracks_inventory, v.inventory_policy, v.amount, v.compare_at_amount, v.free)) FROM (
    SELECT v.*, pr.amount, pr.compare_at_amount, s.available AS free
    FROM variants v JOIN prices pr ON pr.variant_id = v.id AND pr.currency = page.currency
    LEFT JOIN stock_items s ON s.variant_id = v.id
    WHERE v.product_id = p.id ORDER BY v.position) v) AS variants,
  (SELECT json_group_array(json_array(c.id, c.handle, c.title)) FROM collection_products cp
    JOIN collections c ON c.id = cp.collection_id WHERE cp.product_id = p.id) AS collections`
