// SQL of the snapshot that a basket is priced on: items, promotions, shipping and taxes, in statements that the
// caller puts into one batch with its own. A read model over other features' tables; it never writes.

import { type SQL, sql } from 'drizzle-orm'
import type { Db } from '../../db/client.ts'

/** Where the statements find the basket: values, or subqueries on the row that holds it. */
export interface BasketSource {
  /** JSON array of objects with `variant_id`. */
  lines: SQL
  /** Further variants, about to be added. */
  added?: string[]
  currency: SQL
  /** JSON array of upper-case codes. */
  codes: SQL
  /** JSON array of countries whose tax rates may be needed. */
  countries: SQL
  /** Key under which this buyer's uses of promotions are counted; null while the buyer is unknown. */
  customerKey: SQL
  /** Who is logged in, for the prices of their groups; null or absent for guests. */
  userId?: SQL
}

export interface ItemRow {
  variant_id: string
  product_id: string
  title: string
  variant_title: string
  sku: string | null
  image_url: string | null
  /** Null when it is not sold in the basket's currency. */
  unit_price: number | null
  weight_grams: number
  requires_shipping: number
  taxable: number
  tax_class: string
  /** 1 when stock bounds what can be sold. */
  is_counted: number
  /** What can be reserved now; null without a stock row. */
  free: number | null
  collection_ids: string
}

export interface PromotionRow {
  id: string
  title: string
  code: string | null
  rule: string
  usage_limit: number | null
  usage_limit_per_customer: number | null
  redeemed: number
  redeemed_by_customer: number
}

/** A zone with one of its rates; `id`, `title` and `rule` are null for a zone without any, which the shop does not ship to. */
export interface RateRow {
  zone_id: string
  places: string
  id: string | null
  title: string | null
  rule: string | null
  eta_days_min: number | null
  eta_days_max: number | null
}

export interface TaxRow {
  id: string
  name: string
  country: string
  region: string | null
  tax_class: string
  rate_ppm: number
  applies_to_shipping: number
}

export interface SettingsRow {
  default_currency: string
  currencies: string
  home_country: string
  prices_include_tax: number
}

/** The five statements of a snapshot, in the order that `snapshotOf` in the service takes their results. */
export const snapshotStatements = (db: Db, source: BasketSource) =>
  [
    selectSettings(db),
    selectItems(db, source),
    selectPromotions(db, source),
    selectRates(db),
    selectTaxes(db, source),
  ] as const

const selectSettings = (db: Db) =>
  db.all<SettingsRow>(
    sql`SELECT default_currency, currencies, home_country, prices_include_tax FROM shop_settings`,
  )

/** The lowest price that a group of the buyer's has for the variant, if any. Nobody pays more for being in a group. */
const groupPrice = (userId: SQL) => sql`(
      SELECT min(gp.amount) FROM customer_group_members m
      CROSS JOIN group_prices gp ON gp.group_id = m.group_id AND gp.variant_id = v.id AND gp.currency = pr.currency
      WHERE m.user_id = ${userId})`

// A picture of the variant's own, else the product's first.
const selectItems = (db: Db, { lines, added = [], currency, userId }: BasketSource) =>
  db.all<ItemRow>(sql`
    SELECT v.id AS variant_id, p.id AS product_id, p.title, v.title AS variant_title, v.sku,
      coalesce(v.image_url, (SELECT url FROM product_images i WHERE i.product_id = p.id ORDER BY position LIMIT 1)) AS image_url,
      ${userId ? sql`min(pr.amount, coalesce(${groupPrice(userId)}, pr.amount))` : sql`pr.amount`} AS unit_price,
      v.weight_grams, v.requires_shipping, v.taxable, v.tax_class,
      v.tracks_inventory AND v.inventory_policy = 'deny' AS is_counted, s.available AS free,
      (SELECT json_group_array(collection_id) FROM collection_products cp WHERE cp.product_id = p.id) AS collection_ids
    FROM (SELECT value ->> 'variant_id' AS id FROM json_each(${lines})
          UNION SELECT value FROM json_each(${JSON.stringify(added)})) wanted
    CROSS JOIN variants v ON v.id = wanted.id
    CROSS JOIN products p ON p.id = v.product_id AND p.status = 'active'
    LEFT JOIN prices pr ON pr.variant_id = v.id AND pr.currency = ${currency}
    LEFT JOIN stock_items s ON s.variant_id = v.id`)

const selectPromotions = (db: Db, { codes, customerKey }: BasketSource) =>
  db.all<PromotionRow>(sql`
    SELECT id, title, code, rule, usage_limit, usage_limit_per_customer, redeemed,
      (SELECT count(*) FROM promotion_redemptions r WHERE r.promotion_id = p.id AND r.customer_key = ${customerKey})
        AS redeemed_by_customer
    FROM promotions p
    WHERE is_active AND (code IS NULL OR code IN (SELECT value FROM json_each(${codes})))`)

const selectRates = (db: Db) =>
  db.all<RateRow>(sql`
    SELECT z.id AS zone_id, z.places, r.id, r.title, r.rule, r.eta_days_min, r.eta_days_max
    FROM shipping_zones z LEFT JOIN shipping_rates r ON r.zone_id = z.id ORDER BY z.id, r.position`)

const selectTaxes = (db: Db, { countries }: BasketSource) =>
  db.all<TaxRow>(sql`
    SELECT id, name, country, region, tax_class, rate_ppm, applies_to_shipping FROM tax_rates
    WHERE country IN (SELECT value FROM json_each(${countries}))`)
