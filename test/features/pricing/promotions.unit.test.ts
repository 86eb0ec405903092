// Promotions: who may apply, what they take off, and which of them win. Amounts worked by hand.

import { describe, expect, test } from 'vitest'
import type { PricingInput, Promotion } from '../../../src/features/pricing/model.ts'
import { price } from '../../../src/features/pricing/price.ts'
import {
  aBasket,
  aLine,
  amountOff,
  aPromotion,
  aRate,
  aZone,
  buyGet,
  freeShipping,
  linesAt,
  NOW,
  percentOff,
  products,
} from './baskets.ts'

const lineDiscounts = (input: PricingInput) => price(input).lines.map(line => line.discount)
const appliedIds = (input: PricingInput) => price(input).discounts.map(discount => discount.promotion_id)

describe('amounts', () => {
  test('a percentage is rounded once on the sum, not on each line', () => {
    // 10 % of 3 × 5 is 1.5, so 2. Rounding each line's 0.5 would take off 3.
    const input = aBasket({ lines: linesAt(5, 5, 5), promotions: [aPromotion(percentOff(1000))] })
    expect(lineDiscounts(input)).toEqual([1, 1, 0])
  })

  test('a percentage is split by largest remainder', () => {
    // 10 % of 1000 is 100: 33.3, 33.3 and 33.4; the odd unit goes to the largest remainder.
    const input = aBasket({ lines: linesAt(333, 333, 334), promotions: [aPromotion(percentOff(1000))] })
    expect(lineDiscounts(input)).toEqual([33, 33, 34])
  })

  test('half a unit is rounded away from zero', () => {
    const input = aBasket({ lines: linesAt(50), promotions: [aPromotion(percentOff(100))] })
    expect(lineDiscounts(input)).toEqual([1])
  })

  test('a fixed amount is split over the lines without losing a unit', () => {
    const input = aBasket({
      currency: 'JPY',
      lines: linesAt(1000, 1000, 1000),
      promotions: [aPromotion(amountOff({ JPY: 1000 }))],
    })
    expect(lineDiscounts(input)).toEqual([334, 333, 333])
  })

  test('a fixed amount never takes off more than the touched lines cost', () => {
    const input = aBasket({
      lines: linesAt(700, 300, 5000),
      promotions: [aPromotion(amountOff({ EUR: 2000 }, { scope: products('prod_a', 'prod_b') }))],
    })
    const { lines, totals } = price(input)
    expect(lines.map(line => line.total)).toEqual([0, 0, 5000])
    expect(totals).toMatchObject({ subtotal: 6000, discount: 1000, total: 5000 })
  })

  test('a percentage above 100 takes off no more than everything', () => {
    expect(lineDiscounts(aBasket({ promotions: [aPromotion(percentOff(15_000))] }))).toEqual([1000])
  })

  test('only lines in scope are touched', () => {
    const lines = [
      aLine({ id: 'line_a', product_id: 'prod_a' }),
      aLine({ id: 'line_b', product_id: 'prod_b', collection_ids: ['col_x', 'col_y'] }),
      aLine({ id: 'line_c', product_id: 'prod_c', collection_ids: ['col_y'] }),
    ]
    const off = (scope: Promotion['rule']['scope']) =>
      lineDiscounts(aBasket({ lines, promotions: [aPromotion(percentOff(1000, { scope }))] }))
    expect(off({ type: 'all' })).toEqual([100, 100, 100])
    expect(off({ type: 'products', product_ids: ['prod_c', 'prod_z'] })).toEqual([0, 0, 100])
    expect(off({ type: 'collections', collection_ids: ['col_x'] })).toEqual([0, 100, 0])
    expect(off({ type: 'collections', collection_ids: ['col_y', 'col_x'] })).toEqual([0, 100, 100])
  })

  test('each line names the promotions that touched it, with their share', () => {
    const { lines, discounts } = price(
      aBasket({
        lines: linesAt(1000, 1000),
        discount_codes: ['TEN'],
        promotions: [
          aPromotion(percentOff(1000), { id: 'promo_a', title: 'Ten', code: 'TEN' }),
          aPromotion(amountOff({ EUR: 90 }, { scope: products('prod_b'), priority: 1 }), {
            id: 'promo_b',
            title: 'B',
          }),
        ],
      }),
    )
    const ten = { promotion_id: 'promo_a', title: 'Ten', code: 'TEN', target: 'line' }
    const onlyB = { promotion_id: 'promo_b', title: 'B', code: null, target: 'line' }
    expect(lines.map(line => line.discounts)).toEqual([
      [{ ...ten, amount: 100 }],
      [
        { ...ten, amount: 100 },
        { ...onlyB, amount: 90 },
      ],
    ])
    expect(discounts).toEqual([
      { ...ten, amount: 200 },
      { ...onlyB, amount: 90 },
    ])
  })
})

