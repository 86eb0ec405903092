// Retention: what has expired is removed, with the personal data in it.

import { sql } from 'drizzle-orm'
import type { SQLiteTable } from 'drizzle-orm/sqlite-core'
import { atomic } from '../../db/atomic.ts'
import type { Deps } from '../../deps.ts'
import { carts } from '../carts/table.ts'
import { idempotencyKeys } from '../idempotency/table.ts'
import { checkouts } from './table.ts'

/** Rows of each table removed in one unit, and units in one sweep: with a sweep a minute, 10,000 rows a minute. */
const LIMIT = 500
const MAX_UNITS = 20
/** How long an expired or finished checkout can still be read. */
const GRACE_MS = 7 * 24 * 60 * 60 * 1000

/** Removes expired idempotency keys, carts, and checkouts that have been over for a week. Never one that is being paid. */
export async function sweepExpired({ db, clock }: Deps): Promise<{ removed: number }> {
  const now = clock()
  const expired = (table: SQLiteTable, before: number, over = sql`true`) =>
    sql`id IN (SELECT id FROM ${table} WHERE expires_at < ${before} AND ${over} LIMIT ${LIMIT})`
  let removed = 0
  for (let unit = 0; unit < MAX_UNITS; unit++) {
    const ended = await atomic(db, [
      db
        .delete(idempotencyKeys)
        .where(expired(idempotencyKeys, now, sql`state = 'done'`))
        .returning({ id: idempotencyKeys.id }),
      db.delete(carts).where(expired(carts, now)).returning({ id: carts.id }),
      db
        .delete(checkouts)
        .where(expired(checkouts, now - GRACE_MS, sql`status <> 'completing'`))
        .returning({ id: checkouts.id }),
    ])
    removed += ended.reduce((sum, rows) => sum + rows.length, 0)
    if (ended.every(rows => rows.length < LIMIT)) break
  }
  return { removed }
}
