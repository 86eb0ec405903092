// Customer groups for those who run the shop. Who is in a group is told on the customer (customers-admin.ts), what it
// pays in group-prices.ts.

import { and, asc, desc, eq, gt, lt, sql } from 'drizzle-orm'
import { atomic } from '../../db/atomic.ts'
import type { Db } from '../../db/client.ts'
import { guardChangedOne } from '../../db/guards.ts'
import type { Deps } from '../../deps.ts'
import { staleVersion, VERSION_REFUSALS, type Versioned } from '../../http/conditional.ts'
import type { Actor } from '../../http/context.ts'
import { notFound } from '../../http/errors.ts'
import { idOf, pageById } from '../../http/pagination.ts'
import { DEFAULT_LIMIT } from '../../http/schemas.ts'
import { rfc3339 } from '../../lib/clock.ts'
import { DomainError } from '../../lib/errors.ts'
import { auditBy, changesOf } from '../audit/statements.ts'
import { commitOnce, replayOf, type StoredReply, selectKey } from '../idempotency/service.ts'
import { customerGroupTaken } from './errors.ts'
import type {
  CreateCustomerGroup,
  CustomerGroup,
  CustomerGroupQuery,
  UpdateCustomerGroup,
} from './group-schemas.ts'
import { customerGroups } from './table.ts'

export type GroupRow = typeof customerGroups.$inferSelect

const REFUSALS = {
  'customer_groups.name': () => {
    const detail = 'Another group has this name.'
    return new DomainError(customerGroupTaken, detail, {
      errors: [{ in: 'body', pointer: '/name', code: customerGroupTaken.code, detail }],
    })
  },
}

/** Lists groups, oldest first unless asked otherwise. Raises `invalid_cursor`. */
export async function listCustomerGroups(
  { db }: Deps,
  { limit = DEFAULT_LIMIT, cursor, sort = 'oldest' }: CustomerGroupQuery,
): Promise<{ data: CustomerGroup[]; next_cursor: string | null }> {
  const order = `customer_groups_${sort}`
  const after = idOf(cursor, order)
  const isNewest = sort === 'newest'
  const [rows] = await db.batch([
    db
      .select()
      .from(customerGroups)
      .where(
        after === null ? undefined : isNewest ? lt(customerGroups.id, after) : gt(customerGroups.id, after),
      )
      .orderBy(isNewest ? desc(customerGroups.id) : asc(customerGroups.id))
      .limit(limit + 1),
  ])
  const page = pageById(rows, limit, order)
  return { data: page.rows.map(groupView), next_cursor: page.next_cursor }
}

/** Reads a group. Raises `not_found`. */
export async function getCustomerGroup({ db }: Deps, id: string): Promise<Versioned<CustomerGroup>> {
  const row = existingGroup(await selectGroup(db, id))
  return { body: groupView(row), version: row.version }
}

/** Creates a group. Raises `customer_group_taken` and what idempotency raises. */
export function createCustomerGroup(
  deps: Deps,
  actor: Actor,
  { name }: CreateCustomerGroup,
): Promise<StoredReply> {
  const { db, ids, clock } = deps
  return commitOnce(deps, actor, async () => {
    const now = clock()
    const replay = replayOf((await selectKey(db, actor))[0], actor)
    if (replay) return replay
    const row: GroupRow = { id: ids('customerGroup'), name, version: 1, created_at: now, updated_at: now }
    return {
      statements: [
        db.insert(customerGroups).values(row),
        auditBy(deps, actor, 'customer_group.created', row.id, { name }, now),
      ],
      reply: { status: 201, body: groupView(row) },
      refusals: REFUSALS,
    }
  })
}

/** Changes a group. Raises `not_found`, `version_stale`, `customer_group_taken`. */
export async function updateCustomerGroup(
  deps: Deps,
  actor: Actor,
  id: string,
  version: number,
  input: UpdateCustomerGroup,
): Promise<Versioned<CustomerGroup>> {
  const { db, clock } = deps
  const now = clock()
  const before = existingGroup(await selectGroup(db, id))
  if (before.version !== version) throw staleVersion()
  await atomic(
    db,
    [
      ...touchGroup(db, id, version, now, input),
      auditBy(deps, actor, 'customer_group.updated', id, changesOf(before, input), now),
    ],
    { ...VERSION_REFUSALS, ...REFUSALS },
  )
  return { body: groupView({ ...before, ...input, updated_at: now }), version: version + 1 }
}

/** Deletes a group with its prices; its members pay what everybody pays. Raises `not_found`, `version_stale`. */
export async function deleteCustomerGroup(
  deps: Deps,
  actor: Actor,
  id: string,
  version: number,
): Promise<void> {
  const { db, clock } = deps
  const before = existingGroup(await selectGroup(db, id))
  if (before.version !== version) throw staleVersion()
  await atomic(
    db,
    [
      db.delete(customerGroups).where(and(eq(customerGroups.id, id), eq(customerGroups.version, version))),
      guardChangedOne(db, 'guard_version_current'),
      auditBy(deps, actor, 'customer_group.deleted', id, { name: before.name }, clock()),
    ],
    VERSION_REFUSALS,
  )
}

export const selectGroup = (db: Db, id: string) =>
  db.select().from(customerGroups).where(eq(customerGroups.id, id))

/** Moves a group from the version that was read to the next one. */
export const touchGroup = (
  db: Db,
  id: string,
  version: number,
  now: number,
  changes: Partial<GroupRow> = {},
) =>
  [
    db
      .update(customerGroups)
      .set({ ...changes, version: sql`version + 1`, updated_at: now })
      .where(and(eq(customerGroups.id, id), eq(customerGroups.version, version))),
    guardChangedOne(db, 'guard_version_current'),
  ] as const

/** The row, or `not_found`. */
export function existingGroup(rows: GroupRow[]): GroupRow {
  const row = rows[0]
  if (!row) throw new DomainError(notFound, 'There is no such customer group.')
  return row
}

export const groupView = ({ id, name, created_at, updated_at }: GroupRow): CustomerGroup => ({
  id,
  name,
  created_at: rfc3339(created_at),
  updated_at: rfc3339(updated_at),
})
