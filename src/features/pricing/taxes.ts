// Which taxes a basket bears, and how much. Tax is rounded once for the whole order, half away from zero, and then
// split over lines and shipping by largest remainder, so that lines, tax lines and total agree to the unit (INV-MONEY).
// On top of prices that is once per tax. Contained in prices it is once per set of taxes, because how much of a price
// is one tax depends on which others are in it.

import { mulDiv, split } from '../../lib/money.ts'
import { byId, type OpenLine, sum } from './basket.ts'
import type { PricingInput, TaxLine, TaxRate } from './model.ts'

/** 100 % in parts per million. */
const WHOLE_PPM = 1_000_000

export interface Taxes {
  /** The tax of each line, in the order given, in minor units. */
  lines: number[]
  shipping: number
  tax_lines: TaxLine[]
}

/** What is taxed as one: a discounted line, or shipping. */
interface TaxedAmount {
  amount: number
  rates: TaxRate[]
}

/** Computes the tax of discounted lines and of shipping at `shipping_price` (minor units); none without a destination. */
export function taxesOn(input: PricingInput, lines: readonly OpenLine[], shipping_price: number): Taxes {
  const rates = ratesAt(input.tax_rates, input.destination)
  const taxed: TaxedAmount[] = lines.map(({ line, remaining }) => ({
    amount: remaining,
    rates: line.taxable ? rates.filter(rate => rate.tax_class === line.tax_class) : [],
  }))
  taxed.push({
    amount: shipping_price,
    rates: rates.filter(rate => rate.applies_to_shipping && rate.tax_class === 'standard'),
  })
  // A rate of 0 % counts as borne: an invoice has to name it.
  const borne = rates.filter(rate => taxed.some(each => each.amount > 0 && each.rates.includes(rate)))
  const tax_lines: TaxLine[] = []
  for (const { name, rate_ppm } of borne) {
    if (!tax_lines.some(isSameTax({ name, rate_ppm }))) tax_lines.push({ name, rate_ppm, amount: 0 })
  }
  const parts = input.prices_include_tax ? containTax(taxed, tax_lines) : addTax(taxed, tax_lines)
  return { lines: parts.slice(0, lines.length), shipping: parts[lines.length] ?? 0, tax_lines }
}

/** The rates of a place, the country's before the region's that add to them. */
function ratesAt(rates: readonly TaxRate[], destination: PricingInput['destination']): TaxRate[] {
  if (destination === null) return []
  return rates
    .filter(rate => rate.country === destination.country)
    .filter(rate => rate.region === null || rate.region === destination.region)
    .toSorted((a, b) => Number(a.region !== null) - Number(b.region !== null) || byId(a, b))
}

/** Rates of one name and height are one tax to the buyer, whichever classes and places they were entered for. */
const isSameTax =
  (a: Pick<TaxRate, 'name' | 'rate_ppm'>) =>
  (b: Pick<TaxRate, 'name' | 'rate_ppm'>): boolean =>
    a.name === b.name && a.rate_ppm === b.rate_ppm

/** Fills in the tax lines with tax on top of the amounts, and returns the tax of each amount. */
function addTax(taxed: readonly TaxedAmount[], tax_lines: TaxLine[]): number[] {
  const parts = taxed.map(() => 0)
  for (const tax_line of tax_lines) {
    // A country and its region may levy the same tax by name and height: then the amount is in the base twice.
    const bases = taxed.map(({ amount, rates }) => amount * rates.filter(isSameTax(tax_line)).length)
    tax_line.amount = mulDiv(sum(bases), tax_line.rate_ppm, WHOLE_PPM)
    addTo(parts, split(tax_line.amount, bases))
  }
  return parts
}

/** Fills in the tax lines with the tax that the amounts contain, and returns the tax of each amount. */
function containTax(taxed: readonly TaxedAmount[], tax_lines: TaxLine[]): number[] {
  const parts = taxed.map(() => 0)
  for (const { rates, bases } of basesByRates(taxed)) {
    const rate_ppm = sum(rates.map(rate => rate.rate_ppm))
    const contained = mulDiv(sum(bases), rate_ppm, WHOLE_PPM + rate_ppm)
    addTo(parts, split(contained, bases))
    const weights = rates.map(rate => rate.rate_ppm)
    const shares = split(contained, weights)
    rates.forEach((rate, index) => {
      const tax_line = tax_lines.find(isSameTax(rate))
      if (tax_line) tax_line.amount += shares[index] ?? 0
    })
  }
  return parts
}

/** Groups amounts by the set of taxes that they bear; an amount is 0 in the bases of every other set. */
function basesByRates(taxed: readonly TaxedAmount[]): { rates: TaxRate[]; bases: number[] }[] {
  const groups = new Map<string, { rates: TaxRate[]; bases: number[] }>()
  taxed.forEach(({ amount, rates }, index) => {
    const taxes = rates.map(({ name, rate_ppm }) => JSON.stringify([name, rate_ppm]))
    const key = taxes.toSorted().join()
    const group = groups.get(key) ?? { rates, bases: taxed.map(() => 0) }
    group.bases[index] = amount
    groups.set(key, group)
  })
  return [...groups.values()]
}

function addTo(totals: number[], parts: readonly number[]): void {
  parts.forEach((part, index) => {
    totals[index] = (totals[index] ?? 0) + part
  })
}
