// Products as staff create, change and delete them, what each refusal leaves, and what buyers see of it.

import { sql } from 'drizzle-orm'
import { beforeAll, describe, expect, test } from 'vitest'
import { aReadyCheckout, complete, orderOf, stockOf } from '../../support/buying.ts'
import { aFlakyDb, precededBy } from '../../support/flaky-db.ts'
import { type Answer, openShop, type TestShop, withKey } from '../../support/shop.ts'
import { aDesk, type Desk, eventsOf, lastAudit } from '../../support/staff.ts'

const PATH = '/v1/admin/products'
let shop: TestShop
let desk: Desk
beforeAll(async () => {
  shop = await openShop()
  desk = await aDesk(shop)
})

let counter = 0
const price = (amount: number, compare_at_amount?: number) => ({ currency: 'EUR', amount, compare_at_amount })
/** A shirt in two sizes, the first on sale and in stock. */
const aShirt = (input: Record<string, unknown> = {}) => {
  counter += 1
  return {
    title: `Shirt ${counter}`,
    status: 'active',
    vendor: 'Northfield',
    tags: ['Linen', 'linen', 'summer'],
    description_html: '<p onclick="x()">Loose.</p><script>alert(1)</script>',
    options: [{ name: 'Size' }],
    images: [{ url: '/images/a.svg', alt: 'Front' }, { url: 'https://cdn.example/b.jpg' }],
    variants: [
      {
        options: { Size: 'M' },
        sku: `S-${counter}-M`,
        prices: [price(2000, 2500)],
        quantity: 3,
        image_url: '/images/a.svg',
      },
      {
        options: { Size: 'L' },
        prices: [price(2200), { currency: 'USD', amount: 2400 }],
        tracks_inventory: false,
      },
    ],
    seo: { title: 'A shirt', description: null },
    metadata: { care: 'Wash at 40 °C' },
    ...input,
  }
}
async function aStoredShirt(input: Record<string, unknown> = {}): Promise<Answer['body']> {
  const answer = await desk.post(PATH, aShirt(input))
  expect(answer.status, answer.text).toBe(201)
  return answer.body
}
const at = (product: { id: string }) => `${PATH}/${product.id}`
const rowCounts = async () =>
  JSON.stringify(
    await shop.db.all(sql`SELECT (SELECT count(*) FROM products) AS p, (SELECT count(*) FROM variants) AS v,
      (SELECT count(*) FROM prices) AS pr, (SELECT sum(version) FROM products) AS versions,
      (SELECT count(*) FROM audit_log) AS a, (SELECT count(*) FROM outbox_events) AS e`),
  )

