// Booking stock by hand: lines name variants and locations, every bad one is pointed at, and all are booked or none.
// What is answered is what was read, so the unit holds only while the levels are still as they were (a guard, and the
// caller tries again).

import { sql } from 'drizzle-orm'
import type { Db, Statement } from '../../db/client.ts'
import type { Deps } from '../../deps.ts'
import { invalidInput } from '../../http/errors.ts'
import { DomainError, type FieldError } from '../../lib/errors.ts'
import { changedMeanwhile } from '../pricing/errors.ts'
import { stockBelowReserved } from './errors.ts'
import type { stockMovements } from './table.ts'

/** A variant at a location, as a line names it. */
export interface NamedLine {
  variant_id?: string
  sku?: string
  location_id: string
}

/** What a line means, and what lies there. */
export interface Level {
  variant_id: string
  location_id: string
  on_hand: number
  reserved: number
}

interface Row {
  variant_id: string | null
  location_id: string | null
  /** Variants that the line's SKU may mean: 0, 1, or 2 for more. */
  with_sku: number
  on_hand: number | null
  reserved: number | null
}

/** Looks up what lines mean; one row a line, in their order. A deleted variant's stock can still be booked, by its id. */
export const selectLevels = (db: Db, lines: NamedLine[]) =>
  db.all<Row>(sql`
    WITH line AS MATERIALIZED (SELECT key, value ->> 'location_id' AS location_id, value ->> 'sku' AS sku,
        coalesce(value ->> 'variant_id', (SELECT id FROM variants WHERE sku = value ->> 'sku')) AS variant_id
      FROM json_each(${JSON.stringify(lines)}))
    SELECT i.variant_id, l.id AS location_id, s.on_hand, s.reserved,
      (SELECT count(*) FROM (SELECT 1 FROM variants WHERE sku = line.sku LIMIT 2)) AS with_sku
    FROM line LEFT JOIN stock_items i ON i.variant_id = line.variant_id
    LEFT JOIN locations l ON l.id = line.location_id AND l.deleted_at IS NULL
    LEFT JOIN stock_levels s ON s.variant_id = i.variant_id AND s.location_id = l.id
    ORDER BY line.key`)

/**
 * What the lines mean. Raises `invalid_input` with an entry for every line that names no variant, one that does not exist,
 * two, no location, or a level that a line before it names.
 */
export function resolveLevels(lines: NamedLine[], rows: Row[], further: FieldError[] = []): Level[] {
  const errors: FieldError[] = [...further]
  const seen = new Set<string>()
  const levels = lines.map((line, i): Level => {
    const { variant_id, location_id, with_sku, on_hand, reserved } = rows[i] ?? NONE
    const refuse = (member: string, code: string, detail: string) =>
      errors.push({ in: 'body', pointer: `/lines/${i}${member}`, code, detail })
    const isById = line.variant_id !== undefined
    const before = errors.length
    if (isById === (line.sku !== undefined)) {
      refuse('', 'variant_unclear', 'Name the variant by `variant_id` or by `sku`.')
    } else if (!isById && with_sku > 1) {
      refuse('/sku', 'sku_ambiguous', 'Several variants have this SKU: name one by its id.')
    } else if (variant_id === null) {
      refuse(isById ? '/variant_id' : '/sku', 'variant_unknown', 'There is no such variant.')
    }
    if (location_id === null) refuse('/location_id', 'location_unknown', 'There is no such location.')
    const level = JSON.stringify([variant_id, location_id])
    if (seen.has(level)) refuse('', 'duplicate', 'A line before it names the same variant and location.')
    if (errors.length === before) seen.add(level)
    return {
      variant_id: variant_id ?? '',
      location_id: location_id ?? '',
      on_hand: on_hand ?? 0,
      reserved: reserved ?? 0,
    }
  })
  refuseLines(errors)
  return levels
}

const NONE: Row = { variant_id: null, location_id: null, with_sku: 0, on_hand: null, reserved: null }

/** Raises `invalid_input` when there is any error. */
export function refuseLines(errors: FieldError[]): void {
  if (errors.length === 0) return
  const what = errors.length === 1 ? '1 place is' : `${errors.length} places are`
  throw new DomainError(invalidInput, `${what} not valid. Nothing was booked.`, { errors })
}

/** Raises `stock_below_reserved` when a line leaves less than is reserved; `member` is what of it asks too much. */
export function refuseBelowReserved(lines: (Change & { member: string })[]): void {
  const short = lines.flatMap(({ level, quantity, member }, line) =>
    level.on_hand + quantity < level.reserved ? [{ line, level, member }] : [],
  )
  if (short.length === 0) return
  throw new DomainError(stockBelowReserved, 'Less would be left than is reserved. Nothing was booked.', {
    errors: short.map(({ line, level, member }) => ({
      in: 'body',
      pointer: `/lines/${line}/${member}`,
      code: stockBelowReserved.code,
      detail: `${level.on_hand} on hand, ${level.reserved} reserved.`,
    })),
    members: {
      items: short.map(({ line, level }) => ({ line, ...level, available: level.on_hand - level.reserved })),
    },
  })
}

type Movement = Pick<
  typeof stockMovements.$inferInsert,
  'id' | 'variant_id' | 'location_id' | 'quantity' | 'reason'
>

/** What the movements of one booking share. */
export interface Document {
  id: string
  actor: string
  note: string | null
}

/** What is booked on a level that was read. */
export interface Change {
  level: Level
  quantity: number
}

/**
 * Books movements over levels as they were read. The unit is aborted by `guard_version_current` when one of them is not so
 * any more, or when less would be left than is reserved by now. Three statements.
 */
export function bookMovements(
  { db }: Pick<Deps, 'db'>,
  { id, actor, note }: Document,
  changes: Change[],
  movements: Movement[],
  now: number,
): [Statement, ...Statement[]] {
  const read = JSON.stringify(changes.map(({ level, quantity }) => ({ ...level, quantity })))
  const booked = JSON.stringify(movements)
  return [
    db.run(sql`
      INSERT INTO guards (name) SELECT 'guard_version_current' FROM json_each(${read}) LEFT JOIN stock_levels s
        ON s.variant_id = value ->> 'variant_id' AND s.location_id = value ->> 'location_id'
      WHERE coalesce(s.on_hand, 0) <> value ->> 'on_hand'
        OR s.reserved > (value ->> 'on_hand') + (value ->> 'quantity') LIMIT 1`),
    db.run(sql`
      INSERT INTO stock_levels (variant_id, location_id)
      SELECT value ->> 'variant_id', value ->> 'location_id' FROM json_each(${booked}) WHERE true ON CONFLICT DO NOTHING`),
    db.run(sql`
      INSERT INTO stock_movements (id, variant_id, location_id, quantity, reason, document_id, actor, note, created_at)
      SELECT value ->> 'id', value ->> 'variant_id', value ->> 'location_id', value ->> 'quantity', value ->> 'reason',
        ${id}, ${actor}, ${note}, ${now} FROM json_each(${booked})`),
  ]
}

/** What a booking may be refused with at the last moment: its location was deleted since it was looked up. */
export const BOOKING_REFUSALS = {
  stock_location_deleted: () => new DomainError(changedMeanwhile, 'A location was deleted at the same time.'),
}
