// The promises as queries: a shop through which everything has passed breaks none; what the schema can refuse it
// refuses by name; and for everything else, a row corrupted on purpose is found and named.

import { sql } from 'drizzle-orm'
import { beforeAll, describe, expect, test } from 'vitest'
import { INVARIANTS, SETTLED } from '../../../scripts/lib/invariant-queries.ts'
import { brokenChecks, checkInvariants } from '../../../scripts/lib/invariants.ts'
import { violatedConstraint } from '../../../src/db/errors.ts'
import { loadShop } from '../../../src/features/imports/load-shop.ts'
import { type PaymentProvider, ProviderError } from '../../../src/features/payments/provider.ts'
import { testProvider } from '../../../src/features/payments/providers/test.ts'
import { anAddress, aVariant, SHOP } from '../../support/factories.ts'
import { openShop, type TestShop, withKey } from '../../support/shop.ts'
import { CORRUPTIONS, type Purchase, REFUSALS } from './corruptions.ts'

const READY = { email: 'ada@example.com', shipping_address: anAddress(), shipping_option_id: 'ship_standard' }
const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS

/** Money that the provider takes only after the shop has given the attempt up. */
let late: (() => Promise<unknown>) | undefined

/** The test provider, with one more token: the call is lost on its way and arrives later. */
function lossyProvider({ db }: Pick<TestShop, 'db'>): PaymentProvider {
  const provider = testProvider(db)
  return {
    ...provider,
    authorise: async (charge, signal) => {
      if (charge.token !== 'tok_lost') return provider.authorise(charge, signal)
      late = () => provider.authorise({ ...charge, token: 'tok_approved' }, signal)
      throw new ProviderError('unknown', 'lost on the way')
    },
  }
}

let shop: TestShop
beforeAll(async () => {
  shop = await openShop({ provider: lossyProvider })
  await loadShop(shop.deps, {
    ...SHOP,
    promotions: [
      {
        id: 'promo_ten',
        title: 'Ten percent',
        code: 'TEN',
        usage_limit: 100,
        usage_limit_per_customer: null,
        is_active: true,
        rule: {
          kind: 'percentage',
          percent_bps: 1000,
          scope: { type: 'all' },
          is_combinable: true,
          priority: 1,
        },
      },
    ],
  })
})

const check = (checks = INVARIANTS) => checkInvariants(shop.db, { checks, now: shop.deps.clock() })

const pay = (id: string, token: string | undefined, provider = 'test') =>
  shop.post(`/v1/checkouts/${id}/complete`, { payment: { provider, token } }, withKey())

async function aCheckout(variantId: string, fields: object = {}): Promise<string> {
  const lines = [{ variant_id: variantId, quantity: 2 }]
  const answer = await shop.post('/v1/checkouts', { lines, ...READY, ...fields })
  expect(answer.status, answer.text).toBe(201)
  return answer.body.id
}

async function aPurchase(): Promise<Purchase> {
  const { variantIds } = await shop.addProduct()
  const variantId = variantIds[0] ?? ''
  // What was counted before the order must be in the order's movements.
  shop.advance(1)
  const checkoutId = await aCheckout(variantId, { discount_codes: ['TEN'] })
  const answer = await pay(checkoutId, 'tok_approved')
  expect(answer.status, answer.text).toBe(200)
  const orderId: string = answer.body.order_id
  const rows = await shop.db.all<Pick<Purchase, 'paymentId' | 'reservationId' | 'keyId'>>(
    sql`SELECT p.id AS "paymentId", p.idempotency_id AS "keyId", r.id AS "reservationId"
      FROM payments p JOIN stock_reservations r ON r.payment_id = p.id WHERE p.order_id = ${orderId}`,
  )
  const [ids = { paymentId: '', reservationId: '', keyId: '' }] = rows
  return { orderId, checkoutId, variantId, ...ids }
}

const run = async (statements: string[]): Promise<void> => {
  for (const statement of statements) await shop.db.run(sql.raw(statement))
}

describe('a shop through which everything has passed', () => {
  test('breaks no promise, at any step', async () => {
    const { variantIds } = await shop.addProduct({ variants: [aVariant({ quantity: 100 })] })
    const [variantId = ''] = variantIds
    const statuses: number[] = []
    const step = async (token: string | undefined, provider?: string, fields?: object) => {
      statuses.push((await pay(await aCheckout(variantId, fields), token, provider)).status)
      expect(brokenChecks(await check()), token).toEqual([])
    }
    await step('tok_approved')
    await step('tok_approved', 'test', { discount_codes: ['TEN'] })
    await step(undefined, 'manual')
    await step('tok_declined')
    await step('tok_timeout_after_charge')
    await step('tok_error_before_charge')
    await step('tok_lost')
    expect(statuses).toEqual([200, 200, 200, 402, 200, 503, 503])

    // The last one is under way, which breaks nothing but is not settled.
    expect(brokenChecks(await check(SETTLED)).map(({ name }) => name)).toContain(
      'settled_no_payment_is_pending',
    )
    shop.advance(2 * MINUTE_MS)
    await shop.sweep()
    expect(brokenChecks(await check([...INVARIANTS, ...SETTLED]))).toEqual([])

    // It is abandoned; then the money comes after all, is seen, and goes back.
    await late?.()
    expect(brokenChecks(await check())).toEqual([])
    expect(brokenChecks(await check(SETTLED)).map(({ name }) => name)).toEqual([
      'settled_every_charge_is_an_order_or_given_back',
    ])
    shop.advance(10 * MINUTE_MS)
    await shop.sweep()
    expect(brokenChecks(await check([...INVARIANTS, ...SETTLED]))).toEqual([])

    // Keys and, a week after their end, checkouts are removed; what was sold stays accounted for.
    shop.advance(9 * DAY_MS)
    await shop.sweep()
    expect(await shop.db.all(sql`SELECT 1 FROM checkouts UNION ALL SELECT 1 FROM idempotency_keys`)).toEqual(
      [],
    )
    expect(brokenChecks(await check([...INVARIANTS, ...SETTLED]))).toEqual([])
  })
})

describe('the schema refuses', () => {
  test.each(REFUSALS)('$what ($constraint)', async ({ constraint, statement }) => {
    const purchase = await aPurchase()
    const thrown = await run([statement(purchase)]).then(
      () => null,
      error => error,
    )
    expect(violatedConstraint(thrown)).toBe(constraint)
    expect(brokenChecks(await check())).toEqual([])
  })
})

describe('a corrupted row is reported', () => {
  test('every check has its corruption, unless the schema leaves no way to break it', () => {
    const tried = new Set(CORRUPTIONS.map(({ name }) => name))
    const impossible = ['levels_are_within_bounds', 'refunds_are_within_what_was_captured']
    const untried = INVARIANTS.map(({ name }) => name).filter(name => !tried.has(name))
    expect(untried).toEqual(impossible)
  })

  test.each(CORRUPTIONS)('$name: $how', async ({ name, statements, id }) => {
    const purchase = await aPurchase()
    const before = await check()
    await run(statements(purchase))
    const after = await check()
    const rowsOf = (results: typeof after) => results.find(result => result.name === name)
    const found = rowsOf(after)
    expect(found?.broken).toBe((rowsOf(before)?.broken ?? 0) + 1)
    expect(found?.rows.map(row => row.id)).toContain(id(purchase))
  })
})
