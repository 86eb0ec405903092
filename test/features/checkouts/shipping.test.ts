// Where the shop ships to, and what of the total is shipping: with tax on top of prices.

import { beforeAll, expect, test } from 'vitest'
import { loadShop } from '../../../src/features/imports/load-shop.ts'
import { aVariantOf, complete } from '../../support/buying.ts'
import { anAddress, SHOP } from '../../support/factories.ts'
import { openShop, type TestShop } from '../../support/shop.ts'

let shop: TestShop
beforeAll(async () => {
  shop = await openShop()
  const rate = {
    id: 'ship_world',
    title: 'Post',
    rule: { kind: 'flat', price: { EUR: 1000 } },
    eta_days: null,
  } as const
  await loadShop(shop.deps, {
    ...SHOP,
    settings: { ...SHOP.settings, prices_include_tax: false },
    shipping_zones: [
      { id: 'zone_world', name: 'World', places: [{ country: '*' }], rates: [rate] },
      { id: 'zone_nowhere', name: 'Not to France', places: [{ country: 'FR' }], rates: [] },
    ],
  })
})

async function aCheckoutTo(address: object) {
  const lines = [{ variant_id: await aVariantOf(shop), quantity: 1 }]
  const fields = {
    lines,
    email: 'ada@example.com',
    shipping_address: address,
    shipping_option_id: 'ship_world',
  }
  const answer = await shop.post('/v1/checkouts', fields)
  expect(answer.status, answer.text).toBe(201)
  return answer.body
}

test('a zone without rates keeps its places out, though another zone covers the world', async () => {
  const checkout = await aCheckoutTo(anAddress({ city: 'Paris', postal_code: '75001', country: 'FR' }))
  expect(checkout.shipping_options).toEqual([])
  expect(checkout.missing).toEqual([{ pointer: '/shipping_address', code: 'not_shippable' }])
})

test('lines, shipping and the tax on shipping come to exactly the total', async () => {
  const { lines, totals, status } = await aCheckoutTo(anAddress())
  expect(status).toBe('ready')
  // 20.00 + 10.00 shipping, 19 % on both.
  expect(totals).toMatchObject({
    tax: { amount: 570 },
    shipping_tax: { amount: 190 },
    total: { amount: 3570 },
  })
  const ofLines = lines.reduce(
    (sum: number, line: { total: { amount: number } }) => sum + line.total.amount,
    0,
  )
  expect(ofLines + totals.shipping.amount + totals.shipping_tax.amount).toBe(totals.total.amount)
})

test('a cart that was changed after its checkout began is not thrown away with the order', async () => {
  const variant_id = await aVariantOf(shop)
  const cart = await shop.post('/v1/carts', { lines: [{ variant_id, quantity: 1 }] })
  shop.advance(1)
  const fields = { email: 'ada@example.com', shipping_address: anAddress(), shipping_option_id: 'ship_world' }
  const checkout = await shop.post('/v1/checkouts', { cart_id: cart.body.id, ...fields })
  shop.advance(1)
  await shop.post(`/v1/carts/${cart.body.id}/lines`, { variant_id: await aVariantOf(shop), quantity: 1 })
  expect((await complete(shop, checkout.body.id)).status).toBe(200)
  expect((await shop.get(`/v1/carts/${cart.body.id}`)).body.lines).toHaveLength(2)
})

test.each([
  ['note', { note: 'my card is 4111 1111 1111 1111' }, '/note'],
  ['address', { shipping_address: anAddress({ line2: '4111-1111-1111-1111' }) }, '/shipping_address/line2'],
])('a card number in the %s is refused and kept nowhere', async (_place, body, pointer) => {
  const { id } = await aCheckoutTo(anAddress())
  const refused = await shop.call('PATCH', `/v1/checkouts/${id}`, { body })
  expect(refused.status).toBe(422)
  expect(refused.body.errors).toMatchObject([{ pointer }])
  expect(refused.text + JSON.stringify(shop.logs)).not.toContain('4111')
})
