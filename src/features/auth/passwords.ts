// Setting passwords: the change by who knows the old one, and the reset by who reads the mail.

import { and, eq, sql } from 'drizzle-orm'
import { atomic } from '../../db/atomic.ts'
import type { Db, Statement } from '../../db/client.ts'
import { guardChangedOne } from '../../db/guards.ts'
import type { Deps } from '../../deps.ts'
import type { Actor, SignedIn } from '../../http/context.ts'
import { DomainError } from '../../lib/errors.ts'
import { audit } from '../audit/statements.ts'
import { requestMail } from '../notifications/statements.ts'
import { users } from '../users/table.ts'
import {
  ACCOUNT_TOKEN_MS,
  accountTokenId,
  linkProblem,
  selectAccountToken,
  TOKEN_GONE,
  useAccountToken,
} from './account-token.ts'
import { clearCodes, codeCounters } from './codes.ts'
import { passwordWrong } from './errors.ts'
import { clearCounter, countAttempt, counterKey, LIMITS, refuseBeyond, rememberNetwork } from './limits.ts'
import { refuseWeakPassword } from './password-policy.ts'
import { loginCounters } from './service.ts'
import { type Caller, endSessions, requireCaller, selectCaller } from './statements.ts'
import { accountTokens, sessions } from './table.ts'

/** Texts that may not carry a password: the email and the shop's host. */
export const passwordContext = (deps: Deps, email: string): string[] => [
  email,
  'curbside',
  new URL(deps.config.PUBLIC_URL).hostname,
]

/**
 * Checks the password that a logged-in person gives again. Returns their row, and the statements that forget wrong tries:
 * for the unit of what it opens. Raises `password_wrong`, `too_many_attempts`, `token_invalid`.
 */
export async function passPassword(
  deps: Deps,
  { principal }: Actor<SignedIn>,
  password: string,
  /** Raises for what else is wrong, before the hash is worked out. */
  judge: (caller: Caller) => void = () => {},
): Promise<{ caller: Caller; statements: Statement[] }> {
  const { db, clock, passwords } = deps
  const now = clock()
  const key = await counterKey(deps, LIMITS.password_change, principal.id)
  const [callers, tries] = await db.batch([
    selectCaller(db, principal, now),
    countAttempt(db, key, LIMITS.password_change, now),
  ])
  const caller = requireCaller(callers)
  refuseBeyond(tries, LIMITS.password_change, now)
  judge(caller)
  if (!(await passwords.verify(password, caller.password_hash)).matches) throw wrongPassword()
  return { caller, statements: [clearCounter(db, key)] }
}

/**
 * Changes the caller's password and ends all their other sessions. Raises `password_wrong`, `password_refused`,
 * `too_many_attempts`, `token_invalid`.
 */
export async function changePassword(
  deps: Deps,
  actor: Actor<SignedIn>,
  { current_password, new_password }: { current_password: string; new_password: string },
): Promise<void> {
  const { db, clock, passwords } = deps
  const { principal, request_id } = actor
  const now = clock()
  const { caller, statements } = await passPassword(deps, actor, current_password, ({ email }) =>
    refuseWeakPassword(new_password, passwordContext(deps, email), '/new_password'),
  )
  const password_hash = await passwords.hash(new_password)
  const others = sql`${sessions.user_id} = ${caller.id} AND ${sessions.id} <> ${principal.session_id}`
  await atomic(
    db,
    [
      db
        .update(users)
        .set({ password_hash, updated_at: now })
        .where(and(eq(users.id, caller.id), sql`password_hash = ${caller.password_hash}`)),
      guardChangedOne(db, 'guard_version_current'),
      endSessions(db, others, 'password_changed', now),
      endTokens(db, caller),
      ...statements,
      ...tellOfChange(deps, caller, request_id, 'user.password_changed', now),
    ],
    { guard_version_current: wrongPassword },
  )
}

/** Ends links that were mailed before, logins that wait for a code, and a change of email that is under way. */
export const endTokens = (db: Db, { id, email }: { id: string; email: string }): Statement =>
  db
    .delete(accountTokens)
    .where(
      sql`purpose <> 'invite' AND (${accountTokens.email} = ${email} OR ${accountTokens.user_id} = ${id})`,
    )

const wrongPassword = (): DomainError => {
  const detail = 'That is not the current password.'
  return new DomainError(passwordWrong, detail, {
    errors: [{ in: 'body', pointer: '/current_password', code: passwordWrong.code, detail }],
  })
}

