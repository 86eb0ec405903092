// Promotions as staff run them: what they may say, what they may not, and that buyers get them at once.

import { beforeAll, describe, expect, test } from 'vitest'
import { allPages, type Desk, deskOf, lastAudit } from '../../support/admin.ts'
import { aReadyCheckout, complete } from '../../support/buying.ts'
import { aStaffMember, type Person } from '../../support/people.ts'
import { openShop, type TestShop, withKey } from '../../support/shop.ts'

let shop: TestShop
let manager: Person
let desk: Desk
let variantId: string
let productId: string
const PATH = '/v1/admin/promotions'

beforeAll(async () => {
  shop = await openShop()
  manager = await aStaffMember(shop, 'manager')
  desk = deskOf(shop, manager)
  const { id, variantIds } = await shop.addProduct()
  productId = id
  variantId = variantIds[0] ?? ''
})

const eur = (amount: number) => ({ amount, currency: 'EUR' })
let counter = 0
const aCode = () => `CODE-${++counter}`
const aRule = (rule: object = {}) => ({
  kind: 'percentage',
  percent_bps: 1000,
  scope: { type: 'all' },
  ...rule,
})
const aPromotion = (fields: object = {}) => ({
  title: 'A tenth off',
  code: aCode(),
  rule: aRule(),
  ...fields,
})
async function create(fields: object = {}) {
  const answer = await desk.post(PATH, aPromotion(fields))
  expect(answer.status, answer.text).toBe(201)
  return answer.body
}
const totalWith = async (code: string) => {
  const lines = [{ variant_id: variantId, quantity: 1 }]
  return (await shop.post('/v1/carts', { lines, discount_codes: [code] })).body.totals.total.amount
}

describe('a promotion', () => {
  test('is created, read, changed and deleted, each on record', async () => {
    const key = withKey()
    const body = aPromotion({ code: 'spring-27', usage_limit: 5 })
    const created = await desk.post(PATH, body, key)
    expect(created.status, created.text).toBe(201)
    expect(created.body).toMatchObject({ code: 'SPRING-27', redeemed: 0, is_active: true, usage_limit: 5 })
    const { id } = created.body
    const path = `${PATH}/${id}`
    expect(created.headers.get('Location')).toBe(path)
    expect((await desk.get(path)).body).toEqual(created.body)
    expect(await lastAudit(shop, id)).toMatchObject({
      actor: manager.id,
      actor_kind: 'staff',
      action: 'promotion.created',
    })

    const again = await desk.post(PATH, body, key)
    expect([again.status, again.body.id, again.headers.get('Idempotent-Replayed')]).toEqual([201, id, 'true'])

    const changed = await desk.patch(path, { title: 'Spring', rule: aRule({ percent_bps: 2000 }) })
    expect(changed.status, changed.text).toBe(200)
    expect(changed.body).toMatchObject({ title: 'Spring', code: 'SPRING-27', usage_limit: 5 })
    expect((await desk.get(path)).body).toEqual(changed.body)
    expect(changed.headers.get('ETag')).toBe(await desk.tagOf(path))
    expect((await lastAudit(shop, id))?.changes).toMatchObject({ title: ['A tenth off', 'Spring'] })

    expect((await desk.remove(path)).status).toBe(204)
    expect((await desk.get(path)).status).toBe(404)
    expect(await lastAudit(shop, id)).toMatchObject({ action: 'promotion.deleted' })
  })

  test.each([
    ['percentage', { percent_bps: 2500, min_subtotal: [eur(100)], is_combinable: false, priority: 7 }],
    ['fixed_amount', { amount: [eur(300), { amount: 350, currency: 'USD' }] }],
    ['free_shipping', { starts_at: '2026-01-01T00:00:00.000Z', ends_at: '2027-01-01T00:00:00.000Z' }],
    [
      'buy_x_get_y',
      {
        buy_quantity: 2,
        get_quantity: 1,
        get_scope: { type: 'all' },
        percent_bps: 10_000,
        max_applications: 3,
      },
    ],
  ])('of kind %s comes back as it was given', async (kind, rule) => {
    const given = { scope: { type: 'products', product_ids: [productId] }, kind, ...rule }
    const { id } = await create({ rule: given })
    expect((await desk.get(`${PATH}/${id}`)).body.rule).toMatchObject(given)
  })

  test('reaches buyers with its creation, its change and its end', async () => {
    const { id, code } = await create()
    expect(await totalWith(code)).toBe(1800)
    await desk.patch(`${PATH}/${id}`, { rule: aRule({ percent_bps: 5000 }) })
    expect(await totalWith(code.toLowerCase())).toBe(1000)
    await desk.patch(`${PATH}/${id}`, { is_active: false })
    expect(await totalWith(code)).toBe(2000)
  })

  test('that was used shows how often, stays, and takes no limit below that', async () => {
    const { id, code } = await create()
    const path = `${PATH}/${id}`
    const paid = await complete(shop, await aReadyCheckout(shop, variantId, 1, { discount_codes: [code] }))
    expect(paid.status, paid.text).toBe(200)
    const again = await complete(shop, await aReadyCheckout(shop, variantId, 1, { discount_codes: [code] }))
    expect(again.status).toBe(200)
    expect((await desk.get(path)).body.redeemed).toBe(2)
    const removed = await desk.remove(path)
    expect([removed.status, removed.body.code]).toEqual([409, 'promotion_used'])
    const limited = await desk.patch(path, { usage_limit: 1 })
    expect([limited.status, limited.body.errors[0].pointer]).toEqual([422, '/usage_limit'])
    expect((await desk.get(path)).body).toMatchObject({ redeemed: 2, usage_limit: null })
    expect((await desk.patch(path, { usage_limit: 2 })).status).toBe(200)
  })
})

