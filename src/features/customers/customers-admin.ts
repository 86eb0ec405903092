// Customers for those who run the shop: people with an account, and what staff keep about them.

import { and, asc, eq } from 'drizzle-orm'
import { atomic } from '../../db/atomic.ts'
import type { Db } from '../../db/client.ts'
import { guardChangedOne } from '../../db/guards.ts'
import type { Deps } from '../../deps.ts'
import { staleVersion, VERSION_REFUSALS, type Versioned } from '../../http/conditional.ts'
import type { Actor } from '../../http/context.ts'
import type { CsvTable } from '../../http/csv.ts'
import { invalidInput, notFound } from '../../http/errors.ts'
import { type CursorValue, decodeCursor, encodeCursor } from '../../http/pagination.ts'
import { DEFAULT_LIMIT } from '../../http/schemas.ts'
import { rfc3339 } from '../../lib/clock.ts'
import { DomainError, type FieldError } from '../../lib/errors.ts'
import { auditBy } from '../audit/statements.ts'
import { addresses, users } from '../users/table.ts'
import type {
  Customer,
  CustomerExportQuery,
  CustomerQuery,
  CustomerSummary,
  UpdateCustomer,
} from './admin-schemas.ts'
import {
  type CustomerFilter,
  type CustomerSort,
  type SummaryRow,
  selectCustomers,
  selectForExport,
  selectGroups,
  selectOrderSums,
  writeMembership,
  writeRecord,
} from './repository.ts'
import { customerRecords } from './table.ts'

const EXPORT_PAGE = 500

/** Lists customers. Raises `invalid_cursor`, `invalid_input`. */
export async function listCustomers(
  { db }: Deps,
  { limit = DEFAULT_LIMIT, cursor, sort: asked, ...query }: CustomerQuery,
): Promise<{ data: CustomerSummary[]; next_cursor: string | null }> {
  const filter = filterOf(query)
  const sort = sortOf(filter, asked)
  const order = `customers_${sort}`
  const after = decodeCursor(cursor, order, sort === 'name' ? ['string', 'string'] : ['string'])
  const [rows] = await db.batch([selectCustomers(db, filter, { sort, after, limit: limit + 1 })])
  const page = rows.slice(0, limit)
  const last = rows.length > limit ? page.at(-1) : undefined
  return {
    data: page.map(summaryOf),
    next_cursor: last ? encodeCursor(order, positionOf(last, sort)) : null,
  }
}

/** Reads a customer with addresses, groups, note and what they ordered. Raises `not_found`. */
export async function getCustomer({ db }: Deps, id: string): Promise<Versioned<Customer>> {
  const facts = await read(db, id, [])
  return { body: view(facts), version: facts.version }
}

/** Changes a customer's note and groups. Raises `not_found`, `version_stale`, `invalid_input`. */
export async function updateCustomer(
  deps: Deps,
  actor: Actor,
  id: string,
  version: number,
  { note, group_ids }: UpdateCustomer,
): Promise<Versioned<Customer>> {
  const { db, clock } = deps
  const now = clock()
  const facts = await read(db, id, group_ids ?? [])
  if (facts.version !== version) throw staleVersion()
  refuseGroups(group_ids ?? [], new Set(facts.groups.map(group => group.id)))
  const before = facts.groups.filter(group => group.is_member === 1)
  const after = group_ids ? facts.groups.filter(group => group_ids.includes(group.id)) : before
  const changes = {
    // The note itself may say anything about a person: the log only says that it changed.
    ...(note === undefined || note === facts.note ? {} : { note: 'changed' }),
    ...(group_ids ? { group_ids: [before, after].map(groups => groups.map(group => group.id)) } : {}),
  }
  const newNote = note ?? facts.note
  await atomic(
    db,
    [
      writeRecord(db, id, version, newNote, now),
      guardChangedOne(db, 'guard_version_current'),
      ...(group_ids ? writeMembership(db, id, group_ids) : []),
      auditBy(deps, actor, 'customer.updated', id, changes, now),
    ],
    { ...VERSION_REFUSALS, 'FOREIGN KEY': staleVersion },
  )
  const groups = after.map(group => ({ ...group, is_member: 1 }))
  return { body: view({ ...facts, note: newNote, groups }), version: version + 1 }
}

/** Customers as a table, page by page; that they were taken out goes on record first. */
export async function exportCustomers(
  deps: Deps,
  actor: Actor,
  query: CustomerExportQuery,
): Promise<CsvTable> {
  const { db, clock } = deps
  const filter = filterOf(query)
  await db.batch([
    auditBy(deps, actor, 'customers.exported', 'customers', { filters: Object.keys(query) }, clock()),
  ])
  return {
    columns: ['id', 'email', 'name', 'phone', 'groups', 'note', 'orders', 'created_at'],
    pages: exportPages(db, filter, sortOf(filter, undefined)),
  }
}

