// Orders: what was sold, to whom, for how much. Money columns are minor units of `currency`.

import { sql } from 'drizzle-orm'
import { check, index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import type { Address } from '../../lib/address.ts'
import type { AppliedDiscount, TaxLine } from '../pricing/model.ts'
import type { ChosenShipping } from './draft.ts'

export const orders = sqliteTable(
  'orders',
  {
    id: text().primaryKey(),
    number: integer().notNull(),
    checkout_id: text().notNull(),
    status: text({ enum: ['open', 'cancelled', 'closed'] }).notNull(),
    /** The account that it belongs to, if any: the buyer's login, else the account of its email (by trigger). */
    user_id: text(),
    payment_status: text({
      enum: ['pending', 'authorised', 'paid', 'partially_refunded', 'refunded'],
    }).notNull(),
    fulfilment_status: text({ enum: ['unfulfilled', 'partial', 'fulfilled'] }).notNull(),
    email: text().notNull(),
    phone: text(),
    currency: text().notNull(),
    subtotal: integer().notNull(),
    discount: integer().notNull(),
    shipping: integer().notNull(),
    tax: integer().notNull(),
    tax_included: integer({ mode: 'boolean' }).notNull(),
    total: integer().notNull(),
    shipping_address: text({ mode: 'json' }).$type<Address>(),
    billing_address: text({ mode: 'json' }).$type<Address>(),
    shipping_option: text({ mode: 'json' }).$type<ChosenShipping>(),
    discounts: text({ mode: 'json' }).$type<AppliedDiscount[]>().notNull(),
    tax_lines: text({ mode: 'json' }).$type<TaxLine[]>().notNull(),
    note: text(),
    /** By staff; `order_tags` follows by trigger. */
    tags: text({ mode: 'json' }).$type<string[]>().notNull().default([]),
    staff_note: text(),
    version: integer().notNull().default(1),
    placed_at: integer().notNull(),
  },
  t => [
    uniqueIndex('orders_number').on(t.number),
    uniqueIndex('orders_checkout').on(t.checkout_id),
    // Ids sort by age, so each of these serves its filter and the newest first.
    index('orders_by_email').on(sql`lower(email)`, t.id),
    index('orders_by_status').on(t.status, t.id),
    index('orders_by_payment_status').on(t.payment_status, t.id),
    index('orders_by_fulfilment_status').on(t.fulfilment_status, t.id),
    index('orders_by_total').on(t.currency, t.total, t.id),
    index('orders_by_user').on(t.user_id, t.id).where(sql`user_id IS NOT NULL`),
    check(
      'order_total_is_sum_of_parts',
      sql`total = subtotal - discount + shipping
      + CASE WHEN tax_included THEN 0 ELSE tax END`,
    ),
    check(
      'order_amounts_not_negative',
      sql`subtotal >= 0 AND discount >= 0 AND shipping >= 0 AND tax >= 0 AND total >= 0`,
    ),
  ],
)

export const orderLines = sqliteTable(
  'order_lines',
  {
    /** The line's id in the checkout; unique within the order only, since one cart may go through two checkouts. */
    id: text().notNull(),
    order_id: text()
      .notNull()
      .references(() => orders.id),
    position: integer().notNull(),
    variant_id: text().notNull(),
    product_id: text().notNull(),
    title: text().notNull(),
    variant_title: text().notNull(),
    sku: text(),
    quantity: integer().notNull(),
    unit_price: integer().notNull(),
    subtotal: integer().notNull(),
    discount: integer().notNull(),
    tax: integer().notNull(),
    total: integer().notNull(),
    requires_shipping: integer({ mode: 'boolean' }).notNull(),
  },
  t => [
    primaryKey({ name: 'order_lines_pk', columns: [t.order_id, t.id] }),
    index('order_lines_by_variant').on(t.variant_id),
    check('order_line_quantity', sql`quantity > 0`),
    check('order_line_sums', sql`subtotal = unit_price * quantity AND discount BETWEEN 0 AND subtotal`),
  ],
)

/** One row a tag of an order, for the tag filter. Kept by a trigger on `orders.tags`. */
export const orderTags = sqliteTable(
  'order_tags',
  {
    tag: text().notNull(),
    order_id: text()
      .notNull()
      .references(() => orders.id),
  },
  t => [
    primaryKey({ name: 'order_tags_pk', columns: [t.tag, t.order_id] }),
    index('order_tags_by_order').on(t.order_id),
  ],
)
