// Products in and out as CSV over HTTP: what an export has, that an import undoes nothing of it, and what is refused.

import { sql } from 'drizzle-orm'
import { beforeAll, describe, expect, test } from 'vitest'
import demo from '../../../examples/products.csv?raw'
import { selectStored, storedProduct } from '../../../src/features/products/stored.ts'
import { aProduct, aVariant } from '../../support/factories.ts'
import { openShop, type TestShop } from '../../support/shop.ts'
import { aDesk, type Desk } from '../../support/staff.ts'

const IMPORTS = '/v1/admin/imports'
const EXPORT = '/v1/admin/products/export'
let shop: TestShop
let desk: Desk
beforeAll(async () => {
  shop = await openShop()
  desk = await aDesk(shop)
})

const send = (csv: string, query = '') => desk.post(`${IMPORTS}${query}`, csv, { 'Content-Type': 'text/csv' })
/** Every product, whole. */
const contents = async () =>
  (await selectStored(shop.db, sql`true`, sql`ORDER BY p.id`)).map(row => storedProduct(row))
const withoutTimes = (products: Awaited<ReturnType<typeof contents>>) =>
  products.map(({ updated_at: _, ...product }) => product)

const HEADER =
  'Handle,Title,Option1 Name,Option1 Value,Variant Price,Variant Inventory Tracker,Variant Inventory Qty,Tags'

