// Who works here.

import { asc, eq, gt, sql } from 'drizzle-orm'
import { atomic } from '../../db/atomic.ts'
import type { Db } from '../../db/client.ts'
import { guardChangedOne } from '../../db/guards.ts'
import type { Deps } from '../../deps.ts'
import type { Actor, SignedIn } from '../../http/context.ts'
import { notFound } from '../../http/errors.ts'
import { idOf, pageById } from '../../http/pagination.ts'
import { DEFAULT_LIMIT } from '../../http/schemas.ts'
import { rfc3339 } from '../../lib/clock.ts'
import { DomainError } from '../../lib/errors.ts'
import { audit } from '../audit/statements.ts'
import { ACCOUNT_TOKEN_MS, accountToken } from '../auth/account-token.ts'
import { accountTokens, secondFactors } from '../auth/table.ts'
import { lastOwner } from '../users/errors.ts'
import { users } from '../users/table.ts'
import {
  RACE_REFUSALS,
  refuseBeyondOwn,
  rightsOf,
  selectRole,
  selectRoleOf,
  stillHas,
  stillIs,
  unknownRole,
} from './rights.ts'
import type { StaffMember } from './schemas.ts'
import { roles, staffMembers } from './table.ts'

const SORT = 'staff'

const selectMembers = (db: Db) =>
  db
    .select({
      id: users.id,
      email: users.email,
      name: users.name,
      role: staffMembers.role,
      permissions: roles.permissions,
      confirmed_at: secondFactors.confirmed_at,
      joined_at: staffMembers.created_at,
    })
    .from(staffMembers)
    .innerJoin(users, eq(users.id, staffMembers.user_id))
    .innerJoin(roles, eq(roles.name, staffMembers.role))
    .leftJoin(secondFactors, eq(secondFactors.user_id, users.id))

/** Lists staff by age of their account. Raises `invalid_cursor`. */
export async function listStaff(
  { db }: Deps,
  { limit = DEFAULT_LIMIT, cursor }: { limit?: number; cursor?: string },
): Promise<{ data: StaffMember[]; next_cursor: string | null }> {
  const after = idOf(cursor, SORT)
  const rows = await selectMembers(db)
    .where(after === null ? undefined : gt(users.id, after))
    .orderBy(asc(users.id))
    .limit(limit + 1)
  const page = pageById(rows, limit, SORT)
  return { data: page.rows.map(view), next_cursor: page.next_cursor }
}

/** Reads somebody who works here. Raises `not_found`. */
export async function getStaffMember({ db }: Deps, id: string): Promise<StaffMember> {
  const [row] = await selectMembers(db).where(eq(staffMembers.user_id, id))
  if (!row) throw noSuchMember()
  return view(row)
}

/**
 * Gives somebody another role, which counts from their next request on. The caller must hold all rights of both roles.
 * Raises `not_found`, `role_unknown`, `right_not_held`, `last_owner`, `staff_changed`.
 */
export async function changeRole(
  deps: Deps,
  { principal, request_id }: Actor<SignedIn>,
  id: string,
  { role: name }: { role: string },
): Promise<StaffMember> {
  const { db, clock, ids } = deps
  const [owns, theirs, found] = await db.batch([
    selectRoleOf(db, principal.id),
    selectRoleOf(db, id),
    selectRole(db, name),
  ])
  const [own, before, after] = [owns[0], theirs[0], found[0]]
  if (!before) throw noSuchMember()
  if (!after) throw unknownRole()
  refuseBeyondOwn(own, rightsOf(before))
  refuseBeyondOwn(own, rightsOf(after))
  await atomic(
    db,
    [
      db
        .update(staffMembers)
        .set({ role: after.role })
        .where(
          sql`${staffMembers.user_id} = ${id} AND ${stillHas(id, before)} AND ${stillIs(after)}
            AND ${stillHas(principal.id, own ?? before)}`,
        ),
      guardChangedOne(db, 'guard_version_current'),
      audit(
        db,
        ids,
        {
          actor: principal.id,
          action: 'staff.role_changed',
          object_id: id,
          request_id,
          changes: { from: before.role, to: after.role },
        },
        clock(),
      ),
    ],
    { ...RACE_REFUSALS, shop_keeps_an_owner: noOwner },
  )
  return getStaffMember(deps, id)
}

/**
 * Takes somebody's role, and their open invitations of others; they stay a buyer. Raises `not_found`, `right_not_held`,
 * `last_owner`, `staff_changed`.
 */
export async function removeStaff(
  { db, clock, ids }: Deps,
  { principal, request_id }: Actor<SignedIn>,
  id: string,
): Promise<void> {
  const [owns, theirs] = await db.batch([selectRoleOf(db, principal.id), selectRoleOf(db, id)])
  const [own, before] = [owns[0], theirs[0]]
  if (!before) throw noSuchMember()
  refuseBeyondOwn(own, rightsOf(before))
  await atomic(
    db,
    [
      db.delete(staffMembers).where(
        sql`${staffMembers.user_id} = ${id} AND ${stillHas(id, before)}
            AND ${stillHas(principal.id, own ?? before)}`,
      ),
      guardChangedOne(db, 'guard_version_current'),
      db.delete(accountTokens).where(sql`purpose = 'invite' AND ${accountTokens.user_id} = ${id}`),
      audit(
        db,
        ids,
        {
          actor: principal.id,
          action: 'staff.removed',
          object_id: id,
          request_id,
          changes: { from: before.role },
        },
        clock(),
      ),
    ],
    { ...RACE_REFUSALS, shop_keeps_an_owner: noOwner },
  )
}

const noSuchMember = (): DomainError => new DomainError(notFound, 'Nobody with this id works here.')
const noOwner = (): DomainError => new DomainError(lastOwner, 'They are the only owner of the shop.')

const view = (row: Awaited<ReturnType<typeof selectMembers>>[number]): StaffMember => ({
  id: row.id,
  email: row.email,
  name: row.name,
  role: row.role,
  permissions: [...rightsOf(row)],
  has_second_factor: row.confirmed_at !== null,
  created_at: rfc3339(row.joined_at),
})

/**
 * Makes the account of an email an owner, creating it when there is none, and returns a token that sets its password
 * once within the hour. For the operator's shell: whoever can run it holds the database anyway.
 */
export async function createOwner(
  deps: Pick<Deps, 'db' | 'ids' | 'clock' | 'config'>,
  email: string,
): Promise<string> {
  const { db, ids, clock } = deps
  const now = clock()
  const id = ids('user')
  const token_id = ids('accountToken')
  const theirId = sql`(SELECT id FROM users WHERE email = ${email})`
  await atomic(db, [
    db
      .insert(users)
      .values({ id, email, email_verified_at: now, created_at: now, updated_at: now })
      .onConflictDoNothing(),
    db
      .insert(staffMembers)
      .values({ user_id: theirId, role: 'owner', created_at: now })
      .onConflictDoUpdate({ target: staffMembers.user_id, set: { role: 'owner' } }),
    db.insert(accountTokens).values({
      id: token_id,
      purpose: 'set_password',
      email,
      created_at: now,
      expires_at: now + ACCOUNT_TOKEN_MS,
    }),
    db.run(sql`INSERT INTO audit_log (id, actor, actor_kind, action, object_id, changes, created_at)
      VALUES (${ids('audit')}, 'system:owner-create', 'system', 'staff.owner_created', ${theirId}, '{}', ${now})`),
  ])
  return accountToken(deps, token_id)
}
