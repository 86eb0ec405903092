// No change is lost, whatever the timing: for each thing that staff change, somebody else's change comes exactly between
// the read and the write of a request. (Races of parallel requests, as elsewhere, may or may not hit that moment.)

import { beforeAll, expect, test } from 'vitest'
import { type Desk, deskOf } from '../../support/admin.ts'
import { aReadyCheckout, aVariantOf, complete } from '../../support/buying.ts'
import { aFlakyDb, fine, precededBy } from '../../support/flaky-db.ts'
import { aPerson, aStaffMember } from '../../support/people.ts'
import { openShop, type TestShop } from '../../support/shop.ts'

let shop: TestShop
let flaky: ReturnType<typeof aFlakyDb>
let slow: Desk
let quick: Desk
let variantId: string

beforeAll(async () => {
  shop = await openShop()
  flaky = aFlakyDb(shop.db)
  const owner = await aStaffMember(shop, 'owner')
  slow = deskOf(await openShop({ deps: { db: flaky.db }, file: null }), owner)
  quick = deskOf(shop, owner)
  variantId = await aVariantOf(shop, { quantity: 100 })
})

const made = async (path: string, body: object): Promise<string> => {
  const answer = await quick.post(path, body)
  expect(answer.status, answer.text).toBe(201)
  return `${path}/${answer.body.id}`
}
const RATE = { country: 'PT', tax_class: 'standard', rate_ppm: 1, applies_to_shipping: false }
/** Path, the late change, the one between, and the batches that come before the one that writes. */
type Thing = [what: string, make: () => Promise<string>, late: object, between: object, before: number]
const PROMOTION = { title: 'x', rule: { kind: 'free_shipping', scope: { type: 'all' } } }
const THINGS: Thing[] = [
  ['the settings', async () => '/v1/admin/shop', { name: 'slow' }, { name: 'quick' }, 0],
  ['a promotion', () => made('/v1/admin/promotions', PROMOTION), { title: 'slow' }, { title: 'quick' }, 1],
  [
    'a shipping zone',
    () => made('/v1/admin/shipping_zones', { name: 'x', places: [{ country: 'PT' }] }),
    { name: 'slow', rates: [] },
    { name: 'quick' },
    1,
  ],
  [
    'a tax rate',
    () => made('/v1/admin/tax_rates', { name: 'x', ...RATE }),
    { rate_ppm: 2 },
    { rate_ppm: 3 },
    0,
  ],
  [
    'a customer group',
    () => made('/v1/admin/customer_groups', { name: 'x' }),
    { name: 'slow' },
    { name: 'quick' },
    0,
  ],
  [
    'a customer',
    async () => `/v1/admin/customers/${(await aPerson(shop)).id}`,
    { note: 'slow' },
    { note: 'quick' },
    1,
  ],
  [
    'an order',
    async () =>
      `/v1/admin/orders/${(await complete(shop, await aReadyCheckout(shop, variantId))).body.order_id}`,
    { tags: ['slow'] },
    { tags: ['quick'] },
    1,
  ],
]

test.each(THINGS)(
  'a change of %s that comes between read and write is kept, and the late one is told',
  async (_what, make, late, between, before) => {
    const path = await make()
    const tag = await slow.tagOf(path)
    const meanwhile = precededBy(async () => expect((await quick.patch(path, between)).status).toBe(200))
    flaky.next(...Array(before).fill(fine), meanwhile)
    const answer = await slow.patch(path, late, tag)
    expect([answer.status, answer.body.code], answer.text).toEqual([412, 'version_stale'])
    expect((await quick.get(path)).body).toMatchObject(between)
  },
)

test('a place that another zone gets in between is refused', async () => {
  const zone = (name: string) => ({ name, places: [{ country: 'JP' }] })
  flaky.next(
    fine,
    precededBy(async () =>
      expect((await quick.post('/v1/admin/shipping_zones', zone('quick'))).status).toBe(201),
    ),
  )
  const answer = await slow.post('/v1/admin/shipping_zones', zone('slow'))
  expect([answer.status, answer.body.code]).toEqual([409, 'place_in_other_zone'])
  const other = await made('/v1/admin/shipping_zones', { name: 'other', places: [{ country: 'KR' }] })
  const tag = await quick.tagOf(other)
  flaky.next(
    fine,
    precededBy(async () =>
      expect(
        (await quick.post('/v1/admin/shipping_zones', { name: 'q', places: [{ country: 'CN' }] })).status,
      ).toBe(201),
    ),
  )
  const moved = await slow.patch(other, { places: [{ country: 'CN' }] }, tag)
  expect([moved.status, moved.body.code]).toEqual([409, 'place_in_other_zone'])
})
