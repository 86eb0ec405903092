// A person's own sessions: see them, end one.

import { and, desc, eq, gt, isNull, lt, sql } from 'drizzle-orm'
import type { Deps } from '../../deps.ts'
import type { Actor, SignedIn } from '../../http/context.ts'
import { notFound } from '../../http/errors.ts'
import { idOf, pageById } from '../../http/pagination.ts'
import { DEFAULT_LIMIT } from '../../http/schemas.ts'
import { rfc3339 } from '../../lib/clock.ts'
import { DomainError } from '../../lib/errors.ts'
import type { Session } from './schemas.ts'
import { endSessions, requireCaller, selectCaller } from './statements.ts'
import { sessions } from './table.ts'

const SORT = 'sessions'

/** Lists the logins that still run, newest first; what apps have is told by their grants. Raises `token_invalid`, `invalid_cursor`. */
export async function listSessions(
  { db, clock }: Deps,
  { principal }: Actor<SignedIn>,
  { limit = DEFAULT_LIMIT, cursor }: { limit?: number; cursor?: string },
): Promise<{ data: Session[]; next_cursor: string | null }> {
  const after = idOf(cursor, SORT)
  const now = clock()
  const [callers, rows] = await db.batch([
    selectCaller(db, principal, now),
    db
      .select()
      .from(sessions)
      .where(
        and(
          eq(sessions.user_id, principal.id),
          isNull(sessions.client_id),
          isNull(sessions.ended_at),
          gt(sessions.expires_at, now),
          after === null ? undefined : lt(sessions.id, after),
        ),
      )
      .orderBy(desc(sessions.id))
      .limit(limit + 1),
  ])
  requireCaller(callers)
  const page = pageById(rows, limit, SORT)
  return {
    data: page.rows.map(({ id, device, created_at, last_used_at, expires_at }) => ({
      id,
      device,
      is_current: id === principal.session_id,
      created_at: rfc3339(created_at),
      last_used_at: rfc3339(last_used_at),
      expires_at: rfc3339(expires_at),
    })),
    next_cursor: page.next_cursor,
  }
}

/** Ends one of the caller's sessions. Raises `token_invalid`, `not_found` (also for another's). */
export async function endSession(
  { db, clock }: Deps,
  { principal }: Actor<SignedIn>,
  id: string,
): Promise<void> {
  const now = clock()
  const own = sql`${sessions.id} = ${id} AND ${sessions.user_id} = ${principal.id} AND ${sessions.client_id} IS NULL`
  const [callers, rows] = await db.batch([
    selectCaller(db, principal, now),
    db
      .select({ id: sessions.id })
      .from(sessions)
      .where(and(own, isNull(sessions.ended_at), gt(sessions.expires_at, now))),
  ])
  requireCaller(callers)
  if (rows.length === 0) throw new DomainError(notFound, 'There is no such session.')
  await db.batch([endSessions(db, own, 'ended', now)])
}
