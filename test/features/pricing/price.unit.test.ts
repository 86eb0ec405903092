// The whole price: receipts worked by hand, and what must hold of every basket (INV-MONEY), over random ones.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Pricing, PricingInput, Promotion } from '../../../src/features/pricing/model.ts'
import { price } from '../../../src/features/pricing/price.ts'
import { baskets, basketsWithSteadyShipping, reordered } from './arbitraries.ts'
import {
  aBasket,
  aLine,
  amountOff,
  aPromotion,
  aRate,
  aTaxRate,
  aZone,
  buyGet,
  freeShipping,
  linesAt,
  percentOff,
  products,
} from './baskets.ts'
import { brokenPromises } from './invariants.ts'

/** Properties take seconds, and more on a machine that is busy with other tests. */
const TIMEOUT_MS = 120_000

describe('receipts', () => {
  test('an American basket: tax on top, a discount, and shipping', () => {
    const pricing = price(
      aBasket({
        currency: 'USD',
        lines: [
          aLine({ id: 'line_a', quantity: 3, unit_price: 1999 }),
          aLine({ id: 'line_b', product_id: 'prod_b', unit_price: 4550, taxable: false }),
        ],
        discount_codes: ['SAVE15'],
        promotions: [aPromotion(percentOff(1500), { code: 'SAVE15', title: '15 % off' })],
        destination: { country: 'US', region: 'CA' },
        shipping_zones: [aZone({ rates: [aRate({ rule: { kind: 'flat', price: { USD: 795 } } })] })],
        shipping_option_id: 'rate_standard',
        tax_rates: [
          aTaxRate({
            name: 'CA sales tax',
            country: 'US',
            region: 'CA',
            rate_ppm: 72_500,
            applies_to_shipping: false,
          }),
        ],
      }),
    )
    // 15 % of 10547 is 1582.05, so 1582: 899.53… on 5997 and 682.46… on 4550. Tax: 7.25 % of 5097 is 369.53….
    expect(pricing.lines).toMatchObject([
      { subtotal: 5997, discount: 900, tax: 370, total: 5467 },
      { subtotal: 4550, discount: 682, tax: 0, total: 3868 },
    ])
    expect(pricing.totals).toEqual({
      subtotal: 10_547,
      discount: 1582,
      shipping: 795,
      tax: 370,
      tax_included: false,
      total: 10_130,
    })
  })

  test('a German basket: tax included, two classes, two promotions', () => {
    const pricing = price(
      aBasket({
        prices_include_tax: true,
        lines: [
          aLine({ id: 'line_a', unit_price: 5950 }),
          aLine({ id: 'line_b', product_id: 'prod_b', quantity: 3, unit_price: 1070, tax_class: 'books' }),
        ],
        promotions: [
          aPromotion(buyGet(2, 1, { scope: products('prod_b'), get_scope: products('prod_b') }), {
            id: 'promo_a',
          }),
          aPromotion(amountOff({ EUR: 500 }, { priority: 1 }), { id: 'promo_b' }),
        ],
        destination: { country: 'DE' },
        shipping_zones: [aZone()],
        shipping_option_id: 'rate_standard',
        tax_rates: [
          aTaxRate(),
          aTaxRate({ id: 'tax_b', name: 'VAT reduced', tax_class: 'books', rate_ppm: 70_000 }),
        ],
      }),
    )
    // The third book is free: 5950 and 2140 are left. 500 is 367.7 and 132.3 of them, so 368 and 132.
    // 19/119 of 5582 + 500 is 971.08; 7/107 of 2008 is 131.36. 971 is 891.2 on the line and 79.8 on shipping.
    expect(pricing.lines).toMatchObject([
      { subtotal: 5950, discount: 368, tax: 891, total: 5582 },
      { subtotal: 3210, discount: 1202, tax: 131, total: 2008 },
    ])
    expect(pricing.shipping_tax).toBe(80)
    expect(pricing.tax_lines.map(tax_line => tax_line.amount)).toEqual([971, 131])
    expect(pricing.totals).toMatchObject({
      subtotal: 9160,
      discount: 1570,
      shipping: 500,
      tax: 1102,
      total: 8090,
    })
  })

  test('an empty basket costs nothing', () => {
    const { totals, lines } = price(aBasket({ lines: [] }))
    expect(lines).toEqual([])
    expect(totals).toEqual({ subtotal: 0, discount: 0, shipping: 0, tax: 0, tax_included: false, total: 0 })
  })

  test('a product that doubles would round the wrong way is exact', () => {
    const input = aBasket({
      lines: [aLine({ quantity: 9999, unit_price: 99_999_990_798 })],
      promotions: [aPromotion(percentOff(1999))],
      destination: { country: 'DE' },
      tax_rates: [aTaxRate()],
    })
    // 19.99 % of 999899907989202 is 199879991607041.4798, which doubles take for more than a half; 19 % of the rest
    // is 152003784112610.59.
    expect(price(input).totals).toMatchObject({
      subtotal: 999_899_907_989_202,
      discount: 199_879_991_607_041,
      tax: 152_003_784_112_611,
    })
  })

  test('500 lines under 100 promotions are priced in a moment', () => {
    const lines = Array.from({ length: 500 }, (_, index) =>
      aLine({
        id: `line_${index}`,
        product_id: `prod_${index % 50}`,
        quantity: 10_000,
        unit_price: 100 + index,
      }),
    )
    const promotions = Array.from({ length: 100 }, (_, index) => {
      const more = { is_combinable: index % 2 === 0, priority: index }
      const rules = [percentOff(100, more), amountOff({ EUR: 999 }, more), buyGet(3, 1, more)]
      return aPromotion(rules[index % 3] ?? percentOff(1), { id: `promo_${index}` })
    })
    const input = aBasket({
      lines,
      promotions,
      destination: { country: 'DE' },
      shipping_zones: [aZone()],
      shipping_option_id: 'rate_standard',
      tax_rates: [aTaxRate()],
    })
    const started = performance.now()
    const pricing = price(input)
    expect(performance.now() - started).toBeLessThan(2000)
    expect(brokenPromises(input, pricing)).toEqual([])
  })
})

