// Random baskets for property tests: every kind of promotion, rate and tax, prices from nothing to huge, in currencies
// of no, two and three digits. Small sets of ids and places make things meet; all ids are unique.

import fc from 'fast-check'
import type {
  AmountByCurrency,
  PricingInput,
  PricingLine,
  Promotion,
  PromotionRule,
  ShippingRateRule,
  ShippingZone,
  TaxRate,
  ZonePlace,
} from '../../../src/features/pricing/model.ts'
import { NOW } from './baskets.ts'

const CURRENCIES = ['EUR', 'JPY', 'KWD']
const CODES = ['A', 'B', 'C', 'D', 'E']

const pick = <T>(...values: T[]) => fc.constantFrom(...values)
const upTo = (max: number) => fc.integer({ min: 0, max })

/** Mostly true. */
const usually = fc.integer({ min: 0, max: 3 }).map(n => n > 0)

const unitPrice = fc.oneof(upTo(20), upTo(100_000), pick(0, 1, 999, 10_000_000_000))
const quantity = fc.oneof(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 10_000 }))
const amount = fc.oneof(upTo(50), upTo(50_000))

/** Offered in all currencies or in some. */
const amounts: fc.Arbitrary<AmountByCurrency> = fc
  .tuple(amount, fc.oneof({ weight: 5, arbitrary: fc.constant(CURRENCIES) }, fc.subarray(CURRENCIES)))
  .map(([value, currencies]) => Object.fromEntries(currencies.map(currency => [currency, value])))

const line: fc.Arbitrary<Omit<PricingLine, 'id'>> = fc.record({
  product_id: pick('prod_a', 'prod_b', 'prod_c'),
  collection_ids: fc.subarray(['col_x', 'col_y']),
  quantity,
  unit_price: unitPrice,
  weight_grams: upTo(3000),
  requires_shipping: usually,
  taxable: usually,
  tax_class: pick('standard', 'standard', 'books'),
})

const scope = fc.oneof(
  fc.constant({ type: 'all' as const }),
  fc
    .subarray(['prod_a', 'prod_b', 'prod_z'])
    .map(product_ids => ({ type: 'products' as const, product_ids })),
  fc.subarray(['col_x', 'col_y']).map(collection_ids => ({ type: 'collections' as const, collection_ids })),
)

const percent = fc.oneof(upTo(10_000), pick(1, 1000, 3333, 5000, 10_000))

const gift = fc.oneof(
  fc.record({ kind: fc.constant('percentage' as const), percent_bps: percent }),
  fc.record({ kind: fc.constant('fixed_amount' as const), amount: amounts }),
  fc.record(
    { kind: fc.constant('free_shipping' as const), max_shipping: amounts },
    { requiredKeys: ['kind'] },
  ),
  fc.record(
    {
      kind: fc.constant('buy_x_get_y' as const),
      buy_quantity: fc.integer({ min: 1, max: 3 }),
      get_quantity: fc.integer({ min: 1, max: 3 }),
      get_scope: scope,
      percent_bps: percent,
      max_applications: upTo(3),
    },
    { requiredKeys: ['kind', 'buy_quantity', 'get_quantity', 'get_scope', 'percent_bps'] },
  ),
)

const rule: fc.Arbitrary<PromotionRule> = fc
  .tuple(
    fc.record(
      {
        scope,
        is_combinable: usually,
        priority: upTo(2),
        min_subtotal: amounts,
        starts_at: pick(NOW - 1, NOW - 1, NOW, NOW, NOW, NOW + 1),
        ends_at: pick(NOW + 1, NOW + 1, NOW + 1, NOW + 1, NOW + 1, NOW),
      },
      { requiredKeys: ['scope', 'is_combinable', 'priority'] },
    ),
    gift,
  )
  .map(([conditions, what]) => ({ ...conditions, ...what }))

const promotion = fc.record({
  has_code: fc.boolean(),
  rule,
  usage_limit: pick(null, null, null, null, null, 2),
  usage_limit_per_customer: pick(null, null, null, null, null, 1),
  redeemed: upTo(2),
  redeemed_by_customer: upTo(1),
})

export const promotions: fc.Arbitrary<Promotion[]> = fc
  .array(promotion, { minLength: 1, maxLength: 5, size: 'max' })
  .map(all =>
    all.map(({ has_code, ...rest }, index) => ({
      ...rest,
      id: `promo_${index}`,
      title: `Promotion ${index}`,
      code: has_code ? (CODES[index] ?? null) : null,
    })),
  )

