// The shop's settings: the model of every admin resource, so what holds for all conditional writes is shown here.

import { beforeAll, describe, expect, test } from 'vitest'
import { auditLog } from '../../../src/features/audit/table.ts'
import { aStaffMember, type Person } from '../../support/people.ts'
import { type Answer, openShop, type TestShop } from '../../support/shop.ts'

let shop: TestShop
let manager: Person
const PATH = '/v1/admin/shop'

beforeAll(async () => {
  shop = await openShop()
  manager = await aStaffMember(shop, 'manager')
})

const read = () => shop.get(PATH, manager.auth)
const patch = (body: unknown, ifMatch?: string | null): Promise<Answer> =>
  shop.call('PATCH', PATH, {
    body,
    headers: { ...manager.auth, ...(ifMatch ? { 'If-Match': ifMatch } : {}) },
  })
const tag = async (): Promise<string> => (await read()).headers.get('ETag') ?? ''

describe('the settings of the shop', () => {
  test('change what is given, leave the rest, and show everywhere at once', async () => {
    const before = (await read()).body
    const answer = await patch({ name: 'Shop of Ada' }, await tag())
    expect(answer.status, answer.text).toBe(200)
    expect(answer.body).toEqual({ ...before, name: 'Shop of Ada', updated_at: answer.body.updated_at })
    expect((await read()).body).toEqual(answer.body)
    expect((await shop.get('/v1/shop')).body.name).toBe('Shop of Ada')
  })

  test('are written with what changed in the audit log, in one unit', async () => {
    await patch({ home_country: 'AT' }, await tag())
    const rows = await shop.db.select().from(auditLog)
    expect(rows.at(-1)).toMatchObject({
      actor: manager.id,
      action: 'shop.settings_updated',
      object_id: 'shop',
      changes: { home_country: ['DE', 'AT'] },
    })
  })

  test.each([
    [{ currencies: ['EUR', 'XXX'] }, '/currencies/1'],
    [{ currencies: ['EUR', 'EUR'] }, '/currencies/1'],
    [{ currencies: ['USD'] }, '/default_currency'],
    [{ default_currency: 'JPY' }, '/default_currency'],
    [{ home_country: 'XX' }, '/home_country'],
    [{ policies: [{ type: 'contact', url: 'javascript:alert(1)' }] }, '/policies/0/url'],
    [{ policies: [{ type: 'contact', url: '//evil.example' }] }, '/policies/0/url'],
    [{ version: 9 }, '/version'],
  ])('refuse %j and stay as they are', async (body, pointer) => {
    const before = await read()
    const answer = await patch(body, before.headers.get('ETag'))
    expect([answer.status, answer.body.errors?.[0]?.pointer]).toEqual([422, pointer])
    expect((await read()).headers.get('ETag')).toBe(before.headers.get('ETag'))
  })
})

describe('a conditional write', () => {
  test('must name a version: 428 without, and with `*`', async () => {
    for (const none of [undefined, '*']) {
      const answer = await patch({ name: 'x' }, none)
      expect([answer.status, answer.body.code]).toEqual([428, 'precondition_required'])
    }
  })

  test.each(['W/{tag}', '"999.abc"', 'abc', '{tag}, {tag}', '"7"'])('refuses %s with 412', async form => {
    const current = await tag()
    const answer = await patch({ name: 'x' }, form.replaceAll('{tag}', current))
    expect([answer.status, answer.body.code]).toEqual([412, 'version_stale'])
    expect(await tag()).toBe(current)
  })

  test('takes the ETag of the write before, and no older one', async () => {
    const first = await tag()
    const second = (await patch({ name: 'one' }, first)).headers.get('ETag')
    expect((await patch({ name: 'two' }, second)).status).toBe(200)
    expect((await patch({ name: 'three' }, second)).status).toBe(412)
    expect((await read()).body.name).toBe('two')
  })

  test('wins once of 100 in parallel, and loses no field', async () => {
    const current = await tag()
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, i) => patch({ name: `writer ${i}` }, current)),
    )
    const statuses = answers.map(answer => answer.status)
    expect(statuses.filter(status => status === 200)).toHaveLength(1)
    expect(statuses.filter(status => status === 412)).toHaveLength(99)
    const winner = answers.find(answer => answer.status === 200)
    expect((await read()).body).toEqual(winner?.body)
  })

  test('costs one read and one unit beside the check of the right', async () => {
    const current = await tag()
    expect(await shop.countCalls(() => patch({ name: 'counted' }, current))).toBe(3)
  })
})
