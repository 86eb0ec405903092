// Payments for other features: the statements they compose, and calls to providers with a bound on time.

import type { Deps } from '../../deps.ts'
import { DomainError } from '../../lib/errors.ts'
import { paymentProviderUnknown } from './errors.ts'
import { type Charge, type ChargeOutcome, type PaymentProvider, ProviderError } from './provider.ts'

export {
  type Attempt,
  closePayment,
  insertPayment,
  insertRecord,
  PAYMENT_SETTLED,
  type PaymentRow,
  selectPayment,
  selectPaymentOf,
  selectRechecks,
  selectStale,
  setRecheck,
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
export type KnownOutcome = ChargeOutcome | { status: 'not_charged' } | { status: 'unknown' }

/**
 * Charges, and if the reply is lost asks once what became of it: under our key that is safe. Nothing to pay needs no
 * provider. Never throws: what a provider does wrong is an outcome.
 */
export async function charge(deps: Deps, provider: PaymentProvider, order: Charge): Promise<KnownOutcome> {
  if (order.amount === 0) return { status: 'captured', reference: null }
  try {
    return await provider.authorise(order)
  } catch (error) {
    if (error instanceof ProviderError && error.outcome === 'not_charged') return { status: 'not_charged' }
    const found = await lookUp(deps, provider, order.key)
    // "Never seen" right after a lost reply may only mean "not yet": that stays unknown, for the sweep to decide.
    return found.status === 'not_found' ? { status: 'unknown' } : found
  }
}

/** Asks what became of a charge. Never throws. */
export async function lookUp(
  deps: Deps,
  provider: PaymentProvider,
  key: string,
): Promise<ChargeOutcome | { status: 'not_found' } | { status: 'unknown' }> {
  try {
    return (await provider.lookUp(key)) ?? { status: 'not_found' }
  } catch (error) {
    deps.log('warn', 'payment look-up failed', {
      provider: provider.id,
      error: error instanceof Error ? error.name : 'unknown',
    })
    return { status: 'unknown' }
  }
}
