// OpenID Connect Core: ID tokens, userinfo, and the parameters of a request that concern the login.

import { createLocalJWKSet, jwtVerify } from 'jose'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  type AClient,
  aBrowser,
  aCode,
  anApp,
  appTokens,
  aRequest,
  bearer,
  claimsOf,
  destinationOf,
  ISSUER,
  postForm,
  redeem,
  refreshWith,
  ticketIn,
} from '../support/apps.ts'
import { aPerson, type Person } from '../support/people.ts'
import { openShop, START, type TestShop } from '../support/shop.ts'
import { digestOf } from '../support/signing.ts'

let shop: TestShop
let person: Person
let app: AClient
beforeAll(async () => {
  shop = await openShop()
  person = await aPerson(shop)
  app = await anApp(shop)
})

describe('an ID token (§2)', () => {
  test('says who logged in, when, for whom, and belongs to its access token', async () => {
    const code = await aCode(shop, person, app, { scope: 'openid', nonce: 'n-0S6_WzA2Mj' })
    const { body } = await redeem(shop, app, code)
    const keys = createLocalJWKSet((await shop.get('/oauth/jwks')).body)
    const { payload, protectedHeader } = await jwtVerify(body.id_token, keys, {
      issuer: ISSUER,
      audience: app.id,
      currentDate: new Date(START),
    })
    expect(protectedHeader).toEqual({ alg: 'ES256', typ: 'JWT', kid: 'suite-2026' })
    const digest = Buffer.from(await digestOf(body.access_token), 'base64url')
    expect(payload).toEqual({
      iss: ISSUER,
      sub: person.id,
      aud: app.id,
      iat: START / 1000,
      exp: START / 1000 + 900,
      auth_time: START / 1000,
      nonce: 'n-0S6_WzA2Mj',
      at_hash: digest.subarray(0, 16).toString('base64url'),
    })
  })

  test('comes only for openid, and has no nonce that was not asked for', async () => {
    const without = await redeem(shop, app, await aCode(shop, person, app, { scope: 'me:orders' }))
    expect(without.body).not.toHaveProperty('id_token')
    const tokens = await appTokens(shop, person, app)
    expect(claimsOf(tokens.id_token)).not.toHaveProperty('nonce')
  })

  test('of a refresh keeps subject and login (§12.2)', async () => {
    const own = await openShop()
    const client = await anApp(own)
    const somebody = await aPerson(own)
    const first = await appTokens(own, somebody, client)
    own.advance(60 * 60_000)
    const { body } = await refreshWith(own, client, first.refresh_token)
    const [before, after] = [claimsOf(first.id_token), claimsOf(body.id_token)]
    for (const name of ['iss', 'sub', 'aud', 'auth_time']) expect(after[name]).toEqual(before[name])
    expect(after.iat).toBe(before.iat + 3600)
  })
})

describe('userinfo (§5.3)', () => {
  test.each([
    ['openid', ['sub']],
    ['openid profile', ['name', 'sub', 'updated_at']],
    ['openid email', ['email', 'email_verified', 'sub']],
    ['openid profile email', ['email', 'email_verified', 'name', 'sub', 'updated_at']],
  ])('with %s shows %s', async (scope, claims) => {
    const { access_token, id_token } = await appTokens(shop, person, app, scope)
    for (const method of ['GET', 'POST']) {
      const answer = await shop.call(method, '/oauth/userinfo', { headers: bearer(access_token) })
      expect(answer.status, answer.text).toBe(200)
      expect(Object.keys(answer.body).sort()).toEqual(claims)
      expect(answer.body.sub).toBe(claimsOf(id_token).sub)
      expect(answer.headers.get('Cache-Control')).toBe('no-store')
    }
  })

  test('without openid is refused, and without a token too', async () => {
    const { access_token } = await appTokens(shop, person, app, 'me:orders')
    const answer = await shop.get('/oauth/userinfo', bearer(access_token))
    expect([answer.status, answer.body.scope]).toEqual([403, 'openid'])
    expect((await shop.get('/oauth/userinfo')).status).toBe(401)
  })
})

describe('a request (§3.1.2.1)', () => {
  const error = async (path: string, browser = aBrowser(shop)) =>
    destinationOf(await browser.get(path)).searchParams.get('error')

  test('may come by POST', async () => {
    const query = aRequest(app).split('?')[1] ?? ''
    const answer = await postForm(shop, '/oauth/authorize', query)
    expect(answer.status).toBe(303)
    expect(answer.headers.get('Location')).toBe(`/oauth/authorize?${query}`)
  })

  test('with prompt=none never shows a page', async () => {
    const browser = aBrowser(shop)
    expect(await error(aRequest(app, { prompt: 'none' }), browser)).toBe('login_required')
    const somebody = await aPerson(shop)
    await browser.open(aRequest(app), somebody)
    expect(await error(aRequest(app, { prompt: 'none' }), browser)).toBe('consent_required')
    await aCode(shop, somebody, app, {}, browser)
    const silent = destinationOf(await browser.get(aRequest(app, { prompt: 'none' })))
    expect(silent.searchParams.has('code')).toBe(true)
    expect(await error(aRequest(app, { prompt: 'none', max_age: '0' }), browser)).toBeNull()
    expect(await error(aRequest(app, { prompt: 'none login' }), browser)).toBe('invalid_request')
    expect(await error(aRequest(app, { prompt: 'dance' }), browser)).toBe('invalid_request')
  })

  test.each(['login', 'select_account'])(
    'with prompt=%s asks for the password again, and once',
    async prompt => {
      const browser = aBrowser(shop)
      const somebody = await aPerson(shop)
      await aCode(shop, somebody, app, {}, browser)
      const page = await browser.get(aRequest(app, { prompt }))
      expect(page.text).toContain('name="password"')
      const done = await browser.submit('/oauth/authorize/login', {
        ticket: ticketIn(page),
        email: somebody.email,
        password: somebody.password,
      })
      expect(destinationOf(done).searchParams.has('code')).toBe(true)
    },
  )

  test('with max_age asks again when the login is older', async () => {
    const own = await openShop()
    const client = await anApp(own)
    const somebody = await aPerson(own)
    const browser = aBrowser(own)
    await aCode(own, somebody, client, {}, browser)
    own.advance(100_000)
    expect((await browser.get(aRequest(client, { max_age: '101' }))).status).toBe(303)
    expect((await browser.get(aRequest(client, { max_age: '99' }))).text).toContain('name="password"')
    expect(
      await destinationOf(await browser.get(aRequest(client, { max_age: 'x' }))).searchParams.get('error'),
    ).toBe('invalid_request')
    const code = await aCode(own, somebody, client, { max_age: '99' }, browser)
    const { body } = await redeem(own, client, code)
    expect(claimsOf(body.id_token).auth_time).toBe(START / 1000 + 100)
  })

  test('with login_hint fills in the email', async () => {
    const page = await shop.get(aRequest(app, { login_hint: 'ada@example.com' }))
    expect(page.text).toContain('value="ada@example.com"')
  })

  test('asks again for the password twelve hours after it was given', async () => {
    const own = await openShop()
    const client = await anApp(own)
    const browser = aBrowser(own)
    await aCode(own, await aPerson(own), client, {}, browser)
    own.advance(12 * 60 * 60_000 - 1)
    expect((await browser.get(aRequest(client))).status).toBe(303)
    own.advance(1)
    expect((await browser.get(aRequest(client))).text).toContain('name="password"')
  })
})
