// RFC 9449: tokens bound to a key (DPoP).

import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  type AClient,
  aCode,
  anApp,
  aService,
  bearer,
  claimsOf,
  expectOAuthError,
  ISSUER,
  postForm,
  redeem,
  refreshWith,
} from '../support/apps.ts'
import { aPerson, type Person } from '../support/people.ts'
import { type Answer, openShop, type TestShop } from '../support/shop.ts'
import {
  aKeyPair,
  aNonce,
  aProof,
  digestOf,
  type KeyPair,
  type ProofParts,
  seconds,
} from '../support/signing.ts'

const PATH = '/v1/admin/staff'
const URL_OF_IT = `${ISSUER}${PATH}`
let shop: TestShop
let person: Person
let key: KeyPair
let service: AClient
let nonce: string
beforeAll(async () => {
  shop = await openShop()
  person = await aPerson(shop)
  key = await aKeyPair()
  service = await aService(shop)
  nonce = await aNonce(shop, key, service.basic)
})

const ask = async (parts: ProofParts = {}, by = key, headers: Record<string, string> = {}): Promise<Answer> =>
  postForm(
    shop,
    '/oauth/token',
    { grant_type: 'client_credentials' },
    { ...service.basic, DPoP: await aProof(shop, by, { nonce, ...parts }), ...headers },
  )
const boundToken = async (): Promise<string> => (await ask()).body.access_token
const read = async (token: string, parts: ProofParts = {}, by = key, path = PATH): Promise<Answer> =>
  shop.get(path, {
    Authorization: `DPoP ${token}`,
    DPoP: await aProof(shop, by, { method: 'GET', url: URL_OF_IT, token, nonce, ...parts }),
  })

/** What is wrong with a proof, whichever endpoint it goes to. */
const WRONG: Record<string, () => ProofParts | Promise<ProofParts>> = {
  'another method': () => ({ method: 'DELETE' }),
  'a method in another case': () => ({ claims: { htm: 'post' } }),
  'another path': () => ({ url: `${ISSUER}/other` }),
  'another host': () => ({ url: 'https://other.example/oauth/token' }),
  'another scheme': () => ({ url: 'http://shop.example/oauth/token' }),
  'no htm': () => ({ claims: { htm: undefined } }),
  'no htu': () => ({ claims: { htu: undefined } }),
  'an htu that is no address': () => ({ claims: { htu: 'x' } }),
  'no iat': () => ({ claims: { iat: undefined } }),
  'an iat of long ago': () => ({ claims: { iat: seconds(shop) - 121 } }),
  'an iat to come': () => ({ claims: { iat: seconds(shop) + 121 } }),
  'an iat that is text': () => ({ claims: { iat: String(seconds(shop)) } }),
  'no jti': () => ({ claims: { jti: undefined } }),
  'an endless jti': () => ({ claims: { jti: 'x'.repeat(300) } }),
  'typ JWT': () => ({ header: { typ: 'JWT' } }),
  'no key': () => ({ header: { jwk: undefined } }),
  'the key of another': async () => ({ header: { jwk: (await aKeyPair()).jwk } }),
  'a private key': () => ({ header: { jwk: { ...key.jwk, d: key.jwk.x } } }),
  'a symmetric key': () => ({ header: { jwk: { kty: 'oct', k: 'AAAA' } } }),
}

