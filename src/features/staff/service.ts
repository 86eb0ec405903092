// Who works here.

import { asc, eq, gt, sql } from 'drizzle-orm'
import { atomic } from '../../db/atomic.ts'
import type { Deps } from '../../deps.ts'
import { idOf, pageById } from '../../http/pagination.ts'
import { DEFAULT_LIMIT } from '../../http/schemas.ts'
import { rfc3339 } from '../../lib/clock.ts'
import { ROLES } from '../../lib/permissions.ts'
import { ACCOUNT_TOKEN_MS, accountToken } from '../auth/account-token.ts'
import { accountTokens } from '../auth/table.ts'
import { users } from '../users/table.ts'
import type { StaffMember } from './schemas.ts'
import { staffMembers } from './table.ts'

const SORT = 'staff'

/** Lists staff by age of their account. Raises `invalid_cursor`. */
export async function listStaff(
  { db }: Deps,
  { limit = DEFAULT_LIMIT, cursor }: { limit?: number; cursor?: string },
): Promise<{ data: StaffMember[]; next_cursor: string | null }> {
  const after = idOf(cursor, SORT)
  const rows = await db
    .select({
      id: users.id,
      email: users.email,
      name: users.name,
      role: staffMembers.role,
      created_at: staffMembers.created_at,
    })
    .from(staffMembers)
    .innerJoin(users, eq(users.id, staffMembers.user_id))
    .where(after === null ? undefined : gt(users.id, after))
    .orderBy(asc(users.id))
    .limit(limit + 1)
  const page = pageById(rows, limit, SORT)
  return {
    data: page.rows.map(row => ({
      ...row,
      permissions: [...ROLES[row.role]],
      created_at: rfc3339(row.created_at),
    })),
    next_cursor: page.next_cursor,
  }
}

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
    db.run(sql`INSERT INTO audit_log (id, actor, action, object_id, changes, created_at)
      VALUES (${ids('audit')}, 'system:owner-create', 'staff.owner_created', ${theirId}, '{}', ${now})`),
  ])
  return accountToken(deps, token_id)
}
