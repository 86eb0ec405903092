// Loads a shop file: settings, shipping, taxes, promotions and collections, in one unit. Loading it again brings the
// shop to what the file says, and only that: what the file no longer has is gone. Promotions are switched off instead,
// since their uses stay in the books; orders stay as they are.

import { sql } from 'drizzle-orm'
import { atomic } from '../../db/atomic.ts'
import type { Db, Statement } from '../../db/client.ts'
import type { Deps } from '../../deps.ts'
import { audit } from '../audit/statements.ts'
import { applyRules, setMembers } from '../collections/statements.ts'
import { collections } from '../collections/table.ts'
import type { PromotionRule } from '../pricing/model.ts'
import { promotions } from '../promotions/table.ts'
import { shippingRates, shippingZones } from '../shipping/table.ts'
import { shopSettings } from '../shop/table.ts'
import { taxRates } from '../taxes/table.ts'
import type { ShopFile } from './shop-file.ts'

type Ids = ReadonlyMap<string, string>

/** What a shop had that its new file does not: handles of collections, ids of promotions. */
export interface LeftOut {
  removedCollections: string[]
  endedPromotions: string[]
}

/**
 * Writes a shop file, and tells what it took away. Throws when a collection or promotion names a product or collection
 * that is not there.
 */
export async function loadShop(deps: Pick<Deps, 'db' | 'ids' | 'clock'>, file: ShopFile): Promise<LeftOut> {
  const { db, ids, clock } = deps
  const now = clock()
  const [collectionRows, productRows, promotionRows] = await db.batch([
    db.all<{ handle: string; id: string }>(sql`SELECT handle, id FROM collections ORDER BY handle`),
    db.all<{ handle: string; id: string }>(sql`
      SELECT handle, id FROM products WHERE handle IN (SELECT value FROM json_each(${JSON.stringify(productHandles(file))}))`),
    db.all<{ id: string }>(sql`
      SELECT id FROM promotions
      WHERE is_active AND id NOT IN (SELECT value FROM json_each(${JSON.stringify(file.promotions.map(({ id }) => id))}))
      ORDER BY id`),
  ])
  const productIds = new Map(productRows.map(row => [row.handle, row.id]))
  const collectionIds = new Map(collectionRows.map(row => [row.handle, row.id]))
  refuseUnknownMembers(file, productIds)
  const kept = new Set(file.collections.map(({ handle }) => handle))
  const removedCollections = collectionRows.flatMap(({ handle }) => (kept.has(handle) ? [] : [handle]))
  for (const handle of removedCollections) collectionIds.delete(handle)
  for (const handle of kept) if (!collectionIds.has(handle)) collectionIds.set(handle, ids('collection'))
  const endedPromotions = promotionRows.map(({ id }) => id)

  const statements: [Statement, ...Statement[]] = [
    writeSettings(db, file, now),
    ...writeShipping(db, file, now),
    ...writeTaxes(db, file, now),
    db.run(sql`
      UPDATE promotions SET is_active = 0, version = version + 1, updated_at = ${now}
      WHERE id IN (SELECT value FROM json_each(${JSON.stringify(endedPromotions)}))`),
    ...file.promotions.map(promotion => writePromotion(db, promotion, productIds, collectionIds, now)),
    db.run(sql`
      DELETE FROM collections WHERE handle IN (SELECT value FROM json_each(${JSON.stringify(removedCollections)}))`),
    ...file.collections.flatMap(collection => writeCollection(db, collection, collectionIds, now)),
    audit(
      db,
      ids,
      {
        actor: 'system:load',
        action: 'shop.loaded',
        object_id: 'shop',
        request_id: null,
        changes: { removed_collections: removedCollections, ended_promotions: endedPromotions },
      },
      now,
    ),
  ]
  await atomic(db, statements, {
    promotion_usage_within_limit: () =>
      new Error('a promotion was used more often than its new usage_limit allows'),
    shipping_zone_places_overlap: () => new Error('two shipping zones of the shop have the same place'),
    tax_rate_place_taken: () =>
      new Error('two tax rates of the shop have the same name, place and tax class'),
    'promotions.code': () => new Error('two promotions of the shop have the same code'),
  })
  return { removedCollections, endedPromotions }
}

/** A collection that quietly lacks a product would look as if it were whole. */
function refuseUnknownMembers({ collections }: ShopFile, products: Ids): void {
  const unknown = collections.flatMap(collection =>
    collection.kind === 'manual'
      ? collection.products
          .filter(handle => !products.has(handle))
          .map(handle => `"${handle}" (${collection.handle})`)
      : [],
  )
  if (unknown.length > 0)
    throw new Error(`collections name products that do not exist: ${unknown.slice(0, 20).join(', ')}`)
}