describe('creating', () => {
  test('a product stores all of it, and buyers see it at once', async () => {
    const input = aShirt()
    const answer = await desk.post(PATH, input)
    expect(answer.status, answer.text).toBe(201)
    const { body } = answer
    expect(answer.headers.get('Location')).toBe(at(body))
    expect(body).toMatchObject({
      handle: `shirt-${counter}`,
      status: 'active',
      tags: ['Linen', 'summer'],
      description_html: '<p>Loose.</p>',
      options: [{ name: 'Size', values: ['M', 'L'] }],
      images: [
        { url: '/images/a.svg', alt: 'Front' },
        { url: 'https://cdn.example/b.jpg', alt: '' },
      ],
      seo: { title: 'A shirt', description: null },
    })
    expect(body.variants).toMatchObject([
      { title: 'M', options: { Size: 'M' }, stock: { on_hand: 3, reserved: 0 }, tax_class: 'standard' },
      {
        title: 'L',
        stock: null,
        prices: [{ currency: 'EUR' }, { currency: 'USD', compare_at_amount: null }],
      },
    ])
    const read = await desk.get(at(body))
    expect(read.body).toEqual(body)
    expect(read.headers.get('ETag')).toBe(answer.headers.get('ETag'))

    const shown = (await shop.get(`/v1/products/${body.handle}`)).body
    expect(shown.variants[0]).toMatchObject({
      price: { amount: 2000 },
      compare_at_price: { amount: 2500 },
      quantity_available: 3,
      image_url: 'https://shop.example/images/a.svg',
    })
    expect((await shop.get('/v1/products?q=shrit&vendor=Northfield')).body.data).toContainEqual(shown)
    expect(await lastAudit(shop, body.id)).toMatchObject({ actor: desk.person.id, action: 'product.created' })
    expect(await eventsOf(shop, body.id)).toEqual([{ type: 'product.created', data: { version: 1 } }])
  })

  test('needs no more than a title and a price: a draft that nobody sees', async () => {
    const answer = await desk.post(PATH, { title: 'Plain Crème', variants: [{ prices: [price(100)] }] })
    expect(answer.body).toMatchObject({
      handle: 'plain-creme',
      status: 'draft',
      options: [],
      variants: [{ options: {}, stock: { on_hand: 0, reserved: 0 }, requires_shipping: true }],
    })
    expect((await shop.get('/v1/products/plain-creme')).status).toBe(404)
  })

  test('with one key makes one product, however often and however parallel it is sent', async () => {
    const key = withKey()
    const input = aShirt()
    const answers = await Promise.all(Array.from({ length: 8 }, () => desk.post(PATH, input, key)))
    expect(answers.map(answer => answer.status)).toEqual(Array(8).fill(201))
    expect(new Set(answers.map(answer => answer.text)).size).toBe(1)
    const other = await desk.post(PATH, { ...input, title: 'Other' }, key)
    expect(other.body.code).toBe('idempotency_key_reused')
  })

  test('refuses a handle that another product has', async () => {
    const { handle } = await aStoredShirt()
    const before = await rowCounts()
    const answer = await desk.post(PATH, aShirt({ handle }))
    expect([answer.status, answer.body.code]).toEqual([409, 'handle_taken'])
    expect(await rowCounts()).toBe(before)
  })

  const oneSize = { prices: [price(1)] }
  test.each<[string, Record<string, unknown>, string, string]>([
    ['no variants', { variants: [] }, '/variants', 'too_small'],
    ['a variant without its option', { variants: [oneSize] }, '/variants/0/options/Size', 'required'],
    [
      'an option that the product does not have',
      { options: [], variants: [{ ...oneSize, options: { Colour: 'x' } }] },
      '/variants/0/options/Colour',
      'unknown_option',
    ],
    [
      'two variants with the same options',
      { variants: ['M', 'L', 'M'].map(Size => ({ ...oneSize, options: { Size } })) },
      '/variants/2/options',
      'duplicate',
    ],
    [
      'two variants without options',
      { options: [], variants: [oneSize, oneSize] },
      '/variants/1/options',
      'duplicate',
    ],
    ['one option twice', { options: [{ name: 'Size' }, { name: 'Size' }] }, '/options/1/name', 'duplicate'],
    [
      'the option that means none',
      { options: [{ name: 'Title' }], variants: [{ ...oneSize, options: { Title: 'Default Title' } }] },
      '/options/0/name',
      'reserved',
    ],
    ['four options', { options: ['a', 'b', 'c', 'd'].map(name => ({ name })) }, '/options', 'too_big'],
    [
      'a currency that does not exist',
      { options: [], variants: [{ prices: [{ currency: 'XXX', amount: 1 }] }] },
      '/variants/0/prices/0/currency',
      'currency_unknown',
    ],
    [
      'two prices in one currency',
      { options: [], variants: [{ prices: [price(1), price(2)] }] },
      '/variants/0/prices/1/currency',
      'duplicate',
    ],
    [
      'a picture that is not the product’s',
      { options: [], variants: [{ ...oneSize, image_url: '/images/other.svg' }] },
      '/variants/0/image_url',
      'not_in_images',
    ],
    [
      'one picture twice',
      { images: [{ url: '/images/a.svg' }, { url: '/images/a.svg' }] },
      '/images/1/url',
      'duplicate',
    ],
    ['a picture by script', { images: [{ url: 'javascript:alert(1)' }] }, '/images/0/url', 'invalid_format'],
    [
      'a picture of another host by stealth',
      { images: [{ url: '//evil.example/a.png' }] },
      '/images/0/url',
      'invalid_format',
    ],
    ['a picture whose address is none', { images: [{ url: 'https://[x/a.png' }] }, '/images/0/url', 'custom'],
    [
      'stock of what is not counted',
      { options: [], variants: [{ ...oneSize, tracks_inventory: false, quantity: 3 }] },
      '/variants/0/quantity',
      'not_tracked',
    ],
    ['a tag with a comma', { tags: ['a, b'] }, '/tags/0', 'invalid_format'],
    [
      'a barcode that a spreadsheet spoilt',
      { options: [], variants: [{ ...oneSize, barcode: '4.0E+12' }] },
      '/variants/0/barcode',
      'invalid_format',
    ],
    ['a title without letters', { title: '!!!' }, '/handle', 'required'],
    [
      'fifty-one metadata',
      { metadata: Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`k${i}`, 'v'])) },
      '/metadata',
      'too_big',
    ],
    ['an id', { id: 'prod_1' }, '/id', 'unknown_field'],
    ['a version', { version: 9 }, '/version', 'unknown_field'],
  ])('refuses %s, at its place, and writes nothing', async (_what, input, pointer, code) => {
    const before = await rowCounts()
    const answer = await desk.post(PATH, aShirt(input))
    expect(answer.status, answer.text).toBe(422)
    expect(
      answer.body.errors.map((error: { pointer: string; code: string }) => [error.pointer, error.code]),
    ).toContainEqual([pointer, code])
    expect(await rowCounts()).toBe(before)
  })
})

