// Money arithmetic: exact, and never a unit lost (INV-MONEY).

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  formatDecimal,
  isCurrency,
  MAX_AMOUNT,
  minorDigits,
  mulDiv,
  parseDecimal,
  split,
} from '../../src/lib/money.ts'

const amounts = fc.integer({ min: 0, max: MAX_AMOUNT })
const currencies = fc.constantFrom('EUR', 'JPY', 'KWD', 'CLF')
const magnitude = (value: bigint) => (value < 0n ? -value : value)

describe('currencies', () => {
  // Intl.NumberFormat would say 0 for HUF and UGX alike: ISO 4217 is what payment providers follow.
  test.each([
    ['EUR', 2],
    ['USD', 2],
    ['HUF', 2],
    ['JPY', 0],
    ['CLP', 0],
    ['UGX', 0],
    ['KWD', 3],
    ['IQD', 3],
    ['CLF', 4],
  ])('the minor unit of %s has %i digits', (currency, digits) => {
    expect(minorDigits(currency)).toBe(digits)
  })

  test.each(['EUR', 'USD', 'JPY', 'KWD'])('%s is a currency', code => {
    expect(isCurrency(code)).toBe(true)
  })

  test.each(['', 'eur', 'EURO', 'XYZ1', '€'])('%j is no currency', code => {
    expect(isCurrency(code)).toBe(false)
  })
})

describe('decimal texts', () => {
  test.each<[string, string, number | null]>([
    ['9.99', 'EUR', 999],
    ['9.9', 'EUR', 990],
    ['9', 'EUR', 900],
    ['9.', 'EUR', 900],
    [' 9.99 ', 'EUR', 999],
    ['0.01', 'EUR', 1],
    ['0', 'EUR', 0],
    ['007', 'EUR', 700],
    ['1.5000', 'EUR', 150],
    ['1.234', 'KWD', 1234],
    ['1.2', 'KWD', 1200],
    ['1.00', 'JPY', 1],
    ['1.2345', 'CLF', 12_345],
    ['1.29', 'EUR', 129], // 1.29 × 100 is 129.00000000000001 in doubles.
    ['10000000000', 'EUR', MAX_AMOUNT],
    ['10000000000.01', 'EUR', null],
    ['999999999999', 'EUR', null],
    ['9999999999999999999', 'EUR', null],
    ['1.999', 'EUR', null],
    ['1.1', 'JPY', null],
    ['1.2345', 'KWD', null],
    ['-1', 'EUR', null],
    ['+1', 'EUR', null],
    ['1,5', 'EUR', null],
    ['.5', 'EUR', null],
    ['1e3', 'EUR', null],
    ['0x10', 'EUR', null],
    ['1.2.3', 'EUR', null],
    ['', 'EUR', null],
    ['NaN', 'EUR', null],
    ['١', 'EUR', null],
  ])('%j in %s reads as %j', (text, currency, expected) => {
    expect(parseDecimal(text, currency)).toBe(expected)
  })

  test.each<[number, string, string]>([
    [999, 'EUR', '9.99'],
    [5, 'EUR', '0.05'],
    [0, 'EUR', '0.00'],
    [0, 'JPY', '0'],
    [1500, 'JPY', '1500'],
    [1, 'KWD', '0.001'],
    [12_345, 'CLF', '1.2345'],
    [-5, 'EUR', '-0.05'],
    [-1500, 'JPY', '-1500'],
  ])('%i %s is written "%s"', (amount, currency, expected) => {
    expect(formatDecimal(amount, currency)).toBe(expected)
  })

  test('what is written reads back as the same amount', () => {
    fc.assert(
      fc.property(amounts, currencies, (amount, currency) => {
        const text = formatDecimal(amount, currency)
        // The integer part of a text may have 12 digits, which no amount within MAX_AMOUNT passes but in JPY.
        if (/^\d{13}/.test(text)) return
        expect(parseDecimal(text, currency)).toBe(amount)
      }),
      { numRuns: 5000 },
    )
  })
})

