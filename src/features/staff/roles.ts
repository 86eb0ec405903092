// Roles of the shop's own, beside the built-in ones. Their rights are data: a change acts on the next request of everybody
// who has the role.

import { asc, eq, gt, sql } from 'drizzle-orm'
import { atomic } from '../../db/atomic.ts'
import type { Db } from '../../db/client.ts'
import { guardChangedOne } from '../../db/guards.ts'
import type { Deps } from '../../deps.ts'
import type { Actor, SignedIn } from '../../http/context.ts'
import { notFound } from '../../http/errors.ts'
import { encodeCursor, idOf } from '../../http/pagination.ts'
import { DEFAULT_LIMIT } from '../../http/schemas.ts'
import { DomainError } from '../../lib/errors.ts'
import type { Permission } from '../../lib/permissions.ts'
import { audit } from '../audit/statements.ts'
import { roleBuiltIn, roleExists, roleInUse } from './errors.ts'
import {
  isBuiltIn,
  RACE_REFUSALS,
  refuseBeyondOwn,
  rightsOf,
  selectRole,
  selectRoleOf,
  stillHas,
  type VersionedRole,
} from './rights.ts'
import type { CreateRole, StaffRole, UpdateRole } from './schemas.ts'
import { roles } from './table.ts'

const SORT = 'roles'

const selectViews = (db: Db) =>
  db
    .select({
      name: roles.name,
      description: roles.description,
      permissions: roles.permissions,
      members: sql<number>`(SELECT count(*) FROM staff_members WHERE role = ${roles.name})`,
    })
    .from(roles)

/** Lists all roles by name. Raises `invalid_cursor`. */
export async function listRoles(
  { db }: Deps,
  { limit = DEFAULT_LIMIT, cursor }: { limit?: number; cursor?: string },
): Promise<{ data: StaffRole[]; next_cursor: string | null }> {
  const after = idOf(cursor, SORT)
  const rows = await selectViews(db)
    .where(after === null ? undefined : gt(roles.name, after))
    .orderBy(asc(roles.name))
    .limit(limit + 1)
  const page = rows.slice(0, limit)
  const last = page.at(-1)
  return {
    data: page.map(view),
    next_cursor: rows.length > limit && last ? encodeCursor(SORT, [last.name]) : null,
  }
}

/** Reads a role. Raises `not_found`. */
export async function getRole({ db }: Deps, name: string): Promise<StaffRole> {
  const [row] = await selectViews(db).where(eq(roles.name, name))
  if (!row) throw noSuchRole()
  return view(row)
}

/** Makes a role. Raises `role_exists`, `right_not_held`, `staff_changed`. */
export async function createRole(
  deps: Deps,
  actor: Actor<SignedIn>,
  { name, description, permissions }: CreateRole,
): Promise<StaffRole> {
  const { db, clock } = deps
  const now = clock()
  const [own] = await selectRoleOf(db, actor.principal.id)
  refuseBeyondOwn(own, permissions)
  if (isBuiltIn(name)) throw taken()
  await atomic(
    db,
    [
      db.run(sql`INSERT INTO roles (name, description, permissions, created_at, updated_at)
        SELECT ${name}, ${description}, ${JSON.stringify(permissions)}, ${now}, ${now}
        WHERE ${stillHas(actor.principal.id, own ?? NOBODY)}`),
      guardChangedOne(db, 'guard_version_current'),
      record(deps, actor, 'role.created', name, { permissions }),
    ],
    { ...RACE_REFUSALS, 'roles.name': taken },
  )
  return view({ name, description, permissions, members: 0 })
}

/**
 * Changes a role; whoever has it has its new rights from their next request on. The caller must hold the rights of before
 * and after. Raises `not_found`, `role_built_in`, `right_not_held`, `staff_changed`.
 */
export async function updateRole(
  deps: Deps,
  actor: Actor<SignedIn>,
  name: string,
  input: UpdateRole,
): Promise<StaffRole> {
  const { db, clock } = deps
  const { own, role } = await judged(deps, actor, name)
  if (input.permissions) refuseBeyondOwn(own, input.permissions)
  await atomic(
    db,
    [
      db
        .update(roles)
        .set({ ...input, version: sql`version + 1`, updated_at: clock() })
        .where(
          sql`${roles.name} = ${name} AND version = ${role.version} AND ${stillHas(actor.principal.id, own)}`,
        ),
      guardChangedOne(db, 'guard_version_current'),
      record(deps, actor, 'role.changed', name, {
        ...(input.permissions ? { from: rightsOf(role), to: input.permissions } : {}),
      }),
    ],
    RACE_REFUSALS,
  )
  return getRole(deps, name)
}

/** Deletes a role that nobody has. Raises `not_found`, `role_built_in`, `role_in_use`, `right_not_held`, `staff_changed`. */
export async function deleteRole(deps: Deps, actor: Actor<SignedIn>, name: string): Promise<void> {
  const { db } = deps
  const { own, role } = await judged(deps, actor, name)
  await atomic(
    db,
    [
      db
        .delete(roles)
        .where(
          sql`${roles.name} = ${name} AND version = ${role.version} AND ${stillHas(actor.principal.id, own)}`,
        ),
      guardChangedOne(db, 'guard_version_current'),
      // The policy keeps no name that could come back as another role.
      db.run(sql`UPDATE shop_settings SET require_mfa_for =
        (SELECT json_group_array(value) FROM json_each(require_mfa_for) WHERE value <> ${name})`),
      record(deps, actor, 'role.deleted', name, {}),
    ],
    {
      ...RACE_REFUSALS,
      'FOREIGN KEY': () => new DomainError(roleInUse, 'Somebody has this role.'),
    },
  )
}

/** The role and the caller's own, if the caller may change it. */
async function judged({ db }: Deps, { principal }: Actor<SignedIn>, name: string) {
  const [owns, found] = await db.batch([selectRoleOf(db, principal.id), selectRole(db, name)])
  const role = found[0]
  if (!role) throw noSuchRole()
  if (isBuiltIn(name)) throw new DomainError(roleBuiltIn, 'A built-in role stays as it is.')
  const own = owns[0]
  refuseBeyondOwn(own, rightsOf(role))
  return { role, own: own ?? NOBODY }
}

/** Stands for a role that was lost meanwhile: no write that hangs on it goes through. */
const NOBODY: VersionedRole = { role: '', permissions: null, version: 0 }

const record = (
  { db, ids, clock }: Deps,
  { principal, request_id }: Actor<SignedIn>,
  action: string,
  object_id: string,
  changes: Record<string, unknown>,
) => audit(db, ids, { actor: principal.id, action, object_id, request_id, changes }, clock())

const taken = (): DomainError => new DomainError(roleExists, 'There is a role of this name.')
const noSuchRole = (): DomainError => new DomainError(notFound, 'There is no such role.')

const view = ({
  name,
  description,
  permissions,
  members,
}: {
  name: string
  description: string
  permissions: readonly string[] | null
  members: number
}): StaffRole => ({
  name,
  description,
  is_built_in: isBuiltIn(name),
  permissions: [...(rightsOf({ role: name, permissions }) as Permission[])],
  members,
})
