// One product: everything a shopper may see of it, and nothing of what is not on sale.

import { sql } from 'drizzle-orm'
import { beforeAll, describe, expect, test } from 'vitest'
import { loadShop } from '../../../src/features/imports/load-shop.ts'
import { sanitizeDescription } from '../../../src/features/products/sanitize.ts'
import { upsertProducts } from '../../../src/features/products/upsert.ts'
import { aProduct, aVariant, SHOP } from '../../support/factories.ts'
import { openShop, START, type TestShop } from '../../support/shop.ts'

let shop: TestShop
beforeAll(async () => {
  shop = await openShop()
})

const aManualCollection = (handle: string, products: string[]) => ({
  handle,
  title: `The ${handle}`,
  description_html: '',
  image_url: null,
  kind: 'manual' as const,
  products,
})

describe('a product', () => {
  test('is the same by id and by handle, and has all that was written', async () => {
    const input = aProduct({
      title: 'Linen “shirt” & Söhne',
      description_html: sanitizeDescription(
        '<p onclick="x()">Fine<script>alert(1)</script> <b>linen</b></p>',
      ),
      vendor: 'Northfield',
      product_type: 'Shirts',
      tags: ['linen', 'été', '"quoted"'],
      metadata: { care: 'Wash at 40 °C', 'odd "key"': '{}' },
      seo_title: 'Shirt | Shop',
      seo_description: 'A shirt.',
      options: [
        { name: 'Size', values: ['M', 'L'] },
        { name: 'Colour', values: ['White'] },
      ],
      images: [
        { url: '/images/b.svg', alt: 'Back' },
        { url: 'https://cdn.example/a.jpg?v=1', alt: '' },
      ],
      variants: [
        aVariant({
          title: 'M / White',
          options: { Size: 'M', Colour: 'White' },
          sku: 'SH-M',
          barcode: '4006381333931',
          weight_grams: 240,
          image_url: '/images/b.svg',
          prices: [{ currency: 'EUR', amount: 3900, compare_at_amount: 4500 }],
          quantity: 12,
        }),
        aVariant({
          title: 'L / White',
          options: { Size: 'L', Colour: 'White' },
          requires_shipping: false,
          taxable: false,
          image_url: 'https://cdn.example/a.jpg',
          prices: [{ currency: 'EUR', amount: 4100, compare_at_amount: null }],
          quantity: 0,
        }),
      ],
    })
    await upsertProducts(shop.deps, 'test', [input])
    await loadShop(shop.deps, {
      ...SHOP,
      collections: [aManualCollection('linens', [input.handle]), aManualCollection('empty', [])],
    })

    const answer = await shop.get(`/v1/products/${input.handle}`)
    expect(answer.status, answer.text).toBe(200)
    const { id, collections, variants, ...rest } = answer.body
    expect(id).toMatch(/^prod_[0-9A-HJKMNP-TV-Z]{26}$/)
    expect(rest).toEqual({
      handle: input.handle,
      title: 'Linen “shirt” & Söhne',
      description_html: '<p>Fine <b>linen</b></p>',
      vendor: 'Northfield',
      product_type: 'Shirts',
      tags: ['linen', 'été', '"quoted"'],
      options: input.options,
      images: [
        { url: 'https://shop.example/images/b.svg', alt: 'Back' },
        { url: 'https://cdn.example/a.jpg?v=1', alt: '' },
      ],
      price_range: { min: { amount: 3900, currency: 'EUR' }, max: { amount: 4100, currency: 'EUR' } },
      seo: { title: 'Shirt | Shop', description: 'A shirt.' },
      metadata: { care: 'Wash at 40 °C', 'odd "key"': '{}' },
      created_at: new Date(START).toISOString(),
      updated_at: new Date(START).toISOString(),
    })
    expect(collections).toEqual([
      { id: expect.stringMatching(/^col_/), handle: 'linens', title: 'The linens' },
    ])
    expect(variants).toEqual([
      {
        id: expect.stringMatching(/^var_/),
        sku: 'SH-M',
        barcode: '4006381333931',
        title: 'M / White',
        options: { Size: 'M', Colour: 'White' },
        price: { amount: 3900, currency: 'EUR' },
        compare_at_price: { amount: 4500, currency: 'EUR' },
        available: true,
        quantity_available: 12,
        weight_grams: 240,
        requires_shipping: true,
        taxable: true,
        image_url: 'https://shop.example/images/b.svg',
      },
      {
        id: expect.stringMatching(/^var_/),
        sku: null,
        barcode: null,
        title: 'L / White',
        options: { Size: 'L', Colour: 'White' },
        price: { amount: 4100, currency: 'EUR' },
        compare_at_price: null,
        available: false,
        quantity_available: 0,
        weight_grams: 500,
        requires_shipping: false,
        taxable: false,
        image_url: 'https://cdn.example/a.jpg',
      },
    ])

    expect((await shop.get(`/v1/products/${id}`)).text).toBe(answer.text)
    const list = await shop.get('/v1/products?vendor=Northfield')
    expect(list.body.data).toEqual([answer.body])
  })

  test('shows of each variant whether it can be bought, and how many where that is counted', async () => {
    const cases = {
      'in stock': aVariant({ quantity: 3 }),
      'sold out': aVariant({ quantity: 0 }),
      'to order': aVariant({ quantity: 0, inventory_policy: 'continue' }),
      'to order, some there': aVariant({ quantity: 2, inventory_policy: 'continue' }),
      'not counted': aVariant({ tracks_inventory: false, quantity: null }),
    }
    const { handle, variantIds } = await shop.addProduct({
      options: [{ name: 'Kind', values: Object.keys(cases) }],
      variants: Object.entries(cases).map(([Kind, variant]) => ({ ...variant, options: { Kind } })),
    })
    const shown = async () =>
      (await shop.get(`/v1/products/${handle}`)).body.variants.map(
        (variant: { available: boolean; quantity_available: number | null }) => [
          variant.available,
          variant.quantity_available,
        ],
      )
    expect(await shown()).toEqual([
      [true, 3],
      [false, 0],
      [true, null],
      [true, null],
      [true, null],
    ])
    // What a checkout that is being paid holds is not there for others.
    await shop.db.run(sql`
      INSERT INTO stock_reservations (id, payment_id, variant_id, location_id, quantity, status, created_at)
      VALUES ('res_held', 'pay_held', ${variantIds[0]}, 'loc_default', 3, 'open', 0)`)
    expect((await shown())[0]).toEqual([false, 0])
    await shop.db.run(
      sql`UPDATE stock_reservations SET status = 'released', ended_at = 1 WHERE id = 'res_held'`,
    )
    expect((await shown())[0]).toEqual([true, 3])
  })

  test('without options has one variant, which has no title and no option', async () => {
    const { handle } = await shop.addProduct({ title: 'Skillet' })
    const { body } = await shop.get(`/v1/products/${handle}`)
    expect(body.options).toEqual([])
    expect(body.variants).toMatchObject([{ title: null, options: {} }])
  })

  test('shows only the variants that are sold in the currency asked for', async () => {
    const { handle } = await shop.addProduct({
      options: [{ name: 'Size', values: ['S', 'L'] }],
      variants: [
        aVariant({
          options: { Size: 'S' },
          prices: [{ currency: 'EUR', amount: 100, compare_at_amount: null }],
        }),
        aVariant({
          options: { Size: 'L' },
          prices: [
            { currency: 'EUR', amount: 300, compare_at_amount: null },
            { currency: 'USD', amount: 0, compare_at_amount: 700 },
          ],
        }),
      ],
    })
    const inEuro = await shop.get(`/v1/products/${handle}`)
    expect(inEuro.body.variants).toHaveLength(2)
    const inDollar = await shop.get(`/v1/products/${handle}?currency=USD`)
    const usd = (amount: number) => ({ amount, currency: 'USD' })
    expect(inDollar.body.variants).toMatchObject([
      { options: { Size: 'L' }, price: usd(0), compare_at_price: usd(700) },
    ])
    expect(inDollar.body.price_range).toEqual({ min: usd(0), max: usd(0) })
  })

  test('gets 304 for who has it, until it changes', async () => {
    const { handle, variantIds } = await shop.addProduct()
    const path = `/v1/products/${handle}`
    const tag = (await shop.get(path)).headers.get('ETag') ?? ''
    const same = await shop.get(path, { 'If-None-Match': tag })
    expect([same.status, same.text, same.headers.get('ETag')]).toEqual([304, '', tag])
    await shop.db.run(sql`
      INSERT INTO stock_movements (id, variant_id, location_id, quantity, reason, created_at)
      VALUES ('mov_lost', ${variantIds[0]}, 'loc_default', -1, 'written_off', 0)`)
    expect((await shop.get(path, { 'If-None-Match': tag })).status).toBe(200)
  })
})