describe('mulDiv', () => {
  test.each([
    [10, 1, 4, 3], // 2.5
    [-10, 1, 4, -3],
    [10, -1, 4, -3],
    [9, 1, 4, 2], // 2.25
    [-9, 1, 4, -2],
    [11, 1, 4, 3], // 2.75
    [0, 5, 7, 0],
    [MAX_AMOUNT, 1_000_000, 1_000_000, MAX_AMOUNT],
    [999_999_999_999, 999_999, 1_000_000, 999_998_999_999], // 999998999999.000001
  ])('%i × %i / %i is %i: halves go away from zero', (amount, numerator, denominator, expected) => {
    expect(mulDiv(amount, numerator, denominator)).toBe(expected)
  })

  test('it is never more than half a unit from the exact value, and mirrors at zero', () => {
    const factor = fc.integer({ min: 1, max: 10_000_000 })
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: MAX_AMOUNT }),
        factor,
        factor,
        (amount, numerator, denominator) => {
          // The result must be an exact number too.
          fc.pre(amount / denominator < 2 ** 53 / numerator)
          const result = mulDiv(amount, numerator, denominator)
          const off = BigInt(result) * BigInt(denominator) - BigInt(amount) * BigInt(numerator)
          expect(2n * magnitude(off) <= BigInt(denominator)).toBe(true)
          // Exactly half: away from zero, so up.
          if (2n * magnitude(off) === BigInt(denominator)) expect(off > 0n).toBe(true)
          if (result !== 0) expect(mulDiv(-amount, numerator, denominator)).toBe(-result)
        },
      ),
      { numRuns: 5000 },
    )
  })
})

describe('split', () => {
  test.each<[number, number[], number[]]>([
    [100, [1, 1, 1], [34, 33, 33]],
    [101, [1, 1, 1], [34, 34, 33]],
    [100, [333, 333, 334], [33, 33, 34]],
    [5, [3, 0, 7], [2, 0, 3]], // 1.5 and 3.5: the earlier gets the odd unit.
    [1, [0, 0, 1], [0, 0, 1]],
    [0, [1, 2], [0, 0]],
    [7, [0, 0], [7, 0]],
    [7, [], []],
    [7, [5], [7]],
    [10, [9_007_199_254_740_991, 1], [10, 0]],
  ])('%i over %j is %j', (total, weights, expected) => {
    expect(split(total, weights)).toEqual(expected)
  })

  const weights = fc.array(
    fc.oneof(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 1000 }), amounts),
    { minLength: 1, maxLength: 12 },
  )

  test('the parts add up to the total, each within a unit of its exact share', () => {
    fc.assert(
      fc.property(fc.oneof(fc.integer({ min: 0, max: 1000 }), amounts), weights, (total, shares) => {
        const parts = split(total, shares)
        expect(parts.reduce((a, b) => a + b, 0)).toBe(total)
        const sum = shares.reduce((a, b) => a + BigInt(b), 0n)
        if (sum === 0n) return
        parts.forEach((part, index) => {
          const off = BigInt(part) * sum - BigInt(total) * BigInt(shares[index] ?? 0)
          expect(Number.isSafeInteger(part) && part >= 0 && magnitude(off) < sum).toBe(true)
        })
      }),
      { numRuns: 10_000 },
    )
  })

  test('a total within the sum of the weights gives no part more than its weight', () => {
    // This is what keeps a discount within each line, and tax within each price that contains it.
    fc.assert(
      fc.property(weights, fc.nat(), (shares, seed) => {
        const sum = shares.reduce((a, b) => a + b, 0)
        const total = mulDiv(sum, seed, 2 ** 31 - 1)
        split(total, shares).forEach((part, index) => {
          expect(part).toBeLessThanOrEqual(shares[index] ?? 0)
        })
      }),
      { numRuns: 5000 },
    )
  })

  test('a heavier part never gets less than a lighter one', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1000 }), weights, (total, shares) => {
        // All weights zero is the documented exception: the first part takes all.
        fc.pre(shares.some(share => share > 0))
        const heaviestFirst = shares.toSorted((a, b) => b - a)
        const parts = split(total, heaviestFirst)
        expect(parts).toEqual(parts.toSorted((a, b) => b - a))
      }),
      { numRuns: 5000 },
    )
  })
})
