// Carts: what a shopper can do with one, and what the cart says about it. Refusals are in carts.errors.test.ts.

import { sql } from 'drizzle-orm'
import { beforeAll, describe, expect, test } from 'vitest'
import { loadShop } from '../../../src/features/imports/load-shop.ts'
import { upsertProducts } from '../../../src/features/products/upsert.ts'
import { aPromotion, aVariantOf, complete, READY } from '../../support/buying.ts'
import { aProduct, aVariant, SHOP } from '../../support/factories.ts'
import { openShop, type TestShop, withKey } from '../../support/shop.ts'

const DAY_MS = 24 * 60 * 60 * 1000

const FILE = {
  ...SHOP,
  promotions: [
    aPromotion('TEN'),
    aPromotion('BIG', { rule: { min_subtotal: { EUR: 100_000 } } }),
    aPromotion('OLD', { rule: { ends_at: 1 } }),
    aPromotion('SHIP', { rule: { kind: 'free_shipping' } }),
  ],
}

let shop: TestShop
beforeAll(async () => {
  shop = await openShop()
  await loadShop(shop.deps, FILE)
})

async function aCart(lines: { variant_id: string; quantity: number }[], fields: object = {}) {
  const answer = await shop.post('/v1/carts', { lines, ...fields })
  expect(answer.status, answer.text).toBe(201)
  return answer.body
}

/** Rewrites a product with other variants: what an import of changed data does. */
const rewrite = (product: ReturnType<typeof aProduct>) => upsertProducts(shop.deps, 'test', [product])

describe('a cart', () => {
  test('is created empty, and read at its Location', async () => {
    const created = await shop.post('/v1/carts', {})
    expect(created.status, created.text).toBe(201)
    expect(created.headers.get('Location')).toBe(`/v1/carts/${created.body.id}`)
    expect(created.body).toMatchObject({ currency: 'EUR', country: 'DE', lines: [], messages: [] })
    expect(created.body.totals.total).toEqual({ amount: 0, currency: 'EUR' })
    expect((await shop.get(`/v1/carts/${created.body.id}`)).body).toEqual(created.body)
  })

  test('has an id of which 130 bits are random', async () => {
    const ids = await Promise.all(Array.from({ length: 50 }, async () => (await aCart([])).id))
    for (const id of ids) expect(id).toMatch(/^cart_[0-9A-HJKMNP-TV-Z]{36}$/)
    expect(new Set(ids.map(id => id.slice(15))).size).toBe(50)
  })

  test('shows the goods, their prices and the tax, in its own currency', async () => {
    const { variantIds, id: productId } = await shop.addProduct({
      title: 'Mug',
      variants: [aVariant({ title: 'Blue', sku: 'MUG-B' })],
    })
    const cart = await aCart([{ variant_id: variantIds[0] ?? '', quantity: 3 }], { currency: 'USD' })
    expect(cart.lines).toMatchObject([
      {
        variant_id: variantIds[0],
        product_id: productId,
        title: 'Mug',
        variant_title: 'Blue',
        sku: 'MUG-B',
        quantity: 3,
        unit_price: { amount: 2200, currency: 'USD' },
        subtotal: { amount: 6600, currency: 'USD' },
        available: true,
      },
    ])
    expect(cart.tax_lines).toMatchObject([{ name: 'MwSt', rate_ppm: 190000 }])
    expect(cart.totals).toMatchObject({
      total: { amount: 6600, currency: 'USD' },
      tax: { amount: Math.round((6600 * 19) / 119), currency: 'USD' },
      tax_included: true,
    })
  })

  test('is taxed by its country', async () => {
    const variant_id = await aVariantOf(shop)
    const cart = await aCart([{ variant_id, quantity: 1 }], { country: 'AT' })
    expect(cart).toMatchObject({ country: 'AT', tax_lines: [], totals: { tax: { amount: 0 } } })
  })

  test('has one line for one variant, which keeps its id when more is put in', async () => {
    const variant_id = await aVariantOf(shop)
    const line = { variant_id, quantity: 2 }
    const cart = await aCart([line, { variant_id, quantity: 1 }])
    expect(cart.lines).toMatchObject([{ variant_id, quantity: 3 }])
    const more = await shop.post(`/v1/carts/${cart.id}/lines`, line)
    expect(more.status, more.text).toBe(200)
    expect(more.body.lines).toMatchObject([{ id: cart.lines[0].id, quantity: 5 }])
  })

  test('changes quantities and takes lines out, each for itself', async () => {
    const [a, b] = [await aVariantOf(shop), await aVariantOf(shop)]
    const cart = await aCart([
      { variant_id: a, quantity: 1 },
      { variant_id: b, quantity: 1 },
    ])
    const [first, second] = cart.lines
    const path = `/v1/carts/${cart.id}/lines`
    const changed = await shop.call('PATCH', `${path}/${second.id}`, { body: { quantity: 4 } })
    expect(changed.body.lines).toMatchObject([
      { id: first.id, quantity: 1 },
      { id: second.id, quantity: 4 },
    ])
    expect(changed.body.totals.total.amount).toBe(10_000)
    const left = await shop.call('DELETE', `${path}/${first.id}`)
    expect(left.status, left.text).toBe(200)
    expect(left.body.lines).toMatchObject([{ id: second.id, quantity: 4 }])
    expect((await shop.get(`/v1/carts/${cart.id}`)).body).toEqual(left.body)
  })

  test('totals are what its lines and discounts come to', async () => {
    const cart = await aCart(
      [
        { variant_id: await aVariantOf(shop), quantity: 3 },
        {
          variant_id: await aVariantOf(shop, {
            prices: [{ currency: 'EUR', amount: 333, compare_at_amount: null }],
          }),
          quantity: 7,
        },
      ],
      { discount_codes: ['TEN'] },
    )
    const sum = (pick: (line: { subtotal: { amount: number } }) => number) =>
      cart.lines.map(pick).reduce((a: number, b: number) => a + b, 0)
    expect(cart.totals.subtotal.amount).toBe(3 * 2000 + 7 * 333)
    expect(sum(line => line.subtotal.amount)).toBe(cart.totals.subtotal.amount)
    expect(cart.totals.discount.amount).toBe(Math.round((3 * 2000 + 7 * 333) / 10))
    expect(cart.totals.total.amount).toBe(cart.totals.subtotal.amount - cart.totals.discount.amount)
    expect(cart.discounts).toMatchObject([{ code: 'TEN', amount: cart.totals.discount }])
  })
})

