// What staff see of stock: levels, what is low, and the history; and that no list reads more than its page.

import { sql } from 'drizzle-orm'
import { beforeAll, describe, expect, test } from 'vitest'
import { openStore } from '#platform'
import { auditLog } from '../../../src/features/audit/table.ts'
import { aReadyCheckout, aVariantOf, complete } from '../../support/buying.ts'
import { aVariant } from '../../support/factories.ts'
import { aFlakyDb, precededBy } from '../../support/flaky-db.ts'
import { aLocation, setStock } from '../../support/inventory.ts'
import { aStaffMember, type Person } from '../../support/people.ts'
import { openShop, type TestShop, withKey } from '../../support/shop.ts'

let shop: TestShop
let manager: Person
const PATH = '/v1/admin/inventory'

beforeAll(async () => {
  shop = await openShop()
  manager = await aStaffMember(shop, 'manager')
})

const get = (query: string) => shop.get(`${PATH}${query}`, manager.auth)
/** All pages of a list, two items a page. */
async function walk(query: string, between: () => Promise<unknown> = async () => undefined) {
  // biome-ignore lint/suspicious/noExplicitAny: items of two lists
  const seen: any[] = []
  let cursor = ''
  do {
    const answer = await get(`${query}${query.includes('?') ? '&' : '?'}limit=2${cursor}`)
    expect(answer.status, answer.text).toBe(200)
    seen.push(...answer.body.data)
    cursor = answer.body.next_cursor === null ? '' : `&cursor=${answer.body.next_cursor}`
    await between()
  } while (cursor !== '')
  return seen
}
const idsOf = (items: { id: string }[]) => items.map(({ id }) => id)
const patch = async (id: string, low_stock_threshold: number | null, tag?: string) =>
  shop.call('PATCH', `${PATH}/variants/${id}`, {
    body: { low_stock_threshold },
    headers: { ...manager.auth, 'If-Match': tag ?? (await get(`/variants/${id}`)).headers.get('ETag') ?? '' },
  })

describe('the stock of a variant', () => {
  test('shows what lies where, what checkouts hold, and what buyers can get', async () => {
    const [open, closed] = [await aLocation(shop), await aLocation(shop, { is_active: false })]
    const { id: productId, variantIds } = await shop.addProduct({
      title: 'Stoneware mug',
      variants: [aVariant({ sku: 'MUG', title: 'Oat' })],
    })
    const [id = ''] = variantIds
    await setStock(shop, { [id]: { [open]: 3, [closed]: 5 } })
    const level = (location_id: string, on_hand: number, available: number) => ({
      location_id,
      is_active: location_id !== closed,
      on_hand,
      reserved: 0,
      available,
    })
    const answer = await get(`/variants/${id}`)
    expect(answer.body).toEqual({
      id,
      product_id: productId,
      product_title: 'Stoneware mug',
      variant_title: 'Oat',
      sku: 'MUG',
      tracks_inventory: true,
      on_hand: 18,
      reserved: 0,
      available: 13,
      low_stock_threshold: null,
      is_low: false,
      levels: [level(open, 3, 3), level(closed, 5, 0), level('loc_default', 10, 10)].sort((a, b) =>
        a.location_id < b.location_id ? -1 : 1,
      ),
    })
    expect((await get(`?sku=MUG&variant_id=${id}`)).body.data).toEqual([answer.body])
    expect((await get('/variants/var_none')).status).toBe(404)
  })

  test('is there for a variant that never had any, and gone with a variant that never had any', async () => {
    const { id: productId } = await shop.addProduct()
    await shop.db.run(sql`INSERT INTO variants (id, product_id, position, title, options)
      VALUES ('var_never', ${productId}, 9, 'Never', '{"Size":"never"}')`)
    expect((await get('/variants/var_never')).body).toMatchObject({ available: 0, is_low: true, levels: [] })
    await shop.db.run(sql`DELETE FROM variants WHERE id = 'var_never'`)
    expect((await get('/variants/var_never')).status).toBe(404)
  })

  test('stays when the variant is deleted, without being low', async () => {
    const id = await aVariantOf(shop, { quantity: 1 })
    await shop.db.run(sql`DELETE FROM variants WHERE id = ${id}`)
    expect((await get(`/variants/${id}`)).body).toMatchObject({ product_id: null, on_hand: 1, is_low: false })
    expect(idsOf(await walk('?low=true'))).not.toContain(id)
  })
})

