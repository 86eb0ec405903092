// Statements on stock that other features put into their atomic lists (INV-STOCK). Levels follow by trigger.

import { eq, sql } from 'drizzle-orm'
import type { Db } from '../../db/client.ts'
import type { IdGenerator } from '../../lib/ids.ts'
import { DEFAULT_LOCATION, stockReservations } from './table.ts'

/** Constraint that refuses to reserve more than there is, and what a vanished stock row says. */
export const STOCK_REFUSALS = ['stock_reserved_within_on_hand', 'FOREIGN KEY'] as const

/**
 * Reserves stock for a payment attempt, all lines or none, from active locations: the first by priority that has the whole
 * order; else, line by line, the first that has the whole line; else as much as each has, in that order. Whence is decided
 * inside this one statement, so nobody can come between (docs/decisions/0015). Untracked items need none; one that may be
 * sold on order reserves what there is. Any other that is short fails: what is missing is asked of the first location,
 * whose CHECK refuses it, or, when nowhere has it, of none, which the foreign key refuses.
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
    INSERT INTO stock_reservations (id, payment_id, variant_id, location_id, quantity, status, created_at)
    WITH asked AS MATERIALIZED (
      SELECT min(value ->> 'id') AS id, value ->> 'variant_id' AS variant_id, sum(value ->> 'quantity') AS quantity,
        v.inventory_policy IS 'continue' AS on_order
      FROM json_each(${JSON.stringify(wanted)}) LEFT JOIN variants v ON v.id = value ->> 'variant_id'
      WHERE coalesce(v.tracks_inventory, 1) GROUP BY value ->> 'variant_id'),
    level AS (
      SELECT a.*, l.id AS location_id, l.priority, max(0, s.on_hand - s.reserved) AS free
      FROM asked a CROSS JOIN stock_levels s ON s.variant_id = a.variant_id
      CROSS JOIN locations l ON l.id = s.location_id AND l.is_active),
    place AS MATERIALIZED (
      SELECT *, iif(on_order, min(quantity, everywhere), quantity) AS needed FROM (
        SELECT *, row_number() OVER taking AS rank, sum(free) OVER taking - free AS before,
          sum(free) OVER (PARTITION BY variant_id) AS everywhere
        FROM level WINDOW taking AS (PARTITION BY variant_id ORDER BY priority, location_id ROWS UNBOUNDED PRECEDING))),
    whole_order AS MATERIALIZED (
      SELECT location_id FROM place WHERE needed > 0 AND free >= needed GROUP BY location_id
      HAVING count(*) = (SELECT count(DISTINCT variant_id) FROM place WHERE needed > 0)
      ORDER BY priority, location_id LIMIT 1),
    whole_line AS MATERIALIZED (
      SELECT variant_id, coalesce(min(rank) FILTER (WHERE location_id IN whole_order), min(rank)) AS rank
      FROM place WHERE free >= needed GROUP BY variant_id),
    taken AS (
      SELECT p.id, p.rank, p.variant_id, p.location_id, w.rank IS NOT NULL AS is_whole, iif(w.rank IS NOT NULL, p.needed,
          max(0, min(p.free, p.needed - p.before)) + iif(p.rank = 1, max(0, p.needed - p.everywhere), 0)) AS quantity
      FROM place p LEFT JOIN whole_line w ON w.variant_id = p.variant_id WHERE coalesce(w.rank, p.rank) = p.rank)
    SELECT id || iif(rank = 1, '', '_' || rank), ${paymentId}, variant_id, location_id, quantity, 'open', ${now}
      FROM taken WHERE is_whole OR quantity > 0
    UNION ALL SELECT id, ${paymentId}, variant_id, iif(on_order, closed, ''), iif(on_order, 0, quantity), 'open', ${now}
      FROM (SELECT *, (SELECT min(location_id) FROM stock_levels s WHERE s.variant_id = asked.variant_id) AS closed FROM asked)
      WHERE variant_id NOT IN (SELECT variant_id FROM place) AND (closed IS NOT NULL OR NOT on_order)`)
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
      INSERT INTO stock_movements (id, variant_id, location_id, quantity, reason, order_id, created_at)
      SELECT replace(id, 'res_', 'mov_'), variant_id, location_id, -quantity, 'sale', ${orderId}, ${now}
      FROM stock_reservations WHERE payment_id = ${paymentId} AND quantity > 0`),
  ] as const

const endReservations = (db: Db, paymentId: string, status: 'claimed' | 'released', now: number) =>
  db
    .update(stockReservations)
    .set({ status, ended_at: now })
    .where(eq(stockReservations.payment_id, paymentId))

/** Sets on-hand stock of a location by count: opens the levels that are missing and books the differences. Two statements. */
export const receiveCounts = (
  db: Db,
  ids: IdGenerator,
  counts: { variant_id: string; quantity: number }[],
  now: number,
  locationId: string = DEFAULT_LOCATION,
) => {
  const rows = JSON.stringify(counts.map(count => ({ ...count, id: ids('movement') })))
  return [
    db.run(sql`
      INSERT INTO stock_levels (variant_id, location_id) SELECT value ->> 'variant_id', ${locationId} FROM json_each(${rows})
      WHERE true ON CONFLICT DO NOTHING`),
    db.run(sql`
      INSERT INTO stock_movements (id, variant_id, location_id, quantity, reason, created_at)
      SELECT value ->> 'id', s.variant_id, s.location_id, (value ->> 'quantity') - s.on_hand, 'counted', ${now}
      FROM json_each(${rows}) CROSS JOIN stock_levels s
        ON s.variant_id = value ->> 'variant_id' AND s.location_id = ${locationId}
      WHERE (value ->> 'quantity') <> s.on_hand`),
  ] as const
}
