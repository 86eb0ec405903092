// The second factor: what it asks, what it refuses, how far a guesser gets, and that no owner is shut out.

import { eq } from 'drizzle-orm'
import { beforeAll, describe, expect, test } from 'vitest'
import { recoveryCodes, secondFactors } from '../../../src/features/auth/table.ts'
import { anApp, enrol } from '../../support/codes.ts'
import { dumpOf } from '../../support/dump.ts'
import {
  aNetwork,
  anAccount,
  anEmail,
  aPerson,
  aStaffMember,
  fromNetwork,
  linkTokenFor,
  loginAs,
  mailsAreOut,
  PASSWORD,
} from '../../support/people.ts'
import { openShop, type TestShop } from '../../support/shop.ts'

let shop: TestShop
beforeAll(async () => {
  shop = await openShop()
})

const PATH = '/v1/users/me/second-factor'
const WRONG = 'eight green kettles hum'
const NEXT = 'nine purple lanterns sing'

const login = (email: string, more: object = {}, network = aNetwork()) =>
  shop.post('/v1/auth/login', { email, password: PASSWORD, ...more }, fromNetwork(network))
const second = (mfa_token: string, code: string, network = aNetwork()) =>
  shop.post('/v1/auth/login/mfa', { mfa_token, code }, fromNetwork(network))

/** Somebody with a second factor, logged out. */
async function aGuardedPerson(network = aNetwork()) {
  const person = await loginAs(shop, await anAccount(shop), PASSWORD, network)
  return { ...person, ...(await enrol(shop, person)) }
}

/** A code that is not one of now. */
async function aWrongCode(app: ReturnType<typeof anApp>): Promise<string> {
  const right = await Promise.all([-1, 0, 1].map(step => app(step)))
  return ['000000', '111111', '222222', '333333'].find(code => !right.includes(code)) ?? ''
}

describe('setting up', () => {
  test('wants the password, changes nothing before a code confirms it, and can begin again until then', async () => {
    const person = await aPerson(shop)
    const wrong = await shop.post(PATH, { current_password: WRONG }, person.auth)
    expect([wrong.status, wrong.body.code]).toEqual([422, 'password_wrong'])
    const first = await shop.post(PATH, { current_password: PASSWORD }, person.auth)
    const again = await shop.post(PATH, { current_password: PASSWORD }, person.auth)
    expect(again.body.secret).not.toBe(first.body.secret)
    expect((await login(person.email)).status).toBe(200)
    const stale = await shop.post(
      `${PATH}/confirm`,
      { code: await anApp(shop, first.body.secret)() },
      person.auth,
    )
    expect([stale.status, stale.body.code]).toEqual([422, 'code_wrong'])
    expect((await shop.get(PATH, person.auth)).body.is_enabled).toBe(false)
    const code = await anApp(shop, again.body.secret)()
    expect((await shop.post(`${PATH}/confirm`, { code }, person.auth)).status).toBe(200)
    expect((await shop.get(PATH, person.auth)).body).toMatchObject({
      is_enabled: true,
      is_required: false,
      recovery_codes_left: 10,
    })
  })

  test('ends all other sessions, keeps its own, and tells by mail', async () => {
    const email = await anAccount(shop)
    const [other, own] = [await loginAs(shop, email), await loginAs(shop, email)]
    await enrol(shop, own)
    expect((await shop.get('/v1/users/me', other.auth)).status).toBe(401)
    expect((await shop.get('/v1/users/me', own.auth)).status).toBe(200)
    await mailsAreOut(shop)
    expect(shop.mails.findLast(mail => mail.to === email)?.subject).toContain('now takes a code')
  })

  test('is refused where there is one, and so is confirming twice', async () => {
    const { auth, app } = await aGuardedPerson()
    const begun = await shop.post(PATH, { current_password: PASSWORD }, auth)
    expect([begun.status, begun.body.code]).toEqual([409, 'second_factor_exists'])
    const confirmed = await shop.post(`${PATH}/confirm`, { code: await app() }, auth)
    expect([confirmed.status, confirmed.body.code]).toEqual([409, 'second_factor_exists'])
  })

  test('leaves neither the secret nor a recovery code in the database', async () => {
    const { secret, recoveryCodes: codes } = await aGuardedPerson()
    const dump = await dumpOf(shop)
    expect(codes).toHaveLength(10)
    expect(new Set(codes).size).toBe(10)
    for (const text of [secret, ...codes, ...codes.map(code => code.replaceAll('-', ''))]) {
      expect(text.length).toBeGreaterThan(20)
      expect(dump).not.toContain(text)
    }
  })

  test('a row that is moved to somebody else does not open with its app', async () => {
    const [ada, eve] = [await aGuardedPerson(), await aGuardedPerson()]
    const [row] = await shop.db.select().from(secondFactors).where(eq(secondFactors.user_id, eve.id))
    await shop.db
      .update(secondFactors)
      .set({ secret: row?.secret ?? '', last_step: 0 })
      .where(eq(secondFactors.user_id, ada.id))
    expect((await login(ada.email, { code: await eve.app() })).body.code).toBe('code_wrong')
  })
})

