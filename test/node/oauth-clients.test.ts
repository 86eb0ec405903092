// Clients that others wrote, from npm, run every grant against the app over real HTTP, knowing nothing but its issuer.

import { serve } from '@hono/node-server'
import { exportJWK, generateKeyPair } from 'jose'
import * as oauth from 'oauth4webapi'
import * as oidc from 'openid-client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createApp } from '../../src/app.ts'
import { createAccessTokens } from '../../src/features/auth/access-token.ts'
import { checkProof } from '../../src/features/oauth/proofs.ts'
import { currentRights } from '../../src/features/oauth/rights.ts'
import { type Clock, systemClock } from '../../src/lib/clock.ts'
import { type AClient, anApp, aService, bearer } from '../support/apps.ts'
import { aPerson, type Person } from '../support/people.ts'
import { openShop, type TestShop } from '../support/shop.ts'

const CALLBACK = 'http://127.0.0.1:9499/callback'
const SCOPE = 'openid profile email offline_access me:read me:orders'
let server: ReturnType<typeof serve>
let issuer: URL
let shop: TestShop
let person: Person
const clients = {} as Record<'confidential' | 'spa' | 'signing' | 'service' | 'signingService', AClient>
let keys: CryptoKeyPair

beforeAll(async () => {
  let answer: (request: Request) => Response | Promise<Response> = () => new Response(null, { status: 503 })
  const port = await new Promise<number>(resolve => {
    server = serve({ fetch: request => answer(request), port: 0, hostname: '127.0.0.1' }, info =>
      resolve(info.port),
    )
  })
  issuer = new URL(`http://127.0.0.1:${port}`)
  const clock: Clock = systemClock
  const base = await openShop({ env: { PUBLIC_URL: issuer.origin } })
  const { config, db } = base.deps
  shop = await openShop({
    env: { PUBLIC_URL: issuer.origin },
    file: null,
    deps: {
      clock,
      accessTokens: createAccessTokens(config.SIGNING_KEYS, config.PUBLIC_URL, clock),
      currentPermissions: caller => currentRights({ db, clock }, caller),
      checkProof: request => checkProof({ db, clock, config }, request),
    },
  })
  const app = createApp(shop.deps)
  answer = request => app.fetch(request)
  person = await aPerson(shop)
  keys = await generateKeyPair('ES256', { extractable: true })
  const { kty, crv, x, y } = await exportJWK(keys.publicKey)
  const signed = { auth_method: 'private_key_jwt', keys: [{ kty, crv, x, y }] }
  const ofApps = { redirect_uris: ['http://127.0.0.1/callback'], scopes: SCOPE.split(' ') }
  clients.confidential = await anApp(shop, ofApps)
  clients.spa = await anApp(shop, { ...ofApps, auth_method: 'none' })
  clients.signing = await anApp(shop, { ...ofApps, ...signed })
  clients.service = await aService(shop, ['staff:read', 'clients:read'])
  clients.signingService = await aService(shop, ['staff:read'], signed)
})
afterAll(() => new Promise<void>(resolve => server.close(() => resolve())))

/** A person with a browser: follows the pages of an authorization to the app's callback. */
async function allowInBrowser(url: URL): Promise<URL> {
  const jar = new Map<string, string>()
  const send = async (target: URL | string, form?: Record<string, string>) => {
    const response = await fetch(target, {
      method: form ? 'POST' : 'GET',
      body: form && new URLSearchParams(form),
      headers: { Cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') },
      redirect: 'manual',
    })
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      jar.set(name, value)
    }
    return response.text()
  }
  const ticketIn = (page: string) => /name="ticket" value="([^"]+)"/.exec(page)?.[1] ?? ''
  const login = await send(url)
  const consent = await send(`${issuer.origin}/oauth/authorize/login`, {
    ticket: ticketIn(login),
    email: person.email,
    password: person.password,
  })
  const last = await send(`${issuer.origin}/oauth/authorize/decision`, {
    ticket: ticketIn(consent),
    decision: 'allow',
  })
  return new URL((/content="0;url=([^"]+)"/.exec(last)?.[1] ?? '').replaceAll('&amp;', '&'))
}

const orders = (token: string) =>
  fetch(`${issuer.origin}/v1/users/me/orders`, { headers: bearer(token) }).then(response => response.status)

type AppName = 'confidential' | 'spa' | 'signing'
const APPS: AppName[] = ['confidential', 'spa', 'signing']

