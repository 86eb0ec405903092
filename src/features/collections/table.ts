// Collections: picked by hand, or by rule. Both kinds keep their members in one table, so that reading a
// collection never evaluates rules; the rules are evaluated when products or rules change.

import { sql } from 'drizzle-orm'
import { check, index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import { products } from '../products/table.ts'

/** Each condition nests one statement deeper and binds a parameter of it; D1 takes expressions of depth 100. */
export const MAX_CONDITIONS = 30

export interface CollectionRules {
  match: 'all' | 'any'
  conditions: CollectionCondition[]
}

export interface CollectionCondition {
  field: 'tag' | 'vendor' | 'product_type' | 'title' | 'price'
  relation: 'equals' | 'not_equals' | 'contains' | 'starts_with' | 'less_than' | 'greater_than'
  /** For `price`: minor units of the shop's default currency, as a decimal integer. */
  value: string
}

export const collections = sqliteTable(
  'collections',
  {
    id: text().primaryKey(),
    handle: text().notNull(),
    title: text().notNull(),
    description_html: text().notNull().default(''),
    kind: text({ enum: ['manual', 'rules'] }).notNull(),
    rules: text({ mode: 'json' }).$type<CollectionRules>(),
    image_url: text(),
    version: integer().notNull().default(1),
    created_at: integer().notNull(),
    updated_at: integer().notNull(),
  },
  t => [
    uniqueIndex('collections_handle').on(t.handle),
    check('collection_kind_known', sql`kind IN ('manual', 'rules')`),
    check('collection_rules_present', sql`(kind = 'rules') = (rules IS NOT NULL)`),
  ],
)

export const collectionProducts = sqliteTable(
  'collection_products',
  {
    collection_id: text()
      .notNull()
      .references(() => collections.id, { onDelete: 'cascade' }),
    product_id: text()
      .notNull()
      .references(() => products.id, { onDelete: 'cascade' }),
  },
  t => [
    primaryKey({ name: 'collection_products_pk', columns: [t.collection_id, t.product_id] }),
    index('collection_products_by_product').on(t.product_id),
  ],
)
