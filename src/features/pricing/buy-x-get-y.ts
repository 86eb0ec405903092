// Buy X get Y: which units of the basket are the ones that are got. Only complete sets count, and as many sets as the
// basket holds are made. The cheapest units are got, as far as enough others stay to be bought; the bought ones are
// then the dearest of the rest. Cheap and dear go by the price tag, so that another promotion never moves the reward.
// Works on lines as runs of equal units: the cost does not grow with quantities.

import { mulDiv } from '../../lib/money.ts'
import { type OpenLine, sum } from './basket.ts'
import type { PromotionRule } from './model.ts'
import { inScope } from './scope.ts'

type BuyXGetY = Extract<PromotionRule, { kind: 'buy_x_get_y' }>

interface Run {
  open: OpenLine
  index: number
  is_buyable: boolean
  is_gettable: boolean
}

/** Returns what is still to pay, in minor units, for the units of each line that are got (before `percent_bps`). */
export function gotAmounts(rule: BuyXGetY, lines: readonly OpenLine[]): number[] {
  const buys = inScope(rule.scope)
  const gets = inScope(rule.get_scope)
  const runs = lines.map((open, index) => ({
    open,
    index,
    is_buyable: buys(open.line),
    is_gettable: gets(open.line),
  }))
  const buyable = units(runs.filter(run => run.is_buyable))
  const sets = completeSets(rule, runs, buyable)

  let unassigned = sets * rule.get_quantity
  // Of the units that may be bought, those that need not be: only these may be got instead.
  let spare = buyable - sets * rule.buy_quantity
  const amounts = lines.map(() => 0)
  const cheapestFirst = runs
    .filter(run => run.is_gettable)
    .toSorted((a, b) => a.open.line.unit_price - b.open.line.unit_price)
  for (const { open, index, is_buyable } of cheapestFirst) {
    const got = Math.min(open.line.quantity, unassigned, is_buyable ? spare : unassigned)
    if (got === 0) continue
    unassigned -= got
    if (is_buyable) spare -= got
    amounts[index] = mulDiv(open.remaining, got, open.line.quantity)
  }
  return amounts
}

/** How often the offer fits into the basket; a unit that is in both scopes can serve only one of them. */
function completeSets(rule: BuyXGetY, runs: readonly Run[], buyable: number): number {
  if (rule.buy_quantity < 1 || rule.get_quantity < 1) return 0
  const gettable = units(runs.filter(run => run.is_gettable))
  const either = units(runs.filter(run => run.is_buyable || run.is_gettable))
  return Math.min(
    Math.floor(buyable / rule.buy_quantity),
    Math.floor(gettable / rule.get_quantity),
    Math.floor(either / (rule.buy_quantity + rule.get_quantity)),
    rule.max_applications ?? Number.POSITIVE_INFINITY,
  )
}

const units = (runs: readonly Run[]): number => sum(runs.map(run => run.open.line.quantity))
