// Payment companies that fail on demand: plain objects with a book of their own, which tests compare with the shop's.
// A test gives one of them another `authorise` or `lookUp`, made from the good one by the functions below.

import {
  type ChargeOutcome,
  type PaymentProvider,
  ProviderError,
} from '../../src/features/payments/provider.ts'

interface Entry {
  amount: number
  state: 'captured' | 'authorised'
  refunded: number
  is_voided: boolean
}

export interface FakeProvider extends PaymentProvider {
  /** What the company thinks it took, by our key. */
  book: Map<string, Entry>
  calls: { authorise: number; lookUp: number; refund: number; void: number }
}

/** A company that works, and takes a repeated key for the same charge. Token `tok_declined` is declined. */
export function aProvider(id = 'fake'): FakeProvider {
  const book: FakeProvider['book'] = new Map()
  const refunds = new Set<string>()
  const calls = { authorise: 0, lookUp: 0, refund: 0, void: 0 }
  const outcomeOf = (key: string): ChargeOutcome | null => {
    const entry = book.get(key)
    return entry ? { status: entry.state, reference: `fake_${key}` } : null
  }
  const entryOf = (key: string): Entry => {
    const entry = book.get(key)
    if (!entry) throw new ProviderError('unknown', 'there is no such charge')
    return entry
  }
  return {
    id,
    book,
    calls,
    authorise: async ({ key, amount, token, capture }) => {
      calls.authorise += 1
      if (token === 'tok_declined') return { status: 'declined', reason: 'card_declined' }
      const state = capture ? 'captured' : 'authorised'
      if (!book.has(key)) book.set(key, { amount, state, refunded: 0, is_voided: false })
      return outcomeOf(key) ?? { status: 'declined', reason: 'lost' }
    },
    capture: async key => {
      entryOf(key).state = 'captured'
    },
    void: async key => {
      calls.void += 1
      entryOf(key).is_voided = true
    },
    refund: async (key, amount, refundKey) => {
      calls.refund += 1
      if (refunds.has(refundKey)) return
      refunds.add(refundKey)
      entryOf(key).refunded += amount
    },
    lookUp: async key => {
      calls.lookUp += 1
      return outcomeOf(key)
    },
  }
}

/** A signal for a call that may take for ever. */
export const unhurried = (): AbortSignal => new AbortController().signal

type Authorise = PaymentProvider['authorise']

/** Charges, and the reply is lost. */
export const losingReplies =
  (authorise: Authorise): Authorise =>
  async (charge, signal) => {
    await authorise(charge, signal)
    throw new ProviderError('unknown', 'the reply was lost')
  }

/** Only holds the money, whatever was asked. */
export const onlyHolding =
  (authorise: Authorise): Authorise =>
  (charge, signal) =>
    authorise({ ...charge, capture: false }, signal)

/** A request that never arrives, or a company that cannot be asked: nobody knows. */
export const noReply = async (): Promise<never> => {
  throw new ProviderError('unknown', 'no reply')
}

/** A bug in a provider's own code. */
export const crashing = async (): Promise<never> => {
  throw new TypeError('undefined is not a function')
}

/** Calls that wait: `reached` tells that one does, `open` lets all go. */
export function aGate() {
  const reached = Promise.withResolvers<void>()
  const opened = Promise.withResolvers<void>()
  const wait = () => {
    reached.resolve()
    return opened.promise
  }
  return {
    reached: reached.promise,
    open: () => opened.resolve(),
    /** The call waits before it happens. */
    before:
      <A extends unknown[], R>(call: (...args: A) => Promise<R>) =>
      async (...args: A): Promise<R> => {
        await wait()
        return call(...args)
      },
    /** The call happens, and its reply waits. */
    after:
      <A extends unknown[], R>(call: (...args: A) => Promise<R>) =>
      async (...args: A): Promise<R> => {
        const result = await call(...args)
        await wait()
        return result
      },
  }
}