describe('openid-client', () => {
  const auth = (name: keyof typeof clients): oidc.ClientAuth =>
    name === 'spa'
      ? oidc.None()
      : name.startsWith('signing')
        ? oidc.PrivateKeyJwt(keys.privateKey)
        : oidc.ClientSecretBasic(clients[name].secret ?? '')
  const discover = (name: keyof typeof clients, algorithm: 'oidc' | 'oauth2' = 'oidc') =>
    oidc.discovery(issuer, clients[name].id, undefined, auth(name), {
      execute: [oidc.allowInsecureRequests],
      algorithm,
    })

  test.each(APPS)(
    'a %s app: code with PKCE and nonce, userinfo, refresh, introspection, revocation',
    async name => {
      const config = await discover(name)
      const code_verifier = oidc.randomPKCECodeVerifier()
      const [state, nonce] = [oidc.randomState(), oidc.randomNonce()]
      const url = oidc.buildAuthorizationUrl(config, {
        redirect_uri: CALLBACK,
        scope: SCOPE,
        code_challenge: await oidc.calculatePKCECodeChallenge(code_verifier),
        code_challenge_method: 'S256',
        state,
        nonce,
        max_age: '600',
      })
      const tokens = await oidc.authorizationCodeGrant(config, await allowInBrowser(url), {
        pkceCodeVerifier: code_verifier,
        expectedState: state,
        expectedNonce: nonce,
        maxAge: 600,
        idTokenExpected: true,
      })
      expect(tokens.claims()?.sub).toBe(person.id)
      expect(await oidc.fetchUserInfo(config, tokens.access_token, person.id)).toMatchObject({
        email: person.email,
        email_verified: true,
        name: 'Ada Lovelace',
      })
      expect(await orders(tokens.access_token)).toBe(200)

      const fresh = await oidc.refreshTokenGrant(config, tokens.refresh_token ?? '')
      expect(fresh.refresh_token).not.toBe(tokens.refresh_token)
      expect(await orders(fresh.access_token)).toBe(200)
      if (name !== 'spa') {
        expect(await oidc.tokenIntrospection(config, fresh.access_token)).toMatchObject({
          active: true,
          sub: person.id,
          client_id: clients[name].id,
        })
      }
      await oidc.tokenRevocation(config, fresh.refresh_token ?? '')
      expect(await orders(fresh.access_token)).toBe(401)
      await expect(oidc.refreshTokenGrant(config, fresh.refresh_token ?? '')).rejects.toMatchObject({
        error: 'invalid_grant',
      })
    },
  )

  test.each(['service', 'signingService'] as const)('a %s: client credentials', async name => {
    const config = await discover(name, 'oauth2')
    const tokens = await oidc.clientCredentialsGrant(config, { scope: 'staff:read' })
    const answer = await oidc.fetchProtectedResource(
      config,
      tokens.access_token,
      new URL('/v1/admin/staff', issuer),
      'GET',
    )
    expect([answer.status, tokens.scope]).toEqual([200, 'staff:read'])
  })

  test('DPoP: code, resource, refresh, with the server’s nonces', async () => {
    const config = await discover('spa')
    const dpop = oidc.getDPoPHandle(config, await oidc.randomDPoPKeyPair('ES256'))
    const code_verifier = oidc.randomPKCECodeVerifier()
    const url = oidc.buildAuthorizationUrl(config, {
      redirect_uri: CALLBACK,
      scope: SCOPE,
      code_challenge: await oidc.calculatePKCECodeChallenge(code_verifier),
      code_challenge_method: 'S256',
      dpop_jkt: await dpop.calculateThumbprint(),
    })
    const back = await allowInBrowser(url)
    const tokens = await oidc.authorizationCodeGrant(
      config,
      back,
      { pkceCodeVerifier: code_verifier, idTokenExpected: true },
      undefined,
      { DPoP: dpop },
    )
    expect(tokens.token_type).toBe('dpop')
    const url2 = new URL('/v1/users/me/orders?limit=5', issuer)
    const read = (token: string) =>
      oidc.fetchProtectedResource(config, token, url2, 'GET', undefined, undefined, { DPoP: dpop })
    expect((await read(tokens.access_token)).status).toBe(200)
    expect(await orders(tokens.access_token)).toBe(401)
    const fresh = await oidc.refreshTokenGrant(config, tokens.refresh_token ?? '', undefined, { DPoP: dpop })
    expect((await read(fresh.access_token)).status).toBe(200)
  })
})

