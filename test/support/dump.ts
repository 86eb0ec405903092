// The whole database as data, for tests that look for what must not be there.

import { sql } from 'drizzle-orm'
import type { TestShop } from './shop.ts'

/** Names of all tables of ours. */
export async function tablesOf({ db }: TestShop): Promise<string[]> {
  const rows = await db.all<{ name: string }>(
    sql`SELECT name FROM sqlite_schema WHERE type = 'table' AND sql LIKE '%STRICT%' ORDER BY name`,
  )
  return rows.map(row => row.name)
}

/** Every row of every table, as JSON text by table. */
export async function dumpByTable(shop: TestShop): Promise<Record<string, string>> {
  const entries = (await tablesOf(shop)).map(
    async (name): Promise<[string, string]> => [
      name,
      JSON.stringify(await shop.db.all(sql`SELECT * FROM ${sql.identifier(name)}`)),
    ],
  )
  return Object.fromEntries(await Promise.all(entries))
}

/** Every row of every table, as one text. */
export const dumpOf = async (shop: TestShop): Promise<string> =>
  Object.values(await dumpByTable(shop)).join('\n')