describe('codes', () => {
  const basket = (
    rule: Promotion['rule'],
    more: Partial<Promotion> = {},
    input: Partial<PricingInput> = {},
  ) =>
    aBasket({ discount_codes: ['CODE'], promotions: [aPromotion(rule, { code: 'CODE', ...more })], ...input })
  const ten = (more: Parameters<typeof percentOff>[1] = {}) => percentOff(1000, more)

  test.each<[string, PricingInput, string | undefined]>([
    ['an unknown code', basket(ten(), { code: 'OTHER' }), 'code_unknown'],
    ['a code in the millisecond before its start', basket(ten({ starts_at: NOW + 1 })), 'code_not_started'],
    ['a code in the millisecond of its start', basket(ten({ starts_at: NOW })), undefined],
    ['a code in the millisecond before its end', basket(ten({ ends_at: NOW + 1 })), undefined],
    ['a code in the millisecond of its end', basket(ten({ ends_at: NOW })), 'code_expired'],
    ['a code one use below its limit', basket(ten(), { usage_limit: 3, redeemed: 2 }), undefined],
    ['a code at its limit', basket(ten(), { usage_limit: 3, redeemed: 3 }), 'code_used_up'],
    [
      'a code one use below its limit for a buyer',
      basket(ten(), { usage_limit_per_customer: 1, redeemed: 9 }),
      undefined,
    ],
    [
      'a code at its limit for a buyer',
      basket(ten(), { usage_limit_per_customer: 1, redeemed_by_customer: 1 }),
      'code_used_by_customer',
    ],
    ['a fixed amount without the currency', basket(amountOff({ USD: 100 })), 'code_not_in_currency'],
    ['a minimum without the currency', basket(ten({ min_subtotal: { USD: 1 } })), 'code_not_in_currency'],
    ['a minimum just reached', basket(ten({ min_subtotal: { EUR: 1000 } })), undefined],
    ['a minimum missed by a unit', basket(ten({ min_subtotal: { EUR: 1001 } })), 'code_minimum_not_met'],
    ['a scope that matches nothing', basket(ten({ scope: products('prod_z') })), 'code_no_matching_items'],
    ['lines that are free already', basket(ten(), {}, { lines: linesAt(0) }), 'code_no_matching_items'],
    [
      'a percentage that rounds to nothing',
      basket(ten(), {}, { lines: linesAt(4) }),
      'code_no_matching_items',
    ],
    ['an amount of nothing', basket(amountOff({ EUR: 0 })), 'code_no_matching_items'],
    ['too few units for the offer', basket(buyGet(1, 1)), 'code_no_matching_items'],
    ['an empty basket', basket(ten(), {}, { lines: [] }), 'code_no_matching_items'],
  ])('%s', (_, input, reason) => {
    const { codes, discounts } = price(input)
    expect(codes).toEqual([
      reason ? { code: 'CODE', applied: false, reason } : { code: 'CODE', applied: true },
    ])
    expect(discounts).toHaveLength(reason ? 0 : 1)
  })

  test('every code is answered, in the order in which it was typed', () => {
    const { codes } = price(
      aBasket({
        discount_codes: ['NOPE', 'B', 'A'],
        promotions: [
          aPromotion(ten(), { id: 'promo_a', code: 'A' }),
          aPromotion(ten({ ends_at: NOW }), { id: 'promo_b', code: 'B' }),
        ],
      }),
    )
    expect(codes).toEqual([
      { code: 'NOPE', applied: false, reason: 'code_unknown' },
      { code: 'B', applied: false, reason: 'code_expired' },
      { code: 'A', applied: true },
    ])
  })

  test('a promotion with a code applies only to who types it', () => {
    const promotions = [aPromotion(ten(), { code: 'CODE' })]
    expect(price(aBasket({ promotions })).totals.discount).toBe(0)
    expect(price(aBasket({ promotions, discount_codes: ['CODE'] })).totals.discount).toBe(100)
  })

  test('automatic promotions obey the same dates and limits', () => {
    for (const promotion of [
      aPromotion(ten({ starts_at: NOW + 1 })),
      aPromotion(ten({ ends_at: NOW })),
      aPromotion(ten(), { usage_limit: 1, redeemed: 1 }),
      aPromotion(ten(), { usage_limit_per_customer: 1, redeemed_by_customer: 1 }),
    ]) {
      expect(price(aBasket({ promotions: [promotion] })).totals.discount).toBe(0)
    }
  })

  test('the minimum is measured before any discount', () => {
    const input = aBasket({
      promotions: [
        aPromotion(percentOff(5000), { id: 'promo_a' }),
        aPromotion(amountOff({ EUR: 100 }, { min_subtotal: { EUR: 1000 }, priority: 1 }), { id: 'promo_b' }),
      ],
    })
    expect(price(input).totals.discount).toBe(600)
  })

  test('the minimum counts every line, also those out of scope', () => {
    const rule = amountOff({ EUR: 100 }, { min_subtotal: { EUR: 3000 }, scope: products('prod_a') })
    const input = aBasket({ lines: linesAt(1000, 2000), promotions: [aPromotion(rule)] })
    expect(lineDiscounts(input)).toEqual([100, 0])
  })
})

