// Payments for other features: the statements they compose, and calls to providers. Those calls end in bounded time and
// never throw: what a provider does wrong is an outcome.

import type { Deps } from '../../deps.ts'
import { DomainError } from '../../lib/errors.ts'
import { paymentProviderUnknown } from './errors.ts'
import { type ChargeOutcome, type PaymentProvider, ProviderError } from './provider.ts'
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

/** How long one call may take. A charge and its look-up end well before the attempt counts as stale, by default. */
export const PROVIDER_TIMEOUT_MS = 20_000

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
export type KnownOutcome = ChargeOutcome | { status: 'not_charged' } | { status: 'unknown' }

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
    return await inTime(provider.authorise({ key, amount, currency, token, capture: true }))
  } catch (error) {
    if (error instanceof ProviderError && error.outcome === 'not_charged') return { status: 'not_charged' }
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
    return (await inTime(providerOf(deps, payment.provider).lookUp(payment.id))) ?? { status: 'not_found' }
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
    await inTime(taken === 'captured' ? provider.refund(id, amount, `${id}:late`) : provider.void(id))
    return true
  } catch (error) {
    warn(deps, payment, 'give-back', error)
    return false
  }
}

/** Gives a call up after a while. What it does after that is found by looking up. */
async function inTime<T>(call: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const timeout = new Promise<never>((_, reject) => {
    const late = () => reject(new ProviderError('unknown', 'no answer in time'))
    timer = setTimeout(late, PROVIDER_TIMEOUT_MS)
  })
  try {
    return await Promise.race([call, timeout])
  } finally {
    clearTimeout(timer)
  }
}

const warn = (deps: Deps, { id, provider }: Attempt, call: string, error: unknown): void =>
  deps.log('warn', `payment ${call} failed`, {
    payment_id: id,
    provider,
    error: error instanceof Error ? error.name : 'unknown',
  })
