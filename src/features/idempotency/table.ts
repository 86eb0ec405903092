// Idempotency keys and the answers that they replay (INV-ONCE). A record commits in the same unit as its effect.

import { sql } from 'drizzle-orm'
import { check, index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'

export const idempotencyKeys = sqliteTable(
  'idempotency_keys',
  {
    /** SHA-256 over (principal, method, path, key): the raw key is never stored. */
    id: text().primaryKey(),
    /** SHA-256 of the request body's bytes. */
    fingerprint: text().notNull(),
    /** Whose request it was, to erase the stored answer with the person; null for guests. */
    user_id: text(),
    state: text({ enum: ['running', 'done'] }).notNull(),
    status: integer(),
    body: text({ mode: 'json' }).$type<Record<string, unknown>>(),
    created_at: integer().notNull(),
    expires_at: integer().notNull(),
  },
  t => [
    index('idempotency_keys_expiry').on(t.expires_at),
    index('idempotency_keys_by_user').on(t.user_id).where(sql`user_id IS NOT NULL`),
    check('idempotency_done_has_reply', sql`(state = 'done') = (status IS NOT NULL AND body IS NOT NULL)`),
  ],
)
