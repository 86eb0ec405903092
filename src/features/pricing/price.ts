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
} from './model.ts'
import { bestSet, type PromotionSet, promotionSets, refusal } from './promotions.ts'
import { fullPrice, ratesFor } from './shipping.ts'
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

  const sets = promotionSets(eligible, basket)
  const offers = shippingOffers(input, basket, sets)
  const chosen = offers.find(({ option }) => option.id === input.shipping_option_id)
  const set = chosen?.set ?? bestSet(sets, () => 0)
  const shipping = chosen?.option ?? null
  const shipping_price = shipping?.price ?? 0

  const taxes = taxesOn(input, set.lines, shipping_price)
  const tax = sum(taxes.tax_lines.map(({ amount }) => amount))
  const discounts = appliedDiscounts(set, shipping)
  return {
    lines: pricedLines(set, taxes, input.prices_include_tax),
    discounts,
    codes: input.discount_codes.map(code => {
      const match = judged.find(({ promotion }) => promotion.code === code)
      if (!match) return { code, applied: false, reason: 'code_unknown' }
      const reason = match.reason ?? unappliedReason(match.promotion, set, discounts, shipping)
      return reason === null ? { code, applied: true } : { code, applied: false, reason }
    }),
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
}

/**
 * Which promotions win may depend on the option, and an option's price on what they leave of the lines. So each option
 * is offered with the promotions that win if it is chosen: the price shown is the price then charged.
 */
function shippingOffers(input: PricingInput, basket: Basket, sets: readonly PromotionSet[]): Offer[] {
  if (input.destination === null || !basket.requires_shipping) return []
  return ratesFor(input.shipping_zones, input.destination).flatMap(rate => {
    const set = bestSet(sets, ({ net_subtotal }) => fullPrice(rate, basket, net_subtotal) ?? 0)
    const full_price = fullPrice(rate, basket, set.net_subtotal)
    if (full_price === null) return []
    const { id, title, eta_days } = rate
    return [{ option: { id, title, price: set.free_shipping ? 0 : full_price, full_price, eta_days }, set }]
  })
}

/** Each promotion that took something off, with its whole amount, in the order in which they applied. */
function appliedDiscounts(set: PromotionSet, shipping: ShippingOption | null): AppliedDiscount[] {
  const amounts = new Map<string, number>()
  const add = (id: string, amount: number) => amounts.set(id, (amounts.get(id) ?? 0) + amount)
  for (const { promotion_id, amount } of set.lines.flatMap(open => open.discounts)) add(promotion_id, amount)
  if (set.free_shipping && shipping) add(set.free_shipping.id, shipping.full_price - shipping.price)
  return set.promotions
    .map(({ id, title, code }) => ({ promotion_id: id, title, code, amount: amounts.get(id) ?? 0 }))
    .filter(({ amount }) => amount > 0)
}

/** Why an eligible promotion took nothing off, or null if it did or, for free shipping, will on any option. */
function unappliedReason(
  promotion: Promotion,
  set: PromotionSet,
  discounts: readonly AppliedDiscount[],
  shipping: ShippingOption | null,
): CodeRefusal | null {
  if (!set.promotions.includes(promotion)) return 'code_not_combinable'
  if (discounts.some(({ promotion_id }) => promotion_id === promotion.id)) return null
  return promotion === set.free_shipping && shipping === null ? null : 'code_no_matching_items'
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
