// Customers as staff see them: found by index, read in one call, with notes and groups that are on record.

import { sql } from 'drizzle-orm'
import { beforeAll, describe, expect, test } from 'vitest'
import { allPages, type Desk, deskOf, lastAudit } from '../../support/admin.ts'
import { aReadyCheckout, aVariantOf, complete } from '../../support/buying.ts'
import { anAddress } from '../../support/factories.ts'
import { aPerson, aStaffMember, type Person } from '../../support/people.ts'
import { openShop, type TestShop, withKey } from '../../support/shop.ts'
import { planOf, watching } from '../../support/statements.ts'

let shop: TestShop
let watched: ReturnType<typeof watching>
let support: Person
let desk: Desk
const PATH = '/v1/admin/customers'
const GROUPS = '/v1/admin/customer_groups'

beforeAll(async () => {
  watched = watching((await openShop()).db)
  shop = await openShop({ deps: { db: watched.db }, file: null })
  support = await aStaffMember(shop, 'support')
  desk = deskOf(shop, support)
})

let counter = 0
const aGroup = async () => (await desk.post(GROUPS, { name: `Group ${++counter}` })).body
/** People straight into the table, for lists. */
async function somePeople(prefix: string, count: number): Promise<string[]> {
  const rows = Array.from({ length: count }, (_, i) => ({
    id: shop.deps.ids('user'),
    email: `${prefix}-${i}@people.example`,
    name: `${prefix} ${count - i}`,
  }))
  await shop.db.run(sql`INSERT INTO users (id, email, name, email_verified_at, created_at, updated_at)
    SELECT value ->> 'id', value ->> 'email', value ->> 'name', 0, 0, 0 FROM json_each(${JSON.stringify(rows)})`)
  return rows.map(row => row.id)
}
const idsOf = async (query: string): Promise<string[]> => {
  const answer = await desk.get(`${PATH}?${query}`)
  expect(answer.status, answer.text).toBe(200)
  return answer.body.data.map((each: { id: string }) => each.id)
}

