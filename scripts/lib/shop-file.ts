// Loading a shop file from disk.

import { readFile } from 'node:fs/promises'
import { loadShop } from '../../src/features/imports/load-shop.ts'
import { parseShopFile, type ShopFile } from '../../src/features/imports/shop-file.ts'
import { importProducts } from './import-products.ts'
import type { LocalShop } from './local-shop.ts'

/** Reads and checks a shop file. Throws with the file's name and every wrong place. */
export async function readShopFile(file: string): Promise<ShopFile> {
  const text = await readFile(file, 'utf8')
  try {
    return parseShopFile(JSON.parse(text))
  } catch (error) {
    throw new Error(`${file}: ${error instanceof Error ? error.message : error}`)
  }
}

/** Loads the demo shop: examples/products.csv and examples/shop.json. */
export async function loadDemo(deps: LocalShop['deps']): Promise<{ products: number; variants: number }> {
  const file = await readShopFile('examples/shop.json')
  const { errors, products, variants } = await importProducts(deps, 'examples/products.csv', {
    currency: file.settings.default_currency,
    currencies: file.settings.currencies,
  })
  if (errors.length > 0) throw new Error(`examples/products.csv has ${errors.length} errors`)
  const { removedCollections, endedPromotions } = await loadShop(deps, file)
  if (removedCollections.length > 0) console.log(`Removed collections: ${removedCollections.join(', ')}.`)
  if (endedPromotions.length > 0) console.log(`Switched off promotions: ${endedPromotions.join(', ')}.`)
  return { products, variants }
}
