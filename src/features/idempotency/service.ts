// Idempotency keys as statements: a service puts them into the same lists as what they protect (INV-ONCE, INV-ATOMIC).

import { eq } from 'drizzle-orm'
import type { Db, Statement } from '../../db/client.ts'
import type { Actor, IdempotencyRequest } from '../../http/context.ts'
import { idempotencyInProgress, idempotencyKeyReused } from '../../http/idempotency-errors.ts'
import { DomainError } from '../../lib/errors.ts'
import { idempotencyKeys } from './table.ts'

/** How long an answer is kept for retries. */
export const KEEP_MS = 24 * 60 * 60 * 1000
const RETRY_SECONDS = 1

/** An answer that was given, or is about to be given and stored. */
export interface StoredReply {
  status: number
  body: Record<string, unknown>
  replayed: boolean
}

type Row = typeof idempotencyKeys.$inferSelect

/** Looks up the request's key; no row when it is new, or when the request has none. */
export const selectKey = (db: Db, actor: Actor) =>
  db
    .select()
    .from(idempotencyKeys)
    .where(eq(idempotencyKeys.id, actor.idempotency?.id ?? ''))

/**
 * Returns the stored answer of an earlier request with the same key, or null when there was none.
 * Raises `idempotency_key_reused` for another body, `idempotency_in_progress` while the first still runs.
 */
export function replayOf(row: Row | undefined, actor: Actor): StoredReply | null {
  if (!row || !actor.idempotency) return null
  if (row.fingerprint !== actor.idempotency.fingerprint) {
    throw new DomainError(idempotencyKeyReused, 'This key came before with another body.')
  }
  if (row.state === 'running' || row.status === null || row.body === null) throw inProgress()
  return { status: row.status, body: row.body, replayed: true }
}

/** What to raise when two requests with one key meet. */
export const inProgress = (): DomainError =>
  new DomainError(idempotencyInProgress, 'Another request with this key is running.', {
    retryAfterSeconds: RETRY_SECONDS,
  })

/** Name under which the store refuses a second record of one key, for `atomic`'s refusals. */
export const KEY_TAKEN = 'idempotency_keys.id'

/** Stores the answer together with its effect; no statement when the request has no key. */
export const storeReply = (
  db: Db,
  actor: Actor,
  reply: { status: number; body: Record<string, unknown> },
  now: number,
): Statement[] =>
  actor.idempotency ? [insertKey(db, actor.idempotency, now, { state: 'done', ...reply })] : []

/** Claims the key before a provider is called; `settleKey` or `dropKey` must follow. */
export const claimKey = (db: Db, request: IdempotencyRequest, now: number): Statement =>
  insertKey(db, request, now, { state: 'running', status: null, body: null })

const insertKey = (
  db: Db,
  request: IdempotencyRequest,
  now: number,
  state: Pick<Row, 'state' | 'status' | 'body'>,
) => db.insert(idempotencyKeys).values({ ...request, ...state, created_at: now, expires_at: now + KEEP_MS })

/** Turns a claim into the stored answer. */
export const settleKey = (
  db: Db,
  id: string,
  reply: { status: number; body: Record<string, unknown> },
): Statement =>
  db
    .update(idempotencyKeys)
    .set({ state: 'done', ...reply })
    .where(eq(idempotencyKeys.id, id))

/** Gives a claim up, so that a retry runs afresh. */
export const dropKey = (db: Db, id: string): Statement =>
  db.delete(idempotencyKeys).where(eq(idempotencyKeys.id, id))
