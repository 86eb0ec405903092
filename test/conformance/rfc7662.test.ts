// RFC 7662: asking about tokens.

import { beforeAll, expect, test } from 'vitest'
import {
  type AClient,
  anApp,
  appTokens,
  aService,
  basic,
  claimsOf,
  expectOAuthError,
  ISSUER,
  postForm,
  refreshWith,
  serviceToken,
  shutOut,
} from '../support/apps.ts'
import { face } from '../support/diff.ts'
import { aPerson, type Person } from '../support/people.ts'
import { openShop, type TestShop } from '../support/shop.ts'

let shop: TestShop
let person: Person
let app: AClient
let service: AClient
let auditor: AClient
beforeAll(async () => {
  shop = await openShop()
  person = await aPerson(shop)
  app = await anApp(shop)
  service = await aService(shop)
  auditor = await aService(shop, ['clients:read'])
})

const ask = (client: AClient, token: string, of = shop) =>
  postForm(of, '/oauth/introspect', { token }, client.basic)

test('a live access token shows what it opens, and for whom (§2.2)', async () => {
  const tokens = await appTokens(shop, person, app)
  const { iat, exp, jti } = claimsOf(tokens.access_token)
  for (const client of [app, auditor]) {
    const answer = await ask(client, tokens.access_token)
    expect(answer.body).toEqual({
      active: true,
      scope: 'openid offline_access me:orders',
      client_id: app.id,
      token_type: 'Bearer',
      sub: person.id,
      iss: ISSUER,
      aud: ISSUER,
      iat,
      exp,
      jti,
    })
    expect(answer.headers.get('Cache-Control')).toBe('no-store')
  }
})

test('a live refresh token, and a service client’s token, show theirs', async () => {
  const { refresh_token } = await appTokens(shop, person, app)
  expect((await ask(app, refresh_token)).body).toMatchObject({
    active: true,
    client_id: app.id,
    sub: person.id,
  })
  const token = await serviceToken(shop, service)
  expect((await ask(service, token)).body).toMatchObject({
    active: true,
    sub: service.id,
    scope: 'staff:read',
  })
  expect((await ask(auditor, person.tokens.access_token)).body).toMatchObject({
    active: true,
    client_id: 'first_party',
  })
})

test('whatever is not good is one answer, byte for byte (§2.2)', async () => {
  const own = await openShop()
  const [client, another] = [await anApp(own), await anApp(own)]
  const somebody = await aPerson(own)
  const [expired, used, revoked] = [
    await appTokens(own, somebody, client),
    await appTokens(own, somebody, client),
    await appTokens(own, somebody, client),
  ]
  const serviceClient = await aService(own)
  const [gone, taken] = [await serviceToken(own, serviceClient), await serviceToken(own, serviceClient)]
  own.advance(16 * 60_000)
  const foreign = await appTokens(own, somebody, another)
  await refreshWith(own, client, used.refresh_token)
  await postForm(own, '/oauth/revoke', { token: revoked.refresh_token }, client.basic)
  const live = await appTokens(own, somebody, client)
  const cases: Record<string, string> = {
    'no token': 'x',
    'a forged token': `${live.access_token.slice(0, -4)}AAAA`,
    'an ID token': live.id_token,
    'a code': `ac_${'0'.repeat(64)}`,
    'an expired token': expired.access_token,
    'a used refresh token': used.refresh_token,
    'a revoked refresh token': revoked.refresh_token,
    'a token of another client': foreign.access_token,
    'a refresh token of another client': foreign.refresh_token,
    'a token of the shop’s own login': somebody.tokens.access_token,
    'a token of a service client': gone,
    'a long text': taken.repeat(20),
  }
  const faces = new Set<string>()
  for (const [name, token] of Object.entries(cases)) {
    const answer = await ask(client, token, own)
    expect([name, answer.status, answer.text]).toEqual([name, 200, '{"active":false}'])
    faces.add(JSON.stringify(face(answer)))
  }
  expect(faces.size).toBe(1)
  expect((await ask(client, live.access_token, own)).body.active).toBe(true)
})

test('a token ends with its session, its client, and its revocation', async () => {
  const tokens = await appTokens(shop, person, app)
  const another = await aService(shop)
  const [one, two] = [await serviceToken(shop, another), await serviceToken(shop, another)]
  await postForm(shop, '/oauth/revoke', { token: one }, another.basic)
  await postForm(shop, '/oauth/revoke', { token: tokens.access_token }, app.basic)
  expect((await ask(app, tokens.access_token)).text).toBe('{"active":false}')
  expect((await ask(auditor, one)).text).toBe('{"active":false}')
  expect((await ask(auditor, two)).body.active).toBe(true)
  await shutOut(shop, another.id)
  expect((await ask(auditor, two)).text).toBe('{"active":false}')
})

test('only a client that proves itself may ask (§2.1)', async () => {
  const tokens = await appTokens(shop, person, app)
  const spa = await anApp(shop, { auth_method: 'none' })
  const fields = { token: tokens.access_token }
  for (const [more, headers] of [
    [{}, {}],
    [{ client_id: spa.id }, {}],
    [{}, basic(app.id, 'wrong')],
    [{}, { Authorization: `Bearer ${tokens.access_token}` }],
  ] as const)
    expectOAuthError(
      await postForm(shop, '/oauth/introspect', { ...fields, ...more }, headers),
      'invalid_client',
      401,
    )
  expectOAuthError(await postForm(shop, '/oauth/introspect', {}, app.basic), 'invalid_request')
})
