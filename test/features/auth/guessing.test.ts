// Guessing passwords: what an attacker learns (nothing) and how far they get, and that no owner is ever shut out by it.

import { beforeAll, describe, expect, test } from 'vitest'
import { countAttempt, giveBack, LIMITS } from '../../../src/features/auth/limits.ts'
import { createPasswords } from '../../../src/features/auth/password-hash.ts'
import { face } from '../../support/diff.ts'
import {
  aNetwork,
  anAccount,
  anEmail,
  aPerson,
  challenge,
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

const WRONG = 'eight green kettles hum'
const NEXT = 'nine purple lanterns sing'

const tryLogin = (email: string, password: string, network: string) =>
  shop.post('/v1/auth/login', { email, password }, fromNetwork(network))

/** Let through by the limits; with so many at once some then find the hasher busy. */
const wasHeard = ({ status }: { status: number }) => status === 401 || status === 503

/** Makes `count` wrong guesses at an account, each from another network. */
const attack = (email: string, count: number) =>
  Promise.all(Array.from({ length: count }, () => tryLogin(email, WRONG, aNetwork())))

describe('nobody learns whether an email has an account', () => {
  test('from a login: unknown email, wrong password and unverified registration are one answer, byte for byte', async () => {
    const known = await anAccount(shop)
    const unverified = anEmail()
    await shop.post('/v1/users', { email: unverified, password: PASSWORD }, fromNetwork(aNetwork()))
    const [wrong, unknown, early] = await Promise.all([
      tryLogin(known, WRONG, aNetwork()),
      tryLogin(anEmail(), WRONG, aNetwork()),
      tryLogin(unverified, PASSWORD, aNetwork()),
    ])
    expect(wrong.status).toBe(401)
    expect(wrong.body.code).toBe('credentials_invalid')
    expect(wrong.headers.get('WWW-Authenticate')).toBe(challenge())
    expect(face(unknown)).toEqual(face(wrong))
    expect(face(early)).toEqual(face(wrong))
  })

  test('from a login that is refused for too many attempts', async () => {
    const known = await anAccount(shop)
    const unknown = anEmail()
    for (const email of [known, unknown]) await attack(email, 50)
    const [a, b] = await Promise.all([
      tryLogin(known, PASSWORD, aNetwork()),
      tryLogin(unknown, PASSWORD, aNetwork()),
    ])
    expect(a.status).toBe(429)
    expect(face(b)).toEqual(face(a))
  })

  test('from a registration, nor from asking for a reset', async () => {
    const known = await anAccount(shop)
    for (const path of ['/v1/users', '/v1/auth/password-reset']) {
      const body = (email: string) => (path === '/v1/users' ? { email, password: PASSWORD } : { email })
      const [a, b] = await Promise.all([
        shop.post(path, body(known), fromNetwork(aNetwork())),
        shop.post(path, body(anEmail()), fromNetwork(aNetwork())),
      ])
      expect(a.status).toBe(202)
      expect(face(b)).toEqual(face(a))
    }
  })

  test('from the work that is done: as many hashes and as many database calls', async () => {
    let hashes = 0
    const real = createPasswords({ ln: 4, r: 8, p: 1 })
    const own = await openShop({
      deps: {
        passwords: {
          hash: password => {
            hashes += 1
            return real.hash(password)
          },
          verify: (password, stored) => {
            hashes += 1
            return real.verify(password, stored)
          },
        },
      },
    })
    const known = await anAccount(own)
    const costOf = async (path: string, body: object) => {
      hashes = 0
      // Mails leave behind the reply, and their work is not the request's.
      const calls = await own.countCalls(() => own.post(path, body, fromNetwork(aNetwork())))
      return { hashes, calls }
    }
    const login = (email: string) => costOf('/v1/auth/login', { email, password: WRONG })
    expect(await login(anEmail())).toEqual(await login(known))
    expect((await login(known)).hashes).toBe(1)
    const register = async (email: string) =>
      (await costOf('/v1/users', { email, password: PASSWORD })).hashes
    expect(await register(anEmail())).toBe(1)
    expect(await register(known)).toBe(1)
  })
})

describe('limits are exact', () => {
  test('10 of 30 guesses at once from one network at one account are heard, the rest wait', async () => {
    const email = await anAccount(shop)
    const network = aNetwork()
    const answers = await Promise.all(Array.from({ length: 30 }, () => tryLogin(email, WRONG, network)))
    expect(answers.filter(answer => answer.status === 401)).toHaveLength(10)
    const refused = answers.filter(answer => answer.status === 429)
    expect(refused).toHaveLength(20)
    for (const answer of refused) {
      expect(answer.body.code).toBe('too_many_attempts')
      expect(Number(answer.headers.get('Retry-After'))).toBe(900)
    }
  })

  test('50 of 70 guesses from 70 networks at one account are heard', async () => {
    const answers = await attack(await anAccount(shop), 70)
    expect(answers.filter(answer => answer.status === 429)).toHaveLength(20)
    expect(answers.filter(wasHeard)).toHaveLength(50)
  })

  test('100 of 110 guesses from one network at 110 accounts are heard', async () => {
    const network = aNetwork()
    const answers = await Promise.all(Array.from({ length: 110 }, () => tryLogin(anEmail(), WRONG, network)))
    expect(answers.filter(answer => answer.status === 429)).toHaveLength(10)
    expect(answers.filter(wasHeard)).toHaveLength(100)
  })

  test('they end after as long as they said', async () => {
    const own = await openShop()
    const email = await anAccount(own)
    const network = aNetwork()
    const guess = (password: string) => own.post('/v1/auth/login', { email, password }, fromNetwork(network))
    for (let i = 0; i < 10; i++) await guess(WRONG)
    expect((await guess(PASSWORD)).status).toBe(429)
    own.advance(899_000)
    expect((await guess(PASSWORD)).status).toBe(429)
    own.advance(1_000)
    expect((await guess(PASSWORD)).status).toBe(200)
  })

  test('a right login does not use them up', async () => {
    const email = await anAccount(shop)
    const network = aNetwork()
    for (let i = 0; i < 12; i++) expect((await tryLogin(email, PASSWORD, network)).status).toBe(200)
  })

  test('a login gives its attempt back to its own window, never to one that began since', async () => {
    const now = shop.deps.clock()
    const count = async (at: number) =>
      shop.db.batch([countAttempt(shop.db, 'window', LIMITS.login_account, at)])
    const [old] = await count(now)
    await count(now + LIMITS.login_account.window_ms)
    await giveBack(shop.db, 'window', old)
    const [fresh] = await count(now + LIMITS.login_account.window_ms)
    expect(fresh[0]?.attempts).toBe(2)
    await giveBack(shop.db, 'window', fresh)
    const [again] = await count(now + LIMITS.login_account.window_ms)
    expect(again[0]?.attempts).toBe(2)
  })

  test('X-Forwarded-For makes no new network', async () => {
    const email = await anAccount(shop)
    const network = aNetwork()
    const answers = await Promise.all(
      Array.from({ length: 15 }, () =>
        shop.post(
          '/v1/auth/login',
          { email, password: WRONG },
          { ...fromNetwork(network), 'X-Forwarded-For': aNetwork() },
        ),
      ),
    )
    expect(answers.filter(answer => answer.status === 429)).toHaveLength(5)
  })
})

describe('an owner is never shut out by others', () => {
  test('a network that opened the account before is heard, however many guess elsewhere', async () => {
    const email = await anAccount(shop)
    const home = aNetwork()
    await loginAs(shop, email, PASSWORD, home)
    await attack(email, 80)
    expect((await tryLogin(email, PASSWORD, aNetwork())).status).toBe(429)
    expect((await tryLogin(email, PASSWORD, home)).status).toBe(200)
  })

  test('from a new network a reset by mail opens the account at once', async () => {
    const email = await anAccount(shop)
    await attack(email, 80)
    const cafe = aNetwork()
    expect((await tryLogin(email, PASSWORD, cafe)).status).toBe(429)
    await shop.post('/v1/auth/password-reset', { email }, fromNetwork(cafe))
    const token = await linkTokenFor(shop, email)
    const reset = await shop.post(
      '/v1/auth/password-reset/confirm',
      { token, password: NEXT },
      fromNetwork(cafe),
    )
    expect(reset.status, reset.text).toBe(204)
    expect((await tryLogin(email, NEXT, cafe)).status).toBe(200)
    await attack(email, 80)
    expect((await tryLogin(email, NEXT, cafe)).status).toBe(200)
  })

  test('who asks for many resets stops no mail that still works: 5 an hour go out, and each link lives the hour', async () => {
    const email = await anAccount(shop)
    // The registration's mail was the first of the hour.
    for (let i = 0; i < 9; i++) {
      const answer = await shop.post('/v1/auth/password-reset', { email }, fromNetwork(aNetwork()))
      expect(answer.status).toBe(202)
    }
    await mailsAreOut(shop)
    expect(shop.mails.filter(mail => mail.to === email)).toHaveLength(5)
    const token = await linkTokenFor(shop, email)
    const reset = await shop.post(
      '/v1/auth/password-reset/confirm',
      { token, password: NEXT },
      fromNetwork(aNetwork()),
    )
    expect(reset.status, reset.text).toBe(204)
  })

  test('after a reset further mails go out: who proved the mailbox is no flooder', async () => {
    const email = await anAccount(shop)
    for (let i = 0; i < 6; i++) await shop.post('/v1/auth/password-reset', { email }, fromNetwork(aNetwork()))
    const reset = async (password: string) =>
      shop.post(
        '/v1/auth/password-reset/confirm',
        { token: await linkTokenFor(shop, email), password },
        fromNetwork(aNetwork()),
      )
    expect((await reset(NEXT)).status).toBe(204)
    await shop.post('/v1/auth/password-reset', { email }, fromNetwork(aNetwork()))
    expect((await reset(PASSWORD)).status).toBe(204)
  })

  test('a session that runs is not touched by guesses', async () => {
    const { email, auth, tokens } = await aPerson(shop)
    await attack(email, 80)
    expect((await shop.get('/v1/users/me', auth)).status).toBe(200)
    expect((await shop.post('/v1/auth/refresh', { refresh_token: tokens.refresh_token })).status).toBe(200)
  })
})
