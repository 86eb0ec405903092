// Who may call what: each kind of caller against each operation of the OpenAPI document, so that a new operation is in
// the matrix before anybody thinks of it.

import { beforeAll, describe, expect, test } from 'vitest'
import { createOwner } from '../../src/features/staff/service.ts'
import { PERMISSIONS, type Permission, ROLE_NAMES, ROLES, type Role } from '../../src/lib/permissions.ts'
import {
  aNetwork,
  anEmail,
  aPerson,
  aStaffMember,
  challenge,
  fromNetwork,
  giveRole,
  loginAs,
  type Person,
  takeRole,
} from '../support/people.ts'
import { openShop, type TestShop } from '../support/shop.ts'

interface Operation {
  operationId: string
  'x-permission': string
  'x-app-scope'?: string
  'x-in-person'?: true
  security: Record<string, string[]>[]
  responses: Record<string, unknown>
}
/** Roles of the shop's own: some rights, those that give rights, and none. */
const OWN_ROLES = {
  packer: ['orders:read', 'inventory:write'],
  recruiter: ['staff:read', 'staff:write'],
  guest: [],
} satisfies Record<string, Permission[]>
type OwnRole = keyof typeof OWN_ROLES
type Caller = 'anonymous' | 'buyer' | Role | OwnRole

const OWN_ROLE_NAMES = Object.keys(OWN_ROLES) as OwnRole[]
const CALLERS: Caller[] = ['anonymous', 'buyer', ...ROLE_NAMES, ...OWN_ROLE_NAMES]
const RIGHTS: Record<Exclude<Caller, 'anonymous'>, readonly string[]> = { buyer: [], ...ROLES, ...OWN_ROLES }
let shop: TestShop
let operations: { method: string; path: string; operation: Operation }[]
const people = {} as Record<Exclude<Caller, 'anonymous'>, Person>

beforeAll(async () => {
  shop = await openShop()
  const { body } = await shop.get('/openapi.json')
  operations = Object.entries(body.paths as Record<string, Record<string, Operation>>).flatMap(
    ([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({
        method: method.toUpperCase(),
        path,
        operation,
      })),
  )
  people.buyer = await aPerson(shop)
  for (const role of ROLE_NAMES) people[role] = await aStaffMember(shop, role)
  for (const name of OWN_ROLE_NAMES) {
    const role = { name, permissions: OWN_ROLES[name] }
    const made = await shop.post('/v1/admin/roles', role, people.owner.auth)
    expect(made.status, made.text).toBe(201)
    people[name] = await aStaffMember(shop, name)
  }
})

/** What the declaration promises a caller: to be let in, or the status and code of the refusal. */
function expectation(permission: string, caller: Caller): 'in' | [401 | 403, string] {
  if (permission === 'public' || permission === 'capability') return 'in'
  if (caller === 'anonymous') return [401, 'authentication_required']
  if (permission === 'buyer') return 'in'
  return RIGHTS[caller].includes(permission) ? 'in' : [403, 'permission_missing']
}

const KNOWN = new Set(['public', 'capability', 'buyer', ...Object.keys(PERMISSIONS)])
/** Probes: who watches the process is not asked who they are, and no token is looked at. */
const READS_NO_TOKEN = new Set(['getHealth', 'getReadiness'])
/** Let in, these would end what the other cells need: a bad body, or a session that does not exist, keeps them harmless. */
const HARMFUL = new Set(['eraseMe'])

describe('the matrix of callers and operations', () => {
  test('every operation declares who may call it, and the document shows it as security', () => {
    for (const { operation } of operations) {
      const permission = operation['x-permission']
      expect(KNOWN, operation.operationId).toContain(permission)
      const scope = operation['x-app-scope'] ? [operation['x-app-scope']] : []
      const scopes = { public: [], capability: [{}, { bearer: scope }], buyer: [{ bearer: scope }] }
      expect(operation.security, operation.operationId).toEqual(
        permission in scopes ? scopes[permission as keyof typeof scopes] : [{ bearer: [permission] }],
      )
      expect('401' in operation.responses, operation.operationId).toBe(
        !READS_NO_TOKEN.has(operation.operationId),
      )
      if (permission.includes(':')) expect(Object.keys(operation.responses)).toContain('403')
      // A role that an app gave would outlive the app, and would be judged by rights that it was never lent.
      expect(Boolean(operation['x-in-person']), operation.operationId).toBe(permission === 'staff:write')
    }
  })

  test('each cell answers as declared', async () => {
    let cells = 0
    const mismatches: string[] = []
    for (const { method, path, operation } of operations) {
      for (const caller of CALLERS) {
        const expected = expectation(operation['x-permission'], caller)
        if (expected === 'in' && HARMFUL.has(operation.operationId)) continue
        const answer = await shop.call(method, path.replaceAll(/\{[^}]+\}/g, 'missing_01'), {
          body: method === 'GET' || method === 'DELETE' ? undefined : '{}',
          headers: { ...(caller === 'anonymous' ? {} : people[caller].auth), ...fromNetwork(aNetwork()) },
        })
        cells += 1
        const refusals = ['authentication_required', 'token_invalid', 'permission_missing']
        const isIn = !refusals.includes(answer.body?.code)
        const isRight =
          expected === 'in'
            ? isIn && answer.status < 500
            : answer.status === expected[0] && answer.body?.code === expected[1]
        if (!isRight) mismatches.push(`${caller} ${method} ${path}: ${answer.status} ${answer.body?.code}`)
      }
    }
    console.info(
      `rights: ${CALLERS.length} roles × ${operations.length} routes, ${cells} cells, ${mismatches.length} mismatches`,
    )
    expect(mismatches).toEqual([])
    expect(cells).toBeGreaterThan(CALLERS.length * (operations.length - HARMFUL.size))
  }, 60_000)

  test('the matrix would notice a hole: the staff list is closed to some and open to others', () => {
    const row = CALLERS.map(caller => expectation('staff:read', caller))
    expect(row).toEqual([
      [401, 'authentication_required'],
      [403, 'permission_missing'],
      'in',
      'in',
      [403, 'permission_missing'],
      [403, 'permission_missing'],
      [403, 'permission_missing'],
      'in',
      [403, 'permission_missing'],
    ])
  })
})

