// Buyers at the same time, and the moments between two calls of one purchase: never more sold than there is, never
// two orders of one checkout, never a part of a basket.

import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openStore } from '#platform'
import { loadShop } from '../../../src/features/imports/load-shop.ts'
import {
  aPromotion,
  aReadyCheckout,
  aVariantOf,
  complete,
  expectPromisesKept,
  NOTHING,
  ONE_ORDER,
  READY,
  stockOf,
  tracesOf,
} from '../../support/buying.ts'
import { SHOP } from '../../support/factories.ts'
import { aFlakyDb, fine, precededBy } from '../../support/flaky-db.ts'
import { type Answer, openShop, type TestShop, withKey } from '../../support/shop.ts'

let shop: TestShop
let flaky: ReturnType<typeof aFlakyDb>
/** The same shop over a database whose calls can be preceded by something else. */
let watched: TestShop
beforeAll(async () => {
  flaky = aFlakyDb((await openStore()).db)
  watched = await openShop({ deps: { db: flaky.db } })
  shop = await openShop()
  await loadShop(shop.deps, { ...SHOP, promotions: [aPromotion('LAST', { usage_limit: 1 })] })
})
afterAll(() => expectPromisesKept(shop))

const times = <T>(count: number, work: (index: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => work(index)))
const sold = (answers: Answer[]) => answers.filter(({ status }) => status === 200)
const codesOf = (answers: Answer[]) => new Set(answers.map(({ body }) => body.code))

describe('many buyers', () => {
  test('the last 3 pieces are sold 3 times, and the other 9 are told that none is left', async () => {
    const variantId = await aVariantOf(shop, { quantity: 3 })
    const ids = await times(12, () => aReadyCheckout(shop, variantId))
    const answers = await Promise.all(ids.map(id => complete(shop, id)))
    expect(sold(answers)).toHaveLength(3)
    for (const answer of answers.filter(({ status }) => status !== 200))
      expect(answer.body).toMatchObject({ code: 'stock_insufficient', items: [{ quantity_available: 0 }] })
    expect(await stockOf(shop, variantId)).toEqual({ on_hand: 0, reserved: 0 })
  })

  test('baskets over the same goods, in any order, are sold whole or not at all', async () => {
    const variants = await times(3, () => aVariantOf(shop, { quantity: 8 }))
    const baskets = await times(24, async i => {
      const picked = [variants[i % 3], variants[(i + 1) % 3]].map(variant_id => ({ variant_id, quantity: 2 }))
      const lines = i % 2 === 0 ? picked : picked.reverse()
      return (await shop.post('/v1/checkouts', { lines, ...READY })).body.id
    })
    const answers = await Promise.all(baskets.map(id => complete(shop, id)))
    expect(codesOf(answers.filter(({ status }) => status !== 200))).toEqual(new Set(['stock_insufficient']))
    expect(sold(answers).length).toBeGreaterThanOrEqual(4)
    for (const [i, id] of baskets.entries())
      expect(await tracesOf(shop, id)).toMatchObject(
        answers[i]?.status === 200 ? { orders: 1, movements: 2, held: 0 } : NOTHING,
      )
    const left = (await Promise.all(variants.map(id => stockOf(shop, id)))).map(({ on_hand }) => on_hand)
    expect(left.reduce((a, b) => a + b, 0)).toBe(24 - 4 * sold(answers).length)
  })

  test('order numbers are unique and count up', async () => {
    const variantId = await aVariantOf(shop, { quantity: 20 })
    const ids = await times(20, () => aReadyCheckout(shop, variantId))
    const [{ last } = { last: 0 }] = await shop.db.all<{ last: number }>(
      sql`SELECT coalesce(max(number), 1000) AS last FROM orders`,
    )
    expect(sold(await Promise.all(ids.map(id => complete(shop, id))))).toHaveLength(20)
    const numbers = await shop.db.all<{ number: number }>(
      sql`SELECT number FROM orders WHERE number > ${last} ORDER BY number`,
    )
    expect(numbers.map(({ number }) => number)).toEqual(Array.from({ length: 20 }, (_, i) => last + 1 + i))
  })
})

describe('one checkout', () => {
  test('completed 50 times at once with different keys makes one order', async () => {
    const variantId = await aVariantOf(shop, { quantity: 50 })
    const id = await aReadyCheckout(shop, variantId)
    const answers = await times(50, () => complete(shop, id))
    expect(sold(answers)).toHaveLength(1)
    const refused = answers.filter(({ status }) => status !== 200)
    expect(refused.map(({ status }) => status)).toEqual(Array(49).fill(409))
    for (const code of codesOf(refused))
      expect(['changed_meanwhile', 'checkout_completing', 'checkout_closed']).toContain(code)
    expect(await tracesOf(shop, id)).toMatchObject({ ...ONE_ORDER, payments: ['captured'] })
    expect(await stockOf(shop, variantId)).toEqual({ on_hand: 49, reserved: 0 })
  })

  test('completed 50 times at once with one key makes one order, and whoever retries gets it', async () => {
    const id = await aReadyCheckout(shop, await aVariantOf(shop))
    const key = withKey()
    const answers = await times(50, () => complete(shop, id, { key }))
    for (const answer of answers.filter(({ status }) => status !== 200)) {
      expect([answer.status, answer.body.code]).toEqual([409, 'idempotency_in_progress'])
      expect(answer.headers.get('Retry-After')).toBe('1')
    }
    const retried = await times(10, () => complete(shop, id, { key }))
    expect(new Set([...sold(answers), ...retried].map(({ text }) => text)).size).toBe(1)
    expect(await tracesOf(shop, id)).toMatchObject({ ...ONE_ORDER, payments: ['captured'] })
  })

  test('completed and cancelled at once is one or the other', async () => {
    const ids = await times(8, async () => aReadyCheckout(shop, await aVariantOf(shop)))
    for (const id of ids) {
      const [paid, cancelled] = await Promise.all([
        complete(shop, id),
        shop.post(`/v1/checkouts/${id}/cancel`, undefined),
      ])
      expect([paid.status, cancelled.status].sort()).toEqual([200, 409])
      const { status } = (await shop.get(`/v1/checkouts/${id}`)).body
      expect(status).toBe(paid.status === 200 ? 'completed' : 'cancelled')
      expect(await tracesOf(shop, id)).toMatchObject(paid.status === 200 ? ONE_ORDER : NOTHING)
    }
  })
})

