// Completing a checkout: three database calls around one call of the payment provider.
//   1. read   everything that decides the price, and the Idempotency-Key
//   2. claim  in one unit: the key, the checkout, the recorded attempt, the stock, the discounts
//   3. charge at the provider, under the attempt's id
//   4. settle in one unit (settle.ts): the order, or everything given back
// A crash between any two leaves a pending attempt, which a retry or the sweep finishes (recover.ts).

import { atomic } from '../../db/atomic.ts'
import type { Statement } from '../../db/client.ts'
import type { Deps } from '../../deps.ts'
import type { Actor, IdempotencyRequest } from '../../http/context.ts'
import { idempotencyKeyMissing } from '../../http/idempotency-errors.ts'
import { DomainError } from '../../lib/errors.ts'
import {
  claimKey,
  inProgress,
  KEY_TAKEN,
  type Reply,
  replayOf,
  type StoredReply,
  selectKey,
} from '../idempotency/service.ts'
import { reserveStock, STOCK_REFUSALS } from '../inventory/statements.ts'
import { orderToken } from '../orders/token.ts'
import {
  paymentAbandoned,
  paymentOutcomeUnknown,
  paymentTokenInvalid,
  paymentUnavailable,
} from '../payments/errors.ts'
import {
  type Attempt,
  charge,
  insertPayment,
  insertRecord,
  type KnownOutcome,
  providerOf,
  selectPaymentOf,
} from '../payments/service.ts'
import { buyerOf, type Snapshot, snapshotOf, snapshotStatements } from '../pricing/service.ts'
import { PROMOTION_REFUSALS, redeemPromotions } from '../promotions/statements.ts'
import { draftOf } from './draft.ts'
import { isStale, recoverAttempt, staleAfterMs } from './recover.ts'
import { changed, refuseOtherTotal, refuseUnready, stockProblem, usedUp } from './refusals.ts'
import { type CheckoutRow, checkoutSource, selectCheckout, updateCheckout } from './repository.ts'
import type { CompleteCheckout } from './schemas.ts'
import { existing, openOne, userIdOf } from './service.ts'
import { AlreadySettled, commitOrder, releaseAttempt, type Settlement } from './settle.ts'
import { type PricedCheckout, priceCheckout } from './view.ts'

const RETRY_SECONDS = 5

/**
 * Pays for a checkout and makes its order, once (INV-ONCE). Raises `not_found`, `checkout_closed`,
 * `checkout_completing`, `checkout_not_ready`, `stock_insufficient`, `discount_used_up`, `total_changed`,
 * `changed_meanwhile`, the payment problems and the idempotency problems. A decline is a stored answer, not raised.
 */
export async function completeCheckout(
  deps: Deps,
  actor: Actor,
  id: string,
  input: CompleteCheckout,
): Promise<StoredReply> {
  const { db, clock } = deps
  const request = actor.idempotency
  if (!request) throw new DomainError(idempotencyKeyMissing, 'Send an Idempotency-Key.')
  const provider = providerOf(deps, input.payment.provider).id

  const [keys, rows, owners, ...results] = await db.batch([
    selectKey(db, actor),
    selectCheckout(db, id),
    selectPaymentOf(db, id),
    ...snapshotStatements(db, { ...checkoutSource(id), ...buyerOf(actor) }),
  ])
  const owner = owners[0]
  if (owner && isStale(deps, owner)) {
    // Nobody works on this attempt any more: find out how it ended, then answer as if it were just read.
    const settlement = { payment: owner, by: actor.principal.id, request_id: actor.request_id }
    if (!(await recoverAttempt(deps, settlement))) throw outcomeUnknown(deps)
    return completeCheckout(deps, actor, id, input)
  }
  const replay = replayOf(keys[0], actor)
  if (replay) return withToken(deps, replay)

  const open = openOne(existing(rows[0]), clock())
  const row = { ...open, user_id: userIdOf(actor) ?? open.user_id }
  const snapshot = snapshotOf(results)
  const priced = priceCheckout(deps, row, snapshot)
  refuseUnready(row, priced, snapshot)
  refuseOtherTotal(row, priced, input)

  const { request_id } = actor
  const payment = await claim(deps, { request, request_id, row, priced, snapshot, provider })
  const settlement: Settlement = { payment, by: actor.principal.id, request_id }
  const outcome = await charge(deps, payment, input.payment.token ?? null)
  try {
    const reply = await settle(deps, settlement, outcome)
    return withToken(deps, { ...reply, replayed: false })
  } catch (error) {
    if (error instanceof AlreadySettled) return afterLostRace(deps, actor, settlement)
    throw error
  }
}

