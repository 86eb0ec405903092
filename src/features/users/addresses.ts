// A person's address book.

import { and, asc, eq, gt, ne, sql } from 'drizzle-orm'
import { atomic } from '../../db/atomic.ts'
import type { Statement } from '../../db/client.ts'
import { guardChangedOne } from '../../db/guards.ts'
import type { Deps } from '../../deps.ts'
import type { Actor, SignedIn } from '../../http/context.ts'
import { notFound } from '../../http/errors.ts'
import { idOf, pageById } from '../../http/pagination.ts'
import { DEFAULT_LIMIT } from '../../http/schemas.ts'
import { type Address, addressProblems } from '../../lib/address.ts'
import { rfc3339 } from '../../lib/clock.ts'
import { DomainError } from '../../lib/errors.ts'
import { requireCaller, selectCaller } from '../auth/statements.ts'
import { addressInvalid } from '../checkouts/errors.ts'
import { commitOnce, replayOf, type StoredReply, selectKey } from '../idempotency/service.ts'
import { tooManyAddresses } from './errors.ts'
import type { CreateAddress, SavedAddress, UpdateAddress } from './schemas.ts'
import { addresses, MAX_ADDRESSES } from './table.ts'

const SORT = 'addresses'
type Row = typeof addresses.$inferSelect

/** Lists the caller's addresses, oldest first. Raises `token_invalid`, `invalid_cursor`. */
export async function listAddresses(
  { db, clock }: Deps,
  { principal }: Actor<SignedIn>,
  { limit = DEFAULT_LIMIT, cursor }: { limit?: number; cursor?: string },
): Promise<{ data: SavedAddress[]; next_cursor: string | null }> {
  const after = idOf(cursor, SORT)
  const [callers, rows] = await db.batch([
    selectCaller(db, principal, clock()),
    db
      .select()
      .from(addresses)
      .where(and(eq(addresses.user_id, principal.id), after === null ? undefined : gt(addresses.id, after)))
      .orderBy(asc(addresses.id))
      .limit(limit + 1),
  ])
  requireCaller(callers)
  const page = pageById(rows, limit, SORT)
  return { data: page.rows.map(view), next_cursor: page.next_cursor }
}

/** Saves an address. Raises `address_invalid`, `too_many_addresses`, `token_invalid` and what idempotency raises. */
export function createAddress(
  deps: Deps,
  actor: Actor<SignedIn>,
  { address, is_default }: CreateAddress,
): Promise<StoredReply> {
  const { db, clock, ids } = deps
  refuseAddress(address)
  return commitOnce(deps, actor, async () => {
    const now = clock()
    const [callers, keys] = await db.batch([selectCaller(db, actor.principal, now), selectKey(db, actor)])
    const { id: user_id } = requireCaller(callers)
    const replay = replayOf(keys[0], actor)
    if (replay) return replay
    const row = { id: ids('address'), user_id, address, is_default, created_at: now, updated_at: now }
    return {
      statements: [onlyDefault(deps, row), db.insert(addresses).values(row)],
      reply: { status: 201, body: view(row) },
      refusals: { addresses_within_limit: bookFull },
    }
  })
}

/** Changes an address. Raises `not_found` (also for another's), `address_invalid`, `token_invalid`. */
export async function updateAddress(
  deps: Deps,
  { principal }: Actor<SignedIn>,
  id: string,
  input: UpdateAddress,
): Promise<SavedAddress> {
  const { db, clock } = deps
  if (input.address) refuseAddress(input.address)
  const now = clock()
  const before = await ownAddress(deps, principal, id, now)
  const row: Row = { ...before, ...input, updated_at: now }
  await atomic(
    db,
    [
      onlyDefault(deps, row),
      db.update(addresses).set(row).where(eq(addresses.id, id)),
      guardChangedOne(db, 'guard_version_current'),
    ],
    { guard_version_current: noSuchAddress },
  )
  return view(row)
}

/** Deletes an address. Raises `not_found` (also for another's), `token_invalid`. */
export async function deleteAddress(deps: Deps, { principal }: Actor<SignedIn>, id: string): Promise<void> {
  await ownAddress(deps, principal, id, deps.clock())
  await deps.db.delete(addresses).where(and(eq(addresses.id, id), eq(addresses.user_id, principal.id)))
}

async function ownAddress({ db }: Deps, principal: SignedIn, id: string, now: number): Promise<Row> {
  const [callers, rows] = await db.batch([
    selectCaller(db, principal, now),
    db
      .select()
      .from(addresses)
      .where(and(eq(addresses.id, id), eq(addresses.user_id, principal.id))),
  ])
  requireCaller(callers)
  const row = rows[0]
  if (!row) throw noSuchAddress()
  return row
}

/** Makes room for a new default address: there is at most one (`addresses_one_default`). */
const onlyDefault = ({ db }: Deps, row: Row): Statement =>
  db
    .update(addresses)
    .set({ is_default: false })
    .where(
      and(
        sql`${row.is_default ? 1 : 0} AND is_default`,
        eq(addresses.user_id, row.user_id),
        ne(addresses.id, row.id),
      ),
    )

function refuseAddress(address: Address): void {
  const errors = addressProblems(address).map(({ member, code, detail }) => ({
    in: 'body' as const,
    pointer: `/address/${member}`,
    code,
    detail,
  }))
  if (errors.length > 0) throw new DomainError(addressInvalid, errors[0]?.detail ?? '', { errors })
}

const noSuchAddress = (): DomainError => new DomainError(notFound, 'There is no such address.')
const bookFull = (): DomainError =>
  new DomainError(tooManyAddresses, `An address book holds ${MAX_ADDRESSES} addresses.`)

const view = (row: Row): SavedAddress => ({
  id: row.id,
  address: row.address,
  is_default: row.is_default,
  created_at: rfc3339(row.created_at),
  updated_at: rfc3339(row.updated_at),
})