async function* exportPages(db: Db, filter: CustomerFilter, sort: CustomerSort) {
  let after: CursorValue[] | null = null
  for (;;) {
    const [rows]: [Awaited<ReturnType<typeof selectForExport>>] = await db.batch([
      selectForExport(db, filter, { sort, after, limit: EXPORT_PAGE }),
    ])
    yield rows.map(row => [
      row.id,
      row.email,
      row.name,
      row.phone,
      groupsOf(row)
        .map(group => group.name)
        .join('; '),
      row.note,
      row.orders,
      rfc3339(row.created_at),
    ])
    const last = rows.at(-1)
    if (rows.length < EXPORT_PAGE || !last) return
    after = positionOf(last, sort)
  }
}

/** Emails are kept in lower case. */
const filterOf = ({ email, ...rest }: CustomerFilter): CustomerFilter =>
  email === undefined ? rest : { ...rest, email: email.toLowerCase() }

/** A search goes through an index, so it comes in that index's order. Raises `invalid_input` for another. */
function sortOf({ email, name, group }: CustomerFilter, asked: CustomerSort | undefined): CustomerSort {
  const natural = email !== undefined ? 'email' : name !== undefined ? 'name' : 'newest'
  const isSearch = natural !== 'newest' || group !== undefined
  if (asked === undefined || asked === natural) return natural
  if (!isSearch) return asked
  const detail = `This search is sorted by \`${natural}\`.`
  throw new DomainError(invalidInput, detail, {
    errors: [{ in: 'query', pointer: '/sort', code: 'sort_not_available', detail }],
  })
}

const positionOf = (row: SummaryRow, sort: CustomerSort): CursorValue[] =>
  ({ newest: [row.id], email: [row.email], name: [row.name ?? '', row.id] })[sort]

/** All about a customer in one call. Raises `not_found`. */
async function read(db: Db, id: string, groupIds: readonly string[]) {
  const [people, records, book, groups, sums] = await db.batch([
    db.select().from(users).where(eq(users.id, id)),
    db.select().from(customerRecords).where(eq(customerRecords.user_id, id)),
    db
      .select()
      .from(addresses)
      .where(and(eq(addresses.user_id, id)))
      .orderBy(asc(addresses.id)),
    selectGroups(db, id, groupIds),
    selectOrderSums(db, id),
  ])
  const person = people[0]
  if (!person) throw new DomainError(notFound, 'There is no such customer.')
  const { note = '', version = 0 } = records[0] ?? {}
  return { person, note, version, book, groups, sums }
}

function refuseGroups(groupIds: readonly string[], known: ReadonlySet<string>): void {
  const errors = groupIds.flatMap((id, i): FieldError[] => {
    const at = { in: 'body' as const, pointer: `/group_ids/${i}` }
    if (!known.has(id)) return [{ ...at, code: 'unknown_reference', detail: 'There is no such group.' }]
    return groupIds.indexOf(id) < i ? [{ ...at, code: 'duplicate', detail: 'Stands here twice.' }] : []
  })
  if (errors.length > 0) throw new DomainError(invalidInput, 'The groups are not all there.', { errors })
}

const groupsOf = ({ groups }: SummaryRow): CustomerSummary['groups'] =>
  (JSON.parse(groups) as [string, string][]).map(([id, name]) => ({ id, name }))

const summaryOf = (row: SummaryRow): CustomerSummary => ({
  ...row,
  groups: groupsOf(row),
  created_at: rfc3339(row.created_at),
})

function view({ person, note, book, groups, sums }: Awaited<ReturnType<typeof read>>): Customer {
  const last = Math.max(...sums.map(sum => sum.last_placed_at))
  return {
    id: person.id,
    email: person.email,
    name: person.name,
    phone: person.phone,
    groups: groups.filter(group => group.is_member === 1).map(({ id, name }) => ({ id, name })),
    created_at: rfc3339(person.created_at),
    note,
    addresses: book.map(({ id, address, is_default, created_at, updated_at }) => ({
      id,
      address,
      is_default,
      created_at: rfc3339(created_at),
      updated_at: rfc3339(updated_at),
    })),
    orders: {
      count: sums.reduce((count, sum) => count + sum.orders, 0),
      totals: sums.map(({ total, currency }) => ({ amount: total, currency })),
      last_placed_at: sums.length > 0 ? rfc3339(last) : null,
    },
  }
}
