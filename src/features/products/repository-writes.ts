// SQL that writes products. Statements take many rows as one JSON parameter (D1 allows 100 parameters), so their number
// does not grow with the number of products, but for what exceeds the size of one parameter.

import { sql } from 'drizzle-orm'
import type { Db, Statement } from '../../db/client.ts'

/** D1 takes 2 MB a value (https://developers.cloudflare.com/d1/platform/limits/); one row stays far below the rest. */
const MAX_PARAMETER_BYTES = 1_000_000

const json = (value: unknown) => sql`json_each(${JSON.stringify(value)})`

/** Splits rows into parts that each fit in one parameter as JSON: most often one part, none without rows. */
export function inParts<T>(rows: T[]): T[][] {
  const encoder = new TextEncoder()
  const parts: T[][] = []
  let free = 0
  for (const row of rows) {
    const bytes = encoder.encode(JSON.stringify(row)).length + 1
    if (bytes > free) {
      parts.push([])
      free = MAX_PARAMETER_BYTES
    }
    parts.at(-1)?.push(row)
    free -= bytes
  }
  return parts
}

/** A price as [currency, amount, compare_at_amount]. */
export type PriceFacts = [string, number, number | null]

/** What is stored of a variant beside its id and options, as `facts` below; its prices, by currency, are the last. */
export type VariantFacts = [...(string | number | null)[], PriceFacts[]]

/** What there is of products by handle, and of their variants, and which are counted at a location. Two statements. */
export const selectExisting = (db: Db, handles: string[], locationId: string) =>
  [
    db.all<{ id: string; handle: string; images: string }>(sql`
      SELECT p.id, p.handle, (SELECT json_group_array(json_array(url, alt)) FROM (
        SELECT url, alt FROM product_images i WHERE i.product_id = p.id ORDER BY i.position)) AS images
      FROM products p WHERE p.handle IN (SELECT value FROM ${json(handles)})`),
    db.all<{ id: string; product_id: string; options: string; is_counted: number; facts: string }>(sql`
      SELECT v.id, v.product_id, v.options,
        EXISTS (SELECT 1 FROM stock_levels s WHERE s.variant_id = v.id AND s.location_id = ${locationId}) AS is_counted,
        json_array(v.position, v.title, v.sku, v.barcode, v.weight_grams, v.requires_shipping, v.taxable, v.tax_class, v.tracks_inventory, v.inventory_policy, v.image_url,
        (SELECT json_group_array(json_array(currency, amount, compare_at_amount)) FROM (
          SELECT * FROM prices pr WHERE pr.variant_id = v.id ORDER BY pr.currency))) AS facts
      FROM products p CROSS JOIN variants v ON v.product_id = p.id
      WHERE p.handle IN (SELECT value FROM ${json(handles)})`),
  ] as const

/** Ids of the products with these handles. */
export const selectKnown = (db: Db, handles: string[]) =>
  db.all<{ id: string }>(sql`SELECT id FROM products WHERE handle IN (SELECT value FROM ${json(handles)})`)

/** Inserts products, or updates those that differ; `touched` are ids of products whose variants or pictures differ. */
export const writeProducts = (
  db: Db,
  rows: Record<string, unknown>[],
  touched: string[],
  now: number,
): Statement[] =>
  inParts(rows).map(part =>
    db.run(sql`
      INSERT INTO products (id, handle, title, description_html, vendor, product_type, status, tags, options, metadata,
        seo_title, seo_description, search_text, created_at, updated_at)
      SELECT value ->> 'id', value ->> 'handle', value ->> 'title', value ->> 'description_html', value ->> 'vendor',
        value ->> 'product_type', value ->> 'status', value -> 'tags', value -> 'options', value -> 'metadata',
        value ->> 'seo_title', value ->> 'seo_description', value ->> 'search_text', ${now}, ${now}
      FROM ${json(part)} WHERE true
      ON CONFLICT (id) DO UPDATE SET
        title = excluded.title, description_html = excluded.description_html, vendor = excluded.vendor,
        product_type = excluded.product_type, status = excluded.status, tags = excluded.tags, options = excluded.options,
        metadata = excluded.metadata, seo_title = excluded.seo_title, seo_description = excluded.seo_description,
        search_text = excluded.search_text, version = version + 1, updated_at = excluded.updated_at
      WHERE (title, description_html, vendor, product_type, status, tags, options, metadata, seo_title, seo_description,
          search_text)
        IS NOT (excluded.title, excluded.description_html, excluded.vendor, excluded.product_type, excluded.status,
          excluded.tags, excluded.options, excluded.metadata, excluded.seo_title, excluded.seo_description,
          excluded.search_text)
        OR id IN (SELECT value FROM ${json(touched)})`),
  )

