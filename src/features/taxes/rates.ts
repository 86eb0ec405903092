// Tax rates for those who run the shop.

import { and, asc, desc, eq, gt, lt, sql } from 'drizzle-orm'
import { atomic } from '../../db/atomic.ts'
import type { Db } from '../../db/client.ts'
import { guardChangedOne } from '../../db/guards.ts'
import type { Deps } from '../../deps.ts'
import { staleVersion, VERSION_REFUSALS, type Versioned } from '../../http/conditional.ts'
import type { Actor } from '../../http/context.ts'
import { invalidInput, notFound } from '../../http/errors.ts'
import { idOf, pageById } from '../../http/pagination.ts'
import { DEFAULT_LIMIT } from '../../http/schemas.ts'
import { isCountry } from '../../lib/address.ts'
import { rfc3339 } from '../../lib/clock.ts'
import { DomainError } from '../../lib/errors.ts'
import { auditBy, changesOf } from '../audit/statements.ts'
import { commitOnce, replayOf, type StoredReply, selectKey } from '../idempotency/service.ts'
import type { CreateTaxRate, TaxRate, TaxRateQuery, UpdateTaxRate } from './admin-schemas.ts'
import { taxRateTaken } from './errors.ts'
import { taxRates } from './table.ts'

type Row = typeof taxRates.$inferSelect

const REFUSALS = {
  tax_rate_place_taken: () => {
    const detail = 'Another rate has this name, place and tax class.'
    return new DomainError(taxRateTaken, detail, {
      errors: [{ in: 'body', pointer: '/name', code: taxRateTaken.code, detail }],
    })
  },
}

/** Lists tax rates, oldest first unless asked otherwise. Raises `invalid_cursor`. */
export async function listTaxRates(
  { db }: Deps,
  { limit = DEFAULT_LIMIT, cursor, sort = 'oldest', country }: TaxRateQuery,
): Promise<{ data: TaxRate[]; next_cursor: string | null }> {
  const order = `tax_rates_${sort}`
  const after = idOf(cursor, order)
  const isNewest = sort === 'newest'
  const [rows] = await db.batch([
    db
      .select()
      .from(taxRates)
      .where(
        and(
          country === undefined ? undefined : eq(taxRates.country, country),
          after === null ? undefined : isNewest ? lt(taxRates.id, after) : gt(taxRates.id, after),
        ),
      )
      .orderBy(isNewest ? desc(taxRates.id) : asc(taxRates.id))
      .limit(limit + 1),
  ])
  const page = pageById(rows, limit, order)
  return { data: page.rows.map(view), next_cursor: page.next_cursor }
}

/** Reads a tax rate. Raises `not_found`. */
export async function getTaxRate({ db }: Deps, id: string): Promise<Versioned<TaxRate>> {
  const row = existing(await selectRate(db, id))
  return { body: view(row), version: row.version }
}

/** Creates a tax rate. Raises `invalid_input`, `tax_rate_taken` and what idempotency raises. */
export function createTaxRate(deps: Deps, actor: Actor, input: CreateTaxRate): Promise<StoredReply> {
  const { db, ids, clock } = deps
  refuseCountry(input.country)
  return commitOnce(deps, actor, async () => {
    const now = clock()
    const keys = await selectKey(db, actor)
    const replay = replayOf(keys[0], actor)
    if (replay) return replay
    const row: Row = { id: ids('taxRate'), ...input, version: 1, updated_at: now }
    return {
      statements: [
        db.insert(taxRates).values(row),
        auditBy(deps, actor, 'tax_rate.created', row.id, { ...input }, now),
      ],
      reply: { status: 201, body: view(row) },
      refusals: REFUSALS,
    }
  })
}

/**
 * Changes a tax rate; baskets follow at once, orders never. Raises `not_found`, `version_stale`, `invalid_input`,
 * `tax_rate_taken`.
 */
export async function updateTaxRate(
  deps: Deps,
  actor: Actor,
  id: string,
  version: number,
  input: UpdateTaxRate,
): Promise<Versioned<TaxRate>> {
  const { db, clock } = deps
  const now = clock()
  const before = existing(await selectRate(db, id))
  if (before.version !== version) throw staleVersion()
  if (input.country !== undefined) refuseCountry(input.country)
  await atomic(
    db,
    [
      db
        .update(taxRates)
        .set({ ...input, version: sql`version + 1`, updated_at: now })
        .where(and(eq(taxRates.id, id), eq(taxRates.version, version))),
      guardChangedOne(db, 'guard_version_current'),
      auditBy(deps, actor, 'tax_rate.updated', id, changesOf(before, input), now),
    ],
    { ...VERSION_REFUSALS, ...REFUSALS },
  )
  return { body: view({ ...before, ...input, updated_at: now }), version: version + 1 }
}

/** Deletes a tax rate: it is no longer charged. Raises `not_found`, `version_stale`. */
export async function deleteTaxRate(deps: Deps, actor: Actor, id: string, version: number): Promise<void> {
  const { db, clock } = deps
  const before = existing(await selectRate(db, id))
  if (before.version !== version) throw staleVersion()
  const { name, country, region, tax_class, rate_ppm } = before
  await atomic(
    db,
    [
      db.delete(taxRates).where(and(eq(taxRates.id, id), eq(taxRates.version, version))),
      guardChangedOne(db, 'guard_version_current'),
      auditBy(deps, actor, 'tax_rate.deleted', id, { name, country, region, tax_class, rate_ppm }, clock()),
    ],
    VERSION_REFUSALS,
  )
}

const selectRate = (db: Db, id: string) => db.select().from(taxRates).where(eq(taxRates.id, id))

function refuseCountry(country: string): void {
  if (isCountry(country)) return
  const detail = 'Not a country of ISO 3166-1.'
  throw new DomainError(invalidInput, detail, {
    errors: [{ in: 'body', pointer: '/country', code: 'country_unknown', detail }],
  })
}

function existing(rows: Row[]): Row {
  const row = rows[0]
  if (!row) throw new DomainError(notFound, 'There is no such tax rate.')
  return row
}

const view = ({ version: _, updated_at, ...row }: Row): TaxRate => ({
  ...row,
  updated_at: rfc3339(updated_at),
})
