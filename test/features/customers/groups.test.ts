// Customer groups and what they pay: staff set it, and whoever is logged in and in the group gets it, nobody else.

import { beforeAll, describe, expect, test } from 'vitest'
import { allPages, type Desk, deskOf, lastAudit } from '../../support/admin.ts'
import { aVariantOf, complete, orderOf, READY } from '../../support/buying.ts'
import { aPerson, aStaffMember, type Person } from '../../support/people.ts'
import { openShop, type TestShop, withKey } from '../../support/shop.ts'

let shop: TestShop
let manager: Person
let desk: Desk
const PATH = '/v1/admin/customer_groups'

beforeAll(async () => {
  shop = await openShop()
  manager = await aStaffMember(shop, 'manager')
  desk = deskOf(shop, manager)
})

let counter = 0
async function aGroup(): Promise<{ id: string; name: string }> {
  const answer = await desk.post(PATH, { name: `Group ${++counter}` })
  expect(answer.status, answer.text).toBe(201)
  return answer.body
}
const setPrices = (id: string, rows: unknown[], tag?: string | null) =>
  desk.patch(`${PATH}/${id}/prices`, { rows }, tag)
const join = (person: Person, ...group_ids: string[]) =>
  desk.patch(`/v1/admin/customers/${person.id}`, { group_ids })
const eur = (variant_id: string, amount: number | null) => ({ variant_id, currency: 'EUR', amount })

describe('a group', () => {
  test('is created, read, changed and deleted, each on record', async () => {
    const key = withKey()
    const created = await desk.post(PATH, { name: 'Trade' }, key)
    expect(created.status, created.text).toBe(201)
    const { id } = created.body
    const path = `${PATH}/${id}`
    expect(created.headers.get('Location')).toBe(path)
    expect((await desk.post(PATH, { name: 'Trade' }, key)).body).toEqual(created.body)
    expect((await desk.get(path)).body).toEqual(created.body)
    expect(await lastAudit(shop, id)).toMatchObject({ actor: manager.id, action: 'customer_group.created' })
    expect((await desk.patch(path, { name: 'The trade' })).body.name).toBe('The trade')
    expect(await lastAudit(shop, id)).toMatchObject({ changes: { name: ['Trade', 'The trade'] } })
    expect((await desk.remove(path)).status).toBe(204)
    expect((await desk.get(path)).status).toBe(404)
    expect(await lastAudit(shop, id)).toMatchObject({ action: 'customer_group.deleted' })
  })

  test('has a name of its own, and is changed only from the version that was read', async () => {
    const [one, two] = [await aGroup(), await aGroup()]
    for (const answer of [
      await desk.post(PATH, { name: one.name }),
      await desk.patch(`${PATH}/${two.id}`, { name: one.name }),
    ])
      expect([answer.status, answer.body.code, answer.body.errors[0].pointer]).toEqual([
        409,
        'customer_group_taken',
        '/name',
      ])
    const path = `${PATH}/${two.id}`
    const old = await desk.tagOf(path)
    await desk.patch(path, { name: `New ${two.name}` })
    expect((await desk.patch(path, { name: 'x' }, old)).status).toBe(412)
    expect((await desk.patch(path, { name: 'x' }, null)).status).toBe(428)
    expect((await desk.remove(path, old)).status).toBe(412)
    expect((await setPrices(two.id, [eur(await aVariantOf(shop), 1)], old)).status).toBe(412)
    expect((await desk.get(`${PATH}/grp_none`)).status).toBe(404)
    expect((await desk.get(`${PATH}/grp_none/prices`)).status).toBe(404)
    expect((await desk.remove(`${PATH}/grp_none`, '"1.x"')).status).toBe(404)
  })

  test('stands in a list that is stable while groups are made', async () => {
    for (let i = 0; i < 4; i++) await aGroup()
    const all = (await desk.get(`${PATH}?sort=newest&limit=100`)).body.data
    expect(await allPages(desk, `${PATH}?sort=newest`, aGroup)).toEqual(all)
  })
})

