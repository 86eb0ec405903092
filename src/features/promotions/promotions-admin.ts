// Promotions for those who run the shop.

import { and, asc, desc, eq, gt, lt, sql } from 'drizzle-orm'
import { atomic, type Refusals } from '../../db/atomic.ts'
import type { Db } from '../../db/client.ts'
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
  CreatePromotion,
  Promotion,
  PromotionQuery,
  PromotionRule,
  UpdatePromotion,
} from './admin-schemas.ts'
import { promotionCodeTaken, promotionUsed } from './errors.ts'
import { type Reference, referencesOf, ruleOf, ruleProblems, wireOf } from './rule-wire.ts'
import { promotions } from './table.ts'

type Row = typeof promotions.$inferSelect

const REFUSALS: Refusals = {
  'promotions.code': () => refused(promotionCodeTaken, '/code', 'Another promotion has this code.'),
  promotion_usage_within_limit: () =>
    refused(invalidInput, '/usage_limit', 'It was used more often than that already.'),
}

/** Lists promotions, newest first unless asked otherwise. Raises `invalid_cursor`. */
export async function listPromotions(
  { db }: Deps,
  { limit = DEFAULT_LIMIT, cursor, sort = 'newest', is_active, code }: PromotionQuery,
): Promise<{ data: Promotion[]; next_cursor: string | null }> {
  const order = `promotions_${sort}`
  const after = idOf(cursor, order)
  const isNewest = sort === 'newest'
  const [rows] = await db.batch([
    db
      .select()
      .from(promotions)
      .where(
        and(
          is_active === undefined ? undefined : eq(promotions.is_active, is_active),
          code === undefined ? undefined : eq(promotions.code, code.toUpperCase()),
          after === null ? undefined : isNewest ? lt(promotions.id, after) : gt(promotions.id, after),
        ),
      )
      .orderBy(isNewest ? desc(promotions.id) : asc(promotions.id))
      .limit(limit + 1),
  ])
  const page = pageById(rows, limit, order)
  return { data: page.rows.map(view), next_cursor: page.next_cursor }
}

/** Reads a promotion. Raises `not_found`. */
export async function getPromotion({ db }: Deps, id: string): Promise<Versioned<Promotion>> {
  const row = existing(await selectPromotion(db, id))
  return { body: view(row), version: row.version }
}

/** Creates a promotion. Raises `invalid_input`, `promotion_code_taken` and what idempotency raises. */
export function createPromotion(deps: Deps, actor: Actor, input: CreatePromotion): Promise<StoredReply> {
  const { db, ids, clock } = deps
  const references = referencesOf(input.rule)
  return commitOnce(deps, actor, async () => {
    const now = clock()
    const [keys, missing] = await db.batch([selectKey(db, actor), selectMissing(db, references)])
    const replay = replayOf(keys[0], actor)
    if (replay) return replay
    refuseRule(input.rule, references, missing)
    const row: Row = {
      ...input,
      id: ids('promotion'),
      code: input.code?.toUpperCase() ?? null,
      rule: ruleOf(input.rule),
      redeemed: 0,
      version: 1,
      created_at: now,
      updated_at: now,
    }
    return {
      statements: [
        db.insert(promotions).values(row),
        auditBy(deps, actor, 'promotion.created', row.id, { title: row.title, code: row.code }, now),
      ],
      reply: { status: 201, body: view(row) },
      refusals: REFUSALS,
    }
  })
}

/**
 * Changes a promotion; baskets follow at once, orders never. Raises `not_found`, `version_stale`, `invalid_input`,
 * `promotion_code_taken`.
 */
export async function updatePromotion(
  deps: Deps,
  actor: Actor,
  id: string,
  version: number,
  input: UpdatePromotion,
): Promise<Versioned<Promotion>> {
  const { db, clock } = deps
  const now = clock()
  const references = input.rule ? referencesOf(input.rule) : []
  const [rows, missing] = await db.batch([selectPromotion(db, id), selectMissing(db, references)])
  const before = existing(rows)
  if (before.version !== version) throw staleVersion()
  if (input.rule) refuseRule(input.rule, references, missing)
  const { rule, code, ...rest } = input
  const changed = {
    ...rest,
    ...(code === undefined ? {} : { code: code?.toUpperCase() ?? null }),
    ...(rule === undefined ? {} : { rule: ruleOf(rule) }),
  }
  await atomic(
    db,
    [
      db
        .update(promotions)
        .set({ ...changed, version: sql`version + 1`, updated_at: now })
        .where(and(eq(promotions.id, id), eq(promotions.version, version))),
      guardChangedOne(db, 'guard_version_current'),
      auditBy(deps, actor, 'promotion.updated', id, changesOf(before, changed), now),
    ],
    { ...VERSION_REFUSALS, ...REFUSALS },
  )
  return { body: view({ ...before, ...changed, updated_at: now }), version: version + 1 }
}

/** Deletes a promotion that was never used. Raises `not_found`, `version_stale`, `promotion_used`. */
export async function deletePromotion(deps: Deps, actor: Actor, id: string, version: number): Promise<void> {
  const { db, clock } = deps
  const before = existing(await selectPromotion(db, id))
  if (before.version !== version) throw staleVersion()
  await atomic(
    db,
    [
      db.delete(promotions).where(and(eq(promotions.id, id), eq(promotions.version, version))),
      guardChangedOne(db, 'guard_version_current'),
      auditBy(deps, actor, 'promotion.deleted', id, { title: before.title, code: before.code }, clock()),
    ],
    {
      ...VERSION_REFUSALS,
      'FOREIGN KEY': () => new DomainError(promotionUsed, 'It was used, so it stays. Deactivate it instead.'),
    },
  )
}

const selectPromotion = (db: Db, id: string) => db.select().from(promotions).where(eq(promotions.id, id))

/** Which of the things that a rule names are not there. */
const selectMissing = (db: Db, references: Reference[]) =>
  db.all<{ pointer: string }>(sql`
    SELECT r.value ->> 'pointer' AS pointer FROM json_each(${JSON.stringify(references)}) r
    WHERE NOT CASE r.value ->> 'kind'
      WHEN 'products' THEN EXISTS (SELECT 1 FROM products p WHERE p.id = r.value ->> 'id')
      ELSE EXISTS (SELECT 1 FROM collections c WHERE c.id = r.value ->> 'id') END`)

function refuseRule(rule: PromotionRule, references: Reference[], missing: { pointer: string }[]): void {
  const absent = new Set(missing.map(row => row.pointer))
  const errors: FieldError[] = [
    ...ruleProblems(rule),
    ...references
      .filter(({ pointer }) => absent.has(pointer))
      .map(({ pointer, kind, id }) => ({
        in: 'body' as const,
        pointer,
        code: 'unknown_reference',
        detail: `There is no "${id}" among the ${kind}.`,
      })),
  ]
  if (errors.length > 0) throw new DomainError(invalidInput, 'The rule does not fit the shop.', { errors })
}

function existing(rows: Row[]): Row {
  const row = rows[0]
  if (!row) throw new DomainError(notFound, 'There is no such promotion.')
  return row
}

const refused = (kind: typeof promotionCodeTaken, pointer: string, detail: string): DomainError =>
  new DomainError(kind, detail, { errors: [{ in: 'body', pointer, code: kind.code, detail }] })

const view = ({ version: _, rule, created_at, updated_at, ...row }: Row): Promotion => ({
  ...row,
  rule: wireOf(rule),
  created_at: rfc3339(created_at),
  updated_at: rfc3339(updated_at),
})
