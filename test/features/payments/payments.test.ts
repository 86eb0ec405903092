// Payments: the state table, the books that only grow, and the providers that come with the shop.

import { sql } from 'drizzle-orm'
import { beforeAll, describe, expect, test } from 'vitest'
import { violatedConstraint } from '../../../src/db/errors.ts'
import { createDeps } from '../../../src/deps.ts'
import { ProviderError } from '../../../src/features/payments/provider.ts'
import { manualProvider } from '../../../src/features/payments/providers/manual.ts'
import { testProvider } from '../../../src/features/payments/providers/test.ts'
import { PAYMENT_RECORD_KINDS, PAYMENT_STATUSES } from '../../../src/features/payments/table.ts'
import { aReadyCheckout, aVariantOf, complete } from '../../support/buying.ts'
import { unhurried } from '../../support/providers.ts'
import { openShop, type TestShop } from '../../support/shop.ts'

type Kind = (typeof PAYMENT_RECORD_KINDS)[number]
type Status = (typeof PAYMENT_STATUSES)[number]

let shop: TestShop
beforeAll(async () => {
  shop = await openShop()
})

const run = (statement: string) => shop.db.run(sql.raw(statement))
/** The name of what refuses a statement, null when nothing does. */
const refusalOf = (statement: string) =>
  run(statement).then(
    () => null,
    (error: unknown) => violatedConstraint(error),
  )
const newId = (prefix: string) => `${prefix}_${crypto.randomUUID()}`

/** A payment in a state, as if its records had led there. */
async function aPayment(status: Status): Promise<string> {
  const id = newId('pay')
  await run(`INSERT INTO payments (id, checkout_id, attempt, provider, status, currency, amount, created_at,
      authorised_amount, captured_amount)
    VALUES ('${id}', '${id}', 1, 'books', '${status}', 'EUR', 100, 0,
      ${status === 'authorised' ? 100 : 0}, ${status === 'captured' ? 100 : 0})`)
  return id
}
const record = (paymentId: string, kind: string, amount = 0) =>
  refusalOf(`INSERT INTO payment_records (id, payment_id, kind, amount, created_at)
    VALUES ('${newId('prec')}', '${paymentId}', '${kind}', ${amount}, 0)`)
const statusOf = async (id: string) =>
  (await shop.db.all<{ status: string }>(sql`SELECT status FROM payments WHERE id = ${id}`))[0]?.status

/** Where a record may come, and where it leads. Whatever is not here is illegal. */
const LEADS: Partial<Record<Kind, Partial<Record<Status, Status>>>> = {
  started: { pending: 'pending' },
  awaiting: { pending: 'awaiting' },
  authorised: { pending: 'authorised', abandoned: 'abandoned' },
  captured: { pending: 'captured', awaiting: 'captured', authorised: 'captured', abandoned: 'abandoned' },
  declined: { pending: 'declined' },
  failed: { pending: 'failed' },
  abandoned: { pending: 'abandoned' },
  voided: { awaiting: 'voided', authorised: 'voided', abandoned: 'abandoned' },
  refunded: { captured: 'captured', abandoned: 'abandoned' },
}
const PAIRS = PAYMENT_RECORD_KINDS.flatMap(kind => PAYMENT_STATUSES.map(from => ({ kind, from })))

describe('the states of a payment', () => {
  test.each(PAIRS)('$kind after $from', async ({ kind, from }) => {
    const to = LEADS[kind]?.[from] ?? null
    const id = await aPayment(from)
    expect(await record(id, kind)).toBe(to === null ? 'payment_transition_illegal' : null)
    expect(await statusOf(id)).toBe(to ?? from)
  })

  test('an unknown kind of record is refused', async () => {
    expect(await record(await aPayment('pending'), 'donated')).toBe('payment_transition_illegal')
  })

  test('a record without its payment is refused', async () => {
    expect(await record('pay_missing', 'started')).not.toBeNull()
  })
})

describe('money (INV-MONEY)', () => {
  test('sums follow the records; more than the amount can neither be captured nor given back', async () => {
    const id = await aPayment('pending')
    expect(await record(id, 'captured', 101)).toBe('payment_amounts_in_order')
    expect(await record(id, 'captured', 100)).toBeNull()
    expect(await record(id, 'refunded', 60)).toBeNull()
    expect(await record(id, 'refunded', 41)).toBe('payment_amounts_in_order')
    expect(await record(id, 'refunded', 40)).toBeNull()
    expect(await record(id, 'refunded', 1)).toBe('payment_amounts_in_order')
    expect(await record(id, 'refunded', -1)).toBe('payment_record_amount')
    const rows = await shop.db.all(
      sql`SELECT status, captured_amount, refunded_amount FROM payments WHERE id = ${id}`,
    )
    expect(rows).toEqual([{ status: 'captured', captured_amount: 100, refunded_amount: 100 }])
  })

  test('a checkout has one live payment at a time, an order one payment (INV-ONCE)', async () => {
    const insert = (attempt: number, status: Status, order = 'NULL') =>
      refusalOf(`INSERT INTO payments (id, checkout_id, attempt, provider, status, currency, amount, created_at, order_id)
        VALUES ('${newId('pay')}', '${checkout}', ${attempt}, 'books', '${status}', 'EUR', 100, 0, ${order})`)
    const checkout = newId('chk')
    expect(await insert(1, 'declined')).toBeNull()
    expect(await insert(2, 'pending')).toBeNull()
    for (const status of ['pending', 'awaiting', 'authorised', 'captured'] as const)
      expect(await insert(3, status)).toBe('payments.checkout_id')
    const order = `'${newId('ord')}'`
    expect(await insert(4, 'voided', order)).toBeNull()
    expect(await insert(5, 'voided', order)).toBe('payments.order_id')
  })

  test.each([
    ['payment_records', 'UPDATE payment_records SET amount = 0'],
    ['payment_records', 'DELETE FROM payment_records'],
    ['stock_movements', 'UPDATE stock_movements SET quantity = 1'],
    ['stock_movements', 'DELETE FROM stock_movements'],
    ['audit_log', "UPDATE audit_log SET actor = 'nobody'"],
    ['audit_log', 'DELETE FROM audit_log'],
  ])('%s only grow: %s is refused', async (table, statement) => {
    const paid = await complete(shop, await aReadyCheckout(shop, await aVariantOf(shop)))
    expect(paid.status, paid.text).toBe(200)
    expect(await refusalOf(statement)).toBe(`${table}_append_only`)
  })
})