interface VariantRow {
  id: string
  product_id: string
  position: number
  options: string
}

/** Removes variants, then inserts or updates others. */
export const writeVariants = (db: Db, removedIds: string[], rows: VariantRow[]): Statement[] => [
  ...inParts(removedIds).map(part =>
    db.run(sql`DELETE FROM variants WHERE id IN (SELECT value FROM ${json(part)})`),
  ),
  ...inParts(rows).map(part =>
    db.run(sql`
      INSERT INTO variants (id, product_id, position, title, options, sku, barcode, weight_grams, requires_shipping, taxable,
        tax_class, tracks_inventory, inventory_policy, image_url)
      SELECT value ->> 'id', value ->> 'product_id', value ->> 'position', value ->> 'title', value ->> 'options',
        value ->> 'sku', value ->> 'barcode', value ->> 'weight_grams', value ->> 'requires_shipping', value ->> 'taxable',
        value ->> 'tax_class', value ->> 'tracks_inventory', value ->> 'inventory_policy', value ->> 'image_url'
      FROM ${json(part)} WHERE true
      ON CONFLICT (id) DO UPDATE SET
        position = excluded.position, title = excluded.title, sku = excluded.sku, barcode = excluded.barcode,
        weight_grams = excluded.weight_grams, requires_shipping = excluded.requires_shipping, taxable = excluded.taxable,
        tax_class = excluded.tax_class, tracks_inventory = excluded.tracks_inventory,
        inventory_policy = excluded.inventory_policy, image_url = excluded.image_url`),
  ),
]

interface PriceRow {
  variant_id: string
  currency: string
  amount: number
  compare_at_amount: number | null
}

/** Removes prices, then inserts or updates others. */
export const writePrices = (
  db: Db,
  removed: { variant_id: string; currency: string }[],
  rows: PriceRow[],
): Statement[] => [
  ...inParts(removed).map(part =>
    db.run(sql`
      DELETE FROM prices WHERE (variant_id, currency)
        IN (SELECT value ->> 'variant_id', value ->> 'currency' FROM ${json(part)})`),
  ),
  ...inParts(rows).map(part =>
    db.run(sql`
      INSERT INTO prices (variant_id, currency, amount, compare_at_amount)
      SELECT value ->> 'variant_id', value ->> 'currency', value ->> 'amount', value ->> 'compare_at_amount'
      FROM ${json(part)} WHERE true
      ON CONFLICT (variant_id, currency) DO UPDATE SET amount = excluded.amount, compare_at_amount = excluded.compare_at_amount
      WHERE (amount, compare_at_amount) IS NOT (excluded.amount, excluded.compare_at_amount)`),
  ),
]

interface ImageRow {
  id: string
  product_id: string
  position: number
  url: string
  alt: string
}

/** Replaces the pictures of products. */
export const writeImages = (db: Db, productIds: string[], rows: ImageRow[]): Statement[] => [
  ...inParts(productIds).map(part =>
    db.run(sql`DELETE FROM product_images WHERE product_id IN (SELECT value FROM ${json(part)})`),
  ),
  ...inParts(rows).map(part =>
    db.run(sql`
      INSERT INTO product_images (id, product_id, position, url, alt)
      SELECT value ->> 'id', value ->> 'product_id', value ->> 'position', value ->> 'url', value ->> 'alt' FROM ${json(part)}`),
  ),
]

/** Adds words to the vocabulary of search. */
export const writeTypos = (db: Db, rows: { typo: string; word: string }[]): Statement[] =>
  inParts(rows).map(part =>
    db.run(sql`
      INSERT INTO search_typos (typo, word) SELECT value ->> 'typo', value ->> 'word' FROM ${json(part)} WHERE true
      ON CONFLICT DO NOTHING`),
  )

/** Of variants counted at a location, those of which more is reserved there than was counted. */
export const selectReservedBeyond = (
  db: Db,
  counts: { variant_id: string; quantity: number }[],
  locationId: string,
) =>
  db.all<{ variant_id: string; handle: string; title: string; quantity: number; reserved: number }>(sql`
    SELECT v.id AS variant_id, p.handle, v.title, value ->> 'quantity' AS quantity, s.reserved
    FROM ${json(counts)} JOIN stock_levels s ON s.variant_id = value ->> 'variant_id' AND s.location_id = ${locationId}
    JOIN variants v ON v.id = s.variant_id JOIN products p ON p.id = v.product_id
    WHERE s.reserved > value ->> 'quantity'`)
