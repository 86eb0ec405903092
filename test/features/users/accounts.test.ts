// Accounts: registering, confirming, one's own row, addresses and orders.

import { sql } from 'drizzle-orm'
import { beforeAll, describe, expect, test } from 'vitest'
import { face } from '../../support/diff.ts'
import { anAddress } from '../../support/factories.ts'
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
import { openShop, type TestShop, withKey } from '../../support/shop.ts'

let shop: TestShop
beforeAll(async () => {
  shop = await openShop()
})

const register = (email: string, password = PASSWORD) =>
  shop.post('/v1/users', { email, password }, fromNetwork(aNetwork()))
const verify = (token: string, password = PASSWORD) =>
  shop.post('/v1/users/verify', { token, password }, fromNetwork(aNetwork()))

/** Buys one item; returns the order's id. */
async function buy(email: string, auth: Record<string, string> = {}): Promise<string> {
  const { variantIds } = await shop.addProduct()
  const checkout = await shop.post(
    '/v1/checkouts',
    {
      lines: [{ variant_id: variantIds[0], quantity: 2 }],
      email,
      shipping_address: anAddress(),
      shipping_option_id: 'ship_standard',
    },
    auth,
  )
  const done = await shop.post(
    `/v1/checkouts/${checkout.body.id}/complete`,
    { payment: { provider: 'test', token: 'tok_approved' } },
    { ...withKey(), ...auth },
  )
  expect(done.status, done.text).toBe(200)
  return done.body.order_id
}

describe('a registration', () => {
  test('makes no account before its mail is answered, and one account after', async () => {
    const email = anEmail()
    expect((await register(email)).status).toBe(202)
    const count = async () =>
      (await shop.db.all<{ n: number }>(sql`SELECT count(*) AS n FROM users WHERE email = ${email}`))[0]?.n
    expect(await count()).toBe(0)
    const token = await linkTokenFor(shop, email)
    expect((await verify(token)).status).toBe(204)
    expect(await count()).toBe(1)
    const again = await verify(token)
    expect([again.status, again.body.code]).toEqual([400, 'link_invalid'])
  })

  test('cannot be prepared by a stranger: the link wants the password that it was made with', async () => {
    const victim = anEmail()
    await register(victim, 'what the attacker knows')
    const token = await linkTokenFor(shop, victim)
    const answer = await verify(token, PASSWORD)
    expect([answer.status, answer.body.code]).toEqual([422, 'password_wrong'])
    await register(victim)
    expect((await verify(await linkTokenFor(shop, victim))).status).toBe(204)
    expect((await verify(token, 'what the attacker knows')).status).toBe(400)
    await loginAs(shop, victim)
  })

  test('of a known email changes nothing and tells the owner', async () => {
    const email = await anAccount(shop)
    await register(email, 'what the attacker knows')
    await mailsAreOut(shop)
    const last = shop.mails.filter(mail => mail.to === email).at(-1)
    expect(last?.subject).toContain('already have an account')
    expect(last?.text).not.toContain('token=')
    await loginAs(shop, email)
  })

  test('20 confirmations of one link at once make one account', async () => {
    const email = anEmail()
    await register(email)
    const token = await linkTokenFor(shop, email)
    const answers = await Promise.all(Array.from({ length: 20 }, () => verify(token)))
    expect(answers.filter(answer => answer.status === 204)).toHaveLength(1)
    expect(answers.every(answer => answer.status < 500 || answer.status === 503)).toBe(true)
  })

  test('wants a password that is hard to guess, and says so by name', async () => {
    for (const password of ['short', 'passwordpassword', 'curbside curbside']) {
      const answer = await register(anEmail(), password)
      expect([answer.status, answer.body.code]).toEqual([422, 'password_refused'])
      expect(answer.body.errors).toMatchObject([{ in: 'body', pointer: '/password' }])
    }
  })

  test('takes no role, id or verified email from a client (INV-STRICT)', async () => {
    for (const key of ['role', 'id', 'email_verified_at', 'user_id', 'password_hash']) {
      const answer = await shop.post('/v1/users', { email: anEmail(), password: PASSWORD, [key]: 'owner' })
      expect([answer.status, answer.body.code]).toEqual([422, 'invalid_input'])
    }
    const { auth } = await aPerson(shop)
    for (const key of ['role', 'email', 'id', 'password_hash']) {
      const answer = await shop.call('PATCH', '/v1/users/me', { body: { [key]: 'owner' }, headers: auth })
      expect([answer.status, answer.body.code]).toEqual([422, 'invalid_input'])
    }
  })
})

