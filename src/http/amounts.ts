// Amounts in several currencies: a list of Money on the wire, one of each currency; a record within.

import type { FieldError } from '../lib/errors.ts'
import { isCurrency, type Money } from '../lib/money.ts'

/** The list as a record: minor units by currency. */
export const byCurrency = (amounts: readonly Money[]): Record<string, number> =>
  Object.fromEntries(amounts.map(({ amount, currency }) => [currency, amount]))

/** The record as a list. */
export const amountsOf = (record: Record<string, number> | undefined): Money[] =>
  Object.entries(record ?? {}).map(([currency, amount]) => ({ amount, currency }))

/** What is wrong with a list that stands at `pointer` of a body: currencies that do not exist, or stand there twice. */
export function amountProblems(amounts: readonly Money[], pointer: string): FieldError[] {
  const seen = new Set<string>()
  return amounts.flatMap(({ currency }, i): FieldError[] => {
    const at = { in: 'body' as const, pointer: `${pointer}/${i}/currency` }
    if (!isCurrency(currency))
      return [{ ...at, code: 'currency_unknown', detail: 'Not a currency of ISO 4217.' }]
    if (seen.has(currency)) return [{ ...at, code: 'duplicate', detail: 'Stands here twice.' }]
    seen.add(currency)
    return []
  })
}
