// Apps and service clients that tests need, and people who let them in through the pages, as a browser would.

import { expect } from 'vitest'
import type { Permission } from '../../src/lib/permissions.ts'
import { aNetwork, aStaffMember, fromNetwork, type Person } from './people.ts'
import type { Answer, TestShop } from './shop.ts'

export const CALLBACK = 'https://planner.example/callback'
export const ISSUER = 'https://shop.example'
const FORM = 'application/x-www-form-urlencoded'

export interface AClient {
  id: string
  secret: string | null
  /** Headers with which it proves itself. */
  basic: Record<string, string>
  scopes: string[]
}

const owners = new WeakMap<TestShop, Promise<Person>>()
/** The owner of a shop, made once. */
export function theOwner(shop: TestShop): Promise<Person> {
  const owner = owners.get(shop) ?? aStaffMember(shop, 'owner')
  owners.set(shop, owner)
  return owner
}

/** The ETag of a client as it is now, as its next change has to name it. */
export const tagOf = async (shop: TestShop, id: string): Promise<string> =>
  (await shop.get(`/v1/admin/clients/${id}`, (await theOwner(shop)).auth)).headers.get('ETag') ?? ''

/** Shuts a client out. */
export async function shutOut(shop: TestShop, id: string): Promise<void> {
  const answer = await shop.call('PATCH', `/v1/admin/clients/${id}`, {
    body: { is_enabled: false },
    headers: { ...(await theOwner(shop)).auth, 'If-Match': await tagOf(shop, id) },
  })
  expect(answer.status, answer.text).toBe(200)
}

