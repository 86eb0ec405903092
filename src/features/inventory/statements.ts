// Statements on stock that other features put into their atomic lists (INV-STOCK). Levels follow by trigger.

import { eq, sql } from 'drizzle-orm'
import type { Db } from '../../db/client.ts'
import type { IdGenerator } from '../../lib/ids.ts'
import { stockReservations } from './table.ts'

/** Constraint that refuses to reserve more than there is, and what a vanished stock row says. */
export const STOCK_REFUSALS = ['stock_reserved_within_on_hand', 'FOREIGN KEY'] as const

/**
 * Reserves stock for a payment attempt, all lines or none. Untracked items need none; one that may be sold on order
 * reserves what there is. Any other without a stock row fails (by foreign key), it is never taken as unlimited.
 */
export const reserveStock = (
  db: Db,
  ids: IdGenerator,
  paymentId: string,
  lines: { variant_id: string; quantity: number }[],
  now: number,
) => {
  const wanted = lines.map(({ variant_id, quantity }) => ({ id: ids('reservation'), variant_id, quantity }))
  return db.run(sql`
    INSERT INTO stock_reservations (id, payment_id, variant_id, quantity, status, created_at)
    SELECT wanted.value ->> 'id', ${paymentId}, wanted.value ->> 'variant_id',
      iif(v.inventory_policy = 'continue',
        min(wanted.value ->> 'quantity', max(0, coalesce(s.on_hand - s.reserved, 0))), wanted.value ->> 'quantity'),
      'open', ${now}
    FROM json_each(${JSON.stringify(wanted)}) wanted
    LEFT JOIN variants v ON v.id = wanted.value ->> 'variant_id'
    LEFT JOIN stock_levels s ON s.variant_id = v.id
    WHERE coalesce(v.tracks_inventory, 1) AND (s.variant_id IS NOT NULL OR v.inventory_policy IS NOT 'continue')`)
}

/** Gives a payment attempt's reservations back. */
export const releaseStock = (db: Db, paymentId: string, now: number) =>
  endReservations(db, paymentId, 'released', now)

/** Turns a payment attempt's reservations into sales of its order. Two statements, in order. */
export const claimStock = (db: Db, paymentId: string, orderId: string, now: number) =>
  [
    endReservations(db, paymentId, 'claimed', now),
    // A reservation ends once, so its id, with another prefix, names its one movement.
    db.run(sql`
      INSERT INTO stock_movements (id, variant_id, quantity, reason, order_id, created_at)
      SELECT replace(id, 'res_', 'mov_'), variant_id, -quantity, 'sale', ${orderId}, ${now}
      FROM stock_reservations WHERE payment_id = ${paymentId} AND quantity > 0`),
  ] as const

const endReservations = (db: Db, paymentId: string, status: 'claimed' | 'released', now: number) =>
  db
    .update(stockReservations)
    .set({ status, ended_at: now })
    .where(eq(stockReservations.payment_id, paymentId))

/** Sets on-hand stock by count: opens the levels that are missing and books the differences. Two statements. */
export const receiveCounts = (
  db: Db,
  ids: IdGenerator,
  counts: { variant_id: string; quantity: number }[],
  now: number,
) => {
  const rows = JSON.stringify(counts.map(count => ({ ...count, id: ids('movement') })))
  return [
    db.run(
      sql`INSERT OR IGNORE INTO stock_levels (variant_id) SELECT value ->> 'variant_id' FROM json_each(${rows})`,
    ),
    db.run(sql`
      INSERT INTO stock_movements (id, variant_id, quantity, reason, created_at)
      SELECT value ->> 'id', s.variant_id, (value ->> 'quantity') - s.on_hand, 'counted', ${now}
      FROM json_each(${rows}) JOIN stock_levels s ON s.variant_id = value ->> 'variant_id'
      WHERE (value ->> 'quantity') <> s.on_hand`),
  ] as const
}
