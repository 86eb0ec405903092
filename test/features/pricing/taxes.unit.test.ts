// Taxes: who bears which, and that rounding loses nothing. Amounts worked by hand.

import { describe, expect, test } from 'vitest'
import type { PricingInput, TaxRate } from '../../../src/features/pricing/model.ts'
import { price } from '../../../src/features/pricing/price.ts'
import { aBasket, aLine, amountOff, aPromotion, aTaxRate, aZone, freeShipping, linesAt } from './baskets.ts'

const toGermany = (more: Partial<PricingInput> = {}) =>
  aBasket({ destination: { country: 'DE' }, tax_rates: [aTaxRate()], ...more })
const lineTaxes = (input: PricingInput) => price(input).lines.map(line => line.tax)
const shipped: Partial<PricingInput> = { shipping_zones: [aZone()], shipping_option_id: 'rate_standard' }

describe('on top of prices', () => {
  test('tax adds to line and total', () => {
    const { lines, tax_lines, totals } = price(toGermany())
    expect(lines).toMatchObject([{ subtotal: 1000, tax: 190, total: 1190 }])
    expect(tax_lines).toEqual([{ name: 'VAT', rate_ppm: 190_000, amount: 190 }])
    expect(totals).toMatchObject({ tax: 190, tax_included: false, total: 1190 })
  })

  test('tax is rounded once for the order, and split over the lines by largest remainder', () => {
    // 19 % of 3 × 13 is 7.41, so 7: 2.47 each, and the odd unit goes to the first. Rounding each would make 6.
    expect(lineTaxes(toGermany({ lines: linesAt(13, 13, 13) }))).toEqual([3, 2, 2])
  })

  test('half a unit of tax is rounded away from zero', () => {
    const tax_rates = [aTaxRate({ rate_ppm: 50_000 })]
    expect(lineTaxes(toGermany({ lines: linesAt(10), tax_rates }))).toEqual([1])
    expect(lineTaxes(toGermany({ lines: linesAt(9), tax_rates }))).toEqual([0])
  })

  test('the discounted amount is taxed', () => {
    const promotions = [aPromotion(amountOff({ EUR: 500 }))]
    expect(price(toGermany({ promotions })).totals).toMatchObject({ discount: 500, tax: 95, total: 595 })
  })

  test('shipping is taxed with the lines, and its tax shown apart', () => {
    // 19 % of 10.00 + 5.00 is 2.85.
    const pricing = price(toGermany(shipped))
    expect(pricing).toMatchObject({ shipping_tax: 95, totals: { shipping: 500, tax: 285, total: 1785 } })
    expect(pricing.lines).toMatchObject([{ tax: 190, total: 1190 }])
  })

  test('free shipping bears no tax', () => {
    const pricing = price(toGermany({ ...shipped, promotions: [aPromotion(freeShipping())] }))
    expect(pricing).toMatchObject({ shipping_tax: 0, totals: { shipping: 0, tax: 190 } })
  })

  test('a country and its region both levy tax, each on a line of its own', () => {
    const tax_rates = [
      aTaxRate({ id: 'tax_a', name: 'CA state', country: 'US', region: 'CA', rate_ppm: 72_500 }),
      aTaxRate({ id: 'tax_b', name: 'federal', country: 'US', rate_ppm: 10_000 }),
      aTaxRate({ id: 'tax_c', name: 'NY state', country: 'US', region: 'NY', rate_ppm: 40_000 }),
    ]
    const { tax_lines, totals } = price(aBasket({ destination: { country: 'US', region: 'CA' }, tax_rates }))
    expect(tax_lines).toEqual([
      { name: 'federal', rate_ppm: 10_000, amount: 10 },
      { name: 'CA state', rate_ppm: 72_500, amount: 73 },
    ])
    expect(totals).toMatchObject({ tax: 83, total: 1083 })
    expect(price(aBasket({ destination: { country: 'US' }, tax_rates })).tax_lines).toMatchObject([
      { name: 'federal' },
    ])
  })
})

describe('contained in prices', () => {
  const included = (more: Partial<PricingInput> = {}) => toGermany({ prices_include_tax: true, ...more })

  test('tax is what the price contains, and adds nothing', () => {
    const { lines, totals } = price(included({ lines: linesAt(1190) }))
    expect(lines).toMatchObject([{ subtotal: 1190, tax: 190, total: 1190 }])
    expect(totals).toMatchObject({ subtotal: 1190, tax: 190, tax_included: true, total: 1190 })
  })

  test('it is rounded once for the order', () => {
    // 300 × 19/119 is 47.899, so 48; each 100 contains 15.966.
    expect(lineTaxes(included({ lines: linesAt(100, 100, 100) }))).toEqual([16, 16, 16])
    // 9 × 19/119 is 1.437, so 1; rounding each line's 0.479 would find none.
    expect(lineTaxes(included({ lines: linesAt(3, 3, 3) }))).toEqual([1, 0, 0])
  })

  test('several taxes are contained together, and share what is contained', () => {
    // 1150 × 15/115 is 150: 5 to 10. Each alone would find 1150 × 5/105 = 55 and 1150 × 10/110 = 105.
    const tax_rates = [
      aTaxRate({ id: 'tax_a', name: 'GST', country: 'CA', rate_ppm: 50_000 }),
      aTaxRate({ id: 'tax_b', name: 'PST', country: 'CA', region: 'QC', rate_ppm: 100_000 }),
    ]
    const destination = { country: 'CA', region: 'QC' }
    const pricing = price(included({ lines: linesAt(1150), tax_rates, destination }))
    expect(pricing.tax_lines.map(tax_line => tax_line.amount)).toEqual([50, 100])
    expect(pricing.totals).toMatchObject({ tax: 150, total: 1150 })
  })

  test('a line never contains more tax than it costs', () => {
    const tax_rates = ['A', 'B', 'C'].map(name => aTaxRate({ id: `tax_${name}`, name, rate_ppm: 1_000_000 }))
    // Three quarters of 3 is 2.25, so 2: a line of 1 can hold only 1 of it.
    expect(lineTaxes(included({ lines: linesAt(1, 1, 1), tax_rates }))).toEqual([1, 1, 0])
  })

  test('shipping contains tax too', () => {
    const pricing = price(included({ ...shipped, lines: linesAt(690) }))
    expect(pricing).toMatchObject({ shipping_tax: 80, totals: { tax: 190, total: 1190 } })
  })
})