describe('a login', () => {
  test('with the right password asks for the code, which then opens it', async () => {
    const { email, app, id } = await aGuardedPerson()
    const asked = await login(email)
    expect([asked.status, asked.body.code]).toEqual([401, 'mfa_required'])
    expect(asked.body.expires_in).toBe(300)
    expect(asked.body.access_token).toBeUndefined()
    const done = await second(asked.body.mfa_token, await app())
    expect(done.status, done.text).toBe(200)
    const me = await shop.get('/v1/users/me', { Authorization: `Bearer ${done.body.access_token}` })
    expect(me.body.id).toBe(id)
  })

  test('may bring password and code together', async () => {
    const { email, app } = await aGuardedPerson()
    expect((await login(email, { code: await app() })).status).toBe(200)
  })

  test('a code that nobody asked for is no obstacle', async () => {
    expect((await login(await anAccount(shop), { code: '123456' })).status).toBe(200)
  })

  test('with a wrong password says nothing of a second factor, whatever the code', async () => {
    const { email, app } = await aGuardedPerson()
    for (const more of [{}, { code: '123456' }, { code: await app() }]) {
      const answer = await login(email, { password: WRONG, ...more })
      expect([answer.status, answer.body.code]).toEqual([401, 'credentials_invalid'])
    }
  })

  test('takes the codes of the step before and after, and none twice, even of another login', async () => {
    for (const steps of [-1, 0, 1]) {
      const { email, app } = await aGuardedPerson()
      const code = await app(steps)
      expect((await login(email, { code })).status, `${steps}`).toBe(200)
      const again = await login(email, { code })
      expect([again.status, again.body.code]).toEqual([422, 'code_wrong'])
    }
    const { email, app } = await aGuardedPerson()
    for (const steps of [-2, 2]) {
      expect((await login(email, { code: await app(steps) })).body.code, `${steps}`).toBe('code_wrong')
    }
  })

  test('does not take an older code after a newer one', async () => {
    const { email, app } = await aGuardedPerson()
    expect((await login(email, { code: await app(1) })).status).toBe(200)
    expect((await login(email, { code: await app(0) })).body.code).toBe('code_wrong')
  })

  test('four at the same time with one code: one opens', async () => {
    const { email, app } = await aGuardedPerson()
    const tokens = await Promise.all(
      Array.from({ length: 4 }, async () => (await login(email)).body.mfa_token),
    )
    const code = await app()
    const answers = await Promise.all(tokens.map(token => second(token, code)))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 422, 422, 422])
  })

  test('its token works once, for 5 minutes, for nothing else, and not after a password change', async () => {
    const own = await openShop()
    const person = await aPerson(own)
    const { app } = await enrol(own, person)
    const ask = async () =>
      (await own.post('/v1/auth/login', { email: person.email, password: PASSWORD }, fromNetwork(aNetwork())))
        .body.mfa_token as string
    const end = async (mfa_token: string, code: string) =>
      own.post('/v1/auth/login/mfa', { mfa_token, code }, fromNetwork(aNetwork()))
    const used = await ask()
    expect((await end(used, await app())).status).toBe(200)
    own.advance(60_000)
    expect((await end(used, await app())).body.code).toBe('mfa_token_invalid')

    const late = await ask()
    own.advance(300_000)
    expect((await end(late, await app())).body.code).toBe('mfa_token_invalid')

    const other = await ask()
    for (const [path, body] of [
      ['/v1/auth/password-reset/confirm', { token: other, password: NEXT }],
      ['/v1/users/verify', { token: other, password: PASSWORD }],
      ['/v1/auth/refresh', { refresh_token: other }],
    ] as const) {
      expect((await own.post(path, body, fromNetwork(aNetwork()))).status, path).toBeGreaterThanOrEqual(400)
    }
    expect((await own.get('/v1/users/me', { Authorization: `Bearer ${other}` })).status).toBe(401)
    const changed = await own.call('PUT', '/v1/users/me/password', {
      body: { current_password: PASSWORD, new_password: NEXT },
      headers: person.auth,
    })
    expect(changed.status).toBe(204)
    expect((await end(other, await app())).body.code).toBe('mfa_token_invalid')
  })

  test('a forged token is refused', async () => {
    for (const token of ['act_01M81J18G0F1WA11106WFXGE52.00', 'x', 'act_1']) {
      const answer = await second(token, '123456')
      expect([answer.status, answer.body.code]).toEqual([401, 'mfa_token_invalid'])
    }
  })
})

