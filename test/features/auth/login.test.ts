// Logging in, staying logged in, logging out.

import { beforeAll, describe, expect, test } from 'vitest'
import { dumpOf } from '../../support/dump.ts'
import {
  aNetwork,
  anAccount,
  anEmail,
  aPerson,
  challenge,
  fromNetwork,
  linkTokenFor,
  loginAs,
  PASSWORD,
} from '../../support/people.ts'
import { openShop, type TestShop } from '../../support/shop.ts'

let shop: TestShop
beforeAll(async () => {
  shop = await openShop()
})

const refresh = (token: string) => shop.post('/v1/auth/refresh', { refresh_token: token })

describe('a login', () => {
  test('gives an access token of 15 minutes in the profile of RFC 9068, and a refresh token', async () => {
    const { tokens, id } = await aPerson(shop)
    const [head = '', body = ''] = tokens.access_token.split('.')
    const header = JSON.parse(atob(head))
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString())
    expect(header).toEqual({ alg: 'ES256', typ: 'at+jwt', kid: 'suite-2026' })
    expect(claims).toMatchObject({
      iss: 'https://shop.example',
      aud: 'https://shop.example',
      sub: id,
      client_id: 'first_party',
      scope: 'buyer',
      sid: tokens.session_id,
    })
    expect(claims.exp - claims.iat).toBe(900)
    expect(claims.jti).toMatch(/^[0-9a-f-]{36}$/)
    expect(tokens.refresh_token).toMatch(/^rt_[0-9a-f]{64}$/)
    expect(tokens).toMatchObject({ token_type: 'Bearer', expires_in: 900 })
  })

  test('its answer is never cached', async () => {
    const email = await anAccount(shop)
    const answer = await shop.post('/v1/auth/login', { email, password: PASSWORD }, fromNetwork(aNetwork()))
    expect(answer.headers.get('Cache-Control')).toBe('no-store')
  })

  test('takes the password in any Unicode form, and no other', async () => {
    const email = await anAccount(shop, anEmail(), 'ﬁve crème brûlées please')
    await loginAs(shop, email, 'five crème brûlées please'.normalize('NFD'))
    const other = await shop.post(
      '/v1/auth/login',
      { email, password: 'five creme brulees please' },
      fromNetwork(aNetwork()),
    )
    expect(other.status).toBe(401)
  })

  test('writes the email without regard to case', async () => {
    const email = await anAccount(shop)
    await loginAs(shop, email.toUpperCase())
  })
})

describe('an access token', () => {
  test('is verified without a database call', async () => {
    const { auth } = await aPerson(shop)
    expect(await shop.countCalls(() => shop.get('/openapi.json', auth))).toBe(0)
    expect(await shop.countCalls(() => shop.get('/v1/users/me', auth))).toBe(1)
  })

  test('expires after 15 minutes', async () => {
    const own = await openShop()
    const { auth } = await aPerson(own)
    own.advance(15 * 60_000 - 1000)
    expect((await own.get('/v1/users/me', auth)).status).toBe(200)
    own.advance(7_000)
    const late = await own.get('/v1/users/me', auth)
    expect(late.status).toBe(401)
    expect(late.headers.get('WWW-Authenticate')).toBe(challenge('error="invalid_token"'))
  })
})

