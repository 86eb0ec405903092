// RFC 6749 as OAuth 2.1 and RFC 9700 leave it: the authorization endpoint, its pages, and the code that they give.

import { sql } from 'drizzle-orm'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  type AClient,
  aBrowser,
  aCode,
  anApp,
  aRequest,
  aService,
  bearer,
  CALLBACK,
  destinationOf,
  expectOAuthError,
  ISSUER,
  redeem,
  refreshWith,
  shutOut,
  ticketIn,
} from '../support/apps.ts'
import { aPerson, aStaffMember, giveRole, type Person, takeRole } from '../support/people.ts'
import { openShop, type TestShop } from '../support/shop.ts'

let shop: TestShop
let person: Person
let app: AClient
let other: AClient
let spa: AClient
beforeAll(async () => {
  shop = await openShop()
  person = await aPerson(shop)
  app = await anApp(shop)
  other = await anApp(shop, { name: 'Other' })
  spa = await anApp(shop, { auth_method: 'none' })
})

describe('the code grant (§4.1)', () => {
  test('leads a person from the app through login and consent back to the app, and the app to their orders', async () => {
    const browser = aBrowser(shop)
    const login = await browser.get(aRequest(app))
    expect([login.status, login.headers.get('Cache-Control')]).toEqual([200, 'no-store'])
    expect(login.text).toContain('Garden planner')
    const consent = await browser.submit('/oauth/authorize/login', {
      ticket: ticketIn(login),
      email: person.email,
      password: person.password,
    })
    expect(consent.status, consent.text).toBe(200)
    for (const text of ['Allow Garden planner?', person.email, 'See your orders.', 'planner.example'])
      expect(consent.text).toContain(text)
    const back = destinationOf(await browser.allow(consent))
    expect(`${back.origin}${back.pathname}`).toBe(CALLBACK)
    expect([...back.searchParams.keys()].sort()).toEqual(['code', 'iss', 'state'])
    expect(back.searchParams.get('state')).toBe('state-of-the-app')

    const answer = await redeem(shop, app, back.searchParams.get('code') ?? '')
    expect(answer.status, answer.text).toBe(200)
    expect(answer.body).toMatchObject({ token_type: 'Bearer', expires_in: 900, scope: 'openid me:orders' })
    expect([answer.headers.get('Cache-Control'), answer.headers.get('Pragma')]).toEqual([
      'no-store',
      'no-cache',
    ])
    const orders = await shop.get('/v1/users/me/orders', bearer(answer.body.access_token))
    expect(orders.status, orders.text).toBe(200)
  })

  test('tells the app when the person denies, or goes back before logging in', async () => {
    const browser = aBrowser(shop)
    const newcomer = await aPerson(shop)
    for (const page of [await browser.get(aRequest(app)), await browser.open(aRequest(app), newcomer)]) {
      const back = destinationOf(await browser.deny(page))
      expect(back.searchParams.get('error')).toBe('access_denied')
      expect(back.searchParams.get('state')).toBe('state-of-the-app')
      expect(back.searchParams.has('code')).toBe(false)
    }
  })

  test('a code is good once, for a minute', async () => {
    const own = await openShop()
    const client = await anApp(own)
    const somebody = await aPerson(own)
    const late = await aCode(own, somebody, client)
    own.advance(60_000)
    expectOAuthError(await redeem(own, client, late), 'invalid_grant')
    const code = await aCode(own, somebody, client)
    own.advance(59_999)
    expect((await redeem(own, client, code)).status).toBe(200)
  })

  test('a second use is refused, and ends all that came of the first', async () => {
    const code = await aCode(shop, person, app, { scope: 'openid offline_access me:orders' })
    const { body } = await redeem(shop, app, code)
    expect((await shop.get('/v1/users/me/orders', bearer(body.access_token))).status).toBe(200)
    expectOAuthError(await redeem(shop, app, code), 'invalid_grant')
    expect((await shop.get('/v1/users/me/orders', bearer(body.access_token))).status).toBe(401)
    expectOAuthError(await refreshWith(shop, app, body.refresh_token), 'invalid_grant')
    const audit = await shop.db.all(
      sql`SELECT 1 FROM audit_log WHERE action = 'app.code_replayed' AND object_id = ${app.id}`,
    )
    expect(audit).toHaveLength(1)
  })

  test('of 50 redemptions at once exactly one succeeds', async () => {
    const code = await aCode(shop, person, app)
    const answers = await Promise.all(Array.from({ length: 50 }, () => redeem(shop, app, code)))
    const good = answers.filter(answer => answer.status === 200)
    expect(good).toHaveLength(1)
    for (const answer of answers) if (answer.status !== 200) expectOAuthError(answer, 'invalid_grant')
    const sessions = await shop.db.all(sql`SELECT 1 FROM sessions
      WHERE code_id = (SELECT id FROM oauth_codes ORDER BY created_at DESC, rowid DESC LIMIT 1)`)
    expect(sessions).toHaveLength(1)
  })

  test.each([
    ['another client', () => redeem(shop, other, '')],
    ['a client without a secret', () => redeem(shop, spa, '')],
  ])('a code is not for %s', async (_name, _try) => {
    const code = await aCode(shop, person, app)
    const client = _name === 'another client' ? other : spa
    expectOAuthError(await redeem(shop, client, code), 'invalid_grant')
    expect((await redeem(shop, app, code)).status).toBe(200)
  })

  test.each([
    'https://planner.example/callback/',
    'https://planner.example/Callback',
    `${CALLBACK}?x=1`,
    'https://evil.example/callback',
  ])('a code is not for another redirect URI: %s', async redirect_uri => {
    const code = await aCode(shop, person, app)
    expectOAuthError(await redeem(shop, app, code, { redirect_uri }), 'invalid_grant')
  })
})