describe('a right', () => {
  test('that is lacking is named, with the challenge of RFC 6750', async () => {
    const answer = await shop.get('/v1/admin/staff', people.support.auth)
    expect(answer.status).toBe(403)
    expect(answer.body).toMatchObject({ code: 'permission_missing', permission: 'staff:read' })
    expect(answer.headers.get('WWW-Authenticate')).toBe(
      challenge('error="insufficient_scope", scope="staff:read"'),
    )
  })

  test('taken away acts on the next request, though the token lives', async () => {
    const person = await aStaffMember(shop, 'manager')
    expect((await shop.get('/v1/admin/staff', person.auth)).status).toBe(200)
    await giveRole(shop, person.id, 'viewer')
    expect((await shop.get('/v1/admin/staff', person.auth)).status).toBe(403)
    await takeRole(shop, person.id)
    expect((await shop.get('/v1/admin/staff', person.auth)).status).toBe(403)
  })

  test('ends with the session, at once', async () => {
    const person = await aStaffMember(shop, 'manager')
    await shop.post('/v1/auth/logout', { refresh_token: person.tokens.refresh_token })
    const answer = await shop.get('/v1/admin/staff', person.auth)
    expect([answer.status, answer.body.code]).toEqual([401, 'token_invalid'])
  })

  test('given later comes with the next token', async () => {
    const person = await aPerson(shop)
    await giveRole(shop, person.id, 'manager')
    expect((await shop.get('/v1/admin/staff', person.auth)).status).toBe(403)
    const { body } = await shop.post('/v1/auth/refresh', { refresh_token: person.tokens.refresh_token })
    expect((await shop.get('/v1/admin/staff', { Authorization: `Bearer ${body.access_token}` })).status).toBe(
      200,
    )
  })

  test('costs one database call to check, and one to put its lack on record', async () => {
    expect(await shop.countCalls(() => shop.get('/v1/admin/staff', people.owner.auth))).toBe(2)
    expect(await shop.countCalls(() => shop.get('/v1/admin/staff', people.buyer.auth))).toBe(1)
  })
})

describe('staff', () => {
  test('are listed page by page with role and rights, and nothing private', async () => {
    const seen: string[] = []
    let cursor = ''
    do {
      const { body } = await shop.get(`/v1/admin/staff?limit=2${cursor}`, people.owner.auth)
      for (const member of body.data) {
        expect(Object.keys(member).sort()).toEqual([
          'created_at',
          'email',
          'has_second_factor',
          'id',
          'name',
          'permissions',
          'role',
        ])
        seen.push(member.id)
      }
      cursor = body.next_cursor === null ? '' : `&cursor=${body.next_cursor}`
    } while (cursor !== '')
    for (const role of ROLE_NAMES) expect(seen).toContain(people[role].id)
    expect(new Set(seen).size).toBe(seen.length)
  })

  test('begin with an owner from the shell, whose link sets the password once', async () => {
    const email = anEmail()
    const token = await createOwner(shop.deps, email)
    const set = (password: string) =>
      shop.post('/v1/auth/password-reset/confirm', { token, password }, fromNetwork(aNetwork()))
    const login = await shop.post('/v1/auth/login', { email, password: 'x' }, fromNetwork(aNetwork()))
    expect(login.body.code).toBe('credentials_invalid')
    expect((await set('nine purple lanterns sing')).status).toBe(204)
    expect((await set('nine purple lanterns sing')).status).toBe(400)
    const owner = await loginAs(shop, email, 'nine purple lanterns sing')
    expect((await shop.get('/v1/admin/staff', owner.auth)).status).toBe(200)
  })

  test('may already be somebody with an account: then the role comes, and the password stays until it is set', async () => {
    const person = await aPerson(shop)
    await createOwner(shop.deps, person.email)
    const again = await loginAs(shop, person.email)
    expect(again.tokens.scope).toContain('staff:write')
  })
})
