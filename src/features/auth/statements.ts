// Statements on logins that other features put into their own lists.

import { and, eq, gt, isNull } from 'drizzle-orm'
import type { Db } from '../../db/client.ts'
import { badToken } from '../../http/auth-errors.ts'
import type { SignedIn } from '../../http/context.ts'
import { users } from '../users/table.ts'
import { sessions } from './table.ts'

export { endSessions, insertFirstToken, newRefreshToken } from './refresh.ts'

/**
 * The caller's own row, if their session still runs. Whatever reads the database for a person reads this with it, in
 * the same call, so an ended session opens nothing personal although its access token lives on for minutes.
 */
export const selectCaller = (db: Db, caller: Pick<SignedIn, 'id' | 'session_id'>, now: number) =>
  db
    .select({
      id: users.id,
      email: users.email,
      password_hash: users.password_hash,
      name: users.name,
      phone: users.phone,
      email_verified_at: users.email_verified_at,
      created_at: users.created_at,
      updated_at: users.updated_at,
    })
    .from(users)
    .innerJoin(sessions, eq(sessions.user_id, users.id))
    .where(
      and(
        eq(users.id, caller.id),
        eq(sessions.id, caller.session_id),
        isNull(sessions.ended_at),
        gt(sessions.expires_at, now),
      ),
    )

export type Caller = typeof users.$inferSelect

/** The caller's row. Raises `token_invalid` when their session is over. */
export function requireCaller(rows: readonly Caller[]): Caller {
  const caller = rows[0]
  if (!caller) throw badToken()
  return caller
}
