// What one promotion takes off the lines. The amount is computed once, on the sum of what is left of the touched
// lines, and then split over them by what is left of each: no unit is lost to rounding, and no line's part can pass
// what is left of it, because the amount never passes the sum (INV-MONEY).

import { mulDiv, split } from '../../lib/money.ts'
import { type OpenLine, sum } from './basket.ts'
import { gotAmounts } from './buy-x-get-y.ts'
import type { Promotion, PromotionRule } from './model.ts'
import { inScope } from './scope.ts'

/** 100 % in basis points. */
const WHOLE_BPS = 10_000

/** Returns what a rule takes off the lines in all, in minor units; free shipping takes nothing off lines. */
export const discountAmount = (rule: PromotionRule, lines: readonly OpenLine[], currency: string): number =>
  amountOff(rule, sum(touchedAmounts(rule, lines)), currency)

/** Takes one promotion off the lines and notes it on each line that it touched. */
export function applyPromotion(
  promotion: Promotion,
  lines: readonly OpenLine[],
  currency: string,
): OpenLine[] {
  const touched = touchedAmounts(promotion.rule, lines)
  const parts = split(amountOff(promotion.rule, sum(touched), currency), touched)
  return lines.map((open, index) => {
    const amount = parts[index] ?? 0
    if (amount === 0) return open
    const { id: promotion_id, title, code } = promotion
    const entry = { promotion_id, title, code, target: 'line', amount } as const
    return { ...open, remaining: open.remaining - amount, discounts: [...open.discounts, entry] }
  })
}

/** What a rule takes off a sum, never more than the sum. */
function amountOff(rule: PromotionRule, touched: number, currency: string): number {
  switch (rule.kind) {
    case 'percentage':
    case 'buy_x_get_y':
      return Math.min(touched, mulDiv(touched, rule.percent_bps, WHOLE_BPS))
    case 'fixed_amount':
      return Math.min(touched, rule.amount[currency] ?? 0)
    case 'free_shipping':
      return 0
  }
}

/** What is left to pay, on each line, for the units that a rule touches. */
function touchedAmounts(rule: PromotionRule, lines: readonly OpenLine[]): number[] {
  switch (rule.kind) {
    case 'percentage':
    case 'fixed_amount': {
      const touches = inScope(rule.scope)
      return lines.map(open => (touches(open.line) ? open.remaining : 0))
    }
    case 'buy_x_get_y':
      return gotAmounts(rule, lines)
    case 'free_shipping':
      return lines.map(() => 0)
  }
}