describe('discount codes', () => {
  test('are kept upper-cased, each once, and say why they take nothing off', async () => {
    const cart = await aCart([{ variant_id: await aVariantOf(shop), quantity: 1 }])
    const put = await shop.call('PUT', `/v1/carts/${cart.id}/discount_codes`, {
      body: { codes: [' ten', 'TEN', 'Big', 'old', 'nope'] },
    })
    expect(put.status, put.text).toBe(200)
    expect(put.body.discount_codes).toEqual([
      { code: 'TEN', applied: true },
      { code: 'BIG', applied: false, reason: 'code_minimum_not_met' },
      { code: 'OLD', applied: false, reason: 'code_expired' },
      { code: 'NOPE', applied: false, reason: 'code_unknown' },
    ])
    expect(put.body.totals.total.amount).toBe(1800)
    expect((await shop.get(`/v1/carts/${cart.id}`)).body).toEqual(put.body)
    const cleared = await shop.call('PUT', `/v1/carts/${cart.id}/discount_codes`, { body: { codes: [] } })
    expect(cleared.body).toMatchObject({ discount_codes: [], totals: { total: { amount: 2000 } } })
  })
})

describe('a code that does not combine', () => {
  test('says which automatic promotion it took the place of, and one that lost says so itself', async () => {
    const buyer = await openShop()
    const automatic = aPromotion('AUTO', { code: null, title: 'Autumn sale', rule: { is_combinable: false } })
    await loadShop(buyer.deps, {
      ...SHOP,
      promotions: [
        automatic,
        aPromotion('MORE', { rule: { percent_bps: 2000 } }),
        aPromotion('LESS', { rule: { percent_bps: 500 } }),
      ],
    })
    const lines = [{ variant_id: await aVariantOf(buyer), quantity: 1 }]
    const won = await buyer.post('/v1/carts', { lines, discount_codes: ['MORE'] })
    expect(won.body.discounts).toMatchObject([{ code: 'MORE', target: 'line', amount: { amount: 400 } }])
    const text = '“Autumn sale” does not combine with MORE, and does not apply.'
    expect(won.body.messages).toEqual([
      { type: 'info', code: 'promotion_displaced', promotion_id: 'promo_auto', text },
    ])
    const { body } = await buyer.post('/v1/checkouts', { cart_id: won.body.id })
    expect(body.messages).toEqual(won.body.messages)
    const lost = await buyer.post('/v1/carts', { lines, discount_codes: ['LESS'] })
    expect(lost.body).toMatchObject({ messages: [], discounts: [{ code: null, title: 'Autumn sale' }] })
    expect(lost.body.discount_codes).toEqual([
      { code: 'LESS', applied: false, reason: 'code_not_combinable' },
    ])
    await loadShop(shop.deps, FILE)
  })
})

