// Nobody pays more than they were last shown: a total that rose between looking and paying stops the sale, without the
// client doing anything for it. (`expected_total`, the explicit form, is in checkouts.test.ts.)

import { beforeAll, describe, expect, test } from 'vitest'
import { loadShop } from '../../../src/features/imports/load-shop.ts'
import { upsertProducts } from '../../../src/features/products/upsert.ts'
import {
  aPromotion,
  aReadyCheckout,
  complete,
  NOTHING,
  orderOf,
  READY,
  tracesOf,
} from '../../support/buying.ts'
import { aProduct, aVariant, SHOP } from '../../support/factories.ts'
import { type Answer, openShop, type TestShop, withKey } from '../../support/shop.ts'

let shop: TestShop
beforeAll(async () => {
  shop = await openShop()
})

/** A product whose price can be set. */
async function aPricedProduct() {
  const product = aProduct()
  const { variantIds } = await shop.addProduct(product)
  const priceIs = (amount: number) =>
    upsertProducts(shop.deps, 'test', [
      {
        ...product,
        variants: [aVariant({ prices: [{ currency: 'EUR', amount, compare_at_amount: null }] })],
      },
    ])
  return { variantId: variantIds[0] ?? '', priceIs }
}
const patch = (id: string, body: object) => shop.call('PATCH', `/v1/checkouts/${id}`, { body })
const totalOf = ({ body }: Answer): number => body.totals.total.amount

describe('a total that rose', () => {
  test('since the checkout was created is not charged; the new one is told, and nothing happened', async () => {
    const { variantId, priceIs } = await aPricedProduct()
    const id = await aReadyCheckout(shop, variantId)
    await priceIs(2001)
    const key = withKey()
    const refused = await complete(shop, id, { key })
    expect([refused.status, refused.body.code], refused.text).toEqual([409, 'total_changed'])
    expect(refused.body.total).toEqual({ amount: 2501, currency: 'EUR' })
    expect(await tracesOf(shop, id)).toEqual(NOTHING)
    // Pressing the button again is not agreeing: whatever is retried unseen stays refused.
    expect((await complete(shop, id, { key })).body.code).toBe('total_changed')
    expect((await complete(shop, id)).body.code).toBe('total_changed')
  })

  test.each([
    ['reading', (id: string) => shop.get(`/v1/checkouts/${id}`)],
    ['changing', (id: string) => patch(id, { note: 'Ring twice' })],
  ])('is charged once %s the checkout has shown it', async (_, look) => {
    const { variantId, priceIs } = await aPricedProduct()
    const id = await aReadyCheckout(shop, variantId)
    await priceIs(2600)
    expect((await complete(shop, id)).body.code).toBe('total_changed')
    expect(totalOf(await look(id))).toBe(3100)
    const paid = await complete(shop, id)
    expect(paid.status, paid.text).toBe(200)
    expect(totalOf(await orderOf(shop, paid))).toBe(3100)
  })

  test('is charged at once when the client names it as expected', async () => {
    const { variantId, priceIs } = await aPricedProduct()
    const id = await aReadyCheckout(shop, variantId)
    await priceIs(2600)
    const { body } = await complete(shop, id)
    const paid = await complete(shop, id, { expected_total: body.total })
    expect(paid.status, paid.text).toBe(200)
  })

  test('because a discount ended is not charged either', async () => {
    const buyer = await openShop()
    const rule = { ends_at: buyer.deps.clock() + 1000 }
    await loadShop(buyer.deps, { ...SHOP, promotions: [aPromotion('SOONOVER', { rule })] })
    const { variantId } = await aPricedProduct()
    const id = await aReadyCheckout(buyer, variantId, 1, { discount_codes: ['SOONOVER'] })
    buyer.advance(1000)
    expect((await complete(buyer, id)).body).toMatchObject({ code: 'total_changed', total: { amount: 2500 } })
    expect((await buyer.get(`/v1/checkouts/${id}`)).body.discounts).toEqual([])
    expect((await complete(buyer, id)).status).toBe(200)
  })

  test('above the last one shown counts, even when a dearer one was shown before that', async () => {
    const { variantId, priceIs } = await aPricedProduct()
    const id = await aReadyCheckout(shop, variantId)
    await priceIs(1000)
    expect(totalOf(await shop.get(`/v1/checkouts/${id}`))).toBe(1500)
    await priceIs(2000)
    expect((await complete(shop, id)).body.code).toBe('total_changed')
  })
})

test('a total that fell is charged as it is now, unasked', async () => {
  const { variantId, priceIs } = await aPricedProduct()
  const id = await aReadyCheckout(shop, variantId)
  await priceIs(1500)
  const paid = await complete(shop, id)
  expect(paid.status, paid.text).toBe(200)
  expect(totalOf(await orderOf(shop, paid))).toBe(2000)
})

test('a cart’s total is not agreed to: the checkout that is made of it shows its own', async () => {
  const { variantId, priceIs } = await aPricedProduct()
  const cart = await shop.post('/v1/carts', { lines: [{ variant_id: variantId, quantity: 1 }] })
  await priceIs(2600)
  const { body } = await shop.post('/v1/checkouts', { cart_id: cart.body.id, ...READY })
  expect(body.totals.total.amount).toBe(3100)
  expect((await complete(shop, body.id)).status).toBe(200)
})

test('reading what has not changed is one database call and no write; showing a new total is two', async () => {
  const { variantId, priceIs } = await aPricedProduct()
  const id = await aReadyCheckout(shop, variantId)
  const read = () => shop.get(`/v1/checkouts/${id}`)
  expect(await shop.countCalls(read)).toBe(1)
  await priceIs(2600)
  expect(await shop.countCalls(read)).toBe(2)
  expect(await shop.countCalls(read)).toBe(1)
})

test('a checkout from before totals were noted is paid as before', async () => {
  const { variantId, priceIs } = await aPricedProduct()
  const id = await aReadyCheckout(shop, variantId)
  await shop.db.run(`UPDATE checkouts SET shown_total = NULL WHERE id = '${id}'`)
  await priceIs(2600)
  expect((await complete(shop, id)).status).toBe(200)
})

test('the answer of a completion is what reading the checkout answers after it, to the last member', async () => {
  const { variantId } = await aPricedProduct()
  const id = await aReadyCheckout(shop, variantId)
  shop.advance(5000)
  const completed = await complete(shop, id)
  expect(completed.status, completed.text).toBe(200)
  expect(completed.body.updated_at).toBe(new Date(shop.deps.clock()).toISOString())
  expect((await shop.get(`/v1/checkouts/${id}`)).body).toEqual(completed.body)
})
