// SQL that writes products. Each statement takes all rows as one JSON parameter (D1 allows 100 parameters), so the
// number of statements does not grow with the number of products.

import { sql } from 'drizzle-orm'
import type { Db } from '../../db/client.ts'

const json = (value: unknown) => sql`json_each(${JSON.stringify(value)})`

/** Ids of products by handle, and of their variants by options. Two statements. */
export const selectExisting = (db: Db, handles: string[]) =>
  [
    db.all<{ id: string; handle: string }>(
      sql`SELECT id, handle FROM products WHERE handle IN (SELECT value FROM ${json(handles)})`,
    ),
    db.all<{ id: string; product_id: string; options: string }>(sql`
      SELECT v.id, v.product_id, v.options FROM products p CROSS JOIN variants v ON v.product_id = p.id
      WHERE p.handle IN (SELECT value FROM ${json(handles)})`),
  ] as const

/** Inserts products, or updates those that differ. */
export const writeProducts = (db: Db, rows: Record<string, unknown>[], now: number) =>
  db.run(sql`
    INSERT INTO products (id, handle, title, description_html, vendor, product_type, status, tags, options, metadata,
      seo_title, seo_description, search_text, created_at, updated_at)
    SELECT value ->> 'id', value ->> 'handle', value ->> 'title', value ->> 'description_html', value ->> 'vendor',
      value ->> 'product_type', value ->> 'status', value -> 'tags', value -> 'options', value -> 'metadata',
      value ->> 'seo_title', value ->> 'seo_description', value ->> 'search_text', ${now}, ${now}
    FROM ${json(rows)} WHERE true
    ON CONFLICT (id) DO UPDATE SET
      title = excluded.title, description_html = excluded.description_html, vendor = excluded.vendor,
      product_type = excluded.product_type, status = excluded.status, tags = excluded.tags, options = excluded.options,
      metadata = excluded.metadata, seo_title = excluded.seo_title, seo_description = excluded.seo_description,
      search_text = excluded.search_text, version = version + 1, updated_at = excluded.updated_at
    WHERE (title, description_html, vendor, product_type, status, tags, options, metadata, seo_title, seo_description,
        search_text)
      IS NOT (excluded.title, excluded.description_html, excluded.vendor, excluded.product_type, excluded.status,
        excluded.tags, excluded.options, excluded.metadata, excluded.seo_title, excluded.seo_description,
        excluded.search_text)`)

interface VariantRow {
  id: string
  product_id: string
  position: number
  options: string
  prices: { currency: string; amount: number; compare_at_amount: number | null }[]
}

/** Removes the products' variants that are not in the input, then inserts or updates those that are. */
export const writeVariants = (db: Db, productIds: string[], rows: VariantRow[]) =>
  [
    db.run(sql`
      DELETE FROM variants WHERE product_id IN (SELECT value FROM ${json(productIds)})
        AND id NOT IN (SELECT value FROM ${json(rows.map(row => row.id))})`),
    db.run(sql`
      INSERT INTO variants (id, product_id, position, title, options, sku, barcode, weight_grams, requires_shipping, taxable,
        tax_class, tracks_inventory, inventory_policy, image_url)
      SELECT value ->> 'id', value ->> 'product_id', value ->> 'position', value ->> 'title', value ->> 'options',
        value ->> 'sku', value ->> 'barcode', value ->> 'weight_grams', value ->> 'requires_shipping', value ->> 'taxable',
        value ->> 'tax_class', value ->> 'tracks_inventory', value ->> 'inventory_policy', value ->> 'image_url'
      FROM ${json(rows)} WHERE true
      ON CONFLICT (id) DO UPDATE SET
        position = excluded.position, title = excluded.title, sku = excluded.sku, barcode = excluded.barcode,
        weight_grams = excluded.weight_grams, requires_shipping = excluded.requires_shipping, taxable = excluded.taxable,
        tax_class = excluded.tax_class, tracks_inventory = excluded.tracks_inventory,
        inventory_policy = excluded.inventory_policy, image_url = excluded.image_url`),
  ] as const

/** Sets the prices of variants: those not in the input go, the rest is inserted or updated. */
export function writePrices(db: Db, rows: VariantRow[]) {
  const prices = rows.flatMap(({ id, prices }) => prices.map(price => ({ ...price, variant_id: id })))
  return [
    db.run(sql`
      DELETE FROM prices WHERE variant_id IN (SELECT value FROM ${json(rows.map(row => row.id))})
        AND variant_id || ' ' || currency NOT IN (SELECT value ->> 'variant_id' || ' ' || (value ->> 'currency') FROM ${json(prices)})`),
    db.run(sql`
      INSERT INTO prices (variant_id, currency, amount, compare_at_amount)
      SELECT value ->> 'variant_id', value ->> 'currency', value ->> 'amount', value ->> 'compare_at_amount'
      FROM ${json(prices)} WHERE true
      ON CONFLICT (variant_id, currency) DO UPDATE SET amount = excluded.amount, compare_at_amount = excluded.compare_at_amount
      WHERE (amount, compare_at_amount) IS NOT (excluded.amount, excluded.compare_at_amount)`),
  ] as const
}

interface ImageRow {
  id: string
  product_id: string
  position: number
  url: string
  alt: string
}

/** Replaces the pictures of products. */
export const writeImages = (db: Db, productIds: string[], rows: ImageRow[]) =>
  [
    db.run(sql`DELETE FROM product_images WHERE product_id IN (SELECT value FROM ${json(productIds)})`),
    db.run(sql`
      INSERT INTO product_images (id, product_id, position, url, alt)
      SELECT value ->> 'id', value ->> 'product_id', value ->> 'position', value ->> 'url', value ->> 'alt' FROM ${json(rows)}`),
  ] as const

/** Adds words to the vocabulary of search. */
export const writeTypos = (db: Db, rows: { typo: string; word: string }[]) =>
  db.run(sql`
    INSERT OR IGNORE INTO search_typos (typo, word) SELECT value ->> 'typo', value ->> 'word' FROM ${json(rows)}`)
