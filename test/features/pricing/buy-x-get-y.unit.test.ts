// Buy X get Y: which units are got, worked by hand, and against an oracle that tries every choice of units.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { PricingInput, PricingLine, PromotionRule } from '../../../src/features/pricing/model.ts'
import { price } from '../../../src/features/pricing/price.ts'
import { aBasket, aLine, amountOff, aPromotion, buyGet, linesAt, percentOff, products } from './baskets.ts'

const discounts = (rule: PromotionRule, lines: PricingLine[], more: Partial<PricingInput> = {}) =>
  price(aBasket({ lines, promotions: [aPromotion(rule)], ...more })).lines.map(line => line.discount)

describe('which units are got', () => {
  test('the cheapest are got, the dearest bought', () => {
    expect(discounts(buyGet(2, 1), linesAt(1000, 900, 800, 300, 200, 100))).toEqual([0, 0, 0, 0, 200, 100])
  })

  test.each([
    [1, 0],
    [2, 0],
    [3, 1],
    [5, 1],
    [6, 2],
    [10_000, 3333],
  ])('buy 2 get 1 of %i equal units makes %i free: incomplete sets earn nothing', (quantity, free) => {
    expect(discounts(buyGet(2, 1), [aLine({ quantity, unit_price: 10 })])).toEqual([free * 10])
  })

  test('a set is complete only with all the units to get', () => {
    const rule = buyGet(1, 2, { scope: products('prod_a'), get_scope: products('prod_b') })
    expect(discounts(rule, linesAt(1000, 500))).toEqual([0, 0])
    const [shirt, sock] = linesAt(1000, 500)
    expect(shirt && sock && discounts(rule, [shirt, { ...sock, quantity: 2 }])).toEqual([0, 1000])
  })

  test('the reward can be of other products than the purchase', () => {
    const rule = buyGet(2, 1, { scope: products('prod_a'), get_scope: products('prod_b'), percent_bps: 5000 })
    const lines = [
      aLine({ quantity: 4 }),
      aLine({ id: 'line_b', product_id: 'prod_b', quantity: 3, unit_price: 301 }),
    ]
    // Two sets: half of 602.
    expect(discounts(rule, lines)).toEqual([0, 301])
  })

  test('it applies at most as often as allowed', () => {
    expect(discounts(buyGet(1, 1, { max_applications: 2 }), [aLine({ quantity: 10 })])).toEqual([2000])
  })

  test('a unit that must be bought is not got, even if it is the cheapest that could be', () => {
    // Both shirts must be bought, so the reward is the dearer cap.
    const rule = buyGet(2, 1, { scope: products('prod_a'), get_scope: products('prod_a', 'prod_b') })
    const shirts = aLine({ quantity: 2, unit_price: 500 })
    const cap = aLine({ id: 'line_b', product_id: 'prod_b', unit_price: 800 })
    expect(discounts(rule, [shirts, cap])).toEqual([0, 800])
    expect(discounts(rule, [{ ...shirts, quantity: 3 }, cap])).toEqual([500, 0])
  })

  test('a unit that only can be bought is bought before one that could be got', () => {
    // Were the dearer shirts bought first, none would be left to get.
    const rule = buyGet(2, 1, { scope: products('prod_a', 'prod_b'), get_scope: products('prod_a') })
    const lines = [
      aLine({ unit_price: 2000 }),
      aLine({ id: 'line_b', product_id: 'prod_b', quantity: 2, unit_price: 500 }),
    ]
    expect(discounts(rule, lines)).toEqual([2000, 0])
  })

  test('equal prices go to the line that was added first, wherever it stands', () => {
    expect(discounts(buyGet(1, 1), linesAt(700, 700))).toEqual([700, 0])
    expect(discounts(buyGet(1, 1), linesAt(700, 700).reverse())).toEqual([0, 700])
  })

  test('cheap goes by the price tag, the reward by what earlier promotions left', () => {
    const lines = [
      aLine({ unit_price: 1000 }),
      aLine({ id: 'line_b', product_id: 'prod_b', unit_price: 900 }),
    ]
    const promotions = [
      aPromotion(amountOff({ EUR: 500 }, { scope: products('prod_a') }), { id: 'promo_a' }),
      aPromotion(percentOff(1000, { scope: products('prod_b') }), { id: 'promo_b' }),
      aPromotion(buyGet(1, 1, { priority: 1 }), { id: 'promo_c' }),
    ]
    const pricing = price(aBasket({ lines, promotions }))
    expect(pricing.lines.map(line => line.discount)).toEqual([500, 900])
    expect(pricing.discounts.at(-1)).toMatchObject({ promotion_id: 'promo_c', amount: 810 })
  })

  test.each([
    [0, 1],
    [1, 0],
    [0, 0],
  ])('an offer of %i for %i is no offer', (buy, get) => {
    expect(discounts(buyGet(buy, get), [aLine({ quantity: 5 })])).toEqual([0])
    expect(discounts(buyGet(buy, get), [])).toEqual([])
  })

  test('huge quantities cost no more than small ones', () => {
    const lines = Array.from({ length: 200 }, (_, index) =>
      aLine({ id: `line_${index}`, quantity: 10_000, unit_price: index + 1 }),
    )
    const started = performance.now()
    discounts(buyGet(1, 1), lines)
    expect(performance.now() - started).toBeLessThan(500)
  })
})

