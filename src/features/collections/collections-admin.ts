// Collections, for those who run the shop: create, read, change, delete, and who is in. Rules are evaluated in the unit that
// writes them, so nobody ever sees a collection with yesterday's products.

import { and, asc, desc, eq, gt, lt, sql } from 'drizzle-orm'
import { atomic } from '../../db/atomic.ts'
import type { Db, Statement } from '../../db/client.ts'
import { guardChangedOne } from '../../db/guards.ts'
import type { Deps } from '../../deps.ts'
import { staleVersion, VERSION_REFUSALS, type Versioned } from '../../http/conditional.ts'
import type { Actor } from '../../http/context.ts'
import { invalidInput, notFound } from '../../http/errors.ts'
import { trim } from '../../http/fields.ts'
import { decodeCursor, encodeCursor } from '../../http/pagination.ts'
import { DEFAULT_LIMIT } from '../../http/schemas.ts'
import { rfc3339 } from '../../lib/clock.ts'
import { DomainError, type FieldError } from '../../lib/errors.ts'
import { toHandle } from '../../lib/text.ts'
import { auditBy, changesOf } from '../audit/statements.ts'
import { emitEvent } from '../events/statements.ts'
import { commitOnce, replayOf, type StoredReply, selectKey } from '../idempotency/service.ts'
import { cleanHtml } from '../products/drafts.ts'
import { handleTaken } from '../products/errors.ts'
import type {
  AdminCollection,
  AdminCollectionQuery,
  ChangeMembers,
  CreateCollection,
  SetMembers,
  UpdateCollection,
} from './admin-schemas.ts'
import { collectionByHand, collectionByRules } from './errors.ts'
import { addMembers, applyRules, removeMembers, selectUnknownProducts, setMemberIds } from './statements.ts'
import { collections } from './table.ts'

type Row = typeof collections.$inferSelect

/** Lists collections, trimmed to `fields`. Raises `invalid_cursor`. */
export async function listAdminCollections({ db }: Deps, query: AdminCollectionQuery) {
  const limit = query.limit ?? DEFAULT_LIMIT
  const sort = query.sort ?? 'handle'
  const after = decodeCursor(query.cursor, sort, ['string'])?.[0]
  const key = sort === 'handle' ? collections.handle : collections.id
  const compare = sort === 'handle' ? gt : lt
  const rows = await db
    .select()
    .from(collections)
    .where(after === undefined ? undefined : compare(key, String(after)))
    .orderBy(sort === 'handle' ? asc(key) : desc(key))
    .limit(limit + 1)
  const last = rows.length > limit ? rows[limit - 1] : undefined
  return trim(
    {
      data: rows.slice(0, limit).map(view),
      next_cursor: last ? encodeCursor(sort, [sort === 'handle' ? last.handle : last.id]) : null,
    },
    query.fields,
  )
}

/** Reads a collection as it is kept. Raises `not_found`. */
export async function getAdminCollection({ db }: Deps, id: string): Promise<Versioned<AdminCollection>> {
  return versioned(found(await selectById(db, id)))
}

/** Creates a collection, with what fits its rules. Raises `invalid_input`, `handle_taken` and what idempotency raises. */
export function createCollection(deps: Deps, actor: Actor, input: CreateCollection): Promise<StoredReply> {
  const { db, ids, clock } = deps
  const handle = input.handle ?? toHandle(input.title)
  if (handle === '')
    throw refusal([problem('/handle', 'required', 'The title has no letter or digit to make a handle of.')])
  return commitOnce(deps, actor, async () => {
    const now = clock()
    const row: Row = {
      id: ids('collection'),
      handle,
      title: input.title,
      description_html: cleanHtml(input.description_html ?? ''),
      kind: input.rules ? 'rules' : 'manual',
      rules: input.rules ?? null,
      image_url: input.image_url ?? null,
      version: 1,
      created_at: now,
      updated_at: now,
    }
    const [keys, taken] = await db.batch([
      selectKey(db, actor),
      db.select({ id: collections.id }).from(collections).where(eq(collections.handle, handle)),
    ])
    const replay = replayOf(keys[0], actor)
    if (replay) return replay
    if (taken.length > 0) throw handleIsTaken()
    return {
      statements: [
        db.insert(collections).values(row).onConflictDoNothing({ target: collections.handle }),
        guardChangedOne(db, 'guard_version_current'),
        ...(row.rules ? applyRules(db, row.id, row.rules) : []),
        auditBy(deps, actor, 'collection.created', row.id, { handle, title: row.title, kind: row.kind }, now),
        emitEvent(db, ids, 'collection.created', row.id, { version: 1 }, now),
      ],
      reply: { status: 201, body: view(row) },
    }
  })
}

/**
 * Changes a collection of a version, and who is in when its rules change. Raises `not_found`, `version_stale`,
 * `invalid_input`, `handle_taken`, `collection_by_hand`.
 */