describe('a redirect URI (RFC 9700 §2.1)', () => {
  const MUTATIONS = {
    'a slash more': `${CALLBACK}/`,
    'a slash less': 'https://planner.example',
    'another case in the path': 'https://planner.example/Callback',
    'another case in the host': 'https://PLANNER.example/callback',
    'another case in the scheme': 'HTTPS://planner.example/callback',
    'http for https': 'http://planner.example/callback',
    'a port': 'https://planner.example:8443/callback',
    'the default port': 'https://planner.example:443/callback',
    'a user': 'https://planner.example@evil.example/callback',
    'a user of ours': 'https://evil@planner.example/callback',
    'a fragment': `${CALLBACK}#x`,
    'an empty fragment': `${CALLBACK}#`,
    'a query': `${CALLBACK}?x=1`,
    'dots up': 'https://planner.example/x/../callback',
    'dots up, escaped': 'https://planner.example/x/%2e%2e/callback',
    'a letter escaped': 'https://planner.example/c%61llback',
    'a wildcard': 'https://*.planner.example/callback',
    'a subdomain': 'https://x.planner.example/callback',
    'a longer host': 'https://planner.example.evil.example/callback',
    'a backslash': 'https://planner.example\\@evil.example/callback',
    'a homograph': 'https://pl\u0430nner.example/callback',
    'the homograph in ASCII': 'https://xn--plnner-5nf.example/callback',
    'a space before': ` ${CALLBACK}`,
    'a line end after': `${CALLBACK}\n`,
    'a NUL after': `${CALLBACK}\0`,
    'two slashes': 'https://planner.example//callback',
    'no scheme': '//planner.example/callback',
    script: 'javascript:alert(1)//planner.example/callback',
    data: 'data:text/html,planner.example/callback',
    nothing: '',
  }

  test.each(Object.entries(MUTATIONS))('with %s leads nowhere', async (_name, redirect_uri) => {
    const browser = aBrowser(shop)
    for (const query of [{}, { prompt: 'none' }, { response_type: 'token' }]) {
      const answer = await browser.get(aRequest(app, { redirect_uri, ...query }))
      expect(answer.status, answer.text).toBe(400)
      expect(answer.headers.get('Location')).toBeNull()
      expect(answer.headers.get('Content-Type')).toContain('text/html')
      expect(answer.text).not.toMatch(/evil|http-equiv|name="ticket"/)
    }
  })

  test('that comes twice, or is missing, or of an unknown, disabled or service client, leads nowhere', async () => {
    const service = await aService(shop)
    const gone = await anApp(shop)
    await shutOut(shop, gone.id)
    const paths = [
      `${aRequest(app)}&redirect_uri=${encodeURIComponent(CALLBACK)}`,
      `${aRequest(app)}&redirect_uri=https%3A%2F%2Fevil.example`,
      `${aRequest(app)}&client_id=${other.id}`,
      aRequest(app, { redirect_uri: undefined }),
      aRequest({ id: 'cli_unknown' }),
      aRequest({ id: '' }),
      aRequest(service),
      aRequest(gone),
      '/oauth/authorize',
    ]
    for (const path of paths) {
      const answer = await shop.get(path)
      expect([path, answer.status, answer.headers.get('Location')]).toEqual([path, 400, null])
    }
  })

  test('on the machine itself may have another port, and nothing else (RFC 8252 §7.3)', async () => {
    const native = await anApp(shop, {
      auth_method: 'none',
      redirect_uris: [
        'http://127.0.0.1/cb',
        'http://[::1]:7000/cb',
        'http://localhost:3000/cb',
        'com.example.app:/cb',
      ],
    })
    const status = async (redirect_uri: string) => (await shop.get(aRequest(native, { redirect_uri }))).status
    for (const good of [
      'http://127.0.0.1/cb',
      'http://127.0.0.1:51004/cb',
      'http://[::1]:51004/cb',
      'http://localhost:3000/cb',
      'com.example.app:/cb',
    ])
      expect([good, await status(good)]).toEqual([good, 200])
    for (const bad of [
      'http://127.0.0.1:51004/other',
      'http://127.0.0.2/cb',
      'http://127.0.0.1:51004@evil.example/cb',
      'http://127.0.0.1.evil.example/cb',
      'https://127.0.0.1/cb',
      'http://localhost:3001/cb',
      'http://[::1]/other',
      'com.example.app:/other',
      'com.example.app2:/cb',
    ])
      expect([bad, await status(bad)]).toEqual([bad, 400])
  })

  test('keeps the query that it was registered with (§3.1.2)', async () => {
    const withQuery = await anApp(shop, { redirect_uris: [`${CALLBACK}?tenant=a%20b`] })
    const answer = await shop.get(
      aRequest(withQuery, { redirect_uri: `${CALLBACK}?tenant=a%20b`, response_type: 'token' }),
    )
    expect(answer.headers.get('Location')).toMatch(/\?tenant=a%20b&error=unsupported_response_type&/)
  })
})