describe('my account', () => {
  test('shows and changes name and phone', async () => {
    const { auth, email } = await aPerson(shop)
    const changed = await shop.call('PATCH', '/v1/users/me', {
      body: { phone: '+49 30 1234567', name: null },
      headers: auth,
    })
    expect(changed.body).toMatchObject({ email, phone: '+49 30 1234567', name: null })
    expect((await shop.get('/v1/users/me', auth)).body).toEqual(changed.body)
  })

  test('a change is in the audit log by the names of its fields, with nothing personal', async () => {
    const { auth, id } = await aPerson(shop)
    const body = { name: 'Canary Quillfeather', phone: '+49 30 7171717' }
    await shop.call('PATCH', '/v1/users/me', { body, headers: auth })
    const rows = await shop.db.all<{ changes: string }>(
      sql`SELECT changes FROM audit_log WHERE action = 'user.changed' AND object_id = ${id}`,
    )
    expect(rows).toEqual([{ changes: '{"changed":["name","phone"]}' }])
    await shop.db.run(sql`UPDATE sessions SET ended_at = 1, end_reason = 'ended' WHERE user_id = ${id}`)
    const late = await shop.call('PATCH', '/v1/users/me', { body, headers: auth })
    expect(late.status).toBe(401)
    expect(
      await shop.db.all(sql`SELECT 1 FROM audit_log WHERE action = 'user.changed' AND object_id = ${id}`),
    ).toHaveLength(1)
  })

  test('wants a login', async () => {
    const answer = await shop.get('/v1/users/me')
    expect([answer.status, answer.body.code]).toEqual([401, 'authentication_required'])
    expect(answer.headers.get('WWW-Authenticate')).toBe(challenge())
  })
})

describe('addresses', () => {
  const create = (auth: Record<string, string>, body: object = { address: anAddress() }, key = {}) =>
    shop.post('/v1/users/me/addresses', body, { ...auth, ...key })

  test('are saved, listed, changed and deleted', async () => {
    const { auth } = await aPerson(shop)
    const made = await create(auth)
    expect(made.status, made.text).toBe(201)
    const path = made.headers.get('Location') ?? ''
    const changed = await shop.call('PATCH', path, {
      body: { address: anAddress({ city: 'Bonn' }) },
      headers: auth,
    })
    expect(changed.body.address.city).toBe('Bonn')
    expect((await shop.get('/v1/users/me/addresses', auth)).body.data).toEqual([changed.body])
    expect((await shop.call('DELETE', path, { headers: auth })).status).toBe(204)
    expect((await shop.get('/v1/users/me/addresses', auth)).body.data).toEqual([])
  })

  test('have at most one default, also when two are made the default at once', async () => {
    const { auth } = await aPerson(shop)
    const body = { address: anAddress(), is_default: true }
    const made = await Promise.all([create(auth, body), create(auth, body), create(auth, body)])
    expect(made.map(answer => answer.status)).toEqual([201, 201, 201])
    const first = made[0]?.body.id
    await shop.call('PATCH', `/v1/users/me/addresses/${first}`, { body: { is_default: true }, headers: auth })
    const { data } = (await shop.get('/v1/users/me/addresses', auth)).body
    const defaults = data.filter((one: { is_default: boolean }) => one.is_default)
    expect(defaults.map((one: { id: string }) => one.id)).toEqual([first])
  })

  test('are checked by the rules of their country', async () => {
    const { auth } = await aPerson(shop)
    const answer = await create(auth, { address: anAddress({ postal_code: 'x' }) })
    expect(answer.body).toMatchObject({
      code: 'address_invalid',
      errors: [{ pointer: '/address/postal_code' }],
    })
  })

  test('the same key saves one', async () => {
    const { auth } = await aPerson(shop)
    const key = withKey()
    const [a, b] = [await create(auth, undefined, key), await create(auth, undefined, key)]
    expect(b.body).toEqual(a.body)
    expect(b.headers.get('Idempotent-Replayed')).toBe('true')
    expect((await shop.get('/v1/users/me/addresses', auth)).body.data).toHaveLength(1)
  })

  test('a key is its person’s own: another’s does not replay it', async () => {
    const [ada, eve] = [await aPerson(shop), await aPerson(shop)]
    const key = withKey()
    await create(ada.auth, undefined, key)
    const answer = await create(eve.auth, undefined, key)
    expect(answer.headers.get('Idempotent-Replayed')).toBeNull()
  })

  test('51 do not fit, also when they come at once', async () => {
    const { auth } = await aPerson(shop)
    for (let i = 0; i < 48; i++) await create(auth)
    const answers = await Promise.all(Array.from({ length: 5 }, () => create(auth)))
    expect(answers.filter(answer => answer.status === 201)).toHaveLength(2)
    expect(answers.find(answer => answer.status !== 201)?.body.code).toBe('too_many_addresses')
  })
})

