// Invitations: the only way to become staff, but the operator's shell. The mailed link proves the mailbox, as everywhere; the
// role comes with it, if whoever invited still may give it.

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
import { audit } from '../audit/statements.ts'
import {
  accountTokenId,
  linkProblem,
  selectAccountToken,
  TOKEN_GONE,
  useAccountToken,
} from '../auth/account-token.ts'
import { passwordRefused } from '../auth/errors.ts'
import {
  countAttempt,
  counterKey,
  LIMITS,
  networkKey,
  refuseBeyond,
  rememberNetwork,
} from '../auth/limits.ts'
import { refuseWeakPassword } from '../auth/password-policy.ts'
import { passwordContext } from '../auth/passwords.ts'
import { accountTokens } from '../auth/table.ts'
import { emitEvent } from '../events/statements.ts'
import { requestMail } from '../notifications/statements.ts'
import { users } from '../users/table.ts'
import { alreadyStaff } from './errors.ts'
import {
  refuseBeyondOwn,
  rightsOf,
  selectRole,
  selectRoleOf,
  stillHas,
  stillIs,
  unknownRole,
} from './rights.ts'
import type { AcceptInvitation, Invitation } from './schemas.ts'
import { staffMembers } from './table.ts'

const INVITATION_MS = 3 * 24 * 60 * 60 * 1000
const SORT = 'invitations'

type Row = typeof accountTokens.$inferSelect

/**
 * Invites somebody by mail to a role. Raises `role_unknown`, `right_not_held`, `already_staff`, `too_many_attempts`.
 */
export async function inviteStaff(
  deps: Deps,
  { principal, request_id }: Actor<SignedIn>,
  { email, role: name }: { email: string; role: string },
): Promise<Invitation> {
  const { db, clock, ids } = deps
  const now = clock()
  const mailed = await counterKey(deps, LIMITS.mail_recipient, email)
  const [owns, found, members, count] = await db.batch([
    selectRoleOf(db, principal.id),
    selectRole(db, name),
    db
      .select({ id: users.id })
      .from(users)
      .innerJoin(staffMembers, eq(staffMembers.user_id, users.id))
      .where(eq(users.email, email)),
    countAttempt(db, mailed, LIMITS.mail_recipient, now),
  ])
  const [own, role] = [owns[0], found[0]]
  if (!role) throw unknownRole()
  refuseBeyondOwn(own, rightsOf(role))
  if (members.length > 0) throw new DomainError(alreadyStaff, 'They work here already.')
  refuseBeyond(count, LIMITS.mail_recipient, now)
  const row = {
    id: ids('accountToken'),
    email,
    role: name,
    user_id: principal.id,
    created_at: now,
    expires_at: now + INVITATION_MS,
  }
  await atomic(db, [
    // A newer invitation takes the place of an older one.
    db.delete(accountTokens).where(and(eq(accountTokens.email, email), eq(accountTokens.purpose, 'invite'))),
    db.insert(accountTokens).values({ ...row, purpose: 'invite' }),
    requestMail(
      db,
      ids,
      {
        template: 'staff_invitation',
        recipient: email,
        event: `staff_invitation:${row.id}`,
        token_id: row.id,
      },
      now,
    ),
    audit(
      db,
      ids,
      {
        actor: principal.id,
        action: 'staff.invited',
        object_id: row.id,
        request_id,
        changes: { role: name },
      },
      now,
    ),
  ])
  return view(row)
}

/** Lists invitations that are open, oldest first. Raises `invalid_cursor`. */
export async function listInvitations(
  { db, clock }: Deps,
  { limit = DEFAULT_LIMIT, cursor }: { limit?: number; cursor?: string },
): Promise<{ data: Invitation[]; next_cursor: string | null }> {
  const after = idOf(cursor, SORT)
  const rows = await db
    .select()
    .from(accountTokens)
    .where(
      and(
        eq(accountTokens.purpose, 'invite'),
        gt(accountTokens.expires_at, clock()),
        after === null ? undefined : gt(accountTokens.id, after),
      ),
    )
    .orderBy(asc(accountTokens.id))
    .limit(limit + 1)
  const page = pageById(rows, limit, SORT)
  return { data: page.rows.map(view), next_cursor: page.next_cursor }
}

