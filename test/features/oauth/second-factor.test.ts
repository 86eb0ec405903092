// Second factors on the authorization pages: the same login as everywhere, and the shop's duty for roles.

import { sql } from 'drizzle-orm'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  type AClient,
  aBrowser,
  anApp,
  appTokens,
  aRequest,
  bearer,
  CALLBACK,
  destinationOf,
  redeem,
  refreshWith,
  ticketIn,
} from '../../support/apps.ts'
import { enrol } from '../../support/codes.ts'
import { aPerson, aStaffMember, giveRole, loginAs, PASSWORD, type Person } from '../../support/people.ts'
import { type Answer, openShop, type TestShop } from '../../support/shop.ts'

const LOGIN = '/oauth/authorize/login'
const FIVE_MINUTES = 5 * 60_000

let shop: TestShop
let app: AClient
beforeAll(async () => {
  shop = await openShop()
  app = await anApp(shop)
})

/** Somebody with a second factor, whose browser has given email and password. */
async function askedForCode() {
  const person = await aPerson(shop)
  const factor = await enrol(shop, person)
  const browser = aBrowser(shop)
  const page = await browser.open(aRequest(app), person)
  return { person, browser, page, ...factor }
}

const mfaTokenIn = ({ text }: Answer): string => /name="mfa_token" value="([^"]+)"/.exec(text)?.[1] ?? ''
const give = (browser: ReturnType<typeof aBrowser>, page: Answer, code: string) =>
  browser.submit(LOGIN, { ticket: ticketIn(page), mfa_token: mfaTokenIn(page), code })
const isLogin = ({ text }: Answer): boolean => text.includes('name="password"')
const isCode = ({ text }: Answer): boolean => text.includes('name="code"')
const isConsent = ({ text }: Answer): boolean => text.includes('value="allow"')

describe('somebody with a second factor', () => {
  test('is asked for its code after the password, and then for consent', async () => {
    const { browser, page, app: authenticator } = await askedForCode()
    expect([page.status, isCode(page), isConsent(page)]).toEqual([200, true, false])
    expect(page.text).not.toContain('role="alert"')
    expect([...browser.jar.keys()].join()).not.toContain('login')
    const consent = await give(browser, page, await authenticator())
    expect([consent.status, isConsent(consent)], consent.text).toEqual([200, true])
    const code = destinationOf(await browser.allow(consent)).searchParams.get('code') ?? ''
    expect((await redeem(shop, app, code)).status).toBe(200)
  })

  test('may give a recovery code, once', async () => {
    const { person, browser, page, recoveryCodes } = await askedForCode()
    const [recovery = ''] = recoveryCodes
    expect(isConsent(await give(browser, page, recovery))).toBe(true)
    const other = aBrowser(shop)
    const again = await give(other, await other.open(aRequest(app), person), recovery)
    expect([again.status, isCode(again)]).toEqual([422, true])
  })

  test('does not get on with the password alone: the request goes no further and no session is open', async () => {
    const { person, browser, page } = await askedForCode()
    const sessions = () =>
      shop.db.all(sql`SELECT id FROM sessions WHERE user_id = ${person.id} AND ended_at IS NULL`)
    const before = await sessions()
    for (const answer of [
      await browser.get(aRequest(app)),
      await browser.submit(LOGIN, { ticket: ticketIn(page), email: person.email, password: PASSWORD }),
    ])
      expect([isLogin(answer) || isCode(answer), isConsent(answer)]).toEqual([true, false])
    const allowed = await browser.allow(page)
    expect(allowed.status).toBe(400)
    expect(await sessions()).toEqual(before)
  })

  test('is told of a wrong code, and after five of them to wait', async () => {
    const { browser, page, app: authenticator } = await askedForCode()
    const right = [await authenticator(-1), await authenticator(), await authenticator(1)]
    const wrong = ['000000', '111111', '222222', '333333'].find(code => !right.includes(code)) ?? ''
    for (const code of [wrong, wrong, wrong, wrong, wrong]) {
      const answer = await give(browser, page, code)
      expect([answer.status, isCode(answer)]).toEqual([422, true])
      expect(answer.text).toContain('role="alert"')
      expect(mfaTokenIn(answer)).toBe(mfaTokenIn(page))
    }
    const late = await give(browser, page, await authenticator())
    expect([late.status, isCode(late), late.headers.has('Retry-After')]).toEqual([429, true, true])
  })

  test('logs in anew when the code comes too late, or what waits for it is not theirs', async () => {
    const { browser, page, app: authenticator } = await askedForCode()
    const strange = await browser.submit(LOGIN, {
      ticket: ticketIn(page),
      mfa_token: `${mfaTokenIn(page)}0`,
      code: await authenticator(),
    })
    expect([strange.status, isLogin(strange)]).toEqual([422, true])
    shop.advance(FIVE_MINUTES)
    const late = await give(browser, page, await authenticator())
    expect([late.status, isLogin(late)]).toEqual([422, true])
  })

  test('is asked again for what is no code at all', async () => {
    const { browser, page } = await askedForCode()
    for (const code of ['', 'x', '1234567']) {
      const answer = await give(browser, page, code)
      expect([code, answer.status, isCode(answer)]).toEqual([code, 422, true])
    }
  })
})

