// RFC 6749 as OAuth 2.1 and RFC 9700 leave it: the token endpoint, client authentication, and refresh tokens.

import { beforeAll, describe, expect, test } from 'vitest'
import {
  type AClient,
  aCode,
  anApp,
  appTokens,
  aRequest,
  aService,
  basic,
  bearer,
  expectOAuthError,
  postForm,
  redeem,
  refreshWith,
  shutOut,
} from '../support/apps.ts'
import { face } from '../support/diff.ts'
import { dumpOf } from '../support/dump.ts'
import { aPerson, type Person } from '../support/people.ts'
import { openShop, type TestShop } from '../support/shop.ts'

let shop: TestShop
let person: Person
let app: AClient
let other: AClient
let spa: AClient
beforeAll(async () => {
  shop = await openShop()
  person = await aPerson(shop)
  app = await anApp(shop)
  other = await anApp(shop, { name: 'Other' })
  spa = await anApp(shop, { auth_method: 'none' })
})

describe('the token endpoint (§3.2, §5)', () => {
  const credentials = { grant_type: 'client_credentials' }
  let service: AClient
  beforeAll(async () => {
    service = await aService(shop, ['staff:read', 'orders:read'])
  })

  test.each([
    ['password', { grant_type: 'password', username: 'a', password: 'b' }],
    ['implicit', { grant_type: 'implicit' }],
    ['a device code', { grant_type: 'urn:ietf:params:oauth:grant-type:device_code' }],
    ['a JWT', { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion: 'x' }],
    ['a prototype key', { grant_type: '__proto__' }],
  ])('offers no grant by %s', async (_name, fields) => {
    expectOAuthError(await postForm(shop, '/oauth/token', fields, app.basic), 'unsupported_grant_type')
  })

  test('takes a form and nothing else', async () => {
    const send = (body: string, type: string) =>
      shop.call('POST', '/oauth/token', { body, headers: { 'Content-Type': type, ...service.basic } })
    const json = JSON.stringify(credentials)
    for (const [body, type] of [
      [json, 'application/json'],
      [json, 'text/plain'],
      ['grant_type=client_credentials', 'text/plain'],
      ['grant_type=client_credentials', 'multipart/form-data; boundary=x'],
      ['', 'application/x-www-form-urlencoded'],
    ] as const)
      expectOAuthError(await send(body, type), 'invalid_request')
    const answer = await send(
      'grant_type=client_credentials',
      'application/x-www-form-urlencoded; charset=UTF-8',
    )
    expect(answer.status).toBe(200)
    expect((await shop.call('GET', '/oauth/token', {})).status).toBe(405)
  })

  test('takes no parameter twice, ignores what it does not know, and counts an empty one as missing', async () => {
    const ask = (body: string) => postForm(shop, '/oauth/token', body, service.basic)
    expectOAuthError(
      await ask('grant_type=client_credentials&grant_type=client_credentials'),
      'invalid_request',
    )
    expectOAuthError(
      await ask('grant_type=client_credentials&scope=staff:read&scope=orders:read'),
      'invalid_request',
    )
    expectOAuthError(await ask('grant_type='), 'invalid_request')
    expectOAuthError(await ask('scope=staff:read'), 'invalid_request')
    expect((await ask('grant_type=client_credentials&scope=&unheard=1')).body.scope).toBe(
      'staff:read orders:read',
    )
    const inQuery = await postForm(shop, '/oauth/token?grant_type=client_credentials', '', service.basic)
    expectOAuthError(inQuery, 'invalid_request')
  })

  test('knows a client only by the method that it was registered with', async () => {
    const ask = (fields: Record<string, string>, headers: Record<string, string> = {}) =>
      postForm(shop, '/oauth/token', { ...credentials, ...fields }, headers)
    const { id, secret } = service
    const wrong: [Record<string, string>, Record<string, string>][] = [
      [{}, {}],
      [{ client_id: id }, {}],
      [{ client_id: id, client_secret: secret ?? '' }, {}],
      [{}, basic(id, `${secret}x`)],
      [{}, basic(id, '')],
      [{}, basic('cli_unknown', secret ?? '')],
      [{}, basic(spa.id, '')],
      [{}, { Authorization: `Basic ${btoa(id)}` }],
      [{}, { Authorization: 'Basic !' }],
      [{}, { Authorization: `Basic ${btoa(`${id}:%zz`)}` }],
      [{}, { Authorization: `Bearer ${secret}` }],
      [{ client_assertion: 'x', client_assertion_type: 'y' }, {}],
    ]
    for (const [fields, headers] of wrong) {
      const answer = await ask(fields, headers)
      expectOAuthError(answer, 'invalid_client', 401)
      expect(answer.headers.get('WWW-Authenticate')).toMatch(/^Basic realm=/)
    }
    expectOAuthError(await ask({ client_id: other.id }, service.basic), 'invalid_request')
    expectOAuthError(await ask({ client_assertion: 'x' }, service.basic), 'invalid_request')
    expect((await ask({ client_id: id }, service.basic)).status).toBe(200)
  })

  test('unknown client, wrong secret and disabled client are one answer', async () => {
    const gone = await aService(shop)
    await shutOut(shop, gone.id)
    const ask = (headers: Record<string, string>) => postForm(shop, '/oauth/token', credentials, headers)
    const answers = [
      await ask(basic('cli_unknown', 'x')),
      await ask(basic(service.id, 'x')),
      await ask(gone.basic),
    ]
    expect(new Set(answers.map(answer => JSON.stringify(face(answer)))).size).toBe(1)
  })

  test('gives a client only the grants and scopes that it was registered for', async () => {
    const ask = (fields: Record<string, string>, client: AClient) =>
      postForm(shop, '/oauth/token', { ...credentials, ...fields }, client.basic)
    expectOAuthError(await ask({}, app), 'unauthorized_client')
    expectOAuthError(
      await ask({ grant_type: 'refresh_token', refresh_token: 'x' }, service),
      'unauthorized_client',
    )
    for (const scope of ['staff:write', 'staff:read staff:write', 'openid', 'me:orders', 'everything'])
      expectOAuthError(await ask({ scope }, service), 'invalid_scope')
    expect((await ask({ scope: 'orders:read' }, service)).body.scope).toBe('orders:read')
    expectOAuthError(await ask({ resource: 'https://other.example' }, service), 'invalid_target')
  })

  test('gives a refresh token only for offline_access', async () => {
    const without = await redeem(shop, app, await aCode(shop, person, app, { scope: 'me:orders' }))
    expect(Object.keys(without.body).sort()).toEqual(['access_token', 'expires_in', 'scope', 'token_type'])
  })
})

