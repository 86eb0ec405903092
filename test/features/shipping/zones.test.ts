// Shipping zones as staff run them: what they may say, that no place is in two of them, and that checkouts follow.

import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { loadShop } from '../../../src/features/imports/load-shop.ts'
import { allPages, type Desk, deskOf, lastAudit } from '../../support/admin.ts'
import { aVariantOf } from '../../support/buying.ts'
import { anAddress, SHOP } from '../../support/factories.ts'
import { aStaffMember, type Person } from '../../support/people.ts'
import { openShop, type TestShop, withKey } from '../../support/shop.ts'

let shop: TestShop
let manager: Person
let desk: Desk
const PATH = '/v1/admin/shipping_zones'

beforeAll(async () => {
  shop = await openShop()
  manager = await aStaffMember(shop, 'manager')
  desk = deskOf(shop, manager)
})
beforeEach(() => loadShop(shop.deps, SHOP))

const eur = (amount: number) => ({ amount, currency: 'EUR' })
const flat = (amount: number) => ({ kind: 'flat', price: [eur(amount)] })
const aRate = (fields: object = {}) => ({
  title: 'Post',
  rule: flat(900),
  eta_days: { min: 1, max: 2 },
  ...fields,
})
const aZone = (fields: object = {}) => ({
  name: 'Abroad',
  places: [{ country: 'SE' }],
  rates: [aRate()],
  ...fields,
})
async function create(fields: object = {}) {
  const answer = await desk.post(PATH, aZone(fields))
  expect(answer.status, answer.text).toBe(201)
  return answer.body
}
async function optionsFor(address: Record<string, string>) {
  const lines = [{ variant_id: await aVariantOf(shop), quantity: 1 }]
  const { body } = await shop.post('/v1/checkouts', { lines, shipping_address: anAddress(address) })
  return body.shipping_options.map(({ id, price }: { id: string; price: { amount: number } }) => [
    id,
    price.amount,
  ])
}
const STOCKHOLM = { city: 'Stockholm', postal_code: '111 20', country: 'SE' }

describe('a zone', () => {
  test('is created, read, changed and deleted, each on record, and checkouts follow at once', async () => {
    expect(await optionsFor(STOCKHOLM)).toEqual([])
    const key = withKey()
    const created = await desk.post(PATH, aZone(), key)
    expect(created.status, created.text).toBe(201)
    const { id, rates } = created.body
    const path = `${PATH}/${id}`
    expect(created.headers.get('Location')).toBe(path)
    expect((await desk.get(path)).body).toEqual(created.body)
    expect(await lastAudit(shop, id)).toMatchObject({ actor: manager.id, action: 'shipping_zone.created' })
    expect((await desk.post(PATH, aZone(), key)).body).toEqual(created.body)
    expect(await optionsFor(STOCKHOLM)).toEqual([[rates[0].id, 900]])

    const changed = await desk.patch(path, {
      rates: [aRate({ title: 'Courier', rule: flat(2900) }), { ...rates[0], rule: flat(700) }],
    })
    expect(changed.status, changed.text).toBe(200)
    expect(changed.body.rates.map((rate: { id: string }) => rate.id)).toEqual([
      expect.any(String),
      rates[0].id,
    ])
    expect((await desk.get(path)).body).toEqual(changed.body)
    expect(await optionsFor(STOCKHOLM)).toEqual([
      [changed.body.rates[0].id, 2900],
      [rates[0].id, 700],
    ])
    expect(Object.keys((await lastAudit(shop, id))?.changes)).toEqual(['rates'])

    expect((await desk.patch(path, { name: 'Sweden' })).body).toEqual({
      ...changed.body,
      name: 'Sweden',
      updated_at: expect.any(String),
    })
    expect((await desk.remove(path)).status).toBe(204)
    expect((await desk.get(path)).status).toBe(404)
    expect(await optionsFor(STOCKHOLM)).toEqual([])
    expect(await lastAudit(shop, id)).toMatchObject({ action: 'shipping_zone.deleted' })
  })

  test.each([
    [
      'by_weight',
      {
        tiers: [
          { from_grams: 0, price: [eur(500)] },
          { from_grams: 1000, price: [eur(900)] },
        ],
        max_grams: 5000,
      },
    ],
    [
      'by_subtotal',
      {
        tiers: [
          { from: [eur(0)], price: [eur(500)] },
          { from: [eur(5000)], price: [eur(0)] },
        ],
      },
    ],
  ])('keeps a rate %s as it was given', async (kind, rule) => {
    const { id } = await create({ rates: [aRate({ rule: { kind, ...rule } })] })
    expect((await desk.get(`${PATH}/${id}`)).body.rates[0].rule).toEqual({ kind, ...rule })
    expect(await optionsFor(STOCKHOLM)).toEqual([[expect.any(String), 500]])
  })

  test('without rates keeps its places out of the shop', async () => {
    await create({ places: [{ country: '*' }] })
    expect(await optionsFor(STOCKHOLM)).toHaveLength(1)
    await create({ rates: [] })
    expect(await optionsFor(STOCKHOLM)).toEqual([])
  })
})

