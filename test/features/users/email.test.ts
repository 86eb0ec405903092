// Changing the email: with the password, by a link to the new mailbox, with a notice to the old one; and that orders, sessions,
// export and erasure follow.

import { sql } from 'drizzle-orm'
import { beforeAll, describe, expect, test } from 'vitest'
import { aReadyCheckout, complete } from '../../support/buying.ts'
import { face } from '../../support/diff.ts'
import { dumpOf } from '../../support/dump.ts'
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
  type Person,
} from '../../support/people.ts'
import { openShop, type TestShop } from '../../support/shop.ts'

let shop: TestShop
beforeAll(async () => {
  shop = await openShop()
})

const ask = (person: Person, new_email: string, current_password = PASSWORD) =>
  shop.post(
    '/v1/users/me/email',
    { new_email, current_password },
    { ...person.auth, ...fromNetwork(aNetwork()) },
  )
const confirm = (person: Person, token: string) =>
  shop.post('/v1/users/me/email/confirm', { token }, { ...person.auth, ...fromNetwork(aNetwork()) })
const canLogIn = async (email: string) =>
  (await shop.post('/v1/auth/login', { email, password: PASSWORD }, fromNetwork(aNetwork()))).status === 200

/** Changes somebody's email, and returns the new one. */
async function moved(person: Person): Promise<string> {
  const email = anEmail()
  expect((await ask(person, email)).status).toBe(202)
  const answer = await confirm(person, await linkTokenFor(shop, email))
  expect(answer.status, answer.text).toBe(204)
  return email
}

/** An order that somebody places without a login. */
async function aGuestOrder(email: string): Promise<string> {
  const { variantIds } = await shop.addProduct()
  const id = await aReadyCheckout(shop, variantIds[0] ?? '')
  await shop.call('PATCH', `/v1/checkouts/${id}`, { body: { email } })
  return (await complete(shop, id)).body.order_id
}
const ordersOf = async ({ auth }: Person): Promise<string[]> =>
  (await shop.get('/v1/users/me/orders', auth)).body.data.map(({ id }: { id: string }) => id)

describe('a change of email', () => {
  test('wants the password, and changes nothing before the new mailbox confirms it', async () => {
    const person = await aPerson(shop)
    const wrong = await ask(person, anEmail(), 'eight green kettles hum')
    expect([wrong.status, wrong.body.code]).toEqual([422, 'password_wrong'])
    const email = anEmail()
    expect((await ask(person, email)).status).toBe(202)
    expect((await shop.get('/v1/users/me', person.auth)).body.email).toBe(person.email)
    expect(await canLogIn(email)).toBe(false)
    expect((await confirm(person, await linkTokenFor(shop, email))).status).toBe(204)
    expect((await shop.get('/v1/users/me', person.auth)).body.email).toBe(email)
    expect(await canLogIn(email)).toBe(true)
    expect(await canLogIn(person.email)).toBe(false)
  })

  test('ends all other sessions, keeps its own, and tells the old mailbox', async () => {
    const email = await anAccount(shop)
    const [other, own] = [await loginAs(shop, email), await loginAs(shop, email)]
    const next = await moved(own)
    expect((await shop.get('/v1/users/me', other.auth)).status).toBe(401)
    expect((await shop.get('/v1/users/me', own.auth)).status).toBe(200)
    await mailsAreOut(shop)
    const notice = shop.mails.findLast(mail => mail.to === email)
    expect(notice?.subject).toContain('was changed')
    expect(notice?.text).not.toContain(next)
  })

  test('is confirmed only by the person who asked: a stranger’s login with the link does nothing', async () => {
    const [ada, eve] = [await aPerson(shop), await aPerson(shop)]
    const email = anEmail()
    await ask(ada, email)
    const token = await linkTokenFor(shop, email)
    expect((await confirm(eve, token)).body.code).toBe('link_invalid')
    const anonymous = await shop.post('/v1/users/me/email/confirm', { token }, fromNetwork(aNetwork()))
    expect(anonymous.status).toBe(401)
    expect((await confirm(ada, token)).status).toBe(204)
    expect((await confirm(ada, token)).body.code).toBe('link_invalid')
  })

  test('to an email that has an account looks the same, and tells that mailbox', async () => {
    const person = await aPerson(shop)
    const taken = await anAccount(shop)
    const [a, b] = [await ask(person, taken), await ask(person, anEmail())]
    expect(face(a)).toEqual(face(b))
    await mailsAreOut(shop)
    const mail = shop.mails.findLast(({ to }) => to === taken)
    expect(mail?.subject).toContain('already have an account')
    expect(mail?.text).not.toContain('token=')
  })

  test('is lost to whoever registers the email first, and of two who want it one gets it', async () => {
    const person = await aPerson(shop)
    const email = anEmail()
    await ask(person, email)
    const token = await linkTokenFor(shop, email)
    await anAccount(shop, email)
    expect((await confirm(person, token)).body.code).toBe('link_invalid')

    const [ada, eve] = [await aPerson(shop), await aPerson(shop)]
    const wanted = anEmail()
    await ask(ada, wanted)
    const first = await linkTokenFor(shop, wanted)
    await ask(eve, wanted)
    const second = await linkTokenFor(shop, wanted)
    const answers = await Promise.all([confirm(ada, first), confirm(eve, second)])
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 400])
  })

  test('ends with a new one, a password change, and an hour', async () => {
    const person = await aPerson(shop)
    const [first, second] = [anEmail(), anEmail()]
    await ask(person, first)
    const older = await linkTokenFor(shop, first)
    await ask(person, second)
    expect((await confirm(person, older)).body.code).toBe('link_invalid')
    const token = await linkTokenFor(shop, second)
    await shop.call('PUT', '/v1/users/me/password', {
      body: { current_password: PASSWORD, new_password: 'nine purple lanterns sing' },
      headers: person.auth,
    })
    expect((await confirm(person, token)).body.code).toBe('link_invalid')
  })

  test('ends reset links of the old mailbox', async () => {
    const person = await aPerson(shop)
    await shop.post('/v1/auth/password-reset', { email: person.email }, fromNetwork(aNetwork()))
    const token = await linkTokenFor(shop, person.email)
    await moved(person)
    const reset = await shop.post(
      '/v1/auth/password-reset/confirm',
      { token, password: 'nine purple lanterns sing' },
      fromNetwork(aNetwork()),
    )
    expect(reset.body.code).toBe('link_invalid')
  })
})