describe('every basket', { timeout: TIMEOUT_MS }, () => {
  const forAll = <T>(values: fc.Arbitrary<T>, numRuns: number, holds: (value: T) => void) =>
    fc.assert(
      fc.property(values, value => {
        holds(value)
      }),
      { numRuns },
    )

  test('adds up, and never goes below zero (INV-MONEY)', () => {
    forAll(baskets, 100_000, input => {
      const broken = brokenPromises(input, price(input))
      if (broken.length > 0) throw new Error(broken.join('; '))
    })
  })

  test('costs the same in whatever order its lines, promotions, zones and taxes are listed', () => {
    const byId = (pricing: Pricing) => ({
      ...pricing,
      lines: pricing.lines.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    })
    forAll(reordered, 3000, ([one, other]) => expect(byId(price(other))).toEqual(byId(price(one))))
  })

  test('is changed in nothing by an unknown code', () => {
    forAll(baskets, 2000, input => {
      const { codes, ...rest } = price(input)
      const more = price({ ...input, discount_codes: [...input.discount_codes, 'NO SUCH CODE'] })
      expect(more).toEqual({
        ...rest,
        codes: [...codes, { code: 'NO SUCH CODE', applied: false, reason: 'code_unknown' }],
      })
    })
  })

  test('costs no more with promotions than without, line by line and in all', () => {
    // Only where shipping does not go by subtotal: there a discount may fall below the limit of cheap shipping.
    forAll(basketsWithSteadyShipping, 5000, input => {
      const without = price({ ...input, promotions: [] })
      const pricing = price(input)
      expect(pricing.totals.total).toBeLessThanOrEqual(without.totals.total)
      expect(pricing.totals.tax).toBeLessThanOrEqual(without.totals.tax)
      pricing.lines.forEach((line, index) => {
        expect(line.subtotal - line.discount).toBeLessThanOrEqual(without.lines[index]?.subtotal ?? -1)
      })
    })
  })

  test('ships for nothing by the cheapest option under a promotion of free shipping, and in full by the others', () => {
    forAll(baskets, 2000, input => {
      const { shipping_options, totals, discounts, shipping } = price({
        ...input,
        promotions: [aPromotion(freeShipping())],
      })
      const cheapest = Math.min(...shipping_options.map(option => option.full_price))
      for (const { price, full_price } of shipping_options)
        expect(price).toBe(full_price === cheapest ? 0 : full_price)
      expect(totals).toMatchObject({ shipping: shipping?.price ?? 0, discount: 0 })
      const taken = discounts.reduce((sum, { amount }) => sum + amount, 0)
      expect(taken).toBe(shipping ? shipping.full_price - shipping.price : 0)
    })
  })

  test('ships for nothing by each option up to the limit that a promotion names, and in full by the others', () => {
    forAll(baskets, 2000, input => {
      const max_shipping = { [input.currency]: 500 }
      const promotions = [aPromotion(freeShipping({ max_shipping }))]
      for (const { price: now, full_price } of price({ ...input, promotions }).shipping_options)
        expect(now).toBe(full_price <= 500 ? 0 : full_price)
    })
  })

  test('shows for each option the price that it has once chosen', () => {
    forAll(baskets, 3000, input => {
      const { shipping_options } = price(input)
      for (const option of shipping_options) {
        const chosen = price({ ...input, shipping_option_id: option.id })
        expect(chosen.shipping).toEqual(option)
        expect(chosen.shipping_options).toEqual(shipping_options)
      }
    })
  })

  test('gets the promotions that take off most: all combinable ones, or a single other', () => {
    const takenOff = ({ totals, shipping }: Pricing) =>
      totals.discount + (shipping ? shipping.full_price - shipping.price : 0)
    forAll(baskets, 5000, input => {
      const isCombinable = (promotion: Promotion) => promotion.rule.is_combinable
      const alternatives = [
        input.promotions.filter(isCombinable),
        ...input.promotions.filter(promotion => !isCombinable(promotion)).map(promotion => [promotion]),
      ]
      const best = alternatives.map(promotions => takenOff(price({ ...input, promotions })))
      expect(takenOff(price(input))).toBe(Math.max(...best))
    })
  })

  test('is taxed by each rate exactly once rounded, and each part within a unit of its share', () => {
    forAll(baskets, 3000, input => {
      const one = { ...input, tax_rates: input.tax_rates.slice(0, 1) }
      const { lines, totals, shipping_tax, tax_lines } = price(one)
      const [rate] = one.tax_rates
      const [tax_line] = tax_lines
      if (!rate || !tax_line) return
      const taxed = lines
        .map((line, index) => ({ ...line, from: one.lines[index] }))
        .filter(({ from }) => from?.taxable && from.tax_class === rate.tax_class)
        .map(({ subtotal, discount, tax }) => ({ base: subtotal - discount, tax }))
      if (rate.applies_to_shipping && rate.tax_class === 'standard') {
        taxed.push({ base: totals.shipping, tax: shipping_tax })
      }
      const whole = one.prices_include_tax ? 1_000_000n + BigInt(rate.rate_ppm) : 1_000_000n
      const exact = (base: number) => ({ over: BigInt(base) * BigInt(rate.rate_ppm), under: whole })
      const total = exact(taxed.reduce((sum, { base }) => sum + base, 0))
      expect(BigInt(tax_line.amount)).toBe((2n * total.over + total.under) / (2n * total.under))
      for (const { base, tax } of taxed) {
        const share = exact(base)
        const off = BigInt(tax) * share.under - share.over
        expect(off < 2n * share.under && off > -2n * share.under).toBe(true)
      }
    })
  })

  test('contains the tax that its net price would bear, to a unit', () => {
    // Net = total − tax; the tax of the net may differ by the rounding of one unit, never more (rates up to 100 %).
    const sizes = fc.tuple(fc.integer({ min: 0, max: 10_000_000 }), fc.integer({ min: 0, max: 1_000_000 }))
    forAll(sizes, 5000, ([unit_price, rate_ppm]) => {
      const common: Partial<PricingInput> = {
        destination: { country: 'DE' },
        tax_rates: [aTaxRate({ rate_ppm })],
      }
      const { totals } = price(aBasket({ ...common, prices_include_tax: true, lines: linesAt(unit_price) }))
      const net = price(aBasket({ ...common, lines: linesAt(totals.total - totals.tax) }))
      expect(Math.abs(net.totals.tax - totals.tax)).toBeLessThanOrEqual(1)
      expect(Math.abs(net.totals.total - totals.total)).toBeLessThanOrEqual(1)
    })
  })

  test('loses no unit of a fixed amount, and splits it within a unit of each share', () => {
    const inputs = fc.tuple(
      fc.array(fc.integer({ min: 0, max: 100_000 }), { minLength: 1, maxLength: 8 }),
      fc.integer({ min: 0, max: 200_000 }),
    )
    forAll(inputs, 5000, ([prices, amount]) => {
      const promotions = [aPromotion(amountOff({ EUR: amount }))]
      const { lines, totals } = price(aBasket({ lines: linesAt(...prices), promotions }))
      expect(totals.discount).toBe(Math.min(amount, totals.subtotal))
      for (const { discount, subtotal } of lines) {
        // |discount − total × subtotal / sum| < 1, without dividing.
        const off = BigInt(discount) * BigInt(totals.subtotal) - BigInt(totals.discount) * BigInt(subtotal)
        expect(off === 0n || (off < BigInt(totals.subtotal) && -off < BigInt(totals.subtotal))).toBe(true)
      }
    })
  })
})