describe('the ways of paying', () => {
  const platform = () => ({ db: shop.db, kv: shop.deps.kv, assets: async () => null })
  const providersIn = (ENVIRONMENT: 'local' | 'test' | 'production') => [
    ...createDeps({ ...shop.deps.config, ENVIRONMENT }, platform()).paymentProviders.keys(),
  ]

  test('test is there for local and test only, never in production', () => {
    expect(providersIn('local')).toEqual(['manual', 'test'])
    expect(providersIn('test')).toEqual(['manual', 'test'])
    expect(providersIn('production')).toEqual(['manual'])
  })

  test('in production paying by test is refused and not offered', async () => {
    const { paymentProviders } = createDeps({ ...shop.deps.config, ENVIRONMENT: 'production' }, platform())
    const production = await openShop({ deps: { paymentProviders } })
    const id = await aReadyCheckout(production, await aVariantOf(production))
    const refused = await complete(production, id)
    expect([refused.status, refused.body.code]).toEqual([422, 'payment_provider_unknown'])
    expect((await production.get(`/v1/checkouts/${id}`)).body.payment_providers).toEqual(['manual'])
  })

  test('manual waits for the money, whatever is asked', async () => {
    const later = { status: 'awaiting', reference: null }
    const charge = { key: 'pay_1', amount: 1, currency: 'EUR', token: null, capture: true }
    expect(await manualProvider.authorise(charge, unhurried())).toEqual(later)
    expect(await manualProvider.lookUp('pay_1', unhurried())).toEqual(later)
    await manualProvider.capture('pay_1', unhurried())
    await manualProvider.void('pay_1', unhurried())
    await manualProvider.refund('pay_1', 1, 'refund_1', unhurried())
  })

  describe('test, the company in a table', () => {
    const aCharge = (token: string, capture = true) => ({
      key: newId('pay'),
      amount: 700,
      currency: 'EUR',
      token,
      capture,
    })
    const bookOf = (key: string) =>
      shop.db.all(sql`SELECT captured, refunded, is_voided FROM test_provider_charges WHERE key = ${key}`)

    test('takes a repeated key for the same charge', async () => {
      const provider = testProvider(shop.db)
      const charge = aCharge('tok_approved')
      const answers = await Promise.all(
        Array.from({ length: 5 }, () => provider.authorise(charge, unhurried())),
      )
      expect(new Set(answers.map(answer => JSON.stringify(answer))).size).toBe(1)
      expect(await bookOf(charge.key)).toEqual([{ captured: 700, refunded: 0, is_voided: 0 }])
    })

    test('gives back once for each refund key', async () => {
      const provider = testProvider(shop.db)
      const charge = aCharge('tok_approved')
      await provider.authorise(charge, unhurried())
      const [first, second] = [newId('refund'), newId('refund')]
      await Promise.all(Array.from({ length: 5 }, () => provider.refund(charge.key, 300, first, unhurried())))
      await provider.refund(charge.key, 400, second, unhurried())
      expect(await bookOf(charge.key)).toEqual([{ captured: 700, refunded: 700, is_voided: 0 }])
    })

    test('holds, captures and lets go', async () => {
      const provider = testProvider(shop.db)
      const [kept, dropped] = [aCharge('tok_approved', false), aCharge('tok_approved', false)]
      expect((await provider.authorise(kept, unhurried())).status).toBe('authorised')
      await provider.capture(kept.key, unhurried())
      expect(await provider.lookUp(kept.key, unhurried())).toMatchObject({ status: 'captured' })
      await provider.authorise(dropped, unhurried())
      await provider.void(dropped.key, unhurried())
      await provider.void(dropped.key, unhurried())
      expect(await bookOf(dropped.key)).toEqual([{ captured: 0, refunded: 0, is_voided: 1 }])
    })

    test('plays each failure: what it says, and what it really took', async () => {
      const provider = testProvider(shop.db)
      const outcomeOf = async (token: string) => {
        const charge = aCharge(token)
        const said = await provider.authorise(charge, unhurried()).then(
          ({ status }) => status,
          (error: unknown) => (error instanceof ProviderError ? error.outcome : 'bug'),
        )
        return { said, took: (await provider.lookUp(charge.key, unhurried()))?.status ?? 'nothing' }
      }
      expect(await outcomeOf('tok_declined')).toEqual({ said: 'declined', took: 'nothing' })
      expect(await outcomeOf('tok_error_before_charge')).toEqual({ said: 'not_charged', took: 'nothing' })
      expect(await outcomeOf('tok_timeout_after_charge')).toEqual({ said: 'unknown', took: 'captured' })
      expect(await outcomeOf('4242424242424242')).toEqual({ said: 'token_invalid', took: 'nothing' })
    })
  })
})