/**
 * Writes down how the charge ended, and answers. Raises `payment_token_invalid`, `payment_unavailable`,
 * `payment_outcome_unknown`.
 */
async function settle(deps: Deps, settlement: Settlement, outcome: KnownOutcome): Promise<Reply> {
  switch (outcome.status) {
    case 'captured':
    case 'authorised':
    case 'awaiting':
      return commitOrder(deps, settlement, outcome)
    case 'declined':
      return releaseAttempt(deps, settlement, { kind: 'declined', reason: outcome.reason })
    case 'token_invalid': {
      await releaseAttempt(deps, settlement, { kind: 'failed', reason: 'token_invalid' })
      const detail = 'The provider does not know this token. Nothing was charged.'
      throw new DomainError(paymentTokenInvalid, detail, {
        errors: [{ in: 'body', pointer: '/payment/token', code: paymentTokenInvalid.code, detail }],
      })
    }
    case 'not_charged':
      await releaseAttempt(deps, settlement, { kind: 'failed', reason: 'provider_unavailable' })
      throw new DomainError(
        paymentUnavailable,
        'The payment provider is out of order. Nothing was charged.',
        {
          retryAfterSeconds: RETRY_SECONDS,
        },
      )
    case 'unknown':
      throw outcomeUnknown(deps)
  }
}

const outcomeUnknown = (deps: Deps): DomainError =>
  new DomainError(paymentOutcomeUnknown, 'The payment provider did not answer in time.', {
    retryAfterSeconds: deps.config.COMPLETION_STALE_SECONDS,
  })

interface Claim {
  request: IdempotencyRequest
  request_id: string
  row: CheckoutRow
  priced: PricedCheckout
  snapshot: Snapshot
  provider: string
}

/** Takes possession in one unit: after it, stock and discounts are held and the attempt is on record. */
async function claim(
  deps: Deps,
  { request, request_id, row, priced, snapshot, provider }: Claim,
): Promise<Attempt> {
  const { db, ids, clock } = deps
  const now = clock()
  const draft = draftOf(deps, row, priced, snapshot, request_id)
  const payment = {
    id: ids('payment'),
    checkout_id: row.id,
    provider,
    currency: row.currency,
    amount: draft.totals.total,
    draft,
    idempotency_id: request.id,
    created_at: now,
    recheck_at: now + staleAfterMs(deps),
  }
  const owned = {
    ...row,
    status: 'completing',
    payment_id: payment.id,
    frozen_view: priced.checkout,
    updated_at: now,
  } as const
  const promotionIds = priced.pricing.discounts.map(discount => discount.promotion_id)
  const statements: [Statement, ...Statement[]] = [
    claimKey(db, request, now),
    ...updateCheckout(db, owned),
    insertPayment(db, payment),
    insertRecord(db, ids, { payment_id: payment.id, kind: 'started', amount: payment.amount }, now),
    reserveStock(db, ids, payment.id, row.lines, now),
    ...redeemPromotions(db, payment.id, promotionIds, row.customer_key ?? '', now),
  ]
  try {
    await atomic(db, statements, {
      [KEY_TAKEN]: inProgress,
      guard_version_current: changed,
      ...Object.fromEntries(PROMOTION_REFUSALS.map(name => [name, usedUp])),
      ...Object.fromEntries(STOCK_REFUSALS.map(name => [name, () => new OutOfStock()])),
    })
  } catch (error) {
    if (error instanceof OutOfStock) throw await stockProblem(deps, row)
    throw error
  }
  return payment
}

class OutOfStock extends Error {}

/** The answer with the order's token, which is derived and never stored. */
async function withToken(deps: Deps, reply: StoredReply): Promise<StoredReply> {
  const orderId = reply.body.order_id
  if (reply.status !== 200 || typeof orderId !== 'string') return reply
  return { ...reply, body: { ...reply.body, order_token: await orderToken(deps, orderId) } }
}

/** The sweep settled this attempt while the provider was slow: answer with what it made, or give the money back. */
async function afterLostRace(deps: Deps, actor: Actor, settlement: Settlement): Promise<StoredReply> {
  const [keys] = await deps.db.batch([selectKey(deps.db, actor)])
  const replay = keys[0]?.state === 'done' ? replayOf(keys[0], actor) : null
  if (replay) return withToken(deps, replay)
  await recoverAttempt(deps, settlement)
  throw new DomainError(paymentAbandoned, 'The payment came too late. What was taken is given back.')
}
