// Locations over HTTP: what staff can do with them, and what buyers see of it.

import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openStore } from '#platform'
import { auditLog } from '../../../src/features/audit/table.ts'
import { outboxEvents } from '../../../src/features/events/table.ts'
import { testProvider } from '../../../src/features/payments/providers/test.ts'
import { aReadyCheckout, aVariantOf, complete, expectPromisesKept } from '../../support/buying.ts'
import { aFlakyDb, precededBy } from '../../support/flaky-db.ts'
import { setStock, stockAt } from '../../support/inventory.ts'
import { aStaffMember, type Person } from '../../support/people.ts'
import { type Answer, openShop, type TestShop, withKey } from '../../support/shop.ts'

let shop: TestShop
let manager: Person
const PATH = '/v1/admin/locations'

/** What happens between the claim of the stock and the charge. */
let whilePaying: (() => Promise<unknown>) | undefined

beforeAll(async () => {
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

let counter = 0
const aCode = (): string => {
  counter += 1
  return `L${counter}`
}
const create = (fields: object = {}, headers: Record<string, string> = {}) =>
  shop.post(PATH, { name: 'Somewhere', code: aCode(), ...fields }, { ...manager.auth, ...headers })
const read = (id: string, from = shop) => from.get(`${PATH}/${id}`, manager.auth)
const tagOf = async (id: string): Promise<string> => (await read(id)).headers.get('ETag') ?? ''
const change = (method: 'PATCH' | 'DELETE', id: string, tag: string, body?: object): Promise<Answer> =>
  shop.call(method, `${PATH}/${id}`, {
    body,
    headers: { ...manager.auth, ...(tag ? { 'If-Match': tag } : {}) },
  })
const rowsAbout = async (id: string) => ({
  audit: (await shop.db.select().from(auditLog).where(sql`object_id = ${id}`)).map(
    ({ actor, action, changes }) => [actor, action, changes],
  ),
  events: (await shop.db.select().from(outboxEvents).where(sql`object_id = ${id}`)).map(({ type, data }) => [
    type,
    data,
  ]),
})

describe('a location', () => {
  test('is created, read, changed and deleted, each with its audit row and event', async () => {
    const code = aCode()
    const address = { line1: 'Hafenstraße 12', city: 'Hamburg', postal_code: '20457', country: 'DE' }
    const created = await create({ name: 'Harbour', code, address, priority: 7 })
    expect(created.status, created.text).toBe(201)
    const { id } = created.body
    expect(created.headers.get('Location')).toBe(`${PATH}/${id}`)
    expect(created.body).toMatchObject({
      name: 'Harbour',
      code,
      address,
      priority: 7,
      is_active: true,
      is_default: false,
    })
    expect((await read(id)).body).toEqual(created.body)

    const changed = await change('PATCH', id, await tagOf(id), { priority: 8, address: null })
    expect(changed.body).toEqual({
      ...created.body,
      priority: 8,
      address: null,
      updated_at: changed.body.updated_at,
    })
    expect((await read(id)).body).toEqual(changed.body)

    const gone = await change('DELETE', id, changed.headers.get('ETag') ?? '')
    expect([gone.status, gone.text]).toEqual([204, ''])
    expect((await read(id)).status).toBe(404)
    expect((await change('PATCH', id, '"3.abcd"', { priority: 1 })).status).toBe(404)
    expect(await rowsAbout(id)).toEqual({
      audit: [
        [manager.id, 'location.created', { code, priority: 7 }],
        [manager.id, 'location.updated', { priority: [7, 8], address: [address, null] }],
        [manager.id, 'location.deleted', { code }],
      ],
      events: [
        ['location.created', { location_id: id, version: 1 }],
        ['location.updated', { location_id: id, version: 2 }],
        ['location.deleted', { location_id: id, version: 3 }],
      ],
    })
    // Its code is free again.
    expect((await create({ code })).status).toBe(201)
  })

  test('is created once for one Idempotency-Key', async () => {
    const key = withKey()
    const body = { code: aCode() }
    const first = await create(body, key)
    const second = await create(body, key)
    expect([second.status, second.text]).toEqual([201, first.text])
    expect(second.headers.get('Idempotent-Replayed')).toBe('true')
  })

  test('takes 2 database calls to read or list, 3 to write', async () => {
    const { body } = await create()
    const tag = await tagOf(body.id)
    expect(await shop.countCalls(() => read(body.id))).toBe(2)
    expect(await shop.countCalls(() => shop.get(PATH, manager.auth))).toBe(2)
    expect(await shop.countCalls(() => create({}, withKey()))).toBe(3)
    expect(await shop.countCalls(() => change('PATCH', body.id, tag, { priority: 1 }))).toBe(3)
    const newTag = await tagOf(body.id)
    expect(await shop.countCalls(() => change('DELETE', body.id, newTag))).toBe(3)
  })

  test('with the code of another is refused, created or changed, and nothing happens', async () => {
    const [one, other] = [await create(), await create()]
    const twice = await create({ code: one.body.code })
    expect([twice.status, twice.body.code, twice.body.errors[0].pointer]).toEqual([
      409,
      'location_code_taken',
      '/code',
    ])
    const renamed = await change('PATCH', other.body.id, await tagOf(other.body.id), { code: one.body.code })
    expect([renamed.status, renamed.body.code]).toEqual([409, 'location_code_taken'])
    expect((await read(other.body.id)).body).toEqual(other.body)
  })

  test.each([
    [{ code: 'no spaces' }, '/code'],
    [{ code: 'lower' }, '/code'],
    [{ priority: -1 }, '/priority'],
    [{ name: '' }, '/name'],
    [{ is_default: true }, '/is_default'],
    [{ address: { line1: 'x', city: 'y', country: 'XX' } }, '/address/country'],
    [{ address: { line1: 'x', city: 'y', country: 'DE' } }, '/address/postal_code'],
  ])('is not created from %j', async (fields, pointer) => {
    const answer = await create(fields)
    expect([answer.status, answer.body.errors?.[0]?.pointer]).toEqual([422, pointer])
  })

  test('is changed and deleted only by whoever read it last', async () => {
    const { body } = await create()
    const old = await tagOf(body.id)
    await change('PATCH', body.id, old, { priority: 3 })
    for (const method of ['PATCH', 'DELETE'] as const) {
      const patch = method === 'PATCH' ? { priority: 4 } : undefined
      expect((await change(method, body.id, old, patch)).body.code).toBe('version_stale')
      expect((await change(method, body.id, '', patch)).body.code).toBe('precondition_required')
    }
    expect((await read(body.id)).body.priority).toBe(3)
  })
})

describe('between looking and writing', () => {
  test.each(['PATCH', 'DELETE'] as const)(
    'somebody else changes the location: %s is refused, and their change stays',
    async method => {
      const flaky = aFlakyDb((await openStore()).db)
      const watched = await openShop({ deps: { db: flaky.db } })
      const { body } = await create()
      const tag = await tagOf(body.id)
      flaky.next(precededBy(async () => change('PATCH', body.id, tag, { priority: 77 })))
      const answer = await watched.call(method, `${PATH}/${body.id}`, {
        body: method === 'PATCH' ? { name: 'Lost' } : undefined,
        headers: { ...manager.auth, 'If-Match': tag },
      })
      expect([answer.status, answer.body.code]).toEqual([412, 'version_stale'])
      expect((await read(body.id)).body).toMatchObject({ name: body.name, priority: 77 })
    },
  )
})

describe('what lies at a location', () => {
  test('is out of reach for buyers as soon as it is inactive, and back when it is active again', async () => {
    const { body } = await create()
    const { handle, variantIds } = await shop.addProduct()
    await setStock(shop, { [variantIds[0] ?? '']: { [body.id]: 4 } })
    const available = async () =>
      (await shop.get(`/v1/products/${handle}`)).body.variants[0].quantity_available
    const set = async (is_active: boolean) => change('PATCH', body.id, await tagOf(body.id), { is_active })
    expect(await available()).toBe(14)
    await set(false)
    expect(await available()).toBe(10)
    await set(true)
    expect(await available()).toBe(14)
  })

  test('that a checkout holds keeps it from being deleted, and is sold though it is made inactive meanwhile', async () => {
    const { body } = await create({ priority: 0 })
    const variantId = await aVariantOf(shop, { quantity: 0 })
    await setStock(shop, { [variantId]: { [body.id]: 1 } })
    const id = await aReadyCheckout(shop, variantId)
    const statuses: number[] = []
    whilePaying = async () => {
      const inactive = await change('PATCH', body.id, await tagOf(body.id), { is_active: false })
      const deleted = await change('DELETE', body.id, inactive.headers.get('ETag') ?? '')
      statuses.push(inactive.status, deleted.status)
    }
    const answer = await complete(shop, id)
    whilePaying = undefined
    expect([answer.status, statuses]).toEqual([200, [200, 409]])
    expect(await stockAt(shop, variantId, body.id)).toEqual({ on_hand: 0, reserved: 0 })
    const item = await shop.get(`/v1/admin/inventory/variants/${variantId}`, manager.auth)
    expect(item.body).toMatchObject({ on_hand: 0, available: 0 })
    expect((await change('DELETE', body.id, await tagOf(body.id))).status).toBe(204)
  })

  test('keeps it from being deleted until it is gone, and then stays in the books', async () => {
    const { body } = await create()
    const variantId = await aVariantOf(shop)
    await setStock(shop, { [variantId]: { [body.id]: 4 } })
    const refused = await change('DELETE', body.id, await tagOf(body.id))
    expect([refused.status, refused.body.code]).toEqual([409, 'location_not_empty'])
    expect((await read(body.id)).body).toEqual(body)

    await setStock(shop, { [variantId]: { [body.id]: 0 } })
    expect((await change('DELETE', body.id, await tagOf(body.id))).status).toBe(204)
    const history = await shop.get(`/v1/admin/inventory/movements?location_id=${body.id}`, manager.auth)
    expect(history.body.data.map(({ quantity }: { quantity: number }) => quantity)).toEqual([-4, 4])
  })

  test('cannot be brought to one that is deleted', async () => {
    const { body } = await create()
    await change('DELETE', body.id, await tagOf(body.id))
    await expect(setStock(shop, { [await aVariantOf(shop)]: { [body.id]: 1 } })).rejects.toThrow()
  })
})

describe('the default location', () => {
  test('takes what nobody named a location for, can be changed, and cannot be deleted', async () => {
    expect((await read('loc_default')).body).toMatchObject({ is_default: true, code: 'MAIN' })
    const renamed = await change('PATCH', 'loc_default', await tagOf('loc_default'), { name: 'Shop floor' })
    expect(renamed.body.name).toBe('Shop floor')
    const deleted = await change('DELETE', 'loc_default', await tagOf('loc_default'))
    expect([deleted.status, ['location_is_default', 'location_not_empty']]).toEqual([
      409,
      expect.arrayContaining([deleted.body.code]),
    ])
    expect((await read('loc_default')).status).toBe(200)
  })
})

describe('the list of locations', () => {
  const walk = async (query: string, between: () => Promise<unknown> = async () => undefined) => {
    const seen: { id: string; priority: number; is_active: boolean }[] = []
    let cursor = ''
    do {
      const { body, status, text } = await shop.get(`${PATH}?limit=2${query}${cursor}`, manager.auth)
      expect(status, text).toBe(200)
      seen.push(...body.data)
      cursor = body.next_cursor === null ? '' : `&cursor=${body.next_cursor}`
      await between()
    } while (cursor !== '')
    return seen
  }

  test('is in the order in which orders take from them, by filter and page by page, though more come in', async () => {
    for (const is_active of [true, false, true]) await create({ priority: 50, is_active })
    let more = 3
    const seen = await walk('', async () => {
      if (more-- > 0) await create({ priority: 1 })
    })
    expect(new Set(seen.map(({ id }) => id)).size).toBe(seen.length)
    const order = seen.map(({ priority, id }) => [priority, id])
    expect(order).toEqual(
      order.toSorted((a, b) => Number(a[0]) - Number(b[0]) || (String(a[1]) < String(b[1]) ? -1 : 1)),
    )
    expect((await walk('&is_active=false')).map(({ is_active }) => is_active)).not.toContain(true)
    const newest = (await walk('&sort=newest')).map(({ id }) => id)
    expect(newest).toEqual(newest.toSorted().reverse())
    for (const { id } of seen) expect(newest).toContain(id)
  })

  test('is trimmed to the fields asked for', async () => {
    const { body } = await shop.get(`${PATH}?fields=name,priority&limit=1`, manager.auth)
    expect(Object.keys(body.data[0]).sort()).toEqual(['id', 'name', 'priority'])
  })
})
