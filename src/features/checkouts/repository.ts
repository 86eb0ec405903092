// SQL of checkouts.

import { and, eq, sql } from 'drizzle-orm'
import type { Db } from '../../db/client.ts'
import { guardChangedOne } from '../../db/guards.ts'
import type { BasketSource } from '../pricing/service.ts'
import { checkouts } from './table.ts'

export type CheckoutRow = typeof checkouts.$inferSelect

export const selectCheckout = (db: Db, id: string) => db.select().from(checkouts).where(eq(checkouts.id, id))

/** Where the pricing snapshot finds a stored checkout, or the values that are about to replace its own. */
export function checkoutSource(
  id: string,
  changed: { discount_codes?: string[]; customer_key?: string | null; countries?: string[] } = {},
): BasketSource {
  const column = (name: string) => sql`(SELECT ${sql.identifier(name)} FROM checkouts WHERE id = ${id})`
  const countries = sql`(SELECT json_array(country, shipping_address ->> 'country', billing_address ->> 'country')
    FROM checkouts WHERE id = ${id})`
  return {
    lines: column('lines'),
    currency: column('currency'),
    codes: changed.discount_codes ? sql`${JSON.stringify(changed.discount_codes)}` : column('discount_codes'),
    countries: changed.countries
      ? sql`(SELECT json_group_array(value) FROM (SELECT value FROM json_each(${countries})
          UNION ALL SELECT value FROM json_each(${JSON.stringify(changed.countries)})))`
      : countries,
    userId: column('user_id'),
    customerKey: changed.customer_key === undefined ? column('customer_key') : sql`${changed.customer_key}`,
  }
}

export const insertCheckout = (db: Db, row: CheckoutRow) => db.insert(checkouts).values(row)

/** Writes a changed open checkout over the version that was read; aborts the unit when that is no longer the newest. */
export const updateCheckout = (db: Db, row: CheckoutRow) =>
  [
    db
      .update(checkouts)
      .set({ ...row, version: row.version + 1 })
      .where(and(eq(checkouts.id, row.id), eq(checkouts.version, row.version))),
    guardChangedOne(db, 'guard_version_current'),
  ] as const

/** Notes the total that a reader is shown. Not a change of the checkout: its version stays. */
export const noteShownTotal = (db: Db, { id, version }: CheckoutRow, shown_total: number) =>
  db
    .update(checkouts)
    .set({ shown_total })
    .where(and(eq(checkouts.id, id), eq(checkouts.version, version), eq(checkouts.status, 'open')))

/** Ends a `completing` checkout with its order. Says nothing if the payment no longer owns it. */
export const markCompleted = (db: Db, paymentId: string, orderId: string, now: number) =>
  endCompleting(db, paymentId, { status: 'completed', order_id: orderId }, now)

/** Opens a `completing` checkout again. Says nothing if the payment no longer owns it. */
export const reopen = (db: Db, paymentId: string, now: number) =>
  endCompleting(db, paymentId, { status: 'open', payment_id: null, frozen_view: null }, now)

const endCompleting = (db: Db, paymentId: string, end: Partial<CheckoutRow>, now: number) =>
  db
    .update(checkouts)
    .set({ ...end, version: sql`version + 1`, updated_at: now })
    .where(and(eq(checkouts.payment_id, paymentId), eq(checkouts.status, 'completing')))
