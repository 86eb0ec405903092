// What the shop's settings allow.

import { isCountry } from '../../lib/address.ts'
import { DomainError, type FieldError } from '../../lib/errors.ts'
import type { ShippingZone } from '../pricing/model.ts'
import { shipsTo } from '../pricing/shipping.ts'
import { countryNotOffered, currencyNotOffered } from './errors.ts'

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

/**
 * Raises `country_not_offered` when a basket was asked for in a country that does not exist, or that the shop does not
 * ship to. The latter is allowed when nothing in the basket needs shipping, or the shop ships nowhere at all.
 */
export function refuseCountry(
  zones: readonly ShippingZone[],
  asked: string | undefined,
  needsNoShipping: boolean,
): void {
  if (asked === undefined) return
  const isKnown = isCountry(asked)
  const isServed = needsNoShipping || shipsTo(zones, asked) || zones.every(({ rates }) => rates.length === 0)
  if (isKnown && isServed) return
  const detail = isKnown
    ? `The shop does not ship to ${asked}.`
    : `"${asked}" is not an ISO 3166-1 alpha-2 country code.`
  throw new DomainError(countryNotOffered, detail, {
    errors: [{ in: 'body', pointer: '/country', code: countryNotOffered.code, detail }],
  })
}
