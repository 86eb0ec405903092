// Letting clients in and shutting them out.

import { sql } from 'drizzle-orm'
import { beforeAll, describe, expect, test } from 'vitest'
import { PERMISSIONS } from '../../../src/lib/permissions.ts'
import {
  aCode,
  anApp,
  appTokens,
  aService,
  basic,
  bearer,
  CALLBACK,
  postForm,
  redeem,
  refreshWith,
  serviceToken,
  tagOf,
  theOwner,
} from '../../support/apps.ts'
import { aPerson, aStaffMember, giveRole, type Person } from '../../support/people.ts'
import { openShop, type TestShop } from '../../support/shop.ts'

const SERVICE = {
  kind: 'service',
  name: 'Warehouse',
  auth_method: 'client_secret_basic',
  scopes: ['staff:read'],
}
const APP = {
  kind: 'app',
  name: 'Planner',
  auth_method: 'none',
  redirect_uris: [CALLBACK],
  scopes: ['openid', 'me:orders'],
}
const KEY = {
  kty: 'EC',
  crv: 'P-256',
  x: '-l8GEQDia7dRCZ6GePdihrSl23FfvhEivcQtoHQF-I8',
  y: 'a-8t5t7GfVALIrK80jmb_KuWn7FW8-cNVIJnpej8cs8',
}

let shop: TestShop
let owner: Person
let manager: Person
beforeAll(async () => {
  shop = await openShop()
  owner = await theOwner(shop)
  manager = await aStaffMember(shop, 'manager')
})

const path = (id: string) => `/v1/admin/clients/${id}`
const patch = async (id: string, body: object, headers: Record<string, string> = {}, by = owner) =>
  shop.call('PATCH', path(id), {
    body,
    headers: { ...by.auth, 'If-Match': await tagOf(shop, id), ...headers },
  })
const newSecret = async (id: string, by = owner) =>
  shop.post(`${path(id)}/secret`, undefined, { ...by.auth, 'If-Match': await tagOf(shop, id) })
const actionsOn = async (id: string) => {
  const rows = await shop.db.all<{ action: string }>(
    sql`SELECT action FROM audit_log WHERE object_id = ${id} ORDER BY id`,
  )
  return rows.map(({ action }) => action)
}

describe('a client', () => {
  test('is let in, with a secret that is shown once', async () => {
    const created = await shop.post('/v1/admin/clients', SERVICE, owner.auth)
    expect(created.status, created.text).toBe(201)
    expect(created.headers.get('Location')).toBe(path(created.body.id))
    expect(created.body.client_secret).toMatch(/^cs_[0-9a-f]{64}$/)
    expect(created.headers.get('Cache-Control')).toBe('no-store')
    const { client_secret: secret, ...rest } = created.body
    for (const answer of [
      await shop.get(path(created.body.id), owner.auth),
      await patch(created.body.id, { name: 'x' }),
      await shop.get('/v1/admin/clients?limit=100', owner.auth),
    ]) {
      expect(answer.status, answer.text).toBe(200)
      expect(answer.text).not.toContain(secret)
      expect(answer.text).not.toContain('"client_secret"')
    }
    expect(rest).toMatchObject({ kind: 'service', name: 'Warehouse', is_enabled: true, keys: null })
    expect(await actionsOn(created.body.id)).toEqual(['client.created', 'client.updated'])
  })

  test.each([
    ['a service client without a proof of itself', { ...SERVICE, auth_method: 'none' }, '/auth_method'],
    ['a service client with a redirect URI', { ...SERVICE, redirect_uris: [CALLBACK] }, '/redirect_uris'],
    ['a service client that acts for people', { ...SERVICE, scopes: ['me:orders'] }, '/scopes'],
    ['an app without a redirect URI', { ...APP, redirect_uris: [] }, '/redirect_uris'],
    ['a signing client without keys', { ...APP, auth_method: 'private_key_jwt' }, '/keys'],
    ['a client with a secret and keys', { ...SERVICE, keys: [KEY] }, '/keys'],
  ])('does not fit together: %s', async (_name, body, pointer) => {
    const answer = await shop.post('/v1/admin/clients', body, owner.auth)
    expect([answer.status, answer.body.code, answer.body.errors?.[0]?.pointer], answer.text).toEqual([
      422,
      'client_invalid',
      pointer,
    ])
  })

  test.each([
    'http://planner.example/cb',
    'https://planner.example/cb#x',
    'https://*.planner.example/cb',
    'https://user@planner.example/cb',
    'https://planner.example/c b',
    'javascript:alert(1)',
    'data:text/html,x',
    'myapp:/cb',
    'https:planner.example',
    'https://',
    '/cb',
    '',
  ])('has no redirect URI that could be read in two ways: %s', async uri => {
    const answer = await shop.post('/v1/admin/clients', { ...APP, redirect_uris: [uri] }, owner.auth)
    expect([answer.status, answer.body.code]).toEqual([422, 'invalid_input'])
  })

  test('has no private key', async () => {
    const body = { ...APP, auth_method: 'private_key_jwt', keys: [{ ...KEY, d: KEY.x }] }
    const answer = await shop.post('/v1/admin/clients', body, owner.auth)
    expect([answer.status, answer.body.errors[0].pointer]).toEqual([422, '/keys/0/d'])
  })

  test('is listed page by page, also of one kind', async () => {
    await aService(shop)
    await anApp(shop)
    const seen: { id: string; kind: string }[] = []
    let cursor = ''
    do {
      const { body } = await shop.get(`/v1/admin/clients?limit=2${cursor}`, owner.auth)
      seen.push(...body.data)
      cursor = body.next_cursor === null ? '' : `&cursor=${body.next_cursor}`
    } while (cursor !== '')
    const rows = await shop.db.all(sql`SELECT 1 FROM oauth_clients`)
    expect(new Set(seen.map(({ id }) => id)).size).toBe(rows.length)
    const apps = await shop.get('/v1/admin/clients?limit=100&kind=app', owner.auth)
    expect(apps.body.data).toEqual(seen.filter(({ kind }) => kind === 'app'))
  })
})

