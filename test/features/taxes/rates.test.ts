// Tax rates as staff run them.

import { beforeAll, expect, test } from 'vitest'
import { allPages, type Desk, deskOf, lastAudit } from '../../support/admin.ts'
import { aVariant } from '../../support/factories.ts'
import { aStaffMember, type Person } from '../../support/people.ts'
import { openShop, type TestShop, withKey } from '../../support/shop.ts'

let shop: TestShop
let manager: Person
let desk: Desk
const PATH = '/v1/admin/tax_rates'

beforeAll(async () => {
  shop = await openShop()
  manager = await aStaffMember(shop, 'manager')
  desk = deskOf(shop, manager)
})

let counter = 0
const aRate = (fields: object = {}) => ({
  name: `Tax ${++counter}`,
  country: 'FR',
  tax_class: 'standard',
  rate_ppm: 200_000,
  applies_to_shipping: true,
  ...fields,
})
async function create(fields: object = {}) {
  const answer = await desk.post(PATH, aRate(fields))
  expect(answer.status, answer.text).toBe(201)
  return answer.body
}
async function taxIn(country: string) {
  // Nothing is sent there, so it may go to any country.
  const { variantIds } = await shop.addProduct({ variants: [aVariant({ requires_shipping: false })] })
  const cart = await shop.post('/v1/carts', { country, lines: [{ variant_id: variantIds[0], quantity: 1 }] })
  return cart.body.tax_lines
}

test('a tax rate is created, read, changed and deleted, each on record, and carts follow at once', async () => {
  const key = withKey()
  const body = aRate({ name: 'TVA', country: 'BE' })
  const created = await desk.post(PATH, body, key)
  expect(created.status, created.text).toBe(201)
  const { id } = created.body
  const path = `${PATH}/${id}`
  expect(created.headers.get('Location')).toBe(path)
  expect(created.body).toEqual({ id, ...body, region: null, updated_at: expect.any(String) })
  expect((await desk.get(path)).body).toEqual(created.body)
  expect((await desk.post(PATH, body, key)).body).toEqual(created.body)
  expect(await lastAudit(shop, id)).toMatchObject({ actor: manager.id, action: 'tax_rate.created' })
  expect(await taxIn('BE')).toMatchObject([{ name: 'TVA', rate_ppm: 200_000, amount: { amount: 333 } }])

  const changed = await desk.patch(path, { rate_ppm: 210_000 })
  expect(changed.body).toEqual({ ...created.body, rate_ppm: 210_000, updated_at: expect.any(String) })
  expect(await lastAudit(shop, id)).toMatchObject({ changes: { rate_ppm: [200_000, 210_000] } })
  expect(await taxIn('BE')).toMatchObject([{ rate_ppm: 210_000 }])
  expect((await desk.remove(path)).status).toBe(204)
  expect((await desk.get(path)).status).toBe(404)
  expect(await taxIn('BE')).toEqual([])
  expect(await lastAudit(shop, id)).toMatchObject({ action: 'tax_rate.deleted' })
})

test('one tax is entered once for a place and class; another of the place adds to it', async () => {
  const { name } = await create({ country: 'IT' })
  const other = await create({ country: 'IT' })
  for (const answer of [
    await desk.post(PATH, aRate({ country: 'IT', name })),
    await desk.patch(`${PATH}/${other.id}`, { name }),
  ])
    expect([answer.status, answer.body.code, answer.body.errors[0].pointer]).toEqual([
      409,
      'tax_rate_taken',
      '/name',
    ])
  await create({ country: 'IT', name, region: 'RM' })
  await create({ country: 'IT', name, tax_class: 'reduced' })
  expect((await taxIn('IT')).map((tax: { name: string }) => tax.name)).toEqual([name, other.name])
  const raced = await Promise.all(Array.from({ length: 10 }, () => desk.post(PATH, aRate({ name: 'Raced' }))))
  expect(raced.map(answer => answer.status).sort()).toEqual([201, ...Array(9).fill(409)])
})

test.each([
  [{ country: 'XX' }, '/country'],
  [{ country: 'fr' }, '/country'],
  [{ region: 'long' }, '/region'],
  [{ rate_ppm: 1_000_001 }, '/rate_ppm'],
  [{ rate_ppm: 0.19 }, '/rate_ppm'],
  [{ tax_class: '' }, '/tax_class'],
])('a rate with %j is refused at %s, and nothing changes', async (fields, pointer) => {
  const rate = await create()
  const path = `${PATH}/${rate.id}`
  for (const answer of [await desk.post(PATH, aRate(fields)), await desk.patch(path, fields)])
    expect([answer.status, answer.body.errors?.[0]?.pointer], answer.text).toEqual([422, pointer])
  expect((await desk.get(path)).body).toEqual(rate)
})

test('a change or deletion names the version that was read', async () => {
  const { id } = await create()
  const path = `${PATH}/${id}`
  const old = await desk.tagOf(path)
  await desk.patch(path, { rate_ppm: 1 })
  expect((await desk.patch(path, { rate_ppm: 2 }, null)).status).toBe(428)
  expect((await desk.patch(path, { rate_ppm: 2 }, old)).status).toBe(412)
  expect((await desk.remove(path, old)).status).toBe(412)
  expect((await desk.get(path)).body.rate_ppm).toBe(1)
  for (const answer of [
    await desk.get(`${PATH}/tax_none`),
    await desk.patch(`${PATH}/tax_none`, { rate_ppm: 1 }, '"1.x"'),
    await desk.remove(`${PATH}/tax_none`, '"1.x"'),
  ])
    expect(answer.status).toBe(404)
})

test('the list is filtered by country and goes page by page, stable while rates are made', async () => {
  for (let i = 0; i < 5; i++) await create({ country: 'ES' })
  const all = (await desk.get(`${PATH}?country=ES&sort=newest&limit=100`)).body.data
  expect(all).toHaveLength(5)
  expect(await allPages(desk, `${PATH}?country=ES&sort=newest`, () => create({ country: 'ES' }))).toEqual(all)
  expect((await desk.get(`${PATH}?country=ES&fields=name&limit=1`)).body.data).toEqual([
    { id: all.at(-1).id, name: all.at(-1).name },
  ])
})

test('reading takes one call beside the check of the right, writing two', async () => {
  const { id } = await create()
  const path = `${PATH}/${id}`
  const tag = await desk.tagOf(path)
  expect(await shop.countCalls(() => desk.get(PATH))).toBe(2)
  expect(await shop.countCalls(() => desk.get(path))).toBe(2)
  expect(await shop.countCalls(() => desk.post(PATH, aRate()))).toBe(3)
  expect(await shop.countCalls(() => desk.patch(path, { rate_ppm: 5 }, tag))).toBe(3)
  const now = await desk.tagOf(path)
  expect(await shop.countCalls(() => desk.remove(path, now))).toBe(3)
})
