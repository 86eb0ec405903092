// Loads the demo shop: examples/products.csv and examples/shop.json. With `--if-empty`, only into a shop without settings.

import { readFile } from 'node:fs/promises'
import { sql } from 'drizzle-orm'
import { loadShop } from '../src/features/imports/load-shop.ts'
import { parseShopFile } from '../src/features/imports/shop-file.ts'
import { importProducts } from './lib/import-products.ts'
import { openLocalShop } from './lib/local-shop.ts'

const shop = await openLocalShop()
try {
  const existing = await shop.deps.db.all(sql`SELECT 1 FROM shop_settings`)
  if (existing.length === 0 || !process.argv.includes('--if-empty')) {
    const file = parseShopFile(JSON.parse(await readFile('examples/shop.json', 'utf8')))
    const result = await importProducts(shop.deps, 'examples/products.csv', {
      currency: file.settings.default_currency,
      currencies: file.settings.currencies,
    })
    if (result.errors.length > 0) throw new Error(`examples/products.csv has ${result.errors.length} errors`)
    const { removedCollections, endedPromotions } = await loadShop(shop.deps, file)
    if (removedCollections.length > 0) console.log(`Removed collections: ${removedCollections.join(', ')}.`)
    if (endedPromotions.length > 0) console.log(`Switched off promotions: ${endedPromotions.join(', ')}.`)
    console.log(`Loaded the demo shop: ${result.products} products, ${result.variants} variants.`)
  }
} finally {
  await shop.close()
}
