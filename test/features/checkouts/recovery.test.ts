// Payments whose outcome is not known at once: lost replies, slow providers, late money. Whatever happens, one checkout
// makes at most one order, and money without an order goes back, once (INV-ONCE).

import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
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
  stockOf,
  tracesOf,
} from '../../support/buying.ts'
import { SHOP } from '../../support/factories.ts'
import {
  aGate,
  aProvider,
  crashing,
  type FakeProvider,
  losingReplies,
  noReply,
  onlyHolding,
  unhurried,
} from '../../support/providers.ts'
import { openShop, type TestShop, withKey } from '../../support/shop.ts'

const STALE_MS = 61_000
const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

let shop: TestShop
let provider: FakeProvider
let variantId: string
/** Each test has a provider of its own, which works until the test says otherwise. */
beforeEach(async () => {
  provider = aProvider(`fake-${crypto.randomUUID().slice(0, 8)}`)
  shop = await openShop({ provider: () => provider })
  variantId = await aVariantOf(shop)
})
beforeAll(async () => {
  shop = await openShop()
  await loadShop(shop.deps, { ...SHOP, promotions: [aPromotion('ONCE', { usage_limit: 1 })] })
})
afterAll(() => {
  // Past all that the tests' own clocks saw.
  shop.advance(30 * 24 * HOUR_MS)
  return expectPromisesKept(shop, false)
})

const aCheckout = (fields?: Record<string, unknown>) => aReadyCheckout(shop, variantId, 1, fields)
const pay = (id: string, key = withKey()) => complete(shop, id, { provider: provider.id, key })
const statusOf = async (id: string) => (await shop.get(`/v1/checkouts/${id}`)).body.status
const recordsOf = async (id: string) =>
  (
    await shop.db.all<{ kind: string }>(sql`SELECT r.kind FROM payment_records r
      JOIN payments p ON p.id = r.payment_id WHERE p.checkout_id = ${id} ORDER BY r.id`)
  ).map(({ kind }) => kind)
const eventsOf = (id: string) =>
  shop.db.all<{ type: string; how: string; audits: number }>(sql`
    SELECT e.type, e.data ->> 'how' AS how,
      (SELECT count(*) FROM audit_log a WHERE a.object_id = e.object_id AND a.action = e.type) AS audits
    FROM outbox_events e WHERE e.object_id IN (SELECT id FROM payments WHERE checkout_id = ${id})`)
const taken = () =>
  [...provider.book.values()].map(({ amount, refunded, is_voided }) => ({ amount, refunded, is_voided }))

/** A checkout whose payment was lost on the way and given up; the money can still come. */
async function anAbandoned(fields?: Record<string, unknown>) {
  const id = await aCheckout(fields)
  const charges: Parameters<FakeProvider['authorise']>[0][] = []
  const { authorise } = provider
  provider.authorise = async charge => {
    charges.push(charge)
    return noReply()
  }
  const key = withKey()
  expect((await pay(id, key)).status).toBe(503)
  shop.advance(STALE_MS)
  await shop.sweep()
  provider.authorise = authorise
  const [charge] = charges
  if (!charge) throw new Error('the provider was not called')
  return { id, key, charge }
}

