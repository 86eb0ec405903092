// `npm run import -- FILE.csv [--dry-run] [--skip-invalid]`: loads a Shopify product export into the local shop, or into
// the libSQL database that DATABASE_URL names.

import { parseArgs } from 'node:util'
import { shopSettings } from '../src/features/shop/table.ts'
import { type ImportError, importProducts } from './lib/import-products.ts'
import { openLocalShop } from './lib/local-shop.ts'

const USAGE = `Usage: npm run import -- FILE.csv [--dry-run] [--skip-invalid]

  --dry-run       check the file and say what would be imported, but write nothing
  --skip-invalid  import the good products of a file that has errors; without it such a file imports nothing

A product is known by its handle: importing a file again updates its products. DATABASE_URL=file:shop.db imports into a
libSQL database; without it, into the local database of \`npm start\`.`
const MAX_SHOWN_ERRORS = 100
const PROGRESS_EVERY = 500

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      'dry-run': { type: 'boolean' },
      'skip-invalid': { type: 'boolean' },
      help: { type: 'boolean' },
    },
  })
  const [file] = positionals
  if (values.help || !file || positionals.length > 1) {
    console.log(USAGE)
    return values.help ? 0 : 2
  }
  const shop = await openLocalShop()
  try {
    const [settings] = await shop.deps.db.select().from(shopSettings)
    if (!settings) {
      console.error('The shop has no settings yet. Run `npm start` once, or `npm run demo:load`.')
      return 1
    }
    const result = await importProducts(shop.deps, file, {
      currency: settings.default_currency,
      dryRun: values['dry-run'],
      skipInvalid: values['skip-invalid'],
      onProgress: (pass, products) => {
        if (products % PROGRESS_EVERY === 0)
          console.error(`${pass === 'check' ? 'checked' : 'written'}: ${products} products`)
      },
    })
    showErrors(file, result.errors)
    const { products, variants, images, created, updated } = result
    console.log(
      `${products} good products with ${variants} variants and ${images} pictures; ${result.errors.length} errors.`,
    )
    if (values['dry-run']) console.log('Dry run: nothing was written.')
    else if (created + updated === 0)
      console.log('Nothing was imported. Mend the file, or use --skip-invalid.')
    else console.log(`Imported: ${created} new, ${updated} updated.`)
    return result.errors.length > 0 && !values['skip-invalid'] ? 1 : 0
  } finally {
    await shop.close()
  }
}

function showErrors(file: string, errors: ImportError[]): void {
  for (const { line, column, reason, handle } of errors.slice(0, MAX_SHOWN_ERRORS)) {
    console.error(`${file}:${line}: ${column ? `${column}: ` : ''}${reason}${handle ? ` (${handle})` : ''}`)
  }
  if (errors.length > MAX_SHOWN_ERRORS)
    console.error(`... and ${errors.length - MAX_SHOWN_ERRORS} more errors`)
}

main().then(
  code => process.exit(code),
  error => {
    console.error(error instanceof Error ? error.message : error)
    process.exit(1)
  },
)
