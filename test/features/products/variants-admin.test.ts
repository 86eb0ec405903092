// Single variants as staff add, change and remove them, under their product's version; and many prices at once.

import { sql } from 'drizzle-orm'
import { beforeAll, describe, expect, test } from 'vitest'
import { aVariant } from '../../support/factories.ts'
import { aFlakyDb, fine, precededBy } from '../../support/flaky-db.ts'
import { openShop, type TestShop, withKey } from '../../support/shop.ts'
import { aDesk, type Desk, eventsOf, lastAudit } from '../../support/staff.ts'

const BULK = '/v1/admin/prices/bulk'
let shop: TestShop
let desk: Desk
beforeAll(async () => {
  shop = await openShop()
  desk = await aDesk(shop)
})

const eur = (amount: number, compare_at_amount?: number | null) => ({
  currency: 'EUR',
  amount,
  ...(compare_at_amount === undefined ? {} : { compare_at_amount }),
})
/** A product with sizes M and L. */
async function twoSizes(skus: [string, string] = [crypto.randomUUID(), crypto.randomUUID()]) {
  const product = await shop.addProduct({
    options: [{ name: 'Size', values: ['M', 'L'] }],
    variants: ['M', 'L'].map((Size, i) => aVariant({ title: Size, options: { Size }, sku: skus[i] ?? null })),
  })
  const [medium = '', large = ''] = product.variantIds
  return { ...product, medium, large, skus, path: `/v1/admin/products/${product.id}` }
}
const variantPath = (id: string) => `/v1/admin/variants/${id}`

describe('a variant', () => {
  test('is added as the last, with its own stock, and is for sale at once', async () => {
    const product = await twoSizes()
    const input = { options: { Size: 'XL' }, prices: [eur(2500)], quantity: 4, barcode: '4006381333931' }
    const tag = await desk.etag(product.path)
    const answer = await desk.write('POST', `${product.path}/variants`, input, tag)
    expect(answer.status, answer.text).toBe(201)
    expect(answer.body).toMatchObject({
      product_id: product.id,
      title: 'XL',
      stock: { on_hand: 4, reserved: 0 },
      prices: [{ currency: 'EUR', amount: 2500, compare_at_amount: null }],
    })
    expect(answer.headers.get('Location')).toBe(variantPath(answer.body.id))
    const read = await desk.get(variantPath(answer.body.id))
    expect(read.body).toEqual(answer.body)
    expect(read.headers.get('ETag')).toBe(answer.headers.get('ETag'))
    const shown = (await shop.get(`/v1/products/${product.handle}`)).body
    expect(shown.options).toEqual([{ name: 'Size', values: ['M', 'L', 'XL'] }])
    expect(shown.variants.at(-1)).toMatchObject({ id: answer.body.id, quantity_available: 4 })
    // The same request again finds another version: nothing is added twice.
    expect((await desk.write('POST', `${product.path}/variants`, input, tag)).status).toBe(412)
  })

  test('is changed in what is given, and the ETag of one variant serves for the next', async () => {
    const product = await twoSizes()
    const before = (await desk.get(variantPath(product.medium))).body
    const first = await desk.write('PATCH', variantPath(product.medium), { prices: [eur(1500, 2000)] })
    expect(first.status, first.text).toBe(200)
    expect(first.body).toEqual({
      ...before,
      prices: [{ currency: 'EUR', amount: 1500, compare_at_amount: 2000 }],
    })
    const second = await desk.write(
      'PATCH',
      variantPath(product.large),
      { sku: null, weight_grams: 1 },
      first.headers.get('ETag'),
    )
    expect(second.body).toMatchObject({ sku: null, weight_grams: 1, title: 'L' })
    const shown = (await shop.get(`/v1/products/${product.handle}`)).body
    expect(shown.price_range).toMatchObject({ min: { amount: 1500 }, max: { amount: 2000 } })
    expect((await shop.get(`/v1/products/${product.handle}?currency=USD`)).body.variants).toHaveLength(1)
    expect((await lastAudit(shop, product.id))?.changes).toMatchObject({
      [product.large]: [{ weight_grams: 500 }, { weight_grams: 1 }],
    })
  })

  test('is removed, but never the last', async () => {
    const product = await twoSizes()
    expect((await desk.write('DELETE', variantPath(product.medium))).status).toBe(204)
    expect((await shop.get(`/v1/products/${product.handle}`)).body.options[0].values).toEqual(['L'])
    expect((await lastAudit(shop, product.id))?.changes).toHaveProperty(product.medium)
    const last = await desk.write('DELETE', variantPath(product.large))
    expect([last.status, last.body.code]).toEqual([409, 'last_variant'])
  })

  test.each<[string, Record<string, unknown>, string, string]>([
    ['options that another has', { options: { Size: 'L' } }, '/options', 'duplicate'],
    ['no value for an option', { options: {} }, '/options/Size', 'required'],
    ['no price', { prices: [] }, '/prices', 'too_small'],
    [
      'a currency that does not exist',
      { prices: [{ currency: 'ABC', amount: 1 }] },
      '/prices/0/currency',
      'currency_unknown',
    ],
    ['a negative price', { prices: [eur(-1)] }, '/prices/0/amount', 'too_small'],
    ['stock', { quantity: 5 }, '/quantity', 'unknown_field'],
    [
      'a picture that its product does not have',
      { image_url: '/images/x.svg' },
      '/image_url',
      'not_in_images',
    ],
  ])('with %s is refused at its place and stays as it is', async (_what, input, pointer, code) => {
    const product = await twoSizes()
    const before = await desk.get(product.path)
    const answer = await desk.write('PATCH', variantPath(product.medium), input)
    expect(answer.status, answer.text).toBe(422)
    expect(answer.body.errors).toContainEqual(expect.objectContaining({ pointer, code }))
    expect((await desk.get(product.path)).text).toBe(before.text)
  })

  test('needs the version of its product: 428 without, 412 with an older one', async () => {
    const product = await twoSizes()
    const old = await desk.etag(product.path)
    await desk.write('PATCH', product.path, { vendor: 'New' })
    for (const [method, path, body] of [
      ['POST', `${product.path}/variants`, { options: { Size: 'S' }, prices: [eur(1)] }],
      ['PATCH', variantPath(product.medium), { sku: 'x' }],
      ['DELETE', variantPath(product.medium), undefined],
    ] as const) {
      expect((await desk.write(method, path, body, null)).status).toBe(428)
      expect((await desk.write(method, path, body, old)).status).toBe(412)
      expect((await desk.write(method, path.replace(/(var|prod)_\w+/, '$1_missing'), body, old)).status).toBe(
        404,
      )
    }
  })

  test('costs one call to read and two to write, beside the check of the right', async () => {
    const product = await twoSizes()
    const tag = await desk.etag(product.path)
    expect(await shop.countCalls(() => desk.get(variantPath(product.medium)))).toBe(2)
    expect(
      await shop.countCalls(() => desk.write('PATCH', variantPath(product.medium), { sku: 'n' }, tag)),
    ).toBe(3)
  })
})

