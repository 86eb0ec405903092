// Which locations an order takes from (docs/decisions/0015), and that several of them together never oversell.

import { sql } from 'drizzle-orm'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { atomic } from '../../../src/db/atomic.ts'
import { violatedConstraint } from '../../../src/db/errors.ts'
import { releaseStock, reserveStock, STOCK_REFUSALS } from '../../../src/features/inventory/statements.ts'
import {
  aReadyCheckout,
  aVariantOf,
  complete,
  expectPromisesKept,
  READY,
  stockOf,
} from '../../support/buying.ts'
import { aLocation, setStock, stockAt } from '../../support/inventory.ts'
import { openShop, type TestShop } from '../../support/shop.ts'
import { allocate, type Item, type Place, type Taken } from './allocation-model.ts'

let shop: TestShop
beforeAll(async () => {
  shop = await openShop()
})
afterAll(() => expectPromisesKept(shop))

const deactivate = (...ids: string[]) =>
  shop.db.run(
    sql`UPDATE locations SET is_active = 0 WHERE id IN (SELECT value FROM json_each(${JSON.stringify(ids)}))`,
  )

/** Buys one basket and says where it came from. */
async function buy(lines: { variant_id: string; quantity: number }[]): Promise<Taken | string> {
  const { body } = await shop.post('/v1/checkouts', { lines, ...READY })
  const answer = await complete(shop, body.id)
  if (answer.status !== 200) return answer.body.code
  const rows = await shop.db.all<{ variant_id: string; location_id: string; quantity: number }>(
    sql`SELECT variant_id, location_id, -quantity AS quantity FROM stock_movements WHERE order_id = ${answer.body.order_id}`,
  )
  return takenOf(rows)
}

function takenOf(rows: { variant_id: string; location_id: string; quantity: number }[]): Taken {
  const taken: Taken = {}
  for (const { variant_id, location_id, quantity } of rows) {
    taken[variant_id] ??= {}
    if (quantity > 0) taken[variant_id][location_id] = quantity
  }
  return taken
}

