// Things that break in the middle of a purchase: the database at each of its calls, the provider's line, KV, the log.
// A retry with the same key always ends in exactly one order, charged once.

import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { openStore } from '#platform'
import { jsonLog } from '../../../src/deps.ts'
import { loadShop } from '../../../src/features/imports/load-shop.ts'
import { kvRateLimiter } from '../../../src/http/rate-limiter.ts'
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
import { aFlakyDb, fine, lost, precededBy, unanswered } from '../../support/flaky-db.ts'
import { aGate, aProvider, unhurried } from '../../support/providers.ts'
import { type Answer, openShop, START, type TestShop, withKey } from '../../support/shop.ts'

const STALE_MS = 61_000

let shop: TestShop
let flaky: ReturnType<typeof aFlakyDb>
beforeAll(async () => {
  flaky = aFlakyDb((await openStore()).db)
  shop = await openShop({ deps: { db: flaky.db } })
  await loadShop(shop.deps, {
    ...SHOP,
    promotions: [aPromotion('ALL', { rule: { percent_bps: 10_000 } })],
  })
})
afterAll(async () => {
  shop.advance(STALE_MS)
  await shop.sweep()
  await expectPromisesKept(shop)
})

const chargesOf = (id: string) =>
  shop.db.all<{ captured: number; refunded: number }>(sql`SELECT captured, refunded FROM test_provider_charges
    WHERE key IN (SELECT id FROM payments WHERE checkout_id = ${id})`)

describe('the database fails while a checkout is completed', () => {
  const PENDING = { ...NOTHING, held: 1, payments: ['pending'], keys: ['running'] }
  const SOLD = { ...ONE_ORDER, redemptions: 0, audits: 1, payments: ['captured'] }

  test.each([
    ['reading is lost', [lost], NOTHING, 200],
    ['claiming is lost', [fine, lost], NOTHING, 200],
    ['claiming is done, but its answer is lost', [fine, unanswered], PENDING, 409],
    ['settling is lost', [fine, fine, lost], PENDING, 409],
    ['settling is done, but its answer is lost', [fine, fine, unanswered], SOLD, 200],
  ])('%s: all or nothing is written, and a retry gets exactly one order', async (_, fates, left, retried) => {
    const variantId = await aVariantOf(shop)
    const id = await aReadyCheckout(shop, variantId)
    const key = withKey()
    flaky.next(...fates)
    const failed = await complete(shop, id, { key })
    expect([failed.status, failed.body.code]).toEqual([503, 'unavailable'])
    expect(failed.headers.get('Retry-After')).not.toBeNull()
    expect(await tracesOf(shop, id)).toEqual(left)

    const retry = await complete(shop, id, { key })
    expect(retry.status, retry.text).toBe(retried)
    shop.advance(STALE_MS)
    const settled = await complete(shop, id, { key })
    expect(settled.status, settled.text).toBe(200)
    expect((await orderOf(shop, settled)).status).toBe(200)
    expect(await tracesOf(shop, id)).toMatchObject(ONE_ORDER)
    expect(await chargesOf(id)).toEqual([{ captured: 2500, refunded: 0 }])
    expect(await stockOf(shop, variantId)).toEqual({ on_hand: 9, reserved: 0 })
  })

  test('a decline that could not be written down: nothing is charged, and the next try decides', async () => {
    const id = await aReadyCheckout(shop, await aVariantOf(shop))
    const key = withKey()
    flaky.next(fine, fine, lost)
    expect((await complete(shop, id, { key, token: 'tok_declined' })).status).toBe(503)
    shop.advance(STALE_MS)
    const again = await complete(shop, id, { key, token: 'tok_declined' })
    expect([again.status, again.body.code]).toEqual([402, 'payment_declined'])
    expect(await tracesOf(shop, id)).toMatchObject({ orders: 0, payments: ['abandoned', 'declined'] })
    expect(await chargesOf(id)).toEqual([])
  })

  test('with nothing to pay, the sweep makes the order without asking the provider', async () => {
    const variantId = await aVariantOf(shop, { requires_shipping: false })
    const id = await aReadyCheckout(shop, variantId, 1, { discount_codes: ['ALL'] })
    flaky.next(fine, fine, lost)
    expect((await complete(shop, id)).status).toBe(503)
    shop.advance(STALE_MS)
    await shop.sweep()
    expect(await tracesOf(shop, id)).toMatchObject({ ...ONE_ORDER, payments: ['captured'] })
  })

  test('in the sweep: the sweep a minute later settles it', async () => {
    const id = await aReadyCheckout(shop, await aVariantOf(shop))
    flaky.next(fine, fine, lost)
    await complete(shop, id)
    shop.advance(STALE_MS)
    flaky.next(lost)
    await shop.sweep()
    expect((await tracesOf(shop, id)).payments).toEqual(['pending'])
    shop.advance(60_000)
    await shop.sweep()
    expect(await tracesOf(shop, id)).toMatchObject({ ...ONE_ORDER, payments: ['captured'] })
    expect(shop.logs).toContainEqual(
      expect.objectContaining({ level: 'error', message: 'sweep could not settle a payment' }),
    )
  })
})