describe('a refresh token (§6, RFC 9700 §4.14.2)', () => {
  test('is used once; a replay ends the session; a lost answer can be asked for again within 10 seconds', async () => {
    const own = await openShop()
    const client = await anApp(own)
    const somebody = await aPerson(own)
    const first = await appTokens(own, somebody, client)
    const second = (await refreshWith(own, client, first.refresh_token)).body
    own.advance(9_000)
    expect((await refreshWith(own, client, first.refresh_token)).body.refresh_token).toBe(
      second.refresh_token,
    )
    own.advance(2_000)
    expectOAuthError(await refreshWith(own, client, first.refresh_token), 'invalid_grant')
    expectOAuthError(await refreshWith(own, client, second.refresh_token), 'invalid_grant')
    expect((await own.get('/v1/users/me/orders', bearer(second.access_token))).status).toBe(401)
  })

  test('of 50 refreshes at once one head is left', async () => {
    const { refresh_token } = await appTokens(shop, person, app)
    const answers = await Promise.all(Array.from({ length: 50 }, () => refreshWith(shop, app, refresh_token)))
    expect(new Set(answers.map(answer => answer.status))).toEqual(new Set([200]))
    expect(new Set(answers.map(answer => answer.body.refresh_token)).size).toBe(1)
  })

  test('is only for its client, and an attempt of another takes nothing away', async () => {
    const { refresh_token } = await appTokens(shop, person, app)
    expectOAuthError(await refreshWith(shop, other, refresh_token), 'invalid_grant')
    expectOAuthError(await refreshWith(shop, spa, refresh_token), 'invalid_grant')
    expect((await shop.post('/v1/auth/refresh', { refresh_token })).status).toBe(401)
    expectOAuthError(await refreshWith(shop, app, person.tokens.refresh_token), 'invalid_grant')
    expect((await refreshWith(shop, app, refresh_token)).status).toBe(200)
  })

  test('opens less when less is asked for, and never more', async () => {
    const { refresh_token } = await appTokens(shop, person, app)
    expectOAuthError(
      await refreshWith(shop, app, refresh_token, { scope: 'openid me:read' }),
      'invalid_scope',
    )
    const less = await refreshWith(shop, app, refresh_token, { scope: 'openid' })
    expect(less.body.scope).toBe('openid')
    expect((await shop.get('/v1/users/me/orders', bearer(less.body.access_token))).status).toBe(403)
    expect((await refreshWith(shop, app, less.body.refresh_token)).body.scope).toBe(
      'openid offline_access me:orders',
    )
  })

  test('ends 30 days after the login, however often it is used', async () => {
    const own = await openShop()
    const client = await anApp(own)
    let { refresh_token } = await appTokens(own, await aPerson(own), client)
    for (let day = 0; day < 29; day++) {
      own.advance(24 * 60 * 60_000)
      refresh_token = (await refreshWith(own, client, refresh_token)).body.refresh_token
    }
    own.advance(24 * 60 * 60_000)
    expectOAuthError(await refreshWith(own, client, refresh_token), 'invalid_grant')
  })
})

test('database calls: 1 for a service token, 3 for a code and a refresh, 3 to revoke or to ask, 1 for a page', async () => {
  const calls = async (work: () => Promise<{ status: number }>): Promise<number> =>
    shop.countCalls(async () => expect((await work()).status).toBe(200))
  const service = await aService(shop)
  const ask = (path: string, fields: Record<string, string>, client: AClient) =>
    postForm(shop, path, fields, client.basic)
  expect(await calls(() => ask('/oauth/token', { grant_type: 'client_credentials' }, service))).toBe(1)
  const code = await aCode(shop, person, app, { scope: 'openid offline_access' })
  expect(await calls(() => redeem(shop, app, code))).toBe(3)
  const { refresh_token, access_token } = await appTokens(shop, person, app)
  expect(await calls(() => refreshWith(shop, app, refresh_token))).toBe(3)
  expect(await calls(() => ask('/oauth/introspect', { token: access_token }, app))).toBe(3)
  expect(await calls(() => ask('/oauth/revoke', { token: access_token }, app))).toBe(3)
  expect(await calls(() => shop.get(aRequest(app)))).toBe(1)
  expect(await calls(() => shop.get('/oauth/jwks'))).toBe(0)
})

test('no secret, code or token that was given stands in the database or the log (ASVS 11.2.4, 16.2.5)', async () => {
  const service = await aService(shop)
  const code = await aCode(shop, person, app)
  const tokens = await appTokens(shop, person, app)
  const dump = await dumpOf(shop)
  const log = JSON.stringify(shop.logs)
  const given = [service.secret, app.secret, code, tokens.refresh_token, tokens.access_token, tokens.id_token]
  for (const text of given) {
    expect(String(text).length).toBeGreaterThan(60)
    expect(dump).not.toContain(text)
    expect(log).not.toContain(text)
  }
})
