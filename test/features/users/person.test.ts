// Export and erasure, proved on a dump of every table: canaries of one person are planted wherever a person can be.

import { sql } from 'drizzle-orm'
import { beforeAll, describe, expect, test } from 'vitest'
import { ERASED_EMAIL, holdings } from '../../../src/features/users/person.ts'
import { deskOf } from '../../support/admin.ts'
import { aCode, anApp, appTokens, theOwner } from '../../support/apps.ts'
import { dumpByTable, tablesOf } from '../../support/dump.ts'
import { anAddress } from '../../support/factories.ts'
import {
  aNetwork,
  anAccount,
  anEmail,
  aPerson,
  aStaffMember,
  challenge,
  fromNetwork,
  giveRole,
  loginAs,
  mailsAreOut,
  type Person,
  takeRole,
} from '../../support/people.ts'
import { openShop, type TestShop, withKey } from '../../support/shop.ts'

let shop: TestShop
beforeAll(async () => {
  shop = await openShop()
})

/** Tables that hold nothing of a person, and why. Whatever is new must be put here or into `holdings`. */
const IMPERSONAL: Record<string, string> = {
  attempt_counters: 'keyed hashes, gone within the hour',
  audit_log: 'ids and states; stays',
  audit_seals: 'hashes of the log',
  collection_products: 'catalogue',
  collections: 'catalogue',
  customer_groups: 'settings',
  group_prices: 'settings',
  guards: 'always empty',
  locations: 'settings',
  order_tags: 'labels of orders; go with the order’s tags',
  oauth_clients: 'apps and services that were let in',
  outbox_events: 'ids and states',
  payment_records: 'amounts and the provider’s references',
  payment_transitions: 'a state table',
  prices: 'catalogue',
  product_images: 'catalogue',
  product_price_ranges: 'catalogue',
  product_tags: 'catalogue',
  products: 'catalogue',
  promotions: 'settings',
  roles: 'settings',
  search_typos: 'catalogue',
  shipping_rates: 'settings',
  shipping_zones: 'settings',
  shop_settings: 'settings',
  stock_items: 'stock',
  stock_levels: 'stock',
  stock_movements: 'stock',
  stock_reservations: 'stock',
  tax_rates: 'settings',
  test_provider_charges: 'the test provider’s own book',
  used_token_ids: 'digests, gone when what they name expires',
  variants: 'catalogue',
}

const CANARY = {
  name: 'Canary Quillfeather',
  line1: 'Canarygasse 71',
  phone: '+49 30 7171717',
  note: 'canary note',
  staff_note: 'canary of staff',
  tag: 'Canary label',
}
const PAY = { payment: { provider: 'test', token: 'tok_approved' } }

/** Somebody who left traces in every table that can hold any. */
async function aTracedPerson(): Promise<Person & { orderIds: string[] }> {
  const email = anEmail()
  const { variantIds } = await shop.addProduct()
  const lines = [{ variant_id: variantIds[0], quantity: 1 }]
  const details = {
    email,
    phone: CANARY.phone,
    note: CANARY.note,
    shipping_address: anAddress({ name: CANARY.name, line1: CANARY.line1 }),
    shipping_option_id: 'ship_standard',
  }
  const start = async (body: object, headers = {}) => {
    const answer = await shop.post('/v1/checkouts', body, { ...withKey(), ...headers })
    expect(answer.status, answer.text).toBe(201)
    return answer.body.id
  }
  const complete = async (id: string, headers = {}, payment: object = PAY) =>
    shop.post(`/v1/checkouts/${id}/complete`, payment, { ...withKey(), ...headers })

  const asGuest = await complete(await start({ ...details, lines }))
  await anAccount(shop, email)
  const person = await loginAs(shop, email)
  await shop.call('PATCH', '/v1/users/me', {
    body: { name: CANARY.name, phone: CANARY.phone },
    headers: person.auth,
  })
  await shop.post(
    '/v1/users/me/addresses',
    { address: anAddress({ name: CANARY.name, line1: CANARY.line1 }), is_default: true },
    { ...withKey(), ...person.auth },
  )
  const cart = await shop.post('/v1/carts', { lines })
  await start({ ...details, cart_id: cart.body.id }, person.auth)
  const asBuyer = await complete(await start({ ...details, lines }, person.auth), person.auth)
  // Declined: an open checkout with a dead payment.
  await complete(await start({ ...details, lines }, person.auth), person.auth, {
    payment: { provider: 'test', token: 'tok_declined' },
  })
  await shop.post('/v1/auth/password-reset', { email }, fromNetwork(aNetwork()))
  await shop.db.run(sql`INSERT INTO promotions (id, title, code, rule, created_at, updated_at)
    VALUES (${`promo_${variantIds[0]}`}, 'x', ${variantIds[0]?.toUpperCase()}, '{}', 0, 0)`)
  await shop.db.run(sql`INSERT INTO promotion_redemptions (promotion_id, payment_id, customer_key, created_at)
    SELECT ${`promo_${variantIds[0]}`}, 'pay_x', customer_key, 0 FROM checkouts WHERE email = ${email} LIMIT 1`)
  // A sweep would clear the draft of a finished attempt; here one is left over, as from a crash.
  await shop.db.run(sql`UPDATE payments SET draft = json_object('email', ${email}, 'note', ${CANARY.note})
    WHERE order_id = ${asGuest.body.order_id}`)
  await giveRole(shop, person.id, 'manager')
  const desk = deskOf(shop, await loginAs(shop, email))
  const group = await desk.post('/v1/admin/customer_groups', { name: email.split('@')[0] })
  const kept = { note: CANARY.staff_note, group_ids: [group.body.id] }
  expect((await desk.patch(`/v1/admin/customers/${person.id}`, kept)).status).toBe(200)
  const order = `/v1/admin/orders/${asGuest.body.order_id}`
  expect((await desk.patch(order, { staff_note: CANARY.staff_note, tags: [CANARY.tag] })).status).toBe(200)
  const app = await anApp(shop)
  await appTokens(shop, person, app)
  await aCode(shop, person, app)
  await giveRole(shop, person.id, 'viewer')
  await mailsAreOut(shop)
  return { ...person, orderIds: [asGuest.body.order_id, asBuyer.body.order_id] }
}

