// What groups pay. `pricing` takes the lowest of a buyer's groups where that is below everybody's price.

import { and, asc, eq, sql } from 'drizzle-orm'
import { atomic } from '../../db/atomic.ts'
import type { Db } from '../../db/client.ts'
import type { Deps } from '../../deps.ts'
import { staleVersion, VERSION_REFUSALS, type Versioned } from '../../http/conditional.ts'
import type { Actor } from '../../http/context.ts'
import { invalidInput } from '../../http/errors.ts'
import { decodeCursor, encodeCursor } from '../../http/pagination.ts'
import { DEFAULT_LIMIT } from '../../http/schemas.ts'
import { DomainError, type FieldError } from '../../lib/errors.ts'
import { isCurrency } from '../../lib/money.ts'
import { auditBy } from '../audit/statements.ts'
import type { CustomerGroup, GroupPrice, GroupPriceQuery, UpdateGroupPrices } from './group-schemas.ts'
import { existingGroup, groupView, selectGroup, touchGroup } from './groups.ts'
import { groupPrices } from './table.ts'

const SORT = 'group_prices'

/** Lists a group's prices by variant. The version is the group's. Raises `not_found`, `invalid_cursor`. */
export async function listGroupPrices(
  { db }: Deps,
  id: string,
  { limit = DEFAULT_LIMIT, cursor, variant_id }: GroupPriceQuery,
): Promise<Versioned<{ data: GroupPrice[]; next_cursor: string | null }>> {
  const after = decodeCursor(cursor, SORT, ['string', 'string'])
  const { variant_id: variant, currency, amount } = groupPrices
  const [groups, rows] = await db.batch([
    selectGroup(db, id),
    db
      .select({ variant_id: variant, currency, amount })
      .from(groupPrices)
      .where(
        and(
          eq(groupPrices.group_id, id),
          variant_id === undefined ? undefined : eq(variant, variant_id),
          after === null ? undefined : sql`(${variant}, ${currency}) > (${after[0]}, ${after[1]})`,
        ),
      )
      .orderBy(asc(variant), asc(currency))
      .limit(limit + 1),
  ])
  const { version } = existingGroup(groups)
  const data = rows.slice(0, limit)
  const last = rows.length > limit ? data.at(-1) : undefined
  return {
    body: { data, next_cursor: last ? encodeCursor(SORT, [last.variant_id, last.currency]) : null },
    version,
  }
}

/** Sets and takes away prices of a group, all or none. Raises `not_found`, `version_stale`, `invalid_input`. */
export async function updateGroupPrices(
  deps: Deps,
  actor: Actor,
  id: string,
  version: number,
  { rows }: UpdateGroupPrices,
): Promise<Versioned<CustomerGroup>> {
  const { db, clock } = deps
  const now = clock()
  const [groups, missing] = await db.batch([selectGroup(db, id), selectMissing(db, rows)])
  const before = existingGroup(groups)
  if (before.version !== version) throw staleVersion()
  refuseRows(rows, new Set(missing.map(row => row.row)))
  const set = JSON.stringify(rows.filter(row => row.amount !== null))
  const gone = JSON.stringify(rows.filter(row => row.amount === null))
  await atomic(
    db,
    [
      ...touchGroup(db, id, version, now),
      db.run(sql`DELETE FROM group_prices WHERE group_id = ${id} AND (variant_id, currency) IN
        (SELECT value ->> 'variant_id', value ->> 'currency' FROM json_each(${gone}))`),
      db.run(sql`INSERT INTO group_prices (group_id, variant_id, currency, amount)
        SELECT ${id}, value ->> 'variant_id', value ->> 'currency', value ->> 'amount' FROM json_each(${set}) WHERE true
        ON CONFLICT (group_id, variant_id, currency) DO UPDATE SET amount = excluded.amount`),
      auditBy(deps, actor, 'customer_group.prices_updated', id, { rows }, now),
    ],
    VERSION_REFUSALS,
  )
  return { body: groupView({ ...before, updated_at: now }), version: version + 1 }
}

type Rows = UpdateGroupPrices['rows']

/** Rows, by number, whose variant is not there. */
const selectMissing = (db: Db, rows: Rows) =>
  db.all<{
    row: number
  }>(sql`SELECT key AS row FROM json_each(${JSON.stringify(rows.map(row => row.variant_id))})
    WHERE NOT EXISTS (SELECT 1 FROM variants v WHERE v.id = value)`)

function refuseRows(rows: Rows, missing: ReadonlySet<number>): void {
  const seen = new Set<string>()
  const errors = rows.flatMap(({ variant_id, currency }, i): FieldError[] => {
    const problem = (member: string, code: string, detail: string): FieldError[] => [
      { in: 'body', pointer: `/rows/${i}${member}`, code, detail },
    ]
    const key = `${variant_id} ${currency}`
    if (missing.has(i)) return problem('/variant_id', 'unknown_reference', 'There is no such variant.')
    if (!isCurrency(currency)) return problem('/currency', 'currency_unknown', 'Not a currency of ISO 4217.')
    if (seen.has(key)) return problem('', 'duplicate', 'Variant and currency stand here twice.')
    seen.add(key)
    return []
  })
  if (errors.length > 0)
    throw new DomainError(invalidInput, 'Nothing was changed: some rows are wrong.', { errors })
}
