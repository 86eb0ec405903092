// Logins at an outside provider, proved against a real one: `oidc-provider` on loopback, driven as a browser would, over HTTP.

import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import Provider from 'oidc-provider'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Deps } from '../../src/deps.ts'
import { oidcProvider } from '../../src/features/providers/oidc.ts'
import type { ProviderConfig } from '../../src/lib/provider-config.ts'
import { enrol } from '../support/codes.ts'
import { dumpOf } from '../support/dump.ts'
import {
  aNetwork,
  anAccount,
  anEmail,
  aPerson,
  fromNetwork,
  linkTokenFor,
  loginAs,
} from '../support/people.ts'
import { type Answer, openShop, type TestShop } from '../support/shop.ts'

const REDIRECT = 'https://store.example/account'
const SECRET = 'the secret of the shop at the provider'
let server: Server
let shop: TestShop
let config: ProviderConfig

/** What the provider knows of a person, by the name that they log in with. */
const people = new Map<string, { email?: string; email_verified?: boolean; name?: string }>()
const aSubject = (claims: { email?: string; email_verified?: boolean; name?: string }): string => {
  const sub = `sub-${people.size}-${crypto.randomUUID().slice(0, 8)}`
  people.set(sub, claims)
  return sub
}

beforeAll(async () => {
  server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: 'shop',
        client_secret: SECRET,
        redirect_uris: [REDIRECT],
        grant_types: ['authorization_code'],
        response_types: ['code'],
      },
    ],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    pkce: { required: () => true },
    ttl: { Interaction: 600, Session: 600, Grant: 600, AccessToken: 600, IdToken: 600 },
    cookies: { keys: ['a key of these tests'] },
    findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub, ...people.get(sub) }) }),
  })
  server.on('request', provider.callback())
  config = {
    id: 'acme',
    name: 'Acme ID',
    issuer,
    client_id: 'shop',
    client_secret: SECRET,
    auth_method: 'client_secret_basic',
    scope: 'openid email profile',
    algorithms: ['RS256'],
    redirect_uri: REDIRECT,
  }
  shop = await openShop({ deps: providersOf(config) })
})
afterAll(() => server.close())

/** The real provider signs with the real time, which the shop's clock must therefore be. */
const providersOf = (provider: ProviderConfig): Partial<Deps> => ({
  identityProviders: [
    oidcProvider(provider, REDIRECT, {
      fetch,
      clock: Date.now,
      allowsLoopback: true,
      timeout: ms => AbortSignal.timeout(ms),
      log: () => {},
    }),
  ],
})

/** A browser: keeps cookies, follows redirects until they leave the provider, and fills in the provider's own forms. */
async function visit(address: string, login: string): Promise<URL> {
  const cookies = new Map<string, string>()
  let url = new URL(address)
  let form: URLSearchParams | undefined
  for (let hop = 0; hop < 20; hop++) {
    if (url.origin !== new URL(address).origin) return url
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
      ...(form ? { method: 'POST', body: form } : {}),
    })
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      cookies.set(name, value)
    }
    const location = response.headers.get('location')
    const page = await response.text()
    form = undefined
    if (location) {
      url = new URL(location, url)
    } else {
      const prompt = /name="prompt" value="(\w+)"/.exec(page)?.[1]
      if (!prompt) throw new Error(`no form: ${response.status} ${page.slice(0, 400)}`)
      form = new URLSearchParams({ prompt, login, password: 'any' })
      url = new URL(/action="([^"]+)"/.exec(page)?.[1] ?? '', url)
    }
  }
  throw new Error('too many redirects')
}

interface Begun {
  authorization_url: string
  state: string
  binding: string
}
const start = async (headers = {}): Promise<Begun> => {
  const answer = await shop.post('/v1/auth/providers/acme/start', undefined, {
    ...fromNetwork(aNetwork()),
    ...headers,
  })
  expect(answer.status, answer.text).toBe(200)
  return answer.body
}
/** Logs in at the provider, and returns what comes back to the storefront. */
async function comeBack(begun: Begun, login: string) {
  const { searchParams } = await visit(begun.authorization_url, login)
  const code = searchParams.get('code')
  expect(code, searchParams.toString()).not.toBeNull()
  return {
    code: code ?? '',
    state: searchParams.get('state') ?? '',
    iss: searchParams.get('iss') ?? '',
    binding: begun.binding,
  }
}
const finish = (body: object, headers = {}): Promise<Answer> =>
  shop.post('/v1/auth/providers/acme/finish', body, { ...fromNetwork(aNetwork()), ...headers })
const logIn = async (login: string) => finish(await comeBack(await start(), login))
const bearer = (answer: Answer) => ({ Authorization: `Bearer ${answer.body.access_token}` })

