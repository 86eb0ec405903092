// Reading the catalogue: what shoppers see of products. One database call an answer.

import type { Deps } from '../../deps.ts'
import { notFound } from '../../http/errors.ts'
import { decodeCursor, encodeCursor } from '../../http/pagination.ts'
import { DEFAULT_LIMIT } from '../../http/schemas.ts'
import { rfc3339 } from '../../lib/clock.ts'
import { DomainError } from '../../lib/errors.ts'
import { type Money, minorDigits, unusualMinorUnits } from '../../lib/money.ts'
import { refuseCurrency } from '../shop/policy.ts'
import {
  CURSORS,
  MAX_COUNTED,
  type ProductFilter,
  type ProductRow,
  type ProductSort,
  selectCurrencies,
  selectFacets,
  selectProduct,
  selectProducts,
} from './repository.ts'
import type { Product, ProductList, ProductQuery } from './schemas.ts'
import { searchWords, typoKeys } from './search-words.ts'

/** Words of a query that are looked at; the rest is ignored, to bound the work. */
const MAX_WORDS = 8
/** A facet lists its most frequent values only. */
const MAX_FACET_VALUES = 50
/** Edges of the price bands in major units of the currency. */
const BAND_EDGES = [0, 10, 25, 50, 100, 250, 500, 1000]

/** Lists active products by filter, sort and page. Raises `currency_not_offered`, `invalid_cursor`. */
export async function listProducts(deps: Deps, query: ProductQuery): Promise<ProductList> {
  const limit = query.limit ?? DEFAULT_LIMIT
  const searched = query.q === undefined ? undefined : searchWords(query.q).slice(0, MAX_WORDS)
  // Without words there is no relevance to sort by.
  const sort =
    query.sort === undefined || query.sort === 'relevance'
      ? searched?.length
        ? 'relevance'
        : 'newest'
      : query.sort
  const after = decodeCursor(query.cursor, sort, CURSORS[sort])
  const filter: ProductFilter = {
    ...query,
    search: searched?.map(word => ({ ...word, typos: typoKeys(word) })),
  }
  const currencies = selectCurrencies(deps.db)
  const page = selectProducts(deps.db, filter, { sort, currency: query.currency, after, limit })

  if (query.facets !== true) {
    const [offered, rows] = await deps.db.batch([currencies, page])
    refuseCurrency(currenciesOf(offered[0]), query.currency, 'query')
    return pageOf(deps, rows, sort, limit)
  }
  const [offered, rows, counts] = await deps.db.batch([
    currencies,
    page,
    selectFacets(deps.db, filter, query.currency, BAND_EDGES, unusualMinorUnits()),
  ])
  refuseCurrency(currenciesOf(offered[0]), query.currency, 'query')
  const currency = query.currency ?? offered[0]?.default_currency ?? ''
  return { ...pageOf(deps, rows, sort, limit), facets: facetsOf(counts, currency) }
}

/** Reads one active product by id or handle. Raises `currency_not_offered`, `not_found`. */
export async function getProduct(
  deps: Deps,
  idOrHandle: string,
  currency: string | undefined,
): Promise<Product> {
  const [offered, rows] = await deps.db.batch([
    selectCurrencies(deps.db),
    selectProduct(deps.db, idOrHandle, currency),
  ])
  refuseCurrency(currenciesOf(offered[0]), currency, 'query')
  const row = rows[0]
  if (!row) throw new DomainError(notFound, 'There is no such product.')
  return productOf(deps, row)
}

const currenciesOf = (row: { currencies: string } | undefined): string[] =>
  row ? JSON.parse(row.currencies) : []

function pageOf(deps: Deps, rows: ProductRow[], sort: ProductSort, limit: number): ProductList {
  const shown = rows.slice(0, limit)
  const last = rows.length > limit ? shown.at(-1) : undefined
  return {
    data: shown.map(row => productOf(deps, row)),
    next_cursor: last ? encodeCursor(sort, JSON.parse(last.cursor)) : null,
  }
}

type VariantTuple = [
  id: string,
  sku: string | null,
  barcode: string | null,
  title: string,
  options: Record<string, string>,
  weight_grams: number,
  requires_shipping: number,
  taxable: number,
  image_url: string | null,
  tracks_inventory: number,
  inventory_policy: 'deny' | 'continue',
  amount: number,
  compare_at_amount: number | null,
  free: number | null,
]

function productOf(deps: Deps, row: ProductRow): Product {
  const { currency } = row
  const images: [string, string][] = JSON.parse(row.images)
  const variants: VariantTuple[] = JSON.parse(row.variants)
  const collections: [string, string, string][] = JSON.parse(row.collections)
  return {
    id: row.id,
    handle: row.handle,
    title: row.title,
    description_html: row.description_html,
    vendor: row.vendor,
    product_type: row.product_type,
    tags: JSON.parse(row.tags),
    options: JSON.parse(row.options),
    images: images.map(([url, alt]) => ({ url: absolute(deps, url), alt })),
    variants: variants.map(tuple => variantOf(deps, tuple, currency)),
    price_range: { min: { amount: row.min_amount, currency }, max: { amount: row.max_amount, currency } },
    collections: collections.map(([id, handle, title]) => ({ id, handle, title })),
    seo: { title: row.seo_title, description: row.seo_description },
    metadata: JSON.parse(row.metadata),
    created_at: rfc3339(row.created_at),
    updated_at: rfc3339(row.updated_at),
  }
}

function variantOf(deps: Deps, tuple: VariantTuple, currency: string): Product['variants'][number] {
  const [
    id,
    sku,
    barcode,
    title,
    options,
    weight_grams,
    ships,
    taxable,
    image,
    tracks,
    policy,
    amount,
    compareAt,
    free,
  ] = tuple
  const isCounted = tracks === 1 && policy === 'deny'
  const quantity = Math.max(0, free ?? 0)
  return {
    id,
    sku,
    barcode,
    title,
    options,
    price: { amount, currency },
    compare_at_price: compareAt === null ? null : { amount: compareAt, currency },
    available: !isCounted || quantity > 0,
    quantity_available: isCounted ? quantity : null,
    weight_grams,
    requires_shipping: ships === 1,
    taxable: taxable === 1,
    image_url: image === null ? null : absolute(deps, image),
  }
}

/** Pictures of our own are stored as paths, so that a shop can change its domain. */
const absolute = (deps: Deps, url: string): string =>
  url.startsWith('/') ? `${deps.config.PUBLIC_URL}${url}` : url

function facetsOf(counts: { kind: string; value: string; count: number }[], currency: string) {
  const of = (kind: string) =>
    counts
      .filter(row => row.kind === kind)
      .slice(0, MAX_FACET_VALUES)
      .map(({ value, count }) => ({ value, count }))
  const bands = new Map(
    counts.filter(row => row.kind === 'price_band').map(row => [Number(row.value), row.count]),
  )
  const money = (major: number): Money => ({ amount: major * 10 ** minorDigits(currency), currency })
  const counted = counts.find(row => row.kind === 'counted')?.count ?? 0
  return {
    counted,
    is_complete: counted < MAX_COUNTED,
    vendors: of('vendor'),
    product_types: of('product_type'),
    tags: of('tag'),
    price_bands: BAND_EDGES.flatMap((from, i) => {
      const count = bands.get(from)
      const to = BAND_EDGES[i + 1]
      return count === undefined
        ? []
        : [{ from: money(from), to: to === undefined ? null : money(to), count }]
    }),
  }
}
