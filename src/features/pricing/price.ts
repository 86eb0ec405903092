// The price of a basket, whole: promotions, shipping and tax, with every amount allocated to lines. One pure function
// whose result storefront, carts, checkouts and agents' protocols all show; nothing else computes money.
// The rules and their reasons: docs/decisions/0004-pricing.md.

import { type Basket, openBasket, sum } from './basket.ts'
import type {
  AppliedDiscount,
  CodeRefusal,
  PricedLine,
  Pricing,
  PricingInput,
  Promotion,
  ShippingOption,
  ShippingRate,
} from './model.ts'
import {
  bestSet,
  type FreeShipping,
  isFreeShipping,
  type PromotionSet,
  promotionSets,
  refusal,
} from './promotions.ts'
import { covers, fullPrice, ratesFor } from './shipping.ts'
import { type Taxes, taxesOn } from './taxes.ts'

/**
 * Prices a basket in minor units of its currency (INV-MONEY). Expects non-negative integers and unique ids; the result
 * does not depend on the order of lines, promotions, zones or tax rates, and it never throws. It is exact while all
 * sums stay below 2^53: the caller refuses a total above MAX_AMOUNT.
 */
export function price(input: PricingInput): Pricing {
  const basket = openBasket(input)
  const judged = input.promotions
    .filter(({ code }) => code === null || input.discount_codes.includes(code))
    .map(promotion => ({ promotion, reason: refusal(promotion, basket, input.now) }))
  const eligible = judged.filter(({ reason }) => reason === null).map(({ promotion }) => promotion)

  const outcome = outcomeOf(input, basket, eligible)
  const { set, offers } = outcome
  const shipping = outcome.chosen?.option ?? null
  const shipping_price = shipping?.price ?? 0

  const taxes = taxesOn(input, set.lines, shipping_price)
  const tax = sum(taxes.tax_lines.map(({ amount }) => amount))
  const discounts = appliedDiscounts(outcome)
  return {
    lines: pricedLines(set, taxes, input.prices_include_tax),
    discounts,
    codes: input.discount_codes.map(code => {
      const match = judged.find(({ promotion }) => promotion.code === code)
      if (!match) return { code, applied: false, reason: 'code_unknown' }
      const reason = match.reason ?? unappliedReason(match.promotion, outcome, discounts)
      return reason === null ? { code, applied: true } : { code, applied: false, reason }
    }),
    displaced: displacedByCodes(input, basket, eligible, set),
    shipping_options: offers.map(({ option }) => option),
    requires_shipping: basket.requires_shipping,
    shipping,
    shipping_tax: taxes.shipping,
    tax_lines: taxes.tax_lines,
    totals: {
      subtotal: basket.subtotal,
      discount: set.discount,
      shipping: shipping_price,
      tax,
      tax_included: input.prices_include_tax,
      total: set.net_subtotal + shipping_price + (input.prices_include_tax ? 0 : tax),
    },
  }
}

interface Offer {
  option: ShippingOption
  /** The promotions that apply once the option is chosen. */
  set: PromotionSet
  /** The one of them that takes the option's price off. */
  free_by: FreeShipping | null
}

interface Outcome {
  /** The promotions that apply. */
  set: PromotionSet
  offers: Offer[]
  chosen: Offer | null
}

/** Decides which of the promotions that may apply do, and what shipping costs with them. */
function outcomeOf(input: PricingInput, basket: Basket, eligible: readonly Promotion[]): Outcome {
  const sets = promotionSets(eligible, basket)
  const offers = shippingOffers(input, basket, sets)
  const chosen = offers.find(({ option }) => option.id === input.shipping_option_id) ?? null
  return { set: chosen?.set ?? bestSet(sets, () => 0), offers, chosen }
}

/**
 * Which promotions win may depend on the option, and an option's price on what they leave of the lines. So each option
 * is offered with the promotions that win if it is chosen: the price shown is the price then charged.
 */
function shippingOffers(input: PricingInput, basket: Basket, sets: readonly PromotionSet[]): Offer[] {
  if (input.destination === null || !basket.requires_shipping) return []
  const rates = ratesFor(input.shipping_zones, input.destination)
  const costs = new Map(sets.map(set => [set, costsWith(set, rates, basket)]))
  return rates.flatMap((rate, index) => {
    const costWith = (set: PromotionSet) => costs.get(set)?.[index]
    const set = bestSet(sets, candidate => {
      const cost = costWith(candidate)
      return cost?.free_by ? cost.full_price : 0
    })
    const cost = costWith(set)
    if (!cost) return []
    const { full_price, free_by } = cost
    const { id, title, eta_days } = rate
    return [{ option: { id, title, price: free_by ? 0 : full_price, full_price, eta_days }, set, free_by }]
  })
}

