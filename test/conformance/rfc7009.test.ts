// RFC 7009: taking tokens back.

import { beforeAll, expect, test } from 'vitest'
import {
  type AClient,
  anApp,
  appTokens,
  aService,
  basic,
  bearer,
  expectOAuthError,
  postForm,
  refreshWith,
  serviceToken,
} from '../support/apps.ts'
import { aPerson, type Person } from '../support/people.ts'
import { openShop, type TestShop } from '../support/shop.ts'

let shop: TestShop
let person: Person
let app: AClient
let spa: AClient
let service: AClient
beforeAll(async () => {
  shop = await openShop()
  person = await aPerson(shop)
  app = await anApp(shop)
  spa = await anApp(shop, { auth_method: 'none' })
  service = await aService(shop)
})

const revoke = (client: AClient, token: string, fields: Record<string, string> = {}) =>
  postForm(
    shop,
    '/oauth/revoke',
    { token, ...(client.secret === null ? { client_id: client.id } : {}), ...fields },
    client.basic,
  )
const orders = async (token: string) => (await shop.get('/v1/users/me/orders', bearer(token))).status

test.each([
  ['a confidential app', 'refresh_token', () => app],
  ['a confidential app', 'access_token', () => app],
  ['a public app', 'refresh_token', () => spa],
  ['a public app', 'access_token', () => spa],
] as const)(
  '%s takes back its %s, and with it all tokens of the session (§2.1)',
  async (_name, kind, client) => {
    const tokens = await appTokens(shop, person, client())
    expect(await orders(tokens.access_token)).toBe(200)
    const answer = await revoke(client(), tokens[kind])
    expect([answer.status, answer.text]).toEqual([200, ''])
    expect(await orders(tokens.access_token)).toBe(401)
    expectOAuthError(await refreshWith(shop, client(), tokens.refresh_token), 'invalid_grant')
  },
)

test('a service client takes back its access token: it loses its rights with the next request, and others keep theirs', async () => {
  const [one, two] = [await serviceToken(shop, service), await serviceToken(shop, service)]
  const staff = async (token: string) => (await shop.get('/v1/admin/staff', bearer(token))).status
  expect(await staff(one)).toBe(200)
  expect((await revoke(service, one)).status).toBe(200)
  expect([await staff(one), await staff(two)]).toEqual([401, 200])
  expect((await revoke(service, one)).status).toBe(200)
})

test.each(['unknown', 'rt_unknown', 'a.b.c', 'eyJhbGciOiJub25lIn0.e30.', 'x'.repeat(5000)])(
  'an unknown token is answered like a known one (§2.2): %s',
  async token => {
    const answer = await revoke(app, token)
    expect([answer.status, answer.text]).toEqual([200, ''])
  },
)

test('a token that is over already is answered like a known one', async () => {
  const tokens = await appTokens(shop, person, app)
  for (let i = 0; i < 3; i++) expect((await revoke(app, tokens.refresh_token)).status).toBe(200)
})

test('a wrong hint does not matter (§2.1)', async () => {
  const tokens = await appTokens(shop, person, app)
  await revoke(app, tokens.refresh_token, { token_type_hint: 'access_token' })
  expect(await orders(tokens.access_token)).toBe(401)
  expect((await revoke(app, 'x', { token_type_hint: 'pigeon' })).status).toBe(200)
})

test('a token of another client stays as it is (§2.1)', async () => {
  const tokens = await appTokens(shop, person, app)
  for (const thief of [spa, service]) {
    for (const token of [tokens.refresh_token, tokens.access_token])
      expectOAuthError(await revoke(thief, token), 'invalid_grant')
  }
  expectOAuthError(await revoke(app, person.tokens.refresh_token), 'invalid_grant')
  expectOAuthError(await revoke(app, person.tokens.access_token), 'invalid_grant')
  expect(await orders(tokens.access_token)).toBe(200)
  expect((await refreshWith(shop, app, tokens.refresh_token)).status).toBe(200)
})

test('a client has to prove itself, and to name a token', async () => {
  const tokens = await appTokens(shop, person, app)
  const fields = { token: tokens.refresh_token }
  expectOAuthError(await postForm(shop, '/oauth/revoke', fields), 'invalid_client', 401)
  expectOAuthError(
    await postForm(shop, '/oauth/revoke', fields, basic(app.id, 'wrong')),
    'invalid_client',
    401,
  )
  expectOAuthError(
    await postForm(shop, '/oauth/revoke', { ...fields, client_id: app.id }),
    'invalid_client',
    401,
  )
  expectOAuthError(await postForm(shop, '/oauth/revoke', {}, app.basic), 'invalid_request')
  expect(await orders(tokens.access_token)).toBe(200)
})
