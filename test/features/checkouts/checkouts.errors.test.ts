// What checkouts refuse before any payment, and that a refusal changes nothing.

import { beforeAll, describe, expect, test } from 'vitest'
import { aReadyCheckout, aVariantOf, complete, NOTHING, READY, tracesOf } from '../../support/buying.ts'
import { anAddress, aVariant } from '../../support/factories.ts'
import { type Answer, openShop, type TestShop, withKey } from '../../support/shop.ts'

let shop: TestShop
let variant_id: string
beforeAll(async () => {
  shop = await openShop()
  variant_id = await aVariantOf(shop)
})

const expectRefusal = (answer: Answer, status: number, code: string, pointers: string[] = []) => {
  expect([answer.status, answer.body?.code], answer.text).toEqual([status, code])
  if (pointers.length > 0)
    expect(answer.body.errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual(pointers)
}
const lines = (quantity = 1) => [{ variant_id, quantity }]
const patch = (id: string, body: object) => shop.call('PATCH', `/v1/checkouts/${id}`, { body })

describe('where a checkout starts from', () => {
  test('a cart or lines, neither both nor none', async () => {
    const cart = await shop.post('/v1/carts', { lines: lines() })
    const both = await shop.post('/v1/checkouts', { cart_id: cart.body.id, lines: lines() })
    expectRefusal(both, 422, 'invalid_input', ['/cart_id'])
    expectRefusal(await shop.post('/v1/checkouts', {}), 422, 'invalid_input', ['/cart_id'])
    expectRefusal(await shop.post('/v1/checkouts', { lines: [] }), 422, 'invalid_input', ['/lines'])
  })

  test('currency and country come from the cart and cannot be given with one', async () => {
    const cart = await shop.post('/v1/carts', { lines: lines() })
    const answer = await shop.post('/v1/checkouts', { cart_id: cart.body.id, currency: 'USD', country: 'AT' })
    expectRefusal(answer, 422, 'invalid_input', ['/currency', '/country'])
  })

  test('an unknown cart is not found, and neither is an expired one', async () => {
    expectRefusal(await shop.post('/v1/checkouts', { cart_id: 'cart_unknown' }), 404, 'not_found')
    const late = await openShop()
    const cart = await late.post('/v1/carts', {})
    late.advance(30 * 24 * 60 * 60 * 1000)
    expectRefusal(await late.post('/v1/checkouts', { cart_id: cart.body.id }), 404, 'not_found')
  })

  test('unknown goods and currencies are refused with their place', async () => {
    const unknown = await shop.post('/v1/checkouts', { lines: [{ variant_id: 'var_x', quantity: 1 }] })
    expectRefusal(unknown, 422, 'variant_unknown', ['/lines/0/variant_id'])
    const pounds = await shop.post('/v1/checkouts', { currency: 'GBP', lines: lines() })
    expectRefusal(pounds, 422, 'currency_not_offered', ['/currency'])
    const many = { lines: [...lines(6_000), ...lines(6_000)] }
    expectRefusal(await shop.post('/v1/checkouts', many), 422, 'quantity_too_large', ['/lines/1/quantity'])
  })
})

describe('addresses', () => {
  const US = { city: 'Portland', postal_code: '97201', country: 'US' }
  test.each([
    ['the US without a region', { ...US }, ['/shipping_address/region']],
    ['the US with a region that is none', { ...US, region: 'XX' }, ['/shipping_address/region']],
    ['a German postal code of four digits', { postal_code: '1011' }, ['/shipping_address/postal_code']],
    ['a country that does not exist', { country: 'ZZ' }, ['/shipping_address/country']],
    [
      'Canada with everything wrong',
      { country: 'CA', postal_code: '97201', region: 'ZZ' },
      ['/shipping_address/region', '/shipping_address/postal_code'],
    ],
  ])('%s is refused, at creation and later', async (_, fields, pointers) => {
    const shipping_address = anAddress(fields)
    const created = await shop.post('/v1/checkouts', { lines: lines(), shipping_address })
    expectRefusal(created, 422, 'address_invalid', pointers)
    const id = await aReadyCheckout(shop, variant_id)
    expectRefusal(await patch(id, { shipping_address }), 422, 'address_invalid', pointers)
    expect((await shop.get(`/v1/checkouts/${id}`)).body.shipping_address).toEqual(READY.shipping_address)
  })

  const BLANKS = ['', ' ', '\u00a0', '\u2003', '\u200b\u2060', '\u3164']
  test.each(['name', 'line1', 'city', 'postal_code', 'company', 'line2'])(
    '%s of white space or invisible characters alone is refused with its place',
    async member => {
      for (const blank of BLANKS) {
        const shipping_address = anAddress({ [member]: blank })
        const answer = await shop.post('/v1/checkouts', { lines: lines(), shipping_address })
        expectRefusal(answer, 422, 'invalid_input', [`/shipping_address/${member}`])
      }
    },
  )

  test('white space around a member is taken off, what stands within it stays', async () => {
    const shipping_address = anAddress({ name: ' \u00a0Ada  Lovelace\u200b ', postal_code: ' 10115 ' })
    const { body } = await shop.post('/v1/checkouts', { lines: lines(), shipping_address })
    expect(body.shipping_address).toEqual(anAddress({ name: 'Ada  Lovelace' }))
  })

  test('a German address without a postal code is refused, an Irish one is not', async () => {
    const { postal_code: _none, ...bare } = anAddress()
    const german = await shop.post('/v1/checkouts', { lines: lines(), billing_address: bare })
    expectRefusal(german, 422, 'address_invalid', ['/billing_address/postal_code'])
    const irish = { ...bare, city: 'Dublin', country: 'IE' }
    expect((await shop.post('/v1/checkouts', { lines: lines(), billing_address: irish })).status).toBe(201)
  })
})

describe('what is not the client’s to set (INV-STRICT)', () => {
  test.each(['status', 'order_id', 'totals', 'customer_key', 'payment_id', 'expires_at', 'lines', 'version'])(
    '%s',
    async name => {
      const id = await aReadyCheckout(shop, variant_id)
      const before = await shop.get(`/v1/checkouts/${id}`)
      expectRefusal(await patch(id, { [name]: 'completed' }), 422, 'invalid_input', [`/${name}`])
      expect((await shop.get(`/v1/checkouts/${id}`)).body).toEqual(before.body)
    },
  )
})

describe('completing what cannot be completed', () => {
  test('needs an Idempotency-Key', async () => {
    const id = await aReadyCheckout(shop, variant_id)
    expectRefusal(await complete(shop, id, { key: {} }), 400, 'idempotency_key_missing')
    expect(await tracesOf(shop, id)).toEqual(NOTHING)
  })

  test('names what is missing', async () => {
    const { body } = await shop.post('/v1/checkouts', { lines: lines() })
    const answer = await complete(shop, body.id)
    expectRefusal(answer, 409, 'checkout_not_ready')
    expect(answer.body.missing).toEqual(body.missing)
    expect(await tracesOf(shop, body.id)).toEqual(NOTHING)
  })

  test('an unknown checkout is not found', async () => {
    expectRefusal(await complete(shop, 'chk_unknown'), 404, 'not_found')
    expectRefusal(await patch('chk_unknown', {}), 404, 'not_found')
    expectRefusal(await shop.get('/v1/checkouts/chk_unknown'), 404, 'not_found')
    expectRefusal(await shop.post('/v1/checkouts/chk_unknown/cancel', undefined), 404, 'not_found')
  })

  test('an unknown way of paying is refused, with those that there are', async () => {
    const id = await aReadyCheckout(shop, variant_id)
    const answer = await complete(shop, id, { provider: 'stripe' })
    expectRefusal(answer, 422, 'payment_provider_unknown', ['/payment/provider'])
    expect(answer.body.detail).toContain('manual, test')
    expect(await tracesOf(shop, id)).toEqual(NOTHING)
  })

  test('short stock is listed with what is left; all or nothing is reserved', async () => {
    const { variantIds } = await shop.addProduct({
      options: [{ name: 'Size', values: ['S', 'M', 'L'] }],
      variants: ['S', 'M', 'L'].map((Size, i) => aVariant({ title: Size, options: { Size }, quantity: i })),
    })
    const wanted = variantIds.map(id => ({ variant_id: id, quantity: 2 }))
    const { body } = await shop.post('/v1/checkouts', { lines: wanted, ...READY })
    const answer = await complete(shop, body.id)
    expectRefusal(answer, 409, 'stock_insufficient')
    expect(answer.body.items).toEqual([
      { line_id: body.lines[0].id, variant_id: variantIds[0], quantity: 2, quantity_available: 0 },
      { line_id: body.lines[1].id, variant_id: variantIds[1], quantity: 2, quantity_available: 1 },
    ])
    expect(await tracesOf(shop, body.id)).toEqual(NOTHING)
  })

  test('a total of another shape, a card number’s field, or no payment at all are refused', async () => {
    const id = await aReadyCheckout(shop, variant_id)
    const path = `/v1/checkouts/${id}/complete`
    const payment = { provider: 'test', token: 'tok_approved' }
    expectRefusal(await shop.post(path, {}, withKey()), 422, 'invalid_input', ['/payment'])
    const card = { payment: { ...payment, card_number: '4242424242424242' } }
    expectRefusal(await shop.post(path, card, withKey()), 422, 'invalid_input', ['/payment/card_number'])
    const paid = { payment, amount: 1 }
    expectRefusal(await shop.post(path, paid, withKey()), 422, 'invalid_input', ['/amount'])
    expect(await tracesOf(shop, id)).toEqual(NOTHING)
  })
})
