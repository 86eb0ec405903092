// RFC 9728: the API as a protected resource says who gives tokens for it.

import { beforeAll, expect, test } from 'vitest'
import { ISSUER } from '../support/apps.ts'
import { openShop, type TestShop } from '../support/shop.ts'

const PATH = '/.well-known/oauth-protected-resource'
let shop: TestShop
beforeAll(async () => {
  shop = await openShop()
})

test('the metadata names the resource exactly, its authorization server, and how tokens are sent (§2, §3.3)', async () => {
  const answer = await shop.get(PATH)
  expect(answer.status).toBe(200)
  expect(answer.headers.get('Cache-Control')).toBe('public, max-age=300')
  expect(answer.body).toMatchObject({
    resource: ISSUER,
    authorization_servers: [ISSUER],
    bearer_methods_supported: ['header'],
    dpop_signing_alg_values_supported: ['ES256'],
  })
  const server = (await shop.get('/.well-known/oauth-authorization-server')).body
  expect(server.protected_resources).toEqual([answer.body.resource])
  expect(answer.body.scopes_supported).toEqual(server.scopes_supported)
  expect(answer.body.jwks_uri).toBe(server.jwks_uri)
})

test('every 401 of the API leads there (§5.1)', async () => {
  const { body } = await shop.get('/openapi.json')
  let seen = 0
  for (const [template, item] of Object.entries<Record<string, Record<string, string>>>(body.paths)) {
    for (const [method, operation] of Object.entries(item)) {
      if (['public', 'capability'].includes(operation['x-permission'] ?? '')) continue
      const answer = await shop.call(method.toUpperCase(), template.replaceAll(/\{\w+\}/g, 'x'), {})
      expect([template, answer.status]).toEqual([template, 401])
      expect(answer.headers.get('WWW-Authenticate')).toContain(`resource_metadata="${ISSUER}${PATH}"`)
      seen += 1
    }
  }
  expect(seen).toBeGreaterThan(15)
})