/** Brings every rule collection up to date with the products, in one unit. */
export async function refreshCollections(deps: Pick<Deps, 'db'>): Promise<void> {
  const { db } = deps
  const rows = await db.select().from(collections)
  const [first, ...rest] = rows.flatMap(row => (row.rules ? [...applyRules(db, row.id, row.rules)] : []))
  if (first) await atomic(db, [first, ...rest])
}

const productHandles = (file: ShopFile): string[] => [
  ...file.collections.flatMap(collection => (collection.kind === 'manual' ? collection.products : [])),
  ...file.promotions.flatMap(({ rule }) =>
    [rule.scope, ...('get_scope' in rule ? [rule.get_scope] : [])].flatMap(scope =>
      scope.type === 'products' ? scope.handles : [],
    ),
  ),
]

function writeSettings(db: Db, { settings }: ShopFile, now: number): Statement {
  const values = { ...settings, updated_at: now }
  return db
    .insert(shopSettings)
    .values({ id: 1, ...values })
    .onConflictDoUpdate({ target: shopSettings.id, set: { ...values, version: sql`version + 1` } })
}

/** Rows that replace others of the same id: their version is one that nobody has read of the rows before. */
const loadedAt = (now: number) => ({ version: now, updated_at: now })

function writeShipping(db: Db, file: ShopFile, now: number): Statement[] {
  const zones = file.shipping_zones.map(({ id, name, places }) => ({ id, name, places, ...loadedAt(now) }))
  const rates = file.shipping_zones.flatMap(zone =>
    zone.rates.map(({ id, title, rule, eta_days }, position) => ({
      id,
      zone_id: zone.id,
      title,
      position,
      rule,
      eta_days_min: eta_days?.min ?? null,
      eta_days_max: eta_days?.max ?? null,
    })),
  )
  return [
    db.delete(shippingRates),
    db.delete(shippingZones),
    ...zones.map(zone => db.insert(shippingZones).values(zone)),
    ...rates.map(rate => db.insert(shippingRates).values(rate)),
  ]
}

const writeTaxes = (db: Db, file: ShopFile, now: number): Statement[] => [
  db.delete(taxRates),
  ...file.tax_rates.map(rate => db.insert(taxRates).values({ ...rate, ...loadedAt(now) })),
]

function writePromotion(
  db: Db,
  { id, title, code, rule, usage_limit, usage_limit_per_customer, is_active }: ShopFile['promotions'][number],
  products: Ids,
  collectionIds: Ids,
  now: number,
): Statement {
  const resolve = (scope: FileScope) => resolveScope(scope, products, collectionIds)
  const resolved = {
    ...rule,
    scope: resolve(rule.scope),
    ...('get_scope' in rule ? { get_scope: resolve(rule.get_scope) } : {}),
  } as PromotionRule
  const values = {
    title,
    code,
    rule: resolved,
    usage_limit,
    usage_limit_per_customer,
    is_active,
    updated_at: now,
  }
  return db
    .insert(promotions)
    .values({ id, ...values, created_at: now })
    .onConflictDoUpdate({ target: promotions.id, set: { ...values, version: sql`version + 1` } })
}

type FileScope = ShopFile['promotions'][number]['rule']['scope']

function resolveScope(scope: FileScope, products: Ids, collectionIds: Ids): PromotionRule['scope'] {
  const idsOf = (handles: string[], from: Ids) =>
    handles.map(handle => {
      const id = from.get(handle)
      if (!id) throw new Error(`a promotion names "${handle}", which does not exist`)
      return id
    })
  switch (scope.type) {
    case 'all':
      return scope
    case 'products':
      return { type: 'products', product_ids: idsOf(scope.handles, products) }
    case 'collections':
      return { type: 'collections', collection_ids: idsOf(scope.handles, collectionIds) }
  }
}

function writeCollection(
  db: Db,
  collection: ShopFile['collections'][number],
  collectionIds: Ids,
  now: number,
): Statement[] {
  const id = collectionIds.get(collection.handle) ?? ''
  const { handle, title, description_html, image_url } = collection
  const rules = collection.kind === 'rules' ? collection.rules : null
  const values = { title, description_html, image_url, kind: collection.kind, rules, updated_at: now }
  return [
    db
      .insert(collections)
      .values({ id, handle, ...values, created_at: now })
      .onConflictDoUpdate({ target: collections.id, set: { ...values, version: sql`version + 1` } }),
    ...(collection.kind === 'rules'
      ? applyRules(db, id, collection.rules)
      : setMembers(db, id, collection.products)),
  ]
}
