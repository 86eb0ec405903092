// What /readyz names when a shop cannot serve yet. The tests build on each other: the database is empty only once.

import { sql } from 'drizzle-orm'
import { beforeAll, expect, test } from 'vitest'
import { whatIsMissing } from '../../src/db/readiness.ts'
import { loadShop } from '../../src/features/imports/load-shop.ts'
import { SHOP } from '../support/factories.ts'
import { openShop, type TestShop } from '../support/shop.ts'

let shop: TestShop
beforeAll(async () => {
  shop = await openShop({ file: null })
})

const failing = async () => {
  const answer = await shop.get('/readyz')
  if (answer.status === 200) return []
  expect([answer.status, answer.body.code], answer.text).toEqual([503, 'not_ready'])
  expect(answer.headers.get('Retry-After')).toBe('5')
  return answer.body.failing
}

test('a migrated database without a shop lacks its settings', async () => {
  expect(await failing()).toEqual(['shop_settings'])
})

test('a shop that was loaded is ready, in one database call', async () => {
  await loadShop(shop.deps, SHOP)
  expect(await failing()).toEqual([])
  expect(await shop.countCalls(() => shop.get('/readyz'))).toBe(1)
  expect(await shop.countCalls(() => shop.get('/healthz'))).toBe(0)
})

test('a database that lacks the newest migration, or all of them, lacks migrations', async () => {
  const [newest] = await shop.db.all<{ name: string }>(
    sql`DELETE FROM d1_migrations WHERE id = (SELECT max(id) FROM d1_migrations) RETURNING name`,
  )
  expect(await failing()).toEqual(['migrations'])
  await shop.db.run(sql`INSERT INTO d1_migrations (name) VALUES (${newest?.name})`)
  expect(await failing()).toEqual([])
  await shop.db.run(sql`ALTER TABLE d1_migrations RENAME TO elsewhere`)
  expect(await failing()).toEqual(['migrations'])
  await shop.db.run(sql`ALTER TABLE elsewhere RENAME TO d1_migrations`)
  await shop.db.run(sql`ALTER TABLE shop_settings RENAME TO elsewhere`)
  expect(await failing()).toEqual(['migrations'])
  await shop.db.run(sql`ALTER TABLE elsewhere RENAME TO shop_settings`)
})

test('a failure of another kind is none of these', async () => {
  const db = { ...shop.db, get: async () => Promise.reject(new Error('Network connection lost.')) }
  await expect(whatIsMissing(db as unknown as TestShop['db'])).rejects.toThrow('connection lost')
})
