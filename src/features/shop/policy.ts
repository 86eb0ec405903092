// What the shop's settings allow.

import { DomainError, type FieldError } from '../../lib/errors.ts'
import { currencyNotOffered } from './errors.ts'

/** Raises `currency_not_offered` when a currency was asked for that the shop does not sell in. */
export function refuseCurrency(
  currencies: string[],
  asked: string | undefined,
  place: FieldError['in'],
): void {
  if (asked === undefined || currencies.includes(asked)) return
  const detail = `The shop sells in ${currencies.join(', ')}.`
  throw new DomainError(currencyNotOffered, detail, {
    errors: [{ in: place, pointer: '/currency', code: currencyNotOffered.code, detail }],
  })
}
