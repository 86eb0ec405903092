// Staff and roles: invited by mail, changed and removed by whoever holds the rights themselves, at once, and never the last owner.

import { sql } from 'drizzle-orm'
import { beforeAll, describe, expect, test } from 'vitest'
import { ROLES as BUILT_IN } from '../../../src/lib/permissions.ts'
import { aFlakyDb, fine, precededBy } from '../../support/flaky-db.ts'
import {
  aNetwork,
  anAccount,
  anEmail,
  aPerson,
  aStaffMember,
  fromNetwork,
  giveRole,
  linkTokenFor,
  loginAs,
  PASSWORD,
  type Person,
} from '../../support/people.ts'
import { openShop, type TestShop } from '../../support/shop.ts'

const VIEWER = [...BUILT_IN.viewer]
let shop: TestShop
let owner: Person
beforeAll(async () => {
  shop = await openShop()
  owner = await aStaffMember(shop, 'owner')
})

const STAFF = '/v1/admin/staff'
const ROLES = '/v1/admin/roles'
let counter = 0
const aName = () => `role_${crypto.randomUUID().slice(0, 8).replaceAll('-', '')}_${counter++}`

const invite = (email: string, role: string, by = owner) => shop.post(STAFF, { email, role }, by.auth)
const accept = (token: string, more: object = { password: PASSWORD }) =>
  shop.post('/v1/auth/invitations/accept', { token, ...more }, fromNetwork(aNetwork()))
const changeRole = (id: string, role: string, by = owner) =>
  shop.call('PATCH', `${STAFF}/${id}`, { body: { role }, headers: by.auth })
const remove = (id: string, by = owner) => shop.call('DELETE', `${STAFF}/${id}`, { headers: by.auth })
const makeRole = async (permissions: string[], by = owner) => {
  const name = aName()
  const answer = await shop.post(ROLES, { name, description: 'x', permissions }, by.auth)
  return { name, answer }
}

/** Somebody whose role is one of the shop's own. */
async function aMemberWith(permissions: string[]): Promise<Person & { role: string }> {
  const { name, answer } = await makeRole(permissions)
  expect(answer.status, answer.text).toBe(201)
  const person = await aPerson(shop)
  await giveRole(shop, person.id, name)
  return { ...(await loginAs(shop, person.email)), role: name }
}

