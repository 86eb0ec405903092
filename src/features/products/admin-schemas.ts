// Wire shapes of products as those who run the shop see and change them. What the CSV format cannot carry (a comma in a
// tag, white space at the ends) is not taken here either, so that a product exported and imported again is the same.

import { z } from '@hono/zod-openapi'
import { fieldsOf, trimmableList } from '../../http/fields.ts'
import { Amount, Currency, line, Page, Timestamp } from '../../http/schemas.ts'
import { MAX_AMOUNT } from '../../lib/money.ts'
import { LINE_PATTERN, MULTILINE_PATTERN } from '../../lib/text.ts'
import { exampleAdminProduct, exampleCreateProduct, exampleSummary } from './admin-example.ts'

export const MAX_OPTIONS = 3
export const MAX_VARIANTS = 2048
export const MAX_BULK_ROWS = 1000

/** One line of text, or none. */
const lineOrNone = (max: number) =>
  z
    .string()
    .max(max)
    .regex(LINE_PATTERN, 'Must be one line, without control characters.')
    .trim()
    .normalize()
    .openapi({ pattern: LINE_PATTERN.source })

export const Handle = z
  .string()
  .max(200)
  .regex(/^[a-z0-9]+(?:[-_][a-z0-9]+)*$/)
  .openapi({ description: 'The last part of its address in the storefront.', example: 'linen-shirt' })

/** An id that names something of ours. */
export const Id = z
  .string()
  .max(64)
  .regex(/^[a-z]+_[0-9A-Za-z_]+$/)

/** Texts by name. The platform's own record would silently leave `__proto__` out; nothing is ever ignored here. */
const texts = (name: z.ZodString, value: z.ZodType<string>, maxProperties: number, maxLength: number) =>
  z
    .unknown()
    .superRefine((map, context) => {
      if (typeof map === 'object' && map !== null && Object.hasOwn(map, '__proto__'))
        context.addIssue({ code: 'custom', path: ['__proto__'], message: 'No name that is possible.' })
    })
    .pipe(z.record(name, value))
    .openapi({ type: 'object', maxProperties, additionalProperties: { type: 'string', maxLength } })

export const Html = z.string().max(65_536).regex(MULTILINE_PATTERN).normalize().openapi({
  pattern: MULTILINE_PATTERN.source,
  description: 'HTML. Whatever could run, restyle or track is taken out.',
})

