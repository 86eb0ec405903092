// Orders: what was bought stays as it was, and only the holder of the order's token sees it (INV-404).

import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { violatedConstraint } from '../../../src/db/errors.ts'
import { loadShop } from '../../../src/features/imports/load-shop.ts'
import { upsertProducts } from '../../../src/features/products/upsert.ts'
import {
  aPromotion,
  aReadyCheckout,
  aVariantOf,
  complete,
  expectPromisesKept,
  orderOf,
} from '../../support/buying.ts'
import { anAddress, aProduct, aVariant, SHOP } from '../../support/factories.ts'
import { openShop, type TestShop } from '../../support/shop.ts'

let shop: TestShop
beforeAll(async () => {
  shop = await openShop()
  await loadShop(shop.deps, { ...SHOP, promotions: [aPromotion('TEN')] })
})
afterAll(() => expectPromisesKept(shop))

const anOrder = async () => {
  const completed = await complete(shop, await aReadyCheckout(shop, await aVariantOf(shop)))
  expect(completed.status, completed.text).toBe(200)
  return { id: completed.body.order_id, token: completed.body.order_token }
}
const read = (id: string, headers: Record<string, string> = {}) =>
  shop.get(`/v1/orders/${id}`, { 'X-Request-Id': 'the-same-request-id', ...headers })

describe('an order', () => {
  test('says what was bought, for how much, by whom, and where it goes', async () => {
    const { variantIds, id: productId } = await shop.addProduct({
      title: 'Mug',
      variants: [aVariant({ title: 'Blue', sku: 'MUG-B' })],
    })
    const billing = anAddress({ name: 'Accounts', company: 'Engines Ltd' })
    const id = await aReadyCheckout(shop, variantIds[0] ?? '', 2, {
      discount_codes: ['TEN'],
      phone: '+49 30 123456',
      note: 'Ring twice',
      billing_address: billing,
    })
    const completed = await complete(shop, id)
    const order = await orderOf(shop, completed)
    expect(order.status, order.text).toBe(200)
    expect(order.headers.get('Cache-Control')).toBe('no-store')
    const money = (amount: number) => ({ amount, currency: 'EUR' })
    expect(order.body).toMatchObject({
      id: completed.body.order_id,
      checkout_id: id,
      status: 'open',
      payment_status: 'paid',
      fulfilment_status: 'unfulfilled',
      email: 'ada@example.com',
      phone: '+49 30 123456',
      note: 'Ring twice',
      lines: [
        {
          product_id: productId,
          variant_id: variantIds[0],
          title: 'Mug',
          variant_title: 'Blue',
          sku: 'MUG-B',
          quantity: 2,
          unit_price: money(2000),
          subtotal: money(4000),
          discount: money(400),
          total: money(3600),
          requires_shipping: true,
        },
      ],
      discounts: [{ code: 'TEN', amount: money(400) }],
      shipping_option: { id: 'ship_standard', title: 'Standard', price: money(500) },
      payments: [{ provider: 'test', status: 'captured', amount: money(4100), captured: money(4100) }],
    })
    expect(order.body.totals).toEqual(completed.body.totals)
    expect(order.body.shipping_address).toEqual(anAddress())
    expect(order.body.billing_address).toEqual(billing)
    expect(order.body.number).toBeGreaterThan(1000)
  })

  test('is billed to the shipping address when no other was given', async () => {
    const { id, token } = await anOrder()
    const { body } = await read(id, { 'Order-Token': token })
    expect(body.billing_address).toEqual(body.shipping_address)
  })

  test('never changes with the catalogue, and outlives it', async () => {
    const product = aProduct()
    const { variantIds } = await shop.addProduct(product)
    const completed = await complete(shop, await aReadyCheckout(shop, variantIds[0] ?? ''))
    const before = await orderOf(shop, completed)
    const variants = [aVariant({ prices: [{ currency: 'EUR', amount: 1, compare_at_amount: null }] })]
    await upsertProducts(shop.deps, 'test', [{ ...product, title: 'Other', variants }])
    await shop.db.run(sql`DELETE FROM products WHERE handle = ${product.handle}`)
    expect((await orderOf(shop, completed)).text).toBe(before.text)
  })

  test('has a strong ETag', async () => {
    const { id, token } = await anOrder()
    const first = await read(id, { 'Order-Token': token })
    const again = await read(id, { 'Order-Token': token, 'If-None-Match': first.headers.get('ETag') ?? '' })
    expect([again.status, again.text]).toEqual([304, ''])
  })
})

