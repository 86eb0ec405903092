// The basket while it is being priced: its lines in one fixed order, with what is still to pay for each.
// The order is by id, never by position: equal remainders of a split go to the earlier line, so only an order that
// belongs to the lines themselves makes the price independent of how the caller happens to list them.

import type { AppliedDiscount, PricingInput, PricingLine } from './model.ts'

export interface OpenLine {
  line: PricingLine
  /** Where the line stands in the input, and so in the answer. */
  position: number
  /** unit_price × quantity, in minor units. */
  subtotal: number
  /** What the promotions so far left of the subtotal, in minor units. */
  remaining: number
  discounts: AppliedDiscount[]
}

export interface Basket {
  currency: string
  lines: OpenLine[]
  /** Sum of the lines before any discount, in minor units. */
  subtotal: number
  requires_shipping: boolean
  /** Of the lines that are shipped. */
  weight_grams: number
}

/** Adds up integers. */
export const sum = (amounts: readonly number[]): number => amounts.reduce((a, b) => a + b, 0)

/** Orders by id, by code unit, so that no locale has a say in a price. */
export const byId = (a: { id: string }, b: { id: string }): number => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)

/** Opens a basket for pricing: nothing is taken off yet. */
export function openBasket(input: PricingInput): Basket {
  const lines = input.lines
    .map((line, position) => {
      const subtotal = line.unit_price * line.quantity
      return { line, position, subtotal, remaining: subtotal, discounts: [] }
    })
    .toSorted((a, b) => byId(a.line, b.line))
  const shipped = input.lines.filter(line => line.requires_shipping)
  return {
    currency: input.currency,
    lines,
    subtotal: sum(lines.map(open => open.subtotal)),
    requires_shipping: shipped.length > 0,
    weight_grams: sum(shipped.map(line => line.weight_grams * line.quantity)),
  }
}
