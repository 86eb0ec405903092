// Whether a database is one that this version of the code can serve from.

import { sql } from 'drizzle-orm'
import journal from '../../migrations/meta/_journal.json' with { type: 'json' }
import type { Db } from './client.ts'
import { isMissingTable } from './errors.ts'

/** The newest migration, by the name under which wrangler and scripts/lib/libsql.ts note it. */
const NEWEST = `${journal.entries.at(-1)?.tag}.sql`

/**
 * What a database lacks: `migrations` that were not applied, or `shop_settings` that nobody loaded; null when it lacks
 * nothing. One call; rejects when the database does not answer.
 */
export async function whatIsMissing(db: Db): Promise<'migrations' | 'shop_settings' | null> {
  try {
    const row = await db.get<{ is_migrated: number; is_set_up: number }>(sql`SELECT
      EXISTS (SELECT 1 FROM d1_migrations WHERE name = ${NEWEST}) AS is_migrated,
      EXISTS (SELECT 1 FROM shop_settings) AS is_set_up`)
    if (!row.is_migrated) return 'migrations'
    return row.is_set_up ? null : 'shop_settings'
  } catch (error) {
    if (isMissingTable(error)) return 'migrations'
    throw error
  }
}
