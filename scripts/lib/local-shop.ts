// The local database for scripts: the very one that `wrangler dev` serves, or any libSQL database by DATABASE_URL.

import { readFile } from 'node:fs/promises'
import { type Db, d1Db, libsqlDb } from '../../src/db/client.ts'
import { type Clock, systemClock } from '../../src/lib/clock.ts'
import { createIdGenerator, type IdGenerator } from '../../src/lib/ids.ts'
import { migrateLibsql, openLibsql } from './libsql.ts'

/** What services need that write to the catalogue. */
export interface LocalShop {
  deps: { db: Db; ids: IdGenerator; clock: Clock }
  close: () => Promise<void>
}

/** Opens the database at `url` (file:, libsql:, https:), migrated; without a URL, the local D1 of `npm start`. */
export async function openLocalShop(url = process.env.DATABASE_URL): Promise<LocalShop> {
  const parts = { ids: createIdGenerator(systemClock), clock: systemClock }
  if (url) {
    const client = await openLibsql(url, process.env.DATABASE_AUTH_TOKEN)
    await migrateLibsql(client)
    return { deps: { db: libsqlDb(client), ...parts }, close: async () => client.close() }
  }
  return openLocalD1(parts)
}

/** The D1 that `wrangler dev` serves: the same files, opened by miniflare. (wrangler's own proxy takes twice the memory.) */
async function openLocalD1(parts: Omit<LocalShop['deps'], 'db'>): Promise<LocalShop> {
  const { convertV4MiniflareOptions, Miniflare } = await import('miniflare')
  const id = /^database_id = "([^"]+)"/m.exec(await readFile('wrangler.toml', 'utf8'))?.[1]
  if (!id) throw new Error('wrangler.toml names no database_id')
  const server = new Miniflare(
    convertV4MiniflareOptions({
      modules: true,
      script: 'export default {}',
      compatibilityDate: '2026-10-01',
      d1Databases: { DB: id },
      resourcePersistencePath: '.wrangler/state/v3',
    }),
  )
  return { deps: { db: d1Db(await server.getD1Database('DB')), ...parts }, close: () => server.dispose() }
}