describe('a login at a provider', () => {
  test('of somebody new with a verified email makes an account, which the next login opens again', async () => {
    const email = anEmail()
    const sub = aSubject({ email: email.toUpperCase(), email_verified: true, name: 'Grace Hopper' })
    const first = await logIn(sub)
    expect(first.status, first.text).toBe(200)
    const me = await shop.get('/v1/users/me', bearer(first))
    expect(me.body).toMatchObject({ email, name: 'Grace Hopper' })
    const second = await logIn(sub)
    expect((await shop.get('/v1/users/me', bearer(second))).body.id).toBe(me.body.id)
    // Whatever email the provider names later: the subject counts.
    people.set(sub, { email: anEmail(), email_verified: true })
    const third = await logIn(sub)
    expect((await shop.get('/v1/users/me', bearer(third))).body).toMatchObject({ id: me.body.id, email })
  })

  test.each<[string, { email?: string; email_verified?: boolean }]>([
    ['no email', {}],
    ['an unverified email', { email: 'x@example.com', email_verified: false }],
    ['an email of which it does not say', { email: 'y@example.com' }],
    ['an email verified by a word', { email: 'z@example.com', email_verified: 'true' as unknown as boolean }],
  ])('of somebody new with %s opens nothing and makes nothing', async (_, claims) => {
    const answer = await logIn(aSubject(claims))
    expect([answer.status, answer.body.code]).toEqual([403, 'provider_email_missing'])
    if (claims.email) expect(await dumpOf(shop)).not.toContain(claims.email)
  })

  test('never opens an account that has its email already: the mailbox is asked, and only its link links', async () => {
    const email = await anAccount(shop)
    const owner = await loginAs(shop, email)
    const sub = aSubject({ email, email_verified: true })
    for (let i = 0; i < 2; i++) {
      const refused = await logIn(sub)
      expect([refused.status, refused.body.code]).toEqual([409, 'account_exists'])
    }
    expect((await shop.get('/v1/users/me/identities', owner.auth)).body.data).toEqual([])
    const token = await linkTokenFor(shop, email)
    const confirm = () => shop.post('/v1/auth/identities/confirm', { token }, fromNetwork(aNetwork()))
    expect((await confirm()).status).toBe(204)
    expect((await confirm()).body.code).toBe('link_invalid')
    const opened = await logIn(sub)
    expect((await shop.get('/v1/users/me', bearer(opened))).body.id).toBe(owner.id)
  })

  test('asks for the second factor of the account', async () => {
    const sub = aSubject({ email: anEmail(), email_verified: true })
    const first = await logIn(sub)
    const me = await shop.get('/v1/users/me', bearer(first))
    await shop.post('/v1/auth/password-reset', { email: me.body.email }, fromNetwork(aNetwork()))
    const token = await linkTokenFor(shop, me.body.email)
    await shop.post(
      '/v1/auth/password-reset/confirm',
      { token, password: 'seven green kettles hum' },
      fromNetwork(aNetwork()),
    )
    const { app } = await enrol(shop, await loginAs(shop, me.body.email))
    const asked = await logIn(sub)
    expect([asked.status, asked.body.code]).toEqual([401, 'mfa_required'])
    const done = await shop.post(
      '/v1/auth/login/mfa',
      { mfa_token: asked.body.mfa_token, code: await app() },
      fromNetwork(aNetwork()),
    )
    expect((await shop.get('/v1/users/me', bearer(done))).body.id).toBe(me.body.id)
  })
})

describe('linking', () => {
  const startLink = (auth: Record<string, string>) =>
    shop.post('/v1/users/me/providers/acme/start', undefined, { ...auth, ...fromNetwork(aNetwork()) })
  const finishLink = (body: object, auth: Record<string, string>) =>
    shop.post('/v1/users/me/providers/acme/finish', body, auth)

  test('by whoever is logged in takes any email, and can be listed and undone', async () => {
    const person = await aPerson(shop)
    const sub = aSubject({})
    const begun = await startLink(person.auth)
    expect((await finishLink(await comeBack(begun.body, sub), person.auth)).status).toBe(204)
    const opened = await logIn(sub)
    expect((await shop.get('/v1/users/me', bearer(opened))).body.id).toBe(person.id)
    const { data } = (await shop.get('/v1/users/me/identities', person.auth)).body
    expect(data).toMatchObject([{ provider: 'acme' }])
    expect(JSON.stringify(data)).not.toContain(sub)
    const path = `/v1/users/me/identities/${data[0].id}`
    const stranger = await aPerson(shop)
    expect((await shop.call('DELETE', path, { headers: stranger.auth })).status).toBe(404)
    expect((await shop.call('DELETE', path, { headers: person.auth })).status).toBe(204)
    expect((await logIn(sub)).body.code).toBe('provider_email_missing')
  })

  test('takes no login that opens another account', async () => {
    const sub = aSubject({ email: anEmail(), email_verified: true })
    await logIn(sub)
    const person = await aPerson(shop)
    const begun = await startLink(person.auth)
    const answer = await finishLink(await comeBack(begun.body, sub), person.auth)
    expect([answer.status, answer.body.code]).toEqual([409, 'identity_taken'])
  })

  test('is finished only by whoever began it, and a login is no link, nor a link a login', async () => {
    const [ada, eve] = [await aPerson(shop), await aPerson(shop)]
    const linked = await comeBack((await startLink(ada.auth)).body, aSubject({}))
    expect((await finishLink(linked, eve.auth)).body.code).toBe('provider_state_invalid')
    expect((await finish(linked)).body.code).toBe('provider_state_invalid')
    const login = await comeBack(await start(), aSubject({}))
    expect((await finishLink(login, ada.auth)).body.code).toBe('provider_state_invalid')
    expect((await finishLink(linked, ada.auth)).status).toBe(204)
  })
})