describe('a token request (§5)', () => {
  test('with a proof gives a token that is bound to its key', async () => {
    const answer = await ask()
    expect([answer.status, answer.body.token_type], answer.text).toEqual([200, 'DPoP'])
    expect(claimsOf(answer.body.access_token).cnf).toEqual({ jkt: key.jkt })
    const about = await postForm(
      shop,
      '/oauth/introspect',
      { token: answer.body.access_token },
      service.basic,
    )
    expect(about.body).toMatchObject({ active: true, token_type: 'DPoP', cnf: { jkt: key.jkt } })
  })

  test.each(Object.keys(WRONG))('is refused for a proof with %s', async name => {
    expectOAuthError(await ask(await WRONG[name]?.()), 'invalid_dpop_proof')
  })

  test('is refused for a proof that was used before, also when 20 come at once (§11.1)', async () => {
    const DPoP = await aProof(shop, key, { nonce })
    const again = () =>
      postForm(shop, '/oauth/token', { grant_type: 'client_credentials' }, { ...service.basic, DPoP })
    const answers = await Promise.all(Array.from({ length: 20 }, again))
    expect(answers.filter(answer => answer.status === 200)).toHaveLength(1)
    expectOAuthError(await again(), 'invalid_dpop_proof')
  })

  test.each(['', 'x', 'a.b.c', 'x'.repeat(5000)])('is refused for what is no proof: "%.9s"', async DPoP => {
    const answer = await postForm(
      shop,
      '/oauth/token',
      { grant_type: 'client_credentials' },
      { ...service.basic, DPoP },
    )
    expectOAuthError(answer, 'invalid_dpop_proof')
  })

  test('is refused for two proofs (§4.3)', async () => {
    const two = `${await aProof(shop, key, { nonce })}, ${await aProof(shop, key, { nonce })}`
    expectOAuthError(await ask({}, key, { DPoP: two }), 'invalid_dpop_proof')
  })

  test.each(['ES384', 'RS256', 'EdDSA'])('is refused for a proof by %s', async alg => {
    const pair = await generateKeyPair(alg, { extractable: true })
    const { kty, crv, x, y, n, e } = await exportJWK(pair.publicKey)
    const proof = await new SignJWT({
      jti: crypto.randomUUID(),
      htm: 'POST',
      htu: `${ISSUER}/oauth/token`,
      iat: seconds(shop),
      nonce,
    })
      .setProtectedHeader({ alg, typ: 'dpop+jwt', jwk: JSON.parse(JSON.stringify({ kty, crv, x, y, n, e })) })
      .sign(pair.privateKey)
    expectOAuthError(await ask({}, key, { DPoP: proof }), 'invalid_dpop_proof')
  })

  test('wants a nonce of ours, and gives one; it lasts 5 minutes at least and 10 at most (§8)', async () => {
    const own = await openShop()
    const client = await aService(own)
    const send = async (given?: string) =>
      postForm(
        own,
        '/oauth/token',
        { grant_type: 'client_credentials' },
        { ...client.basic, DPoP: await aProof(own, key, { nonce: given }) },
      )
    const refusal = await send()
    expectOAuthError(refusal, 'use_dpop_nonce')
    const fresh = refusal.headers.get('DPoP-Nonce') ?? ''
    expect(fresh).toMatch(/^[0-9a-f]{32}$/)
    expectOAuthError(await send('0'.repeat(32)), 'use_dpop_nonce')
    expect((await send(fresh)).status).toBe(200)
    own.advance(5 * 60_000)
    expect((await send(fresh)).status).toBe(200)
    own.advance(5 * 60_000)
    expectOAuthError(await send(fresh), 'use_dpop_nonce')
  })

  test('needs a proof where the client was registered so (§5.2)', async () => {
    const strict = await aService(shop, ['staff:read'], { is_dpop_required: true })
    const without = await postForm(shop, '/oauth/token', { grant_type: 'client_credentials' }, strict.basic)
    expectOAuthError(without, 'invalid_dpop_proof')
  })
})