describe('who bears a tax', () => {
  const books = aTaxRate({ id: 'tax_b', name: 'VAT reduced', tax_class: 'books', rate_ppm: 70_000 })

  test('a line bears the rates of its class', () => {
    const lines = [
      aLine(),
      aLine({ id: 'line_b', tax_class: 'books' }),
      aLine({ id: 'line_c', tax_class: 'none' }),
    ]
    expect(lineTaxes(toGermany({ lines, tax_rates: [books, aTaxRate()] }))).toEqual([190, 70, 0])
  })

  test('a line that is not taxable bears none', () => {
    const lines = [aLine(), aLine({ id: 'line_b', taxable: false })]
    expect(lineTaxes(toGermany({ lines }))).toEqual([190, 0])
    expect(lineTaxes(toGermany({ lines, prices_include_tax: true }))).toEqual([160, 0])
  })

  test.each<[string, TaxRate, number]>([
    ['a standard rate for shipping', aTaxRate(), 95],
    ['a standard rate not for shipping', aTaxRate({ applies_to_shipping: false }), 0],
    ['a rate of another class', { ...books, applies_to_shipping: true }, 0],
  ])('shipping under %s', (_, rate, expected) => {
    expect(price(toGermany({ ...shipped, tax_rates: [rate] })).shipping_tax).toBe(expected)
  })

  test('no tax is known without a destination, and none is due where there is no rate', () => {
    for (const destination of [null, { country: 'CH' }]) {
      expect(price(toGermany({ destination }))).toMatchObject({
        tax_lines: [],
        totals: { tax: 0, total: 1000 },
      })
    }
  })

  test('one tax entered for two classes is one tax line, rounded once', () => {
    // 5 % of 10 + 10 is 1; rounding each class alone would make 2.
    const tax_rates = [
      aTaxRate({ id: 'tax_a', rate_ppm: 50_000 }),
      aTaxRate({ id: 'tax_b', rate_ppm: 50_000, tax_class: 'books' }),
    ]
    const lines = [aLine({ unit_price: 10 }), aLine({ id: 'line_b', unit_price: 10, tax_class: 'books' })]
    expect(price(toGermany({ lines, tax_rates })).tax_lines).toEqual([
      { name: 'VAT', rate_ppm: 50_000, amount: 1 },
    ])
  })

  test('two classes that bear the same taxes contain them together, in whatever order they were entered', () => {
    // 6 × 15/115 is 0.78, so 1; rounding each class alone, 3 × 15/115 is 0.39, would find none.
    const tax = (id: string, name: string, tax_class: string) =>
      aTaxRate({ id, name, tax_class, rate_ppm: name === 'GST' ? 50_000 : 100_000 })
    const tax_rates = [
      tax('tax_a', 'GST', 'standard'),
      tax('tax_b', 'PST', 'standard'),
      tax('tax_c', 'PST', 'books'),
      tax('tax_d', 'GST', 'books'),
    ]
    const lines = [aLine({ unit_price: 3 }), aLine({ id: 'line_b', unit_price: 3, tax_class: 'books' })]
    const { tax_lines } = price(toGermany({ lines, tax_rates, prices_include_tax: true }))
    expect(tax_lines).toEqual([
      { name: 'GST', rate_ppm: 50_000, amount: 0 },
      { name: 'PST', rate_ppm: 100_000, amount: 1 },
    ])
  })

  test('a country and a region may levy the same tax by name and height', () => {
    const tax_rates = [
      aTaxRate({ id: 'tax_a', rate_ppm: 100_000 }),
      aTaxRate({ id: 'tax_b', rate_ppm: 100_000, region: 'BY' }),
    ]
    const destination = { country: 'DE', region: 'BY' }
    const exclusive = price(toGermany({ destination, tax_rates }))
    expect(exclusive.tax_lines).toEqual([{ name: 'VAT', rate_ppm: 100_000, amount: 200 }])
    const inclusive = price(
      toGermany({ destination, tax_rates, prices_include_tax: true, lines: linesAt(1200) }),
    )
    expect(inclusive.tax_lines).toEqual([{ name: 'VAT', rate_ppm: 100_000, amount: 200 }])
  })

  test('a rate of 0 % is named, since an invoice has to say so; a rate that touches nothing is not', () => {
    const tax_rates = [aTaxRate({ name: 'Zero rate', rate_ppm: 0 }), books]
    expect(price(toGermany({ tax_rates })).tax_lines).toEqual([{ name: 'Zero rate', rate_ppm: 0, amount: 0 }])
  })
})
