// Statements that keep a collection's members, for whoever changes collections or products.

import { type SQL, sql } from 'drizzle-orm'
import type { Db } from '../../db/client.ts'
import type { CollectionRules } from './table.ts'

/** Makes the members of a hand-picked collection exactly the products with these handles. Two statements. */
export const setMembers = (db: Db, collectionId: string, handles: string[]) =>
  replaceMembers(db, collectionId, sql`p.handle IN (SELECT value FROM json_each(${JSON.stringify(handles)}))`)

/** Makes the members of a rule collection exactly the products that fit. Two statements. */
export const applyRules = (db: Db, collectionId: string, rules: CollectionRules) =>
  replaceMembers(db, collectionId, sql`${fits(sql`${JSON.stringify(rules)}`)} = 1`)

/** Makes the members of a hand-picked collection exactly the products with these ids. Two statements. */
export const setMemberIds = (db: Db, collectionId: string, productIds: string[]) =>
  replaceMembers(db, collectionId, sql`p.id IN (SELECT value FROM json_each(${JSON.stringify(productIds)}))`)

/** Takes products into a collection; those that are in stay. */
export const addMembers = (db: Db, collectionId: string, productIds: string[]) =>
  db.run(sql`INSERT OR IGNORE INTO collection_products (collection_id, product_id)
    SELECT ${collectionId}, p.id FROM json_each(${JSON.stringify(productIds)}) j CROSS JOIN products p ON p.id = j.value`)

/** Takes products out of a collection. */
export const removeMembers = (db: Db, collectionId: string, productIds: string[]) =>
  db.run(sql`DELETE FROM collection_products WHERE collection_id = ${collectionId}
    AND product_id IN (SELECT value FROM json_each(${JSON.stringify(productIds)}))`)

/** Of these ids, those that no product has. */
export const selectUnknownProducts = (db: Db, productIds: string[]) =>
  db.all<{ id: string }>(sql`SELECT value AS id FROM json_each(${JSON.stringify(productIds)}) j
    WHERE NOT EXISTS (SELECT 1 FROM products p WHERE p.id = j.value)`)

const replaceMembers = (db: Db, collectionId: string, condition: SQL) =>
  [
    db.run(sql`
      DELETE FROM collection_products WHERE collection_id = ${collectionId}
        AND product_id NOT IN (SELECT p.id FROM products p WHERE ${condition})`),
    db.run(sql`
      INSERT OR IGNORE INTO collection_products (collection_id, product_id)
      SELECT ${collectionId}, p.id FROM products p WHERE ${condition}`),
  ] as const

/** Brings these products' memberships in all rule collections up to date. Two statements, whatever their number. */
export const refreshMemberships = (db: Db, productIds: string[]) => {
  const pairs = (isMember: SQL) => sql`
    SELECT c.id, p.id FROM json_each(${JSON.stringify(productIds)}) touched
    CROSS JOIN products p ON p.id = touched.value CROSS JOIN collections c
    WHERE c.kind = 'rules' AND ${fits(sql`c.rules`)} = ${isMember}`
  return [
    db.run(sql`DELETE FROM collection_products WHERE (collection_id, product_id) IN (${pairs(sql`0`)})`),
    db.run(sql`INSERT OR IGNORE INTO collection_products (collection_id, product_id) ${pairs(sql`1`)}`),
  ] as const
}

/**
 * 1 when product `p` fits the rules, which are JSON, else 0. No rules fit nothing: an empty "all" would otherwise take in
 * the whole shop. What cannot be compared (a price that there is not) does not fit.
 */
const fits = (rules: SQL): SQL => sql`coalesce((
  SELECT iif(${rules} ->> 'match' = 'all', min(${FITS_ONE}), max(${FITS_ONE}))
  FROM json_each(${rules}, '$.conditions') rule), 0)`

const RELATION = sql`rule.value ->> 'relation'`
const VALUE = sql`rule.value ->> 'value'`

const compare = (left: SQL, right: SQL): SQL => sql`CASE ${RELATION}
  WHEN 'equals' THEN ${left} = ${right} WHEN 'not_equals' THEN ${left} <> ${right}
  WHEN 'less_than' THEN ${left} < ${right} WHEN 'greater_than' THEN ${left} > ${right}
  WHEN 'contains' THEN instr(lower(${left}), lower(${right})) > 0
  WHEN 'starts_with' THEN instr(lower(${left}), lower(${right})) = 1 END`

// instr, not LIKE: no wildcards in the value, and no limit of D1 on patterns.
const FITS_ONE = sql`coalesce(CASE rule.value ->> 'field'
  WHEN 'tag' THEN iif(${RELATION} = 'not_equals',
    NOT EXISTS (SELECT 1 FROM product_tags t WHERE t.product_id = p.id AND t.tag = ${VALUE}),
    EXISTS (SELECT 1 FROM product_tags t WHERE t.product_id = p.id AND ${compare(sql`t.tag`, VALUE)}))
  WHEN 'price' THEN ${compare(
    sql`(SELECT r.min_amount FROM product_price_ranges r JOIN shop_settings s ON r.currency = s.default_currency
      WHERE r.product_id = p.id)`,
    sql`CAST(${VALUE} AS INTEGER)`,
  )}
  WHEN 'vendor' THEN ${compare(sql`p.vendor`, VALUE)}
  WHEN 'product_type' THEN ${compare(sql`p.product_type`, VALUE)}
  WHEN 'title' THEN ${compare(sql`p.title`, VALUE)} END, 0)`