describe('an invitation', () => {
  test('makes the account of its email with a password of their own choice, and gives the role', async () => {
    const email = anEmail()
    const invited = await invite(email, 'support')
    expect(invited.status, invited.text).toBe(202)
    expect(invited.body).toMatchObject({ email, role: 'support', invited_by: owner.id })
    const token = await linkTokenFor(shop, email)
    expect((await accept(token, {})).body.code).toBe('password_refused')
    expect((await accept(token, { password: 'password1234567' })).body.code).toBe('password_refused')
    const accepted = await accept(token, { password: PASSWORD, name: 'Grace Hopper' })
    expect(accepted.status, accepted.text).toBe(204)
    const person = await loginAs(shop, email)
    expect(person.tokens.scope).toContain('orders:write')
    const member = await shop.get(`${STAFF}/${person.id}`, owner.auth)
    expect(member.body).toMatchObject({ name: 'Grace Hopper', role: 'support', has_second_factor: false })
  })

  test('gives an account that is there the role, and leaves its password', async () => {
    const email = await anAccount(shop)
    await invite(email, 'viewer')
    expect(
      (await accept(await linkTokenFor(shop, email), { password: 'nine purple lanterns sing' })).status,
    ).toBe(204)
    expect((await loginAs(shop, email)).tokens.scope).toContain('orders:read')
  })

  test('works once, for three days, and not after it was taken back or replaced', async () => {
    const own = await openShop()
    const boss = await aStaffMember(own, 'owner')
    const ask = async (email: string) => {
      const { body } = await own.post(STAFF, { email, role: 'viewer' }, boss.auth)
      return { id: body.id as string, token: await linkTokenFor(own, email) }
    }
    const use = (token: string) =>
      own.post('/v1/auth/invitations/accept', { token, password: PASSWORD }, fromNetwork(aNetwork()))
    const twice = await ask(anEmail())
    expect((await use(twice.token)).status).toBe(204)
    expect((await use(twice.token)).body.code).toBe('link_invalid')

    const gone = await ask(anEmail())
    const path = `/v1/admin/staff-invitations/${gone.id}`
    const listed = await own.get('/v1/admin/staff-invitations', boss.auth)
    expect(listed.body.data.map(({ id }: { id: string }) => id)).toContain(gone.id)
    expect((await own.call('DELETE', path, { headers: boss.auth })).status).toBe(204)
    expect((await own.call('DELETE', path, { headers: boss.auth })).status).toBe(404)
    expect((await use(gone.token)).body.code).toBe('link_invalid')

    const email = anEmail()
    const older = await ask(email)
    const newer = await ask(email)
    expect((await use(older.token)).body.code).toBe('link_invalid')
    own.advance(3 * 24 * 60 * 60_000 - 1000)
    expect((await use(newer.token)).status).toBe(204)
    await own.db.run(sql`UPDATE sessions SET expires_at = expires_at + 400000000`)
  })

  test('is worth nothing once whoever sent it is gone or could not give the role any more', async () => {
    const boss = await aStaffMember(shop, 'owner')
    const [first, second] = [anEmail(), anEmail()]
    await invite(first, 'owner', boss)
    await invite(second, 'manager', boss)
    const tokens = [await linkTokenFor(shop, first), await linkTokenFor(shop, second)]
    await giveRole(shop, boss.id, 'manager')
    expect((await accept(tokens[0] ?? '')).body.code).toBe('link_invalid')
    expect((await remove(boss.id)).status).toBe(204)
    expect((await accept(tokens[1] ?? '')).body.code).toBe('link_invalid')
  })

  test('is refused for a role that is none, for staff, and for rights that one does not have', async () => {
    const nobody = await invite(anEmail(), 'nobody')
    expect([nobody.status, nobody.body.code]).toEqual([422, 'role_unknown'])
    const there = await invite(owner.email, 'viewer')
    expect([there.status, there.body.code]).toEqual([409, 'already_staff'])
    const recruiter = await aMemberWith(['staff:read', 'staff:write', ...VIEWER])
    expect((await invite(anEmail(), 'viewer', recruiter)).status).toBe(202)
    for (const role of ['owner', 'manager', 'support']) {
      const answer = await invite(anEmail(), role, recruiter)
      expect([answer.status, answer.body.code], role).toEqual([403, 'right_not_held'])
    }
  })

  test('of 20 uses of one link at the same time one counts', async () => {
    const email = anEmail()
    await invite(email, 'viewer')
    const token = await linkTokenFor(shop, email)
    const answers = await Promise.all(Array.from({ length: 10 }, () => accept(token)))
    expect(answers.filter(({ status }) => status === 204)).toHaveLength(1)
    for (const { status } of answers) expect([204, 400]).toContain(status)
  })
})

describe('a change of role', () => {
  test('acts on the next request, though the token lives', async () => {
    const person = await aStaffMember(shop, 'manager')
    expect((await shop.get(STAFF, person.auth)).status).toBe(200)
    const changed = await changeRole(person.id, 'viewer')
    expect(changed.body).toMatchObject({ role: 'viewer', permissions: VIEWER })
    expect((await shop.get(STAFF, person.auth)).status).toBe(403)
  })

  test('is refused to whoever lacks a right of either role', async () => {
    const recruiter = await aMemberWith(['staff:read', 'staff:write', ...VIEWER])
    const manager = await aStaffMember(shop, 'manager')
    const viewer = await aStaffMember(shop, 'viewer')
    for (const [id, role] of [
      [manager.id, 'viewer'],
      [viewer.id, 'manager'],
      [recruiter.id, 'owner'],
      [owner.id, 'viewer'],
    ] as const) {
      const answer = await changeRole(id, role, recruiter)
      expect([answer.status, answer.body.code], role).toEqual([403, 'right_not_held'])
    }
    expect((await remove(manager.id, recruiter)).body.code).toBe('right_not_held')
    expect((await remove(viewer.id, recruiter)).status).toBe(204)
  })

  test('of somebody who does not work here finds nothing', async () => {
    const buyer = await aPerson(shop)
    for (const id of [buyer.id, 'usr_00000000000000000000000000']) {
      expect((await changeRole(id, 'viewer')).status).toBe(404)
      expect((await remove(id)).status).toBe(404)
      expect((await shop.get(`${STAFF}/${id}`, owner.auth)).status).toBe(404)
    }
  })

  test('leaves an owner, also when two owners are demoted or removed at once', async () => {
    // The file's shop has its own owners; here all but two step back first.
    const [ada, eve] = [await aStaffMember(shop, 'owner'), await aStaffMember(shop, 'owner')]
    const others = await shop.db.all<{ id: string }>(
      sql`SELECT user_id AS id FROM staff_members WHERE role = 'owner' AND user_id NOT IN (${ada.id}, ${eve.id})`,
    )
    await shop.db.run(sql`UPDATE staff_members SET role = 'viewer' WHERE user_id IN
      (SELECT value FROM json_each(${JSON.stringify(others.map(({ id }) => id))}))`)
    const answers = await Promise.all([changeRole(ada.id, 'viewer', eve), remove(eve.id, ada)])
    expect(answers.filter(({ status }) => status < 300)).toHaveLength(1)
    const left = await shop.db.all<{ id: string }>(
      sql`SELECT user_id AS id FROM staff_members WHERE role = 'owner'`,
    )
    expect(left).toHaveLength(1)
    const last = left[0]?.id === ada.id ? ada : eve
    for (const answer of [await changeRole(last.id, 'viewer', last), await remove(last.id, last)]) {
      expect([answer.status, answer.body.code]).toEqual([409, 'last_owner'])
    }
    await giveRole(shop, owner.id, 'owner')
  })
})

