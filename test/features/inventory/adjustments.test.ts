// Adjustments over HTTP: all lines or none, each bad one pointed at, never below what checkouts hold.

import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openStore } from '#platform'
import { auditLog } from '../../../src/features/audit/table.ts'
import { outboxEvents } from '../../../src/features/events/table.ts'
import { testProvider } from '../../../src/features/payments/providers/test.ts'
import { aReadyCheckout, aVariantOf, complete, expectPromisesKept, stockOf } from '../../support/buying.ts'
import { dumpByTable } from '../../support/dump.ts'
import { aFlakyDb, fine, precededBy } from '../../support/flaky-db.ts'
import { aLocation, setStock, stockAt } from '../../support/inventory.ts'
import { aStaffMember, type Person } from '../../support/people.ts'
import { aGate } from '../../support/providers.ts'
import { type Answer, openShop, type TestShop, withKey } from '../../support/shop.ts'

let shop: TestShop
let manager: Person
let whilePaying: (() => Promise<unknown>) | undefined
let flaky: ReturnType<typeof aFlakyDb>
/** The same shop over a database whose calls can be preceded by something else. */
let watched: TestShop

beforeAll(async () => {
  flaky = aFlakyDb((await openStore()).db)
  watched = await openShop({ deps: { db: flaky.db } })
  shop = await openShop({
    provider: ({ db }) => {
      const provider = testProvider(db)
      const authorise: typeof provider.authorise = async (charge, signal) => {
        await whilePaying?.()
        return provider.authorise(charge, signal)
      }
      return { ...provider, authorise }
    },
  })
  manager = await aStaffMember(shop, 'manager')
})
afterAll(() => expectPromisesKept(shop))

const adjust = (body: object, key = withKey()) =>
  shop.post('/v1/admin/inventory/adjustments', body, { ...manager.auth, ...key })
const movementsOf = async (documentId: string) =>
  (await shop.get(`/v1/admin/inventory/movements?document_id=${documentId}&sort=oldest`, manager.auth)).body
    .data

/** Fails unless the request is refused so, and no table has changed. */
async function expectRefused(body: object, status: number, places: [pointer: string, code: string][]) {
  const before = await dumpByTable(shop)
  const answer = await adjust(body)
  expect(answer.status, answer.text).toBe(status)
  expect(answer.body.errors.map(({ pointer, code }: Record<string, string>) => [pointer, code])).toEqual(
    places,
  )
  expect(await dumpByTable(shop)).toEqual(before)
  return answer
}