describe('a customer', () => {
  test('is read with addresses, groups, note, and what was ordered a currency', async () => {
    const person = await aPerson(shop)
    await shop.post('/v1/users/me/addresses', { address: anAddress() }, { ...person.auth, ...withKey() })
    const variantId = await aVariantOf(shop)
    for (const [quantity, currency] of [
      [1, 'EUR'],
      [2, 'EUR'],
      [1, 'USD'],
    ] as const) {
      const id = await aReadyCheckout(shop, variantId, quantity, { email: person.email, currency })
      expect((await complete(shop, id)).status).toBe(200)
    }
    const group = await aGroup()
    const path = `${PATH}/${person.id}`
    await desk.patch(path, { note: 'Likes tea', group_ids: [group.id] })
    const { body } = await desk.get(path)
    expect(body).toMatchObject({
      id: person.id,
      email: person.email,
      name: 'Ada Lovelace',
      note: 'Likes tea',
      groups: [{ id: group.id, name: group.name }],
      addresses: [{ address: { line1: 'Rosenweg 7' } }],
      orders: {
        count: 3,
        totals: [
          { amount: 2500 + 4500, currency: 'EUR' },
          { amount: 2800, currency: 'USD' },
        ],
        last_placed_at: new Date(shop.deps.clock()).toISOString(),
      },
    })
    await shop.db.run(
      sql`UPDATE orders SET status = 'cancelled' WHERE user_id = ${person.id} AND currency = 'USD'`,
    )
    expect((await desk.get(path)).body.orders).toMatchObject({ count: 2, totals: [{ currency: 'EUR' }] })
  })

  test('without orders, note and groups is read too', async () => {
    const { id } = await aPerson(shop)
    expect((await desk.get(`${PATH}/${id}`)).body).toMatchObject({
      note: '',
      groups: [],
      addresses: [],
      orders: { count: 0, totals: [], last_placed_at: null },
    })
  })

  test('gets a note and groups; the log tells which groups, and of the note only that it changed', async () => {
    const { id } = await aPerson(shop)
    const [one, two] = [await aGroup(), await aGroup()]
    const path = `${PATH}/${id}`
    const first = await desk.patch(path, { note: 'secret words', group_ids: [one.id, two.id] })
    expect(first.status, first.text).toBe(200)
    expect(first.body).toEqual((await desk.get(path)).body)
    expect(first.headers.get('ETag')).toBe(await desk.tagOf(path))
    expect(await lastAudit(shop, id)).toMatchObject({
      actor: support.id,
      action: 'customer.updated',
      changes: { note: 'changed', group_ids: [[], [one.id, two.id]] },
    })
    expect((await desk.patch(path, { group_ids: [two.id] })).body).toMatchObject({
      note: 'secret words',
      groups: [{ id: two.id }],
    })
    expect((await desk.patch(path, { note: '' })).body).toMatchObject({ note: '', groups: [{ id: two.id }] })
    expect(JSON.stringify(await shop.db.all(sql`SELECT * FROM audit_log`))).not.toContain('secret words')
  })

  test.each([
    [{ group_ids: ['grp_none'] }, '/group_ids/0'],
    [{ note: 'card 4242 4242 4242 4242' }, '/note'],
    [{ email: 'new@example.com' }, '/email'],
    [{ note: 'x'.repeat(5001) }, '/note'],
  ])('is not changed by %j', async (body, pointer) => {
    const { id } = await aPerson(shop)
    const path = `${PATH}/${id}`
    const before = await desk.tagOf(path)
    const answer = await desk.patch(path, body)
    expect([answer.status, answer.body.errors[0].pointer]).toEqual([422, pointer])
    expect(await desk.tagOf(path)).toBe(before)
  })

  test('is changed by one of 20 at once, also the first time; the others are told', async () => {
    const { id } = await aPerson(shop)
    const path = `${PATH}/${id}`
    const tag = await desk.tagOf(path)
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => desk.patch(path, { note: `${i}` }, tag)),
    )
    expect(answers.filter(answer => answer.status === 200)).toHaveLength(1)
    expect(answers.filter(answer => answer.status === 412)).toHaveLength(19)
    expect((await desk.patch(path, { note: 'x' }, null)).status).toBe(428)
    expect((await desk.get(`${PATH}/usr_none`)).status).toBe(404)
    expect((await desk.patch(`${PATH}/usr_none`, { note: 'x' }, '"0.x"')).status).toBe(404)
  })

  test('is read in one call beside the check of the right, and changed in two', async () => {
    const own = await openShop({ file: null })
    const { id } = await aPerson(shop)
    const ownDesk = deskOf(own, support)
    const tag = await ownDesk.tagOf(`${PATH}/${id}`)
    const group = await aGroup()
    expect(await own.countCalls(() => ownDesk.get(PATH))).toBe(2)
    expect(await own.countCalls(() => ownDesk.get(`${PATH}/${id}`))).toBe(2)
    expect(
      await own.countCalls(() => ownDesk.patch(`${PATH}/${id}`, { note: 'x', group_ids: [group.id] }, tag)),
    ).toBe(3)
  })
})