describe('an answer', () => {
  test('is taken once', async () => {
    const back = await comeBack(await start(), aSubject({ email: anEmail(), email_verified: true }))
    const answers = await Promise.all(Array.from({ length: 5 }, () => finish(back)))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400, 400, 400, 400])
    expect((await finish(back)).body.code).toBe('provider_state_invalid')
  })

  test('is taken only from the browser that began', async () => {
    const [mine, theirs] = [await start(), await start()]
    const back = await comeBack(theirs, aSubject({ email: anEmail(), email_verified: true }))
    const forced = await finish({ ...back, binding: mine.binding })
    expect([forced.status, forced.body.code]).toEqual([400, 'provider_state_invalid'])
  })

  test('with a forged state, another login’s state, a wrong code or a wrong issuer opens nothing', async () => {
    const sub = aSubject({ email: anEmail(), email_verified: true })
    const back = await comeBack(await start(), sub)
    const other = await start()
    const forged = `${back.state.split('.')[0]}.${'0'.repeat(64)}`
    expect((await finish({ ...back, state: forged })).body.code).toBe('provider_state_invalid')
    // The other login's state with this code: its nonce and verifier are not those of the code.
    const mixed = await finish({ ...back, state: other.state, binding: other.binding })
    expect([mixed.status, mixed.body.code]).toEqual([400, 'provider_refused'])
    const wrong = await comeBack(await start(), sub)
    expect((await finish({ ...wrong, code: 'wrong' })).body.code).toBe('provider_refused')
    const elsewhere = await comeBack(await start(), sub)
    const iss = 'https://evil.example'
    expect((await finish({ ...elsewhere, iss })).body.code).toBe('provider_refused')
    const unnamed = await comeBack(await start(), sub)
    expect((await finish({ ...unnamed, iss: undefined })).body.code).toBe('provider_refused')
  })

  test('after 10 minutes is too late', async () => {
    const own = await openShop({ deps: providersOf(config) })
    const begun = await own.post('/v1/auth/providers/acme/start', undefined, fromNetwork(aNetwork()))
    const back = await comeBack(begun.body, aSubject({ email: anEmail(), email_verified: true }))
    own.advance(600_000)
    const answer = await own.post('/v1/auth/providers/acme/finish', back, fromNetwork(aNetwork()))
    expect(answer.body.code).toBe('provider_state_invalid')
  })

  test('leaves neither state, binding nor code in the database', async () => {
    const begun = await start()
    const back = await comeBack(begun, aSubject({ email: anEmail(), email_verified: true }))
    const secrets = [begun.binding, begun.state.split('.')[1] ?? '', back.code]
    const before = await dumpOf(shop)
    await finish(back)
    const after = await dumpOf(shop)
    for (const secret of secrets) {
      expect(secret.length).toBeGreaterThan(20)
      expect(before).not.toContain(secret)
      expect(after).not.toContain(secret)
    }
  })
})

describe('a provider', () => {
  test('is listed with its name, and nothing secret', async () => {
    const answer = await shop.get('/v1/auth/providers')
    expect(answer.body).toEqual({ data: [{ id: 'acme', name: 'Acme ID' }], next_cursor: null })
  })

  test('that is not set up is not found', async () => {
    const answer = await shop.post('/v1/auth/providers/other/start', undefined, fromNetwork(aNetwork()))
    expect(answer.status).toBe(404)
  })

  test('to which the shop has the wrong secret confirms nothing', async () => {
    const own = await openShop({ deps: providersOf({ ...config, client_secret: 'wrong' }) })
    const begun = await own.post('/v1/auth/providers/acme/start', undefined, fromNetwork(aNetwork()))
    const back = await comeBack(begun.body, aSubject({ email: anEmail(), email_verified: true }))
    const answer = await own.post('/v1/auth/providers/acme/finish', back, fromNetwork(aNetwork()))
    expect(answer.body.code).toBe('provider_refused')
  })

  test('takes the secret in the body too, where it is configured so', async () => {
    const own = await openShop({ deps: providersOf({ ...config, auth_method: 'client_secret_post' }) })
    const begun = await own.post('/v1/auth/providers/acme/start', undefined, fromNetwork(aNetwork()))
    const back = await comeBack(begun.body, aSubject({ email: anEmail(), email_verified: true }))
    const answer = await own.post('/v1/auth/providers/acme/finish', back, fromNetwork(aNetwork()))
    expect(answer.status, answer.text).toBe(200)
  })
})