describe('a change', () => {
  test('wants the ETag of what was read: missing 428, stale or weak 412', async () => {
    const { id } = await aService(shop)
    const tag = await tagOf(shop, id)
    const send = (method: string, headers: Record<string, string>) =>
      shop.call(
        method === 'secret' ? 'POST' : method,
        method === 'secret' ? `${path(id)}/secret` : path(id),
        {
          body: method === 'PATCH' ? { name: 'New' } : undefined,
          headers: { ...owner.auth, ...headers },
        },
      )
    for (const method of ['PATCH', 'DELETE', 'secret']) {
      const none: Record<string, string>[] = [{}, { 'If-Match': '*' }, { 'If-Match': '' }]
      for (const headers of none) {
        const missing = await send(method, headers)
        expect([missing.status, missing.body.code]).toEqual([428, 'precondition_required'])
      }
      for (const stale of ['"x"', `W/${tag}`, tag.replace('"1.', '"2.')]) {
        const answer = await send(method, { 'If-Match': stale })
        expect([stale, answer.status, answer.body.code]).toEqual([stale, 412, 'version_stale'])
      }
    }
    const changed = await send('PATCH', { 'If-Match': tag })
    expect(changed.status, changed.text).toBe(200)
    expect((await send('PATCH', { 'If-Match': tag })).status).toBe(412)
    const now = changed.headers.get('ETag') ?? ''
    expect((await shop.get(path(id), owner.auth)).headers.get('ETag')).toBe(now)
    expect((await send('DELETE', { 'If-Match': now })).status).toBe(204)
    expect((await shop.get(path(id), owner.auth)).status).toBe(404)
  })

  test('of 20 at once with one ETag is made once', async () => {
    const { id } = await aService(shop)
    const tag = await tagOf(shop, id)
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => patch(id, { name: `Name ${i}` }, { 'If-Match': tag })),
    )
    const statuses = answers.map(answer => answer.status).sort()
    expect(statuses).toEqual([200, ...Array(19).fill(412)])
    expect(await actionsOn(id)).toEqual(['client.created', 'client.updated'])
  })

  test('to shut out acts at once: no new token, no right with an old one, and every session over', async () => {
    const person = await aPerson(shop)
    const service = await aService(shop)
    const app = await anApp(shop)
    const token = await serviceToken(shop, service)
    const tokens = await appTokens(shop, person, app)
    const code = await aCode(shop, person, app)
    const staff = () => shop.get('/v1/admin/staff', bearer(token))
    const orders = () => shop.get('/v1/users/me/orders', bearer(tokens.access_token))
    expect([(await staff()).status, (await orders()).status]).toEqual([200, 200])
    for (const { id } of [service, app]) expect((await patch(id, { is_enabled: false })).status).toBe(200)
    expect([(await staff()).status, (await orders()).status]).toEqual([401, 401])
    const again = await postForm(shop, '/oauth/token', { grant_type: 'client_credentials' }, service.basic)
    expect(again.body.error).toBe('invalid_client')
    expect((await redeem(shop, app, code)).body.error).toBe('invalid_client')
    for (const { id } of [service, app]) await patch(id, { is_enabled: true })
    expect((await staff()).status).toBe(200)
    expect((await orders()).status).toBe(401)
    expect((await refreshWith(shop, app, tokens.refresh_token)).body.error).toBe('invalid_grant')
    expect((await redeem(shop, app, code)).status).toBe(200)
  })

  test('that takes a scope away acts on the next request', async () => {
    const service = await aService(shop, ['staff:read', 'clients:read'])
    const token = await serviceToken(shop, service)
    await patch(service.id, { scopes: ['clients:read'] })
    expect((await shop.get('/v1/admin/staff', bearer(token))).status).toBe(403)
    expect((await shop.get('/v1/admin/clients', bearer(token))).status).toBe(200)

    const app = await anApp(shop, { scopes: ['openid', 'offline_access', 'staff:read', 'clients:read'] })
    const tokens = await appTokens(shop, manager, app, 'openid offline_access staff:read clients:read')
    expect((await shop.get('/v1/admin/staff', bearer(tokens.access_token))).status).toBe(200)
    await patch(app.id, { scopes: ['openid', 'offline_access', 'clients:read'] })
    expect((await shop.get('/v1/admin/staff', bearer(tokens.access_token))).status).toBe(403)
    expect((await shop.get('/v1/admin/clients', bearer(tokens.access_token))).status).toBe(200)
    const fresh = await refreshWith(shop, app, tokens.refresh_token)
    expect(fresh.body.scope).toBe('openid offline_access clients:read')
    await patch(app.id, { scopes: ['offline_access', 'clients:read'] })
    const less = await refreshWith(shop, app, fresh.body.refresh_token)
    expect(less.body.scope).toBe('offline_access clients:read')
    expect(less.body).not.toHaveProperty('id_token')
  })

  test('of the secret leaves the old one worthless', async () => {
    const service = await aService(shop)
    const rotated = await newSecret(service.id)
    expect(rotated.status, rotated.text).toBe(200)
    const ask = (headers: Record<string, string>) =>
      postForm(shop, '/oauth/token', { grant_type: 'client_credentials' }, headers)
    expect((await ask(service.basic)).status).toBe(401)
    expect((await ask(basic(service.id, rotated.body.client_secret))).status).toBe(200)
    const spa = await anApp(shop, { auth_method: 'none' })
    const none = await newSecret(spa.id)
    expect([none.status, none.body.code]).toEqual([409, 'client_has_no_secret'])
  })

  test('that removes it takes its sessions and grants along', async () => {
    const person = await aPerson(shop)
    const app = await anApp(shop)
    const tokens = await appTokens(shop, person, app)
    await aCode(shop, person, app)
    const gone = await shop.call('DELETE', path(app.id), {
      headers: { ...owner.auth, 'If-Match': await tagOf(shop, app.id) },
    })
    expect(gone.status, gone.text).toBe(204)
    expect((await shop.get('/v1/users/me/orders', bearer(tokens.access_token))).status).toBe(401)
    expect((await shop.get('/v1/users/me/grants', person.auth)).body.data).toEqual([])
  })
})

