// What carts refuse, and that a refusal changes nothing.

import { sql } from 'drizzle-orm'
import { beforeAll, describe, expect, test } from 'vitest'
import { aVariantOf } from '../../support/buying.ts'
import { aVariant } from '../../support/factories.ts'
import { type Answer, openShop, type TestShop, withKey } from '../../support/shop.ts'

let shop: TestShop
beforeAll(async () => {
  shop = await openShop()
})

const expectRefusal = (answer: Answer, status: number, code: string, pointer?: string) => {
  expect([answer.status, answer.body?.code], answer.text).toEqual([status, code])
  expect(answer.headers.get('Content-Type')).toBe('application/problem+json')
  if (pointer !== undefined) expect(answer.body.errors[0]).toMatchObject({ in: 'body', pointer })
}

const aCart = async (lines: object[] = []): Promise<string> =>
  (await shop.post('/v1/carts', { lines })).body.id

/** Variants of one product, made at once. */
async function manyVariants(count: number): Promise<string[]> {
  const variants = Array.from({ length: count }, (_, i) =>
    aVariant({ title: `${i}`, options: { Size: `${i}` }, quantity: 1 }),
  )
  const { variantIds } = await shop.addProduct({
    options: [{ name: 'Size', values: variants.map(({ title }) => title) }],
    variants,
  })
  expect(variantIds).toHaveLength(count)
  return variantIds
}

describe('what cannot be bought', () => {
  test('an unknown variant is refused with its place', async () => {
    const known = await aVariantOf(shop)
    const lines = [
      { variant_id: known, quantity: 1 },
      { variant_id: 'var_unknown', quantity: 1 },
    ]
    const created = await shop.post('/v1/carts', { lines })
    expectRefusal(created, 422, 'variant_unknown', '/lines/1/variant_id')
    const added = await shop.post(`/v1/carts/${await aCart()}/lines`, lines[1])
    expectRefusal(added, 422, 'variant_unknown', '/variant_id')
  })

  test('a variant without a price in the basket’s currency is refused as that, in carts and checkouts', async () => {
    const variant_id = await aVariantOf(shop, {
      prices: [{ currency: 'EUR', amount: 100, compare_at_amount: null }],
    })
    const line = { variant_id, quantity: 1 }
    const inDollars = { currency: 'USD', lines: [{ variant_id: await aVariantOf(shop), quantity: 1 }, line] }
    const code = 'price_missing_in_currency'
    expectRefusal(await shop.post('/v1/carts', inDollars), 422, code, '/lines/1/variant_id')
    expectRefusal(await shop.post('/v1/checkouts', inDollars), 422, code, '/lines/1/variant_id')
    const cart = await shop.post('/v1/carts', { currency: 'USD' })
    expectRefusal(await shop.post(`/v1/carts/${cart.body.id}/lines`, line), 422, code, '/variant_id')
    expect((await shop.post('/v1/carts', { ...inDollars, currency: 'EUR' })).status).toBe(201)
  })

  test('a variant of a draft is unknown', async () => {
    const handle = `hidden-${crypto.randomUUID().slice(0, 8)}`
    await shop.addProduct({ handle, status: 'draft' })
    const [draft] = await shop.db.all<{ id: string }>(
      sql`SELECT v.id FROM variants v JOIN products p ON p.id = v.product_id WHERE p.handle = ${handle}`,
    )
    const hidden = { lines: [{ variant_id: draft?.id, quantity: 1 }] }
    expectRefusal(await shop.post('/v1/carts', hidden), 422, 'variant_unknown', '/lines/0/variant_id')
  })

  test('a currency that the shop does not sell in is refused', async () => {
    expectRefusal(await shop.post('/v1/carts', { currency: 'GBP' }), 422, 'currency_not_offered', '/currency')
  })

  test('a country that does not exist, or that the shop does not ship to, is refused, in carts and checkouts', async () => {
    const lines = [{ variant_id: await aVariantOf(shop), quantity: 1 }]
    for (const country of ['XX', 'UK', 'FR'])
      for (const [path, body] of [
        ['/v1/carts', { country }],
        ['/v1/carts', { country, lines }],
        ['/v1/checkouts', { country, lines }],
      ] as const) {
        const answer = await shop.post(path, body)
        expectRefusal(answer, 422, 'country_not_offered', '/country')
        expect(answer.body.detail).toContain(country)
      }
    expect((await shop.post('/v1/carts', { country: 'AT', lines })).body.country).toBe('AT')
  })

  test('goods that need no shipping are sold to every country that exists', async () => {
    const lines = [{ variant_id: await aVariantOf(shop, { requires_shipping: false }), quantity: 1 }]
    for (const path of ['/v1/carts', '/v1/checkouts']) {
      expect((await shop.post(path, { country: 'FR', lines })).body).toMatchObject({ country: 'FR' })
      expectRefusal(await shop.post(path, { country: 'XX', lines }), 422, 'country_not_offered', '/country')
    }
  })

  test('prices, totals and unknown fields from the client are refused (INV-STRICT)', async () => {
    const variant_id = await aVariantOf(shop)
    const priced = { lines: [{ variant_id, quantity: 1, unit_price: { amount: 1, currency: 'EUR' } }] }
    expectRefusal(await shop.post('/v1/carts', priced), 422, 'invalid_input', '/lines/0/unit_price')
    expectRefusal(await shop.post('/v1/carts', { totals: {} }), 422, 'invalid_input', '/totals')
    const id = await aCart([{ variant_id, quantity: 1 }])
    const line = (await shop.get(`/v1/carts/${id}`)).body.lines[0]
    const patched = await shop.call('PATCH', `/v1/carts/${id}/lines/${line.id}`, {
      body: { quantity: 2, variant_id: 'var_other' },
    })
    expectRefusal(patched, 422, 'invalid_input', '/variant_id')
  })
})

