// Forged, damaged and stale access tokens: every one is a 401 with a challenge, on every kind of route, and never a 500.

import { exportJWK, generateKeyPair, importJWK, SignJWT } from 'jose'
import { beforeAll, describe, expect, test } from 'vitest'
import { SIGNING_KEYS } from '../support/keys.ts'
import { aPerson, challenge, type Person } from '../support/people.ts'
import { openShop, START, type TestShop } from '../support/shop.ts'

const [KEY] = JSON.parse(SIGNING_KEYS)
const ISSUER = 'https://shop.example'
const NOW = Math.floor(START / 1000)

let shop: TestShop
let person: Person
let valid: { header: string; payload: string; signature: string }
let claims: Record<string, unknown>

beforeAll(async () => {
  shop = await openShop()
  person = await aPerson(shop)
  const [header = '', payload = '', signature = ''] = person.tokens.access_token.split('.')
  valid = { header, payload, signature }
  claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
})

const base64url = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')

const HEADER = { alg: 'ES256', typ: 'at+jwt', kid: KEY.kid }

/** Signs any header and any payload text with the shop's own key. */
async function sign(header: object, payload: string | object): Promise<string> {
  const { d, ...jwk } = KEY
  const key = await crypto.subtle.importKey(
    'jwk',
    { kty: jwk.kty, crv: jwk.crv, x: jwk.x, y: jwk.y, d },
    { name: 'ECDSA', namedCurve: 'P-256' },
    false,
    ['sign'],
  )
  const input = `${base64url(header)}.${base64url(payload)}`
  const signature = await crypto.subtle.sign(
    { name: 'ECDSA', hash: 'SHA-256' },
    key,
    new TextEncoder().encode(input),
  )
  return `${input}.${Buffer.from(signature).toString('base64url')}`
}

async function hmac(header: object, secret: string | Uint8Array): Promise<string> {
  const bytes = typeof secret === 'string' ? new TextEncoder().encode(secret) : secret
  const key = await crypto.subtle.importKey(
    'raw',
    bytes as Uint8Array<ArrayBuffer>,
    { name: 'HMAC', hash: 'SHA-256' },
    false,
    ['sign'],
  )
  const input = `${base64url(header)}.${base64url(claims)}`
  const signature = await crypto.subtle.sign('HMAC', key, new TextEncoder().encode(input))
  return `${input}.${Buffer.from(signature).toString('base64url')}`
}

const withClaims = (change: Record<string, unknown>) => sign(HEADER, { ...claims, ...change })
const withHeader = (change: Record<string, unknown>) => sign({ ...HEADER, ...change }, claims)
const without = (name: string) =>
  sign(HEADER, Object.fromEntries(Object.entries(claims).filter(([key]) => key !== name)))
const raw = (header: unknown, payload: unknown, signature: string) =>
  `${base64url(header)}.${base64url(payload)}.${signature}`

const publicKey = { kty: KEY.kty, crv: KEY.crv, x: KEY.x, y: KEY.y }
const pem = () => `-----BEGIN PUBLIC KEY-----\n${KEY.x}${KEY.y}\n-----END PUBLIC KEY-----`
const point = () =>
  Buffer.concat([Buffer.from([4]), Buffer.from(KEY.x, 'base64url'), Buffer.from(KEY.y, 'base64url')])

async function fromStranger(alg: 'ES256' | 'ES384' | 'RS256' | 'EdDSA'): Promise<string> {
  const { privateKey } = await generateKeyPair(alg)
  return new SignJWT(claims).setProtectedHeader({ ...HEADER, alg }).sign(privateKey)
}

/** A stranger's key, offered inside the token itself. */
async function selfSigned(): Promise<string> {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true })
  const jwk = await exportJWK(publicKey)
  return new SignJWT(claims).setProtectedHeader({ ...HEADER, jwk }).sign(privateKey)
}