describe('after a change of email', () => {
  test('the orders stay, guest orders of the new email join, and later ones of the old email do not', async () => {
    const person = await aPerson(shop)
    const before = await aGuestOrder(person.email)
    const email = anEmail()
    const asGuest = await aGuestOrder(email)
    expect(await ordersOf(person)).toEqual([before])
    await ask(person, email)
    await confirm(person, await linkTokenFor(shop, email))
    expect((await ordersOf(person)).sort()).toEqual([before, asGuest].sort())
    const later = await aGuestOrder(person.email)
    expect(await ordersOf(person)).not.toContain(later)
  })

  test('an erasure leaves neither email anywhere, not even of what was done as a guest', async () => {
    const person = await aPerson(shop)
    const { variantIds } = await shop.addProduct()
    const open = await aReadyCheckout(shop, variantIds[0] ?? '')
    await shop.call('PATCH', `/v1/checkouts/${open}`, { body: { email: person.email } })
    await aGuestOrder(person.email)
    const email = await moved(person)
    const planted = await dumpOf(shop)
    for (const each of [person.email, email]) expect(planted).toContain(each)
    const exported = await shop.get('/v1/users/me/export', person.auth)
    expect(exported.text).toContain(person.email)
    await mailsAreOut(shop)
    expect((await shop.call('DELETE', '/v1/users/me', { headers: person.auth })).status).toBe(204)
    const dump = await dumpOf(shop)
    for (const each of [person.email, email]) expect(dump).not.toContain(each)
  })

  test('uses of promotions are counted on: another email buys no second use', async () => {
    const person = await aPerson(shop)
    const id = `promo_${person.id}`
    const { variantIds } = await shop.addProduct()
    const checkout = await aReadyCheckout(shop, variantIds[0] ?? '')
    await shop.call('PATCH', `/v1/checkouts/${checkout}`, { body: { email: person.email } })
    await shop.db.run(sql`INSERT INTO promotions (id, title, code, rule, created_at, updated_at)
      VALUES (${id}, 'x', ${id.toUpperCase()}, '{}', 0, 0)`)
    await shop.db.run(sql`INSERT INTO promotion_redemptions (promotion_id, payment_id, customer_key, created_at)
      SELECT ${id}, 'pay_x', customer_key, 0 FROM checkouts WHERE id = ${checkout}`)
    const email = await moved(person)
    await shop.call('PATCH', `/v1/checkouts/${checkout}`, { body: { email } })
    const same = await shop.db.all(sql`SELECT 1 FROM promotion_redemptions r JOIN checkouts c
      ON c.customer_key = r.customer_key WHERE r.promotion_id = ${id} AND c.id = ${checkout}`)
    expect(same).toHaveLength(1)
  })
})
