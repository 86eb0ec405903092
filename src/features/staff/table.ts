// Who works here, and as what.

import { sql } from 'drizzle-orm'
import { check, index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { users } from '../users/table.ts'

/** Roles. The built-in ones are rows without rights: the code gives them theirs (lib/permissions.ts). Triggers keep them. */
export const roles = sqliteTable(
  'roles',
  {
    name: text().primaryKey(),
    description: text().notNull(),
    permissions: text({ mode: 'json' }).$type<string[]>(),
    version: integer().notNull().default(1),
    created_at: integer().notNull(),
    updated_at: integer().notNull(),
  },
  () => [
    check(
      'role_builtin_has_rights_by_code',
      sql`(name IN ('owner', 'manager', 'support', 'viewer')) = (permissions IS NULL)`,
    ),
    check('role_permissions_are_json', sql`permissions IS NULL OR json_valid(permissions)`),
  ],
)

/** A trigger keeps at least one owner (`shop_keeps_an_owner`). */
export const staffMembers = sqliteTable(
  'staff_members',
  {
    user_id: text()
      .primaryKey()
      .references(() => users.id),
    role: text()
      .notNull()
      .references(() => roles.name),
    created_at: integer().notNull(),
  },
  t => [index('staff_members_by_role').on(t.role)],
)
