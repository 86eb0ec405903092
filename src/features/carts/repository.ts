// SQL of carts.

import { and, eq, gt, sql } from 'drizzle-orm'
import type { Db } from '../../db/client.ts'
import { guardChangedOne } from '../../db/guards.ts'
import type { BasketSource } from '../pricing/service.ts'
import { carts } from './table.ts'

export type CartRow = typeof carts.$inferSelect

export const selectCart = (db: Db, id: string, now: number) =>
  db
    .select()
    .from(carts)
    .where(and(eq(carts.id, id), gt(carts.expires_at, now)))

/** Where the pricing snapshot finds a stored cart, with what is about to come into it. */
export function cartSource(id: string, changed: { added?: string[]; codes?: string[] } = {}): BasketSource {
  const column = (name: string) => sql`(SELECT ${sql.identifier(name)} FROM carts WHERE id = ${id})`
  return {
    lines: column('lines'),
    added: changed.added,
    currency: column('currency'),
    codes: changed.codes ? sql`${JSON.stringify(changed.codes)}` : column('discount_codes'),
    countries: sql`(SELECT json_array(country) FROM carts WHERE id = ${id})`,
    customerKey: sql`NULL`,
  }
}

export const insertCart = (db: Db, row: CartRow) => db.insert(carts).values(row)

/** Writes a changed cart over the version that was read; aborts the unit when that is no longer the newest. */
export const updateCart = (db: Db, row: CartRow) =>
  [
    db
      .update(carts)
      .set({ ...row, version: row.version + 1 })
      .where(and(eq(carts.id, row.id), eq(carts.version, row.version))),
    guardChangedOne(db, 'guard_version_current'),
  ] as const
