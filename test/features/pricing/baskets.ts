// Factories for pricing tests: each gives the plainest valid thing, and a test names only what it is about.

import type {
  AmountByCurrency,
  PricingInput,
  PricingLine,
  Promotion,
  PromotionConditions,
  PromotionRule,
  ShippingRate,
  ShippingZone,
  TaxRate,
} from '../../../src/features/pricing/model.ts'

export const NOW = Date.UTC(2026, 10, 27)

/** One unit of 10.00, shipped and taxed, going nowhere yet. */
export const aBasket = (more: Partial<PricingInput> = {}): PricingInput => ({
  currency: 'EUR',
  prices_include_tax: false,
  now: NOW,
  lines: [aLine()],
  discount_codes: [],
  promotions: [],
  destination: null,
  shipping_zones: [],
  shipping_option_id: null,
  tax_rates: [],
  ...more,
})

export const aLine = (more: Partial<PricingLine> = {}): PricingLine => ({
  id: 'line_a',
  product_id: 'prod_a',
  collection_ids: [],
  quantity: 1,
  unit_price: 1000,
  weight_grams: 100,
  requires_shipping: true,
  taxable: true,
  tax_class: 'standard',
  ...more,
})

/** One line for each price, of products prod_a, prod_b and so on. */
export const linesAt = (...unit_prices: number[]): PricingLine[] =>
  unit_prices.map((unit_price, index) => {
    const letter = 'abcdefghij'.charAt(index)
    return aLine({ id: `line_${letter}`, product_id: `prod_${letter}`, unit_price })
  })

/** An automatic promotion without limits. */
export const aPromotion = (rule: PromotionRule, more: Partial<Promotion> = {}): Promotion => ({
  id: 'promo_a',
  title: 'A promotion',
  code: null,
  rule,
  usage_limit: null,
  usage_limit_per_customer: null,
  redeemed: 0,
  redeemed_by_customer: 0,
  ...more,
})

const anywhere: PromotionConditions = { scope: { type: 'all' }, is_combinable: true, priority: 0 }

export const percentOff = (percent_bps: number, more: Partial<PromotionConditions> = {}): PromotionRule => ({
  ...anywhere,
  ...more,
  kind: 'percentage',
  percent_bps,
})

export const amountOff = (
  amount: AmountByCurrency,
  more: Partial<PromotionConditions> = {},
): PromotionRule => ({ ...anywhere, ...more, kind: 'fixed_amount', amount })

type FreeShipping = Extract<PromotionRule, { kind: 'free_shipping' }>

export const freeShipping = (more: Partial<FreeShipping> = {}): PromotionRule => ({
  ...anywhere,
  ...more,
  kind: 'free_shipping',
})

type BuyXGetY = Extract<PromotionRule, { kind: 'buy_x_get_y' }>

export const buyGet = (
  buy_quantity: number,
  get_quantity: number,
  more: Partial<BuyXGetY> = {},
): BuyXGetY => ({
  ...anywhere,
  get_scope: { type: 'all' },
  percent_bps: 10_000,
  ...more,
  kind: 'buy_x_get_y',
  buy_quantity,
  get_quantity,
})

export const products = (...product_ids: string[]): PromotionConditions['scope'] => ({
  type: 'products',
  product_ids,
})

/** A zone that covers the whole world at a flat price. */
export const aZone = (more: Partial<ShippingZone> = {}): ShippingZone => ({
  id: 'zone_world',
  places: [{ country: '*' }],
  rates: [aRate()],
  ...more,
})

export const aRate = (more: Partial<ShippingRate> = {}): ShippingRate => ({
  id: 'rate_standard',
  title: 'Standard',
  rule: { kind: 'flat', price: { EUR: 500 } },
  eta_days: null,
  ...more,
})

/** German VAT of 19 %, on shipping too. */
export const aTaxRate = (more: Partial<TaxRate> = {}): TaxRate => ({
  id: 'tax_a',
  name: 'VAT',
  country: 'DE',
  region: null,
  tax_class: 'standard',
  rate_ppm: 190_000,
  applies_to_shipping: true,
  ...more,
})