describe('an authorization request that is wrong goes back to the app (§4.1.2.1)', () => {
  test.each([
    ['no response_type', { response_type: undefined }, 'invalid_request'],
    ['the implicit grant', { response_type: 'token' }, 'unsupported_response_type'],
    ['the implicit grant of OpenID', { response_type: 'id_token token' }, 'unsupported_response_type'],
    ['a hybrid grant', { response_type: 'code id_token' }, 'unsupported_response_type'],
    ['an unknown scope', { scope: 'openid everything' }, 'invalid_scope'],
    ['a scope that was not registered', { scope: 'openid me:write' }, 'invalid_scope'],
    ['a right of staff that was not registered', { scope: 'staff:write' }, 'invalid_scope'],
    ['the fragment as response mode', { response_mode: 'fragment' }, 'invalid_request'],
    ['a request object', { request: 'e30.e30.' }, 'request_not_supported'],
    ['a request URI', { request_uri: 'https://evil.example/r' }, 'request_uri_not_supported'],
    ['another resource', { resource: 'https://other.example' }, 'invalid_target'],
    ['an endless parameter', { nonce: 'n'.repeat(1001) }, 'invalid_request'],
  ] as const)('%s', async (_name, fields, error) => {
    const answer = await shop.get(aRequest(app, fields))
    expect(answer.status, answer.text).toBe(303)
    const back = destinationOf(answer)
    expect(`${back.origin}${back.pathname}`).toBe(CALLBACK)
    expect(back.searchParams.get('error')).toBe(error)
    expect(back.searchParams.get('state')).toBe('state-of-the-app')
    expect(back.searchParams.get('iss')).toBe(ISSUER)
    expect(back.hash).toBe('')
  })

  test.each(['state=x', 'scope=openid', 'code_challenge=x', 'response_type=code', 'unheard=1&unheard=2'])(
    'a parameter that comes twice: %s',
    async extra => {
      const back = destinationOf(await shop.get(`${aRequest(app)}&${extra}`))
      expect(back.searchParams.get('error')).toBe('invalid_request')
    },
  )

  test('what is not known is ignored (§3.1), and a resource of this shop may be named', async () => {
    expect((await shop.get(`${aRequest(app)}&unheard=1`)).status).toBe(200)
    expect((await shop.get(aRequest(app, { resource: ISSUER }))).status).toBe(200)
    expect((await shop.get(aRequest(app, { resource: `${ISSUER}/mcp` }))).status).toBe(200)
  })
})

