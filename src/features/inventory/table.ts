// Stock (INV-STOCK). Levels are never written by hand: triggers derive `on_hand` from the movements and
// `reserved` from the open reservations, and named CHECKs abort any unit that would oversell.

import { sql } from 'drizzle-orm'
import {
  check,
  foreignKey,
  index,
  integer,
  primaryKey,
  sqliteTable,
  text,
  uniqueIndex,
} from 'drizzle-orm/sqlite-core'

/** Where stock goes that nobody named a location for. The migration makes it, and it cannot be deleted. */
export const DEFAULT_LOCATION = 'loc_default'

export interface LocationAddress {
  line1: string
  line2?: string
  city: string
  region?: string
  postal_code?: string
  country: string
}

/** Where goods lie. Orders take from active ones, those with the lowest `priority` first. */
export const locations = sqliteTable(
  'locations',
  {
    id: text().primaryKey(),
    name: text().notNull(),
    code: text().notNull(),
    address: text({ mode: 'json' }).$type<LocationAddress>(),
    priority: integer().notNull(),
    is_active: integer({ mode: 'boolean' }).notNull().default(true),
    version: integer().notNull().default(1),
    created_at: integer().notNull(),
    updated_at: integer().notNull(),
    /** The row stays, since the books name it. */
    deleted_at: integer(),
  },
  t => [
    uniqueIndex('locations_code').on(t.code).where(sql`deleted_at IS NULL`),
    index('locations_by_priority').on(t.priority, t.id).where(sql`deleted_at IS NULL`),
    check('location_deleted_is_inactive', sql`deleted_at IS NULL OR NOT is_active`),
  ],
)

/** What lies where. */
export const stockLevels = sqliteTable(
  'stock_levels',
  {
    /** Not a foreign key: the books outlive a variant that is deleted. */
    variant_id: text().notNull(),
    location_id: text()
      .notNull()
      .references(() => locations.id),
    on_hand: integer().notNull().default(0),
    reserved: integer().notNull().default(0),
  },
  t => [
    primaryKey({ columns: [t.variant_id, t.location_id] }),
    index('stock_levels_by_location').on(t.location_id, t.variant_id),
    check('stock_on_hand_not_negative', sql`on_hand >= 0`),
    check('stock_reserved_not_negative', sql`reserved >= 0`),
    check('stock_reserved_within_on_hand', sql`reserved <= on_hand`),
  ],
)

/** One row a variant: what buyers can get of it in all, and when that is low. Derived but for `low_stock_threshold`. */
export const stockItems = sqliteTable(
  'stock_items',
  {
    variant_id: text().primaryKey(),
    /** What is not reserved, over the active locations. */
    available: integer().notNull().default(0),
    /** The variant's own; null takes the shop's. */
    low_stock_threshold: integer(),
    /** The threshold that holds; null for what is not counted. */
    low_at: integer(),
    version: integer().notNull().default(1),
  },
  t => [
    index('stock_items_low').on(t.variant_id).where(sql`available <= low_at`),
    check('stock_low_stock_threshold_not_negative', sql`low_stock_threshold >= 0`),
  ],
)

export const ADJUSTMENT_REASONS = ['received', 'counted', 'returned', 'written_off'] as const
export const MOVEMENT_REASONS = ['sale', ...ADJUSTMENT_REASONS, 'transfer_out', 'transfer_in'] as const

/** Append-only: what came in, what went out, and why. */
export const stockMovements = sqliteTable(
  'stock_movements',
  {
    id: text().primaryKey(),
    variant_id: text().notNull(),
    location_id: text().notNull(),
    quantity: integer().notNull(),
    reason: text({ enum: MOVEMENT_REASONS }).notNull(),
    order_id: text(),
    /** The adjustment or transfer that it is part of. */
    document_id: text(),
    /** Principal id of whoever booked it; null for sales and imports. */
    actor: text(),
    note: text(),
    created_at: integer().notNull(),
  },
  t => [
    foreignKey({
      columns: [t.variant_id, t.location_id],
      foreignColumns: [stockLevels.variant_id, stockLevels.location_id],
    }),
    index('stock_movements_by_age').on(t.created_at, t.id),
    index('stock_movements_by_variant').on(t.variant_id, t.created_at, t.id),
    index('stock_movements_by_location').on(t.location_id, t.created_at, t.id),
    index('stock_movements_by_reason').on(t.reason, t.created_at, t.id),
    index('stock_movements_by_order').on(t.order_id, t.created_at, t.id).where(sql`order_id IS NOT NULL`),
    index('stock_movements_by_document')
      .on(t.document_id, t.created_at, t.id)
      .where(sql`document_id IS NOT NULL`),
    check('stock_movement_not_empty', sql`quantity <> 0`),
    check(
      'stock_movement_transfer_has_document',
      sql`reason NOT IN ('transfer_in', 'transfer_out') OR document_id IS NOT NULL`,
    ),
  ],
)

/** Stock of one location, held for one payment attempt of a checkout. Ends exactly once: claimed by an order, or released. */
export const stockReservations = sqliteTable(
  'stock_reservations',
  {
    id: text().primaryKey(),
    payment_id: text().notNull(),
    variant_id: text().notNull(),
    location_id: text().notNull(),
    quantity: integer().notNull(),
    status: text({ enum: ['open', 'claimed', 'released'] }).notNull(),
    created_at: integer().notNull(),
    ended_at: integer(),
  },
  t => [
    foreignKey({
      columns: [t.variant_id, t.location_id],
      foreignColumns: [stockLevels.variant_id, stockLevels.location_id],
    }),
    uniqueIndex('stock_reservations_by_payment').on(t.payment_id, t.variant_id, t.location_id),
    index('stock_reservations_open').on(t.variant_id, t.location_id).where(sql`status = 'open'`),
    check('stock_reservation_quantity', sql`quantity >= 0`),
    check('stock_reservation_status', sql`status IN ('open', 'claimed', 'released')`),
    check('stock_reservation_ended', sql`(status = 'open') = (ended_at IS NULL)`),
  ],
)
