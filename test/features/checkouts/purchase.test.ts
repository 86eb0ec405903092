// The main road from an item to an order, every answer that the provider can give on it, and what each leaves behind.
// Races are in races.test.ts, interruptions in recovery.test.ts and faults.test.ts.

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
  ONE_ORDER,
  orderOf,
  READY,
  stockOf,
  tracesOf,
} from '../../support/buying.ts'
import { SHOP } from '../../support/factories.ts'
import { openShop, type TestShop, withKey } from '../../support/shop.ts'

let shop: TestShop
beforeAll(async () => {
  shop = await openShop()
  await loadShop(shop.deps, {
    ...SHOP,
    promotions: [
      aPromotion('TEN'),
      aPromotion('ONCE', { usage_limit: 1 }),
      aPromotion('ALL', { rule: { percent_bps: 10_000 } }),
      aPromotion('SHIP', { rule: { kind: 'free_shipping', priority: 2 } }),
    ],
  })
})
afterAll(() => expectPromisesKept(shop))

describe('a purchase', () => {
  test('goes from cart to order, takes the stock and can be read with its token', async () => {
    const { variantIds, handle } = await shop.addProduct()
    const cart = await shop.post('/v1/carts', { lines: [{ variant_id: variantIds[0], quantity: 2 }] })
    expect(cart.status, cart.text).toBe(201)
    const checkout = await shop.post('/v1/checkouts', { cart_id: cart.body.id })
    const path = `/v1/checkouts/${checkout.body.id}`
    await shop.call('PATCH', path, { body: { email: READY.email, shipping_address: READY.shipping_address } })
    const ready = await shop.call('PATCH', path, { body: { shipping_option_id: 'ship_standard' } })
    expect(ready.body.status, ready.text).toBe('ready')
    expect(ready.body.totals).toMatchObject({
      total: { amount: 4500 },
      tax: { amount: Math.round((4500 * 19) / 119) },
    })

    const completed = await complete(shop, checkout.body.id)
    expect(completed.status, completed.text).toBe(200)
    expect(completed.body).toMatchObject({ status: 'completed', missing: [], totals: ready.body.totals })
    const order = await orderOf(shop, completed)
    expect(order.status, order.text).toBe(200)
    expect(order.body).toMatchObject({ payment_status: 'paid', status: 'open', totals: ready.body.totals })

    const product = await shop.get(`/v1/products/${handle}`)
    expect(product.body.variants[0].quantity_available).toBe(8)
    expect((await shop.get(`/v1/carts/${cart.body.id}`)).status).toBe(404)
    expect((await shop.get(path)).body).toEqual(completed.body)
  })

  test('leaves order, movements, payment, records, events, audit row and answer, each once (INV-ATOMIC)', async () => {
    const variantId = await aVariantOf(shop)
    const id = await aReadyCheckout(shop, variantId, 3, { discount_codes: ['TEN'] })
    const request = await complete(shop, id, {
      key: { ...withKey(), 'X-Request-Id': 'req-of-this-purchase' },
    })
    expect(request.status, request.text).toBe(200)
    expect(await tracesOf(shop, id)).toEqual({
      ...ONE_ORDER,
      redemptions: 1,
      audits: 1,
      payments: ['captured'],
    })
    const orderId = request.body.order_id
    const rows = (text: string) => shop.db.all<Record<string, unknown>>(sql.raw(text))
    expect(
      await rows(`SELECT variant_id, quantity, reason FROM stock_movements WHERE order_id = '${orderId}'`),
    ).toEqual([{ variant_id: variantId, quantity: -3, reason: 'sale' }])
    const amount = request.body.totals.total.amount
    expect(
      await rows(`SELECT r.kind, r.amount FROM payment_records r JOIN payments p ON p.id = r.payment_id
        WHERE p.order_id = '${orderId}' ORDER BY r.id`),
    ).toEqual([
      { kind: 'started', amount },
      { kind: 'captured', amount },
    ])
    expect(
      await rows(`SELECT actor, action, request_id FROM audit_log WHERE object_id = '${orderId}'`),
    ).toEqual([{ actor: 'anonymous', action: 'checkout.completed', request_id: 'req-of-this-purchase' }])
    expect(
      await rows(`SELECT type, due_at IS NOT NULL AS is_due FROM outbox_events
        WHERE data ->> 'order_id' = '${orderId}' ORDER BY type`),
    ).toEqual([
      { type: 'order.placed', is_due: 1 },
      { type: 'payment.captured', is_due: 1 },
    ])
    expect(await stockOf(shop, variantId)).toEqual({ on_hand: 7, reserved: 0 })
  })

  test('leaves no personal data in events, audit log and logs, and no token anywhere', async () => {
    const id = await aReadyCheckout(shop, await aVariantOf(shop), 1, { email: 'marie@curie.example' })
    const { body } = await complete(shop, id)
    const traces = await shop.db.all(
      sql`SELECT data AS text FROM outbox_events UNION ALL SELECT changes FROM audit_log`,
    )
    for (const text of [JSON.stringify(traces), JSON.stringify(shop.logs)])
      for (const secret of ['marie@curie', READY.shipping_address.line1, body.order_token, 'tok_approved'])
        expect(text).not.toContain(secret)
    const stored = await shop.db.all(sql`SELECT body AS text FROM idempotency_keys
      UNION ALL SELECT frozen_view FROM checkouts UNION ALL SELECT draft FROM payments`)
    expect(JSON.stringify(stored)).not.toContain(body.order_token)
  })
})