export async function updateCollection(
  deps: Deps,
  actor: Actor,
  id: string,
  version: number,
  input: UpdateCollection,
): Promise<Versioned<AdminCollection>> {
  const { db } = deps
  const before = current(found(await selectById(db, id)), version)
  if (input.rules && before.kind === 'manual')
    throw new DomainError(collectionByHand, 'This collection is picked by hand.')
  const { description_html } = input
  const values = {
    ...input,
    ...(description_html === undefined ? {} : { description_html: cleanHtml(description_html) }),
  }
  const rules = input.rules ? applyRules(db, id, input.rules) : []
  return change(deps, actor, before, values, rules, changesOf(before, values))
}

/** Deletes a collection of a version; its products stay. Raises `not_found`, `version_stale`. */
export async function deleteCollection(deps: Deps, actor: Actor, id: string, version: number): Promise<void> {
  const { db, ids, clock } = deps
  const now = clock()
  const { handle, title } = current(found(await selectById(db, id)), version)
  await atomic(
    db,
    [
      db.delete(collections).where(isVersion(id, version)),
      guardChangedOne(db, 'guard_version_current'),
      auditBy(deps, actor, 'collection.deleted', id, { handle, title }, now),
      emitEvent(db, ids, 'collection.deleted', id, { version: version + 1 }, now),
    ],
    VERSION_REFUSALS,
  )
}

/**
 * Makes exactly these products the members of a collection that is picked by hand. Raises `not_found`, `version_stale`,
 * `invalid_input` with every product that is not there, `collection_by_rules`.
 */
export async function setCollectionProducts(
  deps: Deps,
  actor: Actor,
  id: string,
  version: number,
  { product_ids }: SetMembers,
): Promise<Versioned<AdminCollection>> {
  const before = await manual(deps.db, id, version, { product_ids })
  const statements = setMemberIds(deps.db, id, product_ids)
  return change(deps, actor, before, {}, statements, { product_ids })
}

/** Takes products in, and others out. Raises as `setCollectionProducts` does. */
export async function changeCollectionProducts(
  deps: Deps,
  actor: Actor,
  id: string,
  version: number,
  { add = [], remove = [] }: ChangeMembers,
): Promise<Versioned<AdminCollection>> {
  const { db } = deps
  // One that is gone already may be removed: it is out then.
  const before = await manual(db, id, version, { add })
  return change(deps, actor, before, {}, [addMembers(db, id, add), removeMembers(db, id, remove)], {
    add,
    remove,
  })
}

/** Writes a new version of a collection with what else changes, in one unit. */
async function change(
  deps: Deps,
  actor: Actor,
  before: Row,
  values: Partial<Row>,
  statements: readonly Statement[],
  audited: Record<string, unknown>,
): Promise<Versioned<AdminCollection>> {
  const { db, ids, clock } = deps
  const now = clock()
  const version = before.version + 1
  await atomic(
    db,
    [
      db
        .update(collections)
        .set({ ...values, version: sql`version + 1`, updated_at: now })
        .where(isVersion(before.id, before.version)),
      guardChangedOne(db, 'guard_version_current'),
      ...statements,
      auditBy(deps, actor, 'collection.updated', before.id, audited, now),
      emitEvent(db, ids, 'collection.updated', before.id, { version }, now),
    ],
    { ...VERSION_REFUSALS, 'collections.handle': handleIsTaken },
  )
  return versioned({ ...before, ...values, version, updated_at: now })
}

/** The collection of this version, picked by hand, if all products in `named` exist. */
async function manual(db: Db, id: string, version: number, named: Record<string, string[]>): Promise<Row> {
  const productIds = Object.values(named).flat()
  const [rows, unknown] = await db.batch([selectById(db, id), selectUnknownProducts(db, productIds)])
  const row = current(found(rows), version)
  if (row.kind === 'rules') throw new DomainError(collectionByRules, 'Its rules pick the products.')
  const gone = new Set(unknown.map(({ id }) => id))
  const errors = Object.entries(named).flatMap(([member, ids]) =>
    ids.flatMap((productId, i) =>
      gone.has(productId) ? [problem(`/${member}/${i}`, 'not_found', 'There is no such product.')] : [],
    ),
  )
  if (errors.length > 0) throw refusal(errors)
  return row
}

const selectById = (db: Db, id: string) => db.select().from(collections).where(eq(collections.id, id))

const isVersion = (id: string, version: number) =>
  and(eq(collections.id, id), eq(collections.version, version))

function found([row]: Row[]): Row {
  if (!row) throw new DomainError(notFound, 'There is no such collection.')
  return row
}

function current(row: Row, version: number): Row {
  if (row.version !== version) throw staleVersion()
  return row
}

const handleIsTaken = () => new DomainError(handleTaken, 'Another collection has this handle.')
const refusal = (errors: FieldError[]) => new DomainError(invalidInput, 'Nothing was written.', { errors })
const problem = (pointer: string, code: string, detail: string): FieldError => ({
  in: 'body',
  pointer,
  code,
  detail,
})

const versioned = (row: Row): Versioned<AdminCollection> => ({ body: view(row), version: row.version })

const view = ({ version: _, created_at, updated_at, rules, ...row }: Row): AdminCollection => ({
  ...row,
  rules: rules as AdminCollection['rules'],
  created_at: rfc3339(created_at),
  updated_at: rfc3339(updated_at),
})
