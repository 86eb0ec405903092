// Imports a product export in two passes over the file: the first only checks, so that a file with errors changes
// nothing; the second writes, some dozens of products in one unit. Both stream, so memory does not grow with the file.

import { createReadStream } from 'node:fs'
import { refreshCollections } from '../../src/features/imports/load-shop.ts'
import { type ParsedProduct, parseShopifyCsv } from '../../src/features/imports/shopify-csv.ts'
import type { ProductInput } from '../../src/features/products/input.ts'
import { upsertProducts } from '../../src/features/products/upsert.ts'
import type { LocalShop } from './local-shop.ts'

/** Products written in one unit: enough to be fast, few enough that a unit stays far below D1's limits. */
const CHUNK = 50

export type ImportError = Extract<ParsedProduct, { kind: 'error' }>

export interface ImportResult {
  products: number
  variants: number
  images: number
  created: number
  updated: number
  errors: ImportError[]
}

export interface ImportOptions {
  /** Currency of the `Variant Price` column. */
  currency: string
  dryRun?: boolean
  skipInvalid?: boolean
  onProgress?: (pass: 'check' | 'write', products: number) => void
}

/** Imports a file. With errors in it nothing is written, unless `skipInvalid` leaves just the bad products out. */
export async function importProducts(
  deps: LocalShop['deps'],
  file: string,
  options: ImportOptions,
): Promise<ImportResult> {
  const result: ImportResult = { products: 0, variants: 0, images: 0, created: 0, updated: 0, errors: [] }
  for await (const parsed of read(file, options)) {
    if (parsed.kind === 'error') {
      result.errors.push(parsed)
      continue
    }
    result.products += 1
    result.variants += parsed.product.variants.length
    result.images += parsed.product.images.length
    options.onProgress?.('check', result.products)
  }
  if (options.dryRun || (result.errors.length > 0 && !options.skipInvalid)) return result

  let chunk: ProductInput[] = []
  let written = 0
  const write = async () => {
    const { created, updated } = await upsertProducts(deps, 'system:import', chunk)
    result.created += created
    result.updated += updated
    written += chunk.length
    options.onProgress?.('write', written)
    chunk = []
  }
  for await (const parsed of read(file, options)) {
    if (parsed.kind === 'product') chunk.push(parsed.product)
    if (chunk.length === CHUNK) await write()
  }
  if (chunk.length > 0) await write()
  await refreshCollections(deps)
  return result
}

const read = (file: string, { currency }: ImportOptions): AsyncGenerator<ParsedProduct> =>
  parseShopifyCsv(createReadStream(file), { currency })