describe('prices of a group', () => {
  test('are set, changed and taken away, all at once, on record, and listed by variant', async () => {
    const { id } = await aGroup()
    const variants = [await aVariantOf(shop), await aVariantOf(shop), await aVariantOf(shop)].sort()
    const [a = '', b = '', c = ''] = variants
    expect(
      (await setPrices(id, [eur(a, 1000), eur(b, 1100), { ...eur(b, 1200), currency: 'USD' }])).status,
    ).toBe(200)
    const answer = await setPrices(id, [eur(a, null), eur(b, 1150), eur(c, 0)])
    expect(answer.status, answer.text).toBe(200)
    const { body } = await desk.get(`${PATH}/${id}/prices`)
    expect(body.data).toEqual([eur(b, 1150), { ...eur(b, 1200), currency: 'USD' }, eur(c, 0)])
    expect(await allPages(desk, `${PATH}/${id}/prices`)).toEqual(body.data)
    expect((await desk.get(`${PATH}/${id}/prices?variant_id=${c}`)).body.data).toEqual([eur(c, 0)])
    expect(await lastAudit(shop, id)).toMatchObject({ action: 'customer_group.prices_updated' })
  })

  test('come up to 1,000 at once, in three calls in all', async () => {
    const { id } = await aGroup()
    const variant = await aVariantOf(shop)
    const codes = ['EUR', 'USD', 'GBP', 'JPY', 'CHF', 'SEK', 'NOK', 'DKK', 'PLN', 'CZK']
    const tag = await desk.tagOf(`${PATH}/${id}/prices`)
    const variants = [variant, ...(await Promise.all(Array.from({ length: 99 }, () => aVariantOf(shop))))]
    const rows = variants.flatMap(variant_id => codes.map(currency => ({ variant_id, currency, amount: 5 })))
    expect(rows).toHaveLength(1000)
    expect(await shop.countCalls(async () => expect((await setPrices(id, rows, tag)).status).toBe(200))).toBe(
      3,
    )
    expect((await desk.get(`${PATH}/${id}/prices?limit=100`)).body.data).toHaveLength(100)
  })

  test('are refused as a whole when a row is wrong, each named', async () => {
    const { id } = await aGroup()
    const variant = await aVariantOf(shop)
    const answer = await setPrices(id, [
      eur(variant, 1),
      eur('var_none', 1),
      { ...eur(variant, 1), currency: 'XXX' },
      eur(variant, 2),
    ])
    expect(answer.status).toBe(422)
    expect(answer.body.errors.map((error: { pointer: string }) => error.pointer)).toEqual([
      '/rows/1/variant_id',
      '/rows/2/currency',
      '/rows/3',
    ])
    expect((await setPrices(id, [eur(variant, -1)])).body.errors[0].pointer).toBe('/rows/0/amount')
    expect((await desk.get(`${PATH}/${id}/prices`)).body.data).toEqual([])
  })

  test('need the right to change prices: support may not set them', async () => {
    const { id } = await aGroup()
    const support = deskOf(shop, await aStaffMember(shop, 'support'))
    const answer = await support.patch(`${PATH}/${id}/prices`, { rows: [eur(await aVariantOf(shop), 1)] })
    expect([answer.status, answer.body.permission]).toEqual([403, 'products:write'])
  })
})