describe('prices in bulk', () => {
  test('are set by id and by SKU, all at once, and products get new versions where one differs', async () => {
    const [one, two] = [await twoSizes(), await twoSizes()]
    const tags = [await desk.etag(one.path), await desk.etag(two.path)]
    const answer = await desk.post(BULK, {
      rows: [
        { variant_id: one.medium, ...eur(1111, 1999) },
        { sku: one.skus[1], currency: 'CHF', amount: 1212 },
        { sku: two.skus[0], ...eur(2000) },
      ],
    })
    expect(answer.status, answer.text).toBe(200)
    expect(answer.body).toEqual({ changed: 2, unchanged: 1, product_ids: [one.id] })
    expect((await desk.get(variantPath(one.medium))).body.prices[0]).toEqual({
      currency: 'EUR',
      amount: 1111,
      compare_at_amount: 1999,
    })
    expect((await shop.get(`/v1/products/${one.handle}`)).body.price_range.min.amount).toBe(1111)
    expect((await desk.write('PATCH', one.path, { vendor: 'x' }, tags[0])).status).toBe(412)
    expect(await desk.etag(two.path)).toBe(tags[1])
    expect(await eventsOf(shop, one.id)).toEqual([{ type: 'product.updated', data: { version: 2 } }])
    expect((await lastAudit(shop, 'prices'))?.changes).toEqual({
      [`${one.medium} EUR`]: [2000, [1111, 1999]],
      [`${one.large} CHF`]: [null, 1212],
    })
    // A former price stays until null takes it away.
    await desk.post(BULK, { rows: [{ variant_id: one.medium, ...eur(1000) }] })
    expect((await desk.get(variantPath(one.medium))).body.prices[0].compare_at_amount).toBe(1999)
    await desk.post(BULK, { rows: [{ variant_id: one.medium, ...eur(1000, null) }] })
    expect((await desk.get(variantPath(one.medium))).body.prices[0].compare_at_amount).toBe(null)
  })

  test('with bad rows change nothing, and every bad row is named', async () => {
    const product = await twoSizes()
    const twin = await twoSizes(['twin', 'twin'])
    const before = [await desk.get(product.path), await desk.get(twin.path)]
    const good = { variant_id: product.medium, ...eur(1) }
    const rows = [
      good,
      { variant_id: 'var_none', ...eur(1) },
      { sku: 'no-such-sku', ...eur(1) },
      { sku: 'twin', ...eur(1) },
      { ...good, currency: 'ZZZ' },
      { sku: product.skus[0], ...eur(2) },
      { ...good, sku: 'both' },
      eur(1),
    ]
    const answer = await desk.post(BULK, { rows })
    expect(answer.status, answer.text).toBe(422)
    expect(
      answer.body.errors.map(({ pointer, code }: { pointer: string; code: string }) => [pointer, code]),
    ).toEqual([
      ['/rows/1/variant_id', 'not_found'],
      ['/rows/2/sku', 'not_found'],
      ['/rows/3/sku', 'ambiguous'],
      ['/rows/4/currency', 'currency_unknown'],
      ['/rows/5', 'duplicate'],
      ['/rows/6', 'one_of'],
      ['/rows/7', 'one_of'],
    ])
    expect([await desk.get(product.path), await desk.get(twin.path)].map(({ text }) => text)).toEqual(
      before.map(({ text }) => text),
    )
  })

  test('repeated with the same key change nothing more, and answer the same', async () => {
    const product = await twoSizes()
    const key = withKey()
    const body = { rows: [{ variant_id: product.medium, ...eur(777) }] }
    const first = await desk.post(BULK, body, key)
    const tag = await desk.etag(product.path)
    await desk.write('PATCH', product.path, { vendor: 'later' }, tag)
    const again = await desk.post(BULK, body, key)
    expect([again.text, again.headers.get('Idempotent-Replayed')]).toEqual([first.text, 'true'])
    expect(Number((await desk.etag(product.path)).slice(1).split('.')[0])).toBe(3)
  })

  test('take 1,000 rows and no more, in two calls beside the check of the right', async () => {
    const sizes = Array.from({ length: 1000 }, (_, i) => `s${i}`)
    const product = await shop.addProduct({
      options: [{ name: 'Size', values: sizes }],
      variants: sizes.map(Size => aVariant({ title: Size, options: { Size } })),
    })
    const rows = product.variantIds.map((variant_id, i) => ({ variant_id, ...eur(5000 + i) }))
    expect(
      await shop.countCalls(async () => {
        const answer = await desk.post(BULK, { rows })
        expect(answer.body).toMatchObject({ changed: 1000, unchanged: 0, product_ids: [product.id] })
      }),
    ).toBe(3)
    expect((await shop.get(`/v1/products/${product.handle}`)).body.price_range).toMatchObject({
      min: { amount: 5000 },
      max: { amount: 5999 },
    })
    const tooMany = await desk.post(BULK, { rows: [...rows, { variant_id: 'x', ...eur(1) }] })
    expect(tooMany.body.errors[0]).toMatchObject({ pointer: '/rows', code: 'too_big' })
  })

  test('put a product into the collections by price that it now fits, and out of others', async () => {
    const product = await twoSizes()
    await shop.db.run(sql`INSERT INTO collections (id, handle, title, kind, rules, created_at, updated_at)
      VALUES ('col_cheap', 'cheap', 'Cheap', 'rules',
        '{"match":"all","conditions":[{"field":"price","relation":"less_than","value":"100"}]}', 0, 0)`)
    const members = async () =>
      (await shop.get('/v1/products?collection=cheap')).body.data.map(({ id }: { id: string }) => id)
    await desk.post(BULK, { rows: [{ variant_id: product.medium, ...eur(99) }] })
    expect(await members()).toEqual([product.id])
    await desk.post(BULK, { rows: [{ variant_id: product.medium, ...eur(100) }] })
    expect(await members()).toEqual([])
  })

  test('that meet another change of a product are applied to what is there then, each change with its version', async () => {
    const product = await twoSizes()
    const flaky = aFlakyDb(shop.db)
    const racing = await openShop({ deps: { db: flaky.db }, file: null })
    flaky.next(
      fine,
      precededBy(() => desk.write('PATCH', product.path, { vendor: 'Raced' })),
    )
    const rows = [{ variant_id: product.medium, ...eur(3000) }]
    const answer = await racing.post(BULK, { rows }, desk.person.auth)
    expect(answer.status, answer.text).toBe(200)
    const after = (await desk.get(product.path)).body
    expect([after.vendor, after.variants[0].prices[0].amount]).toEqual(['Raced', 3000])
    expect((await eventsOf(shop, product.id)).map(({ data }) => data.version).toSorted()).toEqual([2, 3])
    expect(await desk.etag(product.path)).toMatch(/^"3\./)
  })
})
