// RFC 8414 and OpenID Connect Discovery: the metadata is there, may be cached, and is true.

import { beforeAll, expect, test } from 'vitest'
import { ALL_SCOPES } from '../../src/lib/scopes.ts'
import { anApp, aRequest, destinationOf, ISSUER, postForm } from '../support/apps.ts'
import { openShop, type TestShop } from '../support/shop.ts'

const PATHS = ['/.well-known/oauth-authorization-server', '/.well-known/openid-configuration']
let shop: TestShop
// biome-ignore lint/suspicious/noExplicitAny: a document of many shapes
let metadata: any
beforeAll(async () => {
  shop = await openShop()
  metadata = (await shop.get(PATHS[0] ?? '')).body
})

test('is one document under both names, for anybody, cacheable, without a database call', async () => {
  for (const path of PATHS) {
    const answer = await shop.get(path)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('Content-Type')).toContain('application/json')
    expect(answer.headers.get('Cache-Control')).toBe('public, max-age=300')
    expect(answer.body).toEqual(metadata)
    expect(await shop.countCalls(() => shop.get(path))).toBe(0)
  }
})

test('names its issuer exactly, without a slash (§3.3)', () => {
  expect(metadata.issuer).toBe(ISSUER)
})

test('has what §2 and OpenID Connect Discovery §3 require', () => {
  for (const name of [
    'issuer',
    'authorization_endpoint',
    'token_endpoint',
    'jwks_uri',
    'response_types_supported',
    'subject_types_supported',
    'id_token_signing_alg_values_supported',
    'code_challenge_methods_supported',
    'grant_types_supported',
    'token_endpoint_auth_methods_supported',
    'token_endpoint_auth_signing_alg_values_supported',
  ])
    expect(metadata[name], name).toBeTruthy()
  for (const [name, value] of Object.entries(metadata)) {
    expect(value === null || (Array.isArray(value) && value.length === 0), name).toBe(false)
  }
})

test('every endpoint in it is there, and is ours', async () => {
  for (const [name, url] of Object.entries<string>(metadata)) {
    if (!name.endsWith('_endpoint') && name !== 'jwks_uri') continue
    expect(url.startsWith(`${ISSUER}/`), name).toBe(true)
    const path = url.slice(ISSUER.length)
    const isForm = /token|revoke|introspect/.test(path)
    const answer = isForm ? await postForm(shop, path, {}) : await shop.get(path)
    expect([name, [200, 400, 401].includes(answer.status)]).toEqual([name, true])
  }
})

test('lists no grant, method or response type that does not work, and none works that is not listed', async () => {
  expect(metadata.grant_types_supported).toEqual([
    'authorization_code',
    'refresh_token',
    'client_credentials',
  ])
  expect(metadata.token_endpoint_auth_methods_supported).toEqual([
    'none',
    'client_secret_basic',
    'private_key_jwt',
  ])
  expect(metadata.introspection_endpoint_auth_methods_supported).not.toContain('none')
  expect(metadata.code_challenge_methods_supported).toEqual(['S256'])
  const app = await anApp(shop)
  for (const grant_type of ['password', 'implicit', 'urn:openid:params:grant-type:ciba']) {
    const answer = await postForm(shop, '/oauth/token', { grant_type }, app.basic)
    expect(answer.body.error).toBe('unsupported_grant_type')
  }
  for (const response_type of ['token', 'id_token', 'none', 'code token']) {
    const back = destinationOf(await shop.get(aRequest(app, { response_type })))
    expect(back.searchParams.get('error')).toBe('unsupported_response_type')
  }
  for (const response_mode of ['fragment', 'form_post', 'query.jwt']) {
    const back = destinationOf(await shop.get(aRequest(app, { response_mode })))
    expect(back.searchParams.get('error')).toBe('invalid_request')
  }
})

test('every scope in it can be asked for', async () => {
  expect(metadata.scopes_supported).toEqual(ALL_SCOPES)
  const app = await anApp(shop, { scopes: metadata.scopes_supported })
  expect((await shop.get(aRequest(app, { scope: metadata.scopes_supported.join(' ') }))).status).toBe(200)
})