describe('nobody gives a right that they do not have', () => {
  test('by a new client, a change, or a fresh secret', async () => {
    const beyond = [
      { ...SERVICE, scopes: ['staff:write'] },
      { ...APP, scopes: ['openid', 'staff:write'] },
    ]
    for (const body of beyond) {
      const answer = await shop.post('/v1/admin/clients', body, manager.auth)
      expect([answer.status, answer.body.code, answer.body.permissions], answer.text).toEqual([
        403,
        'right_not_held',
        ['staff:write'],
      ])
      expect((await shop.post('/v1/admin/clients', body, owner.auth)).status).toBe(201)
    }
    const powerful = await aService(shop, ['staff:write'])
    for (const body of [{ name: 'x' }, { scopes: ['staff:read'] }, { is_enabled: true }])
      expect((await patch(powerful.id, body, {}, manager)).body.code).toBe('right_not_held')
    const secret = await newSecret(powerful.id, manager)
    expect(secret.body.code).toBe('right_not_held')
    const weak = await aService(shop, ['staff:read'])
    expect((await patch(weak.id, { scopes: ['staff:write'] }, {}, manager)).body.code).toBe('right_not_held')
    expect((await patch(powerful.id, { is_enabled: false }, {}, manager)).status).toBe(200)
  })

  test('also not by a right that they had a moment ago', async () => {
    const person = await aStaffMember(shop, 'owner')
    await giveRole(shop, person.id, 'manager')
    const answer = await shop.post('/v1/admin/clients', { ...SERVICE, scopes: ['staff:write'] }, person.auth)
    expect([answer.status, answer.body.code]).toEqual([403, 'right_not_held'])
  })

  test('also not a service client that may let clients in', async () => {
    const service = await aService(shop, ['clients:write', 'orders:read'])
    const auth = bearer(await serviceToken(shop, service))
    const send = (scopes: string[]) => shop.post('/v1/admin/clients', { ...SERVICE, scopes }, auth)
    expect((await send(['staff:read'])).status).toBe(403)
    const made = await send(['orders:read'])
    expect(made.status, made.text).toBe(201)
    const [row] = await shop.db.all(sql`SELECT actor FROM audit_log WHERE object_id = ${made.body.id}`)
    expect(row).toEqual({ actor: service.id })
  })
})

