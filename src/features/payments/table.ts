// Payments (INV-ONCE, INV-MONEY). A payment is one attempt to pay one checkout; its id is the key under which the
// provider knows it. What happened to it is an append-only list of records; triggers derive status and amounts.

import { sql } from 'drizzle-orm'
import { check, index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import type { OrderDraft } from '../orders/draft.ts'

export const PAYMENT_STATUSES = [
  'pending',
  'awaiting',
  'authorised',
  'captured',
  'declined',
  'failed',
  'voided',
  'abandoned',
] as const

export const payments = sqliteTable(
  'payments',
  {
    id: text().primaryKey(),
    checkout_id: text().notNull(),
    attempt: integer().notNull(),
    provider: text().notNull(),
    status: text({ enum: PAYMENT_STATUSES }).notNull(),
    currency: text().notNull(),
    amount: integer().notNull(),
    authorised_amount: integer().notNull().default(0),
    captured_amount: integer().notNull().default(0),
    refunded_amount: integer().notNull().default(0),
    provider_reference: text(),
    order_id: text(),
    /** The order exactly as it was priced and shown; it becomes the order when the payment succeeds, then is cleared. */
    draft: text({ mode: 'json' }).$type<OrderDraft>(),
    /** The request that started the attempt, to answer its retries: primary key of `idempotency_keys`. */
    idempotency_id: text(),
    created_at: integer().notNull(),
    /** When to ask the provider what became of the attempt: while `pending`, and for a day after it was `abandoned`. */
    recheck_at: integer(),
  },
  t => [
    uniqueIndex('payments_by_checkout').on(t.checkout_id, t.attempt),
    uniqueIndex('payments_one_live_a_checkout')
      .on(t.checkout_id)
      .where(sql`status IN ('pending', 'awaiting', 'authorised', 'captured')`),
    uniqueIndex('payments_one_an_order').on(t.order_id),
    index('payments_recheck').on(t.recheck_at).where(sql`recheck_at IS NOT NULL`),
    check(
      'payment_amounts_in_order',
      sql`0 <= refunded_amount AND refunded_amount <= captured_amount
      AND captured_amount <= amount AND 0 <= authorised_amount AND authorised_amount <= amount`,
    ),
  ],
)

export const PAYMENT_RECORD_KINDS = [
  'started',
  'awaiting',
  'authorised',
  'captured',
  'declined',
  'failed',
  'voided',
  'abandoned',
  'refunded',
] as const

/** The state table of a payment: a record of `kind` may follow `from_status` and leads to `to_status`. Filled by migration. */
export const paymentTransitions = sqliteTable(
  'payment_transitions',
  { kind: text().notNull(), from_status: text().notNull(), to_status: text().notNull() },
  t => [primaryKey({ name: 'payment_transitions_pk', columns: [t.kind, t.from_status] })],
)

/** Append-only. */
export const paymentRecords = sqliteTable(
  'payment_records',
  {
    id: text().primaryKey(),
    payment_id: text()
      .notNull()
      .references(() => payments.id),
    kind: text({ enum: PAYMENT_RECORD_KINDS }).notNull(),
    amount: integer().notNull(),
    provider_reference: text(),
    reason: text(),
    created_at: integer().notNull(),
  },
  t => [
    index('payment_records_by_payment').on(t.payment_id, t.id),
    check('payment_record_amount', sql`amount >= 0`),
  ],
)

/**
 * The book of the `test` provider, which stands for a payment company's own database: it is written by the
 * provider alone, outside our units, and reconciled with ours by tests. Empty in production.
 */
export const testProviderCharges = sqliteTable('test_provider_charges', {
  key: text().primaryKey(),
  amount: integer().notNull(),
  currency: text().notNull(),
  captured: integer().notNull(),
  refunded: integer().notNull().default(0),
  is_voided: integer({ mode: 'boolean' }).notNull().default(false),
})
