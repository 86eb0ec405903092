// Products in and out as CSV over HTTP. In: a body is small enough to be read whole before anything is written, so that a
// file with bad rows changes nothing; then some dozens of products are one unit, and the same file again is harmless. Out: a
// stream of pages, so that memory stays flat whatever the catalogue's size.

import { sql } from 'drizzle-orm'
import { atomic } from '../../db/atomic.ts'
import type { Db } from '../../db/client.ts'
import type { Deps } from '../../deps.ts'
import type { Actor } from '../../http/context.ts'
import { DomainError } from '../../lib/errors.ts'
import { refreshMemberships } from '../collections/statements.ts'
import type { ProductInput } from '../products/input.ts'
import { selectStored, storedProduct } from '../products/stored.ts'
import { upsertProducts } from '../products/upsert.ts'
import { shopNotSetUp } from '../shop/errors.ts'
import { importInvalid } from './errors.ts'
import type { ImportProblem, ImportQuery, ImportResult } from './schemas.ts'
import { parseShopifyCsv } from './shopify-csv.ts'
import { type CsvFormat, csvHeader, csvProduct } from './shopify-writer.ts'

/** Products written in one unit: enough to be fast, few enough that a unit stays far below D1's limits. */
const CHUNK = 50
const MAX_SHOWN_PROBLEMS = 1000
/** Products read in one call. A Worker has 1,000 calls a request, which is as many pages. */
const PAGE = 200

/**
 * Imports a file, `by` the caller. Raises `import_invalid`, `shop_not_set_up`, `stock_count_below_reserved` (products
 * before the one that it names are then written).
 */
export async function importProducts(
  deps: Deps,
  { principal }: Actor,
  file: ArrayBuffer,
  { dry_run = false, skip_invalid = false, set_stock = false }: ImportQuery,
): Promise<ImportResult> {
  const { db } = deps
  const { currency } = await formatOf(db)
  const products: ProductInput[] = []
  const problems: ImportProblem[] = []
  let problem_count = 0
  for await (const parsed of parseShopifyCsv(chunksOf(file), { currency })) {
    if (parsed.kind === 'product') products.push(parsed.product)
    else {
      problem_count += 1
      const { line, column, reason, handle } = parsed
      if (problems.length < MAX_SHOWN_PROBLEMS) problems.push({ line, column, reason, handle })
    }
  }
  const variants = products.reduce((sum, product) => sum + product.variants.length, 0)
  const result = {
    dry_run,
    products: products.length,
    variants,
    created: 0,
    updated: 0,
    problems,
    problem_count,
  }
  if (dry_run) return result
  if (problem_count > 0 && !skip_invalid)
    throw new DomainError(importInvalid, `${problem_count} places in the file are not valid.`, {
      members: { problems, problem_count },
    })
  for (let from = 0; from < products.length; from += CHUNK) {
    const chunk = products.slice(from, from + CHUNK)
    const { created, updated } = await upsertProducts(deps, principal.id, chunk, { keepStock: !set_stock })
    result.created += created
    result.updated += updated
  }
  await refreshMembershipsOf(db, products)
  return result
}

async function* chunksOf(file: ArrayBuffer): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(file)
}

/** Brings the products' memberships in rule collections up to date. */
async function refreshMembershipsOf(db: Db, products: ProductInput[]): Promise<void> {
  const handles = JSON.stringify(products.map(({ handle }) => handle))
  const rows = await db.all<{ id: string }>(
    sql`SELECT id FROM products WHERE handle IN (SELECT value FROM json_each(${handles}))`,
  )
  await atomic(
    db,
    refreshMemberships(
      db,
      rows.map(({ id }) => id),
    ),
  )
}

/** All products, whole, in the order in which they were made. Raises `shop_not_set_up` before the stream begins. */
export async function exportProducts({ db, log }: Deps): Promise<ReadableStream<Uint8Array>> {
  const format = await formatOf(db)
  const encoder = new TextEncoder()
  let after: string | null = ''
  return new ReadableStream<Uint8Array>({
    start: controller => controller.enqueue(encoder.encode(csvHeader(format))),
    async pull(controller) {
      if (after === null) return controller.close()
      try {
        const rows = await selectStored(db, sql`p.id > ${after}`, sql`ORDER BY p.id LIMIT ${PAGE}`)
        after = rows.length === PAGE ? (rows.at(-1)?.id ?? null) : null
        if (rows.length === 0) return controller.close()
        const text = rows.map(row => csvProduct(storedProduct(row), format)).join('')
        controller.enqueue(encoder.encode(text))
      } catch (error) {
        // The status is out: a transfer that breaks off is all that can still tell the client.
        log('error', 'export broke off', { error: error instanceof Error ? error.name : typeof error })
        controller.error(error)
      }
    },
  })
}

/** The shop's currency, and all others that something has a price in. */
async function formatOf(db: Db): Promise<CsvFormat> {
  const [[settings], currencies] = await db.batch([
    db.all<{ default_currency: string }>(sql`SELECT default_currency FROM shop_settings`),
    // One look into the index for each currency, not one for each price.
    db.all<{ currency: string }>(sql`
      WITH RECURSIVE found AS (
        SELECT min(currency) AS currency FROM product_price_ranges
        UNION ALL SELECT (SELECT min(currency) FROM product_price_ranges WHERE currency > found.currency)
          FROM found WHERE found.currency IS NOT NULL)
      SELECT currency FROM found WHERE currency IS NOT NULL`),
  ])
  if (!settings)
    throw new DomainError(shopNotSetUp, 'No settings have been loaded.', { retryAfterSeconds: 60 })
  const currency = settings.default_currency
  return { currency, others: currencies.flatMap(row => (row.currency === currency ? [] : [row.currency])) }
}