describe('a place', () => {
  test.each<[string, object[], string]>([
    ['a country that another zone has', [{ country: 'SE' }, { country: 'DE' }], '/places/1'],
    ['a region that another zone has', [{ country: 'US', regions: ['NY', 'CA'] }], '/places/0'],
    ['the rest of the world, twice', [{ country: '*' }], '/places/0'],
  ])('is in one zone: %s is refused with the zone that has it', async (_what, places, pointer) => {
    const taken = await create({
      name: 'First',
      places: [{ country: 'US', regions: ['CA'] }, { country: '*' }],
    })
    const other = await create({ places: [{ country: 'NO' }] })
    for (const answer of [
      await desk.post(PATH, aZone({ places })),
      await desk.patch(`${PATH}/${other.id}`, { places }),
    ]) {
      expect([answer.status, answer.body.code, answer.body.errors?.[0]?.pointer], answer.text).toEqual([
        409,
        'place_in_other_zone',
        pointer,
      ])
      expect(answer.body.errors[0].detail).toMatch(pointer === '/places/1' ? 'zone_dach' : taken.id)
    }
    expect((await desk.get(`${PATH}/${other.id}`)).body).toEqual(other)
  })

  test('may be a region beside its country, in two zones', async () => {
    await create({ places: [{ country: 'US' }] })
    await create({ places: [{ country: 'US', regions: ['CA'] }], rates: [aRate({ rule: flat(100) })] })
    const address = (region: string) => ({ city: 'X', postal_code: '94105', country: 'US', region })
    expect(await optionsFor(address('CA'))).toEqual([[expect.any(String), 100]])
    expect(await optionsFor(address('NY'))).toEqual([[expect.any(String), 900]])
  })

  test('that 20 ask for at once goes to one of them', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => desk.post(PATH, aZone())))
    expect(answers.filter(answer => answer.status === 201)).toHaveLength(1)
    expect(answers.filter(answer => answer.body.code === 'place_in_other_zone')).toHaveLength(19)
  })
})