export const basic = (id: string, secret: string): Record<string, string> => ({
  Authorization: `Basic ${btoa(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`)}`,
})

async function register(shop: TestShop, body: Record<string, unknown>): Promise<AClient> {
  const answer = await shop.post('/v1/admin/clients', body, (await theOwner(shop)).auth)
  expect(answer.status, answer.text).toBe(201)
  const { id, client_secret, scopes } = answer.body
  return { id, secret: client_secret, basic: client_secret === null ? {} : basic(id, client_secret), scopes }
}

/** A confidential app, unless told otherwise. */
export const anApp = (shop: TestShop, fields: Record<string, unknown> = {}): Promise<AClient> =>
  register(shop, {
    kind: 'app',
    name: 'Garden planner',
    auth_method: 'client_secret_basic',
    redirect_uris: [CALLBACK],
    scopes: ['openid', 'profile', 'email', 'offline_access', 'me:read', 'me:orders'],
    ...fields,
  })

/** A service client with rights. */
export const aService = (
  shop: TestShop,
  scopes: Permission[] = ['staff:read'],
  fields: Record<string, unknown> = {},
): Promise<AClient> =>
  register(shop, {
    kind: 'service',
    name: 'Warehouse',
    auth_method: 'client_secret_basic',
    scopes,
    ...fields,
  })

/** Posts a form. */
export const postForm = (
  shop: TestShop,
  path: string,
  fields: Record<string, string> | string,
  headers: Record<string, string> = {},
): Promise<Answer> =>
  shop.call('POST', path, {
    body: typeof fields === 'string' ? fields : new URLSearchParams(fields).toString(),
    headers: { 'Content-Type': FORM, ...headers },
  })

export const VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'
/** S256 of VERIFIER (RFC 7636 appendix B). */
export const CHALLENGE = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'

/** An authorization request that is as it should be. */
export const aRequest = (client: { id: string }, fields: Record<string, string | undefined> = {}): string => {
  const all = {
    response_type: 'code',
    client_id: client.id,
    redirect_uri: CALLBACK,
    scope: 'openid me:orders',
    state: 'state-of-the-app',
    code_challenge: CHALLENGE,
    code_challenge_method: 'S256',
    ...fields,
  }
  const given = Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return `/oauth/authorize?${new URLSearchParams(given)}`
}

/** A browser: it keeps cookies, and nothing else. */
export function aBrowser(shop: TestShop, network = aNetwork()) {
  const jar = new Map<string, string>()
  const keep = (answer: Answer): Answer => {
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      jar.set(name, value)
    }
    return answer
  }
  const headers = () => ({
    ...fromNetwork(network),
    ...(jar.size > 0 ? { Cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') } : {}),
  })
  const get = async (path: string) => keep(await shop.get(path, headers()))
  const submit = async (path: string, fields: Record<string, string>) =>
    keep(await postForm(shop, path, fields, headers()))
  return {
    jar,
    get,
    submit,
    /** Opens a request, and logs in if the page asks for it. */
    open: async (path: string, person: Pick<Person, 'email' | 'password'>): Promise<Answer> => {
      const page = await get(path)
      if (!page.text.includes('name="password"')) return page
      const { email, password } = person
      return submit('/oauth/authorize/login', { ticket: ticketIn(page), email, password })
    },
    allow: (page: Answer) =>
      submit('/oauth/authorize/decision', { ticket: ticketIn(page), decision: 'allow' }),
    deny: (page: Answer) => submit('/oauth/authorize/decision', { ticket: ticketIn(page), decision: 'deny' }),
  }
}

export type Browser = ReturnType<typeof aBrowser>

export const ticketIn = ({ text }: Answer): string => /name="ticket" value="([^"]+)"/.exec(text)?.[1] ?? ''

/** Where an answer leads: by redirect, or by the page behind a form. */
export function destinationOf(answer: Answer): URL {
  const link = answer.headers.get('Location') ?? /content="0;url=([^"]+)"/.exec(answer.text)?.[1]
  if (!link) throw new Error(`leads nowhere: ${answer.status} ${answer.text.slice(0, 400)}`)
  return new URL(link.replaceAll('&amp;', '&'))
}

/** Has somebody let an app in, and returns the code. */
export async function aCode(
  shop: TestShop,
  person: Person,
  client: { id: string },
  fields: Record<string, string | undefined> = {},
  browser: Browser = aBrowser(shop),
): Promise<string> {
  const page = await browser.open(aRequest(client, fields), person)
  const answer = page.text.includes('value="allow"') ? await browser.allow(page) : page
  const code = destinationOf(answer).searchParams.get('code')
  expect(code, answer.text).toMatch(/^ac_[0-9a-f]{64}$/)
  return code ?? ''
}

/** Redeems a code. */
export const redeem = (
  shop: TestShop,
  client: AClient,
  code: string,
  fields: Record<string, string> = {},
  headers: Record<string, string> = client.basic,
): Promise<Answer> =>
  postForm(
    shop,
    '/oauth/token',
    {
      grant_type: 'authorization_code',
      code,
      redirect_uri: CALLBACK,
      code_verifier: VERIFIER,
      ...(client.secret === null ? { client_id: client.id } : {}),
      ...fields,
    },
    headers,
  )

export const refreshWith = (
  shop: TestShop,
  client: AClient,
  refresh_token: string,
  fields: Record<string, string> = {},
): Promise<Answer> =>
  postForm(
    shop,
    '/oauth/token',
    {
      grant_type: 'refresh_token',
      refresh_token,
      ...(client.secret === null ? { client_id: client.id } : {}),
      ...fields,
    },
    client.basic,
  )

/** Gets a service client's token. */
export async function serviceToken(shop: TestShop, client: AClient, scope?: string): Promise<string> {
  const fields = { grant_type: 'client_credentials', ...(scope ? { scope } : {}) }
  const answer = await postForm(shop, '/oauth/token', fields, client.basic)
  expect(answer.status, answer.text).toBe(200)
  return answer.body.access_token
}

export const bearer = (token: string): Record<string, string> => ({ Authorization: `Bearer ${token}` })

/** The tokens of an app that somebody let in. */
export async function appTokens(
  shop: TestShop,
  person: Person,
  client: AClient,
  scope = 'openid offline_access me:orders',
) {
  const answer = await redeem(shop, client, await aCode(shop, person, client, { scope }))
  expect(answer.status, answer.text).toBe(200)
  return answer.body
}

/** The claims of a JWT, unverified. */
export const claimsOf = (jwt: string) =>
  JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString())

/** An answer of RFC 6749 §5.2. */
export function expectOAuthError(answer: Answer, error: string, status = 400): void {
  expect([answer.status, answer.body?.error], answer.text).toEqual([status, error])
  expect(Object.keys(answer.body).sort()).toEqual(['error', 'error_description'])
  expect(answer.headers.get('Content-Type')).toContain('application/json')
  expect(answer.headers.get('Cache-Control')).toBe('no-store')
}
