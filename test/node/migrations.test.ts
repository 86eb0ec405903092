// Migrations that rewrite data, on a database from before them.

import { mkdtemp, readdir, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { migrateLibsql, openLibsql } from '../../scripts/lib/libsql.ts'

const MIGRATIONS = path.join(import.meta.dirname, '..', '..', 'migrations')

/** A database as it was before a migration. */
async function before(name: string) {
  const file = path.join(await mkdtemp(path.join(tmpdir(), 'curbside-migrations-')), 'shop.db')
  const client = await openLibsql(`file:${file}`)
  await client.execute(
    'CREATE TABLE d1_migrations (id INTEGER PRIMARY KEY, name TEXT UNIQUE, applied_at TIMESTAMP)',
  )
  for (const earlier of (await readdir(MIGRATIONS))
    .filter(each => each.endsWith('.sql') && each < name)
    .sort()) {
    await client.executeMultiple(await readFile(path.join(MIGRATIONS, earlier), 'utf8'))
    await client.execute({ sql: 'INSERT INTO d1_migrations (name) VALUES (?)', args: [earlier] })
  }
  return client
}

test('0005: stored discounts say what they were taken off, wherever they are kept, and titles stay as they are', async () => {
  const client = await before('0003_shown_totals.sql')
  const title = 'Ten "off" {"promotion_id": or so'
  const discounts = [
    { promotion_id: 'promo_ten', title, code: 'TEN', amount: 780 },
    { promotion_id: 'promo_ship', title: 'Free shipping', code: null, amount: 490 },
  ]
  const view = { discounts, lines: [{ discounts: discounts.slice(0, 1) }] }
  const json = JSON.stringify
  const now = 1
  await client.batch([
    ...[
      ['promo_ten', 'percentage'],
      ['promo_ship', 'free_shipping'],
      ['promo_unused', 'free_shipping'],
    ].map(([id = '', kind]) => ({
      sql: 'INSERT INTO promotions (id, title, rule, created_at, updated_at) VALUES (?, ?, ?, 1, 1)',
      args: [id, id, json({ kind })],
    })),
    {
      sql: `INSERT INTO orders (id, number, checkout_id, status, payment_status, fulfilment_status, email, currency, subtotal,
        discount, shipping, tax, tax_included, total, discounts, tax_lines, placed_at)
        VALUES ('ord_1', 1, 'chk_1', 'open', 'paid', 'unfulfilled', 'a@b.example', 'EUR', 7800, 780, 0, 0, 1, 7020, ?, '[]', ?)`,
      args: [json(discounts), now],
    },
    {
      sql: `INSERT INTO checkouts (id, status, currency, country, lines, discount_codes, order_id, frozen_view, version,
        created_at, updated_at, expires_at)
        VALUES ('chk_1', 'completed', 'EUR', 'DE', '[]', '[]', 'ord_1', ?, 1, 1, 1, 1)`,
      args: [json(view)],
    },
    {
      sql: `INSERT INTO payments (id, checkout_id, attempt, provider, status, currency, amount, created_at, draft)
        VALUES ('pay_1', 'chk_2', 1, 'test', 'pending', 'EUR', 7020, 1, ?)`,
      args: [json({ discounts, reply: { status: 200, body: view } })],
    },
    {
      sql: `INSERT INTO idempotency_keys (id, fingerprint, state, status, body, created_at, expires_at)
        VALUES ('key_1', 'f', 'done', 200, ?, 1, 1)`,
      args: [json(view)],
    },
  ])

  expect(await migrateLibsql(client)).toContain('0003_shown_totals.sql')

  const read = async (column: string, table: string) => {
    const { rows } = await client.execute(`SELECT ${column} AS text FROM ${table}`)
    return JSON.parse(String(rows[0]?.text))
  }
  const [ten, ship] = [
    { ...discounts[0], target: 'line' },
    { ...discounts[1], target: 'shipping' },
  ]
  const told = { discounts: [ten, ship], lines: [{ discounts: [ten] }] }
  expect(await read('discounts', 'orders')).toEqual([ten, ship])
  expect(await read('frozen_view', 'checkouts')).toEqual(told)
  expect(await read('draft', 'payments')).toEqual({
    discounts: [ten, ship],
    reply: { status: 200, body: told },
  })
  expect(await read('body', 'idempotency_keys')).toEqual(told)
  const { rows } = await client.execute('SELECT shown_total FROM checkouts')
  expect(rows[0]?.shown_total).toBeNull()
  client.close()
})
