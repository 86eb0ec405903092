// Locations and stock in them, as tests need them before the first request.

import { sql } from 'drizzle-orm'
import { receiveCounts } from '../../src/features/inventory/statements.ts'
import { locations } from '../../src/features/inventory/table.ts'
import type { TestShop } from './shop.ts'

/** A location of its own; returns its id. */
export async function aLocation(
  { db, deps }: TestShop,
  fields: { priority?: number; is_active?: boolean; name?: string } = {},
): Promise<string> {
  const id = deps.ids('location')
  await db.insert(locations).values({
    id,
    name: id,
    code: id.toUpperCase(),
    priority: 10,
    created_at: deps.clock(),
    updated_at: deps.clock(),
    ...fields,
  })
  return id
}

/** Counts stock: by variant, by location. */
export async function setStock(
  { db, deps }: TestShop,
  counts: Record<string, Record<string, number>>,
): Promise<void> {
  for (const [variant_id, places] of Object.entries(counts))
    for (const [place, quantity] of Object.entries(places))
      await db.batch([...receiveCounts(db, deps.ids, [{ variant_id, quantity }], deps.clock(), place)])
}

/** What the books say of one variant at one location. */
export async function stockAt(
  { db }: TestShop,
  variantId: string,
  locationId: string,
): Promise<{ on_hand: number; reserved: number } | undefined> {
  const [row] = await db.all<{ on_hand: number; reserved: number }>(
    sql`SELECT on_hand, reserved FROM stock_levels WHERE variant_id = ${variantId} AND location_id = ${locationId}`,
  )
  return row
}
