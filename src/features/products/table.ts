// Products, their variants, prices and pictures. Derived tables (price ranges, tags, search) are kept by triggers
// in the migrations, so that no writer can forget them; see docs/storage.md.

import { sql } from 'drizzle-orm'
import { check, index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'

export interface ProductOption {
  name: string
  values: string[]
}

export const products = sqliteTable(
  'products',
  {
    /** Row number: the key of the search index, which must never change (a plain rowid may, on VACUUM). */
    seq: integer().primaryKey({ autoIncrement: true }),
    id: text().notNull(),
    handle: text().notNull(),
    title: text().notNull(),
    description_html: text().notNull().default(''),
    vendor: text().notNull().default(''),
    product_type: text().notNull().default(''),
    status: text({ enum: ['draft', 'active', 'archived'] }).notNull(),
    tags: text({ mode: 'json' }).$type<string[]>().notNull(),
    options: text({ mode: 'json' }).$type<ProductOption[]>().notNull(),
    metadata: text({ mode: 'json' }).$type<Record<string, string>>().notNull(),
    seo_title: text(),
    seo_description: text(),
    /** Plain text of the description, variants and SKUs: what full-text search reads besides the title. */
    search_text: text().notNull().default(''),
    version: integer().notNull().default(1),
    created_at: integer().notNull(),
    updated_at: integer().notNull(),
  },
  t => [
    uniqueIndex('products_id').on(t.id),
    uniqueIndex('products_handle').on(t.handle),
    // Ids sort by age, so each of these also serves `sort=newest`.
    index('products_by_age').on(t.status, t.id),
    index('products_by_title').on(t.status, sql`title COLLATE NOCASE`, t.id),
    index('products_by_vendor').on(t.vendor, t.status, t.id),
    index('products_by_type').on(t.product_type, t.status, t.id),
    // For lists of every status; with what they filter by, so that a walk need not look into the rows.
    index('products_by_any_title').on(sql`title COLLATE NOCASE`, t.id, t.status, t.vendor, t.product_type),
    index('products_by_update').on(t.updated_at, t.id, t.status, t.vendor, t.product_type),
    index('products_by_status_update').on(t.status, t.updated_at, t.id),
    check('product_status_known', sql`status IN ('draft', 'active', 'archived')`),
  ],
)

export const variants = sqliteTable(
  'variants',
  {
    id: text().primaryKey(),
    product_id: text()
      .notNull()
      .references(() => products.id, { onDelete: 'cascade' }),
    position: integer().notNull(),
    title: text().notNull(),
    options: text({ mode: 'json' }).$type<Record<string, string>>().notNull(),
    sku: text(),
    barcode: text(),
    weight_grams: integer().notNull().default(0),
    requires_shipping: integer({ mode: 'boolean' }).notNull().default(true),
    taxable: integer({ mode: 'boolean' }).notNull().default(true),
    tax_class: text().notNull().default('standard'),
    /** Untracked variants are always available and have no movements. */
    tracks_inventory: integer({ mode: 'boolean' }).notNull().default(true),
    /** `continue` sells on when stock is out; `deny` never does. */
    inventory_policy: text({ enum: ['deny', 'continue'] })
      .notNull()
      .default('deny'),
    image_url: text(),
  },
  t => [
    uniqueIndex('variants_by_product').on(t.product_id, t.options),
    index('variants_by_sku').on(t.sku),
    check('variant_weight_not_negative', sql`weight_grams >= 0`),
    check('variant_policy_known', sql`inventory_policy IN ('deny', 'continue')`),
  ],
)

export const prices = sqliteTable(
  'prices',
  {
    variant_id: text()
      .notNull()
      .references(() => variants.id, { onDelete: 'cascade' }),
    currency: text().notNull(),
    amount: integer().notNull(),
    compare_at_amount: integer(),
  },
  t => [
    primaryKey({ name: 'prices_pk', columns: [t.variant_id, t.currency] }),
    check('price_not_negative', sql`amount >= 0 AND (compare_at_amount IS NULL OR compare_at_amount >= 0)`),
  ],
)

export const productImages = sqliteTable(
  'product_images',
  {
    id: text().primaryKey(),
    product_id: text()
      .notNull()
      .references(() => products.id, { onDelete: 'cascade' }),
    position: integer().notNull(),
    url: text().notNull(),
    alt: text().notNull().default(''),
  },
  t => [index('product_images_by_product').on(t.product_id, t.position)],
)

/** The lowest and highest price of a product in a currency. Kept by triggers on `prices`. */
export const productPriceRanges = sqliteTable(
  'product_price_ranges',
  {
    product_id: text()
      .notNull()
      .references(() => products.id, { onDelete: 'cascade' }),
    currency: text().notNull(),
    min_amount: integer().notNull(),
    max_amount: integer().notNull(),
  },
  t => [
    primaryKey({ name: 'product_price_ranges_pk', columns: [t.product_id, t.currency] }),
    index('product_price_ranges_by_price').on(t.currency, t.min_amount, t.product_id),
  ],
)

/** One row a tag of a product, for the tag filter. Kept by triggers on `products.tags`. */
export const productTags = sqliteTable(
  'product_tags',
  {
    tag: text().notNull(),
    product_id: text()
      .notNull()
      .references(() => products.id, { onDelete: 'cascade' }),
  },
  t => [
    primaryKey({ name: 'product_tags_pk', columns: [t.tag, t.product_id] }),
    index('product_tags_by_product').on(t.product_id),
  ],
)

/** Words of active products with one letter left out: the key of one-typo search (symmetric deletes). */
export const searchTypos = sqliteTable(
  'search_typos',
  { typo: text().notNull(), word: text().notNull() },
  t => [primaryKey({ name: 'search_typos_pk', columns: [t.typo, t.word] })],
)
