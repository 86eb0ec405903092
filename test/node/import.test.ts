// `npm run import` on a libSQL file: what it writes, leaves out, keeps and says. (What it makes of the cells of a file is
// in test/features/imports.)

import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { sql } from 'drizzle-orm'
import { beforeAll, describe, expect, test } from 'vitest'
import { type ImportOptions, importProducts } from '../../scripts/lib/import-products.ts'
import { migrateLibsql, openLibsql } from '../../scripts/lib/libsql.ts'
import { libsqlDb } from '../../src/db/client.ts'
import { loadShop } from '../../src/features/imports/load-shop.ts'
import { SHOP } from '../support/factories.ts'
import { openShop, type TestShop } from '../support/shop.ts'

const ROOT = path.join(import.meta.dirname, '..', '..')
const HEADER =
  'Handle,Title,Vendor,Tags,Variant SKU,Variant Inventory Tracker,Variant Inventory Qty,Variant Price,Price / USD'

let shop: TestShop
let directory: string
beforeAll(async () => {
  shop = await openShop()
  directory = await mkdtemp(path.join(tmpdir(), 'curbside-import-'))
})

interface Line {
  handle: string
  quantity?: number
  price?: string
  usd?: string
  vendor?: string
}

/** Writes an export with a product a line. */
async function aFile(lines: Line[], database = directory): Promise<string> {
  const file = path.join(database, `${crypto.randomUUID()}.csv`)
  const rows = lines.map(
    ({ handle, quantity = 5, price = '20.00', usd = '22.00', vendor = 'Importer' }) =>
      `${handle},${handle} title,${vendor},imported,${handle}-sku,shopify,${quantity},${price},${usd}`,
  )
  await writeFile(file, [HEADER, ...rows].join('\n'))
  return file
}

const importFile = async (lines: Line[], options: Partial<ImportOptions> = {}) =>
  importProducts(shop.deps, await aFile(lines), { currency: 'EUR', currencies: ['EUR', 'USD'], ...options })

const some = (prefix: string, count: number, rest: Omit<Line, 'handle'> = {}): Line[] =>
  Array.from({ length: count }, (_, i) => ({ handle: `${prefix}-${i}`, ...rest }))

const onHand = async (handle: string): Promise<number | undefined> =>
  (await shop.get(`/v1/products/${handle}`)).body.variants?.[0].quantity_available

/** Reserves stock of a product's only variant, as a payment does. */
const reserve = (handle: string, quantity: number) =>
  shop.db.run(sql`
    INSERT INTO stock_reservations (id, payment_id, variant_id, location_id, quantity, status, created_at)
    SELECT ${`res_${handle}`}, ${`pay_${handle}`}, v.id, 'loc_default', ${quantity}, 'open', 0
    FROM variants v JOIN products p ON p.id = v.product_id WHERE p.handle = ${handle}`)

describe('importing again', () => {
  test('keeps the stock of what is there, gives new variants theirs, and changes all else', async () => {
    await importFile([{ handle: 'again', quantity: 5 }])
    await shop.db.run(sql`
      INSERT INTO stock_movements (id, variant_id, location_id, quantity, reason, created_at)
      SELECT 'mov_sold', v.id, 'loc_default', -2, 'sale', 0 FROM variants v JOIN products p ON p.id = v.product_id WHERE p.handle = 'again'`)
    const result = await importFile([
      { handle: 'again', quantity: 5, price: '21.00' },
      { handle: 'fresh', quantity: 7 },
    ])
    expect(result).toMatchObject({ created: 1, updated: 1, errors: [], refused: [] })
    expect([await onHand('again'), await onHand('fresh')]).toEqual([3, 7])
    expect((await shop.get('/v1/products/again')).body.price_range.min.amount).toBe(2100)
  })

  test('sets the stock when told to', async () => {
    await importFile([{ handle: 'recount', quantity: 5 }])
    await importFile([{ handle: 'recount', quantity: 9 }], { setStock: true })
    expect(await onHand('recount')).toBe(9)
  })

  test('a dry run counts what a run then does, and writes nothing', async () => {
    await importFile(some('dry', 60))
    const lines = [...some('dry', 60, { vendor: 'Changed' }), ...some('wet', 70)]
    const dry = await importFile(lines, { dryRun: true })
    expect((await shop.get('/v1/products?vendor=Changed')).body.data).toEqual([])
    expect(dry).toMatchObject({ products: 130, created: 70, updated: 60 })
    expect(await importFile(lines)).toEqual(dry)
  })
})

