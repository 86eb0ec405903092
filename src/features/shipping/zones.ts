// Shipping zones for those who run the shop. A zone and its rates are one thing with one version.

import { and, asc, desc, eq, gt, inArray, lt, ne, sql } from 'drizzle-orm'
import { atomic } from '../../db/atomic.ts'
import type { Db, Statement } from '../../db/client.ts'
import { guardChangedOne } from '../../db/guards.ts'
import type { Deps } from '../../deps.ts'
import { staleVersion, VERSION_REFUSALS, type Versioned } from '../../http/conditional.ts'
import type { Actor } from '../../http/context.ts'
import { invalidInput, notFound } from '../../http/errors.ts'
import { idOf, pageById } from '../../http/pagination.ts'
import { DEFAULT_LIMIT } from '../../http/schemas.ts'
import { rfc3339 } from '../../lib/clock.ts'
import { DomainError, type FieldError } from '../../lib/errors.ts'
import { auditBy, changesOf } from '../audit/statements.ts'
import { commitOnce, replayOf, type StoredReply, selectKey } from '../idempotency/service.ts'
import type {
  CreateShippingZone,
  ShippingRateInput,
  ShippingZone,
  ShippingZoneQuery,
  UpdateShippingZone,
} from './admin-schemas.ts'
import { placeInOtherZone } from './errors.ts'
import { shippingRates, shippingZones } from './table.ts'
import { placeProblems, rateProblems, rateRuleOf, takenPlaces, wireRateRuleOf } from './zone-input.ts'

type ZoneRow = typeof shippingZones.$inferSelect
type RateRow = typeof shippingRates.$inferSelect

/** Said when the trigger refuses what was free a moment before. */
const REFUSALS = {
  shipping_zone_places_overlap: () =>
    new DomainError(placeInOtherZone, 'Somebody else just gave one of these places to another zone.'),
}

/** Lists zones with their rates, oldest first unless asked otherwise. Raises `invalid_cursor`. */
export async function listShippingZones(
  { db }: Deps,
  { limit = DEFAULT_LIMIT, cursor, sort = 'oldest' }: ShippingZoneQuery,
): Promise<{ data: ShippingZone[]; next_cursor: string | null }> {
  const order = `shipping_zones_${sort}`
  const after = idOf(cursor, order)
  const isNewest = sort === 'newest'
  const onPage =
    after === null ? undefined : isNewest ? lt(shippingZones.id, after) : gt(shippingZones.id, after)
  const inOrder = isNewest ? desc(shippingZones.id) : asc(shippingZones.id)
  const ids = db
    .select({ id: shippingZones.id })
    .from(shippingZones)
    .where(onPage)
    .orderBy(inOrder)
    .limit(limit)
  const [rows, rates] = await db.batch([
    db
      .select()
      .from(shippingZones)
      .where(onPage)
      .orderBy(inOrder)
      .limit(limit + 1),
    db
      .select()
      .from(shippingRates)
      .where(inArray(shippingRates.zone_id, ids))
      .orderBy(asc(shippingRates.position)),
  ])
  const page = pageById(rows, limit, order)
  return { data: page.rows.map(zone => view(zone, rates)), next_cursor: page.next_cursor }
}

/** Reads a zone. Raises `not_found`. */
export async function getShippingZone({ db }: Deps, id: string): Promise<Versioned<ShippingZone>> {
  const [rows, rates] = await db.batch([selectZone(db, id), selectRates(db, id)])
  const zone = existing(rows)
  return { body: view(zone, rates), version: zone.version }
}

/** Creates a zone. Raises `invalid_input`, `place_in_other_zone` and what idempotency raises. */
export function createShippingZone(
  deps: Deps,
  actor: Actor,
  input: CreateShippingZone,
): Promise<StoredReply> {
  const { db, ids, clock } = deps
  return commitOnce(deps, actor, async () => {
    const now = clock()
    const [keys, others] = await db.batch([selectKey(db, actor), selectOthers(db, '')])
    const replay = replayOf(keys[0], actor)
    if (replay) return replay
    refuseZone(input, [], others)
    const { name, places } = input
    const zone: ZoneRow = { id: ids('shippingZone'), name, places, version: 1, updated_at: now }
    const rates = ratesOf(deps, zone.id, input.rates)
    return {
      statements: [
        db.insert(shippingZones).values(zone),
        ...writeRates(db, rates),
        auditBy(deps, actor, 'shipping_zone.created', zone.id, { name, places }, now),
      ],
      reply: { status: 201, body: view(zone, rates) },
      refusals: REFUSALS,
    }
  })
}

