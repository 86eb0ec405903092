// Promotions and how often each was used. Usage is counted by triggers on the redemptions, and named constraints
// abort the unit that would pass a limit, so that two buyers cannot both take the last use.

import { sql } from 'drizzle-orm'
import { check, index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import type { PromotionRule } from '../pricing/model.ts'

export const promotions = sqliteTable(
  'promotions',
  {
    id: text().primaryKey(),
    title: text().notNull(),
    /** Upper case; null for automatic promotions. */
    code: text(),
    /** What it gives, to what, and when: see `PromotionRule` in pricing. */
    rule: text({ mode: 'json' }).$type<PromotionRule>().notNull(),
    is_active: integer({ mode: 'boolean' }).notNull().default(true),
    usage_limit: integer(),
    usage_limit_per_customer: integer(),
    redeemed: integer().notNull().default(0),
    version: integer().notNull().default(1),
    created_at: integer().notNull(),
    updated_at: integer().notNull(),
  },
  t => [
    uniqueIndex('promotions_code').on(t.code),
    index('promotions_by_state').on(t.is_active, t.id),
    index('promotions_automatic').on(t.is_active).where(sql`code IS NULL`),
    check('promotion_code_upper', sql`code = upper(code)`),
    check(
      'promotion_usage_within_limit',
      sql`redeemed >= 0 AND (usage_limit IS NULL OR redeemed <= usage_limit)`,
    ),
  ],
)

/** One use of a promotion by one payment attempt. Removed when the attempt fails. */
export const promotionRedemptions = sqliteTable(
  'promotion_redemptions',
  {
    promotion_id: text()
      .notNull()
      .references(() => promotions.id),
    payment_id: text().notNull(),
    /** Hash of the buyer's normalised email: enough to count, nothing to leak. */
    customer_key: text().notNull(),
    created_at: integer().notNull(),
  },
  t => [
    primaryKey({ name: 'promotion_redemptions_pk', columns: [t.promotion_id, t.payment_id] }),
    index('promotion_redemptions_by_customer').on(t.promotion_id, t.customer_key),
    index('promotion_redemptions_by_payment').on(t.payment_id),
  ],
)