describe('combination', () => {
  const half = percentOff(5000)
  const hundred = amountOff({ EUR: 100 })

  test('each later promotion works on what the earlier left, by priority', () => {
    const inOrder = (first: number, second: number) =>
      price(
        aBasket({
          promotions: [
            aPromotion({ ...half, priority: first }, { id: 'promo_a' }),
            aPromotion({ ...hundred, priority: second }, { id: 'promo_b' }),
          ],
        }),
      ).totals.discount
    expect(inOrder(1, 2)).toBe(600) // half of 1000, then 100
    expect(inOrder(2, 1)).toBe(550) // 100, then half of 900
  })

  test('equal priorities go by id', () => {
    const promotions = [aPromotion(hundred, { id: 'promo_b' }), aPromotion(half, { id: 'promo_a' })]
    expect(appliedIds(aBasket({ promotions }))).toEqual(['promo_a', 'promo_b'])
    expect(price(aBasket({ promotions })).totals.discount).toBe(600)
  })

  test('a fixed amount after another is split by what is left, and capped by it', () => {
    const input = aBasket({
      lines: linesAt(1000, 1000),
      promotions: [
        aPromotion(amountOff({ EUR: 900 }, { scope: products('prod_a') }), { id: 'promo_a' }),
        aPromotion(amountOff({ EUR: 550 }), { id: 'promo_b' }),
        aPromotion(amountOff({ EUR: 9999 }, { scope: products('prod_a') }), { id: 'promo_c' }),
      ],
    })
    // After 900: 100 and 1000 are left. 550 is half of both: 50 and 500. Then only 50 are left of the first.
    const { lines, discounts } = price(input)
    expect(lines.map(line => line.discount)).toEqual([1000, 500])
    expect(discounts.map(discount => discount.amount)).toEqual([900, 550, 50])
  })

  const alone = (amount: number, more: Partial<Promotion> = {}) =>
    aPromotion(amountOff({ EUR: amount }, { is_combinable: false, priority: 9 }), { id: 'promo_x', ...more })
  const pair = [
    aPromotion(amountOff({ EUR: 100 }), { id: 'promo_a', code: 'A' }),
    aPromotion(amountOff({ EUR: 50 }), { id: 'promo_b', code: 'B' }),
  ]
  const codesAB = { discount_codes: ['A', 'B', 'X'] }

  test('a single non-combinable promotion wins if it takes off more than all combinable ones together', () => {
    const pricing = price(aBasket({ ...codesAB, promotions: [...pair, alone(151, { code: 'X' })] }))
    expect(pricing.totals.discount).toBe(151)
    expect(pricing.codes).toEqual([
      { code: 'A', applied: false, reason: 'code_not_combinable' },
      { code: 'B', applied: false, reason: 'code_not_combinable' },
      { code: 'X', applied: true },
    ])
  })

  test('the combination wins a tie', () => {
    const pricing = price(aBasket({ ...codesAB, promotions: [...pair, alone(150, { code: 'X' })] }))
    expect(pricing.discounts.map(discount => discount.amount)).toEqual([100, 50])
    expect(pricing.codes.at(2)).toEqual({ code: 'X', applied: false, reason: 'code_not_combinable' })
  })

  test('of equal non-combinable promotions the lower priority wins, then the lower id', () => {
    const single = (id: string, priority: number) =>
      aPromotion(amountOff({ EUR: 150 }, { is_combinable: false, priority }), { id })
    expect(appliedIds(aBasket({ promotions: [single('promo_a', 2), single('promo_b', 1)] }))).toEqual([
      'promo_b',
    ])
    expect(appliedIds(aBasket({ promotions: [single('promo_b', 1), single('promo_a', 1)] }))).toEqual([
      'promo_a',
    ])
  })

  test('a code that could take nothing off anyway says so, whoever wins', () => {
    const lost = aPromotion(percentOff(1000, { scope: products('prod_z') }), { id: 'promo_b', code: 'B' })
    const pricing = price(aBasket({ discount_codes: ['B'], promotions: [lost, alone(150)] }))
    expect(pricing.codes).toEqual([{ code: 'B', applied: false, reason: 'code_no_matching_items' }])
  })

  test('a code to which the earlier promotions left nothing has not applied', () => {
    const promotions = [
      aPromotion(percentOff(10_000), { id: 'promo_a' }),
      aPromotion(percentOff(1000, { priority: 1 }), { id: 'promo_b', code: 'B' }),
    ]
    const { codes } = price(aBasket({ promotions, discount_codes: ['B'] }))
    expect(codes).toEqual([{ code: 'B', applied: false, reason: 'code_no_matching_items' }])
  })
})

