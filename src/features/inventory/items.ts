// What lies where, variant by variant, and when it is low. Lists are read in the order of an index, whatever the filter.

import { and, eq, type SQL, sql } from 'drizzle-orm'
import { atomic } from '../../db/atomic.ts'
import type { Db } from '../../db/client.ts'
import { guardChangedOne } from '../../db/guards.ts'
import type { Deps } from '../../deps.ts'
import { staleVersion, VERSION_REFUSALS, type Versioned } from '../../http/conditional.ts'
import type { Actor } from '../../http/context.ts'
import { notFound } from '../../http/errors.ts'
import { idOf, pageById } from '../../http/pagination.ts'
import { DEFAULT_LIMIT } from '../../http/schemas.ts'
import { DomainError } from '../../lib/errors.ts'
import { auditBy, changesOf } from '../audit/statements.ts'
import type { InventoryItem, ListInventory, UpdateInventoryItem } from './admin-schemas.ts'
import { stockItems } from './table.ts'

const SORT = 'inventory'

interface Row {
  id: string
  available: number
  low_stock_threshold: number | null
  version: number
  product_id: string | null
  product_title: string | null
  variant_title: string | null
  sku: string | null
  tracks_inventory: number | null
  shop_threshold: number | null
  /** JSON array of `[location_id, is_active, on_hand, reserved]`. */
  levels: string
}

const COLUMNS = sql`i.variant_id AS id, i.available, i.low_stock_threshold, i.version, v.product_id, p.title AS product_title,
  v.title AS variant_title, v.sku, v.tracks_inventory, (SELECT low_stock_threshold FROM shop_settings) AS shop_threshold,
  (SELECT json_group_array(json_array(location_id, is_active, on_hand, reserved)) FROM (
    SELECT s.location_id, l.is_active, s.on_hand, s.reserved FROM stock_levels s
    CROSS JOIN locations l ON l.id = s.location_id AND l.deleted_at IS NULL
    WHERE s.variant_id = i.variant_id ORDER BY s.location_id)) AS levels`
const VARIANT = sql`LEFT JOIN variants v ON v.id = i.variant_id LEFT JOIN products p ON p.id = v.product_id`

/** Lists variants with their stock, by age of the variant. Raises `invalid_cursor`. */
export async function listInventory(
  { db }: Deps,
  { limit = DEFAULT_LIMIT, cursor, ...filter }: Omit<ListInventory, 'fields'>,
): Promise<{ data: InventoryItem[]; next_cursor: string | null }> {
  const after = idOf(cursor, SORT)
  const { from, id, conditions } = matching(filter)
  if (after !== null) conditions.push(sql`${id} > ${after}`)
  const rows = await db.all<Row>(sql`
    SELECT ${COLUMNS} FROM ${from} ${VARIANT} WHERE ${sql.join(conditions, sql` AND `)} ORDER BY ${id} LIMIT ${limit + 1}`)
  const page = pageById(rows, limit, SORT)
  return { data: page.rows.map(view), next_cursor: page.next_cursor }
}

/** The table that gives the order comes first; every other filter is looked up for each of its rows. */
function matching({
  variant_id,
  sku,
  product_id,
  location_id,
  low,
}: Omit<ListInventory, 'limit' | 'cursor' | 'fields'>): {
  from: SQL
  id: SQL
  conditions: SQL[]
} {
  const conditions = [sql`true`]
  const isLow = low ? sql`i.available <= i.low_at` : undefined
  const isHere = sql`EXISTS (SELECT 1 FROM stock_levels h WHERE h.variant_id = i.variant_id AND h.location_id = ${location_id ?? ''})`
  const hasSku = sql`i.variant_id IN (SELECT id FROM variants WHERE sku = ${sku ?? ''})`
  const isOfProduct = sql`i.variant_id IN (SELECT id FROM variants WHERE product_id = ${product_id ?? ''})`
  if (variant_id !== undefined) conditions.push(sql`i.variant_id = ${variant_id}`)
  if (sku !== undefined) conditions.push(hasSku)
  if (product_id !== undefined) conditions.push(isOfProduct)
  const isNarrow = variant_id !== undefined || sku !== undefined || product_id !== undefined
  if (isLow) conditions.push(isLow)
  if (location_id !== undefined && !isNarrow && !isLow) {
    return {
      from: sql`stock_levels here CROSS JOIN stock_items i ON i.variant_id = here.variant_id`,
      id: sql`here.variant_id`,
      conditions: [sql`here.location_id = ${location_id}`],
    }
  }
  if (location_id !== undefined) conditions.push(isHere)
  const index = isLow && !isNarrow ? sql`INDEXED BY stock_items_low` : sql``
  return { from: sql`stock_items i ${index}`, id: sql`i.variant_id`, conditions }
}

/** Reads one variant's stock. Raises `not_found`. */
export async function getInventoryItem({ db }: Deps, id: string): Promise<Versioned<InventoryItem>> {
  const row = await existing(db, id)
  return { body: view(row), version: row.version }
}

/** Sets when a variant is low. Raises `not_found`, `version_stale`. */
export async function updateInventoryItem(
  deps: Deps,
  actor: Actor,
  id: string,
  version: number,
  input: UpdateInventoryItem,
): Promise<Versioned<InventoryItem>> {
  const { db, clock } = deps
  const before = await existing(db, id)
  if (before.version !== version) throw staleVersion()
  const row: Row = { ...before, ...input, version: version + 1 }
  await atomic(
    db,
    [
      db
        .update(stockItems)
        .set({ ...input, version: row.version })
        .where(and(eq(stockItems.variant_id, id), eq(stockItems.version, version))),
      guardChangedOne(db, 'guard_version_current'),
      auditBy(deps, actor, 'stock.threshold_changed', id, changesOf(before, input), clock()),
    ],
    VERSION_REFUSALS,
  )
  return { body: view(row), version: row.version }
}

async function existing(db: Db, id: string): Promise<Row> {
  const [row] = await db.all<Row>(
    sql`SELECT ${COLUMNS} FROM stock_items i ${VARIANT} WHERE i.variant_id = ${id}`,
  )
  if (!row) throw new DomainError(notFound, 'There is no such variant.')
  return row
}

function view({
  version: _version,
  shop_threshold,
  tracks_inventory,
  levels: text,
  ...row
}: Row): InventoryItem {
  const levels = (JSON.parse(text) as [string, number, number, number][]).map(
    ([location_id, is_active, on_hand, reserved]) => ({
      location_id,
      is_active: is_active === 1,
      on_hand,
      reserved,
      available: is_active === 1 ? on_hand - reserved : 0,
    }),
  )
  const threshold = row.low_stock_threshold ?? shop_threshold
  return {
    ...row,
    tracks_inventory: tracks_inventory === 1,
    on_hand: levels.reduce((sum, level) => sum + level.on_hand, 0),
    reserved: levels.reduce((sum, level) => sum + level.reserved, 0),
    is_low: tracks_inventory === 1 && threshold !== null && row.available <= threshold,
    levels,
  }
}
