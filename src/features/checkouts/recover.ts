// Finishing what was interrupted. A pending attempt that nobody works on any more is asked after at its provider, by
// our key, and then becomes an order or is given up; never is it charged a second time. Everything here may run
// twice and in parallel: the payment's state lets only one settle it.

import { atomic } from '../../db/atomic.ts'
import type { Deps } from '../../deps.ts'
import { audit } from '../audit/statements.ts'
import { emitEvent } from '../events/statements.ts'
import {
  insertRecord,
  lookUp,
  type PaymentRow,
  selectPayment,
  selectRechecks,
  selectStale,
  setRecheck,
} from '../payments/service.ts'
import { AlreadySettled, commitOrder, releaseAttempt, type Settlement } from './settle.ts'

/** Attempts looked at in one sweep: the next one, a minute later, takes the rest. */
const SWEEP_LIMIT = 50
/** When an abandoned attempt is asked after again, from its start: late money is found within a day or never. */
const RETRY_MS = 60_000
const RECHECKS_MS = [10, 60, 6 * 60, 24 * 60].map(minutes => minutes * 60_000)

/** Says whether an attempt is old enough that nobody can still be working on it. */
export const isStale = (deps: Deps, payment: PaymentRow): boolean =>
  payment.status === 'pending' &&
  deps.clock() - payment.created_at >= deps.config.COMPLETION_STALE_SECONDS * 1000

/** Settles an interrupted attempt by what its provider says. False: the provider cannot be asked, it stays as it is. */
export async function recoverAttempt(deps: Deps, settlement: Settlement): Promise<boolean> {
  const { db } = deps
  const [payment] = await selectPayment(db, settlement.payment.id)
  const provider = deps.paymentProviders.get(settlement.payment.provider)
  if (!payment || !provider) return false
  if (payment.status === 'abandoned') await giveBackLate(deps, payment, settlement)
  if (payment.status !== 'pending') return true

  const current = { ...settlement, payment }
  const outcome =
    payment.amount === 0
      ? ({ status: 'captured', reference: null } as const)
      : await lookUp(deps, provider, payment.id)
  try {
    switch (outcome.status) {
      case 'unknown':
        return false
      case 'not_found':
        await releaseAttempt(deps, current, { kind: 'abandoned', reason: 'no_charge_found' })
        break
      case 'declined':
        await releaseAttempt(deps, current, { kind: 'declined', reason: outcome.reason })
        break
      default:
        await commitOrder(deps, current, outcome)
    }
  } catch (error) {
    if (!(error instanceof AlreadySettled)) throw error
  }
  return true
}

/**
 * An abandoned attempt is asked after again: its stock is gone to others, so money that came after all goes back.
 * The refund carries a key of its own, and the records are written before the next look, so it happens once.
 */
async function giveBackLate(deps: Deps, payment: PaymentRow, { by, request_id }: Settlement): Promise<void> {
  const { db, ids, clock } = deps
  const provider = deps.paymentProviders.get(payment.provider)
  if (!provider) return
  const now = clock()
  const outcome = await lookUp(deps, provider, payment.id)
  if (outcome.status !== 'captured' && outcome.status !== 'authorised') {
    const next = RECHECKS_MS.find(delay => payment.created_at + delay > now)
    const again =
      outcome.status === 'unknown' ? now + RETRY_MS : next === undefined ? null : payment.created_at + next
    await setRecheck(db, payment.id, again)
    return
  }
  const { amount, currency, checkout_id } = payment
  if (outcome.status === 'captured') await provider.refund(payment.id, amount, `${payment.id}:late`)
  else await provider.void(payment.id)
  const [came, went] =
    outcome.status === 'captured' ? (['captured', 'refunded'] as const) : (['authorised', 'voided'] as const)
  const facts = { checkout_id, amount, currency, how: went }
  const record = { payment_id: payment.id, amount, provider_reference: outcome.reference, reason: 'late' }
  await atomic(
    db,
    [
      insertRecord(db, ids, { ...record, kind: came }, now),
      insertRecord(db, ids, { ...record, kind: went }, now),
      setRecheck(db, payment.id, null),
      emitEvent(db, ids, 'payment.refunded_late', payment.id, facts, now),
      audit(
        db,
        ids,
        { actor: by, action: 'payment.refunded_late', object_id: payment.id, request_id, changes: facts },
        now,
      ),
    ],
    // A second look at the same time recorded it first: more than the amount can neither come nor go.
    { payment_amounts_in_order: () => new AlreadySettled() },
  )
}

/** Finishes every stale attempt and asks after abandoned ones. One failure does not stop the others. */
export async function sweepAttempts(deps: Deps): Promise<{ settled: number; rechecked: number }> {
  const { db, clock } = deps
  const now = clock()
  const stale = await selectStale(db, now - deps.config.COMPLETION_STALE_SECONDS * 1000, SWEEP_LIMIT)
  const rechecks = await selectRechecks(db, now, SWEEP_LIMIT)
  for (const payment of [...stale, ...rechecks]) {
    try {
      await recoverAttempt(deps, { payment, by: 'system:sweep', request_id: 'sweep' })
    } catch (error) {
      if (error instanceof AlreadySettled) continue
      deps.log('error', 'sweep could not settle a payment', {
        payment_id: payment.id,
        error: error instanceof Error ? error.name : 'unknown',
      })
    }
  }
  return { settled: stale.length, rechecked: rechecks.length }
}