describe('an export', () => {
  test('of the demo shop and of what staff made, imported again, changes nothing but the time', async () => {
    expect((await send(demo)).status).toBe(200)
    const made = await desk.post('/v1/admin/products', {
      title: '=HYPERLINK("https://evil.example","x")',
      handle: 'formula',
      status: 'draft',
      vendor: "'+49 Vendor",
      description_html: '- one, "two"\r\n<p>three</p>',
      tags: ['@tag', 'b'],
      options: [{ name: '-Size' }, { name: '1' }],
      images: [{ url: '/images/a.svg', alt: '=alt  text' }, { url: 'https://cdn.example/b.jpg' }],
      variants: [
        {
          options: { '-Size': '+M', 1: 'b' },
          sku: '=SKU',
          prices: [
            { currency: 'EUR', amount: 0 },
            { currency: 'JPY', amount: 1200, compare_at_amount: 1500 },
          ],
          quantity: 5,
          image_url: '/images/a.svg',
          tax_class: 'reduced',
        },
        {
          options: { '-Size': 'L', 1: 'a' },
          prices: [{ currency: 'EUR', amount: 5 }],
          tracks_inventory: false,
        },
      ],
      seo: { title: '+title', description: 'two  spaces' },
      metadata: { care: '=wash', google_product_category: 'A > B' },
    })
    expect(made.status, made.text).toBe(201)
    await desk.write('PATCH', `/v1/admin/products/${made.body.id}`, { status: 'archived' })

    const before = await contents()
    const file = await desk.get(EXPORT)
    expect(file.status).toBe(200)
    expect(file.headers.get('Content-Type')).toBe('text/csv; charset=utf-8')
    expect(file.text.split('\n').some(line => /(^|,)"?[=+@]/.test(line))).toBe(false)
    const answer = await send(file.text)
    expect(answer.status, answer.text).toBe(200)
    expect(answer.body).toMatchObject({
      products: before.length,
      created: 0,
      updated: before.length,
      problems: [],
    })
    const after = await contents()
    // JSON of metadata keeps the order of its keys, so one product may have been written anew with the same content.
    expect(withoutTimes(after).map(({ version: _, ...product }) => product)).toEqual(
      withoutTimes(before).map(({ version: _, ...product }) => product),
    )
    const again = await desk.get(EXPORT)
    expect(again.text).toBe(file.text)
    await send(again.text)
    expect(await contents()).toEqual(after)
  })

  test('has more products than one page reads, each once, in the order in which they were made', async () => {
    const rows = Array.from({ length: 450 }, (_, i) => `many-${i},Many ${i},,,1.00,,,`)
    expect((await send([HEADER, ...rows].join('\n'))).body).toMatchObject({ created: 450, problem_count: 0 })
    const text = (await desk.get(EXPORT)).text
    const handles = text.split('\n').flatMap(line => /^(many-\d+),/.exec(line)?.[1] ?? [])
    expect(handles).toEqual(Array.from({ length: 450 }, (_, i) => `many-${i}`))
  })

  test('needs the right to see products', async () => {
    expect((await shop.get(EXPORT)).status).toBe(401)
    expect((await (await aDesk(shop, 'viewer')).get(EXPORT)).status).toBe(200)
  })
})

describe('an import', () => {
  test('creates and updates by handle, and buyers and rule collections see it at once', async () => {
    const tag = crypto.randomUUID()
    const rules = { match: 'all', conditions: [{ field: 'tag', relation: 'equals', value: tag }] }
    const collection = await desk.post('/v1/admin/collections', { title: tag, rules })
    const first = await send(`${HEADER}\nmug,Mug,Size,S,9.50,shopify,3,${tag}\nmug,,,L,12,shopify,4,\n`)
    expect(first.body).toEqual({
      dry_run: false,
      products: 1,
      variants: 2,
      created: 1,
      updated: 0,
      problems: [],
      problem_count: 0,
    })
    const { body } = await shop.get('/v1/products/mug')
    expect(body.variants).toMatchObject([
      { title: 'S', price: { amount: 950, currency: 'EUR' }, quantity_available: 3 },
      { title: 'L', price: { amount: 1200 } },
    ])
    expect((await shop.get(`/v1/products?collection=${collection.body.id}`)).body.data).toHaveLength(1)
    const second = await send(`${HEADER}\nmug,Mug,Size,S,9.50,shopify,3,other\n`)
    expect(second.body).toMatchObject({ created: 0, updated: 1 })
    expect((await shop.get(`/v1/products?collection=${collection.body.id}`)).body.data).toHaveLength(0)
    const [audit] = await shop.db.all<{ actor: string }>(
      sql`SELECT actor FROM audit_log WHERE action = 'products.written' ORDER BY id DESC LIMIT 1`,
    )
    expect(audit?.actor).toBe(desk.person.id)
  })

  const BAD = `${HEADER}\nok-1,Good,,,1.00,,,\nbad-1,Bad,,,x,,,\nbad-2,,,,1.00,,,\n`

  test('of a file with bad rows imports nothing, and names each by line and column', async () => {
    const before = await contents()
    const answer = await send(BAD)
    expect([answer.status, answer.body.code, answer.body.problem_count]).toEqual([422, 'import_invalid', 2])
    expect(answer.body.problems).toEqual([
      {
        line: 3,
        column: 'Variant Price',
        reason: expect.stringContaining('is not a price'),
        handle: 'bad-1',
      },
      { line: 4, column: 'Title', reason: expect.stringContaining('title is missing'), handle: 'bad-2' },
    ])
    expect(await contents()).toEqual(before)
  })

  test('leaves bad products out when it is told so', async () => {
    const answer = await send(BAD, '?skip_invalid=true')
    expect(answer.body).toMatchObject({ products: 1, created: 1, problem_count: 2 })
    expect((await shop.get('/v1/products/ok-1')).status).toBe(200)
  })

  test('as a dry run says the same and writes nothing', async () => {
    const before = await contents()
    const answer = await send(BAD.replace('ok-1', 'ok-2'), '?dry_run=true')
    expect(answer.status).toBe(200)
    expect(answer.body).toMatchObject({ dry_run: true, products: 1, created: 0, problem_count: 2 })
    expect(await contents()).toEqual(before)
  })

  test.each<[string, string, number, string]>([
    ['', 'text/csv', 422, 'import_invalid'],
    ['not,a,product,file', 'text/csv', 422, 'import_invalid'],
    ['Handle,Title,Variant Price\na,"open', 'text/csv', 422, 'import_invalid'],
    ['\u0000\u0001', 'text/csv', 422, 'import_invalid'],
    ['Handle', 'application/json', 415, 'unsupported_media_type'],
    ['Handle', 'text/plain', 415, 'unsupported_media_type'],
  ])('of %j as %s is refused', async (csv, type, status, code) => {
    const answer = await desk.post(IMPORTS, csv, { 'Content-Type': type })
    expect([answer.status, answer.body.code]).toEqual([status, code])
  })

  test('may have 4 MiB and not a byte more', async () => {
    const line = `big,Big,,,1.00,,,"${'x'.repeat(90)}"\n`
    const file = `${HEADER}\n${line.padEnd(4 * 1024 * 1024 - HEADER.length - 1, '\n')}`
    expect((await send(file)).status).toBe(200)
    expect((await send(`${file}\n`)).body.code).toBe('body_too_large')
  })

  test('takes two calls for each 50 products, and four more', async () => {
    const rows = Array.from({ length: 120 }, (_, i) => `calls-${i},Calls,,,1.00,,,`)
    // The right, the settings; twice three units; the ids and the rule collections.
    expect(await shop.countCalls(() => send([HEADER, ...rows].join('\n')))).toBe(2 + 6 + 2)
  })

  test('of less stock than checkouts hold is refused, as everywhere', async () => {
    const { handle, variantIds } = await shop.addProduct(aProduct({ variants: [aVariant({ quantity: 3 })] }))
    await shop.db.run(sql`INSERT INTO stock_reservations (id, payment_id, variant_id, location_id, quantity, status, created_at)
      VALUES ('res_held', 'pay_held', ${variantIds[0]}, 'loc_default', 2, 'open', 0)`)
    const answer = await send(`${HEADER}\n${handle},Held,,,1.00,shopify,1,\n`, '?set_stock=true')
    expect([answer.status, answer.body.code]).toEqual([409, 'stock_count_below_reserved'])
    await shop.db.run(
      sql`UPDATE stock_reservations SET status = 'released', ended_at = 1 WHERE id = 'res_held'`,
    )
  })
})