describe('the database fails while a cart or checkout is changed', () => {
  test.each([
    ['reading', [lost]],
    ['writing', [fine, lost]],
    ['the answer', [fine, unanswered]],
  ])('%s is lost: a retry with the same key has its effect once', async (_, fates) => {
    const line = { variant_id: await aVariantOf(shop), quantity: 2 }
    const cart = await shop.post('/v1/carts', {})
    const key = withKey()
    flaky.next(...fates)
    expect((await shop.post(`/v1/carts/${cart.body.id}/lines`, line, key)).status).toBe(503)
    const retried = await shop.post(`/v1/carts/${cart.body.id}/lines`, line, key)
    expect(retried.body.lines).toMatchObject([{ quantity: 2 }])
  })
})

describe('the same request twice at once', () => {
  test('between reading and writing: the second gives the answer of the first', async () => {
    const line = { variant_id: await aVariantOf(shop), quantity: 2 }
    const cart = await shop.post('/v1/carts', {})
    for (const path of ['/v1/carts', `/v1/carts/${cart.body.id}/lines`]) {
      const body = path === '/v1/carts' ? { lines: [line] } : line
      const key = withKey()
      const first: Answer[] = []
      flaky.next(
        fine,
        precededBy(async () => first.push(await shop.post(path, body, key))),
      )
      const second = await shop.post(path, body, key)
      expect([second.status, second.text]).toEqual([first[0]?.status, first[0]?.text])
      expect(second.headers.get('Idempotent-Replayed')).toBe('true')
    }
    expect((await shop.get(`/v1/carts/${cart.body.id}`)).body.lines).toMatchObject([{ quantity: 2 }])
  })
})

