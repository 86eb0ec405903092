// What reaches the database: the statements of batches, their parameters, and how SQLite means to run them.

import { sql } from 'drizzle-orm'
import type { Db, Statement } from '../../src/db/client.ts'

/** What every drizzle statement has, and its published types leave out. */
interface Sent {
  getSQL(): ReturnType<typeof sql>
  _prepare(): { getQuery(): { sql: string; params: unknown[] } }
}

/** Wraps a database; `statements` collects all that its batches send. */
export function watching(db: Db): { db: Db; statements: Statement[] } {
  const statements: Statement[] = []
  const batch = (list: Statement[]) => {
    statements.push(...list)
    return Reflect.apply(db.batch, db, [list])
  }
  return {
    db: new Proxy(db, { get: (target, name) => (name === 'batch' ? batch : Reflect.get(target, name)) }),
    statements,
  }
}

/** Parameters of a statement as they are bound. */
export const paramsOf = (statement: Statement): unknown[] =>
  (statement as unknown as Sent)._prepare().getQuery().params

/** A step of a query plan, with the steps that it stands under. */
export interface PlanStep {
  detail: string
  path: string[]
}

/** Asks SQLite how it means to run a statement. */
export async function planOf(db: Db, statement: Statement): Promise<PlanStep[]> {
  const rows = await db.all<{ id: number; parent: number; detail: string }>(
    sql`EXPLAIN QUERY PLAN ${(statement as unknown as Sent).getSQL()}`,
  )
  const steps = new Map<number, PlanStep>()
  for (const { id, parent, detail } of rows) {
    const above = steps.get(parent)
    steps.set(id, { detail, path: above ? [...above.path, above.detail] : [] })
  }
  return [...steps.values()]
}
