// Stock (INV-STOCK). Levels are never written by hand: triggers derive `on_hand` from the movements and
// `reserved` from the open reservations, and named CHECKs abort any unit that would oversell.

import { sql } from 'drizzle-orm'
import { check, index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'

export const stockLevels = sqliteTable(
  'stock_levels',
  {
    /** Not a foreign key: the books outlive a variant that is deleted. */
    variant_id: text().primaryKey(),
    on_hand: integer().notNull().default(0),
    reserved: integer().notNull().default(0),
  },
  () => [
    check('stock_on_hand_not_negative', sql`on_hand >= 0`),
    check('stock_reserved_not_negative', sql`reserved >= 0`),
    check('stock_reserved_within_on_hand', sql`reserved <= on_hand`),
  ],
)

/** Append-only: what came in, what went out, and why. */
export const stockMovements = sqliteTable(
  'stock_movements',
  {
    id: text().primaryKey(),
    variant_id: text()
      .notNull()
      .references(() => stockLevels.variant_id),
    quantity: integer().notNull(),
    reason: text({ enum: ['received', 'counted', 'sale', 'returned', 'written_off'] }).notNull(),
    order_id: text(),
    created_at: integer().notNull(),
  },
  t => [
    index('stock_movements_by_variant').on(t.variant_id, t.id),
    index('stock_movements_by_order').on(t.order_id),
    check('stock_movement_not_empty', sql`quantity <> 0`),
  ],
)

/** Stock held for one payment attempt of a checkout. Ends exactly once: claimed by an order, or released. */
export const stockReservations = sqliteTable(
  'stock_reservations',
  {
    id: text().primaryKey(),
    payment_id: text().notNull(),
    variant_id: text()
      .notNull()
      .references(() => stockLevels.variant_id),
    quantity: integer().notNull(),
    status: text({ enum: ['open', 'claimed', 'released'] }).notNull(),
    created_at: integer().notNull(),
    ended_at: integer(),
  },
  t => [
    uniqueIndex('stock_reservations_by_payment').on(t.payment_id, t.variant_id),
    index('stock_reservations_open').on(t.variant_id).where(sql`status = 'open'`),
    check('stock_reservation_quantity', sql`quantity >= 0`),
    check('stock_reservation_status', sql`status IN ('open', 'claimed', 'released')`),
    check('stock_reservation_ended', sql`(status = 'open') = (ended_at IS NULL)`),
  ],
)
