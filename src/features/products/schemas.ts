// Wire shapes of the catalogue.

import { z } from '@hono/zod-openapi'
import {
  Currency,
  line,
  list,
  Money,
  orNull,
  Page,
  queryBoolean,
  queryInt,
  Timestamp,
  typedLine,
} from '../../http/schemas.ts'
import { LINE_PATTERN } from '../../lib/text.ts'
import { exampleProduct } from './example.ts'

export const ProductVariant = z
  .strictObject({
    id: z.string().openapi({ example: 'var_01M81J18G0F1WA11106WFXGE4K' }),
    sku: z.string().nullable().openapi({ example: 'LINEN-SHIRT-WHITE-M' }),
    barcode: z.string().nullable(),
    title: z.string().nullable().openapi({
      description:
        'Its values of the options; null when the product has no options, hence only this variant.',
      example: 'White / M',
    }),
    options: z.record(z.string(), z.string()).openapi({ example: { Colour: 'White', Size: 'M' } }),
    price: Money,
    compare_at_price: orNull(Money).openapi({ description: 'What it cost before, when it is reduced.' }),
    available: z.boolean().openapi({ description: 'At least one can be bought now.' }),
    quantity_available: z.int().nullable().openapi({
      description: 'How many can be bought; null when the shop does not count this one or sells on order.',
    }),
    weight_grams: z.int(),
    requires_shipping: z.boolean(),
    taxable: z.boolean(),
    image_url: z.string().nullable(),
  })
  .openapi('ProductVariant', {
    description: 'One thing that can be bought: a product in one choice of its options.',
  })

export const Product = z
  .strictObject({
    id: z.string().openapi({ example: 'prod_01M81J18G0F1WA11106WFXGE4J' }),
    handle: z.string().openapi({ example: 'linen-shirt' }),
    title: z.string().openapi({ example: 'Linen shirt' }),
    description_html: z.string().openapi({ description: 'Sanitised: safe to place in a page as it is.' }),
    vendor: z.string(),
    product_type: z.string(),
    tags: z.array(z.string()),
    options: z.array(z.strictObject({ name: z.string(), values: z.array(z.string()) })),
    images: z.array(z.strictObject({ url: z.url(), alt: z.string() })),
    variants: z.array(ProductVariant),
    price_range: z.strictObject({ min: Money, max: Money }),
    collections: z.array(z.strictObject({ id: z.string(), handle: z.string(), title: z.string() })),
    seo: z.strictObject({ title: z.string().nullable(), description: z.string().nullable() }),
    metadata: z.record(z.string(), z.string()),
    created_at: Timestamp,
    updated_at: Timestamp,
  })
  .openapi('Product', {
    description: 'A product with its variants, priced in one currency.',
    example: exampleProduct,
  })

const FacetCounts = z.array(z.strictObject({ value: z.string(), count: z.int() }))

export const Facets = z
  .strictObject({
    counted: z.int().openapi({ description: 'How many matching products were counted.' }),
    is_complete: z.boolean().openapi({
      description: 'False when more than 10,000 products match: the counts are then of the first 10,000.',
    }),
    vendors: FacetCounts,
    product_types: FacetCounts,
    tags: FacetCounts,
    price_bands: z
      .array(
        z
          .strictObject({ from: Money, to: orNull(Money), count: z.int() })
          .openapi({ description: '`to` is exclusive; null for the last band, which has no end.' }),
      )
      .openapi({
        description:
          'Products with a variant at a price from `from` to below `to`, each counted in every band that it has a price in: what `price_min=from&price_max=to-1` lists.',
      }),
  })
  .openapi('Facets', {
    description: 'How many of the matching products have which vendor, type, tag and price.',
  })

export const ProductList = list('ProductList', Product, exampleProduct, {
  facets: Facets.optional().openapi({
    description: 'With `facets=true`: what the matching products are like.',
  }),
})

export const CurrencyQuery = {
  currency: Currency.optional().openapi({
    description: 'Prices in this currency. The shop’s own when left out.',
    example: 'EUR',
  }),
}

/** Tags that one list may ask for. */
const MAX_TAGS = 10

export const ProductQuery = z.strictObject({
  q: typedLine(200).optional().openapi({
    description:
      'Words to search for. The last letters may be missing, and one letter of a word may be wrong.',
    example: 'shirt',
  }),
  collection: line(200)
    .optional()
    .openapi({ description: 'Id or handle of a collection.', example: 'summer' }),
  vendor: line(255)
    .optional()
    .openapi({ description: 'Exactly this vendor, as facets write it.', example: 'Northfield' }),
  product_type: line(255)
    .optional()
    .openapi({ description: 'Exactly this type, as facets write it.', example: 'Shirts' }),
  tag: z
    .preprocess(given => (typeof given === 'string' ? [given] : given), z.array(line(255)).max(MAX_TAGS))
    .optional()
    .openapi({
      param: { style: 'form', explode: true },
      type: 'array',
      items: { type: 'string', minLength: 1, maxLength: 255, pattern: LINE_PATTERN.source },
      maxItems: MAX_TAGS,
      description:
        'Has this tag, in upper or lower case. Given several times, has all of them: `tag=linen&tag=sale`.',
      example: ['linen'],
    }),
  price_min: queryInt(0, 1_000_000_000_000).optional().openapi({
    type: 'integer',
    description:
      'Some variant costs at least this, in minor units; with `price_max`, one and the same variant lies between.',
    example: 1000,
  }),
  price_max: queryInt(0, 1_000_000_000_000).optional().openapi({
    type: 'integer',
    description: 'Some variant costs at most this, in minor units.',
    example: 5000,
  }),
  available: queryBoolean()
    .optional()
    .openapi({ type: 'boolean', description: '`true`: only what can be bought now.' }),
  sort: z.enum(['relevance', 'newest', 'title', 'price', '-price']).optional().openapi({
    description:
      '`relevance` when searching (a whole SKU or barcode first, then words of the title, then beginnings of words, then vendor, type and tags, then the rest; the newest first among equals), else `newest`.',
  }),
  facets: queryBoolean().optional().openapi({
    type: 'boolean',
    description: '`true`: count the matching products by vendor, type, tag and price.',
  }),
  ...CurrencyQuery,
  ...Page,
})
export type ProductQuery = z.output<typeof ProductQuery>
export type Product = z.output<typeof Product>
export type ProductList = z.output<typeof ProductList>
