// The main road: from an item to an order, and what may not happen on it.

import { beforeAll, describe, expect, test } from 'vitest'
import { anAddress, aVariant } from '../../support/factories.ts'
import { openShop, type TestShop, withKey } from '../../support/shop.ts'

let shop: TestShop
beforeAll(async () => {
  shop = await openShop()
})

const READY = { email: 'ada@example.com', shipping_address: anAddress(), shipping_option_id: 'ship_standard' }
const PAY = { payment: { provider: 'test', token: 'tok_approved' } }

/** A checkout that may be completed. */
async function aReadyCheckout(variantId: string, quantity = 1, fields: object = READY): Promise<string> {
  const answer = await shop.post('/v1/checkouts', { lines: [{ variant_id: variantId, quantity }], ...fields })
  expect(answer.status, answer.text).toBe(201)
  return answer.body.id
}

describe('a purchase', () => {
  test('goes from cart to order, takes the stock and can be read with its token', async () => {
    const { variantIds, handle } = await shop.addProduct()
    const cart = await shop.post('/v1/carts', { lines: [{ variant_id: variantIds[0], quantity: 2 }] })
    expect(cart.status, cart.text).toBe(201)
    expect(cart.headers.get('Location')).toBe(`/v1/carts/${cart.body.id}`)
    expect(cart.body.totals.total).toEqual({ amount: 4000, currency: 'EUR' })

    const checkout = await shop.post('/v1/checkouts', { cart_id: cart.body.id })
    expect(checkout.status, checkout.text).toBe(201)
    expect(checkout.body.status).toBe('open')
    expect(checkout.body.missing).toEqual([
      { pointer: '/email', code: 'required' },
      { pointer: '/shipping_address', code: 'required' },
    ])
    const path = `/v1/checkouts/${checkout.body.id}`
    const addressed = await shop.call('PATCH', path, {
      body: { email: READY.email, shipping_address: READY.shipping_address },
    })
    expect(addressed.body.shipping_options.map((option: { id: string }) => option.id)).toEqual([
      'ship_standard',
      'ship_express',
    ])
    const ready = await shop.call('PATCH', path, { body: { shipping_option_id: 'ship_standard' } })
    expect(ready.body.status, ready.text).toBe('ready')
    expect(ready.body.totals.total.amount).toBe(4500)
    expect(ready.body.totals.tax.amount).toBe(Math.round((4500 * 19) / 119))

    const completed = await shop.post(`${path}/complete`, PAY, withKey())
    expect(completed.status, completed.text).toBe(200)
    expect(completed.body.status).toBe('completed')

    const order = await shop.get(`/v1/orders/${completed.body.order_id}`, {
      'Order-Token': completed.body.order_token,
    })
    expect(order.status, order.text).toBe(200)
    expect(order.body).toMatchObject({ payment_status: 'paid', status: 'open', email: READY.email })
    expect(order.body.totals).toEqual(ready.body.totals)
    expect(order.body.payments).toHaveLength(1)

    const product = await shop.get(`/v1/products/${handle}`)
    expect(product.body.variants[0].quantity_available).toBe(8)
    expect((await shop.get(`/v1/carts/${cart.body.id}`)).status).toBe(404)
    expect((await shop.get(path)).body).toMatchObject({
      status: 'completed',
      order_id: completed.body.order_id,
    })
  })

  test('the last unit is sold once, however many want it at the same time', async () => {
    const { variantIds } = await shop.addProduct({ variants: [aVariant({ quantity: 3 })] })
    const ids = await Promise.all(Array.from({ length: 12 }, () => aReadyCheckout(variantIds[0] ?? '')))
    const answers = await Promise.all(
      ids.map(id => shop.post(`/v1/checkouts/${id}/complete`, PAY, withKey())),
    )
    expect(answers.filter(answer => answer.status === 200)).toHaveLength(3)
    const refused = answers.filter(answer => answer.status === 409)
    expect(refused).toHaveLength(9)
    for (const answer of refused)
      expect(answer.body).toMatchObject({ code: 'stock_insufficient', items: [{ quantity_available: 0 }] })
  })

  test('the same key gives the same answer and one order', async () => {
    const { variantIds } = await shop.addProduct()
    const id = await aReadyCheckout(variantIds[0] ?? '')
    const key = withKey()
    const first = await shop.post(`/v1/checkouts/${id}/complete`, PAY, key)
    const second = await shop.post(`/v1/checkouts/${id}/complete`, PAY, key)
    expect(second.status).toBe(200)
    expect(second.headers.get('Idempotent-Replayed')).toBe('true')
    expect(second.body).toEqual(first.body)
    const other = await shop.post(`/v1/checkouts/${id}/complete`, { payment: { provider: 'manual' } }, key)
    expect(other.body.code).toBe('idempotency_key_reused')
  })
})

describe('database calls', () => {
  test('reads take 1, cart and checkout writes at most 2, completing at most 4 beside the provider', async () => {
    const { variantIds, handle } = await shop.addProduct()
    const line = { variant_id: variantIds[0], quantity: 1 }
    expect(await shop.countCalls(() => shop.get('/v1/products'))).toBe(1)
    expect(await shop.countCalls(() => shop.get('/v1/products?q=product&facets=true'))).toBe(1)
    expect(await shop.countCalls(() => shop.get(`/v1/products/${handle}`))).toBe(1)
    const cart = await shop.post('/v1/carts', { lines: [line] })
    expect(await shop.countCalls(() => shop.get(`/v1/carts/${cart.body.id}`))).toBe(1)
    expect(
      await shop.countCalls(() => shop.post('/v1/carts', { lines: [line] }, withKey())),
    ).toBeLessThanOrEqual(2)
    expect(
      await shop.countCalls(() => shop.post(`/v1/carts/${cart.body.id}/lines`, line, withKey())),
    ).toBeLessThanOrEqual(2)
    const id = await aReadyCheckout(variantIds[0] ?? '')
    expect(await shop.countCalls(() => shop.get(`/v1/checkouts/${id}`))).toBe(1)
    expect(
      await shop.countCalls(() => shop.call('PATCH', `/v1/checkouts/${id}`, { body: { note: 'x' } })),
    ).toBeLessThanOrEqual(2)
    const pay = { payment: { provider: 'manual' } }
    expect(
      await shop.countCalls(() => shop.post(`/v1/checkouts/${id}/complete`, pay, withKey())),
    ).toBeLessThanOrEqual(4)
  })
})