describe('while nobody knows', () => {
  test('the answer is 503 and honest, and everything is held: other keys, changes and cancelling wait', async () => {
    provider.authorise = losingReplies(provider.authorise)
    provider.lookUp = noReply
    const id = await aCheckout()
    const key = withKey()
    const answer = await pay(id, key)
    expect([answer.status, answer.body.code]).toEqual([503, 'payment_outcome_unknown'])
    expect(answer.headers.get('Retry-After')).toBe('60')
    expect(await statusOf(id)).toBe('completing')
    expect(await stockOf(shop, variantId)).toEqual({ on_hand: 10, reserved: 1 })

    const same = await pay(id, key)
    expect([same.status, same.body.code]).toEqual([409, 'idempotency_in_progress'])
    expect(same.headers.get('Retry-After')).toBe('1')
    for (const other of [
      await pay(id),
      await shop.call('PATCH', `/v1/checkouts/${id}`, { body: { note: 'x' } }),
      await shop.post(`/v1/checkouts/${id}/cancel`, undefined),
    ]) {
      expect([other.status, other.body.code]).toEqual([409, 'checkout_completing'])
      expect(other.headers.get('Retry-After')).toBe('2')
    }
    expect(provider.calls.authorise).toBe(1)
    expect(await tracesOf(shop, id)).toMatchObject({ payments: ['pending'], keys: ['running'], orders: 0 })
  })

  test('the last piece stays shown as bought to the one who is paying for it', async () => {
    const last = await aVariantOf(shop, { quantity: 1 })
    const id = await aReadyCheckout(shop, last)
    provider.authorise = losingReplies(provider.authorise)
    provider.lookUp = noReply
    await pay(id)
    expect((await shop.get(`/v1/checkouts/${id}`)).body).toMatchObject({
      status: 'completing',
      messages: [],
      lines: [{ available: true }],
      order_id: null,
      order_token: null,
    })
  })

  test('a bug in the provider’s code counts as not knowing, and is never a 500', async () => {
    provider.authorise = crashing
    provider.lookUp = crashing
    expect((await pay(await aCheckout())).body.code).toBe('payment_outcome_unknown')
  })
})

describe('a decline that only the sweep hears of', () => {
  test('is answered with the id of the request that wanted to pay', async () => {
    const { lookUp } = provider
    provider.authorise = noReply
    provider.lookUp = noReply
    const id = await aCheckout()
    const key = withKey()
    const asked = await complete(shop, id, {
      provider: provider.id,
      key: { ...key, 'X-Request-Id': 'req-that-wanted-to-pay' },
    })
    expect(asked.status).toBe(503)
    provider.lookUp = async () => ({ status: 'declined', reason: 'card_declined' })
    shop.advance(STALE_MS)
    await shop.sweep()
    provider.lookUp = lookUp
    const told = await pay(id, key)
    expect([told.status, told.body.code]).toEqual([402, 'payment_declined'])
    expect(told.headers.get('Idempotent-Replayed')).toBe('true')
    expect(told.body.request_id).toBe('req-that-wanted-to-pay')
  })
})

describe('a charge whose reply was lost', () => {
  /** Charged, and the provider cannot be asked until `heal`. */
  async function aLostReply() {
    const { authorise, lookUp } = provider
    provider.authorise = losingReplies(authorise)
    provider.lookUp = noReply
    const id = await aCheckout()
    const key = withKey()
    expect((await pay(id, key)).status).toBe(503)
    const heal = () => {
      provider.lookUp = lookUp
    }
    return { id, key, heal }
  }

  test('becomes the order by the sweep, and the first key replays it with the order’s token', async () => {
    const { id, key, heal } = await aLostReply()
    shop.advance(STALE_MS)
    await shop.sweep()
    expect(await statusOf(id)).toBe('completing')
    heal()
    shop.advance(MINUTE_MS)
    await shop.sweep()
    expect(await statusOf(id)).toBe('completed')
    const replayed = await pay(id, key)
    expect([replayed.status, replayed.headers.get('Idempotent-Replayed')]).toEqual([200, 'true'])
    expect((await orderOf(shop, replayed)).body).toMatchObject({ payment_status: 'paid', checkout_id: id })
    expect(await tracesOf(shop, id)).toMatchObject({ ...ONE_ORDER, payments: ['captured'] })
    expect(provider.calls.authorise).toBe(1)
  })

  test('becomes the order by a retry, which does not have to wait for the sweep', async () => {
    const { id, key, heal } = await aLostReply()
    shop.advance(STALE_MS)
    expect((await pay(id, key)).body.code).toBe('payment_outcome_unknown')
    heal()
    const retried = await pay(id, key)
    expect(retried.status, retried.text).toBe(200)
    expect(provider.calls.authorise).toBe(1)
    expect(await tracesOf(shop, id)).toMatchObject(ONE_ORDER)
  })

  test('is not swept away however long the provider is down, and the first key still gets the order', async () => {
    const { id, key, heal } = await aLostReply()
    for (let day = 0; day < 9; day++) {
      shop.advance(24 * HOUR_MS)
      await shop.sweep()
    }
    expect(await statusOf(id)).toBe('completing')
    expect((await tracesOf(shop, id)).keys).toEqual(['running'])
    heal()
    shop.advance(MINUTE_MS)
    await shop.sweep()
    const replayed = await pay(id, key)
    expect([replayed.status, replayed.headers.get('Idempotent-Replayed')]).toEqual([200, 'true'])
    expect((await orderOf(shop, replayed)).status).toBe(200)
  })

  test('becomes one order when sweeps and retries all come at once', async () => {
    const { id, key, heal } = await aLostReply()
    heal()
    shop.advance(STALE_MS)
    const sweeps = Array.from({ length: 10 }, () => shop.sweep())
    const retries = await Promise.all(Array.from({ length: 10 }, () => pay(id, key)))
    await Promise.all(sweeps)
    expect(retries.map(({ status }) => status)).toEqual(Array(10).fill(200))
    expect(new Set(retries.map(({ body }) => body.order_id)).size).toBe(1)
    expect(await tracesOf(shop, id)).toMatchObject({ ...ONE_ORDER, payments: ['captured'] })
    expect(await stockOf(shop, variantId)).toEqual({ on_hand: 9, reserved: 0 })
    expect(taken()).toEqual([{ amount: 2500, refunded: 0, is_voided: false }])
  })

  test('that turns out declined: the key replays the decline, another one may pay', async () => {
    const { id, key } = await aLostReply()
    provider.lookUp = async () => ({ status: 'declined', reason: 'card_declined' })
    shop.advance(STALE_MS)
    await shop.sweep()
    const replayed = await pay(id, key)
    expect([replayed.status, replayed.body.reason]).toEqual([402, 'card_declined'])
    expect(await statusOf(id)).toBe('ready')
    expect(await stockOf(shop, variantId)).toEqual({ on_hand: 10, reserved: 0 })
  })
})

