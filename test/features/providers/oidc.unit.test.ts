// What an outside provider may say: every way in which an ID token, its keys or its documents can be wrong, one by one.

import { exportJWK, generateKeyPair, type JWTHeaderParameters, SignJWT } from 'jose'
import { beforeAll, describe, expect, test } from 'vitest'
import { isFetchable } from '../../../src/features/providers/fetch-document.ts'
import { oidcProvider } from '../../../src/features/providers/oidc.ts'
import { DomainError } from '../../../src/lib/errors.ts'
import { type ProviderConfig, ProviderConfigs } from '../../../src/lib/provider-config.ts'

const ISSUER = 'https://id.example'
const NOW = Date.UTC(2026, 10, 22, 12)
const SECONDS = NOW / 1000
const CONFIG: ProviderConfig = {
  id: 'acme',
  name: 'Acme ID',
  issuer: ISSUER,
  client_id: 'shop',
  client_secret: 'a secret: with % & signs',
  auth_method: 'client_secret_basic',
  scope: 'openid email profile',
  algorithms: ['ES256', 'RS256'],
}
const METADATA = {
  issuer: ISSUER,
  authorization_endpoint: `${ISSUER}/authorize?tenant=1`,
  token_endpoint: `${ISSUER}/token`,
  jwks_uri: `${ISSUER}/jwks`,
  userinfo_endpoint: `${ISSUER}/userinfo`,
}
const CLAIMS = {
  iss: ISSUER,
  sub: 'sub-1',
  aud: 'shop',
  iat: SECONDS,
  exp: SECONDS + 300,
  nonce: 'the nonce',
  email: 'Ada@Example.com',
  email_verified: true,
}

type Pair = Awaited<ReturnType<typeof generateKeyPair>>
let key: Pair
let otherKey: Pair
beforeAll(async () => {
  key = await generateKeyPair('ES256', { extractable: true })
  otherKey = await generateKeyPair('ES256', { extractable: true })
})

const jwksOf = async (pair: Pair, kid: string) => ({
  keys: [{ ...(await exportJWK(pair.publicKey)), kid, alg: 'ES256', use: 'sig' }],
})
const sign = (claims: object, header: Partial<JWTHeaderParameters> = {}, by = key.privateKey) =>
  new SignJWT({ ...claims }).setProtectedHeader({ alg: 'ES256', kid: 'k1', ...header }).sign(by)

type Documents = Record<string, unknown>
interface World {
  provider: ReturnType<typeof oidcProvider>
  calls: { path: string; init: RequestInit | undefined }[]
  documents: Documents
  advance(ms: number): void
}

/** A provider whose documents are given; a function answers by itself. */
async function aWorld(documents: Documents = {}, config: Partial<ProviderConfig> = {}): Promise<World> {
  let now = NOW
  const calls: World['calls'] = []
  const served: Documents = {
    '/.well-known/openid-configuration': METADATA,
    '/jwks': await jwksOf(key, 'k1'),
    '/token': { id_token: await sign(CLAIMS), access_token: 'at', token_type: 'Bearer' },
    ...documents,
  }
  const answer = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    const path = new URL(String(input)).pathname
    calls.push({ path, init })
    const document = served[path]
    if (document instanceof Function) return document()
    return document === undefined ? new Response('nothing', { status: 404 }) : Response.json(document)
  }
  const provider = oidcProvider({ ...CONFIG, ...config }, 'https://store.example/account', {
    fetch: answer as typeof fetch,
    clock: () => now,
    allowsLoopback: false,
    timeout: () => new AbortController().signal,
    log: () => {},
  })
  const advance = (ms: number) => {
    now += ms
  }
  return { provider, calls, documents: served, advance }
}

const redeem = ({ provider }: World, more: object = {}) =>
  provider.redeem({ code: 'c', nonce: 'the nonce', code_verifier: 'v', ...more })

/** The code of the problem that some work ends in. */
async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work
  } catch (error) {
    if (error instanceof DomainError) return error.kind.code
    throw error
  }
  return 'accepted'
}
const withToken = async (id_token: unknown) =>
  codeOf(redeem(await aWorld({ '/token': { id_token, access_token: 'at', token_type: 'Bearer' } })))