describe('my orders', () => {
  const orderIds = async (auth: Record<string, string>) =>
    (await shop.get('/v1/users/me/orders', auth)).body.data.map((order: { id: string }) => order.id)

  test('hold what was bought while logged in, with whatever email', async () => {
    const { auth } = await aPerson(shop)
    const id = await buy('somebody.else@example.com', auth)
    const listed = await shop.get('/v1/users/me/orders', auth)
    expect(listed.body.data).toMatchObject([
      { id, quantity: 2, payment_status: 'paid', total: { amount: 4500, currency: 'EUR' } },
    ])
  })

  test('hold what was bought as a guest with the email, before and after it was confirmed', async () => {
    const email = anEmail()
    const before = await buy(email.toUpperCase())
    await anAccount(shop, email)
    const after = await buy(email)
    const { auth } = await loginAs(shop, email)
    expect(await orderIds(auth)).toEqual([after, before])
  })

  test('hold nothing for an email that is only claimed', async () => {
    const victim = anEmail()
    await buy(victim)
    const { auth } = await aPerson(shop)
    expect(await orderIds(auth)).toEqual([])
  })

  test('a page goes on where the one before ended', async () => {
    const { auth, email } = await aPerson(shop)
    const ids = [await buy(email), await buy(email), await buy(email)].reverse()
    const first = await shop.get('/v1/users/me/orders?limit=2', auth)
    const second = await shop.get(`/v1/users/me/orders?limit=2&cursor=${first.body.next_cursor}`, auth)
    expect([...first.body.data, ...second.body.data].map((order: { id: string }) => order.id)).toEqual(ids)
    const forged = await shop.get('/v1/users/me/orders?cursor=forged', auth)
    expect([forged.status, forged.body.code]).toEqual([400, 'invalid_cursor'])
  })

  test('open to their owner by login, and to nobody else', async () => {
    const [ada, eve] = [await aPerson(shop), await aPerson(shop)]
    const id = await buy(ada.email, ada.auth)
    expect((await shop.get(`/v1/orders/${id}`, ada.auth)).body.id).toBe(id)
    const missing = await shop.get('/v1/orders/ord_01M81J18G0F1WA11106WFXGE52', eve.auth)
    expect(missing.status).toBe(404)
    expect(face(await shop.get(`/v1/orders/${id}`, eve.auth))).toEqual(face(missing))
    expect(face(await shop.get(`/v1/orders/${id}`))).toEqual(face(missing))
    await shop.post('/v1/auth/logout', { refresh_token: ada.tokens.refresh_token })
    expect((await shop.get(`/v1/orders/${id}`, ada.auth)).status).toBe(404)
  })
})

describe('INV-404: what is another’s looks exactly like what is not there', () => {
  test.each([
    ['PATCH', '/v1/users/me/addresses/', { is_default: true }],
    ['DELETE', '/v1/users/me/addresses/', undefined],
    ['DELETE', '/v1/users/me/sessions/', undefined],
  ])('%s %s{id}', async (method, path, body) => {
    const [ada, eve] = [await aPerson(shop), await aPerson(shop)]
    const made = await shop.post('/v1/users/me/addresses', { address: anAddress() }, ada.auth)
    const foreign = path.includes('addresses') ? made.body.id : ada.tokens.session_id
    const missing = `${foreign.slice(0, -4)}ZZZZ`
    const answers = await Promise.all(
      [foreign, missing].map(id => shop.call(method, `${path}${id}`, { body, headers: eve.auth })),
    )
    expect(answers[0]?.status).toBe(404)
    expect(answers.map(face)[0]).toEqual(answers.map(face)[1])
    expect((await shop.get('/v1/users/me/addresses', ada.auth)).body.data).toEqual([made.body])
    expect((await shop.get('/v1/users/me', ada.auth)).status).toBe(200)
  })
})
