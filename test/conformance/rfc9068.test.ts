// RFC 9068: access tokens as JWTs; and RFC 8725: no other JWT is taken for one. (More of the latter:
// test/security/access-token.test.ts.)

import { exportJWK, generateKeyPair } from 'jose'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  type AClient,
  anApp,
  appTokens,
  aService,
  bearer,
  claimsOf,
  ISSUER,
  serviceToken,
} from '../support/apps.ts'
import { SIGNING_KEYS } from '../support/keys.ts'
import { aPerson, loginAs, type Person } from '../support/people.ts'
import { openShop, START, type TestShop } from '../support/shop.ts'

let shop: TestShop
let person: Person
let app: AClient
let service: AClient
beforeAll(async () => {
  shop = await openShop()
  person = await aPerson(shop)
  app = await anApp(shop)
  service = await aService(shop)
})

const headerOf = (jwt: string) => JSON.parse(Buffer.from(jwt.split('.')[0] ?? '', 'base64url').toString())

describe('an access token (§2)', () => {
  test('of an app names the person, the app, the scope and the login', async () => {
    const { access_token, scope } = await appTokens(shop, person, app)
    expect(headerOf(access_token)).toEqual({ typ: 'at+jwt', alg: 'ES256', kid: 'suite-2026' })
    const claims = claimsOf(access_token)
    expect(claims).toEqual({
      iss: ISSUER,
      aud: ISSUER,
      sub: person.id,
      client_id: app.id,
      sid: expect.stringMatching(/^ses_/),
      auth_time: START / 1000,
      iat: START / 1000,
      exp: START / 1000 + 900,
      jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
      scope,
    })
  })

  test('of a service client has the client as its subject (§2.2), and no person', async () => {
    const claims = claimsOf(await serviceToken(shop, service))
    expect(claims).toMatchObject({ sub: service.id, client_id: service.id, scope: 'staff:read' })
    expect(Object.keys(claims)).not.toContain('sid')
    expect(claims.exp - claims.iat).toBe(900)
  })

  test('expires after 15 minutes', async () => {
    const own = await openShop()
    const token = await serviceToken(own, await aService(own))
    own.advance(900_000 - 1000)
    expect((await own.get('/v1/admin/staff', bearer(token))).status).toBe(200)
    own.advance(7_000)
    expect((await own.get('/v1/admin/staff', bearer(token))).status).toBe(401)
  })
})

describe('no other token is an access token (RFC 8725 §3.11, §3.12)', () => {
  const [KEY] = JSON.parse(SIGNING_KEYS)
  /** Signs anything with the shop's own key. */
  async function sign(header: object, claims: object): Promise<string> {
    const { kty, crv, x, y, d } = KEY
    const key = await crypto.subtle.importKey(
      'jwk',
      { kty, crv, x, y, d },
      { name: 'ECDSA', namedCurve: 'P-256' },
      false,
      ['sign'],
    )
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const input = `${part(header)}.${part(claims)}`
    const signature = await crypto.subtle.sign(
      { name: 'ECDSA', hash: 'SHA-256' },
      key,
      new TextEncoder().encode(input),
    )
    return `${input}.${Buffer.from(signature).toString('base64url')}`
  }
  const status = async (token: string) => (await shop.get('/v1/products', bearer(token))).status

  test('an ID token, a code and a refresh token are refused', async () => {
    const tokens = await appTokens(shop, person, app)
    for (const token of [tokens.id_token, tokens.refresh_token, `ac_${'0'.repeat(64)}`])
      expect(await status(token)).toBe(401)
  })

  test('claims that mix persons, apps and services are refused, though we signed them', async () => {
    const header = { alg: 'ES256', typ: 'at+jwt', kid: KEY.kid }
    const ofApp = claimsOf((await appTokens(shop, person, app)).access_token)
    const ofService = claimsOf(await serviceToken(shop, service))
    const { sid: _sid, ...withoutSession } = ofApp
    const { auth_time: _time, ...withoutTime } = ofApp
    expect(await status(await sign(header, ofApp))).toBe(200)
    expect(await status(await sign(header, ofService))).toBe(200)
    const wrong = [
      withoutSession,
      withoutTime,
      { ...ofApp, client_id: 'somebody' },
      { ...ofApp, sub: app.id },
      { ...ofService, sub: person.id },
      { ...ofService, sub: app.id },
      { ...ofService, sid: ofApp.sid },
      { ...ofService, client_id: 'first_party', sub: 'first_party' },
      { ...ofService, cnf: {} },
      { ...ofService, cnf: { jkt: 'x', jwk: {} } },
      { ...ofService, act: { sub: person.id } },
    ]
    for (const claims of wrong)
      expect(await status(await sign(header, claims)), JSON.stringify(claims)).toBe(401)
    expect(await status(await sign({ ...header, typ: 'JWT' }, ofService))).toBe(401)
  })
})