describe('an adjustment', () => {
  test('books what came in, by id or SKU, at the default location or another; buyers can get it at once', async () => {
    const place = await aLocation(shop)
    const sku = `SKU-${crypto.randomUUID()}`
    const { handle, variantIds } = await shop.addProduct()
    const [one = ''] = variantIds
    const other = await aVariantOf(shop, { sku })
    const answer = await adjust({
      reason: 'received',
      note: 'Delivery 1',
      lines: [
        { variant_id: one, quantity: 5 },
        { sku, location_id: place, quantity: 2 },
      ],
    })
    expect(answer.status, answer.text).toBe(201)
    const { id, lines } = answer.body
    expect(lines).toMatchObject([
      { variant_id: one, location_id: 'loc_default', quantity: 5, on_hand: 15 },
      { variant_id: other, location_id: place, quantity: 2, on_hand: 2 },
    ])
    expect(answer.headers.get('Location')).toBe(`/v1/admin/inventory/movements?document_id=${id}`)
    expect(await movementsOf(id)).toMatchObject(
      [one, other].map((variant_id, i) => ({
        id: lines[i].movement_id,
        variant_id,
        reason: 'received',
        note: 'Delivery 1',
        actor: manager.id,
        order_id: null,
      })),
    )
    expect((await shop.get(`/v1/products/${handle}`)).body.variants[0].quantity_available).toBe(15)
    expect(await stockOf(shop, other)).toEqual({ on_hand: 12, reserved: 0 })
  })

  test('leaves one audit row and one event, in the same unit', async () => {
    const variantId = await aVariantOf(shop)
    const { body } = await adjust({ reason: 'written_off', lines: [{ variant_id: variantId, quantity: -1 }] })
    const of = sql`object_id = ${body.id}`
    expect(await shop.db.select().from(auditLog).where(of)).toMatchObject([
      { actor: manager.id, action: 'stock.adjusted', changes: { reason: 'written_off', movements: 1 } },
    ])
    const [event] = await shop.db.select().from(outboxEvents).where(of)
    expect(event).toMatchObject({
      type: 'stock.adjusted',
      data: { adjustment_id: body.id, reason: 'written_off', variant_ids: [variantId] },
    })
  })

  test('sets what was counted, and books nothing where the count was right', async () => {
    const [wrong, right] = [await aVariantOf(shop), await aVariantOf(shop)]
    const { body } = await adjust({
      reason: 'counted',
      lines: [
        { variant_id: wrong, on_hand: 7 },
        { variant_id: right, on_hand: 10 },
      ],
    })
    expect(body.lines).toMatchObject([
      { quantity: -3, on_hand: 7 },
      { quantity: 0, on_hand: 10, movement_id: null },
    ])
    expect(await movementsOf(body.id)).toHaveLength(1)
    expect(await stockOf(shop, wrong)).toEqual({ on_hand: 7, reserved: 0 })
  })

  test('is booked once for one Idempotency-Key, and needs one', async () => {
    const variantId = await aVariantOf(shop)
    const body = { reason: 'received', lines: [{ variant_id: variantId, quantity: 1 }] }
    const key = withKey()
    const answers = await Promise.all(Array.from({ length: 8 }, () => adjust(body, key)))
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1)
    expect(await stockOf(shop, variantId)).toEqual({ on_hand: 11, reserved: 0 })
    const none = await shop.post('/v1/admin/inventory/adjustments', body, manager.auth)
    expect([none.status, none.body.code]).toEqual([400, 'idempotency_key_missing'])
  })

  test('of 1,000 lines takes 3 database calls, and all of them are booked', async () => {
    const options = Array.from({ length: 1000 }, (_, i) => `s${i}`)
    const { id } = await shop.addProduct()
    await shop.db.run(sql`INSERT INTO variants (id, product_id, position, title, options)
      SELECT 'var_many_' || key, ${id}, key + 1, value, json_object('Size', value) FROM json_each(${JSON.stringify(options)})`)
    const lines = options.map((_, i) => ({ variant_id: `var_many_${i}`, quantity: i + 1 }))
    expect(
      await shop.countCalls(async () => {
        const answer = await adjust({ reason: 'received', lines })
        expect(answer.status, answer.text).toBe(201)
      }),
    ).toBe(3)
    const [sums] =
      await shop.db.all<object>(sql`SELECT count(*) AS levels, sum(on_hand) AS on_hand FROM stock_levels
      WHERE variant_id LIKE 'var_many_%'`)
    expect(sums).toEqual({ levels: 1000, on_hand: 500_500 })
  })

  test('that comes in 20 times at once adds up', async () => {
    const variantId = await aVariantOf(shop, { quantity: 0 })
    const answers = await Promise.all(
      Array.from({ length: 20 }, () =>
        adjust({ reason: 'received', lines: [{ variant_id: variantId, quantity: 1 }] }),
      ),
    )
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(201))
    const seen = answers.map(({ body }) => body.lines[0].on_hand).sort((a, b) => a - b)
    expect(seen).toEqual(Array.from({ length: 20 }, (_, i) => i + 1))
  })

  test('of a deleted variant can still take its stock out of the books', async () => {
    const variantId = await aVariantOf(shop)
    await shop.db.run(sql`DELETE FROM variants WHERE id = ${variantId}`)
    const answer = await adjust({ reason: 'written_off', lines: [{ variant_id: variantId, quantity: -10 }] })
    expect([answer.status, await stockOf(shop, variantId)]).toEqual([201, { on_hand: 0, reserved: 0 }])
  })
})