describe('low stock', () => {
  const isLow = async (id: string) => {
    const item = (await get(`/variants/${id}`)).body
    expect(idsOf((await get(`?low=true&variant_id=${id}`)).body.data).length).toBe(item.is_low ? 1 : 0)
    return item.is_low
  }

  test('is what is at its own threshold or below, else at the shop’s; a change of either acts at once', async () => {
    const id = await aVariantOf(shop, { quantity: 6 })
    expect(await isLow(id)).toBe(false)
    const set = await patch(id, 6)
    expect(set.body).toMatchObject({ low_stock_threshold: 6, is_low: true })
    expect(await isLow(id)).toBe(true)
    expect((await patch(id, null)).body.is_low).toBe(false)
    const settings = await shop.get('/v1/admin/shop', manager.auth)
    const setDefault = (low_stock_threshold: number, tag: string | null) =>
      shop.call('PATCH', '/v1/admin/shop', {
        body: { low_stock_threshold },
        headers: { ...manager.auth, 'If-Match': tag ?? '' },
      })
    const raised = await setDefault(6, settings.headers.get('ETag'))
    expect(raised.body.low_stock_threshold).toBe(6)
    expect(await isLow(id)).toBe(true)
    expect((await patch(id, 0)).body.is_low).toBe(false)
    await setDefault(5, raised.headers.get('ETag'))
    expect(await isLow(id)).toBe(false)
  })

  test('follows sales, bookings and locations', async () => {
    const place = await aLocation(shop, { priority: 900 })
    const id = await aVariantOf(shop, { quantity: 6 })
    expect((await complete(shop, await aReadyCheckout(shop, id))).status).toBe(200)
    expect(await isLow(id)).toBe(true)
    await setStock(shop, { [id]: { [place]: 1 } })
    expect(await isLow(id)).toBe(false)
    await shop.db.run(sql`UPDATE locations SET is_active = 0 WHERE id = ${place}`)
    expect(await isLow(id)).toBe(true)
  })

  test('is never what is not counted, until it is counted', async () => {
    const id = await aVariantOf(shop, { tracks_inventory: false, quantity: null })
    expect(await isLow(id)).toBe(false)
    await shop.db.run(sql`UPDATE variants SET tracks_inventory = 1 WHERE id = ${id}`)
    expect(await isLow(id)).toBe(true)
  })

  test('is set with an audit row, over the version that was read, in 3 database calls', async () => {
    const id = await aVariantOf(shop)
    const tag = (await get(`/variants/${id}`)).headers.get('ETag') ?? ''
    expect(await shop.countCalls(() => patch(id, 2, tag))).toBe(3)
    expect((await patch(id, 3, tag)).body.code).toBe('version_stale')
    expect((await get(`/variants/${id}`)).body.low_stock_threshold).toBe(2)
    expect(await shop.db.select().from(auditLog).where(sql`object_id = ${id}`)).toMatchObject([
      { actor: manager.id, action: 'stock.threshold_changed', changes: { low_stock_threshold: [null, 2] } },
    ])
  })
})

test('a threshold that somebody else sets between looking and writing stays', async () => {
  const flaky = aFlakyDb((await openStore()).db)
  const watched = await openShop({ deps: { db: flaky.db } })
  const id = await aVariantOf(shop)
  const tag = (await get(`/variants/${id}`)).headers.get('ETag') ?? ''
  flaky.next(precededBy(async () => patch(id, 1, tag)))
  const answer = await watched.call('PATCH', `${PATH}/variants/${id}`, {
    body: { low_stock_threshold: 2 },
    headers: { ...manager.auth, 'If-Match': tag },
  })
  expect([answer.status, answer.body.code]).toEqual([412, 'version_stale'])
  expect((await get(`/variants/${id}`)).body.low_stock_threshold).toBe(1)
})

