// What a person has let apps do: they see it, and take it back.

import { and, asc, eq, gt, sql } from 'drizzle-orm'
import { atomic } from '../../db/atomic.ts'
import { guardChangedOne } from '../../db/guards.ts'
import type { Deps } from '../../deps.ts'
import type { Actor, SignedIn } from '../../http/context.ts'
import { notFound } from '../../http/errors.ts'
import { idOf, pageById } from '../../http/pagination.ts'
import { DEFAULT_LIMIT } from '../../http/schemas.ts'
import { rfc3339 } from '../../lib/clock.ts'
import { DomainError } from '../../lib/errors.ts'
import { splitScope } from '../../lib/scopes.ts'
import { audit } from '../audit/statements.ts'
import { endSessions, requireCaller, selectCaller } from '../auth/statements.ts'
import { sessions } from '../auth/table.ts'
import type { AppGrant } from './schemas.ts'
import { oauthCodes, oauthGrants } from './table.ts'

const SORT = 'grants'

/** Lists what the caller has let apps do, oldest first. Raises `token_invalid`, `invalid_cursor`. */
export async function listGrants(
  { db, clock }: Deps,
  { principal }: Actor<SignedIn>,
  { limit = DEFAULT_LIMIT, cursor }: { limit?: number; cursor?: string },
): Promise<{ data: AppGrant[]; next_cursor: string | null }> {
  const after = idOf(cursor, SORT)
  const [callers, rows] = await db.batch([
    selectCaller(db, principal, clock()),
    db
      .select({
        id: oauthGrants.id,
        client_id: oauthGrants.client_id,
        scope: oauthGrants.scope,
        created_at: oauthGrants.created_at,
        updated_at: oauthGrants.updated_at,
        name: sql<string>`(SELECT name FROM oauth_clients WHERE id = oauth_grants.client_id)`.as('name'),
      })
      .from(oauthGrants)
      .where(
        and(eq(oauthGrants.user_id, principal.id), after === null ? undefined : gt(oauthGrants.id, after)),
      )
      .orderBy(asc(oauthGrants.id))
      .limit(limit + 1),
  ])
  requireCaller(callers)
  const page = pageById(rows, limit, SORT)
  return {
    data: page.rows.map(({ scope, created_at, updated_at, ...row }) => ({
      ...row,
      scopes: splitScope(scope),
      created_at: rfc3339(created_at),
      updated_at: rfc3339(updated_at),
    })),
    next_cursor: page.next_cursor,
  }
}

/** Takes back what the caller let an app do; its sessions end. Raises `token_invalid`, `not_found` (also for another's). */
export async function revokeGrant(deps: Deps, actor: Actor<SignedIn>, id: string): Promise<void> {
  const { db, ids, clock } = deps
  const { principal, request_id } = actor
  const now = clock()
  const [callers, rows] = await db.batch([
    selectCaller(db, principal, now),
    db
      .select()
      .from(oauthGrants)
      .where(and(eq(oauthGrants.id, id), eq(oauthGrants.user_id, principal.id))),
  ])
  requireCaller(callers)
  const [grant] = rows
  const missing = () => new DomainError(notFound, 'You have not allowed this, or not any more.')
  if (!grant) throw missing()
  const ofApp = sql`${sessions.user_id} = ${principal.id} AND ${sessions.client_id} = ${grant.client_id}`
  await atomic(
    db,
    [
      db.delete(oauthGrants).where(eq(oauthGrants.id, id)),
      guardChangedOne(db, 'guard_version_current'),
      db
        .delete(oauthCodes)
        .where(and(eq(oauthCodes.user_id, principal.id), eq(oauthCodes.client_id, grant.client_id))),
      endSessions(db, ofApp, 'ended', now),
      audit(
        db,
        ids,
        { actor: principal.id, action: 'app.revoked', object_id: grant.client_id, request_id, changes: {} },
        now,
      ),
    ],
    { guard_version_current: missing },
  )
}
