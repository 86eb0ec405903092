// Promotions at the till: their limits hold exactly, however many buyers come at once, and a purchase that fails gives
// its use back. How much a promotion takes off is proved in test/features/pricing.

import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadShop } from '../../../src/features/imports/load-shop.ts'
import {
  aPromotion,
  aReadyCheckout,
  aVariantOf,
  complete,
  expectPromisesKept,
  NOTHING,
  orderOf,
  tracesOf,
} from '../../support/buying.ts'
import { SHOP } from '../../support/factories.ts'
import { aFlakyDb, fine, precededBy } from '../../support/flaky-db.ts'
import { openShop, START, type TestShop } from '../../support/shop.ts'

const HOUR_MS = 60 * 60 * 1000

let shop: TestShop
let variantId: string
beforeAll(async () => {
  shop = await openShop()
  variantId = await aVariantOf(shop, { quantity: 1000 })
  await loadShop(shop.deps, {
    ...SHOP,
    promotions: [
      aPromotion('FIVE', { usage_limit: 5 }),
      aPromotion('MINE', { usage_limit_per_customer: 1 }),
      aPromotion('TWICE', { usage_limit_per_customer: 2 }),
      aPromotion('BACK', { usage_limit: 1, usage_limit_per_customer: 1 }),
      aPromotion('PAIR', { usage_limit: 1, rule: { priority: 2 } }),
      aPromotion('SOON', { rule: { starts_at: START + HOUR_MS, ends_at: START + 2 * HOUR_MS } }),
    ],
  })
})
afterAll(() => expectPromisesKept(shop))

const buy = async (codes: string[], email: string, token?: string) =>
  complete(shop, await aReadyCheckout(shop, variantId, 1, { discount_codes: codes, email }), { token })
async function usesOf(code: string): Promise<{ redeemed: number; rows: number }> {
  const [row] = await shop.db.all<{ redeemed: number; rows: number }>(sql`SELECT redeemed,
    (SELECT count(*) FROM promotion_redemptions r WHERE r.promotion_id = p.id) AS rows
    FROM promotions p WHERE code = ${code}`)
  return row ?? { redeemed: -1, rows: -1 }
}
const someone = () => `${crypto.randomUUID()}@example.com`

describe('a limit in all', () => {
  test('raced by 20 buyers is used exactly so often; the others are told and pay nothing', async () => {
    const ids = await Promise.all(
      Array.from({ length: 20 }, () =>
        aReadyCheckout(shop, variantId, 1, { discount_codes: ['FIVE'], email: someone() }),
      ),
    )
    const expected_total = { amount: 2300, currency: 'EUR' }
    const answers = await Promise.all(ids.map(id => complete(shop, id, { expected_total })))
    const paid = answers.filter(({ status }) => status === 200)
    expect(paid).toHaveLength(5)
    for (const answer of paid) expect(answer.body.discounts).toMatchObject([{ code: 'FIVE' }])
    for (const answer of answers.filter(({ status }) => status !== 200)) {
      expect(answer.status).toBe(409)
      // Whoever priced before the last use was gone is refused by the limit itself, whoever came later by the total.
      expect(['discount_used_up', 'total_changed']).toContain(answer.body.code)
    }
    expect(await usesOf('FIVE')).toEqual({ redeemed: 5, rows: 5 })
    const after = await shop.post('/v1/carts', {
      lines: [{ variant_id: variantId, quantity: 1 }],
      discount_codes: ['FIVE'],
    })
    expect(after.body.discount_codes).toEqual([{ code: 'FIVE', applied: false, reason: 'code_used_up' }])
  })

  test('is not counted up by looking, by carts, or by checkouts that are not paid', async () => {
    await aReadyCheckout(shop, variantId, 1, { discount_codes: ['BACK'] })
    await shop.post('/v1/carts', {
      lines: [{ variant_id: variantId, quantity: 1 }],
      discount_codes: ['BACK'],
    })
    expect(await usesOf('BACK')).toEqual({ redeemed: 0, rows: 0 })
  })
})