describe('an ID token', () => {
  test('that holds says who it is, with the email in lower case', async () => {
    expect(await redeem(await aWorld())).toEqual({
      provider: 'acme',
      issuer: ISSUER,
      subject: 'sub-1',
      verified_email: 'ada@example.com',
      name: null,
    })
  })

  test.each<[string, Record<string, unknown>]>([
    ['another issuer', { iss: 'https://evil.example' }],
    ['an issuer with a slash more', { iss: `${ISSUER}/` }],
    ['no issuer', { iss: undefined }],
    ['another audience', { aud: 'other' }],
    ['no audience', { aud: undefined }],
    ['several audiences and no azp', { aud: ['shop', 'other'] }],
    ['several audiences and another azp', { aud: ['shop', 'other'], azp: 'other' }],
    ['one audience and another azp', { azp: 'other' }],
    ['audiences without the shop', { aud: ['x', 'y'], azp: 'shop' }],
    ['its end in the past', { exp: SECONDS - 61 }],
    ['no end', { exp: undefined }],
    ['an end that is text', { exp: String(SECONDS + 300) }],
    ['a beginning in the future', { nbf: SECONDS + 120 }],
    ['its making in the future', { iat: SECONDS + 120 }],
    ['its making long ago', { iat: SECONDS - 700 }],
    ['no time of making', { iat: undefined }],
    ['another nonce', { nonce: 'another' }],
    ['no nonce', { nonce: undefined }],
    ['a nonce that is no text', { nonce: ['the nonce'] }],
    ['no subject', { sub: undefined }],
    ['an empty subject', { sub: '' }],
    ['a subject that is a number', { sub: 1 }],
    ['a subject of 256 characters', { sub: 'x'.repeat(256) }],
  ])('with %s is refused', async (_, claims) => {
    expect(await withToken(await sign({ ...CLAIMS, ...claims }))).toBe('provider_refused')
  })

  test('with several audiences and the shop as azp is taken', async () => {
    expect(await withToken(await sign({ ...CLAIMS, aud: ['other', 'shop'], azp: 'shop' }))).toBe('accepted')
  })

  test('signed by another key under the known name is refused', async () => {
    expect(await withToken(await sign(CLAIMS, {}, otherKey.privateKey))).toBe('provider_refused')
  })

  test.each(['at+jwt', 'logout+jwt', 'application/at+jwt', 'secevent+jwt'])(
    'of the type %s is refused',
    async typ => {
      expect(await withToken(await sign(CLAIMS, { typ }))).toBe('provider_refused')
    },
  )

  test.each(['none', 'None', 'NONE', 'HS256', 'HS512'])('with the algorithm %s is refused', async alg => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const body = part(CLAIMS)
    for (const signature of ['', 'AAAA']) {
      expect(await withToken(`${part({ alg, kid: 'k1' })}.${body}.${signature}`)).toBe('provider_refused')
    }
  })

  test('signed with the client’s secret or the public key as a shared secret is refused', async () => {
    const publicJwk = JSON.stringify(await exportJWK(key.publicKey))
    for (const secret of [CONFIG.client_secret ?? '', publicJwk]) {
      const token = await new SignJWT({ ...CLAIMS })
        .setProtectedHeader({ alg: 'HS256', kid: 'k1' })
        .sign(new TextEncoder().encode(secret.padEnd(32, ' ')))
      expect(await withToken(token)).toBe('provider_refused')
    }
  })

  test('with a shared secret in the key document is refused: such keys are not read', async () => {
    const secret = new TextEncoder().encode('x'.repeat(32))
    const token = await new SignJWT({ ...CLAIMS }).setProtectedHeader({ alg: 'HS256', kid: 'h' }).sign(secret)
    const world = await aWorld({
      '/jwks': { keys: [{ kty: 'oct', kid: 'h', k: Buffer.from(secret).toString('base64url') }] },
      '/token': { id_token: token, access_token: 'at', token_type: 'Bearer' },
    })
    expect(await codeOf(redeem(world))).toBe('provider_refused')
  })

  test('of an algorithm that the configuration does not list is refused, though the key is there', async () => {
    const world = await aWorld({}, { algorithms: ['RS256'] })
    expect(await codeOf(redeem(world))).toBe('provider_refused')
  })

  test.each([undefined, null, 1, '', 'x', 'a.b.c', '..', {}, 'x'.repeat(20_000)])(
    'that is %s is refused',
    async token => {
      expect(await withToken(token)).toBe('provider_refused')
    },
  )

  test('with unknown critical headers is refused', async () => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const [, body = '', signature = ''] = (await sign(CLAIMS)).split('.')
    const head = part({ alg: 'ES256', kid: 'k1', crit: ['x'], x: 1 })
    expect(await withToken(`${head}.${body}.${signature}`)).toBe('provider_refused')
  })

  test.each([
    ['verified by a word', { email_verified: 'true' }],
    ['verified by a number', { email_verified: 1 }],
    ['not verified', { email_verified: false }],
    ['of which nothing is said', { email_verified: undefined }],
    ['that is none', { email: 'x' }],
  ])('with an email %s names no verified email', async (_, claims) => {
    const id_token = await sign({ ...CLAIMS, ...claims })
    const world = await aWorld({
      '/token': { id_token, access_token: 'at', token_type: 'Bearer' },
      '/userinfo': { sub: 'sub-1' },
    })
    expect((await redeem(world)).verified_email).toBeNull()
  })
})

