// The shop file: settings, shipping, taxes, promotions and collections of a shop as JSON. Products and collections
// are named by handle, since ids differ from shop to shop. What a handle names is looked up when the file is loaded.

import { z } from 'zod'
import { isCountry } from '../../lib/address.ts'
import { isCurrency, MAX_AMOUNT } from '../../lib/money.ts'
import { MAX_CONDITIONS } from '../collections/table.ts'
import { sanitizeDescription } from '../products/sanitize.ts'

const text = z.string().min(1).max(255)
const id = z.string().regex(/^[a-z]+_[a-z0-9_]{1,50}$/)
const handle = z.string().regex(/^[a-z0-9]+(?:[-_][a-z0-9]+)*$/)
const currency = z.string().refine(isCurrency, 'is not an ISO 4217 currency')
const country = z.string().refine(isCountry, 'is not an ISO 3166-1 alpha-2 country')
const url = z.string().regex(/^(?:https:\/\/|\/)\S+$/)
const amounts = z
  .record(currency, z.int().min(0).max(MAX_AMOUNT))
  .refine(each => Object.keys(each).length > 0, 'names no currency')

/** What one promotion may name: it is read and tested with every basket. A collection names more. */
const MAX_HANDLES = 500

const Scope = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('all') }),
  z.strictObject({ type: z.literal('products'), handles: z.array(handle).min(1).max(MAX_HANDLES) }),
  z.strictObject({ type: z.literal('collections'), handles: z.array(handle).min(1).max(MAX_HANDLES) }),
])

const conditions = {
  scope: Scope,
  min_subtotal: amounts.optional(),
  starts_at: z.int().optional(),
  ends_at: z.int().optional(),
  is_combinable: z.boolean(),
  priority: z.int(),
}
const percent_bps = z.int().min(1).max(10_000)

const Rule = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('percentage'), percent_bps, ...conditions }),
  z.strictObject({ kind: z.literal('fixed_amount'), amount: amounts, ...conditions }),
  z.strictObject({ kind: z.literal('free_shipping'), max_shipping: amounts.optional(), ...conditions }),
  z.strictObject({
    kind: z.literal('buy_x_get_y'),
    buy_quantity: z.int().min(1),
    get_quantity: z.int().min(1),
    get_scope: Scope,
    percent_bps,
    max_applications: z.int().min(1).optional(),
    ...conditions,
  }),
])

const RateRule = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('flat'), price: amounts }),
  z.strictObject({
    kind: z.literal('by_weight'),
    tiers: z.array(z.strictObject({ from_grams: z.int().min(0), price: amounts })).min(1),
    max_grams: z.int().min(1).optional(),
  }),
  z.strictObject({
    kind: z.literal('by_subtotal'),
    tiers: z.array(z.strictObject({ from: amounts, price: amounts })).min(1),
  }),
])

const NUMERIC_RELATIONS = new Set(['equals', 'not_equals', 'less_than', 'greater_than'])
const TEXT_RELATIONS = new Set(['equals', 'not_equals', 'contains', 'starts_with'])

const Condition = z
  .strictObject({
    field: z.enum(['tag', 'vendor', 'product_type', 'title', 'price']),
    relation: z.enum(['equals', 'not_equals', 'contains', 'starts_with', 'less_than', 'greater_than']),
    value: text,
  })
  .refine(
    ({ field, relation }) => (field === 'price' ? NUMERIC_RELATIONS : TEXT_RELATIONS).has(relation),
    'compares a text as a number, or a price as a text',
  )
  .refine(
    ({ field, value }) => field !== 'price' || /^\d{1,13}$/.test(value),
    'a price is a number of minor units',
  )

const collection = {
  handle,
  title: text,
  description_html: z.string().max(65_536).transform(sanitizeDescription),
  image_url: url.nullable(),
}