describe('what is not on sale', () => {
  test('looks exactly like what does not exist: drafts, archived, unknown, odd ids, what has no price at all', async () => {
    const ids: string[] = []
    for (const status of ['draft', 'archived'] as const) {
      const input = aProduct({ status })
      await upsertProducts(shop.deps, 'test', [input])
      const [row] = await shop.db.all<{ id: string }>(
        sql`SELECT id FROM products WHERE handle = ${input.handle}`,
      )
      ids.push(input.handle, row?.id ?? '')
    }
    const unpriced = aProduct({ variants: [aVariant({ prices: [] })] })
    const inFrancs = aProduct({
      variants: [aVariant({ prices: [{ currency: 'CHF', amount: 1, compare_at_amount: null }] })],
    })
    await upsertProducts(shop.deps, 'test', [unpriced, inFrancs])
    const euro = await shop.addProduct()
    const [variant] = euro.variantIds
    const withoutIds = ({ request_id, ...rest }: Record<string, unknown>) => rest
    const unknown = await shop.get('/v1/products/no-such-product')
    expect(unknown.status).toBe(404)
    for (const path of [
      ...ids,
      unpriced.handle,
      `${unpriced.handle}?currency=USD`,
      inFrancs.handle,
      String(variant),
      euro.id.toLowerCase(),
      euro.handle.toUpperCase(),
      'prod_',
      'prod_00000000000000000000000000',
      `${euro.id}%00`,
      '%00',
      '%20',
      '%F0%9F%98%80',
      '%25',
      '%2E%2E%2F',
      "' OR 1=1 --",
      'a'.repeat(5000),
      '__proto__',
      'null',
      '0',
    ]) {
      const answer = await shop.get(`/v1/products/${path}`)
      expect(answer.status, `${path} ${answer.text}`).toBe(404)
      expect(withoutIds(answer.body)).toEqual(withoutIds(unknown.body))
      expect(answer.headers.get('Cache-Control')).toBe(unknown.headers.get('Cache-Control'))
    }
  })

  test('in the currency asked for says in which it is; the list leaves it out', async () => {
    const euro = await shop.addProduct({
      vendor: 'Euro only',
      variants: [aVariant({ prices: [{ currency: 'EUR', amount: 1, compare_at_amount: null }] })],
    })
    const dollar = aProduct({
      vendor: 'Dollar only',
      variants: [aVariant({ prices: [{ currency: 'USD', amount: 1, compare_at_amount: null }] })],
    })
    await upsertProducts(shop.deps, 'test', [dollar])
    for (const [path, sold, other] of [
      [`${euro.id}?currency=USD`, 'EUR', 'USD'],
      [`${euro.handle}?currency=USD`, 'EUR', 'USD'],
      [dollar.handle, 'USD', 'EUR'],
      [`${dollar.handle}?currency=EUR`, 'USD', 'EUR'],
    ]) {
      const answer = await shop.get(`/v1/products/${path}`)
      expect(answer.status, answer.text).toBe(404)
      expect(answer.body).toMatchObject({
        code: 'not_sold_in_currency',
        detail: `This product has no price in ${other}. It is sold in ${sold}.`,
        currencies: [sold],
      })
    }
    expect((await shop.get('/v1/products?vendor=Euro+only&currency=USD')).body.data).toEqual([])
    expect((await shop.get('/v1/products?vendor=Euro+only')).body.data).toHaveLength(1)
  })

  test('a handle that begins like an id is a handle', async () => {
    const { id } = await shop.addProduct({ handle: 'prod_uct-of-the-year' })
    expect(id).toMatch(/^prod_0/)
    expect((await shop.get('/v1/products/prod_uct-of-the-year')).body.id).toBe(id)
  })

  test('a currency that the shop does not sell in is refused before anything else', async () => {
    const { handle } = await shop.addProduct()
    for (const path of [handle, 'no-such-product']) {
      const answer = await shop.get(`/v1/products/${path}?currency=CHF`)
      expect([answer.status, answer.body.code], path).toEqual([422, 'currency_not_offered'])
    }
    expect((await shop.get(`/v1/products/${handle}?fields=all`)).body.code).toBe('invalid_input')
  })

  test('costs one database call, found or not', async () => {
    const { handle, id } = await shop.addProduct()
    for (const path of [handle, id, 'no-such-product', `${handle}?currency=USD`])
      expect(await shop.countCalls(() => shop.get(`/v1/products/${path}`))).toBe(1)
  })
})