describe('a second factor that the shop wants of a role', () => {
  const policy = async (owner: Person, roles: string[]) => {
    const answer = await shop.call('PUT', '/v1/admin/login-policy', {
      body: { require_second_factor_for: roles },
      headers: owner.auth,
    })
    expect(answer.status, answer.text).toBe(200)
  }

  test('keeps those who lack it from allowing rights, and an app they let in from using them', async () => {
    const owner = await aStaffMember(shop, 'owner')
    const member = await aStaffMember(shop, 'manager')
    const scope = 'openid offline_access staff:read'
    const planner = await anApp(shop, { scopes: scope.split(' ') })
    const tokens = await appTokens(shop, member, planner, scope)
    const staff = (token: string) => shop.get('/v1/admin/staff', bearer(token))
    expect((await staff(tokens.access_token)).status).toBe(200)

    await policy(owner, ['manager'])
    const refused = await staff(tokens.access_token)
    expect([refused.status, refused.body.code]).toEqual([403, 'second_factor_required'])
    const fresh = await refreshWith(shop, planner, tokens.refresh_token)
    expect([fresh.status, (await staff(fresh.body.access_token)).body.code]).toEqual([
      200,
      'second_factor_required',
    ])

    const browser = aBrowser(shop)
    const page = await browser.open(aRequest(planner, { scope, prompt: 'consent' }), member)
    expect(isConsent(page), page.text).toBe(true)
    expect(page.text).not.toContain('See who works here')
    const code = destinationOf(await browser.allow(page)).searchParams.get('code') ?? ''
    expect((await redeem(shop, planner, code)).body.scope).toBe('openid offline_access')
    const none = await aBrowser(shop).open(aRequest(planner, { scope: 'staff:read' }), member)
    const back = destinationOf(none)
    expect([back.origin + back.pathname, back.searchParams.get('error')]).toEqual([CALLBACK, 'invalid_scope'])

    const again = await loginAs(shop, member.email)
    const { app: authenticator } = await enrol(shop, again)
    const guarded = aBrowser(shop)
    const asked = await guarded.open(aRequest(planner, { scope: 'staff:read', prompt: 'consent' }), member)
    const consent = await give(guarded, asked, await authenticator())
    expect(consent.text).toContain('See who works here')
    const given = destinationOf(await guarded.allow(consent)).searchParams.get('code') ?? ''
    expect((await staff((await redeem(shop, planner, given)).body.access_token)).status).toBe(200)
    await policy(owner, [])
  })

  test('custom roles give an app their rights, and a change of the role acts on the next request', async () => {
    const owner = await aStaffMember(shop, 'owner')
    const name = `reader_${crypto.randomUUID().slice(0, 8).replaceAll('-', '')}`
    const made = await shop.post('/v1/admin/roles', { name, permissions: ['staff:read'] }, owner.auth)
    expect(made.status, made.text).toBe(201)
    const person = await aPerson(shop)
    await giveRole(shop, person.id, name)
    const reader = await loginAs(shop, person.email)
    const scope = 'openid offline_access staff:read clients:read'
    const planner = await anApp(shop, { scopes: scope.split(' ') })
    const tokens = await appTokens(shop, reader, planner, scope)
    expect(tokens.scope).toBe('openid offline_access staff:read')
    const staff = () => shop.get('/v1/admin/staff', bearer(tokens.access_token))
    expect((await staff()).status).toBe(200)
    const changed = await shop.call('PATCH', `/v1/admin/roles/${name}`, {
      body: { permissions: [] },
      headers: owner.auth,
    })
    expect(changed.status, changed.text).toBe(200)
    expect([(await staff()).status, (await staff()).body.code]).toEqual([403, 'permission_missing'])
    const fresh = await refreshWith(shop, planner, tokens.refresh_token)
    expect(fresh.body.scope).toBe('openid offline_access')
  })
})