describe('a recovery code', () => {
  test('opens the account once, however it is written', async () => {
    const { email, recoveryCodes: codes, auth } = await aGuardedPerson()
    const [one = '', two = ''] = codes
    expect((await login(email, { code: one })).status).toBe(200)
    const again = await login(email, { code: one })
    expect([again.status, again.body.code]).toEqual([422, 'code_wrong'])
    expect((await login(email, { code: two.toLowerCase().replaceAll('-', ' ') })).status).toBe(200)
    expect((await shop.get(PATH, auth)).body.recovery_codes_left).toBe(8)
  })

  test('used four times at once opens the account once', async () => {
    const { email, recoveryCodes: codes } = await aGuardedPerson()
    const answers = await Promise.all(Array.from({ length: 4 }, () => login(email, { code: codes[0] })))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
  })

  test('of somebody else opens nothing', async () => {
    const [ada, eve] = [await aGuardedPerson(), await aGuardedPerson()]
    expect((await login(ada.email, { code: eve.recoveryCodes[0] })).body.code).toBe('code_wrong')
    expect((await login(eve.email, { code: eve.recoveryCodes[0] })).status).toBe(200)
  })

  test('ends when new ones are made, which takes the password and a code', async () => {
    const { email, auth, app, recoveryCodes: old } = await aGuardedPerson()
    const renew = (current_password: string, code: string) =>
      shop.post(`${PATH}/recovery-codes`, { current_password, code }, auth)
    expect((await renew(WRONG, await app())).body.code).toBe('password_wrong')
    expect((await renew(PASSWORD, await aWrongCode(app))).body.code).toBe('code_wrong')
    const fresh = await renew(PASSWORD, await app())
    expect(fresh.status, fresh.text).toBe(200)
    expect((await login(email, { code: old[0] })).body.code).toBe('code_wrong')
    expect((await login(email, { code: fresh.body.recovery_codes[0] })).status).toBe(200)
  })
})

describe('turning it off', () => {
  test('takes the password and a code, and tells by mail', async () => {
    const { email, auth, app, id } = await aGuardedPerson()
    const off = (current_password: string, code: string) =>
      shop.post(`${PATH}/disable`, { current_password, code }, auth)
    expect((await off(WRONG, await app())).body.code).toBe('password_wrong')
    expect((await off(PASSWORD, await aWrongCode(app))).body.code).toBe('code_wrong')
    expect((await login(email)).body.code).toBe('mfa_required')
    expect((await off(PASSWORD, await app())).status).toBe(204)
    expect((await login(email)).status).toBe(200)
    expect((await off(PASSWORD, await app())).body.code).toBe('second_factor_missing')
    expect(await shop.db.select().from(recoveryCodes).where(eq(recoveryCodes.user_id, id))).toEqual([])
    await mailsAreOut(shop)
    expect(shop.mails.findLast(mail => mail.to === email)?.subject).toContain('no code any more')
  })
})

describe('guessing codes', () => {
  test('stops after 5 from one network, and after 10 from many, with a mail to the owner', async () => {
    const { email, app } = await aGuardedPerson()
    const { mfa_token } = (await login(email)).body
    const code = await aWrongCode(app)
    const network = aNetwork()
    const near = await Promise.all(Array.from({ length: 8 }, () => second(mfa_token, code, network)))
    expect(near.filter(answer => answer.body.code === 'code_wrong')).toHaveLength(5)
    expect(near.filter(answer => answer.body.code === 'too_many_attempts')).toHaveLength(3)
    const far = await Promise.all(Array.from({ length: 8 }, () => second(mfa_token, code)))
    expect(far.filter(answer => answer.body.code === 'too_many_attempts').length).toBeGreaterThanOrEqual(6)
    expect((await second(mfa_token, await app())).status).toBe(429)
    await mailsAreOut(shop)
    const warnings = shop.mails.filter(
      mail => mail.to === email && mail.subject.includes('may know your password'),
    )
    expect(warnings).toHaveLength(1)
  })

  test('does not shut the owner out: a known network goes on, and a reset by mail opens the rest', async () => {
    const home = aNetwork()
    const { email, app } = await aGuardedPerson(home)
    const { mfa_token } = (await login(email)).body
    const code = await aWrongCode(app)
    await Promise.all(Array.from({ length: 12 }, () => second(mfa_token, code)))
    const cafe = aNetwork()
    expect((await login(email, { code: await app() }, cafe)).status).toBe(429)
    expect((await login(email, { code: await app() }, home)).status).toBe(200)
    await shop.post('/v1/auth/password-reset', { email }, fromNetwork(cafe))
    const token = await linkTokenFor(shop, email)
    const reset = await shop.post(
      '/v1/auth/password-reset/confirm',
      { token, password: NEXT },
      fromNetwork(cafe),
    )
    expect(reset.status, reset.text).toBe(204)
    // The guesser's login ended with the password, and the reset alone opens nothing.
    expect((await second(mfa_token, await app(1))).body.code).toBe('mfa_token_invalid')
    expect((await login(email, { password: NEXT }, cafe)).body.code).toBe('mfa_required')
    expect((await login(email, { password: NEXT, code: await app(1) }, cafe)).status).toBe(200)
  })

  test('a right code gives its attempt back', async () => {
    const { email, app } = await aGuardedPerson()
    const network = aNetwork()
    for (let i = 0; i < 7; i++) {
      expect((await login(email, { code: await app() }, network)).status).toBe(200)
      shop.advance(30_000)
    }
  })
})