describe('a limit for each customer', () => {
  test('knows the customer by email, in upper or lower case, and lets others in', async () => {
    const email = someone()
    expect((await buy(['MINE'], email)).body.discount_codes).toEqual([{ code: 'MINE', applied: true }])
    const id = await aReadyCheckout(shop, variantId, 1, {
      discount_codes: ['MINE'],
      email: email.toUpperCase(),
    })
    const refused = { code: 'MINE', applied: false, reason: 'code_used_by_customer' }
    expect((await shop.get(`/v1/checkouts/${id}`)).body.discount_codes).toEqual([refused])
    const changed = await shop.call('PATCH', `/v1/checkouts/${id}`, { body: { email: someone() } })
    expect(changed.body.discount_codes).toEqual([{ code: 'MINE', applied: true }])
    const back = await shop.call('PATCH', `/v1/checkouts/${id}`, { body: { email } })
    expect(back.body.discount_codes).toEqual([refused])
  })

  test('holds when one customer pays for many checkouts at once', async () => {
    const email = someone()
    const ids = await Promise.all(
      Array.from({ length: 8 }, () =>
        aReadyCheckout(shop, variantId, 1, { discount_codes: ['TWICE'], email }),
      ),
    )
    const answers = await Promise.all(ids.map(id => complete(shop, id)))
    const discounted = answers.filter(({ status, body }) => status === 200 && body.discounts.length > 0)
    expect(discounted).toHaveLength(2)
    // Whoever priced before the last use was gone is refused by the limit, whoever came later by the risen total.
    for (const { status, body } of answers.filter(({ status }) => status !== 200)) {
      expect(status).toBe(409)
      expect(['discount_used_up', 'total_changed']).toContain(body.code)
    }
  })

  test('holds between looking and paying: a use elsewhere in the meantime refuses this one', async () => {
    const flaky = aFlakyDb(shop.db)
    const watched = await openShop({ deps: { db: flaky.db } })
    const fields = { discount_codes: ['MINE'], email: someone() }
    const [id, other] = [
      await aReadyCheckout(shop, variantId, 1, fields),
      await aReadyCheckout(shop, variantId, 1, fields),
    ]
    flaky.next(
      fine,
      precededBy(() => complete(shop, other)),
    )
    const refused = await complete(watched, id)
    expect([refused.status, refused.body.code]).toEqual([409, 'discount_used_up'])
    expect(await tracesOf(shop, id)).toEqual(NOTHING)
  })

  test('keeps the customer as a keyed hash, never as an email', async () => {
    const email = someone()
    await buy(['TWICE'], email)
    const rows = await shop.db.all<{ customer_key: string }>(sql`SELECT * FROM promotion_redemptions`)
    expect(JSON.stringify(rows)).not.toContain(email.split('@')[0])
    for (const { customer_key } of rows) expect(customer_key).toMatch(/^[0-9a-f]{64}$/)
  })
})

describe('a purchase that fails', () => {
  test.each(['tok_declined', 'tok_error_before_charge'])('with %s gives the use back', async token => {
    const failed = await buy(['BACK'], 'back@example.com', token)
    expect(failed.status).toBeGreaterThanOrEqual(400)
    expect(await usesOf('BACK')).toEqual({ redeemed: 0, rows: 0 })
  })

  test('after which the last use is still there, once', async () => {
    expect((await buy(['BACK'], 'back@example.com')).body.discount_codes).toMatchObject([{ applied: true }])
    expect(await usesOf('BACK')).toEqual({ redeemed: 1, rows: 1 })
  })

  test('by one used-up discount of two takes no use of the other', async () => {
    const pairs = await Promise.all(
      Array.from({ length: 6 }, () =>
        aReadyCheckout(shop, variantId, 1, { discount_codes: ['TWICE', 'PAIR'], email: someone() }),
      ),
    )
    const before = await usesOf('TWICE')
    const answers = await Promise.all(
      pairs.map(id => complete(shop, id, { expected_total: { amount: 2120, currency: 'EUR' } })),
    )
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(await usesOf('PAIR')).toEqual({ redeemed: 1, rows: 1 })
    expect(await usesOf('TWICE')).toEqual({ redeemed: before.redeemed + 1, rows: before.rows + 1 })
  })
})

describe('the dates of a promotion', () => {
  test('count when the buyer pays, not when the checkout began', async () => {
    const buyer = await openShop()
    await loadShop(buyer.deps, {
      ...SHOP,
      promotions: [
        aPromotion('SOON', { rule: { starts_at: START + HOUR_MS, ends_at: START + 2 * HOUR_MS } }),
      ],
    })
    const start = () => aReadyCheckout(buyer, variantId, 1, { discount_codes: ['SOON'], email: someone() })
    const [early, late] = [await start(), await start()]
    const codes = async (id: string) => (await buyer.get(`/v1/checkouts/${id}`)).body.discount_codes
    expect(await codes(early)).toEqual([{ code: 'SOON', applied: false, reason: 'code_not_started' }])
    buyer.advance(HOUR_MS)
    const paid = await orderOf(buyer, await complete(buyer, early))
    expect(paid.body.totals.discount.amount).toBe(200)
    buyer.advance(HOUR_MS)
    expect(await codes(late)).toEqual([{ code: 'SOON', applied: false, reason: 'code_expired' }])
    expect((await orderOf(buyer, await complete(buyer, late))).body.totals.discount.amount).toBe(0)
  })
})
