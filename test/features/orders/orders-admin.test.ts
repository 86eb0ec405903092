// Orders as staff see them: found by any filter through an index, with all that happened to them, and with tags and
// notes that are on record.

import { sql } from 'drizzle-orm'
import { beforeAll, describe, expect, test } from 'vitest'
import { allPages, type Desk, deskOf, lastAudit } from '../../support/admin.ts'
import { aReadyCheckout, aVariantOf, complete, expectPromisesKept } from '../../support/buying.ts'
import { anAddress } from '../../support/factories.ts'
import { anAccount, anEmail, aStaffMember, type Person } from '../../support/people.ts'
import { type Answer, openShop, START, type TestShop } from '../../support/shop.ts'
import { planOf, watching } from '../../support/statements.ts'

let shop: TestShop
let watched: ReturnType<typeof watching>
let support: Person
let desk: Desk
let variantId: string
const PATH = '/v1/admin/orders'
const HOUR_MS = 60 * 60 * 1000

beforeAll(async () => {
  watched = watching((await openShop()).db)
  shop = await openShop({ deps: { db: watched.db }, file: null })
  support = await aStaffMember(shop, 'support')
  desk = deskOf(shop, support)
  variantId = await aVariantOf(shop, { quantity: 10_000 })
})

async function anOrder(
  fields: Record<string, unknown> = {},
  quantity = 1,
): Promise<{ id: string; number: number }> {
  const paid = await complete(shop, await aReadyCheckout(shop, variantId, quantity, fields))
  expect(paid.status, paid.text).toBe(200)
  const [row] = await shop.db.all<{ id: string; number: number }>(
    sql`SELECT id, number FROM orders WHERE id = ${paid.body.order_id}`,
  )
  if (!row) throw new Error('no order')
  return row
}
/** Copies of an order straight into the table, for lists: each a minute and a cent further. */
async function copiesOf(id: string, count: number, email: string): Promise<string[]> {
  const copies = Array.from({ length: count }, (_, i) => ({ id: shop.deps.ids('order'), i }))
  await shop.db.run(sql`
    INSERT INTO orders (id, number, checkout_id, status, payment_status, fulfilment_status, email, currency, subtotal,
      discount, shipping, tax, tax_included, total, discounts, tax_lines, placed_at)
    SELECT c.value ->> 'id', (SELECT max(number) FROM orders) + 1 + (c.value ->> 'i'), c.value ->> 'id', status,
      payment_status, fulfilment_status, ${email}, currency, subtotal + (c.value ->> 'i'), discount, shipping, tax,
      tax_included, total + (c.value ->> 'i'), '[]', '[]', placed_at + 60000 * (c.value ->> 'i')
    FROM orders o, json_each(${JSON.stringify(copies)}) c WHERE o.id = ${id}`)
  await shop.db.run(sql`INSERT INTO order_lines SELECT l.id, c.value ->> 'id', l.position, l.variant_id, l.product_id, l.title,
      l.variant_title, l.sku, l.quantity, l.unit_price, l.subtotal, l.discount, l.tax, l.total, l.requires_shipping
    FROM order_lines l, json_each(${JSON.stringify(copies)}) c WHERE l.order_id = ${id}`)
  return copies.map(copy => copy.id)
}
const idsOf = async (query: string): Promise<string[]> => {
  const answer = await desk.get(`${PATH}?${query}`)
  expect(answer.status, answer.text).toBe(200)
  return answer.body.data.map((each: { id: string }) => each.id)
}

