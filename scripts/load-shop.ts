// `npm run shop:load -- FILE.json`: sets up a shop from a file: settings, shipping, taxes, promotions, collections. It
// loads no products. Into the local database, or into the one that DATABASE_URL names.

import { loadShop } from '../src/features/imports/load-shop.ts'
import { openLocalShop } from './lib/local-shop.ts'
import { readShopFile } from './lib/shop-file.ts'

const USAGE = `Usage: npm run shop:load -- FILE.json

  Brings the shop to what the file says; examples/own-shop.json is one to begin with. Products stay as they are:
  \`npm run import\` loads them. DATABASE_URL=file:shop.db names a libSQL database; without it, the local one of
  \`npm start\`.`

async function main(): Promise<number> {
  const [path, ...rest] = process.argv.slice(2)
  if (!path || rest.length > 0) {
    console.error(USAGE)
    return 2
  }
  const file = await readShopFile(path)
  const shop = await openLocalShop()
  try {
    await loadShop(shop.deps, file)
    const { settings, shipping_zones, tax_rates } = file
    console.log(
      `${settings.name}: sells in ${settings.currencies.join(', ')}; ${shipping_zones.length} shipping zones, ${tax_rates.length} tax rates.`,
    )
    return 0
  } finally {
    await shop.close()
  }
}

main().then(
  code => process.exit(code),
  error => {
    console.error(error instanceof Error ? error.message : error)
    process.exit(1)
  },
)