describe('what changed since an item was put in', () => {
  test('a changed price is charged and said, until the line is touched again', async () => {
    const product = aProduct()
    const { variantIds } = await shop.addProduct(product)
    const cart = await aCart([{ variant_id: variantIds[0] ?? '', quantity: 2 }])
    await rewrite({
      ...product,
      variants: [aVariant({ prices: [{ currency: 'EUR', amount: 2500, compare_at_amount: null }] })],
    })
    const read = await shop.get(`/v1/carts/${cart.id}`)
    const line_id = cart.lines[0].id
    expect(read.body.totals.total.amount).toBe(5000)
    expect(read.body.messages).toMatchObject([
      {
        type: 'warning',
        code: 'price_changed',
        line_id,
        previous_price: { amount: 2000, currency: 'EUR' },
      },
    ])
    const touched = await shop.call('PATCH', `/v1/carts/${cart.id}/lines/${line_id}`, {
      body: { quantity: 2 },
    })
    expect(touched.body.messages).toEqual([])
  })

  test('short stock is said with what is left, and the quantity stays', async () => {
    const product = aProduct({ variants: [aVariant({ quantity: 10 })] })
    const { variantIds } = await shop.addProduct(product)
    const cart = await aCart([{ variant_id: variantIds[0] ?? '', quantity: 5 }])
    expect(cart.messages).toEqual([])
    await rewrite({ ...product, variants: [aVariant({ quantity: 3 })] })
    const short = await shop.get(`/v1/carts/${cart.id}`)
    expect(short.body.lines).toMatchObject([{ quantity: 5, available: false }])
    expect(short.body.messages).toMatchObject([
      { type: 'error', code: 'stock_short', line_id: cart.lines[0].id, quantity_available: 3 },
    ])
  })

  test.each([
    [3, 'Only 3 of Mug are left.'],
    [1, 'Only 1 of Mug is left.'],
    [0, 'Mug is sold out.'],
  ])('of %i pieces it says: %s', async (quantity, text) => {
    const { variantIds } = await shop.addProduct({ title: 'Mug', variants: [aVariant({ quantity })] })
    const cart = await aCart([{ variant_id: variantIds[0] ?? '', quantity: 5 }])
    expect(cart.messages).toMatchObject([{ code: 'stock_short', text }])
  })

  test('an item that lost its price in the cart’s currency stays, costs nothing, and is said', async () => {
    const product = aProduct({ title: 'Mug' })
    const { variantIds } = await shop.addProduct(product)
    const cart = await aCart([{ variant_id: variantIds[0] ?? '', quantity: 1 }])
    const prices = [{ currency: 'USD', amount: 2200, compare_at_amount: null }]
    await rewrite({ ...product, variants: [aVariant({ prices })] })
    const read = await shop.get(`/v1/carts/${cart.id}`)
    expect(read.body).toMatchObject({
      totals: { total: { amount: 0 } },
      lines: [{ available: false }],
      messages: [{ code: 'item_unavailable', text: 'Mug is no longer sold in EUR. Remove it to go on.' }],
    })
  })

  test('an item that is no longer sold stays, costs nothing, and is said', async () => {
    const product = aProduct()
    const { variantIds } = await shop.addProduct(product)
    const cart = await aCart([
      { variant_id: variantIds[0] ?? '', quantity: 2 },
      { variant_id: await aVariantOf(shop), quantity: 1 },
    ])
    await rewrite({ ...product, status: 'archived' })
    const read = await shop.get(`/v1/carts/${cart.id}`)
    expect(read.body.lines[0]).toMatchObject({
      quantity: 2,
      product_id: null,
      available: false,
      total: { amount: 0 },
    })
    expect(read.body.totals.total.amount).toBe(2000)
    expect(read.body.messages).toMatchObject([
      { type: 'error', code: 'item_unavailable', line_id: cart.lines[0].id },
    ])
    const gone = await shop.call('DELETE', `/v1/carts/${cart.id}/lines/${cart.lines[0].id}`)
    expect(gone.body).toMatchObject({ messages: [], lines: [{ quantity: 1 }] })
  })
})