describe('an order', () => {
  test('is read with its customer, and with all that happened to it, failed payments too', async () => {
    const email = await anAccount(shop)
    const checkout = await aReadyCheckout(shop, variantId, 2, { email })
    expect((await complete(shop, checkout, { token: 'tok_declined' })).status).toBe(402)
    const { order_id } = (await complete(shop, checkout)).body
    const { body } = await desk.get(`${PATH}/${order_id}`)
    const [user] = await shop.db.all<{ id: string }>(sql`SELECT id FROM users WHERE email = ${email}`)
    expect(body).toMatchObject({ id: order_id, email, customer_id: user?.id, tags: [], staff_note: null })
    expect(body.lines).toHaveLength(1)
    const told = body.timeline
      .map(({ kind, what }: { kind: string; what: string }) => `${kind} ${what}`)
      .sort()
    expect(told).toEqual([
      'change checkout.completed',
      'change payment.declined',
      'event order.placed',
      'event payment.captured',
      'payment captured',
      'payment declined',
      'payment started',
      'payment started',
      'stock sale',
    ])
    const sale = body.timeline.find(({ kind }: { kind: string }) => kind === 'stock')
    expect(sale).toMatchObject({ what: 'sale', by: null, details: { variant_id: variantId, quantity: -2 } })
  })

  test('gets tags and a note, on record; the log tells only that they changed', async () => {
    const { id } = await anOrder()
    const path = `${PATH}/${id}`
    const before = (await desk.get(path)).body
    shop.advance(1)
    const changed = await desk.patch(path, { tags: ['gift', 'fragile'], staff_note: 'private words' })
    expect(changed.status, changed.text).toBe(200)
    expect(changed.body).toMatchObject({
      ...before,
      tags: ['gift', 'fragile'],
      staff_note: 'private words',
      timeline: expect.anything(),
    })
    expect((await desk.get(path)).body).toEqual(changed.body)
    expect(changed.headers.get('ETag')).toBe(await desk.tagOf(path))
    expect(changed.body.timeline.at(-1)).toMatchObject({
      kind: 'change',
      what: 'order.updated',
      by: support.id,
    })
    expect(await lastAudit(shop, id)).toMatchObject({
      actor: support.id,
      changes: { tags: 'changed', staff_note: 'changed' },
    })
    expect(JSON.stringify(await shop.db.all(sql`SELECT * FROM audit_log`))).not.toContain('private words')
    expect((await desk.patch(path, { tags: ['fragile'] })).body).toMatchObject({
      staff_note: 'private words',
    })
    expect(await idsOf('tag=gift')).toEqual([])
    expect(await idsOf('tag=fragile')).toEqual([id])
    await desk.patch(path, { tags: [], staff_note: null })
    expect(await idsOf('tag=fragile')).toEqual([])
  })

  test.each([
    [{ tags: ['a', 'a'] }, '/tags/1'],
    [{ tags: [''] }, '/tags/0'],
    [{ tags: Array(51).fill('x') }, '/tags'],
    [{ staff_note: '4242 4242 4242 4242' }, '/staff_note'],
    [{ status: 'closed' }, '/status'],
    [{ total: 1 }, '/total'],
  ])('is not changed by %j', async (body, pointer) => {
    const { id } = await anOrder()
    const before = await desk.tagOf(`${PATH}/${id}`)
    const answer = await desk.patch(`${PATH}/${id}`, body)
    expect([answer.status, answer.body.errors[0].pointer]).toEqual([422, pointer])
    expect(await desk.tagOf(`${PATH}/${id}`)).toBe(before)
  })

  test('is changed only from the version that was read', async () => {
    const { id } = await anOrder()
    const path = `${PATH}/${id}`
    const old = await desk.tagOf(path)
    await desk.patch(path, { tags: ['newer'] })
    expect((await desk.patch(path, { tags: [] }, old)).status).toBe(412)
    expect((await desk.patch(path, { tags: [] }, null)).status).toBe(428)
    expect((await desk.get(`${PATH}/ord_none`)).status).toBe(404)
    expect((await desk.patch(`${PATH}/ord_none`, { tags: [] }, '"1.x"')).status).toBe(404)
    expect(await idsOf('tag=newer')).toEqual([id])
  })

  test('is read in one call beside the check of the right, and changed in two', async () => {
    const { id } = await anOrder()
    const own = await openShop({ file: null })
    const ownDesk = deskOf(own, support)
    const tag = await ownDesk.tagOf(`${PATH}/${id}`)
    expect(await own.countCalls(() => ownDesk.get(PATH))).toBe(2)
    expect(await own.countCalls(() => ownDesk.get(`${PATH}/${id}`))).toBe(2)
    expect(await own.countCalls(() => ownDesk.patch(`${PATH}/${id}`, { tags: ['x'] }, tag))).toBe(3)
  })

  test('keeps every promise with tags and notes on it', () => expectPromisesKept(shop))
})