const ShopFileSchema = z
  .strictObject({
    settings: z.strictObject({
      name: text,
      email: z.email().nullable(),
      default_currency: currency,
      currencies: z.array(currency).min(1),
      home_country: country,
      prices_include_tax: z.boolean(),
      policies: z.array(
        z.strictObject({
          type: z.enum(['terms_of_service', 'privacy_policy', 'refund_policy', 'shipping_policy', 'contact']),
          url,
        }),
      ),
    }),
    collections: z.array(
      z.discriminatedUnion('kind', [
        z.strictObject({ ...collection, kind: z.literal('manual'), products: z.array(handle) }),
        z.strictObject({
          ...collection,
          kind: z.literal('rules'),
          rules: z.strictObject({
            match: z.enum(['all', 'any']),
            conditions: z.array(Condition).min(1).max(MAX_CONDITIONS),
          }),
        }),
      ]),
    ),
    shipping_zones: z.array(
      z.strictObject({
        id,
        name: text,
        places: z
          .array(
            z.strictObject({
              country: z.union([z.literal('*'), country]),
              regions: z.array(z.string()).min(1).optional(),
            }),
          )
          .min(1),
        rates: z.array(
          z.strictObject({
            id,
            title: text,
            rule: RateRule,
            eta_days: z
              .strictObject({ min: z.int().min(0), max: z.int().min(0) })
              .refine(({ min, max }) => min <= max, 'ends before it begins')
              .nullable(),
          }),
        ),
      }),
    ),
    tax_rates: z.array(
      z.strictObject({
        id,
        name: text,
        country,
        region: z.string().nullable(),
        tax_class: text,
        rate_ppm: z.int().min(0).max(1_000_000),
        applies_to_shipping: z.boolean(),
      }),
    ),
    promotions: z.array(
      z.strictObject({
        id,
        title: text,
        code: z
          .string()
          .regex(/^[A-Z0-9_-]{1,50}$/)
          .nullable(),
        rule: Rule,
        usage_limit: z.int().min(1).nullable(),
        usage_limit_per_customer: z.int().min(1).nullable(),
        is_active: z.boolean(),
      }),
    ),
  })
  .superRefine((file, context) => {
    const problem = (message: string, ...path: (string | number)[]): void =>
      context.addIssue({ code: 'custom', message, path })
    const { default_currency, currencies } = file.settings
    if (!currencies.includes(default_currency))
      problem('does not hold the default currency', 'settings', 'currencies')
    for (const [index, { rule }] of file.promotions.entries()) {
      const { starts_at = 0, ends_at = Number.MAX_SAFE_INTEGER } = rule
      if (starts_at >= ends_at) problem('ends before it begins', 'promotions', index, 'rule', 'ends_at')
    }
    for (const [list, key, values] of uniqueMembers(file)) {
      const repeated = values.find((value, at) => value !== null && values.indexOf(value) !== at)
      if (repeated) problem(`has the ${key} "${repeated}" twice`, list)
    }
  })

/** What may not repeat within the file. Codes are typed by buyers, all else is a key of its table. */
const uniqueMembers = (file: {
  collections: { handle: string }[]
  shipping_zones: { id: string; rates: { id: string }[] }[]
  tax_rates: { id: string }[]
  promotions: { id: string; code: string | null }[]
}): [list: string, key: string, values: (string | null)[]][] => [
  ['collections', 'handle', file.collections.map(each => each.handle)],
  ['shipping_zones', 'zone id', file.shipping_zones.map(each => each.id)],
  ['shipping_zones', 'rate id', file.shipping_zones.flatMap(zone => zone.rates.map(each => each.id))],
  ['tax_rates', 'id', file.tax_rates.map(each => each.id)],
  ['promotions', 'id', file.promotions.map(each => each.id)],
  ['promotions', 'code', file.promotions.map(each => each.code)],
]

/** A checked shop file. */
export type ShopFile = z.output<typeof ShopFileSchema>

/** Checks a shop file. Throws an error that names every wrong place. */
export function parseShopFile(json: unknown): ShopFile {
  const parsed = ShopFileSchema.safeParse(json)
  if (parsed.success) return parsed.data
  throw new Error(`the shop file is not valid:\n${z.prettifyError(parsed.error)}`)
}
