// What must hold of every price (INV-MONEY), checked on the answer alone. Returns the names of what is broken, so that
// a failing property says which promise it is about.

import type { Pricing, PricingInput } from '../../../src/features/pricing/model.ts'

const sum = (amounts: number[]) => amounts.reduce((a, b) => a + b, 0)

/** Lists the promises that a pricing breaks; empty for a good one. */
export function brokenPromises(input: PricingInput, pricing: Pricing): string[] {
  const { lines, totals, discounts, displaced, shipping, tax_lines, shipping_tax, codes } = pricing
  const onTop = (tax: number) => (input.prices_include_tax ? 0 : tax)
  const takenOffShipping = shipping ? shipping.full_price - shipping.price : 0
  const parts = lines.flatMap(line => line.discounts)

  const promises: Record<string, boolean> = {
    'every amount is a non-negative safe integer': everyAmount(pricing).every(
      amount => Number.isSafeInteger(amount) && amount >= 0,
    ),
    'the lines are those asked for, in their order':
      lines.map(line => line.id).join() === input.lines.map(line => line.id).join(),
    'a line costs unit price × quantity': lines.every(
      (line, index) =>
        line.subtotal === (input.lines[index]?.unit_price ?? 0) * (input.lines[index]?.quantity ?? 0),
    ),
    "a line's discount is the sum of its parts": lines.every(
      line => line.discount === sum(line.discounts.map(part => part.amount)),
    ),
    "a line's discount is at most its subtotal": lines.every(line => line.discount <= line.subtotal),
    "a line's total is its subtotal − discount + tax on top": lines.every(
      line => line.total === line.subtotal - line.discount + onTop(line.tax),
    ),
    'the subtotal is the sum of the lines': totals.subtotal === sum(lines.map(line => line.subtotal)),
    'the discount is the sum of the lines': totals.discount === sum(lines.map(line => line.discount)),
    'the promotions take off what the lines and shipping lose':
      sum(discounts.map(discount => discount.amount)) === totals.discount + takenOffShipping,
    'each promotion takes off what it took off lines, and free shipping the rest': discounts.every(
      discount =>
        discount.amount ===
        sum(parts.filter(part => part.promotion_id === discount.promotion_id).map(part => part.amount)) +
          (isFreeShipping(input, discount.promotion_id) ? takenOffShipping : 0),
    ),
    'each discount says what it is taken off, and those of shipping are what shipping loses':
      parts.every(part => part.target === 'line') &&
      discounts.every(
        ({ promotion_id, target }) => target === (isFreeShipping(input, promotion_id) ? 'shipping' : 'line'),
      ) &&
      sum(discounts.filter(({ target }) => target === 'shipping').map(({ amount }) => amount)) ===
        takenOffShipping,
    'only an automatic promotion that takes nothing off is displaced, and only by a code': displaced.every(
      ({ promotion_id }) =>
        input.discount_codes.length > 0 &&
        input.promotions.find(each => each.id === promotion_id)?.code === null &&
        !discounts.some(discount => discount.promotion_id === promotion_id),
    ),
    'no promotion is listed twice, or for nothing':
      new Set(discounts.map(discount => discount.promotion_id)).size === discounts.length &&
      [...discounts, ...parts].every(part => part.amount > 0),
    'the tax is the sum of the lines and shipping':
      totals.tax === sum(lines.map(line => line.tax)) + shipping_tax,
    'the tax is the sum of the tax lines': totals.tax === sum(tax_lines.map(tax_line => tax_line.amount)),
    'each tax is listed once':
      new Set(tax_lines.map(tax_line => `${tax_line.name} ${tax_line.rate_ppm}`)).size === tax_lines.length,
    'no tax is contained beyond what contains it':
      !input.prices_include_tax ||
      (lines.every(line => line.tax <= line.total) && shipping_tax <= totals.shipping),
    'what is not taxable bears no tax': lines.every(
      (line, index) => input.lines[index]?.taxable || line.tax === 0,
    ),
    'without a destination there is no tax and no shipping':
      input.destination !== null || (totals.tax === 0 && pricing.shipping_options.length === 0),
    'the chosen option is on offer, and is the one asked for':
      shipping === null ||
      (shipping.id === input.shipping_option_id && pricing.shipping_options.includes(shipping)),
    'an option on offer that is asked for is chosen':
      shipping !== null || !pricing.shipping_options.some(option => option.id === input.shipping_option_id),
    'shipping costs what the chosen option costs': totals.shipping === (shipping?.price ?? 0),
    'an option costs its full price or nothing': pricing.shipping_options.every(
      option => option.price === option.full_price || option.price === 0,
    ),
    'the total is the sum of its parts':
      totals.total === totals.subtotal - totals.discount + totals.shipping + onTop(totals.tax),
    'the total is the sum of lines and shipping':
      totals.total === sum(lines.map(line => line.total)) + totals.shipping + onTop(shipping_tax),
    'every code is answered, in order':
      codes.map(code => code.code).join() === input.discount_codes.join() &&
      codes.every(code => code.applied === (code.reason === undefined)),
    'a code that took something off is applied, and no other code is, but for free shipping to come':
      codes.every(({ code, applied }) => {
        const promotion = input.promotions.find(each => each.code === code)
        const tookOff = discounts.some(discount => discount.promotion_id === promotion?.id)
        const toCome = promotion?.rule.kind === 'free_shipping' && shipping === null
        return tookOff ? applied : !applied || toCome
      }),
  }
  return Object.keys(promises).filter(name => !promises[name])
}

const isFreeShipping = (input: PricingInput, promotion_id: string) =>
  input.promotions.find(promotion => promotion.id === promotion_id)?.rule.kind === 'free_shipping'

const everyAmount = ({ lines, totals, discounts, shipping_options, tax_lines, shipping_tax }: Pricing) => [
  ...lines.flatMap(line => [line.subtotal, line.discount, line.tax, line.total]),
  ...lines.flatMap(line => line.discounts.map(part => part.amount)),
  ...discounts.map(discount => discount.amount),
  ...shipping_options.flatMap(option => [option.price, option.full_price]),
  ...tax_lines.map(tax_line => tax_line.amount),
  totals.subtotal,
  totals.discount,
  totals.shipping,
  totals.tax,
  totals.total,
  shipping_tax,
]