const flatOrByWeight: fc.Arbitrary<ShippingRateRule> = fc.oneof(
  fc.record({ kind: fc.constant('flat' as const), price: amounts }),
  fc.record(
    {
      kind: fc.constant('by_weight' as const),
      tiers: fc.array(fc.record({ from_grams: pick(0, 0, 500, 5000), price: amounts }), {
        minLength: 1,
        maxLength: 3,
      }),
      max_grams: pick(1000, 100_000, 100_000_000),
    },
    { requiredKeys: ['kind', 'tiers'] },
  ),
)

const bySubtotal: fc.Arbitrary<ShippingRateRule> = fc.record({
  kind: fc.constant('by_subtotal' as const),
  tiers: fc.array(fc.record({ from: amounts, price: amounts }), { minLength: 1, maxLength: 3 }),
})

const place: fc.Arbitrary<ZonePlace> = fc.oneof(
  pick({ country: '*' }, { country: 'DE' }, { country: 'US' }),
  fc.subarray(['CA', 'NY']).map(regions => ({ country: 'US', regions })),
)

const zones = (rateRule: fc.Arbitrary<ShippingRateRule>): fc.Arbitrary<ShippingZone[]> =>
  fc
    .array(
      fc.record({
        places: fc.array(place, { minLength: 1, maxLength: 3, size: 'max' }),
        rules: fc.array(rateRule, { minLength: 1, maxLength: 3, size: 'max' }),
      }),
      { minLength: 1, maxLength: 3, size: 'max' },
    )
    .map(all =>
      all.map(({ places, rules }, index) => ({
        id: `zone_${index}`,
        places,
        rates: rules.map((each, position) => ({
          id: `rate_${index}_${position}`,
          title: `Rate ${position}`,
          rule: each,
          eta_days: null,
        })),
      })),
    )

const taxRates: fc.Arbitrary<TaxRate[]> = fc
  .array(
    fc.record({
      name: pick('VAT', 'State', 'City'),
      country: pick('DE', 'US', 'US'),
      region: pick(null, null, 'CA'),
      tax_class: pick('standard', 'standard', 'books'),
      rate_ppm: fc.oneof(pick(0, 72_500, 190_000, 200_000, 1_000_000), upTo(1_000_000)),
      applies_to_shipping: usually,
    }),
    { minLength: 1, maxLength: 6, size: 'max' },
  )
  .map(all => all.map((rate, index) => ({ ...rate, id: `tax_${index}` })))

const basket = (rateRule: fc.Arbitrary<ShippingRateRule>): fc.Arbitrary<PricingInput> =>
  fc
    .record({
      currency: pick(...CURRENCIES),
      prices_include_tax: fc.boolean(),
      lines: fc
        .array(line, { minLength: 1, maxLength: 5, size: 'max' })
        .map(all => all.map((each, index) => ({ ...each, id: `line_${index}` }))),
      discount_codes: fc.oneof(fc.constant(CODES), fc.subarray(CODES)),
      promotions,
      destination: pick(
        null,
        { country: 'DE' },
        { country: 'DE' },
        { country: 'US' },
        { country: 'US', region: 'CA' },
      ),
      shipping_zones: zones(rateRule),
      tax_rates: taxRates,
      choice: upTo(100),
    })
    .map(({ choice, ...rest }) => {
      const rates = rest.shipping_zones.flatMap(zone => zone.rates)
      return { ...rest, now: NOW, shipping_option_id: rates[choice % (rates.length + 1)]?.id ?? null }
    })

export const baskets = basket(fc.oneof(flatOrByWeight, bySubtotal))

/** Baskets whose rates do not look at the subtotal, so that a discount cannot move the price of shipping. */
export const basketsWithSteadyShipping = basket(flatOrByWeight)

/** A basket with its lists in some order, and the same with them in another. */
export const reordered: fc.Arbitrary<[PricingInput, PricingInput]> = baskets.chain(input =>
  fc
    .record({
      lines: shuffled(input.lines),
      promotions: shuffled(input.promotions),
      shipping_zones: shuffled(input.shipping_zones),
      tax_rates: shuffled(input.tax_rates),
    })
    .map((lists): [PricingInput, PricingInput] => [input, { ...input, ...lists }]),
)

const shuffled = <T>(values: T[]) =>
  fc.shuffledSubarray(values, { minLength: values.length, maxLength: values.length })
