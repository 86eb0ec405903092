// Tax rates by place and tax class. A trigger keeps one of a name in a place (`tax_rate_place_taken`).

import { sql } from 'drizzle-orm'
import { check, index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'

export const taxRates = sqliteTable(
  'tax_rates',
  {
    id: text().primaryKey(),
    name: text().notNull(),
    country: text().notNull(),
    region: text(),
    tax_class: text().notNull(),
    /** Parts per million: 19 % is 190000, 7.25 % is 72500. */
    rate_ppm: integer().notNull(),
    applies_to_shipping: integer({ mode: 'boolean' }).notNull(),
    version: integer().notNull().default(1),
    updated_at: integer().notNull().default(0),
  },
  t => [
    index('tax_rates_by_place').on(t.country, t.region),
    check('tax_rate_in_range', sql`rate_ppm BETWEEN 0 AND 1000000`),
  ],
)
