// Steps that many tests take on the way to an order, and what an order leaves behind.

import { sql } from 'drizzle-orm'
import { expect } from 'vitest'
import { INVARIANTS, SETTLED } from '../../scripts/lib/invariant-queries.ts'
import { brokenChecks, checkInvariants } from '../../scripts/lib/invariants.ts'
import type { ShopFile } from '../../src/features/imports/shop-file.ts'
import { anAddress, aVariant } from './factories.ts'
import { type Answer, type TestShop, withKey } from './shop.ts'

/** All that a checkout of goods needs. */
export const READY = {
  email: 'ada@example.com',
  shipping_address: anAddress(),
  shipping_option_id: 'ship_standard',
}

/** A variant of a new product, with so many in stock. */
export async function aVariantOf(
  shop: TestShop,
  variant: Parameters<typeof aVariant>[0] = {},
): Promise<string> {
  const { variantIds } = await shop.addProduct({ variants: [aVariant(variant)] })
  return variantIds[0] ?? ''
}

/** A checkout of `quantity` pieces that may be completed. */
export async function aReadyCheckout(
  shop: TestShop,
  variantId: string,
  quantity = 1,
  fields: Record<string, unknown> = {},
): Promise<string> {
  const lines = [{ variant_id: variantId, quantity }]
  const answer = await shop.post('/v1/checkouts', { lines, ...READY, ...fields })
  expect(answer.status, answer.text).toBe(201)
  return answer.body.id
}

interface Payment {
  provider?: string
  token?: string
  key?: Record<string, string>
  expected_total?: { amount: number; currency: string }
}

/** Completes a checkout, with a fresh key unless one is given. */
export const complete = (
  shop: TestShop,
  id: string,
  { provider = 'test', token = 'tok_approved', key = withKey(), expected_total }: Payment = {},
): Promise<Answer> =>
  shop.post(`/v1/checkouts/${id}/complete`, { payment: { provider, token }, expected_total }, key)

/** Reads the order of a completed checkout. */
export const orderOf = (shop: TestShop, { body }: Answer): Promise<Answer> =>
  shop.get(`/v1/orders/${body.order_id}`, { 'Order-Token': body.order_token })

/** Stock of a variant over all locations, as the books have it. */
export async function stockOf(
  shop: TestShop,
  variantId: string,
): Promise<{ on_hand: number; reserved: number }> {
  const [row] = await shop.db.all<{ on_hand: number; reserved: number }>(
    sql`SELECT coalesce(sum(on_hand), 0) AS on_hand, coalesce(sum(reserved), 0) AS reserved FROM stock_levels
      WHERE variant_id = ${variantId}`,
  )
  return row ?? { on_hand: 0, reserved: 0 }
}

/** What the attempts to pay a checkout left in each table: counts, and the states of payments. */
export async function tracesOf(shop: TestShop, checkoutId: string): Promise<Record<string, unknown>> {
  const ofPayments = sql`IN (SELECT id FROM payments WHERE checkout_id = ${checkoutId})`
  const ofOrders = sql`IN (SELECT id FROM orders WHERE checkout_id = ${checkoutId})`
  const [row = { payments: '[]', keys: '[]' }] = await shop.db.all<Record<string, unknown>>(sql`SELECT
    (SELECT count(*) FROM orders WHERE checkout_id = ${checkoutId}) AS orders,
    (SELECT count(*) FROM stock_movements WHERE order_id ${ofOrders}) AS movements,
    (SELECT count(*) FROM stock_reservations WHERE payment_id ${ofPayments} AND status = 'open') AS held,
    (SELECT count(*) FROM promotion_redemptions WHERE payment_id ${ofPayments}) AS redemptions,
    (SELECT count(*) FROM outbox_events WHERE object_id ${ofOrders} OR object_id ${ofPayments}) AS events,
    (SELECT count(*) FROM audit_log WHERE object_id ${ofOrders} OR object_id ${ofPayments}) AS audits,
    (SELECT json_group_array(status) FROM (SELECT status FROM payments WHERE checkout_id = ${checkoutId} ORDER BY attempt)) AS payments,
    (SELECT json_group_array(state) FROM idempotency_keys
      WHERE id IN (SELECT idempotency_id FROM payments WHERE checkout_id = ${checkoutId})) AS keys`)
  return { ...row, payments: JSON.parse(String(row.payments)), keys: JSON.parse(String(row.keys)) }
}

/** The traces of exactly one order of one kind of goods, whatever else was tried before. */
export const ONE_ORDER = { orders: 1, movements: 1, held: 0, events: 2, keys: ['done'] }
/** The traces when nothing was ever begun. */
export const NOTHING = {
  orders: 0,
  movements: 0,
  held: 0,
  redemptions: 0,
  events: 0,
  audits: 0,
  payments: [],
  keys: [],
}

/** Fails unless the whole database keeps every promise; `settled`: and nothing is half done. */
export async function expectPromisesKept(shop: TestShop, settled = true): Promise<void> {
  const checks = settled ? [...INVARIANTS, ...SETTLED] : INVARIANTS
  expect(brokenChecks(await checkInvariants(shop.db, { checks, now: shop.deps.clock() }))).toEqual([])
}

type FilePromotion = ShopFile['promotions'][number]

/** A promotion of ten percent on all, by code. */
export const aPromotion = (
  code: string,
  { rule, ...input }: Partial<Omit<FilePromotion, 'rule'>> & { rule?: Partial<FilePromotion['rule']> } = {},
): FilePromotion => ({
  id: `promo_${code.toLowerCase()}`,
  title: code,
  code,
  usage_limit: null,
  usage_limit_per_customer: null,
  is_active: true,
  ...input,
  rule: {
    kind: 'percentage',
    percent_bps: 1000,
    scope: { type: 'all' },
    is_combinable: true,
    priority: 1,
    ...rule,
  } as FilePromotion['rule'],
})