/** Tables in whose dump one of the texts stands. */
async function tablesWith(...texts: string[]): Promise<string[]> {
  const dump = await dumpByTable(shop)
  return Object.keys(dump).filter(table => texts.some(text => dump[table]?.includes(text)))
}

test('every table is either held or known to be impersonal', async () => {
  const held = Object.keys(holdings(shop.db, { id: '', email: '', customerKey: '' }))
  expect([...held, ...Object.keys(IMPERSONAL)].sort()).toEqual(await tablesOf(shop))
})

describe('an export', () => {
  test('is one document over every table that holds the person, and holds no key to the account', async () => {
    const person = await aTracedPerson()
    const answer = await shop.get('/v1/users/me/export', person.auth)
    expect(answer.status, answer.text).toBe(200)
    expect(answer.headers.get('Cache-Control')).toBe('no-store')
    const { tables, format } = answer.body
    expect(format).toBe('curbside.personal-data/1')
    const filled = Object.keys(tables).filter(table => tables[table].length > 0)
    expect(filled.sort()).toEqual([
      'account_tokens',
      'addresses',
      'audit_networks',
      'carts',
      'checkouts',
      'customer_group_members',
      'customer_records',
      'known_networks',
      'mails',
      'oauth_grants',
      'order_lines',
      'orders',
      'payments',
      'promotion_redemptions',
      'sessions',
      'staff_members',
      'users',
    ])
    expect(tables.orders.map((order: { id: string }) => order.id).sort()).toEqual([...person.orderIds].sort())
    for (const table of ['orders', 'checkouts', 'addresses'])
      expect(JSON.stringify(tables[table])).toContain(CANARY.line1)
    expect(answer.text).not.toContain('$scrypt$')
    expect(answer.text).not.toMatch(/rt_[0-9a-f]{64}|"act_|password_hash/)
  })

  test('holds nothing of anybody else', async () => {
    await aTracedPerson()
    const { auth } = await aPerson(shop)
    const answer = await shop.get('/v1/users/me/export', auth)
    expect(answer.text).not.toContain(CANARY.line1)
    expect(answer.body.tables.users).toHaveLength(1)
    expect(answer.body.tables.orders).toEqual([])
  })
})

describe('an erasure', () => {
  test('leaves nothing of the person in any table, and every order with its sums', async () => {
    const other = await aTracedPerson()
    const person = await aTracedPerson()
    const planted = await tablesWith(person.email)
    expect(planted).toEqual([
      'account_tokens',
      'checkouts',
      'idempotency_keys',
      'mails',
      'orders',
      'payments',
      'users',
    ])
    const sums = () =>
      shop.db.all(
        sql`SELECT id, number, subtotal, discount, shipping, tax, total, payment_status FROM orders ORDER BY id`,
      )
    const lines = () => shop.db.all(sql`SELECT * FROM order_lines ORDER BY order_id, id`)
    const audit = () => shop.db.all<{ id: string }>(sql`SELECT * FROM audit_log ORDER BY id`)
    const before = { sums: await sums(), lines: await lines(), audit: await audit() }

    expect((await shop.call('DELETE', '/v1/users/me', { headers: person.auth })).status).toBe(204)

    expect(await tablesWith(person.email, person.email.toUpperCase())).toEqual([])
    // Ids of what is gone stay in the audit log and in events: they name nobody any more.
    expect(await tablesWith(person.id)).toEqual(['audit_log', 'outbox_events'])
    for (const id of person.orderIds) {
      const [order] = await shop.db.all<Record<string, unknown>>(sql`SELECT * FROM orders WHERE id = ${id}`)
      expect(order).toMatchObject({
        email: ERASED_EMAIL,
        phone: null,
        note: null,
        shipping_address: null,
        billing_address: null,
        user_id: null,
      })
    }
    expect(await sums()).toEqual(before.sums)
    expect(await lines()).toEqual(before.lines)
    expect(await audit()).toEqual(expect.arrayContaining(before.audit))
    // The other person, with the same name and street, is untouched.
    const dump = await dumpByTable(shop)
    for (const table of ['addresses', 'checkouts', 'orders', 'users'])
      expect(dump[table]).toContain(CANARY.name)
    expect((await shop.get('/v1/users/me', other.auth)).status).toBe(200)
  })

  test('of the only person leaves no name, street, phone or note anywhere', async () => {
    for (const table of ['addresses', 'checkouts', 'customer_records', 'order_tags', 'orders', 'payments'])
      expect(await tablesWith(...Object.values(CANARY))).toContain(table)
    const people = await shop.db.all<{ email: string }>(
      sql`SELECT email FROM users WHERE name = ${CANARY.name}`,
    )
    expect(people.length).toBeGreaterThan(0)
    for (const { email } of people) {
      const { auth } = await loginAs(shop, email)
      expect((await shop.call('DELETE', '/v1/users/me', { headers: auth })).status).toBe(204)
    }
    expect(await tablesWith(...Object.values(CANARY))).toEqual([])
  })

  test('ends every session, link and login, and the email is free again', async () => {
    const person = await aPerson(shop)
    expect((await shop.call('DELETE', '/v1/users/me', { headers: person.auth })).status).toBe(204)
    expect((await shop.get('/v1/users/me', person.auth)).status).toBe(401)
    expect((await shop.post('/v1/auth/refresh', { refresh_token: person.tokens.refresh_token })).status).toBe(
      401,
    )
    const login = await shop.post(
      '/v1/auth/login',
      { email: person.email, password: person.password },
      fromNetwork(aNetwork()),
    )
    expect(login.status).toBe(401)
    await anAccount(shop, person.email)
    const again = await loginAs(shop, person.email)
    expect((await shop.get('/v1/users/me/orders', again.auth)).body.data).toEqual([])
  })

  test('wants a login of the last 15 minutes (RFC 9470)', async () => {
    const own = await openShop()
    const { tokens } = await aPerson(own)
    own.advance(14 * 60_000)
    const { body } = await own.post('/v1/auth/refresh', { refresh_token: tokens.refresh_token })
    own.advance(60_001)
    const answer = await own.call('DELETE', '/v1/users/me', {
      headers: { Authorization: `Bearer ${body.access_token}` },
    })
    expect([answer.status, answer.body.code]).toEqual([401, 'login_too_old'])
    expect(answer.headers.get('WWW-Authenticate')).toBe(
      challenge('error="insufficient_user_authentication", max_age=900'),
    )
  })

  test('waits while a payment is under way, and erases nothing then', async () => {
    const person = await aTracedPerson()
    await shop.db.run(sql`UPDATE checkouts SET status = 'completing', payment_id = 'pay_y'
      WHERE user_id = ${person.id} AND status = 'open'`)
    const answer = await shop.call('DELETE', '/v1/users/me', { headers: person.auth })
    expect([answer.status, answer.body.code]).toEqual([409, 'payment_under_way'])
    expect(answer.headers.get('Retry-After')).toBe('60')
    expect((await shop.get('/v1/users/me', person.auth)).status).toBe(200)
    await shop.db.run(sql`UPDATE checkouts SET status = 'open' WHERE payment_id = 'pay_y'`)
    expect((await shop.call('DELETE', '/v1/users/me', { headers: person.auth })).status).toBe(204)
  })

  test('does not leave the shop without an owner, also when two owners go at once', async () => {
    const [ada, eve] = [await aStaffMember(shop, 'owner'), await aStaffMember(shop, 'owner')]
    await takeRole(shop, (await theOwner(shop)).id)
    const answers = await Promise.all(
      [ada, eve].map(({ auth }) => shop.call('DELETE', '/v1/users/me', { headers: auth })),
    )
    expect(answers.map(answer => answer.status).sort()).toEqual([204, 409])
    expect(answers.find(answer => answer.status === 409)?.body.code).toBe('last_owner')
  })

  test('gives another’s order that bears the email back to its owner’s own email', async () => {
    const [ada, eve] = [await aPerson(shop), await aPerson(shop)]
    const { variantIds } = await shop.addProduct()
    const checkout = await shop.post(
      '/v1/checkouts',
      {
        lines: [{ variant_id: variantIds[0], quantity: 1 }],
        email: ada.email,
        shipping_address: anAddress(),
        shipping_option_id: 'ship_standard',
      },
      eve.auth,
    )
    const done = await shop.post(`/v1/checkouts/${checkout.body.id}/complete`, PAY, {
      ...withKey(),
      ...eve.auth,
    })
    expect((await shop.call('DELETE', '/v1/users/me', { headers: ada.auth })).status).toBe(204)
    const order = await shop.get(`/v1/orders/${done.body.order_id}`, eve.auth)
    expect(order.body.email).toBe(eve.email)
    expect(await tablesWith(ada.email)).toEqual([])
  })
})
