// Idempotency keys as statements: a service puts them into the same lists as what they protect (INV-ONCE, INV-ATOMIC).

import { eq } from 'drizzle-orm'
import { atomic, type Refusals } from '../../db/atomic.ts'
import type { Db, Statement } from '../../db/client.ts'
import type { Deps } from '../../deps.ts'
import type { Actor, IdempotencyRequest } from '../../http/context.ts'
import { idempotencyInProgress, idempotencyKeyReused } from '../../http/idempotency-errors.ts'
import { DomainError } from '../../lib/errors.ts'
import { changedMeanwhile } from '../pricing/errors.ts'
import { idempotencyKeys } from './table.ts'

/** How long an answer is kept for retries. */
export const KEEP_MS = 24 * 60 * 60 * 1000
const RETRY_SECONDS = 1
/** Tries of a write that keeps losing races. With growing, random pauses between them they take at most a second or so. */
export const MAX_TRIES = 10

/** An answer, as it is stored for retries. */
export interface Reply {
  status: number
  body: Record<string, unknown>
}

/** An answer that was given before, or was given and stored just now. */
export interface StoredReply extends Reply {
  replayed: boolean
}

/** What a request is about to write, and the answer that says so. */
export interface Change {
  statements: readonly [Statement, ...Statement[]]
  reply: Reply
  /** What else the store may refuse, and what to raise then. */
  refusals?: Refusals
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

class LostRace extends Error {}

const LOST_RACES = { [KEY_TAKEN]: () => new LostRace(), guard_version_current: () => new LostRace() }

/**
 * Writes what `prepare` made of what it read, and the answer for retries of the key, in one unit. Whoever lost a race
 * pauses, prepares again, and then finds the newer row, or the answer to the request that came first with the same key.
 * `prepare` may also return an answer for which there is nothing to write. Raises `changed_meanwhile`.
 */
export async function commitOnce(
  { db, clock, pause }: Pick<Deps, 'db' | 'clock' | 'pause'>,
  actor: Actor,
  prepare: () => Promise<Change | StoredReply>,
): Promise<StoredReply> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    if (tries > 0) await pause(tries)
    const change = await prepare()
    if ('replayed' in change) return change
    const { statements, reply, refusals } = change
    try {
      await atomic(db, [...statements, ...storeReply(db, actor, reply, clock())], {
        ...refusals,
        ...LOST_RACES,
      })
      return { ...reply, replayed: false }
    } catch (error) {
      if (!(error instanceof LostRace)) throw error
    }
  }
  throw new DomainError(changedMeanwhile, 'Too many others changed this at the same time.')
}

/** Stores the answer together with its effect; no statement when the request has no key. */
const storeReply = (db: Db, actor: Actor, reply: Reply, now: number): Statement[] =>
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

/** Turns a claim into the stored answer, kept from now on: the claim may be old. */
export const settleKey = (db: Db, id: string, reply: Reply, now: number): Statement =>
  db
    .update(idempotencyKeys)
    .set({ state: 'done', ...reply, expires_at: now + KEEP_MS })
    .where(eq(idempotencyKeys.id, id))

/** Gives a claim up, so that a retry runs afresh. */
export const dropKey = (db: Db, id: string): Statement =>
  db.delete(idempotencyKeys).where(eq(idempotencyKeys.id, id))