describe('free shipping', () => {
  const free = (more: Parameters<typeof freeShipping>[0] = {}) =>
    aPromotion(freeShipping(more), { id: 'promo_free', title: 'Free shipping', code: 'FREE' })
  const shipped = (more: Partial<PricingInput> = {}) =>
    aBasket({
      destination: { country: 'DE' },
      shipping_zones: [aZone()],
      shipping_option_id: 'rate_standard',
      discount_codes: ['FREE'],
      ...more,
    })

  test('it takes off the whole price of the chosen option, and nothing off the lines', () => {
    const { shipping, totals, discounts, codes } = price(shipped({ promotions: [free()] }))
    expect(shipping).toMatchObject({ price: 0, full_price: 500 })
    expect(totals).toMatchObject({ discount: 0, shipping: 0, total: 1000 })
    expect(discounts).toEqual([
      { promotion_id: 'promo_free', title: 'Free shipping', code: 'FREE', target: 'shipping', amount: 500 },
    ])
    expect(codes).toEqual([{ code: 'FREE', applied: true }])
  })

  test('before an option is chosen the code holds, and the option that it covers shows as free', () => {
    const pricing = price(shipped({ promotions: [free()], shipping_option_id: null }))
    expect(pricing.codes).toEqual([{ code: 'FREE', applied: true }])
    expect(pricing.discounts).toEqual([])
    expect(pricing.shipping_options).toMatchObject([{ price: 0, full_price: 500 }])
    const nowhere = price(shipped({ promotions: [free({ is_combinable: false })], destination: null }))
    expect(nowhere.codes).toEqual([{ code: 'FREE', applied: true }])
  })

  test.each<[string, Partial<PricingInput>]>([
    ['nothing needs shipping', { lines: [aLine({ requires_shipping: false })], promotions: [free()] }],
    ['no line is in scope', { promotions: [free({ scope: products('prod_z') })] }],
    [
      'the chosen option costs nothing anyway',
      {
        promotions: [free()],
        shipping_zones: [aZone({ rates: [aRate({ rule: { kind: 'flat', price: { EUR: 0 } } })] })],
      },
    ],
    [
      'another promotion has made it free already',
      { promotions: [free(), aPromotion(freeShipping({ priority: -1 }), { id: 'promo_first' })] },
    ],
  ])('it takes nothing off when %s', (_, more) => {
    const { codes } = price(shipped(more))
    expect(codes).toEqual([{ code: 'FREE', applied: false, reason: 'code_no_matching_items' }])
  })

  test('it counts with the price of the chosen option when promotions are compared', () => {
    const rates = [
      aRate({ id: 'rate_post', rule: { kind: 'flat', price: { EUR: 300 } } }),
      aRate({ id: 'rate_courier', rule: { kind: 'flat', price: { EUR: 900 } } }),
    ]
    const input = (shipping_option_id: string | null) =>
      shipped({
        shipping_option_id,
        shipping_zones: [aZone({ rates })],
        promotions: [
          free({ is_combinable: false, max_shipping: { EUR: 900 } }),
          aPromotion(amountOff({ EUR: 400 }, { is_combinable: false }), { id: 'promo_off' }),
        ],
      })
    expect(appliedIds(input('rate_post'))).toEqual(['promo_off'])
    expect(appliedIds(input('rate_courier'))).toEqual(['promo_free'])
    // The price shown for an option is the one it has once chosen, whatever is chosen now.
    for (const chosen of [null, 'rate_post', 'rate_courier']) {
      expect(price(input(chosen)).shipping_options.map(option => option.price)).toEqual([300, 0])
    }
  })

  const POST = aRate({ id: 'rate_post', rule: { kind: 'flat', price: { EUR: 300 } } })
  const PARCEL = aRate({ id: 'rate_parcel', rule: { kind: 'flat', price: { EUR: 300 } } })
  const COURIER = aRate({ id: 'rate_courier', rule: { kind: 'flat', price: { EUR: 900 } } })
  const PICKUP = aRate({ id: 'rate_pickup', rule: { kind: 'flat', price: { EUR: 0 } } })
  const among = (rates: (typeof POST)[], chosen: string | null, ...promotions: Promotion[]) =>
    price(shipped({ shipping_option_id: chosen, shipping_zones: [aZone({ rates })], promotions }))
  const prices = (pricing: ReturnType<typeof price>) => pricing.shipping_options.map(option => option.price)

  test('it covers the cheapest option, or all that are equally cheap, and the dear ones keep their price', () => {
    expect(prices(among([COURIER, POST, PARCEL], null, free()))).toEqual([900, 0, 0])
    const express = among([POST, COURIER], 'rate_courier', free())
    expect(express.totals).toMatchObject({ shipping: 900, total: 1900 })
    expect(express.discounts).toEqual([])
    expect(express.codes).toEqual([{ code: 'FREE', applied: false, reason: 'code_not_for_shipping_option' }])
  })

  test('it covers every option up to the limit that it names, a free one beside them or not', () => {
    const limited = free({ max_shipping: { EUR: 300 } })
    expect(prices(among([PICKUP, POST, COURIER], null, limited))).toEqual([0, 0, 900])
    expect(among([PICKUP, POST, COURIER], 'rate_post', limited).codes).toEqual([
      { code: 'FREE', applied: true },
    ])
    expect(prices(among([PICKUP, POST, COURIER], null, free({ max_shipping: { EUR: 299 } })))).toEqual([
      0, 300, 900,
    ])
  })

  test('a limit in other currencies only makes it no offer in this one', () => {
    const { codes, shipping_options } = among([POST], 'rate_post', free({ max_shipping: { USD: 5000 } }))
    expect(codes).toEqual([{ code: 'FREE', applied: false, reason: 'code_not_in_currency' }])
    expect(shipping_options).toMatchObject([{ price: 300 }])
  })

  test('before an option is chosen a code that covers none of them says so', () => {
    const { codes } = among([POST, COURIER], null, free({ max_shipping: { EUR: 299 } }))
    expect(codes).toEqual([{ code: 'FREE', applied: false, reason: 'code_not_for_shipping_option' }])
  })

  test('of two together, the one that covers the chosen option takes its price off', () => {
    const wide = aPromotion(freeShipping({ max_shipping: { EUR: 900 }, priority: 1 }), { id: 'promo_wide' })
    const both = (chosen: string) => among([POST, COURIER], chosen, free(), wide).discounts
    expect(both('rate_post')).toMatchObject([{ promotion_id: 'promo_free', amount: 300 }])
    expect(both('rate_courier')).toMatchObject([{ promotion_id: 'promo_wide', amount: 900 }])
  })
})