describe('what the provider answers', () => {
  test('approved: an order that is paid', async () => {
    const id = await aReadyCheckout(shop, await aVariantOf(shop))
    const order = await orderOf(shop, await complete(shop, id))
    expect(order.body.payments).toMatchObject([
      { provider: 'test', status: 'captured', captured: order.body.totals.total, refunded: { amount: 0 } },
    ])
  })

  test('declined: 402, stock and discounts given back, the answer kept, another try with a new key works', async () => {
    const variantId = await aVariantOf(shop, { quantity: 1 })
    const id = await aReadyCheckout(shop, variantId, 1, { discount_codes: ['ONCE'] })
    const key = withKey()
    const declined = await complete(shop, id, { key, token: 'tok_declined' })
    expect([declined.status, declined.body.code]).toEqual([402, 'payment_declined'])
    expect(declined.body.reason).toBe('card_declined')
    expect(await stockOf(shop, variantId)).toEqual({ on_hand: 1, reserved: 0 })
    expect(await tracesOf(shop, id)).toEqual({
      ...NOTHING,
      audits: 1,
      payments: ['declined'],
      keys: ['done'],
    })
    const replayed = await complete(shop, id, { key, token: 'tok_declined' })
    expect([replayed.status, replayed.text]).toEqual([402, declined.text])
    expect(replayed.headers.get('Idempotent-Replayed')).toBe('true')
    expect((await tracesOf(shop, id)).payments).toEqual(['declined'])

    expect((await shop.get(`/v1/checkouts/${id}`)).body).toMatchObject({ status: 'ready' })
    const paid = await complete(shop, id)
    expect(paid.status, paid.text).toBe(200)
    expect(await tracesOf(shop, id)).toMatchObject({ orders: 1, payments: ['declined', 'captured'] })
    expect(paid.body.discount_codes).toEqual([{ code: 'ONCE', applied: true }])
  })

  test.each([
    ['missing', { provider: 'test' }],
    ['unknown', { provider: 'test', token: 'tok_x' }],
  ])(
    'a token that is %s: 422 with its place, all given back, and the same key works mended',
    async (_, payment) => {
      const variantId = await aVariantOf(shop)
      const id = await aReadyCheckout(shop, variantId, 1, { discount_codes: ['TEN'] })
      const key = withKey()
      const refused = await shop.post(`/v1/checkouts/${id}/complete`, { payment }, key)
      expect([refused.status, refused.body.code], refused.text).toEqual([422, 'payment_token_invalid'])
      expect(refused.body.errors).toMatchObject([
        { in: 'body', pointer: '/payment/token', code: 'payment_token_invalid' },
      ])
      expect(await stockOf(shop, variantId)).toEqual({ on_hand: 10, reserved: 0 })
      expect(await tracesOf(shop, id)).toEqual({ ...NOTHING, audits: 1, payments: ['failed'] })
      const paid = await complete(shop, id, { key })
      expect(paid.status, paid.text).toBe(200)
      expect(await tracesOf(shop, id)).toMatchObject({ ...ONE_ORDER, payments: ['failed', 'captured'] })
    },
  )

  test('an error before the charge: 503, and the same key works afterwards', async () => {
    const variantId = await aVariantOf(shop)
    const id = await aReadyCheckout(shop, variantId)
    const key = withKey()
    const failed = await complete(shop, id, { key, token: 'tok_error_before_charge' })
    expect([failed.status, failed.body.code]).toEqual([503, 'payment_unavailable'])
    expect(failed.headers.get('Retry-After')).toBe('5')
    expect(await stockOf(shop, variantId)).toEqual({ on_hand: 10, reserved: 0 })
    expect(await tracesOf(shop, id)).toEqual({ ...NOTHING, audits: 1, payments: ['failed'] })
    const paid = await complete(shop, id, { key })
    expect(paid.status, paid.text).toBe(200)
    expect(paid.headers.get('Idempotent-Replayed')).toBeNull()
    expect(await tracesOf(shop, id)).toMatchObject({ ...ONE_ORDER, payments: ['failed', 'captured'] })
  })

  test('a time-out after the charge: found by look-up, one order, charged once', async () => {
    const id = await aReadyCheckout(shop, await aVariantOf(shop))
    const key = withKey()
    const answer = await complete(shop, id, { key, token: 'tok_timeout_after_charge' })
    expect(answer.status, answer.text).toBe(200)
    const again = await complete(shop, id, { key, token: 'tok_timeout_after_charge' })
    expect([again.status, again.text]).toEqual([200, answer.text])
    expect(await tracesOf(shop, id)).toMatchObject({ ...ONE_ORDER, payments: ['captured'] })
    const charges = await shop.db.all(sql`SELECT captured, refunded FROM test_provider_charges
      WHERE key IN (SELECT id FROM payments WHERE checkout_id = ${id})`)
    expect(charges).toEqual([{ captured: 2500, refunded: 0 }])
  })

  test('pay later: an order whose payment is pending, with its stock taken', async () => {
    const variantId = await aVariantOf(shop)
    const id = await aReadyCheckout(shop, variantId)
    const answer = await complete(shop, id, { provider: 'manual', token: undefined })
    expect(answer.status, answer.text).toBe(200)
    const order = await orderOf(shop, answer)
    expect(order.body.payment_status).toBe('pending')
    expect(order.body.payments).toMatchObject([{ status: 'awaiting', captured: { amount: 0 } }])
    expect(await stockOf(shop, variantId)).toEqual({ on_hand: 9, reserved: 0 })
    expect(await tracesOf(shop, id)).toMatchObject({ ...ONE_ORDER, events: 1, payments: ['awaiting'] })
  })

  test('nothing to pay: an order, and the provider is never asked', async () => {
    const id = await aReadyCheckout(shop, await aVariantOf(shop), 1, { discount_codes: ['ALL', 'SHIP'] })
    const answer = await complete(shop, id, { token: 'tok_declined' })
    expect(answer.status, answer.text).toBe(200)
    expect(answer.body.totals.total.amount).toBe(0)
    expect((await orderOf(shop, answer)).body.payment_status).toBe('paid')
    const charges = await shop.db.all(
      sql`SELECT key FROM test_provider_charges WHERE key IN (SELECT id FROM payments WHERE checkout_id = ${id})`,
    )
    expect(charges).toEqual([])
  })
})

