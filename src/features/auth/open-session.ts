// Opening a session, however somebody proved who they are: by password, by a second factor, or at a provider.

import { eq, type SQL, sql } from 'drizzle-orm'
import { atomic, type Refusals } from '../../db/atomic.ts'
import type { Db, Statement } from '../../db/client.ts'
import type { Deps } from '../../deps.ts'
import type { Actor, SignedIn } from '../../http/context.ts'
import { rfc3339 } from '../../lib/clock.ts'
import { DomainError } from '../../lib/errors.ts'
import { sha256 } from '../../lib/hash.ts'
import { ACCESS_TOKEN_SECONDS } from '../../lib/signing-key.ts'
import { rightsOf, type StoredRole } from '../staff/rights.ts'
import { roles, staffMembers } from '../staff/table.ts'
import { users } from '../users/table.ts'
import { accountToken } from './account-token.ts'
import { mfaRequired } from './errors.ts'
import { insertFirstToken, newRefreshToken } from './refresh.ts'
import type { Tokens } from './schemas.ts'
import { secondFactors, type sessions } from './table.ts'

/** How long a session lasts at most, however often it is refreshed. */
export const SESSION_MS = 30 * 24 * 60 * 60 * 1000
/** How long a login waits for the code of its second factor. */
const CHALLENGE_SECONDS = 5 * 60
/** Characters of `User-Agent` that are kept. */
export const MAX_DEVICE = 200

/** What a login must know of an account. Every column has a name of its own (D1 gives a batch's rows as objects). */
export const selectAccount = (db: Db, which: SQL) =>
  db
    .select({
      id: users.id,
      email: users.email,
      password_hash: users.password_hash,
      role: staffMembers.role,
      permissions: roles.permissions,
      secret: secondFactors.secret,
      last_step: secondFactors.last_step,
      confirmed_at: secondFactors.confirmed_at,
    })
    .from(users)
    .leftJoin(staffMembers, eq(staffMembers.user_id, users.id))
    .leftJoin(roles, eq(roles.name, staffMembers.role))
    .leftJoin(secondFactors, eq(secondFactors.user_id, users.id))
    .where(which)

export type Account = Awaited<ReturnType<typeof selectAccount>>[number]

/** Opens a session, together with the statements that the proof asks for; `only` is what must still hold then. */
export async function openSession(
  deps: Deps,
  actor: Actor,
  account: Pick<Account, 'id'> & StoredRole,
  {
    device,
    only,
    statements,
    refusals,
  }: {
    device: string
    only: SQL
    statements: readonly Statement[]
    refusals: Refusals
  },
): Promise<Tokens> {
  const { db, clock, ids } = deps
  const now = clock()
  const session = {
    id: ids('session'),
    user_id: account.id,
    created_at: now,
    expires_at: now + SESSION_MS,
  }
  const refresh_token = newRefreshToken()
  await atomic(
    db,
    [
      db.run(sql`INSERT INTO sessions (id, user_id, device, created_at, last_used_at, expires_at)
        SELECT ${session.id}, id, ${device.slice(0, MAX_DEVICE)}, ${now}, ${now}, ${session.expires_at}
        FROM users WHERE id = ${account.id} AND ${only}`),
      // Refused (`session_is_over`) when the row before was not written.
      insertFirstToken(db, session.id, await sha256(refresh_token), now),
      ...statements,
    ],
    refusals,
  )
  deps.log('info', 'login', { request_id: actor.request_id, user_id: account.id })
  return tokensOf(deps, session, refresh_token, rightsOf(account))
}

/** Lets a login wait for its code, together with the statements that the proof asks for. Returns what to raise. */
export async function askForCode(
  deps: Deps,
  account: Pick<Account, 'id'>,
  { only, statements }: { only: SQL; statements: readonly Statement[] },
): Promise<DomainError> {
  const { db, clock, ids } = deps
  const now = clock()
  const id = ids('accountToken')
  await db.batch([
    db.run(sql`INSERT INTO account_tokens (id, purpose, email, user_id, created_at, expires_at)
      SELECT ${id}, 'second_factor', email, id, ${now}, ${now + CHALLENGE_SECONDS * 1000}
      FROM users WHERE id = ${account.id} AND ${only}`),
    ...statements,
  ])
  return new DomainError(mfaRequired, 'Give the code of your authenticator app.', {
    headers: { 'WWW-Authenticate': 'Bearer error="insufficient_user_authentication"' },
    members: { mfa_token: await accountToken(deps, id), expires_in: CHALLENGE_SECONDS },
  })
}

/** The tokens of a session, as clients get them. */
export async function tokensOf(
  deps: Deps,
  session: Pick<typeof sessions.$inferSelect, 'id' | 'user_id' | 'created_at' | 'expires_at'>,
  refresh_token: string,
  permissions: SignedIn['permissions'],
): Promise<Tokens> {
  return {
    access_token: await deps.accessTokens.sign({
      id: session.user_id,
      session_id: session.id,
      authenticated_at: Math.floor(session.created_at / 1000),
      permissions,
    }),
    token_type: 'Bearer',
    expires_in: ACCESS_TOKEN_SECONDS,
    scope: ['buyer', ...permissions].join(' '),
    refresh_token,
    session_id: session.id,
    session_expires_at: rfc3339(session.expires_at),
  }
}
