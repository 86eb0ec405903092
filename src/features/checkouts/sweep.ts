// Retention: what has expired is removed, with the personal data in it.

import { and, lt, ne, sql } from 'drizzle-orm'
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
  const oldest = (table: string, before: number) =>
    sql`(SELECT id FROM ${sql.identifier(table)} WHERE expires_at < ${before} LIMIT ${LIMIT})`
  await db.batch([
    db.delete(idempotencyKeys).where(sql`id IN ${oldest('idempotency_keys', now)} AND state = 'done'`),
    db.delete(carts).where(sql`id IN ${oldest('carts', now)}`),
    db
      .delete(checkouts)
      .where(
        and(
          sql`id IN ${oldest('checkouts', now - GRACE_MS)}`,
          ne(checkouts.status, 'completing'),
          lt(checkouts.expires_at, now),
        ),
      ),
  ])
  return {}
}