describe('a charge that never happened', () => {
  test('is given up: stock and discount back, the checkout open, the key free', async () => {
    const { id, key } = await anAbandoned({ discount_codes: ['ONCE'] })
    expect(await tracesOf(shop, id)).toEqual({ ...NOTHING, audits: 1, payments: ['abandoned'] })
    expect(await stockOf(shop, variantId)).toEqual({ on_hand: 10, reserved: 0 })
    expect(await statusOf(id)).toBe('ready')
    const paid = await pay(id, key)
    expect(paid.status, paid.text).toBe(200)
    expect(paid.body.discount_codes).toEqual([{ code: 'ONCE', applied: true }])
    expect(await tracesOf(shop, id)).toMatchObject({ ...ONE_ORDER, payments: ['abandoned', 'captured'] })
  })

  test('is given up by whoever pays next, without waiting for the sweep', async () => {
    const { authorise } = provider
    provider.authorise = noReply
    const id = await aCheckout()
    await pay(id)
    provider.authorise = authorise
    shop.advance(STALE_MS)
    const paid = await pay(id)
    expect(paid.status, paid.text).toBe(200)
    expect(await tracesOf(shop, id)).toMatchObject({ orders: 1, payments: ['abandoned', 'captured'] })
  })

  test('is asked after for a day, and then no more', async () => {
    await anAbandoned()
    const looks: number[] = []
    for (const elapsed of [10 * MINUTE_MS, HOUR_MS, 6 * HOUR_MS, 24 * HOUR_MS, 25 * HOUR_MS, 48 * HOUR_MS]) {
      const before = provider.calls.lookUp
      shop.advance(elapsed)
      await shop.sweep()
      await shop.sweep()
      looks.push(provider.calls.lookUp - before)
    }
    expect(looks).toEqual([1, 1, 1, 1, 0, 0])
  })
})