describe('an automatic promotion that a code displaces', () => {
  const sale = (more: Parameters<typeof percentOff>[1] = {}) =>
    aPromotion(percentOff(1000, more), { id: 'promo_sale', title: 'Sale' })
  const coded = (percent: number, more: Parameters<typeof percentOff>[1] = {}) =>
    aPromotion(percentOff(percent, more), { id: 'promo_code', code: 'CODE' })
  const displaced = (promotions: Promotion[], more: Partial<PricingInput> = {}) =>
    price(aBasket({ promotions, discount_codes: ['CODE'], ...more })).displaced

  test('is named when either of them does not combine', () => {
    const named = [{ promotion_id: 'promo_sale', title: 'Sale' }]
    expect(displaced([sale({ is_combinable: false }), coded(2000)])).toEqual(named)
    expect(displaced([sale(), coded(2000, { is_combinable: false })])).toEqual(named)
  })

  test('is not named when it applies, or the code lost to it, or it would not have applied anyway', () => {
    expect(displaced([sale(), coded(2000)])).toEqual([])
    expect(displaced([sale({ is_combinable: false }), coded(500)])).toEqual([])
    expect(displaced([sale({ min_subtotal: { EUR: 5000 } }), coded(2000, { is_combinable: false })])).toEqual(
      [],
    )
    const better = aPromotion(percentOff(1500, { is_combinable: false }), {
      id: 'promo_better',
      title: 'Better',
    })
    expect(
      displaced([sale({ is_combinable: false }), better, coded(2000, { is_combinable: false })]),
    ).toEqual([{ promotion_id: 'promo_better', title: 'Better' }])
  })

  test('is named for free shipping too, before and after an option is chosen, if it covers that', () => {
    const promotions = [
      aPromotion(freeShipping(), { id: 'promo_sale', title: 'Sale' }),
      coded(9000, { is_combinable: false }),
    ]
    const named = [{ promotion_id: 'promo_sale', title: 'Sale' }]
    const rates = [aRate(), aRate({ id: 'rate_dear', rule: { kind: 'flat', price: { EUR: 700 } } })]
    const to = { destination: { country: 'DE' }, shipping_zones: [aZone({ rates })] }
    expect(displaced(promotions, to)).toEqual(named)
    expect(displaced(promotions, { ...to, shipping_option_id: 'rate_standard' })).toEqual(named)
    expect(displaced(promotions, { ...to, shipping_option_id: 'rate_dear' })).toEqual([])
  })
})
