// What pricing works on, and what it answers. Plain data: no database, no clock, no HTTP.
// Amounts are integers in minor units of the basket's currency. Percentages are basis points (1500 = 15 %),
// tax rates parts per million (190000 = 19 %).

/** Which lines a promotion touches. */
export type PromotionScope =
  | { type: 'all' }
  | { type: 'products'; product_ids: string[] }
  | { type: 'collections'; collection_ids: string[] }

/** An amount for each currency that it is offered in. A promotion does not apply in a currency that is not named. */
export type AmountByCurrency = Record<string, number>

export interface PromotionConditions {
  /** The lines the promotion touches; for `free_shipping` the lines of which at least one must be in the basket. */
  scope: PromotionScope
  /** The least sum of all lines before any discount. */
  min_subtotal?: AmountByCurrency
  /** Epoch milliseconds; the start is inclusive, the end exclusive. */
  starts_at?: number
  ends_at?: number
  /** False: it applies alone. The best single one wins over a combination only if it takes off more. */
  is_combinable: boolean
  /** Lower comes first. Ties go by id. */
  priority: number
}

/** What a promotion gives. */
export type PromotionRule = PromotionConditions &
  (
    | { kind: 'percentage'; percent_bps: number }
    /** Off the sum of the touched lines, never more than that sum; split over them by largest remainder. */
    | { kind: 'fixed_amount'; amount: AmountByCurrency }
    /**
     * Takes off the whole price of the chosen shipping option, if it is one that it covers: those that cost at most
     * `max_shipping`, or without that the cheapest on offer.
     */
    | { kind: 'free_shipping'; max_shipping?: AmountByCurrency }
    /**
     * For each `buy_quantity` units from `scope`, `get_quantity` units from `get_scope` are `percent_bps` cheaper
     * (10000 = free), cheapest units first; at most `max_applications` times a basket when given. A unit that was
     * counted as bought is never also the one that is got.
     */
    | {
        kind: 'buy_x_get_y'
        buy_quantity: number
        get_quantity: number
        get_scope: PromotionScope
        percent_bps: number
        max_applications?: number
      }
  )

export interface Promotion {
  id: string
  title: string
  /** Upper case; null for automatic promotions. */
  code: string | null
  rule: PromotionRule
  usage_limit: number | null
  usage_limit_per_customer: number | null
  /** Uses so far, in all. */
  redeemed: number
  /** Uses so far by this buyer; 0 while the buyer is unknown. */
  redeemed_by_customer: number
}

/** A country, or only some of its regions. `country: '*'` is the rest of the world. */
export interface ZonePlace {
  country: string
  /** ISO 3166-2 suffixes; absent: the whole country. */
  regions?: string[]
}

/** How a rate's price comes about. A tier covers values from `from` (inclusive) to the next tier's `from`. */
export type ShippingRateRule =
  | { kind: 'flat'; price: AmountByCurrency }
  | { kind: 'by_weight'; tiers: { from_grams: number; price: AmountByCurrency }[]; max_grams?: number }
  | { kind: 'by_subtotal'; tiers: { from: AmountByCurrency; price: AmountByCurrency }[] }

export interface ShippingRate {
  id: string
  title: string
  rule: ShippingRateRule
  eta_days: { min: number; max: number } | null
}

export interface ShippingZone {
  id: string
  places: ZonePlace[]
  /** In the order in which they are offered. */
  rates: ShippingRate[]
}

export interface TaxRate {
  id: string
  name: string
  country: string
  /** Null: the whole country. A region's rates add to the country's (as state tax to federal). */
  region: string | null
  tax_class: string
  rate_ppm: number
  applies_to_shipping: boolean
}

export interface PricingLine {
  id: string
  product_id: string
  collection_ids: string[]
  quantity: number
  unit_price: number
  weight_grams: number
  requires_shipping: boolean
  taxable: boolean
  tax_class: string
}

export interface PricingInput {
  currency: string
  prices_include_tax: boolean
  now: number
  lines: PricingLine[]
  /** As the buyer typed them, upper-cased, without repeats. */
  discount_codes: string[]
  promotions: Promotion[]
  destination: { country: string; region?: string } | null
  shipping_zones: ShippingZone[]
  shipping_option_id: string | null
  tax_rates: TaxRate[]
}

/** Why a code may take nothing off. */
export const CODE_REFUSALS = [
  'code_unknown',
  'code_not_started',
  'code_expired',
  'code_used_up',
  'code_used_by_customer',
  'code_not_in_currency',
  'code_minimum_not_met',
  'code_no_matching_items',
  'code_not_combinable',
  'code_not_for_shipping_option',
] as const
export type CodeRefusal = (typeof CODE_REFUSALS)[number]

export interface AppliedDiscount {
  promotion_id: string
  title: string
  code: string | null
  /** What it is taken off: lines, or the price of the chosen shipping option. */
  target: 'line' | 'shipping'
  amount: number
}

export interface PricedLine {
  id: string
  /** unit_price × quantity. */
  subtotal: number
  discounts: AppliedDiscount[]
  /** Sum of `discounts`, at most the subtotal. */
  discount: number
  /** The tax in (prices include tax) or on top of (they do not) the line. */
  tax: number
  /** subtotal − discount, plus the tax if it comes on top. */
  total: number
}

export interface ShippingOption {
  id: string
  title: string
  /** What shipping costs once this option is chosen: after free-shipping promotions. */
  price: number
  full_price: number
  eta_days: { min: number; max: number } | null
}

export interface TaxLine {
  name: string
  rate_ppm: number
  amount: number
}

export interface Pricing {
  lines: PricedLine[]
  /** Every promotion that took something off, with its whole amount, shipping included. */
  discounts: AppliedDiscount[]
  codes: { code: string; applied: boolean; reason?: CodeRefusal }[]
  /** Automatic promotions that would apply if no code had been given: they do not combine with a code's promotion. */
  displaced: { promotion_id: string; title: string }[]
  /** Empty while the destination is unknown, nothing needs shipping, or no zone covers it. */
  shipping_options: ShippingOption[]
  requires_shipping: boolean
  /** The chosen option, if it is on offer. */
  shipping: ShippingOption | null
  /** The tax in or on top of `shipping`; `totals.tax` is the lines' tax plus this. */
  shipping_tax: number
  tax_lines: TaxLine[]
  totals: {
    /** Sum of the lines' subtotals. */
    subtotal: number
    /** Taken off the lines. What is taken off shipping shows in `shipping`. */
    discount: number
    /** Price of the chosen option after discounts, 0 while none is chosen. */
    shipping: number
    tax: number
    tax_included: boolean
    /** subtotal − discount + shipping, plus tax unless it is included. */
    total: number
  }
}
