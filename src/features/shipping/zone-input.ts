// What a zone may say, by itself and beside the other zones; and its rates between the wire and pricing.

import { amountProblems, amountsOf, byCurrency } from '../../http/amounts.ts'
import { isCountry } from '../../lib/address.ts'
import type { FieldError } from '../../lib/errors.ts'
import type { Money } from '../../lib/money.ts'
import type { ShippingRateRule, ZonePlace } from '../pricing/model.ts'
import type { ShippingRateInput } from './admin-schemas.ts'

type WireRule = ShippingRateInput['rule']

/** The rule as pricing takes it. */
export function rateRuleOf(wire: WireRule): ShippingRateRule {
  switch (wire.kind) {
    case 'flat':
      return { kind: wire.kind, price: byCurrency(wire.price) }
    case 'by_weight': {
      const tiers = wire.tiers.map(({ from_grams, price }) => ({ from_grams, price: byCurrency(price) }))
      return { kind: wire.kind, tiers, ...(wire.max_grams === null ? {} : { max_grams: wire.max_grams }) }
    }
    case 'by_subtotal': {
      const tiers = wire.tiers.map(({ from, price }) => ({
        from: byCurrency(from),
        price: byCurrency(price),
      }))
      return { kind: wire.kind, tiers }
    }
  }
}

/** The rule as the API shows it. */
export function wireRateRuleOf(rule: ShippingRateRule): WireRule {
  switch (rule.kind) {
    case 'flat':
      return { kind: rule.kind, price: amountsOf(rule.price) }
    case 'by_weight':
      return {
        kind: rule.kind,
        tiers: rule.tiers.map(({ from_grams, price }) => ({ from_grams, price: amountsOf(price) })),
        max_grams: rule.max_grams ?? null,
      }
    case 'by_subtotal':
      return {
        kind: rule.kind,
        tiers: rule.tiers.map(({ from, price }) => ({ from: amountsOf(from), price: amountsOf(price) })),
      }
  }
}

const problem = (pointer: string, code: string, detail: string): FieldError => ({
  in: 'body',
  pointer,
  code,
  detail,
})

/** What is wrong with rates. `own` are the ids of the rates that the zone has. */
export function rateProblems(rates: readonly ShippingRateInput[], own: ReadonlySet<string>): FieldError[] {
  return rates.flatMap((rate, i) => {
    const at = `/rates/${i}`
    const problems = ruleProblems(rate.rule, `${at}/rule`)
    if (rate.id !== undefined && !own.has(rate.id))
      problems.push(problem(`${at}/id`, 'unknown_reference', 'The zone has no such rate.'))
    if (rate.id !== undefined && rates.findIndex(other => other.id === rate.id) < i)
      problems.push(problem(`${at}/id`, 'duplicate', 'Stands here twice.'))
    if (rate.eta_days && rate.eta_days.min > rate.eta_days.max)
      problems.push(problem(`${at}/eta_days/max`, 'ends_before_start', 'Must be `min` or more.'))
    return problems
  })
}

function ruleProblems(rule: WireRule, at: string): FieldError[] {
  switch (rule.kind) {
    case 'flat':
      return amountProblems(rule.price, `${at}/price`)
    case 'by_weight':
      return rule.tiers.flatMap(({ from_grams, price }, i) => [
        ...amountProblems(price, `${at}/tiers/${i}/price`),
        ...(rule.tiers.findIndex(other => other.from_grams === from_grams) < i
          ? [problem(`${at}/tiers/${i}/from_grams`, 'duplicate', 'Another tier begins here.')]
          : []),
      ])
    case 'by_subtotal':
      return rule.tiers.flatMap(({ from, price }, i) => [
        ...amountProblems(from, `${at}/tiers/${i}/from`),
        ...amountProblems(price, `${at}/tiers/${i}/price`),
        ...from.flatMap((amount, j) =>
          rule.tiers.slice(0, i).some(other => other.from.some(sameAs(amount)))
            ? [problem(`${at}/tiers/${i}/from/${j}`, 'duplicate', 'Another tier begins here.')]
            : [],
        ),
      ])
  }
}

const sameAs = (a: Money) => (b: Money) => a.currency === b.currency && a.amount === b.amount

/** What is wrong with places by themselves: countries that do not exist, or places that stand there twice. */
export function placeProblems(places: readonly ZonePlace[]): FieldError[] {
  return places.flatMap((place, i): FieldError[] => {
    const at = `/places/${i}`
    if (place.country !== '*' && !isCountry(place.country))
      return [problem(`${at}/country`, 'country_unknown', 'Not a country of ISO 3166-1.')]
    if (place.country === '*' && place.regions)
      return [problem(`${at}/regions`, 'not_with_world', 'The rest of the world has no regions.')]
    const repeated = place.regions?.findIndex((region, j) => place.regions?.indexOf(region) !== j) ?? -1
    if (repeated >= 0) return [problem(`${at}/regions/${repeated}`, 'duplicate', 'Stands here twice.')]
    return places.slice(0, i).some(other => overlap(other, place))
      ? [problem(at, 'duplicate', 'Stands here twice.')]
      : []
  })
}

/** The places that another zone has already, each with that zone. */
export const takenPlaces = (
  places: readonly ZonePlace[],
  others: readonly { id: string; name: string; places: ZonePlace[] }[],
): FieldError[] =>
  places.flatMap((place, i) =>
    others
      .filter(zone => zone.places.some(other => overlap(other, place)))
      .map(zone => problem(`/places/${i}`, 'place_in_other_zone', `"${zone.name}" (${zone.id}) has it.`)),
  )

/** Whether two name the same place equally closely. A region is closer than its country, which is no overlap. */
function overlap(a: ZonePlace, b: ZonePlace): boolean {
  if (a.country !== b.country) return false
  if (!a.regions || !b.regions) return !a.regions && !b.regions
  return a.regions.some(region => b.regions?.includes(region))
}
