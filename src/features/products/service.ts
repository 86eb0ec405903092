// Reading the catalogue: what shoppers see of products. One database call an answer.

import type { Deps } from '../../deps.ts'
import { notFound } from '../../http/errors.ts'
import { decodeCursor, encodeCursor } from '../../http/pagination.ts'
import { DEFAULT_LIMIT } from '../../http/schemas.ts'
import { rfc3339 } from '../../lib/clock.ts'
import { DomainError } from '../../lib/errors.ts'
import { type Money, minorDigits, unusualMinorUnits } from '../../lib/money.ts'
import { absoluteUrl } from '../../lib/url.ts'
import { refuseCurrency } from '../shop/policy.ts'
import { notSoldInCurrency } from './errors.ts'
import {
  CURSORS,
  MAX_COUNTED,
  type ProductFilter,
  type ProductRow,
  type ProductSort,
  selectCurrencies,
  selectCurrenciesOf,
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
    search: searched && {
      words: searched.map(word => ({ ...word, typos: typoKeys(word) })),
      text: query.q?.trim() ?? '',
    },
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

/** Reads one active product by id or handle. Raises `currency_not_offered`, `not_found`, `not_sold_in_currency`. */
export async function getProduct(
  deps: Deps,
  idOrHandle: string,
  currency: string | undefined,
): Promise<Product> {
  const [offered, rows] = await deps.db.batch([
    selectCurrenciesOf(deps.db, idOrHandle),
    selectProduct(deps.db, idOrHandle, currency),
  ])
  const [shop] = offered
  refuseCurrency(currenciesOf(shop), currency, 'query')
  const row = rows[0]
  if (row) return productOf(deps, row)
  const priced: string[] = JSON.parse(shop?.sold_in ?? '[]')
  const currencies = currenciesOf(shop).filter(code => priced.includes(code))
  if (currencies.length === 0) throw new DomainError(notFound, 'There is no such product.')
  const asked = currency ?? shop?.default_currency
  throw new DomainError(
    notSoldInCurrency,
    `This product has no price in ${asked}. It is sold in ${currencies.join(', ')}.`,
    { members: { currencies } },
  )
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
    images: images.map(([url, alt]) => ({ url: absoluteUrl(deps.config.PUBLIC_URL, url), alt })),
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
    title: title || null,
    options,
    price: { amount, currency },
    compare_at_price: compareAt === null ? null : { amount: compareAt, currency },
    available: !isCounted || quantity > 0,
    quantity_available: isCounted ? quantity : null,
    weight_grams,
    requires_shipping: ships === 1,
    taxable: taxable === 1,
    image_url: image && absoluteUrl(deps.config.PUBLIC_URL, image),
  }
}

/**
 * Tags that differ only in the case of letters are one tag, as the filter takes them: counted together, under the most
 * frequent spelling. (No product has a tag twice, see upsert.ts.)
 */
function spelledAlike(counts: { value: string; count: number }[]): { value: string; count: number }[] {
  const tags = new Map<string, { value: string; count: number }>()
  for (const { value, count } of counts) {
    const known = tags.get(value.toLowerCase())
    if (known) known.count += count
    else tags.set(value.toLowerCase(), { value, count })
  }
  return [...tags.values()].sort((a, b) => b.count - a.count)
}

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
    tags: spelledAlike(counts.filter(row => row.kind === 'tag')).slice(0, MAX_FACET_VALUES),
    price_bands: BAND_EDGES.flatMap((from, i) => {
      const count = bands.get(from)
      const to = BAND_EDGES[i + 1]
      return count === undefined
        ? []
        : [{ from: money(from), to: to === undefined ? null : money(to), count }]
    }),
  }
}