describe('a product that the shop refuses', () => {
  test('is left as it was and named by line and reason; all others are written, and collections fit them', async () => {
    await loadShop(shop.deps, {
      ...SHOP,
      collections: [
        {
          handle: 'chosen',
          title: 'Chosen',
          description_html: '',
          image_url: null,
          kind: 'rules',
          rules: { match: 'all', conditions: [{ field: 'vendor', relation: 'equals', value: 'Chosen' }] },
        },
      ],
    })
    await importFile([{ handle: 'held-3', quantity: 5 }])
    await reserve('held-3', 4)
    const lines = some('held', 120, { vendor: 'Chosen', quantity: 3 })
    const result = await importFile(lines, { setStock: true })
    expect(result).toMatchObject({ products: 120, created: 119, updated: 0, errors: [] })
    expect(result.refused).toEqual([
      {
        kind: 'error',
        line: 5,
        column: 'Variant Inventory Qty',
        reason: 'Less was counted than is reserved: held-3: 3 counted, 4 reserved.',
        handle: 'held-3',
      },
    ])
    expect((await shop.get('/v1/products/held-3')).body.vendor).toBe('Importer')
    const { facets } = (await shop.get('/v1/products?collection=chosen&facets=true')).body
    expect(facets.counted).toBe(119)
  })

  test('collections fit what was written also when the import is cut off, and the failure says how far it came', async () => {
    let batches = 0
    const failing = new Proxy(shop.deps.db, {
      get: (target, name) =>
        name === 'batch'
          ? (list: Parameters<typeof target.batch>[0]) => {
              batches += 1
              return batches === 4 ? Promise.reject(new Error('the disk is full')) : target.batch(list)
            }
          : Reflect.get(target, name),
    })
    const file = await aFile(some('cut', 120, { vendor: 'Chosen' }))
    const deps = { ...shop.deps, db: failing }
    await expect(importProducts(deps, file, { currency: 'EUR', currencies: ['EUR'] })).rejects.toThrow(
      /^The import stopped: the disk is full\. 50 products were written before/,
    )
    const { facets } = (await shop.get('/v1/products?collection=chosen&facets=true')).body
    expect(facets.counted).toBe(119 + 50)
  })
})

test('variants without a price in a currency of the shop are counted, with their products', async () => {
  const result = await importFile([...some('priced', 3), ...some('unpriced', 2, { usd: '' })])
  expect(result.errors).toEqual([])
  expect([...result.unpriced]).toEqual([
    ['USD', { variants: 2, handles: new Set(['unpriced-0', 'unpriced-1']) }],
  ])
})

describe('the command', () => {
  /** Runs it on a database of its own, set up unless told otherwise. */
  async function run(args: string[], { setUp = true } = {}) {
    const url = `file:${path.join(directory, `${setUp ? 'shop' : 'empty'}.db`)}`
    const client = await openLibsql(url)
    if (setUp) {
      await migrateLibsql(client)
      await loadShop({ ...shop.deps, db: libsqlDb(client) }, SHOP)
    }
    client.close()
    return new Promise<{ code: number; out: string; err: string }>(resolve => {
      execFile(
        process.execPath,
        [path.join(ROOT, 'scripts/import.ts'), ...args],
        { cwd: ROOT, env: { ...process.env, DATABASE_URL: url } },
        (error, out, err) => resolve({ code: error ? Number(error.code) : 0, out, err }),
      )
    })
  }

  test('says in a sentence why a file cannot be read', async () => {
    const missing = path.join(directory, 'no-such.csv')
    expect(await run([missing])).toEqual({ code: 1, out: '', err: `There is no file "${missing}".\n` })
    await mkdir(path.join(directory, 'folder.csv'))
    const folder = path.join(directory, 'folder.csv')
    expect(await run([folder])).toMatchObject({
      code: 1,
      err: `"${folder}" is not a file. Name the CSV file to import.\n`,
    })
  })

  test('on a libSQL database without a shop names what sets one up there', async () => {
    const result = await run([await aFile(some('early', 1))], { setUp: false })
    expect([result.code, result.out]).toEqual([1, ''])
    expect(result.err).toContain('`npm run shop:load -- examples/own-shop.json` with the same DATABASE_URL')
    expect(result.err).not.toContain('npm start')
  })

  test('prints the same figures for a dry run, and warns of missing prices in both', async () => {
    const file = await aFile([...some('cli', 2), { handle: 'cli-euro', usd: '' }])
    const dry = await run([file, '--dry-run'])
    const wet = await run([file])
    const figures = '3 good products with 3 variants and 0 pictures; 0 errors.\n'
    expect(dry.out).toBe(`${figures}Would be imported: 3 new, 0 updated.\nDry run: nothing was written.\n`)
    expect(wet.out).toBe(`${figures}Imported: 3 new, 0 updated.\n`)
    expect(dry.err).toBe(wet.err)
    expect(wet.err).toContain(
      'without a price in USD, hence not for sale in it: 1 variant of 1 product: cli-euro.',
    )
    const again = await run([file])
    expect(again.out).toContain('Imported: 0 new, 3 updated.\n')
    expect(again.out).toContain('keep their stock; --set-stock')
    expect([dry.code, wet.code, again.code]).toEqual([0, 0, 0])
  })

  test('imports nothing from a file with errors, and says so', async () => {
    const file = await aFile([{ handle: 'good' }, { handle: 'bad', price: 'x' }])
    for (const args of [[file], [file, '--dry-run']]) {
      const result = await run(args)
      expect([result.code, result.err.split('\n')[0]]).toEqual([
        1,
        `${file}:3: Variant Price: "x" is not a price; write digits and a point only, such as 19.99 (bad)`,
      ])
      expect(result.out).toContain('Nothing is imported.')
    }
    expect((await run([file, '--skip-invalid'])).out).toContain('Imported: 1 new, 0 updated.')
  })
})