describe('a role of the shop’s own', () => {
  test('gives exactly its rights, and each change counts from the next request on', async () => {
    const person = await aMemberWith(['staff:read'])
    expect(person.tokens.scope).toBe('buyer staff:read')
    expect((await shop.get(STAFF, person.auth)).status).toBe(200)
    expect((await invite(anEmail(), 'viewer', person)).body.code).toBe('permission_missing')
    const update = (body: object) =>
      shop.call('PATCH', `${ROLES}/${person.role}`, { body, headers: owner.auth })
    expect((await update({ permissions: ['orders:read'] })).body.permissions).toEqual(['orders:read'])
    expect((await shop.get(STAFF, person.auth)).status).toBe(403)
    expect((await update({ description: 'y' })).body).toMatchObject({
      description: 'y',
      permissions: ['orders:read'],
      members: 1,
      is_built_in: false,
    })
  })

  test('cannot have, lose or be given rights by whoever lacks them', async () => {
    const recruiter = await aMemberWith(['staff:read', 'staff:write'])
    const { answer } = await makeRole(['staff:read', 'orders:refund'], recruiter)
    expect([answer.status, answer.body.code]).toEqual([403, 'right_not_held'])
    const { name } = await makeRole(['orders:refund'])
    const patch = (permissions: string[], role = name) =>
      shop.call('PATCH', `${ROLES}/${role}`, { body: { permissions }, headers: recruiter.auth })
    expect((await patch([])).body.code).toBe('right_not_held')
    expect((await patch(['staff:read', 'orders:refund'], recruiter.role)).body.code).toBe('right_not_held')
    const gone = await shop.call('DELETE', `${ROLES}/${name}`, { headers: recruiter.auth })
    expect(gone.body.code).toBe('right_not_held')
  })

  test('has a name of its own; built-in roles stay as they are', async () => {
    const { name } = await makeRole([])
    const again = await shop.post(ROLES, { name, permissions: [] }, owner.auth)
    expect([again.status, again.body.code]).toEqual([409, 'role_exists'])
    for (const role of ['owner', 'viewer']) {
      const made = await shop.post(ROLES, { name: role, permissions: [] }, owner.auth)
      expect(made.body.code).toBe('role_exists')
      const path = `${ROLES}/${role}`
      const changed = await shop.call('PATCH', path, { body: { permissions: [] }, headers: owner.auth })
      expect([changed.status, changed.body.code]).toEqual([409, 'role_built_in'])
      const gone = await shop.call('DELETE', path, { headers: owner.auth })
      expect([gone.status, gone.body.code]).toEqual([409, 'role_built_in'])
    }
    await expect(shop.db.run(sql`DELETE FROM roles WHERE name = 'viewer'`)).rejects.toThrow()
    await expect(shop.db.run(sql`UPDATE roles SET permissions = '[]' WHERE name = 'owner'`)).rejects.toThrow()
  })

  test('is deleted when nobody has it, and not before', async () => {
    const person = await aMemberWith(['orders:read'])
    const path = `${ROLES}/${person.role}`
    const used = await shop.call('DELETE', path, { headers: owner.auth })
    expect([used.status, used.body.code]).toEqual([409, 'role_in_use'])
    await changeRole(person.id, 'viewer')
    expect((await shop.call('DELETE', path, { headers: owner.auth })).status).toBe(204)
    expect((await shop.get(path, owner.auth)).status).toBe(404)
  })

  test('is listed by name, page by page, beside the built-in ones', async () => {
    const seen: string[] = []
    for (let cursor = ''; ; ) {
      const { body } = await shop.get(`${ROLES}?limit=3${cursor}`, owner.auth)
      seen.push(...body.data.map((role: { name: string }) => role.name))
      if (body.next_cursor === null) break
      cursor = `&cursor=${body.next_cursor}`
    }
    expect(seen).toEqual([...seen].sort())
    expect(new Set(seen).size).toBe(seen.length)
    expect(seen).toEqual(expect.arrayContaining(['manager', 'owner', 'support', 'viewer']))
  })
})