describe('what does not fit', () => {
  test('a code that another promotion has, in any case of letters', async () => {
    const { code } = await create()
    const { id } = await create()
    const created = await desk.post(PATH, aPromotion({ code: code.toLowerCase() }))
    expect([created.status, created.body.code, created.body.errors[0].pointer]).toEqual([
      409,
      'promotion_code_taken',
      '/code',
    ])
    const changed = await desk.patch(`${PATH}/${id}`, { code })
    expect([changed.status, changed.body.code]).toEqual([409, 'promotion_code_taken'])
  })

  test('of 20 promotions of one code at once, one is made', async () => {
    const code = aCode()
    const answers = await Promise.all(Array.from({ length: 20 }, () => desk.post(PATH, aPromotion({ code }))))
    expect(answers.filter(answer => answer.status === 201)).toHaveLength(1)
    expect(answers.filter(answer => answer.status === 409)).toHaveLength(19)
  })

  const twice = [eur(1), eur(2)]
  test.each<[object, string]>([
    [{ scope: { type: 'products', product_ids: ['prod_none'] } }, '/rule/scope/product_ids/0'],
    [{ scope: { type: 'collections', collection_ids: ['col_none'] } }, '/rule/scope/collection_ids/0'],
    [{ scope: { type: 'collections', product_ids: ['x'] } }, '/rule/scope/collection_ids'],
    [{ min_subtotal: [{ amount: 1, currency: 'XXX' }] }, '/rule/min_subtotal/0/currency'],
    [{ min_subtotal: twice }, '/rule/min_subtotal/1/currency'],
    [{ kind: 'fixed_amount', percent_bps: undefined, amount: twice }, '/rule/amount/1/currency'],
    [{ kind: 'fixed_amount', percent_bps: undefined, amount: [] }, '/rule/amount'],
    [{ percent_bps: 10_001 }, '/rule/percent_bps'],
    [{ percent_bps: 0 }, '/rule/percent_bps'],
    [{ kind: 'half' }, '/rule/kind'],
    [{ starts_at: '2026-02-01T00:00:00Z', ends_at: '2026-02-01T00:00:00Z' }, '/rule/ends_at'],
  ])('a rule with %j, at %s, and nothing changes', async (rule, pointer) => {
    const { id } = await create()
    const before = await desk.tagOf(`${PATH}/${id}`)
    for (const answer of [
      await desk.post(PATH, aPromotion({ rule: aRule(rule) })),
      await desk.patch(`${PATH}/${id}`, { rule: aRule(rule) }, before),
    ])
      expect([answer.status, answer.body.errors?.[0]?.pointer], answer.text).toEqual([422, pointer])
    expect(await desk.tagOf(`${PATH}/${id}`)).toBe(before)
  })

  test('a change or deletion of no version, or of an old one', async () => {
    const { id } = await create()
    const path = `${PATH}/${id}`
    const old = await desk.tagOf(path)
    await desk.patch(path, { title: 'newer' })
    for (const write of [
      (tag: string | null) => desk.patch(path, { title: 'x' }, tag),
      (tag: string | null) => desk.remove(path, tag),
    ]) {
      expect((await write(null)).status).toBe(428)
      expect((await write(old)).status).toBe(412)
    }
    expect((await desk.get(path)).body.title).toBe('newer')
  })

  test('a promotion that is not there', async () => {
    for (const answer of [
      await desk.get(`${PATH}/promo_none`),
      await desk.patch(`${PATH}/promo_none`, { title: 'x' }, '"1.x"'),
      await desk.remove(`${PATH}/promo_none`, '"1.x"'),
    ])
      expect([answer.status, answer.body.code]).toEqual([404, 'not_found'])
  })
})

describe('the list', () => {
  test('is filtered, sorted and trimmed', async () => {
    const active = await create()
    const ended = await create({ is_active: false })
    const ids = async (query: string) =>
      (await desk.get(`${PATH}?${query}`)).body.data.map((each: { id: string }) => each.id)
    expect(await ids(`code=${active.code.toLowerCase()}`)).toEqual([active.id])
    expect(await ids('is_active=false&limit=1')).toEqual([ended.id])
    expect(await ids('is_active=true&limit=1')).toEqual([active.id])
    expect((await ids('sort=oldest&limit=100')).reverse()).toEqual(await ids('limit=100'))
    expect((await desk.get(`${PATH}?fields=code&limit=1`)).body.data).toEqual([
      { id: ended.id, code: ended.code },
    ])
  })

  test('stays in its order while promotions are made', async () => {
    for (let i = 0; i < 5; i++) await create()
    const before = (await desk.get(`${PATH}?limit=100`)).body.data.map((each: { id: string }) => each.id)
    const seen = (await allPages(desk, PATH, () => create())).map(each => each.id)
    expect(seen).toEqual(before)
  })
})

test('reading takes one call beside the check of the right, writing two', async () => {
  const { id } = await create()
  const path = `${PATH}/${id}`
  const tag = await desk.tagOf(path)
  expect(await shop.countCalls(() => desk.get(PATH))).toBe(2)
  expect(await shop.countCalls(() => desk.get(path))).toBe(2)
  expect(await shop.countCalls(() => desk.post(PATH, aPromotion()))).toBe(3)
  expect(await shop.countCalls(() => desk.patch(path, { title: 'y' }, tag))).toBe(3)
  const now = await desk.tagOf(path)
  expect(await shop.countCalls(() => desk.remove(path, now))).toBe(3)
})