/** What each rate costs with a set of promotions, and which of them makes it free; null where it is not offered. */
function costsWith(
  { net_subtotal, free_shipping }: PromotionSet,
  rates: readonly ShippingRate[],
  basket: Basket,
): ((Pick<Offer, 'free_by'> & { full_price: number }) | null)[] {
  const prices = rates.map(rate => fullPrice(rate, basket, net_subtotal))
  const cheapest = Math.min(...prices.filter(amount => amount !== null))
  return prices.map(full_price => {
    if (full_price === null) return null
    const covering = free_shipping.find(({ rule }) => covers(rule, full_price, cheapest, basket.currency))
    // What costs nothing anyway is nobody's gift.
    return { full_price, free_by: full_price > 0 && covering ? covering : null }
  })
}

/** Each promotion that took something off, with its whole amount, in the order in which they applied. */
function appliedDiscounts({ set, chosen }: Outcome): AppliedDiscount[] {
  const amounts = new Map<string, number>()
  const add = (id: string, amount: number) => amounts.set(id, (amounts.get(id) ?? 0) + amount)
  for (const { promotion_id, amount } of set.lines.flatMap(open => open.discounts)) add(promotion_id, amount)
  if (chosen?.free_by) add(chosen.free_by.id, chosen.option.full_price)
  return set.promotions
    .map(promotion => ({
      promotion_id: promotion.id,
      title: promotion.title,
      code: promotion.code,
      target: isFreeShipping(promotion) ? ('shipping' as const) : ('line' as const),
      amount: amounts.get(promotion.id) ?? 0,
    }))
    .filter(({ amount }) => amount > 0)
}

/** Why an eligible promotion took nothing off, or null if it did or, for free shipping, can on an option yet to be chosen. */
function unappliedReason(
  promotion: Promotion,
  { set, offers, chosen }: Outcome,
  discounts: readonly AppliedDiscount[],
): CodeRefusal | null {
  if (!set.promotions.includes(promotion)) return 'code_not_combinable'
  if (discounts.some(({ promotion_id }) => promotion_id === promotion.id)) return null
  if (!isFreeShipping(promotion)) return 'code_no_matching_items'
  const canCome =
    offers.length === 0
      ? promotion === set.free_shipping[0]
      : offers.some(offer => offer.free_by === promotion)
  if (chosen === null && canCome) return null
  const candidates = chosen ? [chosen] : offers
  return candidates.some(({ option }) => option.price > 0)
    ? 'code_not_for_shipping_option'
    : 'code_no_matching_items'
}

/** The automatic promotions that would take something off had no code been given, and now do not apply. */
function displacedByCodes(
  input: PricingInput,
  basket: Basket,
  eligible: readonly Promotion[],
  set: PromotionSet,
): Pricing['displaced'] {
  const automatic = eligible.filter(({ code }) => code === null)
  if (automatic.every(promotion => set.promotions.includes(promotion))) return []
  if (set.promotions.every(({ code }) => code === null)) return []
  const without = outcomeOf(input, basket, automatic)
  const effective = new Set(appliedDiscounts(without).map(({ promotion_id }) => promotion_id))
  return without.set.promotions
    .filter(promotion => !set.promotions.includes(promotion))
    .filter(
      promotion => effective.has(promotion.id) || (isFreeShipping(promotion) && without.chosen === null),
    )
    .map(({ id, title }) => ({ promotion_id: id, title }))
}

/** The lines as the buyer sees them, in the order in which they came. */
function pricedLines(set: PromotionSet, taxes: Taxes, tax_included: boolean): PricedLine[] {
  return set.lines
    .map((open, index) => ({ open, tax: taxes.lines[index] ?? 0 }))
    .toSorted((a, b) => a.open.position - b.open.position)
    .map(({ open: { line, subtotal, remaining, discounts }, tax }) => ({
      id: line.id,
      subtotal,
      discounts,
      discount: subtotal - remaining,
      tax,
      total: remaining + (tax_included ? 0 : tax),
    }))
}