describe('a caller who loses their role between the check and the write', () => {
  /** A shop in which something happens between the reads of the next request and its write. */
  async function aShopWhere() {
    const { db, next } = aFlakyDb(shop.db)
    const other = await openShop({ file: null, deps: { db } })
    return { other, afterReads: (work: () => Promise<unknown>) => next(fine, precededBy(work)) }
  }

  test('changes, removes and writes nothing', async () => {
    const { other, afterReads } = await aShopWhere()
    const { name } = await makeRole(['orders:read'])
    for (const attempt of [
      (auth: Record<string, string>, id: string) =>
        other.call('PATCH', `${STAFF}/${id}`, { body: { role: 'manager' }, headers: auth }),
      (auth: Record<string, string>, id: string) => other.call('DELETE', `${STAFF}/${id}`, { headers: auth }),
      (auth: Record<string, string>) =>
        other.call('PATCH', `${ROLES}/${name}`, {
          body: { permissions: ['orders:refund'] },
          headers: auth,
        }),
      (auth: Record<string, string>) => other.call('DELETE', `${ROLES}/${name}`, { headers: auth }),
    ]) {
      const [actor, target] = [await aStaffMember(shop, 'owner'), await aStaffMember(shop, 'support')]
      afterReads(() => giveRole(shop, actor.id, 'viewer'))
      const answer = await attempt(actor.auth, target.id)
      expect([answer.status, answer.body?.code]).toEqual([409, 'staff_changed'])
      expect((await shop.get(`${STAFF}/${target.id}`, owner.auth)).body.role).toBe('support')
      expect((await shop.get(`${ROLES}/${name}`, owner.auth)).body.permissions).toEqual(['orders:read'])
    }
  })

  test('gives no role whose rights grew meanwhile', async () => {
    const { other, afterReads } = await aShopWhere()
    const { name } = await makeRole(['orders:read'])
    const recruiter = await aMemberWith(['staff:read', 'staff:write', ...VIEWER])
    const target = await aStaffMember(shop, 'viewer')
    afterReads(() =>
      shop.call('PATCH', `${ROLES}/${name}`, {
        body: { permissions: ['orders:refund'] },
        headers: owner.auth,
      }),
    )
    const body = { role: name }
    const answer = await other.call('PATCH', `${STAFF}/${target.id}`, { body, headers: recruiter.auth })
    expect([answer.status, answer.body?.code]).toEqual([409, 'staff_changed'])
  })
})

test('every change of staff and roles is in the audit log, with roles and rights and without emails', async () => {
  const email = anEmail()
  const { body } = await invite(email, 'viewer')
  await accept(await linkTokenFor(shop, email))
  const { id } = await loginAs(shop, email)
  await changeRole(id, 'support')
  await remove(id)
  const rows = await shop.db.all<{ actor: string; action: string; changes: string }>(
    sql`SELECT actor, action, changes FROM audit_log WHERE object_id IN (${id}, ${body.id}) ORDER BY id`,
  )
  expect(rows.map(({ actor, action, changes }) => [actor, action, JSON.parse(changes)])).toEqual([
    [owner.id, 'staff.invited', { role: 'viewer' }],
    [id, 'staff.joined', { role: 'viewer', invited_by: owner.id }],
    [owner.id, 'staff.role_changed', { from: 'viewer', to: 'support' }],
    [owner.id, 'staff.removed', { from: 'support' }],
  ])
})