describe('one cart', () => {
  // Two checkouts are two baskets, and a buyer who pays for both wants both; only the cart is used up by the first.
  test('taken over by two checkouts makes two orders when both are paid, and is gone', async () => {
    const variant_id = await aVariantOf(shop)
    const cart = await shop.post('/v1/carts', { lines: [{ variant_id, quantity: 2 }] })
    const checkouts = await times(2, () => shop.post('/v1/checkouts', { cart_id: cart.body.id, ...READY }))
    const paid = await Promise.all(checkouts.map(({ body }) => complete(shop, body.id)))
    expect(paid.map(({ status }) => status)).toEqual([200, 200])
    expect(new Set(paid.map(({ body }) => body.order_id)).size).toBe(2)
    expect(await stockOf(shop, variant_id)).toEqual({ on_hand: 6, reserved: 0 })
    expect((await shop.get(`/v1/carts/${cart.body.id}`)).status).toBe(404)
    expect((await shop.post('/v1/checkouts', { cart_id: cart.body.id })).status).toBe(404)
  })
})

describe('between looking and claiming', () => {
  /** Completes a checkout, with something else happening after its prices and stock were read. */
  const completeAfter = (id: string, work: () => Promise<unknown>) => {
    flaky.next(fine, precededBy(work))
    return complete(watched, id)
  }

  test('the last piece goes to somebody else: told with what is left, and nothing is kept', async () => {
    const variantId = await aVariantOf(shop, { quantity: 2 })
    const id = await aReadyCheckout(shop, variantId, 2)
    const other = await aReadyCheckout(shop, variantId, 1)
    const answer = await completeAfter(id, () => complete(shop, other))
    expect(answer.body).toMatchObject({
      code: 'stock_insufficient',
      items: [{ variant_id: variantId, quantity: 2, quantity_available: 1 }],
    })
    expect(await tracesOf(shop, id)).toEqual(NOTHING)
  })

  test('the last piece is held and given back again: asked to try again, never told an empty list', async () => {
    const variantId = await aVariantOf(shop, { quantity: 1 })
    const id = await aReadyCheckout(shop, variantId)
    const set = (reserved: number) =>
      shop.db.run(sql`UPDATE stock_levels SET reserved = ${reserved} WHERE variant_id = ${variantId}`)
    flaky.next(
      fine,
      precededBy(() => set(1)),
      precededBy(() => set(0)),
    )
    const answer = await complete(watched, id)
    expect([answer.status, answer.body.code]).toEqual([409, 'changed_meanwhile'])
    expect((await complete(shop, id)).status).toBe(200)
  })

  test('the stock row of counted goods vanishes: refused, never taken as unlimited', async () => {
    const variantId = await aVariantOf(shop, { quantity: 0 })
    await shop.db.run(sql`UPDATE stock_levels SET on_hand = 1 WHERE variant_id = ${variantId}`)
    const id = await aReadyCheckout(shop, variantId)
    const answer = await completeAfter(id, () =>
      shop.db.run(sql`DELETE FROM stock_levels WHERE variant_id = ${variantId}`),
    )
    expect(answer.body).toMatchObject({ code: 'stock_insufficient', items: [{ quantity_available: 0 }] })
    expect(await tracesOf(shop, id)).toEqual(NOTHING)
  })

  test('the last use of a discount goes to somebody else: told so, and nothing is kept', async () => {
    const variantId = await aVariantOf(shop)
    const [id, other] = await times(2, () => aReadyCheckout(shop, variantId, 1, { discount_codes: ['LAST'] }))
    const answer = await completeAfter(id ?? '', () => complete(shop, other ?? ''))
    expect([answer.status, answer.body.code]).toEqual([409, 'discount_used_up'])
    expect(await tracesOf(shop, id ?? '')).toEqual(NOTHING)
    expect((await shop.get(`/v1/checkouts/${id}`)).body.discount_codes).toEqual([
      { code: 'LAST', applied: false, reason: 'code_used_up' },
    ])
  })

  test('the buyer changes the checkout in another window: nothing is bought', async () => {
    const id = await aReadyCheckout(shop, await aVariantOf(shop))
    const answer = await completeAfter(id, () =>
      shop.call('PATCH', `/v1/checkouts/${id}`, { body: { shipping_option_id: 'ship_express' } }),
    )
    expect([answer.status, answer.body.code]).toEqual([409, 'changed_meanwhile'])
    expect(await tracesOf(shop, id)).toEqual(NOTHING)
  })
})
