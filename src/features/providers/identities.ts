// The identities that open somebody's account: allowing one by mail, listing them, removing one.

import { and, asc, eq, gt, sql } from 'drizzle-orm'
import { atomic } from '../../db/atomic.ts'
import type { Statement } from '../../db/client.ts'
import { guardChangedOne } from '../../db/guards.ts'
import type { Deps } from '../../deps.ts'
import type { Actor, SignedIn } from '../../http/context.ts'
import { notFound } from '../../http/errors.ts'
import { idOf, pageById } from '../../http/pagination.ts'
import { DEFAULT_LIMIT } from '../../http/schemas.ts'
import { rfc3339 } from '../../lib/clock.ts'
import { DomainError } from '../../lib/errors.ts'
import { audit } from '../audit/statements.ts'
import {
  accountTokenId,
  linkProblem,
  selectAccountToken,
  TOKEN_GONE,
  useAccountToken,
} from '../auth/account-token.ts'
import { countAttempt, counterKey, LIMITS, refuseBeyond } from '../auth/limits.ts'
import { requireCaller, selectCaller } from '../auth/statements.ts'
import { requestMail } from '../notifications/statements.ts'
import { users } from '../users/table.ts'
import { identityTaken } from './errors.ts'
import type { ProvenIdentity } from './provider.ts'
import type { Identity } from './schemas.ts'
import { identities } from './table.ts'

const SORT = 'identities'

/** Links an identity to an account, and tells its owner. Refused by `identities.issuer` when it opens another account. */
export function linkStatements(
  { db, ids, clock }: Deps,
  account: { id: string; email: string },
  { provider, issuer, subject }: ProvenIdentity,
  request_id: string,
): [Statement, ...Statement[]] {
  const now = clock()
  const id = ids('identity')
  return [
    db.insert(identities).values({ id, user_id: account.id, provider, issuer, subject, created_at: now }),
    requestMail(
      db,
      ids,
      { template: 'identity_linked', recipient: account.email, event: `identity_linked:${id}` },
      now,
    ),
    audit(
      db,
      ids,
      {
        actor: account.id,
        action: 'user.identity_linked',
        object_id: account.id,
        request_id,
        changes: { identity: id, provider },
      },
      now,
    ),
  ]
}

export const taken = (): DomainError => new DomainError(identityTaken, 'This login opens another account.')

/** Links the identity that a mail asked about. Raises `link_invalid`, `identity_taken`, `too_many_attempts`. */
export async function confirmLink(
  deps: Deps,
  { network, request_id }: Actor,
  { token }: { token: string },
): Promise<void> {
  const { db, clock } = deps
  const now = clock()
  const [id, byNetwork] = await Promise.all([
    accountTokenId(deps, token),
    counterKey(deps, LIMITS.link_network, network),
  ])
  const [tries, tokens, accounts] = await db.batch([
    countAttempt(db, byNetwork, LIMITS.link_network, now),
    selectAccountToken(db, id, 'link_identity', now),
    db
      .select({ id: users.id, email: users.email })
      .from(users)
      .where(sql`${users.id} = (SELECT user_id FROM account_tokens WHERE id = ${id})`),
  ])
  refuseBeyond(tries, LIMITS.link_network, now)
  const [found, account] = [tokens[0], accounts[0]]
  if (!found?.identity || !account) throw linkProblem()
  await atomic(
    db,
    [
      useAccountToken(db, found.id),
      guardChangedOne(db, 'guard_version_current'),
      ...linkStatements(deps, account, found.identity, request_id),
    ],
    { [TOKEN_GONE]: linkProblem, 'FOREIGN KEY': linkProblem, 'identities.issuer': taken },
  )
}

/** Lists what opens the caller's account, oldest first. Raises `token_invalid`, `invalid_cursor`. */
export async function listIdentities(
  { db, clock }: Deps,
  { principal }: Actor<SignedIn>,
  { limit = DEFAULT_LIMIT, cursor }: { limit?: number; cursor?: string },
): Promise<{ data: Identity[]; next_cursor: string | null }> {
  const after = idOf(cursor, SORT)
  const [callers, rows] = await db.batch([
    selectCaller(db, principal, clock()),
    db
      .select()
      .from(identities)
      .where(and(eq(identities.user_id, principal.id), after === null ? undefined : gt(identities.id, after)))
      .orderBy(asc(identities.id))
      .limit(limit + 1),
  ])
  requireCaller(callers)
  const page = pageById(rows, limit, SORT)
  return {
    data: page.rows.map(({ id, provider, created_at }) => ({
      id,
      provider,
      created_at: rfc3339(created_at),
    })),
    next_cursor: page.next_cursor,
  }
}

/** Removes an identity: it opens nothing any more. Raises `not_found` (also for another's), `token_invalid`. */
export async function removeIdentity(
  { db, clock, ids }: Deps,
  { principal, request_id }: Actor<SignedIn>,
  id: string,
): Promise<void> {
  const now = clock()
  const own = and(eq(identities.id, id), eq(identities.user_id, principal.id))
  const [callers, rows] = await db.batch([
    selectCaller(db, principal, now),
    db.select({ id: identities.id }).from(identities).where(own),
  ])
  requireCaller(callers)
  const missing = () => new DomainError(notFound, 'There is no such login.')
  if (rows.length === 0) throw missing()
  await atomic(
    db,
    [
      db.delete(identities).where(own),
      guardChangedOne(db, 'guard_version_current'),
      audit(
        db,
        ids,
        {
          actor: principal.id,
          action: 'user.identity_removed',
          object_id: principal.id,
          request_id,
          changes: { identity: id },
        },
        now,
      ),
    ],
    { guard_version_current: missing },
  )
}
