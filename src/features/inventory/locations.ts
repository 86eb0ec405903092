// Locations, for those who run the shop. A deleted one keeps its row, since the books name it; to everybody it is gone.

import { and, eq, isNull, sql } from 'drizzle-orm'
import { atomic } from '../../db/atomic.ts'
import { guardChangedOne } from '../../db/guards.ts'
import type { Deps } from '../../deps.ts'
import { staleVersion, VERSION_REFUSALS, type Versioned } from '../../http/conditional.ts'
import type { Actor } from '../../http/context.ts'
import { invalidInput, notFound } from '../../http/errors.ts'
import { decodeCursor, encodeCursor, idOf, pageById } from '../../http/pagination.ts'
import { DEFAULT_LIMIT } from '../../http/schemas.ts'
import { addressProblems } from '../../lib/address.ts'
import { rfc3339 } from '../../lib/clock.ts'
import { DomainError } from '../../lib/errors.ts'
import { auditBy, changesOf } from '../audit/statements.ts'
import { emitEvent } from '../events/statements.ts'
import { commitOnce, replayOf, type StoredReply, selectKey } from '../idempotency/service.ts'
import { locationCodeTaken, locationIsDefault, locationNotEmpty } from './errors.ts'
import type { CreateLocation, ListLocations, Location, UpdateLocation } from './location-schemas.ts'
import { DEFAULT_LOCATION, type LocationAddress, locations } from './table.ts'

type Row = typeof locations.$inferSelect

const CODE_REFUSALS = {
  'locations.code': () =>
    new DomainError(locationCodeTaken, 'Another location has this code.', {
      errors: [{ in: 'body', pointer: '/code', code: 'taken', detail: 'Another location has this code.' }],
    }),
}

/** Lists locations. Raises `invalid_cursor`. */
export async function listLocations(
  { db }: Deps,
  { limit = DEFAULT_LIMIT, cursor, sort = 'priority', is_active }: Omit<ListLocations, 'fields'>,
): Promise<{ data: Location[]; next_cursor: string | null }> {
  const name = `locations:${sort}`
  const matching = and(
    sql`deleted_at IS NULL`,
    is_active === undefined ? undefined : eq(locations.is_active, is_active),
  )
  if (sort === 'newest') {
    const before = idOf(cursor, name)
    const rows = await db
      .select()
      .from(locations)
      .where(and(matching, before === null ? undefined : sql`id < ${before}`))
      .orderBy(sql`id DESC`)
      .limit(limit + 1)
    const page = pageById(rows, limit, name)
    return { data: page.rows.map(view), next_cursor: page.next_cursor }
  }
  const after = decodeCursor(cursor, name, ['number', 'string'])
  const rows = await db
    .select()
    .from(locations)
    .where(and(matching, after ? sql`(priority, id) > (${after[0]}, ${after[1]})` : undefined))
    .orderBy(sql`priority, id`)
    .limit(limit + 1)
  const page = rows.slice(0, limit)
  const last = page.at(-1)
  return {
    data: page.map(view),
    next_cursor: rows.length > limit && last ? encodeCursor(name, [last.priority, last.id]) : null,
  }
}

/** Reads a location. Raises `not_found`. */
export async function getLocation({ db }: Deps, id: string): Promise<Versioned<Location>> {
  const row = await existing(db, id)
  return { body: view(row), version: row.version }
}

/** Opens a location. Raises `location_code_taken`, `invalid_input` and what idempotency raises. */
export function createLocation(deps: Deps, actor: Actor, input: CreateLocation): Promise<StoredReply> {
  const { db, ids, clock } = deps
  refuseAddress(input.address)
  return commitOnce(deps, actor, async () => {
    const [keys] = await db.batch([selectKey(db, actor)])
    const replay = replayOf(keys[0], actor)
    if (replay) return replay
    const now = clock()
    const row: Row = {
      ...input,
      id: ids('location'),
      address: input.address ?? null,
      version: 1,
      created_at: now,
      updated_at: now,
      deleted_at: null,
    }
    return {
      statements: [
        db.insert(locations).values(row),
        auditBy(deps, actor, 'location.created', row.id, { code: row.code, priority: row.priority }, now),
        emitEvent(db, ids, 'location.created', row.id, { location_id: row.id, version: 1 }, now),
      ],
      reply: { status: 201, body: view(row) },
      refusals: CODE_REFUSALS,
    }
  })
}

/** Changes a location of a version. Raises `not_found`, `version_stale`, `location_code_taken`, `invalid_input`. */
export async function updateLocation(
  deps: Deps,
  actor: Actor,
  id: string,
  version: number,
  input: UpdateLocation,
): Promise<Versioned<Location>> {
  const { db, ids, clock } = deps
  refuseAddress(input.address)
  const before = await existing(db, id)
  if (before.version !== version) throw staleVersion()
  const now = clock()
  const row: Row = { ...before, ...input, version: version + 1, updated_at: now }
  await atomic(
    db,
    [
      db
        .update(locations)
        .set({ ...input, version: row.version, updated_at: now })
        .where(and(eq(locations.id, id), eq(locations.version, version), isNull(locations.deleted_at))),
      guardChangedOne(db, 'guard_version_current'),
      auditBy(deps, actor, 'location.updated', id, changesOf(before, input), now),
      emitEvent(db, ids, 'location.updated', id, { location_id: id, version: row.version }, now),
    ],
    { ...VERSION_REFUSALS, ...CODE_REFUSALS },
  )
  return { body: view(row), version: row.version }
}

/**
 * Closes an empty location for good. Raises `not_found`, `version_stale`, `location_not_empty`, `location_is_default`.
 */
export async function deleteLocation(deps: Deps, actor: Actor, id: string, version: number): Promise<void> {
  const { db, ids, clock } = deps
  const before = await existing(db, id)
  if (before.version !== version) throw staleVersion()
  const now = clock()
  await atomic(
    db,
    [
      db
        .update(locations)
        .set({ is_active: false, version: version + 1, updated_at: now, deleted_at: now })
        .where(and(eq(locations.id, id), eq(locations.version, version), isNull(locations.deleted_at))),
      guardChangedOne(db, 'guard_version_current'),
      auditBy(deps, actor, 'location.deleted', id, { code: before.code }, now),
      emitEvent(db, ids, 'location.deleted', id, { location_id: id, version: version + 1 }, now),
    ],
    {
      ...VERSION_REFUSALS,
      location_not_empty: () => new DomainError(locationNotEmpty, 'There is still stock here.'),
      location_default_stays: () => new DomainError(locationIsDefault, 'This is the default location.'),
    },
  )
}

async function existing(db: Deps['db'], id: string): Promise<Row> {
  const [row] = await db
    .select()
    .from(locations)
    .where(and(eq(locations.id, id), isNull(locations.deleted_at)))
  if (!row) throw new DomainError(notFound, 'There is no such location.')
  return row
}

function refuseAddress(address: LocationAddress | null | undefined): void {
  const errors = (address ? addressProblems(address) : []).map(({ member, code, detail }) => ({
    in: 'body' as const,
    pointer: `/address/${member}`,
    code,
    detail,
  }))
  if (errors.length > 0) throw new DomainError(invalidInput, errors[0]?.detail ?? '', { errors })
}

const view = ({ version: _version, deleted_at: _deleted, ...row }: Row): Location => ({
  ...row,
  is_default: row.id === DEFAULT_LOCATION,
  created_at: rfc3339(row.created_at),
  updated_at: rfc3339(row.updated_at),
})
