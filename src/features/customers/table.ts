// What staff keep about customers: notes, groups, and the prices of groups. The customer is a row of `users`.

import { sql } from 'drizzle-orm'
import { check, index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import { variants } from '../products/table.ts'
import { users } from '../users/table.ts'

/** Staff's own page about a customer; there is none before the first change. */
export const customerRecords = sqliteTable('customer_records', {
  user_id: text()
    .primaryKey()
    .references(() => users.id),
  note: text().notNull().default(''),
  /** Of the note and of the groups that the customer is in. */
  version: integer().notNull(),
  updated_at: integer().notNull(),
})

export const customerGroups = sqliteTable(
  'customer_groups',
  {
    id: text().primaryKey(),
    name: text().notNull(),
    /** Of the name and of the prices. */
    version: integer().notNull().default(1),
    created_at: integer().notNull(),
    updated_at: integer().notNull(),
  },
  t => [uniqueIndex('customer_groups_name').on(t.name)],
)

export const customerGroupMembers = sqliteTable(
  'customer_group_members',
  {
    user_id: text()
      .notNull()
      .references(() => users.id),
    group_id: text()
      .notNull()
      .references(() => customerGroups.id, { onDelete: 'cascade' }),
  },
  t => [
    primaryKey({ name: 'customer_group_members_pk', columns: [t.user_id, t.group_id] }),
    index('customer_group_members_by_group').on(t.group_id, t.user_id),
  ],
)

/** What a group pays for a variant, in minor units. */
export const groupPrices = sqliteTable(
  'group_prices',
  {
    group_id: text()
      .notNull()
      .references(() => customerGroups.id, { onDelete: 'cascade' }),
    variant_id: text()
      .notNull()
      .references(() => variants.id, { onDelete: 'cascade' }),
    currency: text().notNull(),
    amount: integer().notNull(),
  },
  t => [
    primaryKey({ name: 'group_prices_pk', columns: [t.group_id, t.variant_id, t.currency] }),
    index('group_prices_by_variant').on(t.variant_id),
    check('group_price_not_negative', sql`amount >= 0`),
  ],
)
