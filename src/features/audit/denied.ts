// Denied access to what staff may do is evidence too: somebody with a login tried what their role does not allow. Only
// callers with an account are recorded, and only so many, so that nobody can fill the database by being refused.

import { sql } from 'drizzle-orm'
import type { Deps } from '../../deps.ts'
import type { DeniedAccess } from '../../http/context.ts'

const HOUR_MS = 60 * 60 * 1000
/** Entries an hour of one caller, and of all together. What is beyond is in the request log. */
export const MAX_DENIED_BY_ONE = 20
export const MAX_DENIED_IN_ALL = 500

/** Records that a caller lacked a right. Never throws: the refusal stands whatever happens to its record. */
export async function recordDenied(
  { db, ids, clock, log }: Pick<Deps, 'db' | 'ids' | 'clock' | 'log'>,
  { caller, permission, operation, request_id, network_key }: DeniedAccess,
): Promise<void> {
  const now = clock()
  try {
    await db.run(sql`
      INSERT INTO audit_entries (id, actor, actor_kind, action, object_id, request_id, outcome, changes, created_at, network)
      SELECT ${ids('audit')}, ${caller.id}, ${caller.kind}, 'access.denied', ${operation}, ${request_id}, 'denied',
        ${JSON.stringify({ permission })}, ${now}, ${network_key}
      FROM (SELECT count(*) AS of_all, coalesce(sum(actor = ${caller.id}), 0) AS of_one FROM audit_log
        WHERE outcome = 'denied' AND created_at > ${now - HOUR_MS})
      WHERE of_all < ${MAX_DENIED_IN_ALL} AND of_one < ${MAX_DENIED_BY_ONE}`)
  } catch (error) {
    log('error', 'denied access not recorded', {
      request_id,
      error: error instanceof Error ? error.name : 'unknown',
    })
  }
}
