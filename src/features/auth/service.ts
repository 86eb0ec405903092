// Logging in, staying logged in, logging out. What is wrong is never told: an unknown email, a wrong password and an
// unverified registration run the same statements and the same hash, and get the same answer.

import { eq, sql } from 'drizzle-orm'
import { atomic } from '../../db/atomic.ts'
import type { Statement } from '../../db/client.ts'
import type { Deps } from '../../deps.ts'
import type { Actor, SignedIn } from '../../http/context.ts'
import { rfc3339 } from '../../lib/clock.ts'
import { DomainError } from '../../lib/errors.ts'
import { sha256 } from '../../lib/hash.ts'
import { ROLES } from '../../lib/permissions.ts'
import { ACCESS_TOKEN_SECONDS } from '../../lib/signing-key.ts'
import { staffMembers } from '../staff/table.ts'
import { users } from '../users/table.ts'
import { credentialsInvalid } from './errors.ts'
import {
  clearCounter,
  countAttempt,
  counterKey,
  giveBack,
  LIMITS,
  networkKey,
  refuseBeyond,
  rememberNetwork,
  selectKnownNetwork,
  sweepLimits,
} from './limits.ts'
import { endSessions, insertFirstToken, newRefreshToken, rotate } from './refresh.ts'
import type { Login, Tokens } from './schemas.ts'
import { accountTokens, refreshTokens, sessions } from './table.ts'

/** How long a session lasts at most, however often it is refreshed. */
export const SESSION_MS = 30 * 24 * 60 * 60 * 1000
/** How long sessions that are over stay on record. */
const KEEP_SESSIONS_MS = 7 * 24 * 60 * 60 * 1000
const MAX_DEVICE = 200

/** Opens a session. Raises `credentials_invalid`, `too_many_attempts`, `unavailable`. */
export async function login(deps: Deps, actor: Actor, input: Login, device: string): Promise<Tokens> {
  const { db, clock, ids, passwords } = deps
  const { email, password } = input
  const now = clock()
  const keys = await loginCounters(deps, email, actor.network)
  const [pair, account, network, known, rows] = await db.batch([
    countAttempt(db, keys.pair, LIMITS.login_pair, now),
    countAttempt(db, keys.account, LIMITS.login_account, now),
    countAttempt(db, keys.network, LIMITS.login_network, now),
    selectKnownNetwork(db, email, keys.networkKey, now),
    db
      .select({ id: users.id, password_hash: users.password_hash, role: staffMembers.role })
      .from(users)
      .leftJoin(staffMembers, eq(staffMembers.user_id, users.id))
      .where(eq(users.email, email)),
  ])
  refuseBeyond(pair, LIMITS.login_pair, now)
  refuseBeyond(network, LIMITS.login_network, now)
  if (known.length === 0) refuseBeyond(account, LIMITS.login_account, now)

  const user = rows[0]
  const verdict = await passwords.verify(password, user?.password_hash ?? null)
  if (!user || !verdict.matches) {
    deps.log('warn', 'login failed', { request_id: actor.request_id })
    throw wrongCredentials()
  }
  const rehashed = verdict.isOutdated ? await passwords.hash(password) : null
  const session = {
    id: ids('session'),
    user_id: user.id,
    device: device.slice(0, MAX_DEVICE),
    created_at: now,
    last_used_at: now,
    expires_at: now + SESSION_MS,
  }
  const refresh_token = newRefreshToken()
  const statements: [Statement, ...Statement[]] = [
    // Only if the password that was just checked is still the one: a change meanwhile has ended all sessions.
    db.run(sql`INSERT INTO sessions (id, user_id, device, created_at, last_used_at, expires_at)
      SELECT ${session.id}, id, ${session.device}, ${now}, ${now}, ${session.expires_at}
      FROM users WHERE id = ${user.id} AND password_hash = ${user.password_hash}`),
    insertFirstToken(db, session.id, await sha256(refresh_token), now),
    rememberNetwork(db, user.id, keys.networkKey, now),
    clearCounter(db, keys.pair),
    giveBack(db, keys.account),
    giveBack(db, keys.network),
    ...(rehashed === null
      ? []
      : [db.update(users).set({ password_hash: rehashed }).where(eq(users.id, user.id))]),
  ]
  await atomic(db, statements, { session_is_over: wrongCredentials, 'FOREIGN KEY': wrongCredentials })
  deps.log('info', 'login', { request_id: actor.request_id, user_id: user.id })
  return tokensOf(deps, session, refresh_token, user.role ? ROLES[user.role] : [])
}

const wrongCredentials = (): DomainError =>
  new DomainError(credentialsInvalid, 'The email or the password is wrong.', {
    headers: { 'WWW-Authenticate': 'Bearer' },
  })

/** The keys under which a login is counted. */
export async function loginCounters(deps: Deps, email: string, network: string) {
  const [pair, account, ofNetwork, stored] = await Promise.all([
    counterKey(deps, LIMITS.login_pair, `${network} ${email}`),
    counterKey(deps, LIMITS.login_account, email),
    counterKey(deps, LIMITS.login_network, network),
    networkKey(deps, network),
  ])
  return { pair, account, network: ofNetwork, networkKey: stored }
}

/** Replaces a refresh token and gives a new access token. Raises `refresh_token_invalid` (see refresh.ts). */
export async function refresh(deps: Deps, actor: Actor, token: string): Promise<Tokens> {
  const { session, refresh_token } = await rotate(deps, token, actor.request_id)
  const permissions = await currentPermissions(deps, { id: session.user_id, session_id: session.id })
  return tokensOf(deps, session, refresh_token, permissions ?? [])
}

/** Ends the session of a refresh token, used or not. An unknown token is no error: there is nothing to end. */
export async function logout(deps: Deps, token: string): Promise<void> {
  const { db, clock } = deps
  const id = await sha256(token)
  const which = sql`${sessions.id} = (SELECT session_id FROM refresh_tokens WHERE id = ${id})`
  await db.batch([endSessions(db, which, 'logged_out', clock())])
}

/**
 * The rights that a staff member has at this moment; none for a buyer, null when the session is over. This is the one
 * database read of a staff request's authorisation.
 */
export async function currentPermissions(
  { db, clock }: Pick<Deps, 'db' | 'clock'>,
  { id, session_id }: Pick<SignedIn, 'id' | 'session_id'>,
): Promise<SignedIn['permissions'] | null> {
  const [row] = await db
    .select({ role: staffMembers.role, ended_at: sessions.ended_at, expires_at: sessions.expires_at })
    .from(sessions)
    .leftJoin(staffMembers, eq(staffMembers.user_id, sessions.user_id))
    .where(sql`${sessions.id} = ${session_id} AND ${sessions.user_id} = ${id}`)
  if (!row || row.ended_at !== null || row.expires_at <= clock()) return null
  return row.role ? ROLES[row.role] : []
}

async function tokensOf(
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

/** Removes what is over: links, counters, networks not seen for long, and sessions with their tokens. */
export async function sweepLogins({ db, clock }: Deps): Promise<Record<string, never>> {
  const now = clock()
  const over = sql`(SELECT id FROM sessions WHERE expires_at < ${now - KEEP_SESSIONS_MS})`
  await db.batch([
    ...sweepLimits(db, now),
    db.delete(accountTokens).where(sql`expires_at < ${now}`),
    db.delete(refreshTokens).where(sql`session_id IN ${over}`),
    db.delete(sessions).where(sql`id IN ${over}`),
  ])
  return {}
}