describe('a refresh token', () => {
  test('is replaced on every use, and its session keeps its end', async () => {
    const { tokens } = await aPerson(shop)
    const first = await refresh(tokens.refresh_token)
    expect(first.status, first.text).toBe(200)
    expect(first.body.refresh_token).not.toBe(tokens.refresh_token)
    const second = await refresh(first.body.refresh_token)
    expect(second.status).toBe(200)
    expect(second.body.session_expires_at).toBe(first.body.session_expires_at)
    expect(second.body.session_id).toBe(tokens.session_id)
  })

  test('used again within 10 s gets the same replacement: a lost answer costs nothing', async () => {
    const { tokens } = await aPerson(shop)
    const first = await refresh(tokens.refresh_token)
    shop.advance(9_000)
    const again = await refresh(tokens.refresh_token)
    expect(again.status).toBe(200)
    expect(again.body.refresh_token).toBe(first.body.refresh_token)
  })

  test('used again after 10 s ends its session', async () => {
    const { tokens, auth } = await aPerson(shop)
    const first = await refresh(tokens.refresh_token)
    shop.advance(10_001)
    const replay = await refresh(tokens.refresh_token)
    expect(replay.status).toBe(401)
    expect(replay.body.code).toBe('refresh_token_invalid')
    expect((await refresh(first.body.refresh_token)).status).toBe(401)
    expect((await shop.get('/v1/users/me', auth)).status).toBe(401)
  })

  test('used again after its replacement was used ends its session, however soon', async () => {
    const { tokens } = await aPerson(shop)
    const first = await refresh(tokens.refresh_token)
    const second = await refresh(first.body.refresh_token)
    expect((await refresh(tokens.refresh_token)).status).toBe(401)
    expect((await refresh(second.body.refresh_token)).status).toBe(401)
  })

  test('50 at the same time make one head of the family, and all get it', async () => {
    const { tokens } = await aPerson(shop)
    const answers = await Promise.all(Array.from({ length: 50 }, () => refresh(tokens.refresh_token)))
    expect(answers.map(answer => answer.status)).toEqual(Array(50).fill(200))
    const heads = new Set(answers.map(answer => answer.body.refresh_token))
    expect(heads.size).toBe(1)
    expect((await refresh([...heads][0])).status).toBe(200)
  })

  test('ends with its session after 30 days, however often it was replaced', async () => {
    const own = await openShop()
    let { refresh_token } = (await aPerson(own)).tokens
    for (let day = 0; day < 29; day += 7) {
      own.advance(7 * 24 * 60 * 60_000)
      const answer = await own.post('/v1/auth/refresh', { refresh_token })
      if (day + 7 < 30) expect(answer.status, answer.text).toBe(200)
      else expect(answer.status).toBe(401)
      refresh_token = answer.body.refresh_token ?? refresh_token
    }
  })

  test('is stored only as a hash, and links not at all', async () => {
    const email = anEmail()
    await shop.post('/v1/users', { email, password: PASSWORD }, fromNetwork(aNetwork()))
    const link = await linkTokenFor(shop, email)
    const { tokens } = await aPerson(shop)
    const next = await refresh(tokens.refresh_token)
    const dump = await dumpOf(shop)
    for (const secret of [
      link,
      tokens.refresh_token,
      next.body.refresh_token,
      tokens.access_token,
      PASSWORD,
    ]) {
      expect(secret.length).toBeGreaterThan(20)
      expect(dump).not.toContain(secret)
      expect(dump).not.toContain(secret.split(/[_.]/).at(-1))
    }
  })
})

describe('a logout', () => {
  test('ends the session at once, for both tokens', async () => {
    const { tokens, auth } = await aPerson(shop)
    expect((await shop.post('/v1/auth/logout', { refresh_token: tokens.refresh_token })).status).toBe(204)
    expect((await refresh(tokens.refresh_token)).status).toBe(401)
    expect((await shop.get('/v1/users/me', auth)).status).toBe(401)
  })

  test('of an unknown token answers the same', async () => {
    const answer = await shop.post('/v1/auth/logout', { refresh_token: 'rt_unknown' })
    expect(answer.status).toBe(204)
    expect(answer.text).toBe('')
  })
})

describe('sessions', () => {
  test('are listed newest first, and one can be ended without the others', async () => {
    const email = await anAccount(shop)
    const first = await loginAs(shop, email)
    const second = await loginAs(shop, email)
    const listed = await shop.get('/v1/users/me/sessions', second.auth)
    expect(
      listed.body.data.map((session: { id: string; is_current: boolean }) => [
        session.id,
        session.is_current,
      ]),
    ).toEqual([
      [second.tokens.session_id, true],
      [first.tokens.session_id, false],
    ])
    const path = `/v1/users/me/sessions/${first.tokens.session_id}`
    expect((await shop.call('DELETE', path, { headers: second.auth })).status).toBe(204)
    expect((await shop.call('DELETE', path, { headers: second.auth })).status).toBe(404)
    expect((await refresh(first.tokens.refresh_token)).status).toBe(401)
    expect((await refresh(second.tokens.refresh_token)).status).toBe(200)
  })

  test('a page goes on where the one before ended', async () => {
    const email = await anAccount(shop)
    const people = [await loginAs(shop, email), await loginAs(shop, email), await loginAs(shop, email)]
    const auth = people[0]?.auth
    const first = await shop.get('/v1/users/me/sessions?limit=2', auth)
    const second = await shop.get(`/v1/users/me/sessions?limit=2&cursor=${first.body.next_cursor}`, auth)
    const ids = [...first.body.data, ...second.body.data].map((session: { id: string }) => session.id)
    expect(ids).toEqual(people.map(person => person.tokens.session_id).reverse())
    expect(second.body.next_cursor).toBeNull()
  })
})
