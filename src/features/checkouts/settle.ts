// The second half of a purchase: a payment attempt has an outcome, and one atomic list makes it so (INV-ATOMIC).
// The request, its retry and the sweep all end here, with the draft that was stored before the provider was called,
// so whoever comes first makes the same order, and whoever comes second is refused by the payment's state (INV-ONCE).

import { atomic } from '../../db/atomic.ts'
import type { Deps } from '../../deps.ts'
import { problemDocument } from '../../http/problem.ts'
import { rfc3339 } from '../../lib/clock.ts'
import { DomainError } from '../../lib/errors.ts'
import { audit } from '../audit/statements.ts'
import { deleteCart } from '../carts/statements.ts'
import { emitEvent } from '../events/statements.ts'
import { dropKey, type Reply, settleKey } from '../idempotency/service.ts'
import { claimStock, releaseStock } from '../inventory/statements.ts'
import { insertOrder } from '../orders/statements.ts'
import { paymentDeclined } from '../payments/errors.ts'
import type { ChargeOutcome } from '../payments/provider.ts'
import { type Attempt, closePending, insertRecord, PAYMENT_SETTLED } from '../payments/service.ts'
import { releasePromotions } from '../promotions/statements.ts'
import { markCompleted, reopen } from './repository.ts'

/** A payment attempt that is to be settled, and by whom. */
export interface Settlement {
  payment: Attempt
  /** Principal id of the request, or `system:sweep`. */
  by: string
  request_id: string
}

/** Another process settled the attempt first; nothing was done. */
export class AlreadySettled extends Error {}

const REFUSALS = { [PAYMENT_SETTLED]: () => new AlreadySettled() }
/** When to ask the provider about an abandoned attempt for the first time. */
const FIRST_RECHECK_MS = 10 * 60 * 1000

const PAYMENT_STATUS = { captured: 'paid', authorised: 'authorised', awaiting: 'pending' } as const

/** Makes the order. Returns the answer of the completed checkout. Throws AlreadySettled. */
export async function commitOrder(
  deps: Deps,
  { payment, by, request_id }: Settlement,
  outcome: Exclude<ChargeOutcome, { status: 'declined' }>,
): Promise<Reply> {
  const { db, ids, clock } = deps
  const draft = payment.draft
  if (!draft) throw new AlreadySettled()
  const now = clock()
  const { order_id } = draft
  const amount = outcome.status === 'awaiting' ? 0 : payment.amount
  const reply = { ...draft.reply, body: { ...draft.reply.body, updated_at: rfc3339(now) } }
  const facts = {
    order_id,
    checkout_id: payment.checkout_id,
    payment_id: payment.id,
    total: payment.amount,
    currency: payment.currency,
  }
  await atomic(
    db,
    [
      ...closePending(db, payment.id, { order_id, recheck_at: null }),
      insertRecord(
        db,
        ids,
        { payment_id: payment.id, kind: outcome.status, amount, provider_reference: outcome.reference },
        now,
      ),
      ...claimStock(db, payment.id, order_id, now),
      ...insertOrder(db, draft, PAYMENT_STATUS[outcome.status], now),
      markCompleted(db, payment.id, order_id, now),
      deleteCart(db, draft.cart_id ?? '', payment.checkout_id),
      emitEvent(db, ids, 'order.placed', order_id, facts, now),
      ...(outcome.status === 'captured'
        ? [emitEvent(db, ids, 'payment.captured', payment.id, facts, now)]
        : []),
      audit(
        db,
        ids,
        { actor: by, action: 'checkout.completed', object_id: order_id, request_id, changes: facts },
        now,
      ),
      settleKey(db, payment.idempotency_id ?? '', reply, now),
    ],
    REFUSALS,
  )
  return reply
}

/**
 * Ends an attempt without an order: stock and discounts go back, the checkout opens again. A decline is an answer and
 * is kept for retries of the same key; after a failure the same key runs afresh. Throws AlreadySettled.
 */
export async function releaseAttempt(
  deps: Deps,
  { payment, by, request_id }: Settlement,
  end: { kind: 'declined' | 'failed' | 'abandoned'; reason: string },
): Promise<Reply> {
  const { db, ids, clock } = deps
  const now = clock()
  const declined = new DomainError(paymentDeclined, 'The payment was declined. Nothing was charged.', {
    members: { reason: end.reason },
  })
  const reply = {
    status: paymentDeclined.status,
    // The answer belongs to the request that asked for the order, whoever settles it.
    body: problemDocument(declined, payment.draft?.request_id ?? request_id, deps.config.PUBLIC_URL),
  }
  const keyId = payment.idempotency_id ?? ''
  await atomic(
    db,
    [
      ...closePending(db, payment.id, {
        order_id: null,
        recheck_at: end.kind === 'abandoned' ? now + FIRST_RECHECK_MS : null,
      }),
      insertRecord(db, ids, { payment_id: payment.id, kind: end.kind, amount: 0, reason: end.reason }, now),
      releaseStock(db, payment.id, now),
      releasePromotions(db, payment.id),
      reopen(db, payment.id, now),
      audit(
        db,
        ids,
        {
          actor: by,
          action: `payment.${end.kind}`,
          object_id: payment.id,
          request_id,
          changes: { checkout_id: payment.checkout_id, reason: end.reason },
        },
        now,
      ),
      end.kind === 'declined' ? settleKey(db, keyId, reply, now) : dropKey(db, keyId),
    ],
    REFUSALS,
  )
  return reply
}