describe('against every choice of units', () => {
  interface Unit {
    price: number
    buys: boolean
    gets: boolean
  }

  /** The least sum of `count` units that can be got while `bought` others can be bought; null if there is none. */
  function cheapest(units: readonly Unit[], count: number, bought: number): number | null {
    let least: number | null = null
    for (let choice = 0; choice < 1 << units.length; choice++) {
      const got = units.filter((_, index) => (choice >> index) & 1)
      const rest = units.filter((_, index) => !((choice >> index) & 1))
      if (got.length !== count || !got.every(unit => unit.gets)) continue
      if (rest.filter(unit => unit.buys).length < bought) continue
      const cost = got.reduce((total, unit) => total + unit.price, 0)
      if (least === null || cost < least) least = cost
    }
    return least
  }

  test('as many sets as fit are made, of the cheapest units that leave enough to be bought', () => {
    const line = fc.record({
      unit_price: fc.integer({ min: 0, max: 9 }),
      quantity: fc.integer({ min: 1, max: 3 }),
      product: fc.constantFrom('prod_buy', 'prod_get', 'prod_both', 'prod_none'),
    })
    const quantity = fc.integer({ min: 1, max: 3 })
    const most = fc.option(fc.integer({ min: 0, max: 2 }), { nil: undefined })
    fc.assert(
      fc.property(
        fc.array(line, { maxLength: 4 }),
        quantity,
        quantity,
        most,
        (raw, buy, get, max_applications) => {
          const lines = raw.map(({ unit_price, quantity, product }, index) =>
            aLine({ id: `line_${index}`, product_id: product, unit_price, quantity }),
          )
          const units = lines.flatMap(({ unit_price, quantity, product_id }) =>
            Array.from({ length: quantity }, () => ({
              price: unit_price,
              buys: ['prod_buy', 'prod_both'].includes(product_id),
              gets: ['prod_get', 'prod_both'].includes(product_id),
            })),
          )
          let expected = 0
          for (let sets = 1; sets <= (max_applications ?? units.length); sets++) {
            expected = cheapest(units, sets * get, sets * buy) ?? expected
          }
          const rule = buyGet(buy, get, {
            scope: products('prod_buy', 'prod_both'),
            get_scope: products('prod_get', 'prod_both'),
            max_applications,
          })
          expect(price(aBasket({ lines, promotions: [aPromotion(rule)] })).totals.discount).toBe(expected)
        },
      ),
      { numRuns: 1000 },
    )
  })
})