describe('one key', () => {
  test('gives the same answer again, order token and all, and one order', async () => {
    const id = await aReadyCheckout(shop, await aVariantOf(shop))
    const key = withKey()
    const first = await complete(shop, id, { key })
    const second = await complete(shop, id, { key })
    expect([second.status, second.text]).toEqual([200, first.text])
    expect(second.headers.get('Idempotent-Replayed')).toBe('true')
    expect(second.body.order_token).toMatch(/^ot_[0-9a-f]{64}$/)
    expect(await tracesOf(shop, id)).toMatchObject(ONE_ORDER)
  })

  test('with another body is refused, before and after the order', async () => {
    const id = await aReadyCheckout(shop, await aVariantOf(shop))
    const key = withKey()
    await complete(shop, id, { key })
    const other = await complete(shop, id, { key, provider: 'manual' })
    expect([other.status, other.body.code]).toEqual([422, 'idempotency_key_reused'])
  })

  test('another key on a paid checkout is told so, and changes nothing', async () => {
    const id = await aReadyCheckout(shop, await aVariantOf(shop))
    await complete(shop, id)
    const other = await complete(shop, id)
    expect(other.body).toMatchObject({ code: 'checkout_closed', checkout_status: 'completed' })
    expect(await tracesOf(shop, id)).toMatchObject(ONE_ORDER)
  })

  test('is forgotten a day later, and the checkout still is not paid twice', async () => {
    const id = await aReadyCheckout(shop, await aVariantOf(shop))
    const key = withKey()
    await complete(shop, id, { key })
    shop.advance(24 * 60 * 60 * 1000 + 1)
    await shop.sweep()
    expect((await complete(shop, id, { key })).body.code).toBe('checkout_closed')
    expect(await tracesOf(shop, id)).toMatchObject({ orders: 1, keys: [] })
  })
})

