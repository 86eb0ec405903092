// Which shipping rates a destination is offered, and what each costs before promotions.

import { type Basket, byId } from './basket.ts'
import type {
  AmountByCurrency,
  PricingInput,
  PromotionRule,
  ShippingRate,
  ShippingZone,
  ZonePlace,
} from './model.ts'

type Destination = NonNullable<PricingInput['destination']>

/** Returns the rates of the zone that names a destination most closely, in their order; none if no zone covers it. */
export function ratesFor(zones: readonly ShippingZone[], destination: Destination): ShippingRate[] {
  // Two zones that name it equally closely: the lower id, so that the order of the list has no say.
  const [closest] = zones
    .map(zone => ({
      zone,
      closeness: Math.max(0, ...zone.places.map(place => closeness(place, destination))),
    }))
    .filter(match => match.closeness > 0)
    .toSorted((a, b) => b.closeness - a.closeness || byId(a.zone, b.zone))
  return closest?.zone.rates ?? []
}

/**
 * Returns what a rate costs in minor units for a basket of which `net_subtotal` (minor units) is left to pay, or null
 * if the rate is not offered: not in this currency, too heavy, or below its first tier.
 */
export function fullPrice(
  rate: ShippingRate,
  { currency, weight_grams }: Basket,
  net_subtotal: number,
): number | null {
  const { rule } = rate
  switch (rule.kind) {
    case 'flat':
      return rule.price[currency] ?? null
    case 'by_weight': {
      if (rule.max_grams !== undefined && weight_grams > rule.max_grams) return null
      const tiers = rule.tiers.map(tier => ({ from: tier.from_grams, price: tier.price }))
      return tierPrice(tiers, weight_grams, currency)
    }
    case 'by_subtotal': {
      const tiers = rule.tiers.map(tier => ({ from: tier.from[currency], price: tier.price }))
      return tierPrice(tiers, net_subtotal, currency)
    }
  }
}

/**
 * Says whether a free-shipping promotion covers an option of `full_price`, where the cheapest one on offer costs
 * `cheapest`; both in minor units of `currency`.
 */
export const covers = (
  { max_shipping }: Extract<PromotionRule, { kind: 'free_shipping' }>,
  full_price: number,
  cheapest: number,
  currency: string,
): boolean => full_price <= (max_shipping ? (max_shipping[currency] ?? -1) : cheapest)

/** Says whether the shop ships to a country, be it to some of its regions only. */
export const shipsTo = (zones: readonly ShippingZone[], country: string): boolean =>
  ratesFor(zones, { country }).length > 0 ||
  zones.some(({ places, rates }) => rates.length > 0 && places.some(place => place.country === country))

/** A region of a country is closer than the country, a country closer than the rest of the world; 0 is no match. */
function closeness(place: ZonePlace, destination: Destination): number {
  if (place.country === '*') return 1
  if (place.country !== destination.country) return 0
  if (!place.regions) return 2
  return destination.region !== undefined && place.regions.includes(destination.region) ? 3 : 0
}

interface Tier {
  /** Undefined: the tier does not exist in the basket's currency. */
  from: number | undefined
  price: AmountByCurrency
}

/** The price of the highest tier that begins at or below a value; tiers may be listed in any order. */
function tierPrice(tiers: readonly Tier[], value: number, currency: string): number | null {
  let from = -1
  let price: AmountByCurrency = {}
  for (const tier of tiers) {
    if (tier.from === undefined || tier.from > value || tier.from <= from) continue
    from = tier.from
    price = tier.price
  }
  return price[currency] ?? null
}