const CORPUS: Record<string, () => string | Promise<string>> = {
  'alg none': () => raw({ ...HEADER, alg: 'none' }, claims, ''),
  'alg None': () => raw({ ...HEADER, alg: 'None' }, claims, ''),
  'alg NONE': () => raw({ ...HEADER, alg: 'NONE' }, claims, ''),
  'alg nOnE, with the signature of a good token': () =>
    raw({ ...HEADER, alg: 'nOnE' }, claims, valid.signature),
  'no alg': () => raw({ typ: 'at+jwt', kid: KEY.kid }, claims, valid.signature),
  'HS256 under the public key as JWK': () => hmac({ ...HEADER, alg: 'HS256' }, JSON.stringify(publicKey)),
  'HS256 under the public key as PEM': () => hmac({ ...HEADER, alg: 'HS256' }, pem()),
  'HS256 under the public point': () => hmac({ ...HEADER, alg: 'HS256' }, point()),
  'HS256 under an empty-looking key': () => hmac({ ...HEADER, alg: 'HS256' }, ' '),
  'ES256 announced, HMAC signed': () => hmac(HEADER, JSON.stringify(publicKey)),
  'another’s ES256 key': () => fromStranger('ES256'),
  'another curve': () => fromStranger('ES384'),
  RS256: () => fromStranger('RS256'),
  EdDSA: () => fromStranger('EdDSA'),
  'its key in the header': () => selfSigned(),
  jku: () => withHeader({ jku: 'https://evil.example/jwks.json' }),
  x5u: () => withHeader({ x5u: 'https://evil.example/cert.pem' }),
  'crit with an extension': () => withHeader({ crit: ['b64'], b64: false }),
  'b64 false': () => withHeader({ b64: false }),
  'cty JWT': () => withHeader({ cty: 'JWT' }),
  'unknown kid': () => withHeader({ kid: 'another' }),
  'kid as a path': () => withHeader({ kid: '../../../../dev/null' }),
  'kid as SQL': () => withHeader({ kid: "' UNION SELECT 'x' --" }),
  'kid as an object': () => withHeader({ kid: { $ne: null } }),
  'no kid': () => sign({ alg: 'ES256', typ: 'at+jwt' }, claims),
  'typ JWT': () => withHeader({ typ: 'JWT' }),
  'typ application/at+jwt': () => withHeader({ typ: 'application/at+jwt' }),
  'no typ': () => sign({ alg: 'ES256', kid: KEY.kid }, claims),
  'another issuer': () => withClaims({ iss: 'https://evil.example' }),
  'the issuer with a slash': () => withClaims({ iss: `${ISSUER}/` }),
  'another audience': () => withClaims({ aud: 'https://other.example' }),
  'several audiences': () => withClaims({ aud: [ISSUER, 'https://other.example'] }),
  'one audience in an array': () => withClaims({ aud: [ISSUER] }),
  expired: () => withClaims({ iat: NOW - 1800, exp: NOW - 900 }),
  'exp as text': () => withClaims({ exp: String(NOW + 900) }),
  'exp null': () => withClaims({ exp: null }),
  'exp far away': () => withClaims({ exp: NOW + 10 * 365 * 86_400 }),
  'exp beyond all numbers': () => sign(HEADER, JSON.stringify(claims).replace(/"exp":\d+/, '"exp":1e999')),
  'issued in the future': () => withClaims({ iat: NOW + 600, exp: NOW + 1200 }),
  'not yet valid': () => withClaims({ nbf: NOW + 600 }),
  'no exp': () => without('exp'),
  'no iat': () => without('iat'),
  'no sub': () => without('sub'),
  'no aud': () => without('aud'),
  'no jti': () => without('jti'),
  'no client_id': () => without('client_id'),
  'no session': () => without('sid'),
  'another client': () => withClaims({ client_id: 'somebody' }),
  'sub of another kind': () => withClaims({ sub: 'ord_01M81J18G0F1WA11106WFXGE52' }),
  'sub as an object': () => withClaims({ sub: { id: person.id } }),
  'scope as an array': () => withClaims({ scope: ['buyer', 'staff:read'] }),
  'a claim that we never write': () => withClaims({ admin: true }),
  'a claim twice': () =>
    sign(HEADER, JSON.stringify(claims).replace('"sub":', '"sub":"usr_00000000000000000000000000","sub":')),
  'a number in another spelling': () =>
    sign(HEADER, JSON.stringify(claims).replace(/"exp":(\d+)/, '"exp":$1.0')),
  'a payload with spaces': () => sign(HEADER, ` ${JSON.stringify(claims)}`),
  'a payload that is no object': () => sign(HEADER, '"text"'),
  'a payload that is no JSON': () => sign(HEADER, '{"sub":'),
  'a changed payload': () =>
    raw(HEADER, { ...claims, sub: 'usr_00000000000000000000000000' }, valid.signature),
  'r = s = 0 (CVE-2022-21449)': () => raw(HEADER, claims, Buffer.alloc(64).toString('base64url')),
  'an empty signature': () => raw(HEADER, claims, ''),
  'a signature of one byte': () => raw(HEADER, claims, 'AA'),
  'a signature in DER': () =>
    raw(HEADER, claims, Buffer.concat([Buffer.from([0x30, 0x44]), Buffer.alloc(68)]).toString('base64url')),
  'a signature cut short': () => raw(HEADER, claims, valid.signature.slice(0, -4)),
  'a bit changed in the signature': () =>
    raw(HEADER, claims, `${valid.signature[0] === 'A' ? 'B' : 'A'}${valid.signature.slice(1)}`),
  'two parts': () => `${valid.header}.${valid.payload}`,
  'four parts': () => `${valid.header}.${valid.payload}.${valid.signature}.${valid.signature}`,
  'five parts, as if encrypted': () => 'a.b.c.d.e',
  'no parts': () => 'token',
  'padded base64': () => `${valid.header}==.${valid.payload}.${valid.signature}`,
  '100 KB': () => raw(HEADER, { ...claims, x: 'x'.repeat(100_000) }, valid.signature),
  'a refresh token': () => person.tokens.refresh_token,
  'deep JSON': () => raw(HEADER, `${'['.repeat(2000)}${']'.repeat(2000)}`, valid.signature),
  'a signature over another header': async () => {
    const key = await importJWK({ ...publicKey, d: KEY.d }, 'ES256')
    const other = await new SignJWT(claims).setProtectedHeader({ alg: 'ES256', typ: 'JWT' }).sign(key)
    return `${valid.header}.${valid.payload}.${other.split('.')[2]}`
  },
}

