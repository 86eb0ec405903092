// Checkouts: a basket on its way to becoming an order. `completing` means that a payment attempt owns it.

import { sql } from 'drizzle-orm'
import { check, index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { Address } from '../../lib/address.ts'
import type { BasketLine } from '../carts/table.ts'
import type { Checkout } from './schemas.ts'

export const checkouts = sqliteTable(
  'checkouts',
  {
    id: text().primaryKey(),
    cart_id: text(),
    /** Who was logged in when it was started or last changed; null for guests. */
    user_id: text(),
    status: text({ enum: ['open', 'completing', 'completed', 'cancelled'] }).notNull(),
    currency: text().notNull(),
    country: text().notNull(),
    lines: text({ mode: 'json' }).$type<BasketLine[]>().notNull(),
    discount_codes: text({ mode: 'json' }).$type<string[]>().notNull(),
    email: text(),
    /** Under which this buyer's uses of promotions are counted: a keyed hash of the email. */
    customer_key: text(),
    phone: text(),
    shipping_address: text({ mode: 'json' }).$type<Address>(),
    billing_address: text({ mode: 'json' }).$type<Address>(),
    shipping_option_id: text(),
    note: text(),
    /** The payment attempt that owns the checkout while it is `completing`, and that paid it once `completed`. */
    payment_id: text(),
    /** The total that the buyer was last shown, in minor units: none higher is charged unasked. Null in older rows. */
    shown_total: integer(),
    order_id: text(),
    /** What the buyer saw and pays, or paid: kept from the moment that payment begins, without the order's token. */
    frozen_view: text({ mode: 'json' }).$type<Checkout>(),
    version: integer().notNull(),
    created_at: integer().notNull(),
    updated_at: integer().notNull(),
    expires_at: integer().notNull(),
  },
  t => [
    index('checkouts_expiry').on(t.expires_at),
    index('checkouts_by_user').on(t.user_id).where(sql`user_id IS NOT NULL`),
    index('checkouts_by_email').on(sql`lower(email)`).where(sql`email IS NOT NULL`),
    check('checkout_status_known', sql`status IN ('open', 'completing', 'completed', 'cancelled')`),
    check('checkout_completed_has_order', sql`(status = 'completed') = (order_id IS NOT NULL)`),
    check('checkout_completing_has_payment', sql`status <> 'completing' OR payment_id IS NOT NULL`),
  ],
)