describe('a service client', () => {
  test('has exactly its rights on every route, and is nobody’s person', async () => {
    const { body } = await shop.get('/openapi.json')
    const service = await aService(shop, ['clients:read'])
    const auth = bearer(await serviceToken(shop, service))
    let cells = 0
    for (const [template, item] of Object.entries<Record<string, Record<string, string>>>(body.paths)) {
      if (!template.startsWith('/v1/')) continue
      for (const [method, operation] of Object.entries(item)) {
        const permission = operation['x-permission'] ?? ''
        const answer = await shop.call(method.toUpperCase(), template.replaceAll(/\{\w+\}/g, 'missing_01'), {
          body: method === 'get' || method === 'delete' ? undefined : '{}',
          headers: auth,
        })
        const refusal = ['permission_missing', 'own_login_required'].includes(answer.body?.code)
          ? answer.body.code
          : null
        const expected =
          permission === 'buyer'
            ? 'own_login_required'
            : permission in PERMISSIONS && permission !== 'clients:read'
              ? 'permission_missing'
              : null
        expect([method, template, refusal, answer.status < 500]).toEqual([method, template, expected, true])
        cells += 1
      }
    }
    expect(cells).toBeGreaterThan(40)
  })

  test('and an app cannot give or take rights among staff, whatever they were let do', async () => {
    const app = await anApp(shop, { scopes: ['staff:read', 'staff:write'] })
    const byApp = (await appTokens(shop, owner, app, 'staff:read staff:write')).access_token
    const byService = await serviceToken(shop, await aService(shop, ['staff:read', 'staff:write']))
    const { body } = await shop.get('/openapi.json')
    const closed: string[] = []
    for (const [template, item] of Object.entries<Record<string, Record<string, string>>>(body.paths)) {
      for (const [method, operation] of Object.entries(item)) {
        if (operation['x-permission'] !== 'staff:write') continue
        for (const token of [byApp, byService]) {
          const answer = await shop.call(
            method.toUpperCase(),
            template.replaceAll(/\{\w+\}/g, 'missing_01'),
            {
              body: method === 'delete' ? undefined : '{}',
              headers: bearer(token),
            },
          )
          expect([template, answer.status, answer.body.code]).toEqual([template, 403, 'own_login_required'])
        }
        closed.push(operation.operationId ?? '')
      }
    }
    expect(closed).toContain('inviteStaff')
    expect(closed).toContain('changeRole')
    for (const token of [byApp, byService])
      expect((await shop.get('/v1/admin/staff', bearer(token))).status).toBe(200)
  })

  test('costs no database call to know, and one to check', async () => {
    const auth = bearer(await serviceToken(shop, await aService(shop)))
    expect(await shop.countCalls(() => shop.get('/oauth/jwks', auth))).toBe(0)
    expect(await shop.countCalls(() => shop.get('/v1/admin/staff', auth))).toBe(2)
  })

  test('fills a cart and checks out as nobody: the order is the guest’s', async () => {
    const { variantIds } = await shop.addProduct()
    const auth = bearer(await serviceToken(shop, await aService(shop)))
    const lines = [{ variant_id: variantIds[0], quantity: 1 }]
    const checkout = await shop.post('/v1/checkouts', { lines }, auth)
    expect(checkout.status, checkout.text).toBe(201)
    const [row] = await shop.db.all(sql`SELECT user_id FROM checkouts WHERE id = ${checkout.body.id}`)
    expect(row).toEqual({ user_id: null })
  })
})
