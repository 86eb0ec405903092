// Refresh tokens: rotation with reuse detection (RFC 9700 §4.14.2).
//
// A refresh token is used once and replaced. The replacement is derived from it, a random nonce and TOKEN_SECRET, and
// only its SHA-256 and the nonce are stored. So the rule for a lost answer is simple: within 10 seconds of its use, and
// while the replacement is unused, the same token gets the same replacement again. Parallel refreshes of one client
// thereby agree on one token. Any other use of a used token is a replay, and ends the session.

import { and, eq, isNull, sql } from 'drizzle-orm'
import { atomic } from '../../db/atomic.ts'
import type { Db, Statement } from '../../db/client.ts'
import type { Deps } from '../../deps.ts'
import { DomainError } from '../../lib/errors.ts'
import { hmacSha256, sha256 } from '../../lib/hash.ts'
import { audit } from '../audit/statements.ts'
import type { StoredRole } from '../staff/rights.ts'
import { roles, staffMembers } from '../staff/table.ts'
import { refreshTokenInvalid } from './errors.ts'
import { refreshTokens, type SESSION_ENDS, sessions } from './table.ts'

/** How long a lost answer can be asked for again. */
const RETRY_MS = 10_000
const RANDOM_BYTES = 32
const PREFIX = 'rt_'

/** Makes the first refresh token of a session. */
export const newRefreshToken = (): string =>
  `${PREFIX}${Buffer.from(crypto.getRandomValues(new Uint8Array(RANDOM_BYTES))).toString('hex')}`

const successorOf = async (deps: Deps, token: string, nonce: string): Promise<string> =>
  `${PREFIX}${await hmacSha256(deps.config.TOKEN_SECRET, `refresh:${nonce}:${token}`)}`

/** Stores the first token of a session, by its SHA-256; refused by `session_is_over`. */
export const insertFirstToken = (db: Db, session_id: string, id: string, now: number): Statement =>
  db.insert(refreshTokens).values({ id, session_id, created_at: now })

export interface Rotation {
  refresh_token: string
  role: StoredRole
  session: typeof sessions.$inferSelect
}

/** Whose session a refresh token may be of; another's is as unknown. */
type Accepts = (session: Rotation['session']) => boolean

/**
 * Replaces a refresh token of a session that the caller accepts. Raises `refresh_token_invalid`; for a replayed one, after
 * ending its session.
 */
export async function rotate(
  deps: Deps,
  token: string,
  request_id: string,
  accepts: Accepts,
): Promise<Rotation> {
  const { db, ids, clock } = deps
  const id = await sha256(token)
  const now = clock()
  // Two statements and no join: D1 gives a batch's rows as objects, in which equal column names would collide.
  const [tokens, found, successors, members] = await db.batch([
    db.select().from(refreshTokens).where(eq(refreshTokens.id, id)),
    db
      .select()
      .from(sessions)
      .where(eq(sessions.id, sql`(SELECT session_id FROM refresh_tokens WHERE id = ${id})`)),
    db.select().from(refreshTokens).where(eq(refreshTokens.previous_id, id)),
    db
      .select({ role: staffMembers.role, permissions: roles.permissions })
      .from(staffMembers)
      .innerJoin(roles, eq(roles.name, staffMembers.role))
      .where(
        eq(
          staffMembers.user_id,
          sql`(SELECT user_id FROM sessions WHERE id = (SELECT session_id FROM refresh_tokens WHERE id = ${id}))`,
        ),
      ),
  ])
  const role = members[0] ?? { role: null, permissions: null }
  const current = tokens[0]
  const session = found[0]
  if (!current || !session || session.ended_at !== null || session.expires_at <= now || !accepts(session))
    throw notValid()

  if (current.used_at === null) {
    const nonce = newRefreshToken()
    const refresh_token = await successorOf(deps, token, nonce)
    try {
      await atomic(
        db,
        [
          db.update(refreshTokens).set({ used_at: now }).where(eq(refreshTokens.id, id)),
          db.insert(refreshTokens).values({
            id: await sha256(refresh_token),
            session_id: session.id,
            previous_id: id,
            nonce,
            created_at: now,
          }),
          db.update(sessions).set({ last_used_at: now }).where(eq(sessions.id, session.id)),
        ],
        { refresh_token_used_once: () => new LostRace(), session_is_over: notValid },
      )
      return { refresh_token, session, role }
    } catch (error) {
      if (error instanceof LostRace) return rotate(deps, token, request_id, accepts)
      throw error
    }
  }

  const successor = successors[0]
  const isRetry = now - current.used_at <= RETRY_MS && successor?.used_at === null
  if (isRetry && successor.nonce) {
    return { refresh_token: await successorOf(deps, token, successor.nonce), session, role }
  }
  await db.batch([
    endSessions(db, sql`${sessions.id} = ${session.id}`, 'token_replayed', now),
    audit(
      db,
      ids,
      {
        actor: session.user_id,
        action: 'session.replay_detected',
        object_id: session.id,
        request_id,
        changes: {},
      },
      now,
    ),
  ])
  deps.log('warn', 'refresh token replayed', { request_id, session_id: session.id })
  throw notValid()
}

class LostRace extends Error {}

const notValid = (): DomainError =>
  new DomainError(refreshTokenInvalid, 'Log in again.', {
    headers: { 'WWW-Authenticate': 'Bearer error="invalid_token"' },
  })

/** Ends the sessions that a condition names and that have not ended yet. */
export const endSessions = (
  db: Db,
  which: ReturnType<typeof sql>,
  end_reason: (typeof SESSION_ENDS)[number],
  now: number,
): Statement =>
  db
    .update(sessions)
    .set({ ended_at: now, end_reason })
    .where(and(which, isNull(sessions.ended_at)))