describe('oauth4webapi', () => {
  const insecure = { [oauth.allowInsecureRequests]: true }
  const discover = async (algorithm: 'oidc' | 'oauth2') =>
    oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, { algorithm, ...insecure }))
  const auth = (name: keyof typeof clients): oauth.ClientAuth =>
    name === 'spa'
      ? oauth.None()
      : name.startsWith('signing')
        ? oauth.PrivateKeyJwt(keys.privateKey)
        : oauth.ClientSecretBasic(clients[name].secret ?? '')

  test.each(APPS)(
    'a %s app, from the metadata of RFC 8414: code, userinfo, refresh, introspection, revocation',
    async name => {
      const as = await discover('oauth2')
      const client: oauth.Client = { client_id: clients[name].id }
      const verifier = oauth.generateRandomCodeVerifier()
      const [state, nonce] = [oauth.generateRandomState(), oauth.generateRandomNonce()]
      const url = new URL(as.authorization_endpoint ?? '')
      url.search = new URLSearchParams({
        client_id: client.client_id,
        redirect_uri: CALLBACK,
        response_type: 'code',
        scope: SCOPE,
        code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        state,
        nonce,
      }).toString()
      // Checks `iss` (RFC 9207), because the metadata promises it.
      const parameters = oauth.validateAuthResponse(as, client, await allowInBrowser(url), state)
      const answer = await oauth.authorizationCodeGrantRequest(
        as,
        client,
        auth(name),
        parameters,
        CALLBACK,
        verifier,
        insecure,
      )
      const tokens = await oauth.processAuthorizationCodeResponse(as, client, answer, {
        expectedNonce: nonce,
        requireIdToken: true,
      })
      await oauth.validateApplicationLevelSignature(as, answer, insecure)
      const sub = oauth.getValidatedIdTokenClaims(tokens)?.sub ?? ''
      const info = await oauth.userInfoRequest(as, client, tokens.access_token, insecure)
      expect((await oauth.processUserInfoResponse(as, client, sub, info)).email).toBe(person.email)

      const refreshed = await oauth.processRefreshTokenResponse(
        as,
        client,
        await oauth.refreshTokenGrantRequest(as, client, auth(name), tokens.refresh_token ?? '', insecure),
      )
      expect(await orders(refreshed.access_token)).toBe(200)
      if (name !== 'spa') {
        const asked = await oauth.introspectionRequest(
          as,
          client,
          auth(name),
          refreshed.access_token,
          insecure,
        )
        expect((await oauth.processIntrospectionResponse(as, client, asked)).active).toBe(true)
      }
      await oauth.processRevocationResponse(
        await oauth.revocationRequest(as, client, auth(name), refreshed.refresh_token ?? '', insecure),
      )
      expect(await orders(refreshed.access_token)).toBe(401)
    },
  )

  test.each(['service', 'signingService'] as const)('a %s: client credentials', async name => {
    const as = await discover('oidc')
    const client: oauth.Client = { client_id: clients[name].id }
    const parameters = new URLSearchParams({ scope: 'staff:read' })
    const answer = await oauth.clientCredentialsGrantRequest(as, client, auth(name), parameters, insecure)
    const tokens = await oauth.processClientCredentialsResponse(as, client, answer)
    const staff = await oauth.protectedResourceRequest(
      tokens.access_token,
      'GET',
      new URL('/v1/admin/staff', issuer),
      undefined,
      undefined,
      insecure,
    )
    expect(staff.status).toBe(200)
    // RFC 9068, as a resource server of somebody else's would judge the token.
    const judged = await oauth.validateJwtAccessToken(
      as,
      new Request(new URL('/x', issuer), { headers: bearer(tokens.access_token) }),
      issuer.origin,
      insecure,
    )
    expect(judged).toMatchObject({ sub: client.client_id, client_id: client.client_id, scope: 'staff:read' })
  })

  test('a resource leads to its authorization server (RFC 9728)', async () => {
    const refusal = await fetch(`${issuer.origin}/v1/users/me`)
    const named = /resource_metadata="([^"]+)"/.exec(refusal.headers.get('WWW-Authenticate') ?? '')?.[1]
    expect(named).toBe(`${issuer.origin}/.well-known/oauth-protected-resource`)
    const found = await oauth.resourceDiscoveryRequest(issuer, insecure)
    const resource = await oauth.processResourceDiscoveryResponse(issuer, found)
    expect(resource.authorization_servers).toEqual([issuer.origin])
  })
})