/** Changes a zone. Raises `not_found`, `version_stale`, `invalid_input`, `place_in_other_zone`. */
export async function updateShippingZone(
  deps: Deps,
  actor: Actor,
  id: string,
  version: number,
  input: UpdateShippingZone,
): Promise<Versioned<ShippingZone>> {
  const { db, clock } = deps
  const now = clock()
  const [rows, stored, others] = await db.batch([
    selectZone(db, id),
    selectRates(db, id),
    selectOthers(db, id),
  ])
  const before = existing(rows)
  if (before.version !== version) throw staleVersion()
  refuseZone(input, stored, others)
  const { rates: newRates, ...fields } = input
  const zone: ZoneRow = { ...before, ...fields, updated_at: now }
  const rates = newRates ? ratesOf(deps, id, newRates) : stored
  const changes = changesOf(
    { ...before, rates: wireRates(stored) },
    { ...fields, ...(newRates ? { rates: wireRates(rates) } : {}) },
  )
  await atomic(
    db,
    [
      db
        .update(shippingZones)
        .set({ ...fields, version: sql`version + 1`, updated_at: now })
        .where(and(eq(shippingZones.id, id), eq(shippingZones.version, version))),
      guardChangedOne(db, 'guard_version_current'),
      ...(newRates
        ? [db.delete(shippingRates).where(eq(shippingRates.zone_id, id)), ...writeRates(db, rates)]
        : []),
      auditBy(deps, actor, 'shipping_zone.updated', id, changes, now),
    ],
    { ...VERSION_REFUSALS, ...REFUSALS },
  )
  return { body: view(zone, rates), version: version + 1 }
}

/** Deletes a zone with its rates: the shop no longer ships there. Raises `not_found`, `version_stale`. */
export async function deleteShippingZone(
  deps: Deps,
  actor: Actor,
  id: string,
  version: number,
): Promise<void> {
  const { db, clock } = deps
  const { name, places, ...before } = existing(await selectZone(db, id))
  if (before.version !== version) throw staleVersion()
  await atomic(
    db,
    [
      db.delete(shippingZones).where(and(eq(shippingZones.id, id), eq(shippingZones.version, version))),
      guardChangedOne(db, 'guard_version_current'),
      auditBy(deps, actor, 'shipping_zone.deleted', id, { name, places }, clock()),
    ],
    VERSION_REFUSALS,
  )
}

const selectZone = (db: Db, id: string) => db.select().from(shippingZones).where(eq(shippingZones.id, id))
const selectRates = (db: Db, id: string) =>
  db.select().from(shippingRates).where(eq(shippingRates.zone_id, id)).orderBy(asc(shippingRates.position))
const selectOthers = (db: Db, id: string) => db.select().from(shippingZones).where(ne(shippingZones.id, id))

/** One statement for all rates, however many. */
const writeRates = (db: Db, rates: RateRow[]): Statement[] => [
  db.run(sql`
    INSERT INTO shipping_rates (id, zone_id, title, position, rule, eta_days_min, eta_days_max)
    SELECT value ->> 'id', value ->> 'zone_id', value ->> 'title', value ->> 'position', value -> 'rule',
      value ->> 'eta_days_min', value ->> 'eta_days_max'
    FROM json_each(${JSON.stringify(rates)})`),
]

function refuseZone(
  input: UpdateShippingZone,
  stored: RateRow[],
  others: { id: string; name: string; places: ZoneRow['places'] }[],
): void {
  const { places = [], rates = [] } = input
  const errors: FieldError[] = [
    ...placeProblems(places),
    ...rateProblems(rates, new Set(stored.map(rate => rate.id))),
  ]
  if (errors.length > 0) throw new DomainError(invalidInput, 'The zone does not fit together.', { errors })
  const taken = takenPlaces(places, others)
  if (taken.length > 0)
    throw new DomainError(placeInOtherZone, 'Another zone has some of these places.', { errors: taken })
}

const ratesOf = ({ ids }: Deps, zone_id: string, rates: ShippingRateInput[]): RateRow[] =>
  rates.map(({ id, title, rule, eta_days }, position) => ({
    id: id ?? ids('shippingRate'),
    zone_id,
    title,
    position,
    rule: rateRuleOf(rule),
    eta_days_min: eta_days?.min ?? null,
    eta_days_max: eta_days?.max ?? null,
  }))

function existing(rows: ZoneRow[]): ZoneRow {
  const row = rows[0]
  if (!row) throw new DomainError(notFound, 'There is no such shipping zone.')
  return row
}

const wireRates = (rates: RateRow[]): ShippingZone['rates'] =>
  rates.map(({ id, title, rule, eta_days_min: min, eta_days_max: max }) => ({
    id,
    title,
    rule: wireRateRuleOf(rule),
    eta_days: min === null || max === null ? null : { min, max },
  }))

const view = ({ id, name, places, updated_at }: ZoneRow, rates: RateRow[]): ShippingZone => ({
  id,
  name,
  places,
  rates: wireRates(rates.filter(rate => rate.zone_id === id)),
  updated_at: rfc3339(updated_at),
})