describe('the user info', () => {
  const withInfo = async (info: unknown) => {
    const id_token = await sign({ ...CLAIMS, email: undefined })
    return aWorld({ '/token': { id_token, access_token: 'at', token_type: 'Bearer' }, '/userinfo': info })
  }

  test('is asked for the email when the ID token has none', async () => {
    const world = await withInfo({ sub: 'sub-1', email: 'a@b.example', email_verified: true, name: 'Ada' })
    expect(await redeem(world)).toMatchObject({ verified_email: 'a@b.example', name: 'Ada' })
    const headers = new Headers(world.calls.at(-1)?.init?.headers)
    expect(headers.get('Authorization')).toBe('Bearer at')
  })

  test('about somebody else is refused', async () => {
    const world = await withInfo({ sub: 'sub-2', email: 'a@b.example', email_verified: true })
    expect(await codeOf(redeem(world))).toBe('provider_refused')
  })

  test('that is an error is refused', async () => {
    const world = await withInfo(() => Response.json({ error: 'invalid_token' }, { status: 401 }))
    expect(await codeOf(redeem(world))).toBe('provider_refused')
  })
})

describe('keys', () => {
  test('are fetched once for many logins', async () => {
    const world = await aWorld()
    for (let i = 0; i < 5; i++) await redeem(world)
    expect(world.calls.filter(({ path }) => path === '/jwks')).toHaveLength(1)
    expect(world.calls.filter(({ path }) => path.startsWith('/.well-known'))).toHaveLength(1)
  })

  test('that are new are found, but 50 tokens with unknown names cause one fetch in 30 seconds', async () => {
    const world = await aWorld()
    await redeem(world)
    const id_token = await sign(CLAIMS, { kid: 'unknown' }, otherKey.privateKey)
    world.documents['/token'] = { id_token, access_token: 'at', token_type: 'Bearer' }
    const fetches = () => world.calls.filter(({ path }) => path === '/jwks').length
    for (let i = 0; i < 25; i++) expect(await codeOf(redeem(world))).toBe('provider_refused')
    expect(fetches()).toBe(1)
    world.advance(30_000)
    await Promise.all(Array.from({ length: 25 }, () => codeOf(redeem(world))))
    expect(fetches()).toBe(2)
    world.advance(30_000)
    world.documents['/jwks'] = await jwksOf(otherKey, 'unknown')
    expect(await codeOf(redeem(world))).toBe('accepted')
    expect(fetches()).toBe(3)
  })

  test('of an hour ago are fetched again, and still serve when that fails', async () => {
    const world = await aWorld()
    await redeem(world)
    world.advance(60 * 60_000)
    const later = SECONDS + 3600
    const id_token = await sign({ ...CLAIMS, iat: later, exp: later + 300 })
    world.documents['/token'] = { id_token, access_token: 'at', token_type: 'Bearer' }
    world.documents['/jwks'] = () => new Response('away', { status: 503 })
    expect(await codeOf(redeem(world))).toBe('accepted')
    expect(world.calls.filter(({ path }) => path === '/jwks')).toHaveLength(2)
  })
})

describe('a document', () => {
  const start = (world: World) =>
    codeOf(world.provider.authorizationUrl({ state: 's', nonce: 'n', code_challenge: 'c' }))
  const endless = () =>
    new Response(
      new ReadableStream({
        pull: controller => controller.enqueue(new Uint8Array(64 * 1024).fill(32)),
      }),
    )

  test.each<[string, unknown]>([
    ['another issuer', { ...METADATA, issuer: 'https://evil.example' }],
    ['no token endpoint', { ...METADATA, token_endpoint: undefined }],
    ['an endpoint without TLS', { ...METADATA, token_endpoint: 'http://id.example/token' }],
    ['an endpoint on this machine', { ...METADATA, jwks_uri: 'http://127.0.0.1/jwks' }],
    ['an endpoint with a password', { ...METADATA, jwks_uri: 'https://a:b@id.example/jwks' }],
    ['an endpoint that is a script', { ...METADATA, authorization_endpoint: 'javascript:alert(1)' }],
    ['no JSON', () => new Response('<html>')],
    ['no end', endless],
    ['an error', () => new Response('', { status: 500 })],
    ['a redirect', () => new Response(null, { status: 302, headers: { Location: 'https://evil.example' } })],
    [
      'a failure of the network',
      () => {
        throw new TypeError('fetch failed')
      },
    ],
  ])('of metadata with %s is not taken', async (_, document) => {
    const world = await aWorld({ '/.well-known/openid-configuration': document })
    expect(await start(world)).toBe('provider_unavailable')
  })

  test('of the token endpoint that never ends, redirects or fails opens nothing', async () => {
    const redirect = () => new Response(null, { status: 307, headers: { Location: 'https://evil.example' } })
    for (const token of [endless, redirect, () => new Response('', { status: 502 })]) {
      expect(await codeOf(redeem(await aWorld({ '/token': token })))).toBe('provider_unavailable')
    }
    const refused = () => Response.json({ error: 'invalid_grant' }, { status: 400 })
    expect(await codeOf(redeem(await aWorld({ '/token': refused })))).toBe('provider_refused')
  })

  test('is fetched without following redirects, with a bound on its time', async () => {
    const world = await aWorld()
    await redeem(world)
    expect(world.calls.length).toBeGreaterThan(2)
    for (const { init } of world.calls) {
      expect(init?.redirect).toBe('manual')
      expect(init?.signal).toBeInstanceOf(AbortSignal)
    }
  })
})

