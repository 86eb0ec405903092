// RFC 6750: bearer tokens at the API, and the challenges of its refusals.

import { beforeAll, describe, expect, test } from 'vitest'
import { holdsScope, PERSON_SCOPES } from '../../src/lib/scopes.ts'
import { aBrowser, aCode, anApp, appTokens, aService, bearer, redeem, serviceToken } from '../support/apps.ts'
import { anAddress } from '../support/factories.ts'
import { aPerson, aStaffMember, challenge, giveRole, type Person } from '../support/people.ts'
import { openShop, type TestShop, withKey } from '../support/shop.ts'

const EVERY_SCOPE = ['openid', 'offline_access', ...Object.keys(PERSON_SCOPES)]
let shop: TestShop
let person: Person
beforeAll(async () => {
  shop = await openShop()
  person = await aPerson(shop)
})

/** The header of an app that the person let do this. */
async function withScope(scope: string, of = person): Promise<Record<string, string>> {
  const app = await anApp(shop, {
    scopes: [...EVERY_SCOPE, 'staff:read', 'orders:read', 'dev.ucp.shopping.order:read'],
  })
  return bearer((await appTokens(shop, of, app, scope)).access_token)
}

describe('a refusal (§3)', () => {
  test('without a token names no error', async () => {
    const answer = await shop.get('/v1/users/me')
    expect([answer.status, answer.headers.get('WWW-Authenticate')]).toEqual([401, challenge()])
  })

  test('of a bad token is invalid_token', async () => {
    const answer = await shop.get('/v1/users/me', bearer('a.b.c'))
    expect([answer.status, answer.headers.get('WWW-Authenticate')]).toEqual([
      401,
      challenge('error="invalid_token"'),
    ])
  })

  test('for want of a scope is insufficient_scope, and names it', async () => {
    const answer = await shop.get('/v1/users/me/orders', await withScope('openid me:read'))
    expect([answer.status, answer.body.code, answer.body.scope]).toEqual([403, 'scope_missing', 'me:orders'])
    expect(answer.headers.get('WWW-Authenticate')).toBe(
      challenge('error="insufficient_scope", scope="me:orders"'),
    )
  })

  test('a token in the query or in a form is none (RFC 9700 §4.3.2)', async () => {
    const { access_token } = person.tokens
    expect((await shop.get(`/oauth/userinfo?access_token=${access_token}`)).status).toBe(401)
    const form = await shop.call('POST', '/oauth/userinfo', {
      body: `access_token=${access_token}`,
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    })
    expect(form.status).toBe(401)
  })
})

describe('an app', () => {
  test('has on every operation exactly what the person let it do', async () => {
    const { body } = await shop.get('/openapi.json')
    let cells = 0
    const mismatches: string[] = []
    for (const scope of ['openid', ...Object.keys(PERSON_SCOPES), 'dev.ucp.shopping.order:read']) {
      const auth = await withScope(scope)
      for (const [template, item] of Object.entries<Record<string, Record<string, string>>>(body.paths)) {
        for (const [method, operation] of Object.entries(item)) {
          if (operation['x-permission'] !== 'buyer') continue
          const needed = operation['x-app-scope'] as Parameters<typeof holdsScope>[1] | undefined
          const answer = await shop.call(
            method.toUpperCase(),
            template.replaceAll(/\{\w+\}/g, 'missing_01'),
            {
              body: method === 'get' || method === 'delete' ? undefined : '{}',
              headers: auth,
            },
          )
          const expected =
            needed === undefined
              ? 'own_login_required'
              : holdsScope([scope], needed)
                ? undefined
                : 'scope_missing'
          const refusal = ['own_login_required', 'scope_missing'].find(code => code === answer.body?.code)
          if (refusal !== expected || answer.status >= 500)
            mismatches.push(`${scope} ${method} ${template}: ${answer.status} ${answer.body?.code}`)
          cells += 1
        }
      }
    }
    console.info(`app scopes: ${cells} cells`)
    expect(mismatches).toEqual([])
    expect(cells).toBeGreaterThan(80)
  })

  test('that may check out makes the order the person’s, and one that may not makes it nobody’s', async () => {
    const { variantIds } = await shop.addProduct()
    const ready = {
      lines: [{ variant_id: variantIds[0], quantity: 1 }],
      email: 'somebody.else@example.com',
      shipping_address: anAddress(),
      shipping_option_id: 'ship_standard',
    }
    const pay = { payment: { provider: 'test', token: 'tok_approved' } }
    const buy = async (auth: Record<string, string>) => {
      const checkout = await shop.post('/v1/checkouts', ready, { ...withKey(), ...auth })
      expect(checkout.status, checkout.text).toBe(201)
      const done = await shop.post(`/v1/checkouts/${checkout.body.id}/complete`, pay, {
        ...withKey(),
        ...auth,
      })
      expect(done.status, done.text).toBe(200)
      return done.body.order_id
    }
    const ofPerson = await buy(await withScope('me:checkout'))
    const ofNobody = await buy(await withScope('me:read'))
    const canRead = async (id: string, auth: Record<string, string>) =>
      (await shop.get(`/v1/orders/${id}`, auth)).status
    const mayRead = await withScope('me:orders')
    expect([await canRead(ofPerson, mayRead), await canRead(ofNobody, mayRead)]).toEqual([200, 404])
    expect(await canRead(ofPerson, await withScope('me:read'))).toBe(404)
    expect(await canRead(ofPerson, person.auth)).toBe(200)
  })

  test('of a staff member has only those of their rights that they gave it, and only while they have them', async () => {
    const staff = await aStaffMember(shop, 'manager')
    const read = async (auth: Record<string, string>) => (await shop.get('/v1/admin/staff', auth)).status
    const auth = await withScope('openid staff:read', staff)
    expect([await read(auth), await read(await withScope('openid orders:read', staff))]).toEqual([200, 403])
    await giveRole(shop, staff.id, 'viewer')
    expect(await read(auth)).toBe(403)
  })

  test('is never given a right that the person does not have, and the person sees only what they give', async () => {
    const app = await anApp(shop, { scopes: ['openid', 'staff:read', 'orders:read'] })
    const viewer = await aStaffMember(shop, 'viewer')
    const browser = aBrowser(shop)
    const query = `/oauth/authorize?${new URLSearchParams({ response_type: 'code', client_id: app.id, redirect_uri: 'https://planner.example/callback', scope: 'openid staff:read orders:read', code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', code_challenge_method: 'S256' })}`
    const page = await browser.open(query, viewer)
    expect(page.text).toContain('See all orders.')
    expect(page.text).not.toContain('See who works here')
    const scope = 'openid staff:read orders:read'
    const answer = await redeem(shop, app, await aCode(shop, viewer, app, { scope }))
    expect(answer.body.scope).toBe('openid orders:read')
    const none = await browser.get(query.replace('openid+staff%3Aread+orders%3Aread', 'staff%3Aread'))
    expect(none.headers.get('Location')).toContain('error=invalid_scope')
  })
})

test('a token of a service client is bearer too', async () => {
  const token = await serviceToken(shop, await aService(shop))
  for (const scheme of ['Bearer', 'bearer', 'BEARER'])
    expect((await shop.get('/v1/admin/staff', { Authorization: `${scheme} ${token}` })).status).toBe(200)
})
