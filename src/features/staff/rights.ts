// What somebody's role lets them do, and the rule that nobody gives or takes a right that they do not have.

import { eq, type SQL, sql } from 'drizzle-orm'
import type { Db } from '../../db/client.ts'
import { DomainError } from '../../lib/errors.ts'
import { isPermission, type Permission, ROLE_NAMES, ROLES, type Role } from '../../lib/permissions.ts'
import { rightNotHeld, roleUnknown, staffChanged } from './errors.ts'
import { roles, staffMembers } from './table.ts'

/** A role as a query gives it; `role` is null for buyers, `permissions` for a built-in role. */
export interface StoredRole {
  role: string | null
  permissions: readonly string[] | null
}

export const isBuiltIn = (name: string): name is Role => (ROLE_NAMES as readonly string[]).includes(name)

/** The rights of a role; none without one. Rights that this version does not know are left out. */
export function rightsOf({ role, permissions }: StoredRole): readonly Permission[] {
  if (role === null) return []
  return isBuiltIn(role) ? ROLES[role] : (permissions ?? []).filter(isPermission)
}

/** Somebody's role with the version of its rights. */
export const selectRoleOf = (db: Db, user_id: string) =>
  db
    .select({ role: roles.name, permissions: roles.permissions, version: roles.version })
    .from(staffMembers)
    .innerJoin(roles, eq(roles.name, staffMembers.role))
    .where(eq(staffMembers.user_id, user_id))

/** A role by its name. */
export const selectRole = (db: Db, name: string) =>
  db
    .select({ role: roles.name, permissions: roles.permissions, version: roles.version })
    .from(roles)
    .where(eq(roles.name, name))

export type VersionedRole = Awaited<ReturnType<typeof selectRole>>[number]

/** Raises `right_not_held` unless somebody holds every one of some rights. */
export function refuseBeyondOwn(own: StoredRole | undefined, rights: readonly Permission[]): void {
  refuseUnheld(own ? rightsOf(own) : [], rights)
}

/** Raises `right_not_held` unless what is held has every one of some rights. */
export function refuseUnheld(held: readonly Permission[], rights: readonly Permission[]): void {
  const lacking = rights.filter(right => !held.includes(right))
  if (lacking.length === 0) return
  throw new DomainError(rightNotHeld, `This needs the rights ${lacking.join(', ')}.`, {
    headers: { 'WWW-Authenticate': `Bearer error="insufficient_scope", scope="${lacking.join(' ')}"` },
    members: { permissions: lacking },
  })
}

/** Whether somebody still has the role that was read, with the rights that were read: part of what is then written. */
export const stillHas = (user_id: string, { role, version }: VersionedRole): SQL =>
  sql`EXISTS (SELECT 1 FROM staff_members s JOIN roles r ON r.name = s.role
    WHERE s.user_id = ${user_id} AND r.name = ${role} AND r.version = ${version})`

/** Whether a role still is as it was read. */
export const stillIs = ({ role, version }: VersionedRole): SQL =>
  sql`EXISTS (SELECT 1 FROM roles r WHERE r.name = ${role} AND r.version = ${version})`

/** What the guard behind such a write means. */
export const RACE_REFUSALS = {
  guard_version_current: () => new DomainError(staffChanged, 'Roles were changed at the same time.'),
}

export const unknownRole = (pointer = '/role'): DomainError =>
  new DomainError(roleUnknown, 'There is no such role.', {
    errors: [{ in: 'body', pointer, code: roleUnknown.code, detail: 'There is no such role.' }],
  })
