// Who works here, and as what. Roles and their rights are data in lib/permissions.ts.

import { sql } from 'drizzle-orm'
import { check, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { ROLE_NAMES } from '../../lib/permissions.ts'
import { users } from '../users/table.ts'

/** A trigger keeps at least one owner (`shop_keeps_an_owner`). */
export const staffMembers = sqliteTable(
  'staff_members',
  {
    user_id: text()
      .primaryKey()
      .references(() => users.id),
    role: text({ enum: ROLE_NAMES }).notNull(),
    created_at: integer().notNull(),
  },
  () => [check('staff_role_known', sql`role IN ('owner', 'manager', 'support', 'viewer')`)],
)
