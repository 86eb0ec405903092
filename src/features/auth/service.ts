// Logging in, staying logged in, logging out. What is wrong is never told: an unknown email, a wrong password and an
// unverified registration run the same statements and the same hash, and get the same answer.

import { eq, sql } from 'drizzle-orm'
import type { Deps } from '../../deps.ts'
import { lackingSecondFactor } from '../../http/auth-errors.ts'
import type { Actor, SignedIn } from '../../http/context.ts'
import { DomainError } from '../../lib/errors.ts'
import { sha256 } from '../../lib/hash.ts'
import { oauthClients } from '../clients/table.ts'
import { providerLogins } from '../providers/table.ts'
import { rightsOf } from '../staff/rights.ts'
import { roles, staffMembers } from '../staff/table.ts'
import { users } from '../users/table.ts'
import { accountTokenId, useAccountToken } from './account-token.ts'
import { CODE_REFUSALS, passCode, stepOfCode } from './codes.ts'
import { credentialsInvalid, mfaTokenInvalid } from './errors.ts'
import {
  clearCounter,
  countAttempt,
  counterKey,
  giveBack,
  isBeyond,
  LIMITS,
  networkKey,
  refuseBeyond,
  rememberNetwork,
  selectKnownNetwork,
  sweepLimits,
} from './limits.ts'
import { askForCode, openSession, selectAccount, tokensOf } from './open-session.ts'
import { endSessions, rotate } from './refresh.ts'
import type { Login, LoginWithCode, Tokens } from './schemas.ts'
import { accountTokens, refreshTokens, secondFactors, sessions } from './table.ts'

/** How long sessions that are over stay on record. */
const KEEP_SESSIONS_MS = 7 * 24 * 60 * 60 * 1000

/**
 * Opens a session with email and password, and the code of the second factor where there is one. Raises
 * `credentials_invalid`, `mfa_required`, `code_wrong`, `too_many_attempts`, `unavailable`.
 */
export async function login(deps: Deps, actor: Actor, input: Login, device: string): Promise<Tokens> {
  const { db, clock, passwords } = deps
  const { email, password, code } = input
  const now = clock()
  const keys = await loginCounters(deps, email, actor.network)
  const [pair, ofAccount, network, known, accounts] = await db.batch([
    countAttempt(db, keys.pair, LIMITS.login_pair, now),
    countAttempt(db, keys.account, LIMITS.login_account, now),
    countAttempt(db, keys.network, LIMITS.login_network, now),
    selectKnownNetwork(db, email, keys.networkKey, now),
    selectAccount(db, sql`${users.email} = ${email}`),
  ])
  refuseBeyond(pair, LIMITS.login_pair, now)
  refuseBeyond(network, LIMITS.login_network, now)
  const account = accounts[0]
  const isKnown = known.length > 0
  if (!isKnown && isBeyond(ofAccount, LIMITS.login_account)) {
    const factor = account?.confirmed_at ? account : undefined
    const isProven = code !== undefined && (await stepOfCode(deps, factor, code, now)) !== null
    if (!isProven) refuseBeyond(ofAccount, LIMITS.login_account, now)
  }

  const verdict = await passwords.verify(password, account?.password_hash ?? null)
  if (!account || !verdict.matches) {
    deps.log('warn', 'login failed', { request_id: actor.request_id })
    throw wrongCredentials()
  }
  // Only if the password that was just checked is still the one: a change meanwhile has ended all sessions.
  const only = sql`password_hash = ${account.password_hash}`
  const givenBack = [
    clearCounter(db, keys.pair),
    giveBack(db, keys.account, ofAccount),
    giveBack(db, keys.network, network),
  ]
  if (account.confirmed_at && code === undefined) {
    throw await askForCode(deps, account, { only, statements: givenBack })
  }
  const ofCode =
    account.confirmed_at && code !== undefined ? await passCode(deps, actor, account, code, isKnown) : []
  const rehashed = verdict.isOutdated ? await passwords.hash(password) : null
  const moved = () => (rehashed === null ? wrongCredentials() : new Rehashed())
  try {
    return await openSession(deps, actor, account, {
      device,
      only,
      statements: [
        rememberNetwork(db, account.id, keys.networkKey, now),
        ...givenBack,
        ...ofCode,
        ...(rehashed === null
          ? []
          : [db.update(users).set({ password_hash: rehashed }).where(eq(users.id, account.id))]),
      ],
      refusals: { ...CODE_REFUSALS, session_is_over: moved, 'FOREIGN KEY': wrongCredentials },
    })
  } catch (error) {
    // Another login at the same time has replaced the outdated hash: the password is compared with the new one.
    if (error instanceof Rehashed) return login(deps, actor, input, device)
    throw error
  }
}

class Rehashed extends Error {}

/**
 * Ends a login that waits for its code. Raises `mfa_token_invalid`, `code_wrong`, `too_many_attempts`.
 */