describe('a request', () => {
  test('to the authorization endpoint keeps its query and has state, nonce and an S256 challenge', async () => {
    const world = await aWorld()
    const url = new URL(
      await world.provider.authorizationUrl({ state: 's', nonce: 'n', code_challenge: 'c' }),
    )
    expect(Object.fromEntries(url.searchParams)).toEqual({
      tenant: '1',
      response_type: 'code',
      client_id: 'shop',
      redirect_uri: 'https://store.example/account',
      scope: 'openid email profile',
      state: 's',
      nonce: 'n',
      code_challenge: 'c',
      code_challenge_method: 'S256',
    })
  })

  test('to the token endpoint has the verifier, and the secret form-encoded in Basic (RFC 6749 §2.3.1)', async () => {
    const world = await aWorld()
    await redeem(world)
    const sent = world.calls.find(({ path }) => path === '/token')?.init
    const body = new URLSearchParams(String(sent?.body))
    expect(Object.fromEntries(body)).toEqual({
      grant_type: 'authorization_code',
      code: 'c',
      code_verifier: 'v',
      redirect_uri: 'https://store.example/account',
    })
    const basic = new Headers(sent?.headers).get('Authorization')?.replace('Basic ', '') ?? ''
    expect(atob(basic)).toBe('shop:a+secret%3A+with+%25+%26+signs')
  })

  test('of a client without a secret names itself in the body', async () => {
    const world = await aWorld({}, { client_secret: undefined })
    await redeem(world)
    const sent = world.calls.find(({ path }) => path === '/token')?.init
    expect(new URLSearchParams(String(sent?.body)).get('client_id')).toBe('shop')
    expect(new Headers(sent?.headers).has('Authorization')).toBe(false)
  })

  test('is not sent when the answer names another issuer, or none where one is promised (RFC 9207)', async () => {
    const world = await aWorld()
    expect(await codeOf(redeem(world, { iss: 'https://evil.example' }))).toBe('provider_refused')
    expect(world.calls.some(({ path }) => path === '/token')).toBe(false)
    expect(await codeOf(redeem(world, { iss: ISSUER }))).toBe('accepted')
    const promising = await aWorld({
      '/.well-known/openid-configuration': {
        ...METADATA,
        authorization_response_iss_parameter_supported: true,
      },
    })
    expect(await codeOf(redeem(promising))).toBe('provider_refused')
  })
})

test.each([
  ['https://id.example/x', false, true],
  ['http://id.example/x', true, false],
  ['http://127.0.0.1:1/x', true, true],
  ['http://127.0.0.1:1/x', false, false],
  ['http://0x7f000001/x', true, true],
  ['http://[::1]/x', true, true],
  ['http://127.0.0.1.evil.example/x', true, false],
  ['http://localhost@evil.example/x', true, false],
  ['ftp://127.0.0.1/x', true, false],
  ['file:///etc/passwd', true, false],
  ['nonsense', true, false],
])('%s may be fetched (loopback allowed: %s): %s', (address, allowsLoopback, may) => {
  expect(isFetchable(address, { allowsLoopback })).toBe(may)
})

test.each([
  ['no JSON', 'x'],
  ['no list', '{}'],
  ['a provider without issuer', '[{"id":"a","name":"A","client_id":"x"}]'],
  ['none as an algorithm', JSON.stringify([{ ...CONFIG, algorithms: ['none'] }])],
  ['HS256 as an algorithm', JSON.stringify([{ ...CONFIG, algorithms: ['HS256'] }])],
  ['a scope without openid', JSON.stringify([{ ...CONFIG, scope: 'email' }])],
  ['an unknown setting', JSON.stringify([{ ...CONFIG, trust: true }])],
  ['an id twice', JSON.stringify([CONFIG, CONFIG])],
])('a configuration with %s is refused', (_, text) => {
  expect(ProviderConfigs.safeParse(text).success).toBe(false)
})