/** Has a link sent to the account of an email, if there is one. Raises `too_many_attempts` by network. */
export async function requestPasswordReset(deps: Deps, { network }: Actor, email: string): Promise<void> {
  const { db, clock, ids } = deps
  const now = clock()
  if (!(await mayMail(deps, network, email, now))) return
  const token_id = ids('accountToken')
  // The same statements for every email: what does not exist is not found by them.
  await db.batch([
    db.run(sql`INSERT INTO account_tokens (id, purpose, email, created_at, expires_at)
      SELECT ${token_id}, 'set_password', email, ${now}, ${now + ACCOUNT_TOKEN_MS} FROM users WHERE email = ${email}`),
    requestMail(
      db,
      ids,
      {
        template: 'reset_password',
        recipient: email,
        event: `reset_password:${token_id}`,
        token_id,
        when: sql`EXISTS (SELECT 1 FROM users WHERE email = ${email})`,
      },
      now,
    ),
  ])
}

/** Counts a mail that is asked for. False: the recipient has had enough. Raises `too_many_attempts` by network. */
export async function mayMail(deps: Deps, network: string, email: string, now: number): Promise<boolean> {
  const { db } = deps
  const [byNetwork, byRecipient] = await Promise.all([
    counterKey(deps, LIMITS.mail_network, network),
    counterKey(deps, LIMITS.mail_recipient, email),
  ])
  const [ofNetwork, ofRecipient] = await db.batch([
    countAttempt(db, byNetwork, LIMITS.mail_network, now),
    countAttempt(db, byRecipient, LIMITS.mail_recipient, now),
  ])
  refuseBeyond(ofNetwork, LIMITS.mail_network, now)
  return (ofRecipient[0]?.attempts ?? 0) <= LIMITS.mail_recipient.attempts
}

/**
 * Sets a password by the link from a mail, ends all sessions, and opens the account to the network that did it, however
 * many wrong guesses others made. Raises `link_invalid`, `password_refused`, `too_many_attempts`.
 */
export async function resetPassword(
  deps: Deps,
  { network, request_id }: Actor,
  { token, password }: { token: string; password: string },
): Promise<void> {
  const { db, clock, passwords } = deps
  const now = clock()
  const key = await counterKey(deps, LIMITS.link_network, network)
  const id = await accountTokenId(deps, token)
  const [tries, tokens] = await db.batch([
    countAttempt(db, key, LIMITS.link_network, now),
    selectAccountToken(db, id, 'set_password', now),
  ])
  refuseBeyond(tries, LIMITS.link_network, now)
  const found = tokens[0]
  if (!found) throw linkProblem()
  refuseWeakPassword(password, passwordContext(deps, found.email))
  const [user] = await db.select().from(users).where(eq(users.email, found.email))
  if (!user) throw linkProblem()
  const password_hash = await passwords.hash(password)
  const [keys, ofCodes, ofMails] = await Promise.all([
    loginCounters(deps, found.email, network),
    codeCounters(deps, user.id, network),
    counterKey(deps, LIMITS.mail_recipient, found.email),
  ])
  await atomic(
    db,
    [
      useAccountToken(db, found.id),
      guardChangedOne(db, 'guard_version_current'),
      db.update(users).set({ password_hash, updated_at: now }).where(eq(users.id, user.id)),
      endSessions(db, sql`${sessions.user_id} = ${user.id}`, 'password_changed', now),
      endTokens(db, user),
      clearCounter(db, keys.account),
      clearCounter(db, keys.pair),
      clearCounter(db, ofMails),
      ...clearCodes(db, ofCodes),
      rememberNetwork(db, user.id, keys.networkKey, now),
      ...tellOfChange(deps, user, request_id, 'user.password_reset', now),
    ],
    { [TOKEN_GONE]: linkProblem },
  )
}

const tellOfChange = (
  { db, ids }: Deps,
  user: { id: string; email: string },
  request_id: string,
  action: 'user.password_changed' | 'user.password_reset',
  now: number,
) => [
  requestMail(
    db,
    ids,
    { template: 'password_changed', recipient: user.email, event: `password_changed:${user.id}:${now}` },
    now,
  ),
  audit(db, ids, { actor: user.id, action, object_id: user.id, request_id, changes: {} }, now),
]
