// What a payment company must be able to do for us. The key is ours: it is recorded before the call, names the
// attempt on both sides, and makes every call repeatable: the same key never charges twice. Each call gets a signal that
// aborts when its time is up: hand it to `fetch`. What the call did until then is found by looking up.

export interface Charge {
  key: string
  amount: number
  currency: string
  /** What the buyer's client got from the provider; never a card number. */
  token: string | null
  /** True: take the money at once. False: only hold it. */
  capture: boolean
}

/** What became of a charge. `awaiting`: the buyer pays later, outside. */
export type ChargeOutcome =
  | { status: 'captured' | 'authorised' | 'awaiting'; reference: string | null }
  | { status: 'declined'; reason: string }

export interface PaymentProvider {
  id: string
  /** Holds or takes the money. Throws ProviderError. */
  authorise(charge: Charge, signal: AbortSignal): Promise<ChargeOutcome>
  /** Takes what was held. Throws ProviderError. */
  capture(key: string, signal: AbortSignal): Promise<void>
  /** Lets go of what was held. Repeating it is harmless. Throws ProviderError. */
  void(key: string, signal: AbortSignal): Promise<void>
  /** Gives money back, once for each `refundKey`. Throws ProviderError. */
  refund(key: string, amount: number, refundKey: string, signal: AbortSignal): Promise<void>
  /** Says what became of the charge with our key, null when the provider never saw it. Throws ProviderError. */
  lookUp(key: string, signal: AbortSignal): Promise<ChargeOutcome | null>
}

/**
 * What a failed call of the provider means: surely nothing was charged (`not_charged`), nor can be, since it does not
 * know the token (`token_invalid`); or nobody knows (`unknown`: time-outs, lost replies).
 */
export type ProviderFailure = 'not_charged' | 'token_invalid' | 'unknown'

export class ProviderError extends Error {
  readonly outcome: ProviderFailure

  constructor(outcome: ProviderFailure, message: string) {
    super(message)
    this.name = 'ProviderError'
    this.outcome = outcome
  }
}

export type PaymentProviders = ReadonlyMap<string, PaymentProvider>

/** Registers providers by their ids. */
export const paymentProviders = (...providers: PaymentProvider[]): PaymentProviders =>
  new Map(providers.map(provider => [provider.id, provider]))
