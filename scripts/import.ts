// `npm run import -- FILE.csv [--dry-run] [--skip-invalid] [--location CODE]`: loads a Shopify product export into the
// local shop, or into the libSQL database that DATABASE_URL names.

import { open } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { and, eq, isNull } from 'drizzle-orm'
import { DEFAULT_LOCATION, locations } from '../src/features/inventory/table.ts'
import { shopSettings } from '../src/features/shop/table.ts'
import { type ImportError, type ImportResult, importProducts } from './lib/import-products.ts'
import { importRemotely } from './lib/import-remote.ts'
import { openLocalShop } from './lib/local-shop.ts'

const USAGE = `Usage: npm run import -- FILE.csv [--dry-run] [--skip-invalid] [--set-stock] [--location CODE]

  --dry-run       check the file and say what would be imported, but write nothing
  --skip-invalid  import the good products of a file that has errors; without it such a file imports nothing
  --set-stock     set the stock of every variant to the file's number; without it only new variants get theirs, and
                  those that the shop counts already keep their stock, since they may have been sold since the export
  --location CODE where the stock of the file lies; the default location unless given

A product is known by its handle: importing a file again updates its products. DATABASE_URL=file:shop.db imports into a
libSQL database; without it, into the local database of \`npm start\`. With --url https://shop.example, and an access token of staff
in CURBSIDE_TOKEN, it goes into a shop that runs elsewhere.`
const MAX_SHOWN_ERRORS = 100
const MAX_SHOWN_HANDLES = 5
const PROGRESS_EVERY = 500

async function main(): Promise<number> {
  const args = process.argv.slice(2)
  if (args.some(arg => /^--url(=|$)/.test(arg))) return importRemotely(args)
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      'dry-run': { type: 'boolean' },
      'skip-invalid': { type: 'boolean' },
      'set-stock': { type: 'boolean' },
      location: { type: 'string' },
      help: { type: 'boolean' },
    },
  })
  const [file] = positionals
  if (values.help || !file || positionals.length > 1) {
    console.log(USAGE)
    return values.help ? 0 : 2
  }
  const unreadable = await whyUnreadable(file)
  if (unreadable) {
    console.error(unreadable)
    return 1
  }
  const shop = await openLocalShop()
  try {
    const [settings] = await shop.deps.db
      .select()
      .from(shopSettings)
      .catch(() => [])
    if (!settings) {
      console.error(
        process.env.DATABASE_URL
          ? 'The shop has no settings yet. Load some into this database first: `npm run shop:load -- examples/own-shop.json` with the same DATABASE_URL.'
          : 'The shop has no settings yet. Run `npm start` once: it sets up the local database.',
      )
      return 1
    }
    const [location] = await shop.deps.db
      .select({ id: locations.id })
      .from(locations)
      .where(
        values.location === undefined
          ? eq(locations.id, DEFAULT_LOCATION)
          : and(eq(locations.code, values.location), isNull(locations.deleted_at)),
      )
    if (!location) {
      console.error(`There is no location with the code ${values.location}.`)
      return 1
    }
    const result = await importProducts(shop.deps, file, {
      currency: settings.default_currency,
      currencies: settings.currencies,
      dryRun: values['dry-run'],
      skipInvalid: values['skip-invalid'],
      setStock: values['set-stock'],
      locationId: location.id,
      onProgress: (pass, products) => {
        if (products % PROGRESS_EVERY === 0)
          console.error(`${pass === 'check' ? 'checked' : 'written'}: ${products} products`)
      },
    })
    showErrors(file, result.errors)
    showErrors(file, result.refused)
    showUnpriced(result)
    const { products, variants, images, created, updated, errors, refused } = result
    console.log(
      `${products} good products with ${variants} variants and ${images} pictures; ${errors.length} errors.`,
    )
    const isBlocked = errors.length > 0 && !values['skip-invalid']
    if (isBlocked) console.log('Nothing is imported. Mend the file, or use --skip-invalid.')
    else if (values['dry-run']) console.log(`Would be imported: ${created} new, ${updated} updated.`)
    else console.log(`Imported: ${created} new, ${updated} updated.`)
    if (values['dry-run']) console.log('Dry run: nothing was written.')
    if (updated > 0 && !isBlocked && !values['set-stock'])
      console.log(
        'Variants that the shop counts already keep their stock; --set-stock sets it to the file’s.',
      )
    if (refused.length > 0) console.log(`${refused.length} products were refused and stay as they were.`)
    return isBlocked || refused.length > 0 ? 1 : 0
  } finally {
    await shop.close()
  }
}

/** Says in a sentence why a file cannot be read; null when it can. */
async function whyUnreadable(file: string): Promise<string | null> {
  try {
    const opened = await open(file)
    const isFile = (await opened.stat()).isFile()
    await opened.close()
    return isFile ? null : `"${file}" is not a file. Name the CSV file to import.`
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'ENOENT' || code === 'ENOTDIR') return `There is no file "${file}".`
    if (code === 'EACCES' || code === 'EPERM') return `"${file}" may not be read by this user.`
    throw error
  }
}

function showUnpriced({ unpriced }: ImportResult): void {
  for (const [currency, { variants, handles }] of unpriced) {
    const shown = [...handles].slice(0, MAX_SHOWN_HANDLES).join(', ')
    const more = handles.size > MAX_SHOWN_HANDLES ? ` and ${handles.size - MAX_SHOWN_HANDLES} more` : ''
    console.error(
      `Warning: without a price in ${currency}, hence not for sale in it: ${counted(variants, 'variant')} of ${counted(handles.size, 'product')}: ${shown}${more}. A column "Price / ${currency}" gives one.`,
    )
  }
}

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`

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