describe('a provider that is slower than our patience', () => {
  test('answers after the sweep made the order: the request gives that order', async () => {
    const gate = aGate()
    provider.authorise = gate.after(provider.authorise)
    const id = await aCheckout()
    const slow = pay(id)
    await gate.reached
    shop.advance(STALE_MS)
    await shop.sweep()
    const read = await shop.get(`/v1/checkouts/${id}`)
    expect(read.body.status).toBe('completed')
    gate.open()
    const answer = await slow
    expect([answer.status, answer.body.order_id]).toEqual([200, read.body.order_id])
    expect((await orderOf(shop, answer)).status).toBe(200)
    expect(await tracesOf(shop, id)).toMatchObject(ONE_ORDER)
  })

  test.each([
    ['charges', 'refunded', (authorise: FakeProvider['authorise']) => authorise],
    ['holds', 'voided', onlyHolding],
  ])('%s after the sweep gave up: the money is %s once, and everybody is told', async (_, how, behaviour) => {
    const gate = aGate()
    provider.authorise = gate.before(behaviour(provider.authorise))
    const id = await aCheckout()
    const slow = pay(id)
    await gate.reached
    shop.advance(STALE_MS)
    await shop.sweep()
    expect(await statusOf(id)).toBe('ready')
    gate.open()
    const answer = await slow
    expect([answer.status, answer.body.code]).toEqual([409, 'payment_abandoned'])
    const came = how === 'refunded' ? 'captured' : 'authorised'
    expect(await recordsOf(id)).toEqual(['started', 'abandoned', came, how])
    expect(await eventsOf(id)).toEqual([{ type: 'payment.refunded_late', how, audits: 1 }])
    const refunded = how === 'refunded' ? 2500 : 0
    expect(taken()).toEqual([{ amount: 2500, refunded, is_voided: how === 'voided' }])
    shop.advance(24 * HOUR_MS)
    await shop.sweep()
    expect(provider.calls.refund + provider.calls.void).toBe(1)
    expect(await tracesOf(shop, id)).toMatchObject({ orders: 0, held: 0, payments: ['abandoned'], keys: [] })
  })

  test('charges for goods that need no stock after the sweep gave up: still no order', async () => {
    variantId = await aVariantOf(shop, { tracks_inventory: false })
    const gate = aGate()
    provider.authorise = gate.before(provider.authorise)
    const id = await aCheckout()
    const slow = pay(id)
    await gate.reached
    shop.advance(STALE_MS)
    await shop.sweep()
    gate.open()
    expect((await slow).body.code).toBe('payment_abandoned')
    expect(await tracesOf(shop, id)).toMatchObject({ orders: 0, payments: ['abandoned'] })
    expect(taken()).toEqual([{ amount: 2500, refunded: 2500, is_voided: false }])
  })

  test('and whose refund fails too: the buyer still gets a clear answer, and the next look gives back', async () => {
    const gate = aGate()
    const { refund } = provider
    provider.authorise = gate.before(provider.authorise)
    provider.refund = noReply
    const id = await aCheckout()
    const slow = pay(id)
    await gate.reached
    shop.advance(STALE_MS)
    await shop.sweep()
    gate.open()
    expect((await slow).body.code).toBe('payment_abandoned')
    expect(await recordsOf(id)).toEqual(['started', 'abandoned'])
    provider.refund = refund
    shop.advance(10 * MINUTE_MS)
    await shop.sweep()
    expect(taken()).toEqual([{ amount: 2500, refunded: 2500, is_voided: false }])
    expect(await recordsOf(id)).toEqual(['started', 'abandoned', 'captured', 'refunded'])
  })

  test('comes when a retry of the key has already paid anew: one order, and the first charge goes back', async () => {
    const gate = aGate()
    const { authorise } = provider
    provider.authorise = gate.before(authorise)
    const id = await aCheckout()
    const key = withKey()
    const slow = pay(id, key)
    await gate.reached
    shop.advance(STALE_MS)
    provider.authorise = authorise
    const paid = await pay(id, key)
    expect(paid.status, paid.text).toBe(200)
    gate.open()
    const late = await slow
    expect([late.status, late.body.order_id]).toEqual([200, paid.body.order_id])
    shop.advance(10 * MINUTE_MS)
    await shop.sweep()
    expect(taken().map(({ amount, refunded }) => amount - refunded)).toEqual([2500, 0])
    expect(await tracesOf(shop, id)).toMatchObject({ orders: 1, payments: ['abandoned', 'captured'] })
  })
})