describe('a buyer', () => {
  const priceIn = (answer: { body: { lines: { unit_price: { amount: number } }[] } }) =>
    answer.body.lines[0]?.unit_price.amount
  const aCart = (variant_id: string, auth = {}) =>
    shop.post('/v1/carts', { lines: [{ variant_id, quantity: 1 }] }, auth)

  test('who is logged in and in the group pays its price in carts, checkouts and orders; others do not', async () => {
    const variant = await aVariantOf(shop)
    const { id } = await aGroup()
    await setPrices(id, [eur(variant, 1500)])
    const [member, stranger] = [await aPerson(shop), await aPerson(shop)]
    await join(member, id)
    expect(priceIn(await aCart(variant))).toBe(2000)
    expect(priceIn(await aCart(variant, stranger.auth))).toBe(2000)

    const cart = await aCart(variant, member.auth)
    expect(priceIn(cart)).toBe(1500)
    const path = `/v1/carts/${cart.body.id}`
    expect(priceIn(await shop.get(path, member.auth))).toBe(1500)
    expect(priceIn(await shop.get(path))).toBe(2000)
    const more = await shop.post(`${path}/lines`, { variant_id: variant, quantity: 1 }, member.auth)
    expect([priceIn(more), more.body.messages]).toEqual([1500, []])

    const started = await shop.post('/v1/checkouts', { cart_id: cart.body.id, ...READY }, member.auth)
    expect([priceIn(started), started.body.totals.total.amount]).toEqual([1500, 3500])
    // From here on the checkout is the member's, whoever holds its id.
    const checkout = `/v1/checkouts/${started.body.id}`
    expect(priceIn(await shop.get(checkout))).toBe(1500)
    expect(priceIn(await shop.call('PATCH', checkout, { body: { note: 'x' }, headers: member.auth }))).toBe(
      1500,
    )
    const paid = await complete(shop, started.body.id, { expected_total: { amount: 3500, currency: 'EUR' } })
    expect(paid.status, paid.text).toBe(200)
    expect((await orderOf(shop, paid)).body.totals.total.amount).toBe(3500)
  })

  test('who logs in during a checkout pays the group’s price, as shown', async () => {
    const variant = await aVariantOf(shop)
    const { id } = await aGroup()
    await setPrices(id, [eur(variant, 1500)])
    const member = await aPerson(shop)
    await join(member, id)
    const lines = [{ variant_id: variant, quantity: 1 }]
    const started = await shop.post('/v1/checkouts', { lines, ...READY })
    expect(priceIn(started)).toBe(2000)
    const shown = await shop.get(`/v1/checkouts/${started.body.id}`, member.auth)
    expect(priceIn(shown)).toBe(1500)
    const paid = await shop.post(
      `/v1/checkouts/${started.body.id}/complete`,
      { payment: { provider: 'test', token: 'tok_approved' }, expected_total: shown.body.totals.total },
      { ...member.auth, ...withKey() },
    )
    expect(paid.status, paid.text).toBe(200)
    expect(priceIn(paid)).toBe(1500)
  })

  test('in several groups pays the lowest, and never more than everybody', async () => {
    const variant = await aVariantOf(shop)
    const [low, high, dear] = [await aGroup(), await aGroup(), await aGroup()]
    await setPrices(low.id, [eur(variant, 1200)])
    await setPrices(high.id, [eur(variant, 1700)])
    await setPrices(dear.id, [eur(variant, 9900)])
    const person = await aPerson(shop)
    const pays = async (...groups: string[]) => {
      await join(person, ...groups)
      return priceIn(await aCart(variant, person.auth))
    }
    expect(await pays(low.id, high.id, dear.id)).toBe(1200)
    expect(await pays(high.id)).toBe(1700)
    expect(await pays(dear.id)).toBe(2000)
    expect(await pays()).toBe(2000)
  })

  test('pays by currency, and like everybody once the price, the membership or the group is gone', async () => {
    const variant = await aVariantOf(shop)
    const { id } = await aGroup()
    await setPrices(id, [eur(variant, 1500)])
    const person = await aPerson(shop)
    await join(person, id)
    const lines = [{ variant_id: variant, quantity: 1 }]
    expect(priceIn(await shop.post('/v1/carts', { lines, currency: 'USD' }, person.auth))).toBe(2200)
    const cart = await aCart(variant, person.auth)
    expect((await desk.remove(`${PATH}/${id}`)).status).toBe(204)
    const now = await shop.get(`/v1/carts/${cart.body.id}`, person.auth)
    expect(priceIn(now)).toBe(2000)
    expect(now.body.messages).toMatchObject([{ code: 'price_changed', previous_price: { amount: 1500 } }])
  })

  test('causes no further database call by being logged in', async () => {
    const variant = await aVariantOf(shop)
    const { auth } = await aPerson(shop)
    const cart = await aCart(variant, auth)
    expect(await shop.countCalls(() => shop.get(`/v1/carts/${cart.body.id}`, auth))).toBe(1)
    expect(await shop.countCalls(() => aCart(variant, auth))).toBe(2)
  })
})
