// Setting passwords: the change, the reset, and how they are kept.

import { eq } from 'drizzle-orm'
import { beforeAll, describe, expect, test } from 'vitest'
import { createPasswords } from '../../../src/features/auth/password-hash.ts'
import { users } from '../../../src/features/users/table.ts'
import {
  aNetwork,
  anAccount,
  anEmail,
  aPerson,
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

const NEXT = 'nine purple lanterns sing'

const change = (auth: Record<string, string>, current_password: string, new_password = NEXT) =>
  shop.call('PUT', '/v1/users/me/password', { body: { current_password, new_password }, headers: auth })
const confirm = (token: string, password = NEXT) =>
  shop.post('/v1/auth/password-reset/confirm', { token, password }, fromNetwork(aNetwork()))
const askReset = (email: string) => shop.post('/v1/auth/password-reset', { email }, fromNetwork(aNetwork()))
const canLogIn = async (email: string, password: string) =>
  (await shop.post('/v1/auth/login', { email, password }, fromNetwork(aNetwork()))).status === 200

describe('a password change', () => {
  test('wants the current password', async () => {
    const { auth, email } = await aPerson(shop)
    const answer = await change(auth, 'not the current password')
    expect(answer.status).toBe(422)
    expect(answer.body).toMatchObject({ code: 'password_wrong', errors: [{ pointer: '/current_password' }] })
    expect(await canLogIn(email, PASSWORD)).toBe(true)
  })

  test('ends all other sessions, keeps its own, and tells by mail', async () => {
    const email = await anAccount(shop)
    const other = await loginAs(shop, email)
    const own = await loginAs(shop, email)
    expect((await change(own.auth, PASSWORD)).status).toBe(204)
    expect((await shop.get('/v1/users/me', own.auth)).status).toBe(200)
    expect((await shop.get('/v1/users/me', other.auth)).status).toBe(401)
    for (const [person, status] of [
      [own, 200],
      [other, 401],
    ] as const) {
      const answer = await shop.post('/v1/auth/refresh', { refresh_token: person.tokens.refresh_token })
      expect(answer.status).toBe(status)
    }
    expect(await canLogIn(email, PASSWORD)).toBe(false)
    expect(await canLogIn(email, NEXT)).toBe(true)
    await mailsAreOut(shop)
    expect(shop.mails.filter(mail => mail.to === email).at(-1)?.subject).toContain('was changed')
  })

  test('ends links that were mailed before', async () => {
    const { auth, email } = await aPerson(shop)
    await askReset(email)
    const token = await linkTokenFor(shop, email)
    expect((await change(auth, PASSWORD)).status).toBe(204)
    expect((await confirm(token, 'three brave otters juggle')).status).toBe(400)
  })

  test('two at once from one old password: one wins', async () => {
    const { auth } = await aPerson(shop)
    const answers = await Promise.all([
      change(auth, PASSWORD),
      change(auth, PASSWORD, 'three brave otters juggle'),
    ])
    expect(answers.map(answer => answer.status).sort()).toEqual([204, 422])
  })
})

describe('a login with the old password', () => {
  test('that is still being checked while the password changes opens no session', async () => {
    const { auth, email } = await aPerson(shop)
    const real = shop.deps.passwords
    const slow = await openShop({
      deps: {
        passwords: {
          ...real,
          verify: async (password, stored) => {
            const verdict = await real.verify(password, stored)
            expect((await change(auth, PASSWORD)).status).toBe(204)
            return verdict
          },
        },
      },
    })
    const answer = await slow.post('/v1/auth/login', { email, password: PASSWORD }, fromNetwork(aNetwork()))
    expect([answer.status, answer.body.code]).toEqual([401, 'credentials_invalid'])
    expect((await shop.get('/v1/users/me/sessions', auth)).body.data).toHaveLength(1)
  })
})

describe('a password reset', () => {
  test('sets the password once, ends every session, and its link works no second time', async () => {
    const { email, auth, tokens } = await aPerson(shop)
    await askReset(email)
    const token = await linkTokenFor(shop, email)
    expect((await confirm(token)).status).toBe(204)
    expect((await shop.get('/v1/users/me', auth)).status).toBe(401)
    expect((await shop.post('/v1/auth/refresh', { refresh_token: tokens.refresh_token })).status).toBe(401)
    expect(await canLogIn(email, NEXT)).toBe(true)
    const again = await confirm(token, 'three brave otters juggle')
    expect(again.status).toBe(400)
    expect(again.body.code).toBe('link_invalid')
  })

  test('20 uses of one link at the same time: one wins', async () => {
    const email = await anAccount(shop)
    await askReset(email)
    const token = await linkTokenFor(shop, email)
    const answers = await Promise.all(Array.from({ length: 20 }, () => confirm(token)))
    expect(answers.filter(answer => answer.status === 204)).toHaveLength(1)
    // Others lose the race, or find too many hashes waiting; nobody else sets a password.
    expect(answers.every(answer => [204, 400, 503].includes(answer.status))).toBe(true)
  })

  test('its link lives an hour', async () => {
    const own = await openShop()
    const email = await anAccount(own)
    await own.post('/v1/auth/password-reset', { email }, fromNetwork(aNetwork()))
    const token = await linkTokenFor(own, email)
    own.advance(60 * 60_000)
    const late = await own.post(
      '/v1/auth/password-reset/confirm',
      { token, password: NEXT },
      fromNetwork(aNetwork()),
    )
    expect(late.status).toBe(400)
  })

  test('a refused password leaves the link as it was', async () => {
    const email = await anAccount(shop)
    await askReset(email)
    const token = await linkTokenFor(shop, email)
    expect((await confirm(token, 'passwordpassword')).body.code).toBe('password_refused')
    expect((await confirm(token)).status).toBe(204)
  })

  test('tokens that we did not make are refused, however they look', async () => {
    const email = anEmail()
    await shop.post('/v1/users', { email, password: PASSWORD }, fromNetwork(aNetwork()))
    const forRegistering = await linkTokenFor(shop, email)
    const [id = '', mac = ''] = forRegistering.split('.')
    for (const token of [
      '.',
      id,
      `${id}.`,
      `${id}.${'0'.repeat(64)}`,
      `${id}.${mac.toUpperCase()}`,
      `${id}.${mac}.${mac}`,
      `${id}x.${mac}`,
      forRegistering,
    ]) {
      const answer = await confirm(token)
      expect([answer.status, answer.body.code]).toEqual([400, 'link_invalid'])
    }
  })
})

describe('how a password is kept', () => {
  const stored = async (own: TestShop, email: string) =>
    (await own.db.select().from(users).where(eq(users.email, email)))[0]?.password_hash ?? ''

  test('as scrypt N=2^14, r=8, p=5 in PHC form, with a salt of its own', async () => {
    const own = await openShop({ deps: { passwords: createPasswords() } })
    const [a, b] = [await anAccount(own), await anAccount(own)]
    const hashes = [await stored(own, a), await stored(own, b)]
    for (const hash of hashes) {
      expect(hash).toMatch(/^\$scrypt\$ln=14,r=8,p=5\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
    }
    expect(hashes[0]).not.toBe(hashes[1])
  })

  test('a login brings an old cost up to today’s, and the password stays', async () => {
    const email = await anAccount(shop)
    const before = await stored(shop, email)
    expect(before).toContain('ln=4,')
    const stronger = await openShop({ deps: { passwords: createPasswords({ ln: 5, r: 8, p: 1 }) } })
    await loginAs(stronger, email)
    const after = await stored(shop, email)
    expect(after).toContain('ln=5,')
    await loginAs(stronger, email)
    expect(await stored(shop, email)).toBe(after)
  })

  test('of logins at the same time that all bring the cost up none fails', async () => {
    const email = await anAccount(shop)
    const stronger = await openShop({ deps: { passwords: createPasswords({ ln: 5, r: 8, p: 1 }) } })
    const answers = await Promise.all(
      Array.from({ length: 6 }, () =>
        stronger.post('/v1/auth/login', { email, password: PASSWORD }, fromNetwork(aNetwork())),
      ),
    )
    expect(answers.map(({ status }) => status)).toEqual(Array(6).fill(200))
  })
})
