// Transfers over HTTP: what leaves one location arrives at the other, or nothing happens.

import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { auditLog } from '../../../src/features/audit/table.ts'
import { outboxEvents } from '../../../src/features/events/table.ts'
import { aReadyCheckout, aVariantOf, complete, expectPromisesKept, stockOf } from '../../support/buying.ts'
import { dumpByTable } from '../../support/dump.ts'
import { aLocation, stockAt } from '../../support/inventory.ts'
import { aStaffMember, type Person } from '../../support/people.ts'
import { openShop, type TestShop, withKey } from '../../support/shop.ts'

let shop: TestShop
let manager: Person
let there: string

beforeAll(async () => {
  shop = await openShop()
  manager = await aStaffMember(shop, 'manager')
  there = await aLocation(shop, { priority: 500 })
})
afterAll(() => expectPromisesKept(shop))

const transfer = (lines: object[], fields: object = {}, key = withKey()) =>
  shop.post(
    '/v1/admin/inventory/transfers',
    { from_location_id: 'loc_default', to_location_id: there, lines, ...fields },
    { ...manager.auth, ...key },
  )

describe('a transfer', () => {
  test('moves stock in pairs of movements, with one audit row and one event, in 3 database calls', async () => {
    const [one, other] = [await aVariantOf(shop), await aVariantOf(shop)]
    const lines = [
      { variant_id: one, quantity: 4 },
      { variant_id: other, quantity: 10 },
    ]
    let id = ''
    expect(
      await shop.countCalls(async () => {
        const answer = await transfer(lines, { note: 'Van 3' })
        expect(answer.status, answer.text).toBe(201)
        expect(answer.body).toMatchObject({
          from_location_id: 'loc_default',
          to_location_id: there,
          note: 'Van 3',
          lines,
        })
        id = answer.body.id
      }),
    ).toBe(3)
    expect(await stockAt(shop, one, 'loc_default')).toEqual({ on_hand: 6, reserved: 0 })
    expect(await stockAt(shop, one, there)).toEqual({ on_hand: 4, reserved: 0 })
    expect(await stockAt(shop, other, 'loc_default')).toEqual({ on_hand: 0, reserved: 0 })
    expect(await stockOf(shop, other)).toEqual({ on_hand: 10, reserved: 0 })
    const history = await shop.get(
      `/v1/admin/inventory/movements?document_id=${id}&sort=oldest`,
      manager.auth,
    )
    expect(
      history.body.data.map(({ variant_id, location_id, quantity, reason }: Record<string, unknown>) => [
        variant_id,
        location_id,
        quantity,
        reason,
      ]),
    ).toEqual(
      [one, other].flatMap((variantId, i) => [
        [variantId, 'loc_default', -(lines[i]?.quantity ?? 0), 'transfer_out'],
        [variantId, there, lines[i]?.quantity, 'transfer_in'],
      ]),
    )
    const facts = { transfer_id: id, from_location_id: 'loc_default', to_location_id: there }
    const of = sql`object_id = ${id}`
    expect(await shop.db.select().from(auditLog).where(of)).toMatchObject([
      { actor: manager.id, action: 'stock.transferred', changes: { ...facts, lines: 2 } },
    ])
    expect(await shop.db.select().from(outboxEvents).where(of)).toMatchObject([
      { type: 'stock.transferred', data: { ...facts, variant_ids: [one, other] } },
    ])
  })

  test('changes nothing for buyers between active locations, and takes stock from them to one that is not', async () => {
    const closed = await aLocation(shop, { is_active: false })
    const { handle, variantIds } = await shop.addProduct()
    const lines = [{ variant_id: variantIds[0], quantity: 3 }]
    const available = async () =>
      (await shop.get(`/v1/products/${handle}`)).body.variants[0].quantity_available
    await transfer(lines)
    expect(await available()).toBe(10)
    await transfer(lines, { to_location_id: closed })
    expect(await available()).toBe(7)
  })

  test('is booked once for one Idempotency-Key', async () => {
    const variant_id = await aVariantOf(shop)
    const key = withKey()
    const [first, second] = [
      await transfer([{ variant_id, quantity: 1 }], {}, key),
      await transfer([{ variant_id, quantity: 1 }], {}, key),
    ]
    expect(second.text).toBe(first.text)
    expect(await stockAt(shop, variant_id, there)).toEqual({ on_hand: 1, reserved: 0 })
  })

  test('of everything, while buyers buy it, never moves or sells a piece twice', async () => {
    const variant_id = await aVariantOf(shop, { quantity: 6 })
    const ids = await Promise.all(Array.from({ length: 6 }, () => aReadyCheckout(shop, variant_id, 2)))
    const [answers, moved] = await Promise.all([
      Promise.all(ids.map(id => complete(shop, id))),
      Promise.all(Array.from({ length: 6 }, () => transfer([{ variant_id, quantity: 1 }]))),
    ])
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(3)
    for (const answer of moved) expect([201, 409]).toContain(answer.status)
    expect(await stockOf(shop, variant_id)).toEqual({ on_hand: 0, reserved: 0 })
  })
})

describe('a transfer is refused, with nothing booked,', () => {
  const expectRefused = async (
    lines: object[],
    fields: object,
    status: number,
    places: [string, string][],
  ) => {
    const before = await dumpByTable(shop)
    const answer = await transfer(lines, fields)
    expect(answer.status, answer.text).toBe(status)
    expect(answer.body.errors.map(({ pointer, code }: Record<string, string>) => [pointer, code])).toEqual(
      places,
    )
    expect(await dumpByTable(shop)).toEqual(before)
    return answer
  }

  test('between places that do not exist, and from a place to itself', async () => {
    const lines = [{ variant_id: await aVariantOf(shop), quantity: 1 }]
    await expectRefused(lines, { from_location_id: 'loc_none', to_location_id: 'loc_not' }, 422, [
      ['/from_location_id', 'location_unknown'],
      ['/to_location_id', 'location_unknown'],
    ])
    await expectRefused(lines, { to_location_id: 'loc_default' }, 422, [['/to_location_id', 'same_location']])
  })

  test('of variants that do not exist or come twice, and of more than is there', async () => {
    const [one, other] = [await aVariantOf(shop), await aVariantOf(shop, { quantity: 2 })]
    await expectRefused(
      [
        { variant_id: one, quantity: 1 },
        { variant_id: one, quantity: 1 },
        { variant_id: 'var_none', quantity: 1 },
      ],
      {},
      422,
      [
        ['/lines/1', 'duplicate'],
        ['/lines/2/variant_id', 'variant_unknown'],
      ],
    )
    const short = await expectRefused(
      [
        { variant_id: one, quantity: 1 },
        { variant_id: other, quantity: 3 },
      ],
      {},
      409,
      [['/lines/1/quantity', 'stock_below_reserved']],
    )
    expect(short.body.items).toMatchObject([
      { line: 1, variant_id: other, on_hand: 2, reserved: 0, available: 2 },
    ])
  })
})