/** Takes an invitation back: its link then does nothing. Raises `not_found`. */
export async function cancelInvitation(
  { db, clock, ids }: Deps,
  { principal, request_id }: Actor<SignedIn>,
  id: string,
): Promise<void> {
  const entry = { actor: principal.id, action: 'staff.invitation_cancelled', object_id: id, request_id }
  await atomic(
    db,
    [
      db
        .delete(accountTokens)
        .where(
          and(
            eq(accountTokens.id, id),
            eq(accountTokens.purpose, 'invite'),
            gt(accountTokens.expires_at, clock()),
          ),
        ),
      guardChangedOne(db, 'guard_version_current'),
      audit(db, ids, { ...entry, changes: {} }, clock()),
    ],
    { guard_version_current: () => new DomainError(notFound, 'There is no such invitation.') },
  )
}

/**
 * Gives the role of an invitation, given the token of its link, to the account of its email, which is made when there is
 * none. Raises `link_invalid` (also when whoever invited may not give the role any more), `password_refused`,
 * `too_many_attempts`.
 */
export async function acceptInvitation(
  deps: Deps,
  { network, request_id }: Actor,
  { token, password, name }: AcceptInvitation,
): Promise<void> {
  const { db, clock, ids, passwords } = deps
  const now = clock()
  const id = await accountTokenId(deps, token)
  const byNetwork = await counterKey(deps, LIMITS.link_network, network)
  const [tries, tokens] = await db.batch([
    countAttempt(db, byNetwork, LIMITS.link_network, now),
    selectAccountToken(db, id, 'invite', now),
  ])
  refuseBeyond(tries, LIMITS.link_network, now)
  const invitation = tokens[0]
  if (!invitation) throw linkProblem()
  const { email, role: wanted, user_id: inviterId } = invitation
  const [givers, found, accounts] = await db.batch([
    selectRoleOf(db, inviterId ?? ''),
    selectRole(db, wanted ?? ''),
    db.select({ id: users.id }).from(users).where(eq(users.email, email)),
  ])
  const [giver, role, account] = [givers[0], found[0], accounts[0]]
  const rights = giver ? rightsOf(giver) : []
  if (!giver || !role || !rights.includes('staff:write')) throw linkProblem()
  if (rightsOf(role).some(right => !rights.includes(right))) throw linkProblem()

  const user_id = account?.id ?? ids('user')
  const creation = account ? [] : await newAccount()
  await atomic(
    db,
    [
      useAccountToken(db, invitation.id),
      guardChangedOne(db, 'guard_version_current'),
      ...creation,
      db.run(sql`INSERT INTO staff_members (user_id, role, created_at)
        SELECT ${user_id}, ${role.role}, ${now} WHERE ${stillHas(inviterId ?? '', giver)} AND ${stillIs(role)}`),
      guardChangedOne(db, 'guard_version_current'),
      audit(
        db,
        ids,
        {
          actor: user_id,
          action: 'staff.joined',
          object_id: user_id,
          request_id,
          changes: { role: role.role, invited_by: inviterId },
        },
        now,
      ),
    ],
    { [TOKEN_GONE]: linkProblem, 'users.email': linkProblem, 'staff_members.user_id': linkProblem },
  )

  async function newAccount() {
    if (password === undefined) throw noPassword()
    refuseWeakPassword(password, passwordContext(deps, email))
    const password_hash = await passwords.hash(password)
    const times = { email_verified_at: now, created_at: now, updated_at: now }
    return [
      db.insert(users).values({ id: user_id, email, password_hash, name: name ?? null, ...times }),
      rememberNetwork(db, user_id, await networkKey(deps, network), now),
      emitEvent(db, ids, 'user.registered', user_id, { user_id }, now),
    ]
  }
}

const noPassword = (): DomainError => {
  const detail = 'There is no account with this email yet: choose a password.'
  return new DomainError(passwordRefused, detail, {
    errors: [{ in: 'body', pointer: '/password', code: passwordRefused.code, detail }],
  })
}

const view = (
  row: Pick<Row, 'id' | 'email' | 'role' | 'user_id' | 'created_at' | 'expires_at'>,
): Invitation => ({
  id: row.id,
  email: row.email,
  role: row.role ?? '',
  invited_by: row.user_id ?? '',
  created_at: rfc3339(row.created_at),
  expires_at: rfc3339(row.expires_at),
})
