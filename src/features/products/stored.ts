// A product as it is stored, whole: with its ids, version, all prices and stock. What the back office reads, changes and
// exports is this one shape, read by one statement.

import { type SQL, sql } from 'drizzle-orm'
import type { Db } from '../../db/client.ts'
import type { ProductInput, VariantInput } from './input.ts'

/** A variant with its id. `quantity` is what is on hand; null when it is not tracked. */
export interface StoredVariant extends VariantInput {
  id: string
  /** Null when nothing was ever counted. */
  on_hand: number | null
  reserved: number
}

export interface StoredProduct extends ProductInput {
  id: string
  version: number
  /** Milliseconds since 1970, as is `updated_at`. */
  created_at: number
  updated_at: number
  variants: StoredVariant[]
  collections: { id: string; handle: string; title: string }[]
}

/** A stored product as SQLite returns it: nested parts as JSON text. */
export type StoredRow = Record<
  | 'id'
  | 'handle'
  | 'title'
  | 'description_html'
  | 'vendor'
  | 'product_type'
  | 'tags'
  | 'options'
  | 'metadata'
  | 'images'
  | 'variants'
  | 'collections',
  string
> & {
  status: ProductInput['status']
  seo_title: string | null
  seo_description: string | null
  version: number
  created_at: number
  updated_at: number
}

/** The product with this id. */
export const byId = (id: string): SQL => sql`p.id = ${id}`

/** The product that this variant is of. */
export const byVariant = (variantId: string): SQL =>
  sql`p.id = (SELECT product_id FROM variants WHERE id = ${variantId})`

/** Products that a condition on `p` picks, whole; `order` may also limit them. */
export const selectStored = (db: Db, condition: SQL, order: SQL = sql``) =>
  db.all<StoredRow>(sql`
    SELECT p.id, p.version, p.handle, p.title, p.description_html, p.vendor, p.product_type, p.status, p.tags, p.options,
      p.metadata, p.seo_title, p.seo_description, p.created_at, p.updated_at,
      (SELECT json_group_array(json_array(url, alt)) FROM (
        SELECT url, alt FROM product_images i WHERE i.product_id = p.id ORDER BY i.position)) AS images,
      (SELECT json_group_array(json_array(v.id, v.title, json(v.options), v.sku, v.barcode, v.weight_grams,
          v.requires_shipping, v.taxable, v.tax_class, v.tracks_inventory, v.inventory_policy, v.image_url,
          json(v.prices), v.on_hand, v.reserved)) FROM (
        SELECT v.*,
          (SELECT json_group_array(json_array(currency, amount, compare_at_amount)) FROM (
            SELECT * FROM prices pr WHERE pr.variant_id = v.id ORDER BY pr.currency)) AS prices,
          (SELECT sum(on_hand) FROM stock_levels s WHERE s.variant_id = v.id) AS on_hand,
          (SELECT sum(reserved) FROM stock_levels s WHERE s.variant_id = v.id) AS reserved
        FROM variants v WHERE v.product_id = p.id ORDER BY v.position) v) AS variants,
      (SELECT json_group_array(json_array(c.id, c.handle, c.title)) FROM collection_products cp
        JOIN collections c ON c.id = cp.collection_id WHERE cp.product_id = p.id) AS collections
    FROM products p WHERE ${condition} ${order}`)

type VariantTuple = [
  id: string,
  title: string,
  options: Record<string, string>,
  sku: string | null,
  barcode: string | null,
  weight_grams: number,
  requires_shipping: number,
  taxable: number,
  tax_class: string,
  tracks_inventory: number,
  inventory_policy: 'deny' | 'continue',
  image_url: string | null,
  prices: [currency: string, amount: number, compareAt: number | null][],
  on_hand: number | null,
  reserved: number | null,
]

/** Gives the parts of a row their names. */
export function storedProduct(row: StoredRow): StoredProduct {
  const images: [string, string][] = JSON.parse(row.images)
  const collections: [string, string, string][] = JSON.parse(row.collections)
  return {
    ...row,
    tags: JSON.parse(row.tags),
    options: JSON.parse(row.options),
    metadata: JSON.parse(row.metadata),
    images: images.map(([url, alt]) => ({ url, alt })),
    variants: (JSON.parse(row.variants) as VariantTuple[]).map(storedVariant),
    collections: collections.map(([id, handle, title]) => ({ id, handle, title })),
  }
}

const storedVariant = ([
  id,
  title,
  options,
  sku,
  barcode,
  weight_grams,
  ships,
  taxable,
  tax_class,
  tracks,
  inventory_policy,
  image_url,
  prices,
  on_hand,
  reserved,
]: VariantTuple): StoredVariant => ({
  id,
  title,
  options,
  sku,
  barcode,
  weight_grams,
  requires_shipping: ships === 1,
  taxable: taxable === 1,
  tax_class,
  tracks_inventory: tracks === 1,
  inventory_policy,
  image_url,
  prices: prices.map(([currency, amount, compare_at_amount]) => ({ currency, amount, compare_at_amount })),
  quantity: tracks === 1 ? (on_hand ?? 0) : null,
  on_hand,
  reserved: reserved ?? 0,
})
