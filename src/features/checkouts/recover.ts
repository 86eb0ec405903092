// Finishing what was interrupted. A pending attempt that nobody works on any more is asked after at its provider, by
// our key, and then becomes an order or is given up; never is it charged a second time. Everything here may run
// twice and in parallel: the payment's state lets only one settle it.

import { atomic } from '../../db/atomic.ts'
import type { Deps } from '../../deps.ts'
import { describe } from '../../lib/errors.ts'
import { audit } from '../audit/statements.ts'
import { emitEvent } from '../events/statements.ts'
import {
  endRechecks,
  giveBack,
  insertRecord,
  lookUp,
  type PaymentRow,
  selectPayment,
  setRecheck,
  takeDue,
} from '../payments/service.ts'
import { AlreadySettled, commitOrder, releaseAttempt, type Settlement } from './settle.ts'

/** Attempts settled side by side: Workers open six connections at a time, and a queued call must not seem late. */
const SIDE_BY_SIDE = 5
/** Rounds of a sweep; the next one, a minute later, takes the rest. */
const MAX_ROUNDS = 100
/** When an abandoned attempt is asked after again, from its start: late money is found within a day or never. */
const RECHECKS_MS = [10, 60, 6 * 60, 24 * 60].map(minutes => minutes * 60_000)

/** How long an attempt may be worked on by the request that started it, or by the sweep that took it, in milliseconds. */
export const staleAfterMs = ({ config }: Pick<Deps, 'config'>): number =>
  config.COMPLETION_STALE_SECONDS * 1000

/** Says whether an attempt is old enough that nobody can still be working on it. */
export const isStale = (deps: Deps, payment: PaymentRow): boolean =>
  payment.status === 'pending' && deps.clock() - payment.created_at >= staleAfterMs(deps)

/**
 * Settles an interrupted attempt by what its provider says, and gives money back that came after it was given up.
 * False: the provider cannot be asked, the attempt stays as it is.
 */
export async function recoverAttempt(deps: Deps, settlement: Settlement): Promise<boolean> {
  const [payment] = await selectPayment(deps.db, settlement.payment.id)
  if (!payment) return false
  try {
    if (payment.status === 'pending') return await settlePending(deps, payment, settlement)
    if (payment.status === 'abandoned' && payment.recheck_at !== null)
      await giveBackLate(deps, payment, settlement)
  } catch (error) {
    if (!(error instanceof AlreadySettled)) throw error
  }
  return true
}

async function settlePending(deps: Deps, payment: PaymentRow, by: Settlement): Promise<boolean> {
  const settlement = { ...by, payment }
  const outcome = await lookUp(deps, payment)
  switch (outcome.status) {
    case 'unknown':
      return false
    case 'not_found':
      await releaseAttempt(deps, settlement, { kind: 'abandoned', reason: 'no_charge_found' })
      return true
    case 'declined':
      await releaseAttempt(deps, settlement, { kind: 'declined', reason: outcome.reason })
      return true
    default:
      await commitOrder(deps, settlement, outcome)
      return true
  }
}

/**
 * An abandoned attempt is asked after again: its stock is gone to others, so money that came after all goes back.
 * The refund carries a key of its own, and the records are written before the next look, so it happens once.
 */
async function giveBackLate(deps: Deps, payment: PaymentRow, { by, request_id }: Settlement): Promise<void> {
  const { db, ids, clock } = deps
  const now = clock()
  const outcome = await lookUp(deps, payment)
  if (outcome.status === 'unknown') return
  if (outcome.status !== 'captured' && outcome.status !== 'authorised') {
    await setRecheck(db, payment, nextRecheck(payment, now))
    return
  }
  if (!(await giveBack(deps, payment, outcome.status))) return
  const { amount, currency, checkout_id } = payment
  const went = outcome.status === 'captured' ? 'refunded' : 'voided'
  const facts = { checkout_id, amount, currency, how: went }
  const record = { payment_id: payment.id, amount, provider_reference: outcome.reference, reason: 'late' }
  await atomic(
    db,
    [
      insertRecord(db, ids, { ...record, kind: outcome.status }, now),
      insertRecord(db, ids, { ...record, kind: went }, now),
      endRechecks(db, payment.id),
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

function nextRecheck({ created_at }: PaymentRow, now: number): number | null {
  const delay = RECHECKS_MS.find(candidate => created_at + candidate > now)
  return delay === undefined ? null : created_at + delay
}

/** Asks after every attempt that is due, and settles it. One failure does not stop the others. */
export async function sweepAttempts(deps: Deps): Promise<{ attempts: number }> {
  let attempts = 0
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const now = deps.clock()
    const due = await takeDue(deps.db, now, now + staleAfterMs(deps), SIDE_BY_SIDE)
    await Promise.all(due.map(payment => sweepAttempt(deps, payment)))
    attempts += due.length
    if (due.length < SIDE_BY_SIDE) break
  }
  return { attempts }
}

async function sweepAttempt(deps: Deps, payment: PaymentRow): Promise<void> {
  try {
    await recoverAttempt(deps, { payment, by: 'system:sweep', request_id: 'sweep' })
  } catch (error) {
    deps.log('error', 'sweep could not settle a payment', { payment_id: payment.id, error: describe(error) })
  }
}