describe('stock policies', () => {
  test('goods that are sold on order take what there is, and never make stock negative', async () => {
    const variantId = await aVariantOf(shop, { inventory_policy: 'continue', quantity: 2 })
    const first = await complete(shop, await aReadyCheckout(shop, variantId, 5))
    expect(first.status, first.text).toBe(200)
    expect(first.body.messages).toEqual([])
    expect(await stockOf(shop, variantId)).toEqual({ on_hand: 0, reserved: 0 })
    expect((await complete(shop, await aReadyCheckout(shop, variantId, 3))).status).toBe(200)
    expect(await stockOf(shop, variantId)).toEqual({ on_hand: 0, reserved: 0 })
  })

  test('untracked goods, and goods sold on order, need no stock row', async () => {
    const untracked = await aVariantOf(shop, { tracks_inventory: false, quantity: null })
    const onOrder = await aVariantOf(shop, { inventory_policy: 'continue', quantity: 0 })
    await shop.db.run(sql`DELETE FROM stock_levels WHERE variant_id = ${onOrder}`)
    for (const variantId of [untracked, onOrder]) {
      const answer = await complete(shop, await aReadyCheckout(shop, variantId, 50))
      expect(answer.status, answer.text).toBe(200)
      expect(await shop.db.all(sql`SELECT 1 FROM stock_levels WHERE variant_id = ${variantId}`)).toEqual([])
    }
  })

  test('counted goods without a stock row are refused, never taken as unlimited', async () => {
    const variantId = await aVariantOf(shop, { quantity: 0 })
    await shop.db.run(sql`DELETE FROM stock_levels WHERE variant_id = ${variantId}`)
    const id = await aReadyCheckout(shop, variantId)
    const answer = await complete(shop, id)
    expect(answer.body).toMatchObject({ code: 'stock_insufficient', items: [{ quantity_available: 0 }] })
    expect(await tracesOf(shop, id)).toEqual(NOTHING)
  })
})