describe('money that appears after an attempt was given up', () => {
  test('is found by the recheck and goes back once, however many sweeps run', async () => {
    const { id, charge } = await anAbandoned()
    await provider.authorise(charge, unhurried())
    shop.advance(10 * MINUTE_MS)
    await Promise.all(Array.from({ length: 10 }, () => shop.sweep()))
    await shop.sweep()
    expect(taken()).toEqual([{ amount: 2500, refunded: 2500, is_voided: false }])
    expect(await recordsOf(id)).toEqual(['started', 'abandoned', 'captured', 'refunded'])
    expect(await eventsOf(id)).toEqual([{ type: 'payment.refunded_late', how: 'refunded', audits: 1 }])
    expect(await tracesOf(shop, id)).toMatchObject({ orders: 0, movements: 0, held: 0 })
    const [payment] = await shop.db.all(sql`SELECT status, captured_amount, refunded_amount, recheck_at
      FROM payments WHERE id = ${charge.key}`)
    expect(payment).toEqual({
      status: 'abandoned',
      captured_amount: 2500,
      refunded_amount: 2500,
      recheck_at: null,
    })
  })

  test('is not asked after again because of a slower sweep that had not seen it', async () => {
    const { charge } = await anAbandoned()
    const { lookUp } = provider
    const gate = aGate()
    provider.lookUp = gate.after(lookUp)
    shop.advance(10 * MINUTE_MS)
    const slow = shop.sweep()
    await gate.reached
    provider.lookUp = lookUp
    await provider.authorise(charge, unhurried())
    shop.advance(MINUTE_MS)
    await shop.sweep()
    expect(provider.calls.refund).toBe(1)
    gate.open()
    await slow
    const looks = provider.calls.lookUp
    shop.advance(24 * HOUR_MS)
    await shop.sweep()
    expect(provider.calls).toMatchObject({ lookUp: looks, refund: 1 })
  })

  test('is given back under one key: a refund whose reply was lost is repeated, and pays out once', async () => {
    const { id, charge } = await anAbandoned()
    await provider.authorise(charge, unhurried())
    const { refund } = provider
    provider.refund = async (...args) => {
      await refund(...args)
      return noReply()
    }
    shop.advance(10 * MINUTE_MS)
    await shop.sweep()
    expect(await recordsOf(id)).toEqual(['started', 'abandoned'])
    provider.refund = refund
    shop.advance(MINUTE_MS)
    await shop.sweep()
    expect(provider.calls.refund).toBe(2)
    expect(taken()).toEqual([{ amount: 2500, refunded: 2500, is_voided: false }])
    expect(await recordsOf(id)).toEqual(['started', 'abandoned', 'captured', 'refunded'])
  })

  test('waits for a provider that cannot be asked, and is then found', async () => {
    const { charge } = await anAbandoned()
    await provider.authorise(charge, unhurried())
    const { lookUp } = provider
    provider.lookUp = noReply
    shop.advance(25 * HOUR_MS)
    await shop.sweep()
    provider.lookUp = lookUp
    shop.advance(MINUTE_MS)
    await shop.sweep()
    expect(taken()).toEqual([{ amount: 2500, refunded: 2500, is_voided: false }])
  })
})

describe('the sweep', () => {
  test('is not held up by attempts whose provider is gone', async () => {
    const { id } = await anAbandoned()
    const gone = Array.from({ length: 60 }, (_, i) => `pay_gone_${provider.id}_${i}`)
    await shop.db.run(sql`INSERT INTO payments (id, checkout_id, attempt, provider, status, currency, amount, created_at, recheck_at)
      SELECT value, value, 1, 'gone', 'abandoned', 'EUR', 100, 0, 0 FROM json_each(${JSON.stringify(gone)})`)
    const looks = provider.calls.lookUp
    shop.advance(10 * MINUTE_MS)
    await shop.sweep()
    await shop.sweep()
    expect(provider.calls.lookUp).toBe(looks + 1)
    expect(await statusOf(id)).toBe('ready')
    await shop.db.run(sql`DELETE FROM payments WHERE provider = 'gone'`)
  })

  test('goes on when one attempt cannot be settled', async () => {
    const ids = [await aCheckout(), await aCheckout(), await aCheckout()]
    const { lookUp, authorise } = provider
    provider.authorise = losingReplies(authorise)
    provider.lookUp = noReply
    for (const id of ids) await pay(id)
    const [poisoned] = provider.book.keys()
    provider.lookUp = async (key, signal) => (key === poisoned ? crashing() : lookUp(key, signal))
    shop.advance(STALE_MS)
    await shop.sweep()
    expect(await Promise.all(ids.map(statusOf))).toEqual(['completing', 'completed', 'completed'])
  })
})