describe('changes at the same time', () => {
  test('20 parallel additions of one item all take effect', async () => {
    const variant_id = await aVariantOf(shop)
    const cart = await aCart([])
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => shop.post(`/v1/carts/${cart.id}/lines`, { variant_id, quantity: 1 })),
    )
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200))
    const read = await shop.get(`/v1/carts/${cart.id}`)
    expect(read.body.lines).toMatchObject([{ variant_id, quantity: 20 }])
  })

  test('parallel changes of different kinds all take effect', async () => {
    const variants = await Promise.all(Array.from({ length: 8 }, () => aVariantOf(shop)))
    const [keep = '', drop = '', ...others] = variants
    const cart = await aCart([
      { variant_id: keep, quantity: 1 },
      { variant_id: drop, quantity: 1 },
    ])
    const [kept, dropped] = cart.lines
    const path = `/v1/carts/${cart.id}`
    const answers = await Promise.all([
      ...others.map(variant_id => shop.post(`${path}/lines`, { variant_id, quantity: 2 })),
      shop.call('PATCH', `${path}/lines/${kept.id}`, { body: { quantity: 9 } }),
      shop.call('DELETE', `${path}/lines/${dropped.id}`),
      shop.call('PUT', `${path}/discount_codes`, { body: { codes: ['TEN'] } }),
    ])
    expect(answers.map(({ status }) => status)).toEqual(Array(answers.length).fill(200))
    const read = await shop.get(path)
    const quantities = Object.fromEntries(
      read.body.lines.map((line: { variant_id: string; quantity: number }) => [
        line.variant_id,
        line.quantity,
      ]),
    )
    expect(quantities).toEqual({ [keep]: 9, ...Object.fromEntries(others.map(id => [id, 2])) })
    expect(read.body.discount_codes).toEqual([{ code: 'TEN', applied: true }])
  })
})

describe('an Idempotency-Key', () => {
  test('gives the first answer again, status, Location and all, and one cart', async () => {
    const body = { lines: [{ variant_id: await aVariantOf(shop), quantity: 1 }] }
    const key = withKey()
    const first = await shop.post('/v1/carts', body, key)
    const again = await shop.post('/v1/carts', body, key)
    expect(first.headers.get('Idempotent-Replayed')).toBeNull()
    expect(again.headers.get('Idempotent-Replayed')).toBe('true')
    expect([again.status, again.text]).toEqual([201, first.text])
    expect(again.headers.get('Location')).toBe(first.headers.get('Location'))
  })

  test('adds to a cart once', async () => {
    const body = { variant_id: await aVariantOf(shop), quantity: 2 }
    const cart = await aCart([])
    const key = withKey()
    for (let i = 0; i < 3; i++) await shop.post(`/v1/carts/${cart.id}/lines`, body, key)
    expect((await shop.get(`/v1/carts/${cart.id}`)).body.lines).toMatchObject([{ quantity: 2 }])
  })

  test('sent 20 times at once makes one cart, which all answers show', async () => {
    const body = { lines: [{ variant_id: await aVariantOf(shop), quantity: 1 }] }
    const key = withKey()
    const answers = await Promise.all(Array.from({ length: 20 }, () => shop.post('/v1/carts', body, key)))
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(201))
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
    const [row] = await shop.db.all<{ n: number }>(
      sql`SELECT count(*) AS n FROM carts WHERE lines LIKE ${`%${body.lines[0]?.variant_id}%`}`,
    )
    expect(row?.n).toBe(1)
  })
})

describe('the end of a cart', () => {
  test('an untouched cart is gone after 30 days, and the sweep removes it', async () => {
    const cart = await aCart([])
    const touched = await aCart([])
    const rows = () => shop.db.all(sql`SELECT id FROM carts WHERE id IN (${cart.id}, ${touched.id})`)
    shop.advance(29 * DAY_MS)
    await shop.call('PUT', `/v1/carts/${touched.id}/discount_codes`, { body: { codes: [] } })
    expect((await shop.get(`/v1/carts/${cart.id}`)).status).toBe(200)
    shop.advance(DAY_MS)
    expect((await shop.get(`/v1/carts/${cart.id}`)).status).toBe(404)
    expect(await rows()).toHaveLength(2)
    shop.advance(1)
    await shop.sweep()
    expect(await rows()).toEqual([{ id: touched.id }])
    expect((await shop.get(`/v1/carts/${touched.id}`)).status).toBe(200)
  })

  test('a cart that became an order is gone', async () => {
    const cart = await aCart([{ variant_id: await aVariantOf(shop), quantity: 1 }])
    const checkout = await shop.post('/v1/checkouts', { cart_id: cart.id, ...READY })
    expect((await complete(shop, checkout.body.id)).status).toBe(200)
    expect((await shop.get(`/v1/carts/${cart.id}`)).status).toBe(404)
  })
})