describe('keys', () => {
  test('are shown while they are next, current or retiring, and only their public half', async () => {
    const key = async (kid: string, created: string, active: string, retire: string) => {
      const { privateKey } = await generateKeyPair('ES256', { extractable: true })
      const { kty, crv, x, y, d } = await exportJWK(privateKey)
      return { kty, crv, x, y, d, kid, created_at: created, active_at: active, retire_at: retire }
    }
    const keys = [
      await key('retired', '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z', '2026-11-22T12:00:00Z'),
      await key('retiring', '2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z', '2026-11-22T12:30:00Z'),
      await key('current', '2026-01-01T00:00:00Z', '2026-11-01T00:00:00Z', '2027-11-01T00:00:00Z'),
      await key('next', '2026-11-22T12:00:00Z', '2026-11-22T12:10:00Z', '2028-11-01T00:00:00Z'),
      await key('unborn', '2026-11-22T12:20:00Z', '2026-12-22T12:10:00Z', '2028-11-01T00:00:00Z'),
    ]
    const own = await openShop({ env: { SIGNING_KEYS: JSON.stringify(keys) } })
    const shown = async () => {
      const { body } = await own.get('/oauth/jwks')
      for (const entry of body.keys)
        expect(Object.keys(entry).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'])
      return body.keys.map(({ kid }: { kid: string }) => kid)
    }
    expect(await shown()).toEqual(['retiring', 'current', 'next'])
    own.advance(20 * 60_000)
    expect(await shown()).toEqual(['retiring', 'current', 'next', 'unborn'])
    own.advance(10 * 60_000)
    expect(await shown()).toEqual(['current', 'next', 'unborn'])
    const text = (await own.get('/oauth/jwks')).text
    for (const { d } of keys) expect(text).not.toContain(d)
  })

  test('a rotation fails no live token of a service client or an app, and the retired key fails', async () => {
    const { privateKey } = await generateKeyPair('ES256', { extractable: true })
    const { kty, crv, x, y, d } = await exportJWK(privateKey)
    const [known] = JSON.parse(SIGNING_KEYS)
    const old = { ...known, kid: 'old', retire_at: '2026-11-22T12:25:00Z' }
    const next = {
      kty,
      crv,
      x,
      y,
      d,
      kid: 'next',
      created_at: '2026-11-22T12:00:00Z',
      active_at: '2026-11-22T12:10:00Z',
      retire_at: '2027-11-22T12:00:00Z',
    }
    const own = await openShop({ env: { SIGNING_KEYS: JSON.stringify([old, next]) } })
    const client = await aService(own)
    const tokens: { at: number; token: string }[] = []
    let refused = 0
    for (let minute = 0; minute < 40; minute++) {
      tokens.push({ at: minute, token: await serviceToken(own, client) })
      for (const { at, token } of tokens.filter(entry => minute - entry.at < 15)) {
        const answer = await own.get('/oauth/jwks', bearer(token))
        expect([minute, at, answer.status]).toEqual([minute, at, 200])
      }
      for (const { token } of tokens.filter(entry => minute - entry.at > 15)) {
        expect((await own.get('/oauth/jwks', bearer(token))).status).toBe(401)
        refused += 1
      }
      own.advance(60_000)
    }
    expect(refused).toBeGreaterThan(100)
    expect(new Set(tokens.map(({ token }) => headerOf(token).kid))).toEqual(new Set(['old', 'next']))
  })
})

test('a token for a person who logged in again carries the new login’s time', async () => {
  const own = await openShop()
  const client = await anApp(own)
  const somebody = await aPerson(own)
  own.advance(5 * 60_000)
  await loginAs(own, somebody.email)
  const { access_token } = await appTokens(own, somebody, client)
  own.advance(60_000)
  expect(claimsOf(access_token).auth_time).toBe(START / 1000 + 300)
})