describe('a bound token at the API (§7)', () => {
  test('opens it with a proof for this very request', async () => {
    const token = await boundToken()
    expect((await read(token)).status).toBe(200)
    expect((await read(token, {}, key, `${PATH}?limit=1`)).status).toBe(200)
    expect((await read(token, { url: `${URL_OF_IT}?limit=2#x` }, key, `${PATH}?limit=1`)).status).toBe(200)
  })

  test('is no bearer token, and a bearer token is not bound', async () => {
    const token = await boundToken()
    expect((await shop.get(PATH, bearer(token))).status).toBe(401)
    const DPoP = await aProof(shop, key, { method: 'GET', url: URL_OF_IT, token, nonce })
    expect((await shop.get(PATH, { ...bearer(token), DPoP })).status).toBe(401)
    const plain = (await postForm(shop, '/oauth/token', { grant_type: 'client_credentials' }, service.basic))
      .body.access_token
    expect((await shop.get(PATH, bearer(plain))).status).toBe(200)
    expect((await read(plain)).status).toBe(401)
  })

  test.each(Object.keys(WRONG))('is refused for a proof with %s', async name => {
    const answer = await read(await boundToken(), await WRONG[name]?.())
    expect([answer.status, answer.body.code]).toEqual([401, 'token_invalid'])
    expect(answer.headers.get('WWW-Authenticate')).toMatch(/^DPoP error="invalid_dpop_proof", algs="ES256"/)
  })

  test('is refused without a proof, by another key, and for another token', async () => {
    const [token, other] = [await boundToken(), await boundToken()]
    expect((await shop.get(PATH, { Authorization: `DPoP ${token}` })).status).toBe(401)
    expect((await read(token, {}, await aKeyPair())).status).toBe(401)
    expect((await read(token, { claims: { ath: await digestOf(other) } })).status).toBe(401)
    expect((await read(token, { claims: { ath: undefined } })).status).toBe(401)
  })

  test('is refused for a proof that was used before, also on another route', async () => {
    const token = await boundToken()
    const jti = crypto.randomUUID()
    expect((await read(token, { claims: { jti } })).status).toBe(200)
    expect((await read(token, { claims: { jti } })).status).toBe(401)
    const url = `${ISSUER}/v1/products`
    expect((await read(token, { claims: { jti }, url }, key, '/v1/products')).status).toBe(401)
  })

  test('wants a nonce of ours, and gives one (§9)', async () => {
    const token = await boundToken()
    const answer = await read(token, { nonce: 'x' })
    expect(answer.status).toBe(401)
    expect(answer.headers.get('WWW-Authenticate')).toMatch(/^DPoP error="use_dpop_nonce"/)
    const fresh = answer.headers.get('DPoP-Nonce') ?? ''
    expect((await read(token, { nonce: fresh })).status).toBe(200)
  })
})

describe('an app without a secret', () => {
  let spa: AClient
  beforeAll(async () => {
    spa = await anApp(shop, { auth_method: 'none' })
  })
  const scope = 'openid offline_access me:orders'
  const proof = async (by = key) => ({ DPoP: await aProof(shop, by, { nonce }) })

  test('gets refresh tokens that are bound to its key (§5)', async () => {
    const tokens = (await redeem(shop, spa, await aCode(shop, person, spa, { scope }), {}, await proof()))
      .body
    const refresh = async (headers: Record<string, string>) =>
      postForm(
        shop,
        '/oauth/token',
        { grant_type: 'refresh_token', refresh_token: tokens.refresh_token, client_id: spa.id },
        headers,
      )
    expectOAuthError(await refreshWith(shop, spa, tokens.refresh_token), 'invalid_grant')
    expectOAuthError(await refresh(await proof(await aKeyPair())), 'invalid_grant')
    const fresh = await refresh(await proof())
    expect([fresh.status, fresh.body.token_type]).toEqual([200, 'DPoP'])
  })

  test('can bind its code to its key beforehand (§10)', async () => {
    const code = await aCode(shop, person, spa, { scope, dpop_jkt: key.jkt })
    expectOAuthError(await redeem(shop, spa, code), 'invalid_grant')
    expectOAuthError(await redeem(shop, spa, code, {}, await proof(await aKeyPair())), 'invalid_grant')
    expect((await redeem(shop, spa, code, {}, await proof())).status).toBe(200)
  })
})

test('what was used once is forgotten when it is over, and counts until then', async () => {
  const own = await openShop()
  const client = await aService(own)
  const given = await aNonce(own, key, client.basic)
  const DPoP = await aProof(own, key, { nonce: given })
  const send = () =>
    postForm(own, '/oauth/token', { grant_type: 'client_credentials' }, { ...client.basic, DPoP })
  expect((await send()).status).toBe(200)
  own.advance(119_000)
  await own.sweep()
  expectOAuthError(await send(), 'invalid_dpop_proof')
})