describe('an order', () => {
  test('takes from the first location by priority that has all of it, though an earlier one has a part', async () => {
    const [first, second] = [await aLocation(shop, { priority: 1 }), await aLocation(shop, { priority: 2 })]
    const [a, b] = [await aVariantOf(shop, { quantity: 0 }), await aVariantOf(shop, { quantity: 0 })]
    await setStock(shop, { [a]: { [first]: 5, [second]: 5 }, [b]: { [first]: 1, [second]: 5 } })
    expect(
      await buy([
        { variant_id: a, quantity: 2 },
        { variant_id: b, quantity: 2 },
      ]),
    ).toEqual({ [a]: { [second]: 2 }, [b]: { [second]: 2 } })
    expect(await buy([{ variant_id: a, quantity: 1 }])).toEqual({ [a]: { [first]: 1 } })
    await deactivate(first, second)
  })

  test('is split by lines when no location has all of it, and a line is torn only when none has all of that', async () => {
    const [first, second] = [await aLocation(shop, { priority: 1 }), await aLocation(shop, { priority: 2 })]
    const [a, b] = [await aVariantOf(shop, { quantity: 0 }), await aVariantOf(shop, { quantity: 0 })]
    await setStock(shop, { [a]: { [first]: 1, [second]: 4 }, [b]: { [first]: 3 } })
    expect(
      await buy([
        { variant_id: a, quantity: 2 },
        { variant_id: b, quantity: 1 },
      ]),
    ).toEqual({ [a]: { [second]: 2 }, [b]: { [first]: 1 } })
    expect(await buy([{ variant_id: a, quantity: 3 }])).toEqual({ [a]: { [first]: 1, [second]: 2 } })
    expect(await stockOf(shop, a)).toEqual({ on_hand: 0, reserved: 0 })
    expect(await buy([{ variant_id: a, quantity: 1 }])).toBe('stock_insufficient')
    await deactivate(first, second)
  })

  test('never takes from a location that is not active, and buyers do not see what lies there', async () => {
    const closed = await aLocation(shop, { priority: 1, is_active: false })
    const variantId = await aVariantOf(shop, { quantity: 2 })
    await setStock(shop, { [variantId]: { [closed]: 50 } })
    const id = await aReadyCheckout(shop, variantId, 3)
    expect((await complete(shop, id)).body).toMatchObject({
      code: 'stock_insufficient',
      items: [{ quantity: 3, quantity_available: 2 }],
    })
    expect(await buy([{ variant_id: variantId, quantity: 2 }])).toEqual({ [variantId]: { loc_default: 2 } })
    expect(await stockAt(shop, variantId, closed)).toEqual({ on_hand: 50, reserved: 0 })
  })

  test('of goods whose only stock lies in closed locations is refused, and of goods sold on order takes none', async () => {
    const closed = await aLocation(shop, { is_active: false })
    const counted = await aVariantOf(shop, { quantity: 0 })
    const onOrder = await aVariantOf(shop, { quantity: 0, inventory_policy: 'continue' })
    for (const id of [counted, onOrder])
      await shop.db.run(sql`DELETE FROM stock_levels WHERE variant_id = ${id}`)
    await setStock(shop, { [counted]: { [closed]: 5 }, [onOrder]: { [closed]: 5 } })
    expect(await buy([{ variant_id: counted, quantity: 1 }])).toBe('stock_insufficient')
    expect(await buy([{ variant_id: onOrder, quantity: 1 }])).toEqual({})
    expect(await stockAt(shop, onOrder, closed)).toEqual({ on_hand: 5, reserved: 0 })
  })

  test('that is declined gives each location its own back', async () => {
    const [first, second] = [await aLocation(shop, { priority: 1 }), await aLocation(shop, { priority: 2 })]
    const variantId = await aVariantOf(shop, { quantity: 0 })
    await setStock(shop, { [variantId]: { [first]: 2, [second]: 2 } })
    const answer = await complete(shop, await aReadyCheckout(shop, variantId, 3), { token: 'tok_declined' })
    expect(answer.status).toBe(402)
    for (const place of [first, second])
      expect(await stockAt(shop, variantId, place)).toEqual({ on_hand: 2, reserved: 0 })
    await deactivate(first, second)
  })

  test('for the last pieces of three locations is made as often as there are pieces, however many want one', async () => {
    const places = [await aLocation(shop), await aLocation(shop), await aLocation(shop)]
    const variantId = await aVariantOf(shop, { quantity: 0 })
    await setStock(shop, { [variantId]: Object.fromEntries(places.map((id, i) => [id, i + 1])) })
    // Of six pieces, in twos, the third order is torn.
    const ids = await Promise.all(Array.from({ length: 9 }, () => aReadyCheckout(shop, variantId, 2)))
    const answers = await Promise.all(ids.map(id => complete(shop, id)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(3)
    expect(await stockOf(shop, variantId)).toEqual({ on_hand: 0, reserved: 0 })
    await deactivate(...places)
  })
})

const PLACES = ['loc_p0', 'loc_p1', 'loc_p2', 'loc_p3']
const VARIANTS = ['var_p0', 'var_p1', 'var_p2']

const anItem = (variant_id: string) =>
  fc.record({
    variant_id: fc.constant(variant_id),
    on_order: fc.boolean(),
    free: fc.dictionary(fc.constantFrom(...PLACES), fc.nat(4), { maxKeys: 4 }),
  })

const aCase = fc.record({
  places: fc.tuple(
    ...PLACES.map(id => fc.record({ id: fc.constant(id), priority: fc.nat(2), is_active: fc.boolean() })),
  ),
  items: fc.tuple(...VARIANTS.map(anItem)),
  basket: fc.uniqueArray(
    fc.record({ variant_id: fc.constantFrom(...VARIANTS), quantity: fc.integer({ min: 1, max: 9 }) }),
    { selector: ({ variant_id }) => variant_id, minLength: 1 },
  ),
})

describe('allocation', () => {
  beforeAll(async () => {
    await shop.db.run(sql`INSERT INTO locations (id, name, code, priority, created_at, updated_at)
      SELECT value, value, value, 0, 0, 0 FROM json_each(${JSON.stringify(PLACES)})`)
    const { id } = await shop.addProduct()
    await shop.db.run(sql`INSERT INTO variants (id, product_id, position, title, options)
      SELECT value, ${id}, key + 1, value, json_object('Size', value) FROM json_each(${JSON.stringify(VARIANTS)})`)
  })
  afterAll(() =>
    shop.db.batch([
      shop.db.run(sql`DELETE FROM stock_reservations WHERE payment_id LIKE 'pay_p%'`),
      shop.db.run(sql`DELETE FROM stock_levels WHERE variant_id LIKE 'var_p_'`),
    ]),
  )

  /** Puts the case into the tables, and nothing else: the levels are set by hand. */
  const arrange = (places: Place[], items: Item[]) => {
    const levels = items.flatMap(({ variant_id, free }) =>
      Object.entries(free).map(([location_id, on_hand]) => ({ variant_id, location_id, on_hand })),
    )
    const { db } = shop
    return [
      db.run(sql`DELETE FROM stock_reservations WHERE payment_id LIKE 'pay_p%'`),
      db.run(sql`DELETE FROM stock_levels WHERE variant_id LIKE 'var_p_'`),
      db.run(sql`UPDATE locations SET priority = value ->> 'priority', is_active = value ->> 'is_active'
        FROM json_each(${JSON.stringify(places.map(place => ({ ...place, is_active: Number(place.is_active) })))})
        WHERE locations.id = value ->> 'id'`),
      db.run(sql`UPDATE variants SET inventory_policy = iif(value ->> 'on_order', 'continue', 'deny')
        FROM json_each(${JSON.stringify(items)}) WHERE variants.id = value ->> 'variant_id'`),
      db.run(sql`INSERT INTO stock_levels (variant_id, location_id, on_hand)
        SELECT value ->> 'variant_id', value ->> 'location_id', value ->> 'on_hand' FROM json_each(${JSON.stringify(levels)})`),
    ] as const
  }

  test('is what the model says, for any levels, priorities and baskets, or is refused by name', async () => {
    let split = 0
    let refused = 0
    await fc.assert(
      fc.asyncProperty(aCase, async ({ places, items, basket }) => {
        const { db } = shop
        const expected = allocate(places, items, basket)
        const run = atomic(db, [
          ...arrange(places, items),
          reserveStock(db, shop.deps.ids, 'pay_p', basket, 0),
          db.all<{ variant_id: string; location_id: string; quantity: number }>(
            sql`SELECT variant_id, location_id, quantity FROM stock_reservations WHERE payment_id = 'pay_p'`,
          ),
          releaseStock(db, 'pay_p', 1),
        ])
        if (expected === null) {
          refused += 1
          const error = await run.then(
            () => null,
            thrown => thrown,
          )
          expect(STOCK_REFUSALS).toContain(violatedConstraint(error))
          return
        }
        const results = await run
        const rows = results.at(-2) as { variant_id: string; location_id: string; quantity: number }[]
        const taken = Object.fromEntries(
          Object.entries(takenOf(rows)).filter(([, parts]) => Object.keys(parts).length > 0),
        )
        expect(taken).toEqual(expected)
        if (Object.values(taken).some(parts => Object.keys(parts).length > 1)) split += 1
      }),
      { numRuns: 300 },
    )
    expect(split).toBeGreaterThan(5)
    expect(refused).toBeGreaterThan(20)
  })
})
