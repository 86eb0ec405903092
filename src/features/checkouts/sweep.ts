// Retention: what has expired is removed, with the personal data in it.

import { sql } from 'drizzle-orm'
import type { SQLiteTable } from 'drizzle-orm/sqlite-core'
import type { Deps } from '../../deps.ts'
import { carts } from '../carts/table.ts'
import { idempotencyKeys } from '../idempotency/table.ts'
import { checkouts } from './table.ts'

/** Rows removed in one sweep, to bound its work; the next sweep goes on. */
const LIMIT = 500
/** How long an expired or finished checkout can still be read. */
const GRACE_MS = 7 * 24 * 60 * 60 * 1000

/** Removes expired idempotency keys, carts, and checkouts that have been over for a week. Never one that is being paid. */
export async function sweepExpired({ db, clock }: Deps): Promise<Record<string, never>> {
  const now = clock()
  const expired = (table: SQLiteTable, before: number, over = sql`true`) =>
    sql`id IN (SELECT id FROM ${table} WHERE expires_at < ${before} AND ${over} LIMIT ${LIMIT})`
  await db.batch([
    db.delete(idempotencyKeys).where(expired(idempotencyKeys, now, sql`state = 'done'`)),
    db.delete(carts).where(expired(carts, now)),
    db.delete(checkouts).where(expired(checkouts, now - GRACE_MS, sql`status <> 'completing'`)),
  ])
  return {}
}