test.each<[object, string]>([
  [{ places: [] }, '/places'],
  [{ places: [{ country: 'XX' }] }, '/places/0/country'],
  [{ places: [{ country: 'SE' }, { country: 'SE' }] }, '/places/1'],
  [{ places: [{ country: '*', regions: ['A'] }] }, '/places/0/regions'],
  [{ places: [{ country: 'US', regions: ['CA', 'CA'] }] }, '/places/0/regions/1'],
  [{ rates: [aRate({ id: 'ship_standard' })] }, '/rates/0/id'],
  [{ rates: [aRate({ eta_days: { min: 3, max: 2 } })] }, '/rates/0/eta_days/max'],
  [{ rates: [aRate({ rule: { kind: 'flat', price: [] } })] }, '/rates/0/rule/price'],
  [{ rates: [aRate({ rule: { kind: 'flat', price: [eur(1), eur(2)] } })] }, '/rates/0/rule/price/1/currency'],
  [
    {
      rates: [
        aRate({
          rule: { kind: 'by_weight', tiers: [1, 1].map(from_grams => ({ from_grams, price: [eur(1)] })) },
        }),
      ],
    },
    '/rates/0/rule/tiers/1/from_grams',
  ],
  [
    {
      rates: [
        aRate({
          rule: { kind: 'by_subtotal', tiers: [1, 1].map(from => ({ from: [eur(from)], price: [eur(1)] })) },
        }),
      ],
    },
    '/rates/0/rule/tiers/1/from/0',
  ],
])('a zone with %j is refused at %s, and nothing changes', async (fields, pointer) => {
  const zone = await create({ places: [{ country: 'NO' }] })
  const path = `${PATH}/${zone.id}`
  for (const answer of [await desk.post(PATH, aZone(fields)), await desk.patch(path, fields)])
    expect([answer.status, answer.body.errors?.[0]?.pointer], answer.text).toEqual([422, pointer])
  expect((await desk.get(path)).body).toEqual(zone)
})

test('a change or deletion names the version that was read', async () => {
  const { id } = await create()
  const path = `${PATH}/${id}`
  const old = await desk.tagOf(path)
  await desk.patch(path, { name: 'newer' })
  for (const write of [
    (tag: string | null) => desk.patch(path, { rates: [] }, tag),
    (tag: string | null) => desk.remove(path, tag),
  ]) {
    expect((await write(null)).status).toBe(428)
    expect((await write(old)).status).toBe(412)
  }
  expect((await desk.get(path)).body).toMatchObject({ name: 'newer', rates: [{ title: 'Post' }] })
  expect((await desk.get(`${PATH}/zone_none`)).status).toBe(404)
  expect((await desk.remove(`${PATH}/zone_none`, '"1.x"')).status).toBe(404)
})

test('a shop file that is loaded anew makes what was read before stale', async () => {
  const path = `${PATH}/zone_dach`
  const old = await desk.tagOf(path)
  shop.advance(1)
  await loadShop(shop.deps, SHOP)
  expect((await desk.patch(path, { name: 'x' }, old)).status).toBe(412)
})

test('the list goes page by page with each zone’s rates, stable while zones are made', async () => {
  const countries = ['NO', 'FI', 'DK', 'IS']
  for (const country of countries) await create({ places: [{ country }], name: country })
  const all = (await desk.get(`${PATH}?sort=newest`)).body.data
  expect(all.map((zone: { name: string }) => zone.name)).toEqual(['Near', ...countries.toReversed()])
  const seen = await allPages(desk, `${PATH}?sort=newest`)
  expect(seen).toEqual(all)
  expect((await desk.get(`${PATH}?fields=name&limit=1`)).body.data[0]).toEqual({
    id: expect.any(String),
    name: expect.any(String),
  })
})

test('reading takes one call beside the check of the right, writing two', async () => {
  const { id } = await create()
  const path = `${PATH}/${id}`
  const tag = await desk.tagOf(path)
  expect(await shop.countCalls(() => desk.get(PATH))).toBe(2)
  expect(await shop.countCalls(() => desk.get(path))).toBe(2)
  expect(await shop.countCalls(() => desk.post(PATH, aZone({ places: [{ country: 'PT' }] })))).toBe(3)
  expect(await shop.countCalls(() => desk.patch(path, { rates: [aRate(), aRate()] }, tag))).toBe(3)
  const now = await desk.tagOf(path)
  expect(await shop.countCalls(() => desk.remove(path, now))).toBe(3)
})