describe('limits', () => {
  test('a quantity is a whole number from 1 to 10,000', async () => {
    const variant_id = await aVariantOf(shop)
    for (const quantity of [0, -1, 1.5, 10_001, '1', null, 1e21]) {
      const answer = await shop.post('/v1/carts', { lines: [{ variant_id, quantity }] })
      expectRefusal(answer, 422, 'invalid_input', '/lines/0/quantity')
    }
    expect((await shop.post('/v1/carts', { lines: [{ variant_id, quantity: 10_000 }] })).status).toBe(201)
  })

  test('more of an item than 10,000 in all is refused, and the cart stays as it was', async () => {
    const variant_id = await aVariantOf(shop)
    const id = await aCart([{ variant_id, quantity: 9_999 }])
    const over = await shop.post(`/v1/carts/${id}/lines`, { variant_id, quantity: 2 })
    expectRefusal(over, 422, 'quantity_too_large', '/quantity')
    expect((await shop.get(`/v1/carts/${id}`)).body.lines).toMatchObject([{ quantity: 9_999 }])
    const twice = { lines: [1, 2].map(() => ({ variant_id, quantity: 9_000 })) }
    expectRefusal(await shop.post('/v1/carts', twice), 422, 'quantity_too_large', '/lines/1/quantity')
  })

  test('a cart holds 100 different items, not one more', async () => {
    const variants = await manyVariants(101)
    const lines = variants.map(variant_id => ({ variant_id, quantity: 1 }))
    expectRefusal(await shop.post('/v1/carts', { lines }), 422, 'invalid_input', '/lines')
    const full = await shop.post('/v1/carts', { lines: lines.slice(0, 100) })
    expect(full.status, full.text).toBe(201)
    expect(full.body.lines).toHaveLength(100)
    const more = await shop.post(`/v1/carts/${full.body.id}/lines`, lines[100])
    expectRefusal(more, 422, 'too_many_lines')
    const same = await shop.post(`/v1/carts/${full.body.id}/lines`, lines[99])
    expect(same.status, same.text).toBe(200)
  })

  test('at most 10 discount codes', async () => {
    const id = await aCart()
    const codes = Array.from({ length: 11 }, (_, i) => `CODE${i}`)
    const answer = await shop.call('PUT', `/v1/carts/${id}/discount_codes`, { body: { codes } })
    expectRefusal(answer, 422, 'invalid_input', '/codes')
  })

  test('a total that money cannot hold exactly is refused, not rounded', async () => {
    const variant_id = await aVariantOf(shop, {
      prices: [{ currency: 'EUR', amount: 1_000_000_000_000, compare_at_amount: null }],
    })
    const one = await shop.post('/v1/carts', { lines: [{ variant_id, quantity: 1 }] })
    expect(one.status, one.text).toBe(201)
    const two = await shop.post('/v1/carts', { lines: [{ variant_id, quantity: 2 }] })
    expectRefusal(two, 422, 'total_too_large')
    const more = await shop.post(`/v1/carts/${one.body.id}/lines`, { variant_id, quantity: 9_999 })
    expectRefusal(more, 422, 'total_too_large')
    expect((await shop.get(`/v1/carts/${one.body.id}`)).body.lines).toMatchObject([{ quantity: 1 }])
  })
})

