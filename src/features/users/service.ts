// Accounts: registering, proving the email, reading and changing one's own row. There is no account before its email
// is proved: a registration waits as a link's row, with the password that it was made with. Whoever opens the link must
// know that password, so nobody can prepare an account on a stranger's email and have the stranger confirm it.

import { and, eq, sql } from 'drizzle-orm'
import { atomic } from '../../db/atomic.ts'
import { guardChangedOne } from '../../db/guards.ts'
import type { Deps } from '../../deps.ts'
import { badToken } from '../../http/auth-errors.ts'
import type { Actor, SignedIn } from '../../http/context.ts'
import { rfc3339 } from '../../lib/clock.ts'
import { DomainError } from '../../lib/errors.ts'
import { audit } from '../audit/statements.ts'
import {
  ACCOUNT_TOKEN_MS,
  accountTokenId,
  linkProblem,
  selectAccountToken,
  TOKEN_GONE,
  useAccountToken,
} from '../auth/account-token.ts'
import { passwordWrong } from '../auth/errors.ts'
import {
  countAttempt,
  counterKey,
  LIMITS,
  networkKey,
  refuseBeyond,
  rememberNetwork,
} from '../auth/limits.ts'
import { refuseWeakPassword } from '../auth/password-policy.ts'
import { mayMail, passwordContext } from '../auth/passwords.ts'
import { requireCaller, selectCaller } from '../auth/statements.ts'
import { accountTokens } from '../auth/table.ts'
import { emitEvent } from '../events/statements.ts'
import { requestMail } from '../notifications/statements.ts'
import type { RegisterUser, UpdateUser, User, VerifyUser } from './schemas.ts'
import { users } from './table.ts'

/**
 * Has a link sent that makes the account, or, where there is one already, a mail that says so. Which of the two is told
 * to nobody but the mailbox: statements, hash and answer are the same. Raises `password_refused`, `too_many_attempts`.
 */
export async function registerUser(deps: Deps, { network }: Actor, input: RegisterUser): Promise<void> {
  const { db, clock, ids, passwords } = deps
  const { email, password, name } = input
  const now = clock()
  refuseWeakPassword(password, passwordContext(deps, email))
  const isWanted = await mayMail(deps, network, email, now)
  const password_hash = await passwords.hash(password)
  if (!isWanted) return
  const token_id = ids('accountToken')
  const isKnown = sql`EXISTS (SELECT 1 FROM users WHERE email = ${email})`
  const mail = { recipient: email, event: `register:${token_id}` }
  await db.batch([
    db.run(sql`INSERT INTO account_tokens (id, purpose, email, password_hash, name, created_at, expires_at)
      SELECT ${token_id}, 'register', ${email}, ${password_hash}, ${name ?? null}, ${now}, ${now + ACCOUNT_TOKEN_MS}
      WHERE NOT ${isKnown}`),
    requestMail(db, ids, { ...mail, template: 'verify_email', token_id, when: sql`NOT ${isKnown}` }, now),
    requestMail(db, ids, { ...mail, template: 'account_exists', when: isKnown }, now),
  ])
}

/**
 * Makes the account of a registration; guest orders of its email join it (by trigger). Raises `link_invalid`,
 * `password_wrong`, `too_many_attempts`.
 */
export async function verifyUser(deps: Deps, actor: Actor, { token, password }: VerifyUser): Promise<void> {
  const { db, clock, ids, passwords } = deps
  const { network, request_id } = actor
  const now = clock()
  const id = await accountTokenId(deps, token)
  const [byNetwork, byLink] = await Promise.all([
    counterKey(deps, LIMITS.link_network, network),
    counterKey(deps, LIMITS.link, id ?? ''),
  ])
  const [ofNetwork, ofLink, tokens] = await db.batch([
    countAttempt(db, byNetwork, LIMITS.link_network, now),
    countAttempt(db, byLink, LIMITS.link, now),
    selectAccountToken(db, id, 'register', now),
  ])
  refuseBeyond(ofNetwork, LIMITS.link_network, now)
  const found = tokens[0]
  if (!found) throw linkProblem()
  refuseBeyond(ofLink, LIMITS.link, now)
  if (!(await passwords.verify(password, found.password_hash)).matches) {
    const detail = 'That is not the password of this registration.'
    throw new DomainError(passwordWrong, detail, {
      errors: [{ in: 'body', pointer: '/password', code: passwordWrong.code, detail }],
    })
  }
  const { email, password_hash, name } = found
  const user = {
    id: ids('user'),
    email,
    password_hash,
    name,
    email_verified_at: now,
    created_at: now,
    updated_at: now,
  }
  await atomic(
    db,
    [
      useAccountToken(db, found.id),
      guardChangedOne(db, 'guard_version_current'),
      db.insert(users).values(user),
      db.delete(accountTokens).where(eq(accountTokens.email, email)),
      rememberNetwork(db, user.id, await networkKey(deps, network), now),
      emitEvent(db, ids, 'user.registered', user.id, { user_id: user.id }, now),
      audit(
        db,
        ids,
        { actor: user.id, action: 'user.registered', object_id: user.id, request_id, changes: {} },
        now,
      ),
    ],
    { [TOKEN_GONE]: linkProblem, 'users.email': linkProblem },
  )
}

/** Reads the caller's account. Raises `token_invalid`. */
export async function getMe({ db, clock }: Deps, { principal }: Actor<SignedIn>): Promise<User> {
  return userView(requireCaller(await selectCaller(db, principal, clock())))
}

/** Changes the caller's name and phone. Raises `token_invalid`. */
export async function updateMe(
  deps: Deps,
  { principal, request_id }: Actor<SignedIn>,
  input: UpdateUser,
): Promise<User> {
  const { db, clock, ids } = deps
  const now = clock()
  const isRunning = sql`EXISTS (SELECT 1 FROM sessions
    WHERE id = ${principal.session_id} AND user_id = ${principal.id} AND ended_at IS NULL AND expires_at > ${now})`
  const changes = JSON.stringify({ changed: Object.keys(input).sort() })
  const [rows] = await db.batch([
    db
      .update(users)
      .set({ ...input, updated_at: now })
      .where(and(eq(users.id, principal.id), isRunning))
      .returning(),
    db.run(sql`INSERT INTO audit_log (id, actor, action, object_id, request_id, changes, created_at)
      SELECT ${ids('audit')}, ${principal.id}, 'user.changed', ${principal.id}, ${request_id}, ${changes}, ${now}
      WHERE ${isRunning}`),
  ])
  const row = rows[0]
  if (!row) throw badToken()
  return userView(row)
}

const userView = (row: typeof users.$inferSelect): User => ({
  id: row.id,
  email: row.email,
  name: row.name,
  phone: row.phone,
  email_verified_at: rfc3339(row.email_verified_at),
  created_at: rfc3339(row.created_at),
  updated_at: rfc3339(row.updated_at),
})
