// `npm run check:exports`: imports the real product exports of ../shared/catalog, on libSQL and on D1, and counts: every
// product of a file must be there, with a variant and a price, and a second import must change nothing.

import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { createClient } from '@libsql/client'
import { parse } from 'csv-parse/sync'
import { sql } from 'drizzle-orm'
import { type Db, libsqlDb } from '../src/db/client.ts'
import { loadShop } from '../src/features/imports/load-shop.ts'
import { systemClock } from '../src/lib/clock.ts'
import { createIdGenerator } from '../src/lib/ids.ts'
import { importProducts } from './lib/import-products.ts'
import { migrateLibsql } from './lib/libsql.ts'
import { readShopFile } from './lib/shop-file.ts'
import { migrateD1, ROOT, temporaryDirectory, withD1 } from './lib/worker.ts'

const FOLDER = path.resolve(ROOT, '..', 'shared', 'catalog')

/** Handles in a file, counted without our own importer. */
async function handlesIn(file: string): Promise<string[]> {
  const rows: Record<string, string>[] = parse(await readFile(file), { columns: true, bom: true })
  return [...new Set(rows.map(row => row.Handle ?? '').filter(handle => handle !== ''))].sort()
}

/** Imports one file into an empty, migrated database. Returns what went wrong. */
async function importInto(db: Db, file: string): Promise<string[]> {
  const deps = { db, ids: createIdGenerator(systemClock), clock: systemClock }
  const shop = await readShopFile(path.join(ROOT, 'examples', 'own-shop.json'))
  await loadShop(deps, shop)
  const options = { currency: shop.settings.default_currency, currencies: shop.settings.currencies }
  const first = await importProducts(deps, file, options)
  const again = await importProducts(deps, file, options)
  const wanted = await handlesIn(file)
  const rows = await db.all<{ handle: string }>(sql`SELECT DISTINCT p.handle FROM products p
    JOIN variants v ON v.product_id = p.id JOIN prices c ON c.variant_id = v.id ORDER BY p.handle`)
  const there = rows.map(({ handle }) => handle)
  return [
    ...first.errors.map(({ line, column, reason }) => `line ${line}: ${column ?? ''} ${reason}`),
    ...wanted.filter(handle => !there.includes(handle)).map(handle => `lost: ${handle}`),
    ...(isDeepStrictEqual(there, wanted) ? [] : [`${there.length} products, not ${wanted.length}`]),
    ...(first.created === wanted.length && again.created === 0
      ? []
      : [`created ${first.created}, then ${again.created}`]),
  ]
}

const STORES: Record<string, (file: string) => Promise<string[]>> = {
  libSQL: async file => {
    const client = createClient({ url: ':memory:' })
    await migrateLibsql(client)
    return importInto(libsqlDb(client), file)
  },
  D1: async file =>
    withD1(await temporaryDirectory('exports'), async (db, binding) => {
      await migrateD1(binding)
      return importInto(db, file)
    }),
}

async function main(): Promise<number> {
  if (!existsSync(FOLDER)) {
    console.log(`exports: NOT RUN, there is no ${path.relative(ROOT, FOLDER)}`)
    return 0
  }
  const files = (await readdir(FOLDER)).filter(name => name.endsWith('.csv')).sort()
  if (files.length === 0) throw new Error(`${FOLDER} has no export`)
  let failed = 0
  for (const name of files) {
    for (const [store, run] of Object.entries(STORES)) {
      const faults = await run(path.join(FOLDER, name))
      const count = (await handlesIn(path.join(FOLDER, name))).length
      console.log(
        `exports: ${name} on ${store}: ${faults.length === 0 ? `all ${count} products` : faults.join('; ')}`,
      )
      if (faults.length > 0) failed += 1
    }
  }
  return failed === 0 ? 0 : 1
}

main().then(
  code => process.exit(code),
  error => {
    console.error(error)
    process.exit(1)
  },
)