/** A picture's address: http(s), or a path of this shop, such as an upload has. */
export const ImageUrl = z
  .string()
  .max(2048)
  .regex(/^(?:https?:\/\/[^\s"<>\\/]|\/(?![/\\]))[^\s"<>\\]*$/)
  .refine(url => URL.canParse(url, 'https://shop.invalid'), 'is not an address')
  .openapi({
    description: 'An http(s) address, or a path of this shop (`POST /v1/admin/images` gives one).',
    example: '/images/linen-shirt-white.svg',
  })

const Status = z.enum(['draft', 'active', 'archived']).openapi({
  description: 'Only `active` ones are on sale. Archive before you delete.',
})

const Price = z.strictObject({
  currency: Currency,
  amount: Amount,
  compare_at_amount: z
    .int()
    .min(1)
    .max(MAX_AMOUNT)
    .nullable()
    .openapi({ description: 'What it cost before, when it is reduced.' }),
})

const PriceInput = z.strictObject({
  ...Price.shape,
  compare_at_amount: Price.shape.compare_at_amount.optional(),
})

const variantFields = {
  sku: line(100).nullable().openapi({ example: 'LINEN-SHIRT-WHITE-M' }),
  barcode: line(100)
    // An apostrophe, or digits in exponents, is what a spreadsheet makes of a barcode: no code looks so.
    .regex(/^(?!')(?!\d(?:\.\d+)?[eE]\+?\d+$)/)
    .nullable(),
  weight_grams: z.int().min(0).max(999_999_999),
  requires_shipping: z.boolean(),
  taxable: z.boolean(),
  tax_class: z
    .string()
    .max(100)
    .regex(/^[a-z][a-z_-]*$/)
    .openapi({ example: 'standard' }),
  tracks_inventory: z.boolean().openapi({ description: 'Whether its stock is counted.' }),
  inventory_policy: z
    .enum(['deny', 'continue'])
    .openapi({ description: '`continue` sells on when stock is out.' }),
  image_url: ImageUrl.nullable().openapi({ description: 'One of the product’s `images`.' }),
}

const options = texts(z.string().max(255), line(255), MAX_OPTIONS, 255).openapi({
  description: 'A value for each option of the product.',
  example: { Colour: 'White', Size: 'M' },
})

const pricesInput = z.array(PriceInput).min(1).max(50).openapi({ description: 'One for each currency.' })
const quantity = z
  .int()
  .min(0)
  .max(999_999_999)
  .openapi({ description: 'Stock to begin with. Later changes are adjustments of inventory.' })

const newVariant = {
  ...z.object({ ...variantFields, options, quantity }).partial().shape,
  prices: pricesInput,
}

export const CreateVariant = z.strictObject(newVariant).openapi('CreateVariant', {
  description: 'A variant to add.',
  example: {
    options: { Colour: 'White', Size: 'XL' },
    sku: 'LINEN-SHIRT-WHITE-XL',
    prices: [{ currency: 'EUR', amount: 3900 }],
    quantity: 5,
  },
})

export const UpdateVariant = z
  .strictObject({ ...variantFields, options, prices: pricesInput })
  .partial()
  .openapi('UpdateVariant', {
    description: 'What is to change; what is left out stays. `prices` are all prices there are then.',
    example: { prices: [{ currency: 'EUR', amount: 3500, compare_at_amount: 3900 }] },
  })

const productFields = {
  handle: Handle,
  title: line(255).openapi({ example: 'Linen shirt' }),
  description_html: Html,
  vendor: lineOrNone(255).openapi({ example: 'Northfield' }),
  product_type: lineOrNone(255).openapi({ example: 'Shirts' }),
  status: Status,
  tags: z
    .array(
      line(100)
        .regex(/^[^,]*$/)
        .openapi({ pattern: '^[^,]*$' }),
    )
    .max(100)
    .openapi({ example: ['linen', 'summer'] }),
  options: z
    .array(z.strictObject({ name: line(255) }))
    .max(MAX_OPTIONS)
    .openapi({
      description: 'What a buyer chooses from. Its values are those that the variants have, in their order.',
    }),
  images: z.array(z.strictObject({ url: ImageUrl, alt: lineOrNone(512).optional() })).max(250),
  seo: z.strictObject({ title: line(255).nullable(), description: line(1000).nullable() }),
  metadata: texts(z.string().regex(/^[a-z][a-z0-9_]{0,63}$/), lineOrNone(1000), 50, 1000).openapi({
    description: 'Up to 50 texts of your own, shown in the storefront.',
    example: { care: 'Wash at 40 °C' },
  }),
}

export const CreateProduct = z
  .strictObject({
    ...z.object(productFields).partial().shape,
    title: productFields.title,
    variants: z.array(CreateVariant).min(1).max(MAX_VARIANTS),
  })
  .openapi('CreateProduct', {
    description: 'A product with all its variants. The handle is made of the title when left out.',
    example: exampleCreateProduct,
  })

const ChangedVariant = z
  .strictObject({
    id: Id.openapi({ description: 'Of a variant that stays; a new one has none.' }),
    ...newVariant,
  })
  .partial()
  .openapi('ChangedVariant', {
    description: 'With `id`, a variant that stays, changed in what is given; without, a new one.',
  })

export const UpdateProduct = z
  .strictObject({ ...productFields, variants: z.array(ChangedVariant).min(1).max(MAX_VARIANTS) })
  .partial()
  .openapi('UpdateProduct', {
    description:
      'What is to change; what is left out stays. `variants`, `images`, `tags`, `options`, `metadata` are then all that there are, in this order.',
    example: { title: 'Linen shirt, loose', status: 'active', tags: ['linen'] },
  })

export const AdminVariant = z
  .strictObject({
    id: z.string().openapi({ example: 'var_01M81J18G0F1WA11106WFXGE4K' }),
    product_id: z.string(),
    title: z.string(),
    options: z.record(z.string(), z.string()),
    ...z.object({ ...variantFields, sku: z.string().nullable(), barcode: z.string().nullable() }).shape,
    tax_class: z.string(),
    image_url: z.string().nullable(),
    prices: z.array(Price),
    stock: z.strictObject({ on_hand: z.int(), reserved: z.int() }).nullable().openapi({
      description: 'Null when it is not counted. `reserved` is held by checkouts that are being paid.',
    }),
  })
  .openapi('AdminVariant', { description: 'A variant as it is kept, with its prices and stock.' })

export const AdminProduct = z
  .strictObject({
    id: z.string().openapi({ example: 'prod_01M81J18G0F1WA11106WFXGE4J' }),
    handle: z.string(),
    title: z.string(),
    description_html: z.string(),
    vendor: z.string(),
    product_type: z.string(),
    status: Status,
    tags: z.array(z.string()),
    options: z.array(z.strictObject({ name: z.string(), values: z.array(z.string()) })),
    images: z
      .array(z.strictObject({ url: z.string(), alt: z.string() }))
      .openapi({ description: 'Pictures of the shop’s own are paths, as they are kept.' }),
    variants: z.array(AdminVariant),
    collections: z.array(z.strictObject({ id: z.string(), handle: z.string(), title: z.string() })),
    seo: z.strictObject({ title: z.string().nullable(), description: z.string().nullable() }),
    metadata: z.record(z.string(), z.string()),
    created_at: Timestamp,
    updated_at: Timestamp,
  })
  .openapi('AdminProduct', { description: 'A product as it is kept.', example: exampleAdminProduct })

export const AdminProductSummary = z
  .strictObject({
    id: z.string().openapi({ example: 'prod_01M81J18G0F1WA11106WFXGE4J' }),
    handle: z.string(),
    title: z.string(),
    vendor: z.string(),
    product_type: z.string(),
    status: Status,
    tags: z.array(z.string()),
    image_url: z.string().nullable(),
    variant_count: z.int(),
    on_hand: z.int().openapi({ description: 'Of all variants that are counted.' }),
    price_ranges: z.array(z.strictObject({ currency: Currency, min_amount: z.int(), max_amount: z.int() })),
    created_at: Timestamp,
    updated_at: Timestamp,
  })
  .openapi('AdminProductSummary', { description: 'A product in a list.', example: exampleSummary })

export const AdminProductList = trimmableList('AdminProductList', AdminProductSummary, exampleSummary)

const time = (description: string) =>
  z.iso.datetime().max(30).optional().openapi({ description, example: '2026-11-22T12:00:00.000Z' })

export const AdminProductQuery = z.strictObject({
  q: line(200).optional().openapi({
    description:
      'Words of title, vendor, type, tags, SKUs or description that must all occur; the last letters may be missing. Newest first only.',
    example: 'shirt',
  }),
  status: Status.optional(),
  vendor: line(255).optional().openapi({ description: 'Exactly this vendor.', example: 'Northfield' }),
  product_type: line(255).optional().openapi({ description: 'Exactly this type.', example: 'Shirts' }),
  tag: line(255).optional().openapi({ description: 'Has this tag.', example: 'linen' }),
  collection: line(200).optional().openapi({ description: 'Id or handle.', example: 'summer' }),
  created_min: time('Created at this time or later.'),
  created_max: time('Created before this time.'),
  updated_min: time('Changed at this time or later.'),
  updated_max: time('Not changed since before this time.'),
  sort: z.enum(['newest', 'title', 'updated']).optional().openapi({
    description: '`newest` when left out; `updated`: the last change first.',
  }),
  fields: fieldsOf(AdminProductSummary),
  ...Page,
})

const BulkPriceRow = z.strictObject({
  variant_id: Id.optional(),
  sku: line(100).optional(),
  currency: Currency,
  amount: Amount,
  compare_at_amount: Price.shape.compare_at_amount
    .optional()
    .openapi({ description: 'Left out, it stays; null takes it away.' }),
})

export const BulkPrices = z
  .strictObject({ rows: z.array(BulkPriceRow).min(1).max(MAX_BULK_ROWS) })
  .openapi('BulkPrices', {
    description: 'Prices to set. Each row names its variant by `variant_id` or by `sku`.',
    example: {
      rows: [{ variant_id: 'var_01M81J18G0F1WA11106WFXGE4K', currency: 'EUR', amount: 3500 }],
    },
  })

export const BulkPriceResult = z
  .strictObject({
    changed: z.int().openapi({ description: 'Prices that are different now.' }),
    unchanged: z.int().openapi({ description: 'Prices that were so already.' }),
    product_ids: z.array(z.string()).openapi({ description: 'Products with a new version.' }),
  })
  .openapi('BulkPriceResult', {
    description: 'What a bulk change did.',
    example: { changed: 1, unchanged: 0, product_ids: ['prod_01M81J18G0F1WA11106WFXGE4J'] },
  })

export type CreateProduct = z.output<typeof CreateProduct>
export type UpdateProduct = z.output<typeof UpdateProduct>
export type CreateVariant = z.output<typeof CreateVariant>
export type UpdateVariant = z.output<typeof UpdateVariant>
export type ChangedVariant = z.output<typeof ChangedVariant>
export type AdminProduct = z.output<typeof AdminProduct>
export type AdminVariant = z.output<typeof AdminVariant>
export type AdminProductSummary = z.output<typeof AdminProductSummary>
export type AdminProductQuery = z.output<typeof AdminProductQuery>
export type BulkPrices = z.output<typeof BulkPrices>
export type BulkPriceResult = z.output<typeof BulkPriceResult>