describe('the pages', () => {
  test('do nothing for a form that another browser or another site made', async () => {
    const [ours, theirs] = [aBrowser(shop), aBrowser(shop)]
    const newcomer = await aPerson(shop)
    const consent = await ours.open(aRequest(app), newcomer)
    const foreign = await theirs.open(aRequest(app), newcomer)
    const fields = { ticket: ticketIn(foreign), decision: 'allow' }
    for (const answer of [
      await ours.submit('/oauth/authorize/decision', fields),
      await ours.submit('/oauth/authorize/decision', { decision: 'allow' }),
      await ours.submit('/oauth/authorize/decision', { ...fields, ticket: `${ticketIn(consent)}x` }),
      await aBrowser(shop).submit('/oauth/authorize/decision', { ...fields, ticket: ticketIn(consent) }),
    ]) {
      expect([answer.status, answer.text.includes('http-equiv')]).toEqual([400, false])
    }
    const grants = await shop.get('/v1/users/me/grants', newcomer.auth)
    expect(grants.body.data).toEqual([])
    expect(destinationOf(await ours.allow(consent)).searchParams.has('code')).toBe(true)
  })

  test('log nobody in by a form that was made for another browser (RFC 9700 §4.7)', async () => {
    const page = await aBrowser(shop).get(aRequest(app))
    const victim = aBrowser(shop)
    await victim.get(aRequest(app))
    const attacker = await aPerson(shop)
    const answer = await victim.submit('/oauth/authorize/login', {
      ticket: ticketIn(page),
      email: attacker.email,
      password: attacker.password,
    })
    expect([answer.status, [...victim.jar.keys()]]).toEqual([400, ['__Host-curbside-authorize']])
  })

  test('let through only what they showed, also if the person has more rights by then', async () => {
    const forStaff = await anApp(shop, { scopes: ['openid', 'orders:read', 'staff:read'] })
    const staff = await aStaffMember(shop, 'viewer')
    const browser = aBrowser(shop)
    const page = await browser.open(aRequest(forStaff, { scope: 'orders:read staff:read' }), staff)
    await giveRole(shop, staff.id, 'owner')
    const code = destinationOf(await browser.allow(page)).searchParams.get('code') ?? ''
    expect((await redeem(shop, forStaff, code)).body.scope).toBe('orders:read')
    const again = await browser.get(aRequest(forStaff, { scope: 'staff:read' }))
    await takeRole(shop, staff.id)
    expect(destinationOf(await browser.allow(again)).searchParams.get('error')).toBe('invalid_scope')
  })

  test('of a login ask for consent as that login only', async () => {
    const [ada, eve] = [await aPerson(shop), await aPerson(shop)]
    const browser = aBrowser(shop)
    const asAda = await browser.open(aRequest(app), ada)
    const login = await browser.get(aRequest(app, { prompt: 'login' }))
    await browser.submit('/oauth/authorize/login', {
      ticket: ticketIn(login),
      email: eve.email,
      password: eve.password,
    })
    expect((await browser.allow(asAda)).status).toBe(400)
  })

  test('are good for ten minutes', async () => {
    const own = await openShop()
    const client = await anApp(own)
    const browser = aBrowser(own)
    const page = await browser.get(aRequest(client))
    own.advance(10 * 60_000)
    const late = await browser.submit('/oauth/authorize/login', {
      ticket: ticketIn(page),
      email: 'ada@example.com',
      password: 'x',
    })
    expect([late.status, late.text.includes('begin again')]).toEqual([400, true])
  })

  test('say that a password is wrong, count the tries, and never repeat the password', async () => {
    const newcomer = await aPerson(shop)
    const browser = aBrowser(shop)
    const page = await browser.get(aRequest(app))
    const statuses: number[] = []
    for (let i = 0; i < 11; i++) {
      const answer = await browser.submit('/oauth/authorize/login', {
        ticket: ticketIn(page),
        email: newcomer.email,
        password: 'canary of a wrong password',
      })
      statuses.push(answer.status)
      expect(answer.text).toContain('role="alert"')
      expect(answer.text).not.toContain('canary')
    }
    expect(statuses).toEqual([...Array(10).fill(422), 429])
  })

  test('run nothing that an app, a person or a request brings along', async () => {
    const name = '<script>alert(1)</script>"\'&'
    const evil = await anApp(shop, { name })
    const browser = aBrowser(shop)
    const hint = '"><script>alert(2)</script>'
    const login = await browser.get(aRequest(evil, { login_hint: hint, state: hint }))
    const newcomer = await aPerson(shop)
    const consent = await browser.submit('/oauth/authorize/login', {
      ticket: ticketIn(login),
      email: newcomer.email,
      password: newcomer.password,
    })
    const leaving = await browser.allow(consent)
    for (const answer of [login, consent, leaving]) {
      expect(answer.status, answer.text).toBe(200)
      expect(answer.text).not.toContain('<script')
      expect(answer.text).toContain('&lt;script&gt;alert')
      expect(answer.headers.get('Content-Security-Policy')).toBe(
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
      )
      expect(answer.headers.get('X-Frame-Options')).toBe('DENY')
      expect(answer.headers.get('Referrer-Policy')).toBe('no-referrer')
      expect(answer.headers.get('Cache-Control')).toBe('no-store')
    }
    expect(destinationOf(leaving).searchParams.get('state')).toBe(hint)
  })

  test('set cookies of this host alone, for no script, and not for other sites', async () => {
    const page = await aBrowser(shop).open(aRequest(app), await aPerson(shop))
    for (const line of page.headers.getSetCookie()) {
      expect(line).toMatch(
        /^__Host-curbside-(authorize|login)=[^;]+; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
      )
    }
    expect(page.headers.getSetCookie()).toHaveLength(1)
  })

  test('ask only once for the same, and again for more, and again on an address that others could take', async () => {
    const newcomer = await aPerson(shop)
    const browser = aBrowser(shop)
    await aCode(shop, newcomer, app, {}, browser)
    const again = await browser.get(aRequest(app))
    expect([again.status, destinationOf(again).searchParams.has('code')]).toEqual([303, true])
    for (const fields of [{ scope: 'openid me:orders me:read' }, { prompt: 'consent' }]) {
      const page = await browser.get(aRequest(app, fields))
      expect([page.status, page.text.includes('value="allow"')]).toEqual([200, true])
    }
    const native = await anApp(shop, { auth_method: 'none', redirect_uris: ['http://127.0.0.1/cb'] })
    const redirect_uri = 'http://127.0.0.1:5000/cb'
    await aCode(shop, newcomer, native, { redirect_uri }, browser)
    expect((await browser.get(aRequest(native, { redirect_uri }))).text).toContain('value="allow"')
  })

  test('a browser’s login ends with its session, and a code given in it with it', async () => {
    const newcomer = await aPerson(shop)
    const browser = aBrowser(shop)
    const code = await aCode(shop, newcomer, app, {}, browser)
    const { body } = await shop.get('/v1/users/me/sessions', newcomer.auth)
    for (const session of body.data.filter((entry: { is_current: boolean }) => !entry.is_current)) {
      await shop.call('DELETE', `/v1/users/me/sessions/${session.id}`, { headers: newcomer.auth })
    }
    expectOAuthError(await redeem(shop, app, code), 'invalid_grant')
    expect((await browser.get(aRequest(app))).text).toContain('name="password"')
  })
})