export async function loginWithCode(
  deps: Deps,
  actor: Actor,
  { mfa_token, code }: LoginWithCode,
  device: string,
): Promise<Tokens> {
  const { db, clock } = deps
  const now = clock()
  const id = await accountTokenId(deps, mfa_token)
  const network = await networkKey(deps, actor.network)
  const theirs = sql`(SELECT user_id FROM account_tokens
    WHERE id = ${id ?? ''} AND purpose = 'second_factor' AND expires_at > ${now})`
  const [accounts, known] = await db.batch([
    selectAccount(db, sql`${users.id} = ${theirs}`),
    selectKnownNetwork(db, sql`(SELECT email FROM users WHERE id = ${theirs})`, network, now),
  ])
  const account = accounts[0]
  if (id === null || !account?.confirmed_at) throw noChallenge()
  const ofCode = await passCode(deps, actor, account, code, known.length > 0)
  return openSession(deps, actor, account, {
    device,
    // What ends the waiting login (a new password, another use of it) ends it here too.
    only: sql`EXISTS (SELECT 1 FROM account_tokens WHERE id = ${id})`,
    statements: [useAccountToken(db, id), rememberNetwork(db, account.id, network, now), ...ofCode],
    refusals: { ...CODE_REFUSALS, session_is_over: noChallenge, 'FOREIGN KEY': noChallenge },
  })
}

const noChallenge = (): DomainError =>
  new DomainError(mfaTokenInvalid, 'Log in again.', {
    headers: { 'WWW-Authenticate': 'Bearer error="invalid_token"' },
  })

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
  const isOurs = (session: { client_id: string | null }) => session.client_id === null
  const { session, refresh_token, role } = await rotate(deps, token, actor.request_id, isOurs)
  return tokensOf(deps, session, refresh_token, rightsOf(role))
}

/** Ends the session of a refresh token, used or not. An unknown token is no error: there is nothing to end. */
export async function logout(deps: Deps, token: string): Promise<void> {
  const { db, clock } = deps
  const id = await sha256(token)
  const which = sql`${sessions.id} = (SELECT session_id FROM refresh_tokens WHERE id = ${id})`
  await db.batch([endSessions(db, which, 'logged_out', clock())])
}

/**
 * The rights that a staff member has at this moment; none for a buyer, null when the session is over or its app was shut
 * out. This is the one database read of a staff request's authorisation. Raises `second_factor_required` when the shop
 * wants one of their role.
 */
export async function currentPermissions(
  deps: Pick<Deps, 'db' | 'clock'>,
  caller: Pick<SignedIn, 'id' | 'session_id'>,
): Promise<SignedIn['permissions'] | null> {
  const now = await rightsNow(deps, caller)
  if (now?.lacksFactor) throw lackingSecondFactor()
  return now === null ? null : now.rights
}

/** The same, and whether the shop wants a second factor of their role that they have not set up: then they may use none. */
export async function rightsNow(
  { db, clock }: Pick<Deps, 'db' | 'clock'>,
  { id, session_id }: Pick<SignedIn, 'id' | 'session_id'>,
): Promise<{ rights: SignedIn['permissions']; lacksFactor: boolean } | null> {
  const [row] = await db
    .select({
      role: staffMembers.role,
      permissions: roles.permissions,
      ended_at: sessions.ended_at,
      expires_at: sessions.expires_at,
      lacksFactor: sql<number>`${secondFactors.confirmed_at} IS NULL AND EXISTS (
        SELECT 1 FROM shop_settings, json_each(require_mfa_for) wanted WHERE wanted.value = ${staffMembers.role})`,
      client_id: sessions.client_id,
      scopes: oauthClients.scopes,
      disabled_at: oauthClients.disabled_at,
    })
    .from(sessions)
    .leftJoin(staffMembers, eq(staffMembers.user_id, sessions.user_id))
    .leftJoin(roles, eq(roles.name, staffMembers.role))
    .leftJoin(secondFactors, eq(secondFactors.user_id, sessions.user_id))
    .leftJoin(oauthClients, eq(oauthClients.id, sessions.client_id))
    .where(sql`${sessions.id} = ${session_id} AND ${sessions.user_id} = ${id}`)
  if (!row || row.ended_at !== null || row.expires_at <= clock()) return null
  // Through an app: what both the person and the app have now.
  if (row.client_id !== null && (row.scopes === null || row.disabled_at !== null)) return null
  const own = rightsOf(row)
  const rights = row.client_id === null ? own : own.filter(right => row.scopes?.includes(right))
  return { rights, lacksFactor: Boolean(row.lacksFactor) }
}

/** Removes what is over: links, counters, networks not seen for long, and sessions with their tokens. */
export async function sweepLogins({ db, clock }: Deps): Promise<Record<string, never>> {
  const now = clock()
  const over = sql`(SELECT id FROM sessions WHERE expires_at < ${now - KEEP_SESSIONS_MS})`
  await db.batch([
    ...sweepLimits(db, now),
    db.delete(accountTokens).where(sql`expires_at < ${now}`),
    db.delete(providerLogins).where(sql`expires_at < ${now}`),
    db.delete(refreshTokens).where(sql`session_id IN ${over}`),
    db.delete(sessions).where(sql`id IN ${over}`),
  ])
  return {}
}
