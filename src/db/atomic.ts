// `atomic` runs one list of statements as one unit: all of it commits, or none (INV-ATOMIC).

import type { BatchResponse } from 'drizzle-orm/batch'
import type { Db, Statement } from './client.ts'
import { violatedConstraint } from './errors.ts'

/** What to raise when a named constraint, trigger or UNIQUE column aborts the unit. */
export type Refusals = Record<string, () => Error>

/**
 * Runs the statements in order as one unit and returns their results. A violated constraint that `refusals` names
 * becomes that error; any other failure is thrown as it is. After any error nothing of the list has happened.
 */
export async function atomic<U extends Statement, T extends Readonly<[U, ...U[]]>>(
  db: Db,
  statements: T,
  refusals: Refusals = {},
): Promise<BatchResponse<T>> {
  try {
    return await db.batch(statements)
  } catch (error) {
    const refusal = refusals[violatedConstraint(error) ?? '']
    throw refusal ? refusal() : error
  }
}