describe('a provider that never answers', () => {
  /** Time-outs that come when the test says so, with how long each call was given. */
  function timeouts() {
    const given: { ms: number; abort: () => void }[] = []
    const timeoutSignal = (ms: number) => {
      const controller = new AbortController()
      given.push({ ms, abort: () => controller.abort(new DOMException('late', 'TimeoutError')) })
      return controller.signal
    }
    return { given, timeoutSignal, expire: () => given.at(-1)?.abort() }
  }

  test('is given up after the configured time though it does not listen, and the sweep is not held up by it', async () => {
    const provider = aProvider('hanging')
    const { given, timeoutSignal, expire } = timeouts()
    const env = { PAYMENT_TIMEOUT_SECONDS: '7' }
    const buyer = await openShop({ env, provider: () => provider, deps: { timeoutSignal } })
    const { authorise, lookUp } = provider
    const charge = aGate()
    const look = aGate()
    provider.authorise = charge.after(authorise)
    provider.lookUp = look.before(lookUp)
    const id = await aReadyCheckout(buyer, await aVariantOf(buyer))
    const hanging = complete(buyer, id, { provider: 'hanging' })
    await charge.reached
    expire()
    await look.reached
    expire()
    const answer = await hanging
    expect([answer.status, answer.body.code]).toEqual([503, 'payment_outcome_unknown'])
    expect(given.map(({ ms }) => ms)).toEqual([7000, 7000])
    provider.lookUp = lookUp
    buyer.advance(STALE_MS)
    await buyer.sweep()
    expect(await tracesOf(buyer, id)).toMatchObject({ ...ONE_ORDER, payments: ['captured'] })
    expect(provider.calls.authorise).toBe(1)
  })

  test('is told that its time is up, in a charge, a look-up, a refund and a void alike', async () => {
    const provider = aProvider('listening')
    const { timeoutSignal, expire } = timeouts()
    const buyer = await openShop({ provider: () => provider, deps: { timeoutSignal } })
    const aborted: string[] = []
    const reached = Promise.withResolvers<void>()
    let calls = reached
    /** A call that ends only by its signal, as `fetch` does. */
    const listening =
      (name: string) =>
      (...args: unknown[]) =>
        new Promise<never>((_, reject) => {
          const signal = args.at(-1) as AbortSignal
          signal.addEventListener('abort', () => {
            aborted.push(name)
            reject(signal.reason)
          })
          calls.resolve()
        })
    const { authorise, lookUp } = provider
    const expireNext = async () => {
      await calls.promise
      calls = Promise.withResolvers<void>()
      expire()
    }
    for (const how of ['refund', 'void'] as const) {
      provider.authorise = listening('authorise')
      provider.lookUp = listening('lookUp')
      const id = await aReadyCheckout(buyer, await aVariantOf(buyer))
      const paying = complete(buyer, id, { provider: 'listening' })
      await expireNext()
      await expireNext()
      expect((await paying).body.code).toBe('payment_outcome_unknown')

      // Nothing was charged, so the attempt is given up; then the money comes after all, and has to go back.
      provider.lookUp = lookUp
      buyer.advance(STALE_MS)
      await buyer.sweep()
      const [payment] = await buyer.db.all<{ id: string; status: string }>(
        sql`SELECT id, status FROM payments WHERE checkout_id = ${id}`,
      )
      expect(payment?.status).toBe('abandoned')
      const late = {
        key: payment?.id ?? '',
        amount: 2500,
        currency: 'EUR',
        token: 'tok',
        capture: how === 'refund',
      }
      await authorise(late, unhurried())
      const { refund, void: voiding } = provider
      Object.assign(provider, { [how]: listening(how) })
      buyer.advance(10 * 60_000)
      const sweeping = buyer.sweep()
      await expireNext()
      await sweeping
      Object.assign(provider, { refund, void: voiding })
      buyer.advance(STALE_MS)
      await buyer.sweep()
    }
    expect(aborted).toEqual(['authorise', 'lookUp', 'refund', 'authorise', 'lookUp', 'void'])
    expect([...provider.book.values()].map(({ refunded, is_voided }) => ({ refunded, is_voided }))).toEqual([
      { refunded: 2500, is_voided: false },
      { refunded: 0, is_voided: true },
    ])
  })
})

describe('what a sale does not need', () => {
  const broken = async (): Promise<never> => {
    throw new Error('KV is down')
  }

  test('a KV that fails does not stop it', async () => {
    const kv = { get: broken, put: broken }
    const buyer = await openShop({ deps: { kv, rateLimiter: kvRateLimiter(kv, () => START, 1000) } })
    const id = await aReadyCheckout(buyer, await aVariantOf(buyer))
    expect((await complete(buyer, id)).status).toBe(200)
  })

  test('a log line that cannot be written does not stop it', () => {
    const lines = vi.spyOn(console, 'info').mockImplementation(() => undefined)
    const fields: Record<string, unknown> = { amount: 1n }
    fields.self = fields
    expect(() => jsonLog('info', 'sold', fields)).not.toThrow()
    expect(lines.mock.calls).toEqual([[JSON.stringify({ level: 'info', message: 'sold' })]])
    lines.mockRestore()
  })
})
