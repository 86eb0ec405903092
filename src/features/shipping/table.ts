// Where the shop ships to, and what it costs.

import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { ShippingRateRule, ZonePlace } from '../pricing/model.ts'

export const shippingZones = sqliteTable('shipping_zones', {
  id: text().primaryKey(),
  name: text().notNull(),
  /** A place belongs to one zone, by trigger (`shipping_zone_places_overlap`). */
  places: text({ mode: 'json' }).$type<ZonePlace[]>().notNull(),
  version: integer().notNull().default(1),
  updated_at: integer().notNull().default(0),
})

export const shippingRates = sqliteTable(
  'shipping_rates',
  {
    id: text().primaryKey(),
    zone_id: text()
      .notNull()
      .references(() => shippingZones.id, { onDelete: 'cascade' }),
    title: text().notNull(),
    position: integer().notNull(),
    rule: text({ mode: 'json' }).$type<ShippingRateRule>().notNull(),
    eta_days_min: integer(),
    eta_days_max: integer(),
  },
  t => [index('shipping_rates_by_zone').on(t.zone_id, t.position)],
)
