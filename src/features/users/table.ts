// People with an account, and their addresses. A row exists only for a verified email: a registration waits in
// `account_tokens` until then. Orders join the account of their email by trigger (migration 0002).

import { sql } from 'drizzle-orm'
import { check, index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import type { Address } from '../../lib/address.ts'

export const users = sqliteTable(
  'users',
  {
    id: text().primaryKey(),
    /** Lower case. */
    email: text().notNull(),
    /** PHC string; null until a person made by `owner:create` sets a password. */
    password_hash: text(),
    name: text(),
    phone: text(),
    email_verified_at: integer().notNull(),
    created_at: integer().notNull(),
    updated_at: integer().notNull(),
  },
  t => [
    uniqueIndex('users_email').on(t.email),
    index('users_by_name').on(sql`CASE WHEN name IS NULL THEN '' ELSE name END COLLATE NOCASE`, t.id),
    check('user_email_lower', sql`email = lower(email)`),
  ],
)

/** How many addresses one person may keep; a trigger holds it. */
export const MAX_ADDRESSES = 50

export const addresses = sqliteTable(
  'addresses',
  {
    id: text().primaryKey(),
    user_id: text()
      .notNull()
      .references(() => users.id),
    address: text({ mode: 'json' }).$type<Address>().notNull(),
    is_default: integer({ mode: 'boolean' }).notNull(),
    created_at: integer().notNull(),
    updated_at: integer().notNull(),
  },
  t => [
    index('addresses_by_user').on(t.user_id, t.id),
    uniqueIndex('addresses_one_default').on(t.user_id).where(sql`is_default = 1`),
    check('address_is_json', sql`json_valid(address)`),
  ],
)
