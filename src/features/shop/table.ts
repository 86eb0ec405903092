// The shop's own settings: exactly one row.

import { sql } from 'drizzle-orm'
import { check, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'

export interface PolicyLink {
  type: 'terms_of_service' | 'privacy_policy' | 'refund_policy' | 'shipping_policy' | 'contact'
  url: string
}

export const shopSettings = sqliteTable(
  'shop_settings',
  {
    id: integer().primaryKey(),
    name: text().notNull(),
    email: text(),
    default_currency: text().notNull(),
    currencies: text({ mode: 'json' }).$type<string[]>().notNull(),
    /** Where a basket without an address is assumed to go, for estimates. ISO 3166-1 alpha-2. */
    home_country: text().notNull(),
    prices_include_tax: integer({ mode: 'boolean' }).notNull(),
    policies: text({ mode: 'json' }).$type<PolicyLink[]>().notNull(),
    /** Roles whose members must have a second factor (features/staff/login-policy.ts). */
    require_mfa_for: text({ mode: 'json' }).$type<string[]>().notNull().default([]),
    /** Of what is available: a variant that has this many or fewer left is low, unless it has a threshold of its own. */
    low_stock_threshold: integer().notNull().default(5),
    version: integer().notNull().default(1),
    updated_at: integer().notNull(),
  },
  () => [
    check('shop_settings_one_row', sql`id = 1`),
    check('shop_low_stock_threshold_not_negative', sql`low_stock_threshold >= 0`),
  ],
)