describe('the list of orders', () => {
  test('finds by person, number, id, state and currency', async () => {
    const email = anEmail()
    const [one, two] = [await anOrder({ email }), await anOrder({ email }, 3)]
    expect(await idsOf(`email=${email.toUpperCase()}`)).toEqual([two.id, one.id])
    expect(await idsOf(`q=${email}`)).toEqual([two.id, one.id])
    expect(await idsOf(`email=${email}&sort=oldest`)).toEqual([one.id, two.id])
    for (const query of [`number=${one.number}`, `q=${one.number}`, `q=%23${one.number}`, `q=${one.id}`])
      expect(await idsOf(query)).toEqual([one.id])
    await shop.db.run(
      sql`UPDATE orders SET status = 'closed', fulfilment_status = 'fulfilled' WHERE id = ${one.id}`,
    )
    expect(await idsOf('status=closed')).toEqual([one.id])
    expect(await idsOf('fulfilment_status=fulfilled&status=closed')).toEqual([one.id])
    expect(await idsOf(`status=open&email=${email}`)).toEqual([two.id])
    expect(await idsOf('payment_status=refunded')).toEqual([])
    expect(await idsOf(`payment_status=paid&email=${email}`)).toEqual([two.id, one.id])
    const [summary] = (await desk.get(`${PATH}?number=${two.number}`)).body.data
    expect(summary).toMatchObject({ quantity: 3, total: { amount: 6500, currency: 'EUR' }, email })
    expect((await desk.get(`${PATH}?number=${two.number}&fields=total`)).body.data).toEqual([
      { id: two.id, total: summary.total },
    ])
  })

  test('finds the orders of an account', async () => {
    const email = await anAccount(shop)
    const { id } = await anOrder({ email })
    const [user] = await shop.db.all<{ id: string }>(sql`SELECT id FROM users WHERE email = ${email}`)
    expect(await idsOf(`customer=${user?.id}`)).toEqual([id])
    expect(await idsOf('customer=usr_none')).toEqual([])
  })

  test('finds what was placed in a range of time, its beginning included and its end not', async () => {
    const own = await openShop({ file: null })
    const person = await aStaffMember(own, 'owner')
    const at = (ms: number) => encodeURIComponent(new Date(START + ms).toISOString())
    own.advance(-100 * HOUR_MS)
    const email = anEmail()
    const buy = async () =>
      (await complete(own, await aReadyCheckout(own, variantId, 1, { email }))).body.order_id
    const early = await buy()
    own.advance(HOUR_MS)
    const late = await buy()
    own.advance(99 * HOUR_MS)
    const found = async (query: string) =>
      (await own.get(`${PATH}?email=${email}&${query}`, person.auth)).body.data.map(
        (each: { id: string }) => each.id,
      )
    expect(await found(`placed_from=${at(-100 * HOUR_MS)}`)).toEqual([late, early])
    expect(await found(`placed_from=${at(-100 * HOUR_MS + 1)}`)).toEqual([late])
    expect(await found(`placed_to=${at(-99 * HOUR_MS)}`)).toEqual([early])
    expect(await found(`placed_from=${at(-100 * HOUR_MS)}&placed_to=${at(-99 * HOUR_MS + 1)}`)).toEqual([
      late,
      early,
    ])
    // Its payment was recovered hours later: the id is older than the order.
    await shop.db.run(sql`UPDATE orders SET placed_at = ${START - 60 * HOUR_MS} WHERE id = ${early}`)
    expect(await found(`placed_to=${at(-60 * HOUR_MS)}`)).toEqual([late])
    expect(await found(`placed_from=${at(-60 * HOUR_MS)}`)).toEqual([early])
  })

  test('sorts by total in a currency, and refuses to where that means nothing', async () => {
    const { id } = await anOrder({ currency: 'USD' })
    const copies = await copiesOf(id, 4, anEmail())
    expect(await idsOf('sort=total&currency=USD')).toEqual([id, ...copies])
    expect(await idsOf('sort=-total&currency=USD&limit=2')).toEqual([copies[3], copies[2]])
    for (const [query, pointer] of [
      ['sort=total', '/sort'],
      ['sort=-total&currency=USD&status=open', '/sort'],
      ['currency=USD', '/currency'],
    ]) {
      const answer = await desk.get(`${PATH}?${query}`)
      expect([answer.status, answer.body.errors[0].pointer]).toEqual([422, pointer])
    }
  })

  test.each([
    '',
    'sort=oldest',
    'status=open',
    'email=@',
    'sort=total&currency=EUR',
    'sort=-total&currency=EUR',
    'tag=listed',
  ])('with "%s" stays in its order while orders are placed', async filter => {
    const email = anEmail()
    const { id } = await anOrder({ email })
    for (const copy of await copiesOf(id, 4, email)) await desk.patch(`${PATH}/${copy}`, { tags: ['listed'] })
    const query = filter.replace('@', email)
    const before = await idsOf(`${query}&limit=100`)
    let placed = 0
    const placeMore = async () => {
      placed += 1
      if (placed <= 3) await copiesOf(id, 1, anEmail())
    }
    const seen = (await allPages(desk, `${PATH}?${query}`, placeMore)).map(each => each.id)
    expect(seen.filter(each => before.includes(each))).toEqual(before)
    expect(new Set(seen).size).toBe(seen.length)
  })

  test.each([
    ['', 'sqlite_autoindex_orders_1'],
    ['sort=oldest', 'sqlite_autoindex_orders_1'],
    ['placed_from=2026-01-01T00:00:00Z', 'sqlite_autoindex_orders_1'],
    ['placed_from=2026-01-01T00:00:00Z&placed_to=2027-01-01T00:00:00Z', 'sqlite_autoindex_orders_1'],
    ['status=open', 'orders_by_status'],
    ['status=open&sort=oldest', 'orders_by_status'],
    ['status=open&placed_from=2026-01-01T00:00:00Z', 'orders_by_status'],
    ['payment_status=paid', 'orders_by_payment_status'],
    ['fulfilment_status=unfulfilled', 'orders_by_fulfilment_status'],
    ['status=open&payment_status=paid&fulfilment_status=unfulfilled', 'orders_by_\\w+_?status'],
    ['email=planned@example.com', 'orders_by_email'],
    ['q=planned@example.com', 'orders_by_email'],
    ['email=planned@example.com&status=open', 'orders_by_\\w+'],
    ['tag=planned', 'PRIMARY KEY'],
    ['tag=planned&status=open&sort=oldest', 'PRIMARY KEY'],
    ['sort=total&currency=EUR', 'orders_by_total'],
    ['sort=-total&currency=EUR', 'orders_by_total'],
  ])('with "%s" is read from %s in its order', async (query, index) => {
    const { id } = await anOrder()
    for (const copy of await copiesOf(id, 3, 'planned@example.com'))
      await desk.patch(`${PATH}/${copy}`, { tags: ['planned'] })
    const path = `${PATH}?${query}&limit=1`
    const { next_cursor } = (await desk.get(path)).body
    expect(next_cursor).toEqual(expect.any(String))
    watched.statements.length = 0
    await desk.get(`${path}&cursor=${next_cursor}`)
    const [statement] = watched.statements
    if (!statement) throw new Error('nothing was read')
    const plan = (await planOf(shop.db, statement)).map(step => step.detail)
    expect(plan[0]).toMatch(new RegExp(`^SEARCH [ot] USING (COVERING )?(INDEX )?${index} \\(`))
    expect(plan.filter(step => /^SCAN|TEMP B-TREE/.test(step))).toEqual([])
  })

  test('of an account and by number are read from their indexes', async () => {
    for (const [query, index] of [
      ['customer=usr_x', 'orders_by_user'],
      ['number=1001', 'orders_number'],
      ['q=ord_x', 'sqlite_autoindex_orders_1'],
    ]) {
      watched.statements.length = 0
      await desk.get(`${PATH}?${query}`)
      const [statement] = watched.statements
      if (!statement) throw new Error('nothing was read')
      const plan = (await planOf(shop.db, statement)).map(step => step.detail)
      expect(plan[0]).toMatch(new RegExp(`^SEARCH o USING INDEX ${index} `))
      expect(plan.filter(step => /^SCAN|TEMP B-TREE/.test(step))).toEqual([])
    }
  })
})

