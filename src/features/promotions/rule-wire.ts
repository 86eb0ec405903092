// A promotion's rule between the wire and pricing: lists of Money against records, RFC 3339 against milliseconds.

import { amountProblems, amountsOf, byCurrency } from '../../http/amounts.ts'
import { rfc3339 } from '../../lib/clock.ts'
import type { FieldError } from '../../lib/errors.ts'
import type { PromotionRule } from '../pricing/model.ts'
import type { PromotionRule as WireRule } from './admin-schemas.ts'

/** The rule as pricing takes it. */
export function ruleOf(wire: WireRule): PromotionRule {
  const { scope, is_combinable, priority } = wire
  const conditions = {
    scope,
    is_combinable,
    priority,
    ...(wire.min_subtotal.length > 0 ? { min_subtotal: byCurrency(wire.min_subtotal) } : {}),
    ...(wire.starts_at === null ? {} : { starts_at: Date.parse(wire.starts_at) }),
    ...(wire.ends_at === null ? {} : { ends_at: Date.parse(wire.ends_at) }),
  }
  switch (wire.kind) {
    case 'percentage':
      return { ...conditions, kind: wire.kind, percent_bps: wire.percent_bps }
    case 'fixed_amount':
      return { ...conditions, kind: wire.kind, amount: byCurrency(wire.amount) }
    case 'free_shipping':
      return { ...conditions, kind: wire.kind }
    case 'buy_x_get_y': {
      const { kind, buy_quantity, get_quantity, get_scope, percent_bps, max_applications } = wire
      const rule = { ...conditions, kind, buy_quantity, get_quantity, get_scope, percent_bps }
      return max_applications === null ? rule : { ...rule, max_applications }
    }
  }
}

/** The rule as the API shows it. */
export function wireOf(rule: PromotionRule): WireRule {
  const { scope, is_combinable, priority, starts_at, ends_at } = rule
  const conditions = {
    scope,
    min_subtotal: amountsOf(rule.min_subtotal),
    starts_at: starts_at === undefined ? null : rfc3339(starts_at),
    ends_at: ends_at === undefined ? null : rfc3339(ends_at),
    is_combinable,
    priority,
  }
  switch (rule.kind) {
    case 'percentage':
      return { kind: rule.kind, percent_bps: rule.percent_bps, ...conditions }
    case 'fixed_amount':
      return { kind: rule.kind, amount: amountsOf(rule.amount), ...conditions }
    case 'free_shipping':
      return { kind: rule.kind, ...conditions }
    case 'buy_x_get_y': {
      const { kind, buy_quantity, get_quantity, get_scope, percent_bps, max_applications = null } = rule
      return { kind, buy_quantity, get_quantity, get_scope, percent_bps, max_applications, ...conditions }
    }
  }
}

/** Something that a rule is about, and where the rule names it. */
export interface Reference {
  kind: 'products' | 'collections'
  id: string
  pointer: string
}

/** Every product and collection that a rule names. */
export const referencesOf = (rule: WireRule): Reference[] => [
  ...namedBy(rule.scope, '/rule/scope'),
  ...(rule.kind === 'buy_x_get_y' ? namedBy(rule.get_scope, '/rule/get_scope') : []),
]

function namedBy(scope: WireRule['scope'], at: string): Reference[] {
  if (scope.type === 'products')
    return scope.product_ids.map((id, i) => ({ kind: 'products', id, pointer: `${at}/product_ids/${i}` }))
  if (scope.type === 'collections')
    return scope.collection_ids.map((id, i) => ({
      kind: 'collections',
      id,
      pointer: `${at}/collection_ids/${i}`,
    }))
  return []
}

/** What is wrong with a rule by itself. */
export function ruleProblems(rule: WireRule): FieldError[] {
  const problems = amountProblems(rule.min_subtotal, '/rule/min_subtotal')
  if (rule.kind === 'fixed_amount') problems.push(...amountProblems(rule.amount, '/rule/amount'))
  const { starts_at, ends_at } = rule
  if (starts_at !== null && ends_at !== null && Date.parse(starts_at) >= Date.parse(ends_at)) {
    problems.push({
      in: 'body',
      pointer: '/rule/ends_at',
      code: 'ends_before_start',
      detail: 'Must be later than `starts_at`.',
    })
  }
  return problems
}