describe('changing', () => {
  test('leaves what is not given, and says in the audit log what was before', async () => {
    const product = await aStoredShirt()
    const answer = await desk.write('PATCH', at(product), { title: 'Renamed', vendor: '', tags: ['new'] })
    expect(answer.status, answer.text).toBe(200)
    const changed = { title: 'Renamed', vendor: '', tags: ['new'] }
    expect(answer.body).toEqual({ ...product, ...changed, updated_at: answer.body.updated_at })
    expect((await desk.get(at(product))).body).toEqual(answer.body)
    expect((await shop.get(`/v1/products/${product.handle}`)).body).toMatchObject(changed)
    expect(await lastAudit(shop, product.id)).toMatchObject({
      action: 'product.updated',
      changes: {
        title: [product.title, 'Renamed'],
        vendor: ['Northfield', ''],
        tags: [['Linen', 'summer'], ['new']],
      },
    })
    expect((await eventsOf(shop, product.id)).at(-1)).toEqual({
      type: 'product.updated',
      data: { version: 2 },
    })
  })

  test('the variants keeps those that are named, changes, adds, removes and orders them', async () => {
    const product = await aStoredShirt()
    const [medium, large] = product.variants
    const answer = await desk.write('PATCH', at(product), {
      options: [{ name: 'Size' }, { name: 'Colour' }],
      variants: [
        { options: { Size: 'S', Colour: 'Red' }, prices: [price(1800)], quantity: 7 },
        { id: medium.id, options: { Size: 'M', Colour: 'Red' }, prices: [{ currency: 'USD', amount: 2100 }] },
      ],
    })
    expect(answer.status, answer.text).toBe(200)
    expect(answer.body.options).toEqual([
      { name: 'Size', values: ['S', 'M'] },
      { name: 'Colour', values: ['Red'] },
    ])
    expect(answer.body.variants).toMatchObject([
      { title: 'S / Red', stock: { on_hand: 7 } },
      {
        id: medium.id,
        title: 'M / Red',
        sku: medium.sku,
        prices: [{ currency: 'USD', amount: 2100 }],
        stock: { on_hand: 3 },
      },
    ])
    expect((await desk.get(`/v1/admin/variants/${large.id}`)).status).toBe(404)
    expect((await shop.get(`/v1/products/${product.handle}?currency=USD`)).body.variants).toHaveLength(1)
    expect((await shop.get(`/v1/products/${product.handle}`)).body.price_range.max.amount).toBe(1800)
  })

  test('lets two variants swap their options', async () => {
    const product = await aStoredShirt()
    const [medium, large] = product.variants
    const answer = await desk.write('PATCH', at(product), {
      variants: [
        { id: medium.id, options: { Size: 'L' } },
        { id: large.id, options: { Size: 'M' } },
      ],
    })
    expect(answer.status, answer.text).toBe(200)
    expect(answer.body.variants.map((variant: { options: unknown }) => variant.options)).toEqual([
      { Size: 'L' },
      { Size: 'M' },
    ])
    expect(answer.body.variants.map(({ id, title }: { id: string; title: string }) => [id, title])).toEqual([
      [medium.id, 'L'],
      [large.id, 'M'],
    ])
  })

  test('does not touch stock: what is counted goes on from where it was, also after a pause', async () => {
    const product = await aStoredShirt()
    const [medium] = product.variants
    const variant = `/v1/admin/variants/${medium.id}`
    await desk.write('PATCH', variant, { tracks_inventory: false })
    const answer = await desk.write('PATCH', variant, { tracks_inventory: true })
    expect(answer.body.stock).toEqual({ on_hand: 3, reserved: 0 })
    expect(await stockOf(shop, medium.id)).toMatchObject({ on_hand: 3 })
  })

  test.each<[string, (product: Answer['body']) => Record<string, unknown>, string, string]>([
    ['a variant of another product', () => ({ variants: [{ id: 'var_x' }] }), '/variants/0/id', 'not_found'],
    [
      'one variant twice',
      p => ({ variants: [{ id: p.variants[0].id }, { id: p.variants[0].id }] }),
      '/variants/1/id',
      'duplicate',
    ],
    [
      'stock of one that exists',
      p => ({ variants: [{ id: p.variants[0].id, quantity: 1 }] }),
      '/variants/0/quantity',
      'not_new',
    ],
    [
      'a new variant without price',
      () => ({ variants: [{ options: { Size: 'S' } }] }),
      '/variants/0/prices',
      'required',
    ],
    [
      'pictures without the one that a variant shows',
      () => ({ images: [] }),
      '/variants/0/image_url',
      'not_in_images',
    ],
    [
      'another option than the variants have',
      () => ({ options: [{ name: 'Cut' }] }),
      '/variants/0/options/Cut',
      'required',
    ],
    ['no title', () => ({ title: ' ' }), '/title', 'invalid_format'],
    ['a status that there is not', () => ({ status: 'gone' }), '/status', 'invalid_value'],
  ])('refuses %s, at its place, and changes nothing', async (_what, input, pointer, code) => {
    const product = await aStoredShirt()
    const before = await rowCounts()
    const answer = await desk.write('PATCH', at(product), input(product))
    expect(answer.status, answer.text).toBe(422)
    expect(
      answer.body.errors.map((error: { pointer: string; code: string }) => [error.pointer, error.code]),
    ).toContainEqual([pointer, code])
    expect(await rowCounts()).toBe(before)
    expect((await desk.get(at(product))).body).toEqual(product)
  })

  test('to a handle that another has is refused', async () => {
    const [one, two] = [await aStoredShirt(), await aStoredShirt()]
    const answer = await desk.write('PATCH', at(two), { handle: one.handle })
    expect([answer.status, answer.body.code]).toEqual([409, 'handle_taken'])
  })

  test('needs the newest version, and wins once of 20 in parallel', async () => {
    const product = await aStoredShirt()
    expect((await desk.write('PATCH', at(product), { title: 'x' }, null)).status).toBe(428)
    const tag = await desk.etag(at(product))
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => desk.write('PATCH', at(product), { title: `t${i}` }, tag)),
    )
    expect(answers.map(answer => answer.status).sort()).toEqual([200, ...Array(19).fill(412)])
    const winner = answers.find(answer => answer.status === 200)
    expect((await desk.get(at(product))).body).toEqual(winner?.body)
  })
})