describe('the export of orders', () => {
  test('is a file of all that a search finds, in pages, with formulas made harmless, and on record', async () => {
    const email = anEmail()
    const { id, number } = await anOrder({
      email,
      phone: '+49 30 1234567',
      note: '=HYPERLINK("http://evil.example")',
      shipping_address: anAddress({ name: '@Ada', company: 'a "b", c' }),
    })
    await desk.patch(`${PATH}/${id}`, { tags: ['-x', 'y'], staff_note: 'two\nlines' })
    await copiesOf(id, 1204, email)
    const answer: Answer = await desk.get(`${PATH}/export?email=${email}`)
    expect(answer.status, answer.text.slice(0, 300)).toBe(200)
    expect(answer.headers.get('Content-Type')).toBe('text/csv; charset=utf-8')
    const records = answer.text.split('\r\n')
    expect(records).toHaveLength(1205 + 2)
    expect(records[0]).toMatch(/^number,id,placed_at,status,payment_status,fulfilment_status,email,phone,/)
    expect(new Set(records.map(record => record.split(',')[1])).size).toBe(records.length)
    const record = records.at(-2) ?? ''
    expect(record).toBe(
      `${number},${id},${new Date(shop.deps.clock()).toISOString()},open,paid,unfulfilled,${email},'+49 30 1234567,,EUR,` +
        `20.00,0.00,5.00,3.99,25.00,1,Standard,'@Ada,"a ""b"", c",Rosenweg 7,,Berlin,,10115,DE,'-x; y,` +
        `"'=HYPERLINK(""http://evil.example"")","two\nlines"`,
    )
    expect(await lastAudit(shop, 'orders')).toMatchObject({
      action: 'orders.exported',
      changes: { filters: ['email'] },
    })
    const own = await openShop({ file: null })
    expect(await own.countCalls(() => own.get(`${PATH}/export?email=${email}`, support.auth))).toBe(2 + 3)
  })

  test('of nothing is a header alone', async () => {
    const { text } = await desk.get(`${PATH}/export?tag=none`)
    expect(text.split('\r\n')).toEqual([expect.stringMatching(/^number,/), ''])
  })
})
