// Shipping: which zone covers a place, and what a rate costs.

import { describe, expect, test } from 'vitest'
import type { PricingInput, ShippingRate, ShippingZone } from '../../../src/features/pricing/model.ts'
import { price } from '../../../src/features/pricing/price.ts'
import { aBasket, aLine, amountOff, aPromotion, aRate, aZone, linesAt } from './baskets.ts'

const toGermany = (more: Partial<PricingInput> = {}) =>
  aBasket({ destination: { country: 'DE' }, shipping_zones: [aZone()], ...more })

describe('zones', () => {
  const zone = (id: string, ...places: ShippingZone['places']) =>
    aZone({ id, places, rates: [aRate({ id: `rate_of_${id}` })] })
  const zones = [
    zone('zone_world', { country: '*' }),
    zone('zone_us', { country: 'US' }),
    zone('zone_west', { country: 'US', regions: ['CA', 'WA'] }, { country: 'MX' }),
    zone('zone_eu', { country: 'DE' }, { country: 'FR' }),
  ]

  test.each<[string, PricingInput['destination'], string]>([
    ['a region of a country is closer than the country', { country: 'US', region: 'CA' }, 'zone_west'],
    ['a country is closer than the rest of the world', { country: 'US', region: 'NY' }, 'zone_us'],
    ['an unknown region is in the country', { country: 'US' }, 'zone_us'],
    ['any place of a zone counts', { country: 'MX', region: 'CA' }, 'zone_west'],
    ['a region does not keep a country from matching', { country: 'FR', region: 'IDF' }, 'zone_eu'],
    ['what no zone names is the rest of the world', { country: 'JP' }, 'zone_world'],
  ])('%s', (_, destination, expected) => {
    for (const shipping_zones of [zones, zones.toReversed()]) {
      const { shipping_options } = price(aBasket({ destination, shipping_zones }))
      expect(shipping_options.map(option => option.id)).toEqual([`rate_of_${expected}`])
    }
  })

  test('two zones that name a place equally closely: the lower id, in any order', () => {
    const both = [zone('zone_b', { country: 'DE' }), zone('zone_a', { country: 'DE' })]
    for (const shipping_zones of [both, both.toReversed()]) {
      expect(price(toGermany({ shipping_zones })).shipping_options.map(option => option.id)).toEqual([
        'rate_of_zone_a',
      ])
    }
  })

  test('a zone without rates keeps a country from being shipped to', () => {
    const shipping_zones = [aZone(), aZone({ id: 'zone_de', places: [{ country: 'DE' }], rates: [] })]
    expect(price(toGermany({ shipping_zones })).shipping_options).toEqual([])
  })

  test('there is nothing on offer where no zone reaches', () => {
    expect(price(toGermany({ shipping_zones: zones.slice(1, 3) })).shipping_options).toEqual([])
  })

  test('there is nothing on offer while the destination is unknown', () => {
    const pricing = price(toGermany({ destination: null, shipping_option_id: 'rate_standard' }))
    expect(pricing).toMatchObject({ shipping_options: [], shipping: null, requires_shipping: true })
  })

  test('there is nothing on offer when no line is shipped', () => {
    const pricing = price(toGermany({ lines: [aLine({ requires_shipping: false })] }))
    expect(pricing).toMatchObject({ shipping_options: [], requires_shipping: false })
  })

  test('rates are offered in their order', () => {
    const rates = ['z', 'a', 'm'].map(letter => aRate({ id: `rate_${letter}` }))
    const { shipping_options } = price(toGermany({ shipping_zones: [aZone({ rates })] }))
    expect(shipping_options.map(option => option.id)).toEqual(['rate_z', 'rate_a', 'rate_m'])
  })
})

describe('the chosen option', () => {
  test('its price is part of the total', () => {
    const pricing = price(toGermany({ shipping_option_id: 'rate_standard' }))
    expect(pricing.shipping).toEqual({
      id: 'rate_standard',
      title: 'Standard',
      price: 500,
      full_price: 500,
      eta_days: null,
    })
    expect(pricing.totals).toMatchObject({ subtotal: 1000, shipping: 500, total: 1500 })
  })

  test('an option that is not on offer is not chosen', () => {
    const pricing = price(toGermany({ shipping_option_id: 'rate_gone' }))
    expect(pricing.shipping).toBeNull()
    expect(pricing.totals).toMatchObject({ shipping: 0, total: 1000 })
  })
})

describe('rates', () => {
  const offered = (rule: ShippingRate['rule'], more: Partial<PricingInput> = {}) =>
    price(toGermany({ shipping_zones: [aZone({ rates: [aRate({ rule })] })], ...more })).shipping_options.map(
      option => option.price,
    )
  const shipped = (weight_grams: number, quantity = 1) => [aLine({ weight_grams, quantity })]

  test('a rate without the currency is not offered', () => {
    expect(offered({ kind: 'flat', price: { USD: 500 } })).toEqual([])
    expect(offered({ kind: 'by_weight', tiers: [{ from_grams: 0, price: { USD: 500 } }] })).toEqual([])
    expect(offered({ kind: 'by_subtotal', tiers: [{ from: { USD: 0 }, price: { EUR: 5 } }] })).toEqual([])
    expect(offered({ kind: 'by_subtotal', tiers: [{ from: { EUR: 0 }, price: { USD: 5 } }] })).toEqual([])
  })

  test.each([
    [0, []],
    [99, []],
    [100, [400]],
    [999, [400]],
    [1000, [700]],
    [5000, [700]],
    [5001, []],
  ])('a parcel of %i g costs %j', (weight, expected) => {
    const rule: ShippingRate['rule'] = {
      kind: 'by_weight',
      max_grams: 5000,
      tiers: [
        { from_grams: 1000, price: { EUR: 700 } },
        { from_grams: 100, price: { EUR: 400 } },
      ],
    }
    expect(offered(rule, { lines: shipped(weight) })).toEqual(expected)
    expect(offered({ ...rule, tiers: rule.tiers.toReversed() }, { lines: shipped(weight) })).toEqual(expected)
  })

  test('the parcel weighs every unit of the shipped lines, and nothing else', () => {
    const rule: ShippingRate['rule'] = {
      kind: 'by_weight',
      tiers: [0, 299, 300, 301].map(from_grams => ({ from_grams, price: { EUR: from_grams } })),
    }
    const ebook = aLine({ id: 'line_b', weight_grams: 9999, requires_shipping: false })
    expect(offered(rule, { lines: [...shipped(100, 3), ebook] })).toEqual([300])
  })

  const byBasket: ShippingRate['rule'] = {
    kind: 'by_subtotal',
    tiers: [
      { from: { EUR: 0 }, price: { EUR: 490 } },
      { from: { EUR: 5000, USD: 6000 }, price: { EUR: 0 } },
    ],
  }

  test.each([
    [4999, [490]],
    [5000, [0]],
  ])('a basket of %i ships for %j', (unit_price, expected) => {
    expect(offered(byBasket, { lines: linesAt(unit_price) })).toEqual(expected)
  })

  test('a tier is reached by what is left after discounts, of all lines', () => {
    const promotions = [aPromotion(amountOff({ EUR: 1 }))]
    expect(offered(byBasket, { lines: linesAt(5000), promotions })).toEqual([490])
    const ebook = aLine({ id: 'line_b', unit_price: 2000, requires_shipping: false })
    expect(offered(byBasket, { lines: [aLine({ unit_price: 3001 }), ebook], promotions })).toEqual([0])
  })
})
