// What a payment company must be able to do for us. The key is ours: it is recorded before the call, names the
// attempt on both sides, and makes every call repeatable: the same key never charges twice.

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
  authorise(charge: Charge): Promise<ChargeOutcome>
  /** Takes what was held. Throws ProviderError. */
  capture(key: string): Promise<void>
  /** Lets go of what was held. Repeating it is harmless. Throws ProviderError. */
  void(key: string): Promise<void>
  /** Gives money back, once for each `refundKey`. Throws ProviderError. */
  refund(key: string, amount: number, refundKey: string): Promise<void>
  /** Says what became of the charge with our key, null when the provider never saw it. Throws ProviderError. */
  lookUp(key: string): Promise<ChargeOutcome | null>
}

/** The provider failed: surely without charging (`not_charged`), or nobody knows (`unknown`: time-outs, lost replies). */
export class ProviderError extends Error {
  readonly outcome: 'not_charged' | 'unknown'

  constructor(outcome: 'not_charged' | 'unknown', message: string) {
    super(message)
    this.name = 'ProviderError'
    this.outcome = outcome
  }
}

export type PaymentProviders = ReadonlyMap<string, PaymentProvider>

/** Registers providers by their ids. */
export const paymentProviders = (...providers: PaymentProvider[]): PaymentProviders =>
  new Map(providers.map(provider => [provider.id, provider]))
