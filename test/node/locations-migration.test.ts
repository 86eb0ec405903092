// The migration that gave stock its locations: what was there before is there after, and the books still add up.

import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { type Client, createClient } from '@libsql/client'
import { beforeAll, expect, test } from 'vitest'
import { INVARIANTS } from '../../scripts/lib/invariant-queries.ts'
import { brokenChecks, checkInvariants } from '../../scripts/lib/invariants.ts'
import { migrateLibsql } from '../../scripts/lib/libsql.ts'
import { libsqlDb } from '../../src/db/client.ts'

const MIGRATIONS = path.join(import.meta.dirname, '..', '..', 'migrations')
const NAME = '0005_locations.sql'

/** Two variants with stock, one of which was deleted, an order's sale, and one that is being paid for. */
const BEFORE = `
  INSERT INTO shop_settings (id, name, default_currency, currencies, home_country, prices_include_tax, policies, updated_at)
    VALUES (1, 'Shop', 'EUR', '["EUR"]', 'DE', 1, '[]', 0);
  INSERT INTO products (id, handle, title, status, tags, options, metadata, created_at, updated_at)
    VALUES ('prod_1', 'mug', 'Mug', 'active', '[]', '[]', '{}', 0, 0);
  INSERT INTO variants (id, product_id, position, title, options, tracks_inventory)
    VALUES ('var_1', 'prod_1', 1, 'One', '{"Size":"1"}', 1), ('var_2', 'prod_1', 2, 'Two', '{"Size":"2"}', 0);
  INSERT INTO stock_levels (variant_id) VALUES ('var_1'), ('var_gone');
  INSERT INTO stock_movements (id, variant_id, quantity, reason, order_id, created_at) VALUES
    ('mov_in', 'var_1', 10, 'counted', NULL, 1), ('mov_old', 'var_gone', 3, 'received', NULL, 1);
  INSERT INTO stock_reservations (id, payment_id, variant_id, quantity, status, created_at)
    VALUES ('res_open', 'pay_1', 'var_1', 4, 'open', 3);`

let client: Client
const rows = async (query: string) => (await client.execute(query)).rows.map(row => ({ ...row }))

beforeAll(async () => {
  client = createClient({ url: 'file::memory:' })
  await client.execute(
    'CREATE TABLE d1_migrations (id INTEGER PRIMARY KEY, name TEXT UNIQUE, applied_at TEXT)',
  )
  const earlier = (await readdir(MIGRATIONS)).filter(name => name.endsWith('.sql') && name < NAME).sort()
  for (const name of earlier) {
    await client.executeMultiple(await readFile(path.join(MIGRATIONS, name), 'utf8'))
    await client.execute({ sql: 'INSERT INTO d1_migrations (name) VALUES (?)', args: [name] })
  }
  await client.executeMultiple(BEFORE)
  expect(await migrateLibsql(client)).toContain(NAME)
})

test('keeps every level, movement and reservation, at the default location', async () => {
  expect(await rows('SELECT * FROM stock_levels ORDER BY variant_id')).toEqual([
    { variant_id: 'var_1', location_id: 'loc_default', on_hand: 10, reserved: 4 },
    { variant_id: 'var_gone', location_id: 'loc_default', on_hand: 3, reserved: 0 },
  ])
  expect(await rows('SELECT id, location_id, quantity, reason FROM stock_movements ORDER BY id')).toEqual([
    { id: 'mov_in', location_id: 'loc_default', quantity: 10, reason: 'counted' },
    { id: 'mov_old', location_id: 'loc_default', quantity: 3, reason: 'received' },
  ])
  expect(await rows('SELECT id, location_id, quantity, status FROM stock_reservations')).toEqual([
    { id: 'res_open', location_id: 'loc_default', quantity: 4, status: 'open' },
  ])
  expect(
    await rows("SELECT name FROM sqlite_schema WHERE name LIKE 'old_%' OR sql LIKE '%old_stock%'"),
  ).toEqual([])
})

test('sums up what buyers can get, and what is low', async () => {
  expect(await rows('SELECT variant_id, available, low_at FROM stock_items ORDER BY variant_id')).toEqual([
    { variant_id: 'var_1', available: 6, low_at: 5 },
    { variant_id: 'var_2', available: 0, low_at: null },
    { variant_id: 'var_gone', available: 3, low_at: null },
  ])
})

test('leaves books that add up, and triggers that keep them so', async () => {
  const stock = INVARIANTS.filter(
    ({ promise, name }) => promise === 'INV-STOCK' && name !== 'a_reservation_ends_with_its_payment',
  )
  expect(brokenChecks(await checkInvariants(libsqlDb(client), { checks: stock }))).toEqual([])
  await client.execute(
    "UPDATE stock_reservations SET status = 'released', ended_at = 4 WHERE id = 'res_open'",
  )
  expect(await rows("SELECT available FROM stock_items WHERE variant_id = 'var_1'")).toEqual([
    { available: 10 },
  ])
  await expect(client.execute("UPDATE stock_movements SET quantity = 1 WHERE id = 'mov_in'")).rejects.toThrow(
    'append_only',
  )
})