describe('an adjustment is refused, with nothing booked, when', () => {
  test('lines name no variant, two, none that exists, one of several, or the same twice', async () => {
    const sku = `SKU-${crypto.randomUUID()}`
    const [variantId] = [await aVariantOf(shop, { sku }), await aVariantOf(shop, { sku })]
    const quantity = 1
    await expectRefused(
      {
        reason: 'received',
        lines: [
          { quantity },
          { variant_id: variantId, sku, quantity },
          { variant_id: 'var_none', quantity },
          { sku: 'none', quantity },
          { sku, quantity },
          { variant_id: variantId, quantity },
          { variant_id: variantId, quantity },
          { variant_id: variantId, location_id: 'loc_none', quantity },
        ],
      },
      422,
      [
        ['/lines/0', 'variant_unclear'],
        ['/lines/1', 'variant_unclear'],
        ['/lines/2/variant_id', 'variant_unknown'],
        ['/lines/3/sku', 'variant_unknown'],
        ['/lines/4/sku', 'sku_ambiguous'],
        ['/lines/6', 'duplicate'],
        ['/lines/7/location_id', 'location_unknown'],
      ],
    )
  })

  test.each([
    ['received', { quantity: -1 }, '/quantity', 'reason_mismatch'],
    ['returned', { quantity: -1 }, '/quantity', 'reason_mismatch'],
    ['written_off', { quantity: 1 }, '/quantity', 'reason_mismatch'],
    ['received', { on_hand: 1 }, '/on_hand', 'reason_mismatch'],
    ['counted', { quantity: 0 }, '/quantity', 'zero'],
    ['counted', {}, '', 'quantity_unclear'],
    ['counted', { quantity: 1, on_hand: 1 }, '', 'quantity_unclear'],
    ['counted', { quantity: 1_000_000_000 }, '/quantity', 'too_big'],
  ])('what is %s says %j', async (reason, fields, member, code) => {
    const variant_id = await aVariantOf(shop)
    await expectRefused({ reason, lines: [{ variant_id, ...fields }] }, 422, [[`/lines/0${member}`, code]])
  })

  test('the note holds a card number', async () => {
    const lines = [{ variant_id: await aVariantOf(shop), quantity: 1 }]
    await expectRefused({ reason: 'received', note: 'paid by 4242 4242 4242 4242', lines }, 422, [
      ['/note', 'custom'],
    ])
  })

  test('less would be left than checkouts hold: each such line says what is left', async () => {
    const [held, free] = [await aVariantOf(shop), await aVariantOf(shop)]
    const id = await aReadyCheckout(shop, held, 4)
    whilePaying = async () => {
      whilePaying = undefined
      const lines = [
        { variant_id: free, quantity: -1 },
        { variant_id: held, quantity: -7 },
      ]
      const answer = await expectRefused({ reason: 'written_off', lines }, 409, [
        ['/lines/1/quantity', 'stock_below_reserved'],
      ])
      expect(answer.body).toMatchObject({
        code: 'stock_below_reserved',
        items: [
          { line: 1, variant_id: held, location_id: 'loc_default', on_hand: 10, reserved: 4, available: 6 },
        ],
      })
      const counted = { reason: 'counted', lines: [{ variant_id: held, on_hand: 3 }] }
      await expectRefused(counted, 409, [['/lines/0/on_hand', 'stock_below_reserved']])
      const most = await adjust({ reason: 'written_off', lines: [{ variant_id: held, quantity: -6 }] })
      expect(most.status, most.text).toBe(201)
    }
    const answer = await complete(shop, id)
    expect([answer.status, whilePaying]).toEqual([200, undefined])
    expect(await stockOf(shop, held)).toEqual({ on_hand: 0, reserved: 0 })
  })

  test('more is taken than lies there', async () => {
    const variant_id = await aVariantOf(shop)
    await expectRefused({ reason: 'written_off', lines: [{ variant_id, quantity: -11 }] }, 409, [
      ['/lines/0/quantity', 'stock_below_reserved'],
    ])
  })
})

