// Carts. A cart is one document: its lines live in it as JSON, so that a change is one guarded write of one row.
// (Orders, which last, have relational lines.) See docs/decisions/0006-carts-are-documents.md.

import { sql } from 'drizzle-orm'
import { check, index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'

export interface BasketLine {
  id: string
  variant_id: string
  quantity: number
  /** The unit price last shown to the buyer, to say when it changed. Minor units of the basket's currency. */
  seen_price: number
}

export const carts = sqliteTable(
  'carts',
  {
    id: text().primaryKey(),
    currency: text().notNull(),
    country: text().notNull(),
    lines: text({ mode: 'json' }).$type<BasketLine[]>().notNull(),
    discount_codes: text({ mode: 'json' }).$type<string[]>().notNull(),
    version: integer().notNull(),
    created_at: integer().notNull(),
    updated_at: integer().notNull(),
    expires_at: integer().notNull(),
  },
  t => [index('carts_expiry').on(t.expires_at), check('cart_lines_are_json', sql`json_valid(lines)`)],
)