describe('the list of stock', () => {
  test('has every variant once, by age, though others come in; by product, SKU, location and what is low', async () => {
    const place = await aLocation(shop)
    const variants = ['S', 'M', 'L'].map((size, i) =>
      aVariant({ title: size, options: { Size: size }, sku: `LIST-${size}`, quantity: i * 5 }),
    )
    const options = [{ name: 'Size', values: ['S', 'M', 'L'] }]
    const { id: productId, variantIds } = await shop.addProduct({ options, variants })
    const [small = '', medium = '', large = ''] = variantIds
    await setStock(shop, { [large]: { [place]: 1 }, [small]: { [place]: 1 } })
    await patch(medium, 100)

    let more = 2
    const all = await walk('', async () => {
      if (more-- > 0) await shop.addProduct()
    })
    expect(idsOf(all)).toEqual([...new Set(idsOf(all))].sort())
    expect(idsOf(all)).toEqual(expect.arrayContaining(variantIds))
    const sorted = [small, medium, large].sort()
    expect(idsOf(await walk(`?product_id=${productId}`))).toEqual(sorted)
    expect(idsOf(await walk('?sku=LIST-M'))).toEqual([medium])
    expect(idsOf(await walk(`?location_id=${place}`))).toEqual([small, large].sort())
    expect(idsOf(await walk(`?location_id=${place}&low=true`))).toEqual([small])
    expect(idsOf(await walk(`?product_id=${productId}&low=true`))).toEqual([small, medium].sort())
    expect(idsOf(await walk('?low=true'))).toEqual(idsOf(all.filter(({ is_low }) => is_low)))
    expect(idsOf(await walk('?location_id=loc_none'))).toEqual([])
  })

  test('is trimmed to the fields asked for, and takes 2 database calls', async () => {
    const { body } = await get('?fields=sku,available&limit=1')
    expect(Object.keys(body.data[0]).sort()).toEqual(['available', 'id', 'sku'])
    expect(await shop.countCalls(() => get('?low=true'))).toBe(2)
    expect(await shop.countCalls(() => get('/movements'))).toBe(2)
  })
})

describe('the history of stock', () => {
  test('has what was sold, counted and booked, by variant, location, reason, order and document, both ways', async () => {
    const place = await aLocation(shop)
    const id = await aVariantOf(shop, { quantity: 2 })
    shop.advance(1000)
    const order = await complete(shop, await aReadyCheckout(shop, id))
    shop.advance(1000)
    const booked = await shop.post(
      `${PATH}/adjustments`,
      { reason: 'returned', lines: [{ variant_id: id, location_id: place, quantity: 1 }] },
      { ...manager.auth, ...withKey() },
    )
    const reasons = async (query: string) => (await walk(`/movements?${query}`)).map(({ reason }) => reason)
    expect(await reasons(`variant_id=${id}`)).toEqual(['returned', 'sale', 'counted'])
    expect(await reasons(`variant_id=${id}&sort=oldest`)).toEqual(['counted', 'sale', 'returned'])
    expect(await reasons(`variant_id=${id}&reason=sale`)).toEqual(['sale'])
    expect(await reasons(`location_id=${place}`)).toEqual(['returned'])
    expect(await reasons(`location_id=${place}&reason=sale`)).toEqual([])
    expect(await reasons(`order_id=${order.body.order_id}`)).toEqual(['sale'])
    expect(await reasons(`document_id=${booked.body.id}`)).toEqual(['returned'])
    expect(new Set(await reasons('reason=returned'))).toEqual(new Set(['returned']))
    expect((await walk('/movements?reason=sale'))[0]).toMatchObject({
      variant_id: id,
      location_id: 'loc_default',
      quantity: -1,
      order_id: order.body.order_id,
      actor: null,
    })
  })

  test('is walked through once, whole, though movements of the same time come in', async () => {
    const id = await aVariantOf(shop)
    const before = await walk('/movements')
    let n = 0
    const seen = await walk('/movements', async () => {
      if (n < 3) await setStock(shop, { [id]: { loc_default: n++ } })
    })
    expect(new Set(idsOf(seen)).size).toBe(seen.length)
    for (const movementId of idsOf(before)) expect(idsOf(seen)).toContain(movementId)
  })
})
