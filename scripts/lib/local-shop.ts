// The local database for scripts: the very one that `wrangler dev` serves, or any libSQL database by DATABASE_URL.

import { type Db, d1Db, libsqlDb } from '../../src/db/client.ts'
import { whatIsMissing } from '../../src/db/readiness.ts'
import { type Clock, systemClock } from '../../src/lib/clock.ts'
import { createIdGenerator, type IdGenerator } from '../../src/lib/ids.ts'
import { startLocalD1 } from './d1-client.ts'
import { migrateLibsql, openLibsql } from './libsql.ts'

/** What services need that write to the catalogue. */
export interface LocalShop {
  deps: { db: Db; ids: IdGenerator; clock: Clock }
  close: () => Promise<void>
}

const parts = { ids: createIdGenerator(systemClock), clock: systemClock }

/** Opens the database at `url` (file:, libsql:, https:), migrated; without a URL, the local D1 of `npm start`. */
export async function openLocalShop(url = process.env.DATABASE_URL): Promise<LocalShop> {
  if (!url) return openLocalD1()
  const client = await openLibsql(url, process.env.DATABASE_AUTH_TOKEN)
  await migrateLibsql(client)
  return { deps: { db: libsqlDb(client), ...parts }, close: async () => client.close() }
}

/** Opens the D1 that `npm start` serves: the same files. Throws when it was not migrated. */
export async function openLocalD1(): Promise<LocalShop> {
  const { binding, close } = startLocalD1()
  const db = d1Db(binding)
  if ((await whatIsMissing(db)) === 'migrations') {
    await close()
    throw new Error('The local database lacks migrations. Run `npm start` once, or set DATABASE_URL.')
  }
  return { deps: { db, ...parts }, close }
}