test('a change that comes between the reading and the writing of another makes that one stale', async () => {
  const product = await aStoredShirt()
  const flaky = aFlakyDb(shop.db)
  const racing = await openShop({ deps: { db: flaky.db }, file: null })
  for (const [method, body] of [
    ['PATCH', { title: 'Late' }],
    ['DELETE', undefined],
  ] as const) {
    await desk.write('PATCH', at(product), { status: 'archived' })
    const headers = { ...desk.person.auth, 'If-Match': await desk.etag(at(product)) }
    flaky.next(precededBy(() => desk.write('PATCH', at(product), { vendor: `First ${method}` })))
    const answer = await racing.call(method, at(product), { headers, body })
    expect([answer.status, answer.body?.code]).toEqual([412, 'version_stale'])
    expect((await desk.get(at(product))).body).toMatchObject({
      title: product.title,
      vendor: `First ${method}`,
    })
  }
})

describe('deleting', () => {
  test('takes an archived product away for good, and leaves orders as they were', async () => {
    const product = await aStoredShirt()
    const order = await complete(shop, await aReadyCheckout(shop, product.variants[0].id))
    const before = await orderOf(shop, order)
    const early = await desk.write('DELETE', at(product))
    expect([early.status, early.body.code]).toEqual([409, 'product_not_archived'])

    await desk.write('PATCH', at(product), { status: 'archived' })
    expect((await shop.get(`/v1/products/${product.handle}`)).status).toBe(404)
    expect((await desk.write('DELETE', at(product), undefined, null)).status).toBe(428)
    const stale = await desk.etag(at(product))
    await desk.write('PATCH', at(product), { vendor: 'x' })
    expect((await desk.write('DELETE', at(product), undefined, stale)).status).toBe(412)
    expect((await desk.write('DELETE', at(product))).status).toBe(204)

    expect((await desk.get(at(product))).status).toBe(404)
    const left = await shop.db.all(sql`SELECT 1 FROM variants WHERE product_id = ${product.id}
      UNION ALL SELECT 1 FROM product_price_ranges WHERE product_id = ${product.id}
      UNION ALL SELECT 1 FROM product_tags WHERE product_id = ${product.id}
      UNION ALL SELECT 1 FROM product_images WHERE product_id = ${product.id}`)
    expect(left).toEqual([])
    expect((await orderOf(shop, order)).text).toBe(before.text)
    expect((await desk.get(`${PATH}?q=${product.variants[0].sku}`)).body.data).toEqual([])
    expect(await lastAudit(shop, product.id)).toMatchObject({ action: 'product.deleted' })
    expect((await eventsOf(shop, product.id)).at(-1)?.type).toBe('product.deleted')
  })
})

describe('database calls', () => {
  test('are one for a read and two for a write, beside the check of the right', async () => {
    const product = await aStoredShirt()
    const tag = await desk.etag(at(product))
    expect(await shop.countCalls(() => desk.get(at(product)))).toBe(2)
    expect(await shop.countCalls(() => desk.get(PATH))).toBe(2)
    expect(await shop.countCalls(() => desk.post(PATH, aShirt(), withKey()))).toBe(3)
    expect(
      await shop.countCalls(() => desk.write('PATCH', at(product), { title: 'x', status: 'archived' }, tag)),
    ).toBe(3)
    const archived = await desk.etag(at(product))
    expect(await shop.countCalls(() => desk.write('DELETE', at(product), undefined, archived))).toBe(3)
  })
})