describe('what is not there', () => {
  test('an unknown cart and an unknown line look alike on every operation', async () => {
    const variant_id = await aVariantOf(shop)
    const id = await aCart([{ variant_id, quantity: 1 }])
    const codes = { body: { codes: [] } }
    const quantity = { body: { quantity: 1 } }
    for (const answer of [
      await shop.get('/v1/carts/cart_unknown'),
      await shop.post('/v1/carts/cart_unknown/lines', { variant_id, quantity: 1 }),
      await shop.call('PATCH', '/v1/carts/cart_unknown/lines/li_unknown', quantity),
      await shop.call('PATCH', `/v1/carts/${id}/lines/li_unknown`, quantity),
      await shop.call('DELETE', `/v1/carts/${id}/lines/li_unknown`),
      await shop.call('DELETE', '/v1/carts/cart_unknown/lines/li_unknown'),
      await shop.call('PUT', '/v1/carts/cart_unknown/discount_codes', codes),
    ])
      expectRefusal(answer, 404, 'not_found')
  })

  test('a line of another cart is not found, and stays', async () => {
    const variant_id = await aVariantOf(shop)
    const [mine, theirs] = [
      await aCart([{ variant_id, quantity: 1 }]),
      await aCart([{ variant_id, quantity: 1 }]),
    ]
    const line = (await shop.get(`/v1/carts/${theirs}`)).body.lines[0]
    const deleted = await shop.call('DELETE', `/v1/carts/${mine}/lines/${line.id}`)
    expectRefusal(deleted, 404, 'not_found')
    expect((await shop.get(`/v1/carts/${theirs}`)).body.lines).toHaveLength(1)
  })
})

describe('an Idempotency-Key', () => {
  test('with another body is refused, and with the first one still replays', async () => {
    const key = withKey()
    const first = await shop.post('/v1/carts', { currency: 'EUR' }, key)
    expectRefusal(await shop.post('/v1/carts', { currency: 'USD' }, key), 422, 'idempotency_key_reused')
    expect((await shop.post('/v1/carts', { currency: 'EUR' }, key)).text).toBe(first.text)
  })

  test('is scoped to its operation and object', async () => {
    const key = withKey()
    const body = { variant_id: await aVariantOf(shop), quantity: 1 }
    const carts = [await aCart(), await aCart()]
    for (const id of carts) {
      const answer = await shop.post(`/v1/carts/${id}/lines`, body, key)
      expect(answer.headers.get('Idempotent-Replayed')).toBeNull()
      expect(answer.body).toMatchObject({ id, lines: [{ quantity: 1 }] })
    }
  })

  test('of a refused request is free: the mended request runs', async () => {
    const key = withKey()
    expectRefusal(await shop.post('/v1/carts', { currency: 'GBP' }, key), 422, 'currency_not_offered')
    const mended = await shop.post('/v1/carts', { currency: 'USD' }, key)
    expect(mended.status, mended.text).toBe(201)
  })

  test('that is too short, too long or not visible ASCII is refused', async () => {
    for (const key of ['short', 'x'.repeat(256), 'with spaces in it, and more']) {
      expectRefusal(await shop.post('/v1/carts', {}, withKey(key)), 400, 'idempotency_key_invalid')
    }
  })

  test('is stored neither raw nor with the body that came with it', async () => {
    const key = `${crypto.randomUUID()}-secret`
    await shop.post('/v1/carts', {}, withKey(key))
    const rows = await shop.db.all(sql`SELECT * FROM idempotency_keys`)
    expect(JSON.stringify(rows)).not.toContain(key)
    expect(JSON.stringify(shop.logs)).not.toContain(key)
  })
})
