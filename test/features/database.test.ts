// The database under the features: the table definitions are the migrated schema, and every request stays within its
// budget of calls (docs: "database calls"; on Workers each is a round trip).

import { sql } from 'drizzle-orm'
import { getTableConfig, SQLiteTable } from 'drizzle-orm/sqlite-core'
import { beforeAll, describe, expect, test } from 'vitest'
import * as schema from '../../src/db/schema.ts'
import { aReadyCheckout, aVariantOf, complete } from '../support/buying.ts'
import { openShop, type TestShop, withKey } from '../support/shop.ts'

let shop: TestShop
beforeAll(async () => {
  shop = await openShop()
})

const TABLES = Object.values(schema).filter(value => value instanceof SQLiteTable)
const configs = TABLES.map(table => getTableConfig(table))
const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1)

interface Column {
  name: string
  type: string
  notnull: number
  dflt_value: string | null
  pk: number
}
interface Index {
  name: string
  unique: number
  origin: string
}

describe('the table definitions', () => {
  test('name every table that the migrations make', async () => {
    const rows = await shop.db.all<{ name: string }>(sql`SELECT name FROM sqlite_master WHERE type = 'table'
      AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '\\_cf\\_%' ESCAPE '\\' AND name <> 'd1_migrations'
      AND name NOT LIKE 'product\\_search%' ESCAPE '\\' ORDER BY name`)
    expect(rows.map(({ name }) => name)).toEqual(configs.map(({ name }) => name).sort())
  })

  test.each(configs)(
    '$name has the columns, types, defaults and key of the migrated schema',
    async config => {
      const rows = await shop.db.all<Column>(sql.raw(`PRAGMA table_info(${config.name})`))
      const key = config.primaryKeys[0]?.columns.map(({ name }) => name) ?? []
      const defined = config.columns.map(column => ({
        name: column.name,
        type: column.getSQLType(),
        notnull: column.notNull || column.primary ? 1 : 0,
        has_default: column.default !== undefined,
        pk: column.primary ? 1 : key.indexOf(column.name) + 1,
      }))
      const migrated = rows.map(({ name, type, notnull, dflt_value, pk }) => ({
        name,
        type: type.toLowerCase(),
        notnull,
        has_default: dflt_value !== null,
        pk,
      }))
      expect(migrated.sort(byName)).toEqual(defined.sort(byName))
    },
  )

  test.each(configs)('$name has the indexes and named constraints of the migrated schema', async config => {
    const rows = await shop.db.all<Index>(sql.raw(`PRAGMA index_list(${config.name})`))
    const migrated = rows.flatMap(({ name, unique, origin }) => (origin === 'c' ? [{ name, unique }] : []))
    const defined = config.indexes.map(({ config: { name, unique } }) => ({ name, unique: unique ? 1 : 0 }))
    expect(migrated.sort(byName)).toEqual(defined.sort(byName))

    const [{ text } = { text: '' }] = await shop.db.all<{ text: string }>(
      sql`SELECT sql AS text FROM sqlite_master WHERE name = ${config.name}`,
    )
    const checks = [...text.matchAll(/CONSTRAINT "(\w+)" CHECK/g)].map(([, name]) => name)
    expect(checks.sort()).toEqual(config.checks.map(({ name }) => name).sort())
    expect(text).toMatch(/\) STRICT/)
    // A key of several columns has a row for each.
    const foreign = await shop.db.all<{ id: number }>(sql.raw(`PRAGMA foreign_key_list(${config.name})`))
    expect(new Set(foreign.map(({ id }) => id)).size).toBe(config.foreignKeys.length)
  })
})

describe('database calls', () => {
  const calls = (work: () => Promise<{ status: number }>, status = 200) =>
    shop.countCalls(async () => expect((await work()).status).toBe(status))

  test('reading the catalogue takes 1', async () => {
    const { handle } = await shop.addProduct()
    expect(await calls(() => shop.get('/v1/products'))).toBe(1)
    expect(await calls(() => shop.get('/v1/products?q=product&facets=true'))).toBe(1)
    expect(await calls(() => shop.get(`/v1/products/${handle}`))).toBe(1)
  })

  test('a cart takes 1 to read and 2 to write', async () => {
    const line = { variant_id: await aVariantOf(shop), quantity: 1 }
    const cart = await shop.post('/v1/carts', { lines: [line] })
    const path = `/v1/carts/${cart.body.id}`
    const lineId = cart.body.lines[0].id
    expect(await calls(() => shop.get(path))).toBe(1)
    expect(await calls(() => shop.post('/v1/carts', { lines: [line] }, withKey()), 201)).toBe(2)
    expect(await calls(() => shop.post(`${path}/lines`, line, withKey()))).toBe(2)
    expect(await calls(() => shop.call('PATCH', `${path}/lines/${lineId}`, { body: { quantity: 3 } }))).toBe(
      2,
    )
    expect(await calls(() => shop.call('PUT', `${path}/discount_codes`, { body: { codes: ['X'] } }))).toBe(2)
    expect(await calls(() => shop.call('DELETE', `${path}/lines/${lineId}`))).toBe(2)
  })

  test('a checkout takes 1 to read, 2 to write, 3 to complete; its order 1 to read; a replay 1', async () => {
    const variantId = await aVariantOf(shop)
    const lines = [{ variant_id: variantId, quantity: 1 }]
    expect(await calls(() => shop.post('/v1/checkouts', { lines }, withKey()), 201)).toBe(2)
    const id = await aReadyCheckout(shop, variantId)
    const path = `/v1/checkouts/${id}`
    expect(await calls(() => shop.get(path))).toBe(1)
    expect(await calls(() => shop.call('PATCH', path, { body: { note: 'x' } }))).toBe(2)
    const manual = { provider: 'manual', token: undefined, key: withKey() }
    expect(await calls(() => complete(shop, id, manual))).toBe(3)
    expect(await calls(() => complete(shop, id, manual))).toBe(1)
    const { body } = await shop.get(path)
    const token = { 'Order-Token': body.order_token }
    expect(await calls(() => shop.get(`/v1/orders/${body.order_id}`, token))).toBe(1)
    const other = await aReadyCheckout(shop, variantId)
    expect(await calls(() => shop.post(`/v1/checkouts/${other}/cancel`, undefined))).toBe(2)
  })

  test('a purchase that is refused takes no more', async () => {
    const declined = await aReadyCheckout(shop, await aVariantOf(shop))
    expect(await calls(() => complete(shop, declined, { token: 'tok_declined' }), 402)).toBe(3)
    const short = await aReadyCheckout(shop, await aVariantOf(shop, { quantity: 1 }), 2)
    expect(await calls(() => complete(shop, short), 409)).toBe(1)
  })
})
