// One `Db` type over Cloudflare D1 and libSQL. Features see only this type and never know which store they are on.
// Both drivers run `batch()` as one atomic unit (D1 has no interactive transactions, so nothing else is used).

import type { Client } from '@libsql/client'
import type { BatchItem, BatchResponse } from 'drizzle-orm/batch'
import { drizzle as drizzleD1 } from 'drizzle-orm/d1'
import { drizzle as drizzleLibsql } from 'drizzle-orm/libsql/web'
import type { BaseSQLiteDatabase } from 'drizzle-orm/sqlite-core'

/** One statement that can run in a batch: any drizzle query that has not been awaited. */
export type Statement = BatchItem<'sqlite'>

/** The store, as features see it. One `batch` is one round trip and one atomic unit. */
export interface Db extends BaseSQLiteDatabase<'async', unknown> {
  batch<U extends Statement, T extends Readonly<[U, ...U[]]>>(statements: T): Promise<BatchResponse<T>>
}

/**
 * Opens a D1 binding. drizzle 0.45's own D1 `batch` binds parameters only of queries made by its builders and fails on
 * `db.all(sql`…`)` with "Cannot read properties of undefined (reading 'bind')"; this one takes both.
 */
export function d1Db(binding: D1Database): Db {
  const db: Db = drizzleD1(binding)
  const batch = async (statements: readonly Statement[]): Promise<unknown[]> => {
    const prepared = statements.map(statement => (statement as unknown as Preparable)._prepare())
    const results = await binding.batch(
      prepared.map(query => {
        const { sql, params } = query.getQuery()
        return binding.prepare(sql).bind(...params)
      }),
    )
    return prepared.map((query, i) => query.mapResult(results[i], true))
  }
  return Object.assign(db, { batch })
}

/** What every drizzle query has, and its published types leave out. */
interface Preparable {
  _prepare(): {
    getQuery(): { sql: string; params: unknown[] }
    mapResult(response: unknown, isFromBatch: true): unknown
  }
}

/**
 * Opens a libSQL client, made by the caller: `@libsql/client/web` in the Worker, `@libsql/client` on Node.
 * For a local file, run LIBSQL_PRAGMAS first.
 */
export const libsqlDb = (client: Client): Db => drizzleLibsql({ client })

/** What a libSQL file needs at open: its defaults are no WAL and no wait for a busy writer. */
export const LIBSQL_PRAGMAS = [
  'PRAGMA journal_mode = WAL',
  'PRAGMA synchronous = NORMAL',
  'PRAGMA busy_timeout = 5000',
]
