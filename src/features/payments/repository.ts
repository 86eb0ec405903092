// SQL of payments.

import { and, asc, eq, inArray, lte, sql } from 'drizzle-orm'
import type { Db } from '../../db/client.ts'
import { guardChangedOne } from '../../db/guards.ts'
import type { IdGenerator } from '../../lib/ids.ts'
import { type PAYMENT_RECORD_KINDS, paymentRecords, payments } from './table.ts'

export type PaymentRow = typeof payments.$inferSelect

/** What of an attempt is known before the provider is called, and enough to settle it. */
export type Attempt = Pick<
  PaymentRow,
  | 'id'
  | 'checkout_id'
  | 'provider'
  | 'currency'
  | 'amount'
  | 'draft'
  | 'idempotency_id'
  | 'created_at'
  | 'recheck_at'
>

/** Constraint that refuses to settle a payment which is no longer pending: somebody else settled it. */
export const PAYMENT_SETTLED = 'guard_payment_pending'

export const selectPayment = (db: Db, id: string) => db.select().from(payments).where(eq(payments.id, id))

/** The attempt that owns a checkout now, or that paid it. */
export const selectPaymentOf = (db: Db, checkoutId: string) =>
  db
    .select()
    .from(payments)
    .where(sql`${payments.id} = (SELECT payment_id FROM checkouts WHERE id = ${checkoutId})`)

/**
 * Takes attempts whose provider is to be asked what became of them, longest due first. They are due again at `next`,
 * so that one that cannot be settled does not hold up the others, and two sweeps do not do the same work.
 */
export const takeDue = (db: Db, now: number, next: number, limit: number) =>
  db
    .update(payments)
    .set({ recheck_at: next })
    .where(
      inArray(
        payments.id,
        db
          .select({ id: payments.id })
          .from(payments)
          .where(lte(payments.recheck_at, now))
          .orderBy(asc(payments.recheck_at))
          .limit(limit),
      ),
    )
    .returning()

/** Records the attempt before the provider is called. */
export const insertPayment = (db: Db, row: Attempt) =>
  db.insert(payments).values({
    ...row,
    status: 'pending',
    attempt: sql`(SELECT count(*) + 1 FROM payments WHERE checkout_id = ${row.checkout_id})`,
  })

/** Appends to what happened to a payment; triggers move its state and sums. */
export const insertRecord = (
  db: Db,
  ids: IdGenerator,
  record: {
    payment_id: string
    kind: (typeof PAYMENT_RECORD_KINDS)[number]
    amount: number
    provider_reference?: string | null
    reason?: string
  },
  now: number,
) => db.insert(paymentRecords).values({ id: ids('paymentRecord'), ...record, created_at: now })

/**
 * Takes a pending attempt to settle it: its draft becomes an order, or never will. Aborts the unit when the attempt is
 * no longer pending. The state table alone would not: money may also come to an attempt that was given up.
 */
export const closePending = (
  db: Db,
  id: string,
  end: { order_id: string | null; recheck_at: number | null },
) =>
  [
    db
      .update(payments)
      .set({ ...end, draft: null })
      .where(and(eq(payments.id, id), eq(payments.status, 'pending'))),
    guardChangedOne(db, PAYMENT_SETTLED),
  ] as const

/** Ends the looking after an abandoned attempt. */
export const endRechecks = (db: Db, id: string) =>
  db.update(payments).set({ recheck_at: null }).where(eq(payments.id, id))

/** Moves the next look at a payment's provider, unless somebody else moved or ended it since the payment was read. */
export const setRecheck = (db: Db, seen: PaymentRow, recheck_at: number | null) =>
  db
    .update(payments)
    .set({ recheck_at })
    .where(and(eq(payments.id, seen.id), sql`${payments.recheck_at} IS ${seen.recheck_at}`))