test(`the corpus has at least 30 mutations, and the token that they start from is good`, async () => {
  expect(Object.keys(CORPUS).length).toBeGreaterThanOrEqual(30)
  console.info(`mutations of an access token: ${Object.keys(CORPUS).length}`)
  expect((await shop.get('/v1/users/me', person.auth)).status).toBe(200)
  const resigned = await sign(HEADER, claims)
  expect((await shop.get('/v1/users/me', { Authorization: `Bearer ${resigned}` })).status).toBe(200)
})

describe('refused with 401', () => {
  test.each(Object.keys(CORPUS))('%s', async name => {
    const token = await CORPUS[name]?.()
    for (const path of ['/v1/users/me', '/v1/products', '/v1/admin/staff']) {
      const answer = await shop.get(path, { Authorization: `Bearer ${token}` })
      expect([path, answer.status, answer.body?.code]).toEqual([path, 401, 'token_invalid'])
      expect(answer.headers.get('WWW-Authenticate')).toBe(challenge('error="invalid_token"'))
      expect(answer.headers.get('Cache-Control')).toBe('no-store')
    }
  })

  test.each([
    '',
    'Bearer',
    'Bearer ',
    'Basic YTpi',
    'bearer: x',
    'Bearer a b',
    'Digest x="y"',
    'Bearer \u00e9.a.b',
  ])('Authorization: "%s"', async header => {
    const answer = await shop.get('/v1/products', { Authorization: header })
    expect(answer.status).toBe(401)
  })

  test('two tokens in one header', async () => {
    const { Authorization } = person.auth
    const answer = await shop.get('/v1/users/me', { Authorization: `${Authorization}, ${Authorization}` })
    expect(answer.status).toBe(401)
  })
})

describe('keys', () => {
  const key = (kid: string, from: string, until: string, jwk = KEY) => ({
    ...jwk,
    kid,
    created_at: '2026-01-01T00:00:00Z',
    active_at: from,
    retire_at: until,
  })

  test('a rotation fails no live token, the new key signs at once, and a retired one is refused', async () => {
    const { privateKey } = await generateKeyPair('ES256', { extractable: true })
    const { kty, crv, x, y, d } = await exportJWK(privateKey)
    const old = key('old', '2026-01-01T00:00:00Z', '2026-11-22T12:30:00Z')
    const next = key('next', '2026-11-22T12:10:00Z', '2027-11-22T12:00:00Z', { kty, crv, x, y, d })
    const own = await openShop({ env: { SIGNING_KEYS: JSON.stringify([next, old]) } })
    const kidOf = (token: string) => JSON.parse(atob(token.split('.')[0] ?? '')).kid
    own.advance(9 * 60_000)
    const before = await aPerson(own)
    expect(kidOf(before.tokens.access_token)).toBe('old')
    own.advance(60_000)
    const after = await aPerson(own)
    expect(kidOf(after.tokens.access_token)).toBe('next')
    own.advance(13 * 60_000)
    expect((await own.get('/v1/users/me', before.auth)).status).toBe(200)
    // Within its 15 minutes, but the key is gone.
    const retired = await openShop({
      env: { SIGNING_KEYS: JSON.stringify([key('old', '2026-01-01T00:00:00Z', '2026-11-22T12:01:00Z')]) },
    })
    const late = await aPerson(retired)
    retired.advance(60_000)
    expect((await retired.get('/v1/users/me', late.auth)).status).toBe(401)
  })

  test('without an active key nobody logs in, and the answer is 503, not 500', async () => {
    const own = await openShop({ env: { SIGNING_KEYS: '[]' } })
    await expect(aPerson(own)).rejects.toThrow('503')
  })
})
