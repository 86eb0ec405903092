// `npm run demo:load`: loads the demo shop into the local database, or into the one that DATABASE_URL names.

import { openLocalShop } from './lib/local-shop.ts'
import { loadDemo } from './lib/shop-file.ts'

const shop = await openLocalShop()
try {
  const { products, variants } = await loadDemo(shop.deps)
  console.log(`Loaded the demo shop: ${products} products, ${variants} variants.`)
} finally {
  await shop.close()
}