describe('a stranger', () => {
  test('sees of an order exactly what a missing one looks like, byte for byte', async () => {
    const [mine, theirs] = [await anOrder(), await anOrder()]
    const missing = await read('ord_01KAMRCB9R0000000000000000', { 'Order-Token': mine.token })
    expect([missing.status, missing.body.code]).toEqual([404, 'not_found'])
    const headersOf = ({ headers }: { headers: Headers }) =>
      [...headers].filter(([name]) => name !== 'ratelimit')
    for (const token of [
      undefined,
      '',
      'ot_',
      theirs.token,
      mine.token.toUpperCase(),
      mine.token.slice(0, -1),
      `${mine.token}0`,
      `${mine.token.slice(0, -1)}${mine.token.endsWith('0') ? '1' : '0'}`,
    ]) {
      const answer = await read(mine.id, token === undefined ? {} : { 'Order-Token': token })
      expect([answer.status, answer.text], token).toEqual([404, missing.text])
      expect(headersOf(answer)).toEqual(headersOf(missing))
    }
    expect((await read(mine.id, { 'Order-Token': mine.token })).status).toBe(200)
  })

  test('gets as many database calls for a missing order as for a hidden one', async () => {
    const { id } = await anOrder()
    const hidden = await shop.countCalls(() => read(id, { 'Order-Token': 'ot_wrong' }))
    expect(await shop.countCalls(() => read('ord_missing', { 'Order-Token': 'ot_wrong' }))).toBe(hidden)
  })

  test('cannot use a token of this shop under another secret', async () => {
    const { id, token } = await anOrder()
    const other = await openShop({ env: { TOKEN_SECRET: 'another-secret-of-at-least-thirty-two-bytes' } })
    expect((await other.get(`/v1/orders/${id}`, { 'Order-Token': token })).status).toBe(404)
  })
})

describe('what the books refuse (INV-MONEY, INV-ONCE)', () => {
  const refusalOf = (statement: string) =>
    shop.db.run(sql.raw(statement)).then(
      () => null,
      (error: unknown) => violatedConstraint(error),
    )

  test.each([
    ['a total that is not the sum of its parts', 'SET total = total + 1', 'order_total_is_sum_of_parts'],
    ['a negative amount', 'SET discount = discount + total + 1, total = -1', 'order_amounts_not_negative'],
    ['a number twice', 'SET number = (SELECT min(number) FROM orders)', 'orders.number'],
    [
      'a second order of one checkout',
      'SET checkout_id = (SELECT checkout_id FROM orders ORDER BY number LIMIT 1)',
      'orders.checkout_id',
    ],
  ])('%s', async (_, change, constraint) => {
    await anOrder()
    const { id } = await anOrder()
    expect(await refusalOf(`UPDATE orders ${change} WHERE id = '${id}'`)).toBe(constraint)
  })

  test.each([
    ['a line of nothing', 'SET quantity = 0, subtotal = 0, discount = 0', 'order_line_quantity'],
    ['a line that does not add up', 'SET subtotal = subtotal + 1', 'order_line_sums'],
    ['a discount above the price', 'SET discount = subtotal + 1', 'order_line_sums'],
  ])('%s', async (_, change, constraint) => {
    const { id } = await anOrder()
    expect(await refusalOf(`UPDATE order_lines ${change} WHERE order_id = '${id}'`)).toBe(constraint)
  })
})
