// Which promotions may apply to a basket, and which of them do. All combinable ones apply together, by priority, each
// on what the earlier left; or a single non-combinable one applies alone, if it takes off more.

import { type Basket, byId, type OpenLine, sum } from './basket.ts'
import { applyPromotion, discountAmount } from './discounts.ts'
import type { CodeRefusal, Promotion, PromotionRule } from './model.ts'
import { inScope } from './scope.ts'

/** Promotions that apply together, and what they leave of the lines. */
export interface PromotionSet {
  /** In the order in which they apply. */
  promotions: Promotion[]
  lines: OpenLine[]
  /** Taken off the lines, in minor units. */
  discount: number
  /** What is left of all lines, in minor units. */
  net_subtotal: number
  /** Those of them that make shipping free, in the same order; the first that covers an option takes its price off. */
  free_shipping: FreeShipping[]
}

/** A promotion that makes shipping free. */
export type FreeShipping = Promotion & { rule: Extract<PromotionRule, { kind: 'free_shipping' }> }

export const isFreeShipping = (promotion: Promotion): promotion is FreeShipping =>
  promotion.rule.kind === 'free_shipping'

/** Says why a promotion cannot take anything off a basket at `now` (epoch milliseconds), or null when it can. */
export function refusal(promotion: Promotion, basket: Basket, now: number): CodeRefusal | null {
  const { rule, usage_limit, usage_limit_per_customer } = promotion
  if (rule.starts_at !== undefined && now < rule.starts_at) return 'code_not_started'
  if (rule.ends_at !== undefined && now >= rule.ends_at) return 'code_expired'
  if (usage_limit !== null && promotion.redeemed >= usage_limit) return 'code_used_up'
  if (usage_limit_per_customer !== null && promotion.redeemed_by_customer >= usage_limit_per_customer) {
    return 'code_used_by_customer'
  }
  if (!isOfferedIn(rule, basket.currency)) return 'code_not_in_currency'
  if (basket.subtotal < (rule.min_subtotal?.[basket.currency] ?? 0)) return 'code_minimum_not_met'
  return hasEffect(rule, basket) ? null : 'code_no_matching_items'
}

/**
 * Returns the sets of which one will apply: never empty, the preferred of two equals first. No promotions make one
 * set that takes nothing off.
 */
export function promotionSets(eligible: readonly Promotion[], basket: Basket): PromotionSet[] {
  const ordered = eligible.toSorted((a, b) => a.rule.priority - b.rule.priority || byId(a, b))
  const together = ordered.filter(promotion => promotion.rule.is_combinable)
  const alone = ordered.filter(promotion => !promotion.rule.is_combinable).map(promotion => [promotion])
  // An empty combination would beat a free-shipping promotion that is worth nothing until an option is chosen.
  const sets = together.length > 0 || alone.length === 0 ? [together, ...alone] : alone
  return sets.map(promotions => applyTogether(promotions, basket))
}

/** Returns the set that takes off most; `offShipping` says what a set takes off shipping, in minor units. */
export function bestSet(
  sets: readonly PromotionSet[],
  offShipping: (set: PromotionSet) => number,
): PromotionSet {
  const worth = (set: PromotionSet) => set.discount + offShipping(set)
  return sets.reduce((best, set) => (worth(set) > worth(best) ? set : best))
}

function applyTogether(promotions: Promotion[], basket: Basket): PromotionSet {
  const lines = promotions.reduce(
    (open, promotion) => applyPromotion(promotion, open, basket.currency),
    basket.lines,
  )
  const net_subtotal = sum(lines.map(open => open.remaining))
  return {
    promotions,
    lines,
    discount: basket.subtotal - net_subtotal,
    net_subtotal,
    free_shipping: promotions.filter(isFreeShipping),
  }
}

function isOfferedIn(rule: PromotionRule, currency: string): boolean {
  if (rule.min_subtotal && rule.min_subtotal[currency] === undefined) return false
  if (rule.kind === 'free_shipping') return !rule.max_shipping || rule.max_shipping[currency] !== undefined
  return rule.kind !== 'fixed_amount' || rule.amount[currency] !== undefined
}

/** Whether a rule could do anything for a basket by itself. Free shipping could, whichever option is chosen later. */
function hasEffect(rule: PromotionRule, basket: Basket): boolean {
  if (rule.kind !== 'free_shipping') return discountAmount(rule, basket.lines, basket.currency) > 0
  const touches = inScope(rule.scope)
  return basket.requires_shipping && basket.lines.some(open => touches(open.line))
}