describe('while others guess the password', () => {
  test('the owner gets in from a new network with the right password and code (B6)', async () => {
    const { email, app } = await aGuardedPerson()
    await Promise.all(Array.from({ length: 60 }, () => login(email, { password: WRONG })))
    const cafe = aNetwork()
    expect((await login(email, {}, cafe)).status).toBe(429)
    expect((await login(email, { code: await aWrongCode(app) }, cafe)).status).toBe(429)
    expect((await login(email, { password: WRONG, code: await app() }, cafe)).status).toBe(401)
    expect((await login(email, { code: await app() }, cafe)).status).toBe(200)
  })

  test('a code, right or not, tells nobody whether an account exists', async () => {
    const unknown = anEmail()
    const { email } = await aGuardedPerson()
    for (const each of [unknown, email]) {
      await Promise.all(Array.from({ length: 60 }, () => login(each, { password: WRONG })))
    }
    const [a, b] = [await login(unknown, { code: '123456' }), await login(email, { code: '123456' })]
    expect([a.status, a.text.replace(/req_\w+/, '')]).toEqual([b.status, b.text.replace(/req_\w+/, '')])
    expect(a.status).toBe(429)
  })
})

describe('a role that needs a second factor', () => {
  const setPolicy = (auth: Record<string, string>, roles: string[]) =>
    shop.call('PUT', '/v1/admin/login-policy', {
      body: { require_second_factor_for: roles },
      headers: auth,
    })

  test('can only set one up, from the next request on, and then do its work', async () => {
    const owner = await aStaffMember(shop, 'owner')
    const manager = await aStaffMember(shop, 'manager')
    const { app } = await enrol(shop, owner)
    expect((await setPolicy(owner.auth, ['owner', 'manager'])).status).toBe(200)
    try {
      const refused = await shop.get('/v1/admin/staff', manager.auth)
      expect([refused.status, refused.body.code]).toEqual([403, 'second_factor_required'])
      expect((await shop.get('/v1/users/me', manager.auth)).status).toBe(200)
      expect((await shop.get(PATH, manager.auth)).body.is_required).toBe(true)
      expect((await shop.get('/v1/admin/staff', owner.auth)).status).toBe(200)
      const viewer = await aStaffMember(shop, 'support')
      expect((await shop.get('/v1/admin/staff', viewer.auth)).body.code).toBe('permission_missing')
      await enrol(shop, manager)
      const later = { Authorization: manager.auth.Authorization ?? '' }
      expect((await shop.get('/v1/admin/staff', later)).status).toBe(200)
      const off = { current_password: PASSWORD, code: await app() }
      expect((await shop.post(`${PATH}/disable`, off, owner.auth)).status).toBe(204)
      expect((await shop.get('/v1/admin/staff', owner.auth)).status).toBe(403)
    } finally {
      await shop.db.run("UPDATE shop_settings SET require_mfa_for = '[]'")
    }
  })

  test('is one that there is, and only an owner decides it', async () => {
    const [owner, manager] = [await aStaffMember(shop, 'owner'), await aStaffMember(shop, 'manager')]
    const unknown = await setPolicy(owner.auth, ['owner', 'nobody'])
    expect([unknown.status, unknown.body.code]).toEqual([422, 'role_unknown'])
    expect(unknown.body.errors[0].pointer).toBe('/require_second_factor_for/1')
    expect((await setPolicy(manager.auth, [])).status).toBe(403)
    expect((await shop.get('/v1/admin/login-policy', manager.auth)).body).toEqual({
      require_second_factor_for: [],
    })
  })
})
