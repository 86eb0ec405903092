// Statements that keep a collection's members, for whoever changes collections or products.

import { type SQL, sql } from 'drizzle-orm'
import type { Db } from '../../db/client.ts'
import type { CollectionCondition, CollectionRules } from './table.ts'

/** Makes the members of a hand-picked collection exactly the products with these handles. Two statements. */
export const setMembers = (db: Db, collectionId: string, handles: string[]) =>
  replaceMembers(db, collectionId, sql`p.handle IN (SELECT value FROM json_each(${JSON.stringify(handles)}))`)

/** Makes the members of a rule collection exactly the products that fit. Two statements. */
export const applyRules = (db: Db, collectionId: string, rules: CollectionRules) =>
  replaceMembers(db, collectionId, fits(rules))

const replaceMembers = (db: Db, collectionId: string, condition: SQL) =>
  [
    db.run(sql`
      DELETE FROM collection_products WHERE collection_id = ${collectionId}
        AND product_id NOT IN (SELECT p.id FROM products p WHERE ${condition})`),
    db.run(sql`
      INSERT OR IGNORE INTO collection_products (collection_id, product_id)
      SELECT ${collectionId}, p.id FROM products p WHERE ${condition}`),
  ] as const

// No rules fit nothing: an empty "all" would otherwise take in the whole shop.
const fits = ({ match, conditions }: CollectionRules): SQL =>
  conditions.length === 0
    ? sql`false`
    : sql`(${sql.join(conditions.map(fitsOne), match === 'all' ? sql` AND ` : sql` OR `)})`

function fitsOne({ field, relation, value }: CollectionCondition): SQL {
  if (field === 'tag') {
    const hasTag = sql`EXISTS (SELECT 1 FROM product_tags t WHERE t.product_id = p.id AND ${compare(sql`t.tag`, relation === 'not_equals' ? 'equals' : relation, value)})`
    return relation === 'not_equals' ? sql`NOT ${hasTag}` : hasTag
  }
  if (field === 'price') {
    const price = sql`(SELECT r.min_amount FROM product_price_ranges r JOIN shop_settings s ON r.currency = s.default_currency
      WHERE r.product_id = p.id)`
    return compare(price, relation, Number(value))
  }
  return compare(TEXT_FIELDS[field], relation, value)
}

const TEXT_FIELDS = { vendor: sql`p.vendor`, product_type: sql`p.product_type`, title: sql`p.title` }

function compare(left: SQL, relation: CollectionCondition['relation'], value: string | number): SQL {
  switch (relation) {
    case 'equals':
      return sql`${left} = ${value}`
    case 'not_equals':
      return sql`${left} <> ${value}`
    // instr, not LIKE: no wildcards in the value, and no limit of D1 on patterns.
    case 'contains':
      return sql`instr(lower(${left}), lower(${value})) > 0`
    case 'starts_with':
      return sql`instr(lower(${left}), lower(${value})) = 1`
    case 'less_than':
      return sql`${left} < ${value}`
    case 'greater_than':
      return sql`${left} > ${value}`
  }
}