describe('the list of customers', () => {
  test('finds by how an email or a name begins, in that order, whatever the case of A to Z', async () => {
    const ids = await somePeople('finder', 5)
    expect(await idsOf('email=FINDER-')).toEqual(ids)
    expect(await idsOf('email=finder-2')).toEqual([ids[2]])
    expect(await idsOf('name=fInDeR')).toEqual(ids.toReversed())
    expect(await idsOf('name=Finder%203')).toEqual([ids[2]])
    expect(await idsOf('name=inder')).toEqual([])
    expect(await idsOf('name=%25')).toEqual([])
    expect(await idsOf('email=finder&name=finder%204')).toEqual([ids[1]])
  })

  test('finds the members of a group, newest first, and within a search', async () => {
    const ids = await somePeople('member', 3)
    const group = await aGroup()
    for (const id of ids.slice(0, 2)) await desk.patch(`${PATH}/${id}`, { group_ids: [group.id] })
    expect(await idsOf(`group=${group.id}`)).toEqual([ids[1], ids[0]])
    expect(await idsOf(`group=${group.id}&email=member-1`)).toEqual([ids[1]])
    expect((await desk.get(`${PATH}?group=${group.id}&fields=groups&limit=1`)).body.data).toEqual([
      { id: ids[1], groups: [{ id: group.id, name: group.name }] },
    ])
  })

  test.each(['', 'sort=email', 'sort=name', 'email=stable', 'name=stable'])(
    'with "%s" stays in its order while people come',
    async query => {
      await somePeople('stable', 5)
      const path = `${PATH}?${query}`
      const before = await idsOf(`${query}&limit=100`)
      const seen = (await allPages(desk, path, () => somePeople(`zz-${++counter}`, 1))).map(each => each.id)
      expect(seen.filter(id => before.includes(id))).toEqual(before)
      expect(new Set(seen).size).toBe(seen.length)
      await shop.db.run(sql`DELETE FROM users WHERE email LIKE 'stable-%' OR email LIKE 'zz-%'`)
    },
  )

  test.each(['email=a&sort=name', 'name=a&sort=newest', 'group=x&sort=email'])(
    'refuses %s: a search has its own order',
    async query => {
      const answer = await desk.get(`${PATH}?${query}`)
      expect([answer.status, answer.body.errors[0].pointer]).toEqual([422, '/sort'])
    },
  )

  test.each([
    ['', /^SEARCH u USING INDEX sqlite_autoindex_users_1 \(id<\?\)$/],
    ['sort=email', /^SEARCH u USING INDEX users_email \(email>\?\)$/],
    ['sort=name', /^SEARCH u USING INDEX users_by_name \(<expr>>\?\)$/],
    ['email=planned', /^SEARCH u USING INDEX users_email \(email>\? AND email<\?\)$/],
    ['name=planned', /^SEARCH u USING INDEX users_by_name \(<expr>>\? AND <expr><\?\)$/],
    [
      'group=@',
      /^SEARCH g USING COVERING INDEX customer_group_members_by_group \(group_id=\? AND user_id<\?\)$/,
    ],
  ])('with "%s" is read from an index in its order', async (query, first) => {
    const ids = await somePeople(`planned-${++counter}`, 3)
    const group = await aGroup()
    for (const id of ids) await desk.patch(`${PATH}/${id}`, { group_ids: [group.id] })
    const path = `${PATH}?${query.replace('@', group.id)}&limit=2`
    const { next_cursor } = (await desk.get(path)).body
    expect(next_cursor).toEqual(expect.any(String))
    watched.statements.length = 0
    await desk.get(`${path}&cursor=${next_cursor}`)
    const [statement] = watched.statements
    if (!statement) throw new Error('nothing was read')
    const plan = (await planOf(shop.db, statement)).map(step => step.detail)
    expect(plan[0]).toMatch(first)
    expect(plan.filter(step => /^SCAN|TEMP B-TREE/.test(step))).toEqual([])
  })
})

describe('the export', () => {
  test('is a file of all that a search finds, in pages, with formulas made harmless, and on record', async () => {
    await somePeople('export', 1203)
    const evil = ['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '\rx', 'a "b", c', 'line\nbreak']
    for (const [i, name] of evil.entries())
      await shop.db.run(sql`UPDATE users SET name = ${name} WHERE email = ${`export-${i}@people.example`}`)
    const answer = await desk.get(`${PATH}/export?email=export-`)
    expect(answer.status, answer.text).toBe(200)
    expect(answer.headers.get('Content-Type')).toBe('text/csv; charset=utf-8')
    expect(answer.headers.get('Content-Disposition')).toBe('attachment; filename="customers.csv"')
    const lines = answer.text.split('\r\n')
    expect(lines).toHaveLength(1203 + 2)
    expect(lines[0]).toBe('id,email,name,phone,groups,note,orders,created_at')
    expect(lines.at(-1)).toBe('')
    for (const cell of [
      `,'=1+1,`,
      `,'+1,`,
      `,'-1,`,
      `,'@SUM(A1),`,
      `,'\tx,`,
      `,"'\rx",`,
      `,"a ""b"", c",`,
      `,"line\nbreak",`,
    ])
      expect(answer.text).toContain(cell)
    expect(await lastAudit(shop, 'customers')).toMatchObject({
      actor: support.id,
      action: 'customers.exported',
      changes: { filters: ['email'] },
    })
    const own = await openShop({ file: null })
    expect(await own.countCalls(() => own.get(`${PATH}/export?email=export-`, support.auth))).toBe(2 + 3)
  })
})