describe('between looking and booking', () => {
  /** Adjusts, with something else happening after the levels were read. */
  const adjustAfter = (work: () => Promise<unknown>, body: object) => {
    flaky.next(fine, precededBy(work))
    return watched.post('/v1/admin/inventory/adjustments', body, { ...manager.auth, ...withKey() })
  }

  test('the level changes: what is answered is what was booked, over what is there by then', async () => {
    const [counted, received] = [await aVariantOf(shop), await aVariantOf(shop)]
    const sell = () => setStock(shop, { [counted]: { loc_default: 7 }, [received]: { loc_default: 7 } })
    const one = await adjustAfter(sell, { reason: 'counted', lines: [{ variant_id: counted, on_hand: 9 }] })
    expect(one.body.lines).toMatchObject([{ quantity: 2, on_hand: 9 }])
    await setStock(shop, { [received]: { loc_default: 10 } })
    const other = await adjustAfter(sell, {
      reason: 'received',
      lines: [{ variant_id: received, quantity: 5 }],
    })
    expect(other.body.lines).toMatchObject([{ quantity: 5, on_hand: 12 }])
    expect(await stockOf(shop, received)).toEqual({ on_hand: 12, reserved: 0 })
  })

  test('a checkout takes hold of the last pieces: refused with what is left, and nothing is booked', async () => {
    const variantId = await aVariantOf(shop)
    const id = await aReadyCheckout(shop, variantId, 6)
    let paid: Promise<Answer> | undefined
    const gate = aGate()
    whilePaying = gate.before(async () => undefined)
    const answer = await adjustAfter(
      async () => {
        paid = complete(shop, id)
        await gate.reached
      },
      { reason: 'written_off', lines: [{ variant_id: variantId, quantity: -5 }] },
    )
    expect([answer.status, answer.body.items]).toMatchObject([
      409,
      [{ on_hand: 10, reserved: 6, available: 4 }],
    ])
    gate.open()
    whilePaying = undefined
    expect((await paid)?.status).toBe(200)
    expect(await stockOf(shop, variantId)).toEqual({ on_hand: 4, reserved: 0 })
  })

  test('the location is deleted: refused, and nothing lies there', async () => {
    const place = await aLocation(shop)
    const variantId = await aVariantOf(shop)
    const answer = await adjustAfter(
      async () => shop.db.run(sql`UPDATE locations SET is_active = 0, deleted_at = 1 WHERE id = ${place}`),
      { reason: 'received', lines: [{ variant_id: variantId, location_id: place, quantity: 1 }] },
    )
    expect([answer.status, answer.body.code]).toEqual([409, 'changed_meanwhile'])
    expect(await stockAt(shop, variantId, place)).toBeUndefined()
  })
})

describe('an adjustment at the same time as sales', () => {
  test('and other adjustments never loses a piece, and answers what it booked over', async () => {
    const variantId = await aVariantOf(shop, { quantity: 30 })
    const ids = await Promise.all(Array.from({ length: 8 }, () => aReadyCheckout(shop, variantId, 3)))
    const [sales, bookings] = await Promise.all([
      Promise.all(ids.map(id => complete(shop, id))),
      Promise.all(
        [5, -4, 3, -2].map(quantity =>
          adjust({ reason: 'counted', lines: [{ variant_id: variantId, quantity }] }),
        ),
      ),
    ])
    const sold = sales.filter(({ status }) => status === 200).length * 3
    const booked = bookings
      .filter(({ status }) => status === 201)
      .reduce((sum, { body }) => sum + body.lines[0].quantity, 0)
    expect(await stockOf(shop, variantId)).toEqual({ on_hand: 30 - sold + booked, reserved: 0 })
    expect(await stockAt(shop, variantId, 'loc_default')).toEqual({
      on_hand: 30 - sold + booked,
      reserved: 0,
    })
  })
})
