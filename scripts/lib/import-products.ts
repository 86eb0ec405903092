// Imports a product export in two passes over the file: the first only checks, so that a file with errors changes
// nothing; the second writes, some dozens of products in one unit. Both stream, so memory does not grow with the file.

import { createReadStream } from 'node:fs'
import { refreshCollections } from '../../src/features/imports/load-shop.ts'
import { type ParsedProduct, parseShopifyCsv } from '../../src/features/imports/shopify-csv.ts'
import { stockCountBelowReserved } from '../../src/features/products/errors.ts'
import type { ProductInput } from '../../src/features/products/input.ts'
import { countKnown, upsertProducts } from '../../src/features/products/upsert.ts'
import { DomainError } from '../../src/lib/errors.ts'
import type { LocalShop } from './local-shop.ts'

/** Products written in one unit: enough to be fast, few enough that a unit stays far below D1's limits. */
const CHUNK = 50

export type ImportError = Extract<ParsedProduct, { kind: 'error' }>
type ImportedProduct = Extract<ParsedProduct, { kind: 'product' }>

export interface ImportResult {
  products: number
  variants: number
  images: number
  /** Products that are new, and that were there before. Of a dry run: that would be. */
  created: number
  updated: number
  /** What is wrong with the file. */
  errors: ImportError[]
  /** Good products that the shop refused: they stay as they were, all others are written. */
  refused: ImportError[]
  /** By currency of the shop: how many variants have no price in it, and the handles of their products. */
  unpriced: Map<string, { variants: number; handles: Set<string> }>
}

export interface ImportOptions {
  /** Currency of the `Variant Price` column. */
  currency: string
  /** All currencies that the shop sells in. */
  currencies: string[]
  dryRun?: boolean
  skipInvalid?: boolean
  /** Sets the stock of variants that are counted already as well, losing what was sold since the file was written. */
  setStock?: boolean
  /** Where the stock of the file lies; the default location unless given. */
  locationId?: string
  onProgress?: (pass: 'check' | 'write', products: number) => void
}

/**
 * Imports a file. With errors in it nothing is written, unless `skipInvalid` leaves just the bad products out. Whatever
 * ends it early, collections fit what was written.
 */
export async function importProducts(
  deps: LocalShop['deps'],
  file: string,
  options: ImportOptions,
): Promise<ImportResult> {
  const result: ImportResult = {
    products: 0,
    variants: 0,
    images: 0,
    created: 0,
    updated: 0,
    errors: [],
    refused: [],
    unpriced: new Map(),
  }
  for await (const item of inChunks(file, options)) {
    if (item.kind === 'error') {
      result.errors.push(item)
      continue
    }
    for (const { product } of item.products) {
      result.products += 1
      result.variants += product.variants.length
      result.images += product.images.length
      noteUnpriced(result, product, options.currencies)
      options.onProgress?.('check', result.products)
    }
    if (options.dryRun) {
      const handles = item.products.map(({ product }) => product.handle)
      const known = await countKnown(deps, handles)
      result.updated += known
      result.created += handles.length - known
    }
  }
  if (options.dryRun || (result.errors.length > 0 && !options.skipInvalid)) return result
  try {
    await writeAll(deps, file, options, result)
  } catch (error) {
    // Of the two failures the first is the one to tell.
    await refreshCollections(deps).catch(() => undefined)
    throw error
  }
  await refreshCollections(deps)
  return result
}

async function writeAll(
  deps: LocalShop['deps'],
  file: string,
  options: ImportOptions,
  result: ImportResult,
): Promise<void> {
  let written = 0
  /** Writes products as one unit; if the shop refuses that, each by itself, so that only the refused are left out. */
  async function write(products: ImportedProduct[]): Promise<void> {
    try {
      const inputs = products.map(({ product }) => product)
      const { created, updated } = await upsertProducts(deps, 'system:import', inputs, {
        keepStock: !options.setStock,
        locationId: options.locationId,
      })
      result.created += created
      result.updated += updated
    } catch (error) {
      if (!(error instanceof DomainError)) throw error
      const [only, ...others] = products
      if (only && others.length === 0) result.refused.push(refusal(only, error))
      else for (const product of products) await write([product])
    }
  }
  for await (const item of inChunks(file, options)) {
    if (item.kind === 'error') continue
    try {
      await write(item.products)
    } catch (error) {
      throw new Error(
        `The import stopped: ${rootCause(error)}. ${written} products were written before; importing the file again takes up all of it`,
        { cause: error },
      )
    }
    written += item.products.length
    options.onProgress?.('write', written)
  }
}

const refusal = ({ line, product }: ImportedProduct, { kind, message }: DomainError): ImportError => ({
  kind: 'error',
  line,
  column: kind === stockCountBelowReserved ? 'Variant Inventory Qty' : null,
  reason: message,
  handle: product.handle,
})

/** The innermost message: those around it repeat the whole query. */
function rootCause(error: unknown): string {
  let innermost = error
  while (innermost instanceof Error && innermost.cause instanceof Error) innermost = innermost.cause
  return innermost instanceof Error ? innermost.message : String(innermost)
}

function noteUnpriced(
  { unpriced }: ImportResult,
  { handle, variants }: ProductInput,
  currencies: string[],
): void {
  for (const currency of currencies) {
    const missing = variants.filter(({ prices }) => !prices.some(price => price.currency === currency))
    if (missing.length === 0) continue
    const noted = unpriced.get(currency) ?? { variants: 0, handles: new Set() }
    noted.variants += missing.length
    noted.handles.add(handle)
    unpriced.set(currency, noted)
  }
}

/** Errors one by one, products by the chunk. */
async function* inChunks(
  file: string,
  { currency }: ImportOptions,
): AsyncGenerator<ImportError | { kind: 'products'; products: ImportedProduct[] }> {
  let products: ImportedProduct[] = []
  for await (const item of parseShopifyCsv(createReadStream(file), { currency })) {
    if (item.kind === 'error') yield item
    else products.push(item)
    if (products.length === CHUNK) {
      yield { kind: 'products', products }
      products = []
    }
  }
  if (products.length > 0) yield { kind: 'products', products }
}
