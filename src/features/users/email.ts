// Changing the email of an account: asked for with the password, confirmed by a link to the new mailbox where the person is
// logged in. So neither a stolen session, nor a stranger who opens a mail that was sent to a wrong address, moves an account.
// What was known by the old email only (a guest's checkouts, uses of promotions) is bound to the account at that moment, so
// that nothing is lost to the person's export and erasure.

import { and, eq, sql } from 'drizzle-orm'
import { atomic } from '../../db/atomic.ts'
import { guardChangedOne } from '../../db/guards.ts'
import type { Deps } from '../../deps.ts'
import type { Actor, SignedIn } from '../../http/context.ts'
import { audit } from '../audit/statements.ts'
import {
  ACCOUNT_TOKEN_MS,
  accountTokenId,
  linkProblem,
  selectAccountToken,
  TOKEN_GONE,
} from '../auth/account-token.ts'
import { countAttempt, counterKey, LIMITS, refuseBeyond } from '../auth/limits.ts'
import { endTokens, mayMail, passPassword } from '../auth/passwords.ts'
import { endSessions, requireCaller, selectCaller } from '../auth/statements.ts'
import { accountTokens, sessions } from '../auth/table.ts'
import { customerKeyOf } from '../checkouts/service.ts'
import { checkouts } from '../checkouts/table.ts'
import { emitEvent } from '../events/statements.ts'
import { idempotencyKeys } from '../idempotency/table.ts'
import { requestMail } from '../notifications/statements.ts'
import { mails } from '../notifications/table.ts'
import { promotionRedemptions } from '../promotions/table.ts'
import { users } from './table.ts'

/**
 * Has a link sent to the new email, or, where that has an account already, a mail that says so: the answer and the
 * statements are the same. Raises `password_wrong`, `too_many_attempts`, `token_invalid`.
 */
export async function requestEmailChange(
  deps: Deps,
  actor: Actor<SignedIn>,
  { new_email, current_password }: { new_email: string; current_password: string },
): Promise<void> {
  const { db, clock, ids } = deps
  const now = clock()
  const { caller, statements } = await passPassword(deps, actor, current_password)
  const isWanted = await mayMail(deps, actor.network, new_email, now)
  if (!isWanted || new_email === caller.email) return
  const token_id = ids('accountToken')
  const isTaken = sql`EXISTS (SELECT 1 FROM users WHERE email = ${new_email})`
  // The mail to a stranger's mailbox is not the caller's: only the notice to a free one bears their id.
  const mail = { recipient: new_email, event: `change_email:${token_id}` }
  await atomic(db, [
    db.delete(accountTokens).where(sql`purpose = 'change_email' AND ${accountTokens.user_id} = ${caller.id}`),
    db.run(sql`INSERT INTO account_tokens (id, purpose, email, user_id, created_at, expires_at)
      SELECT ${token_id}, 'change_email', ${new_email}, ${caller.id}, ${now}, ${now + ACCOUNT_TOKEN_MS}
      WHERE NOT ${isTaken}`),
    requestMail(
      db,
      ids,
      { ...mail, template: 'change_email', token_id, user_id: caller.id, when: sql`NOT ${isTaken}` },
      now,
    ),
    requestMail(db, ids, { ...mail, template: 'email_taken', when: isTaken }, now),
    ...statements,
    audit(
      db,
      ids,
      {
        actor: caller.id,
        action: 'user.email_change_asked',
        object_id: caller.id,
        request_id: actor.request_id,
        changes: {},
      },
      now,
    ),
  ])
}

/**
 * Changes the caller's email by the link from its mailbox: ends all other sessions and links, tells the old mailbox, and
 * takes over guest orders of the new email (by trigger). Raises `link_invalid`, `too_many_attempts`, `token_invalid`.
 */
export async function confirmEmailChange(
  deps: Deps,
  { principal, network, request_id }: Actor<SignedIn>,
  { token }: { token: string },
): Promise<void> {
  const { db, clock, ids } = deps
  const now = clock()
  const [id, byNetwork] = await Promise.all([
    accountTokenId(deps, token),
    counterKey(deps, LIMITS.link_network, network),
  ])
  const [callers, tries, tokens] = await db.batch([
    selectCaller(db, principal, now),
    countAttempt(db, byNetwork, LIMITS.link_network, now),
    selectAccountToken(db, id, 'change_email', now),
  ])
  const caller = requireCaller(callers)
  refuseBeyond(tries, LIMITS.link_network, now)
  const found = tokens[0]
  if (!found || found.user_id !== caller.id) throw linkProblem()
  const [oldKey, newKey] = await Promise.all([
    customerKeyOf(deps, caller.email),
    customerKeyOf(deps, found.email),
  ])
  const others = sql`${sessions.user_id} = ${caller.id} AND ${sessions.id} <> ${principal.session_id}`
  await atomic(
    db,
    [
      db
        .update(users)
        .set({ email: found.email, email_verified_at: now, updated_at: now })
        .where(
          and(
            eq(users.id, caller.id),
            eq(users.email, caller.email),
            sql`EXISTS (SELECT 1 FROM account_tokens WHERE id = ${found.id})`,
          ),
        ),
      guardChangedOne(db, 'guard_version_current'),
      endTokens(db, caller),
      db.delete(accountTokens).where(sql`purpose <> 'invite' AND ${accountTokens.email} = ${found.email}`),
      endSessions(db, others, 'ended', now),
      // What hung on the old email alone.
      db
        .update(checkouts)
        .set({ user_id: caller.id })
        .where(sql`lower(${checkouts.email}) = ${caller.email} AND ${checkouts.user_id} IS NULL`),
      db
        .update(idempotencyKeys)
        .set({ user_id: caller.id })
        .where(sql`lower(${idempotencyKeys.body} ->> 'email') = ${caller.email} AND user_id IS NULL`),
      db
        .update(promotionRedemptions)
        .set({ customer_key: newKey ?? '' })
        .where(eq(promotionRedemptions.customer_key, oldKey ?? '')),
      db.update(mails).set({ user_id: caller.id }).where(eq(mails.recipient, caller.email)),
      requestMail(
        db,
        ids,
        {
          template: 'email_changed',
          recipient: caller.email,
          event: `email_changed:${found.id}`,
          user_id: caller.id,
        },
        now,
      ),
      emitEvent(db, ids, 'user.email_changed', caller.id, { user_id: caller.id }, now),
      audit(
        db,
        ids,
        { actor: caller.id, action: 'user.email_changed', object_id: caller.id, request_id, changes: {} },
        now,
      ),
    ],
    { [TOKEN_GONE]: linkProblem, 'users.email': linkProblem },
  )
}
