// Payments for other features: the statements they compose, and calls to providers. Those calls end in bounded time and
// never throw: what a provider does wrong is an outcome.

import type { Deps } from '../../deps.ts'
import { DomainError } from '../../lib/errors.ts'
import { paymentProviderUnknown } from './errors.ts'
import { type ChargeOutcome, type PaymentProvider, ProviderError, type ProviderFailure } from './provider.ts'
import type { Attempt } from './repository.ts'

export {
  type Attempt,
  closePending,
  endRechecks,
  insertPayment,
  insertRecord,
  PAYMENT_SETTLED,
  type PaymentRow,
  selectPayment,
  selectPaymentOf,
  setRecheck,
  takeDue,
} from './repository.ts'

/** The provider of a name. Raises `payment_provider_unknown`. */
export function providerOf(deps: Deps, id: string): PaymentProvider {
  const provider = deps.paymentProviders.get(id)
  if (provider) return provider
  const detail = `The shop takes ${[...deps.paymentProviders.keys()].join(', ')}.`
  throw new DomainError(paymentProviderUnknown, detail, {
    errors: [{ in: 'body', pointer: '/payment/provider', code: paymentProviderUnknown.code, detail }],
  })
}

/** What a charge came to, as far as it is known now. */
export type KnownOutcome = ChargeOutcome | { status: ProviderFailure }

const NOTHING_TO_PAY = { status: 'captured', reference: null } as const

/**
 * Charges under the attempt's id, and if the reply is lost asks once what became of it. Nothing to pay needs no
 * provider.
 */
export async function charge(deps: Deps, payment: Attempt, token: string | null): Promise<KnownOutcome> {
  const { id: key, amount, currency } = payment
  if (amount === 0) return NOTHING_TO_PAY
  try {
    const provider = providerOf(deps, payment.provider)
    const order = { key, amount, currency, token, capture: true }
    return await inTime(deps, signal => provider.authorise(order, signal))
  } catch (error) {
    if (error instanceof ProviderError && error.outcome !== 'unknown') return { status: error.outcome }
    warn(deps, payment, 'charge', error)
    const found = await lookUp(deps, payment)
    // "Never seen" right after a lost reply may only mean "not yet": that stays unknown, for the sweep to decide.
    return found.status === 'not_found' ? { status: 'unknown' } : found
  }
}

/** Asks what became of a charge. */
export async function lookUp(
  deps: Deps,
  payment: Attempt,
): Promise<ChargeOutcome | { status: 'not_found' } | { status: 'unknown' }> {
  if (payment.amount === 0) return NOTHING_TO_PAY
  try {
    const provider = providerOf(deps, payment.provider)
    return (await inTime(deps, signal => provider.lookUp(payment.id, signal))) ?? { status: 'not_found' }
  } catch (error) {
    warn(deps, payment, 'look-up', error)
    return { status: 'unknown' }
  }
}

/** Gives back what a charge took or held, once however often it is called. False: it has to be tried again. */
export async function giveBack(
  deps: Deps,
  payment: Attempt,
  taken: 'captured' | 'authorised',
): Promise<boolean> {
  const { id, amount } = payment
  try {
    const provider = providerOf(deps, payment.provider)
    await inTime(deps, signal =>
      taken === 'captured' ? provider.refund(id, amount, `${id}:late`, signal) : provider.void(id, signal),
    )
    return true
  } catch (error) {
    warn(deps, payment, 'give-back', error)
    return false
  }
}

/**
 * Gives a call PAYMENT_TIMEOUT_SECONDS. Then its signal aborts, and it is given up even if it does not listen to that.
 * What it does after that is found by looking up.
 */
async function inTime<T>(deps: Deps, call: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const signal = deps.timeoutSignal(deps.config.PAYMENT_TIMEOUT_SECONDS * 1000)
  const { promise: late, reject } = Promise.withResolvers<never>()
  const giveUp = () => reject(new ProviderError('unknown', 'no answer in time'))
  signal.addEventListener('abort', giveUp, { once: true })
  try {
    return await Promise.race([call(signal), late])
  } finally {
    signal.removeEventListener('abort', giveUp)
  }
}

const warn = (deps: Deps, { id, provider }: Attempt, call: string, error: unknown): void =>
  deps.log('warn', `payment ${call} failed`, {
    payment_id: id,
    provider,
    error: error instanceof Error ? error.name : 'unknown',
  })
