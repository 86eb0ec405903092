// Guards: what a CHECK on the changed row cannot see. An UPDATE that touches no row is no error in SQL, and a batch
// goes on after it; a guard placed directly behind it turns "no row" into a named constraint failure, which aborts
// the whole unit. (`changes()` speaks of the statement before, so nothing may stand between.)

import { sql } from 'drizzle-orm'
import { check, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { Db, Statement } from './client.ts'

/** Always empty: each named CHECK refuses exactly the row that a failed guard tries to insert. */
export const guards = sqliteTable('guards', { name: text().notNull() }, () => [
  check('guard_version_current', sql`name <> 'guard_version_current'`),
  check('guard_payment_pending', sql`name <> 'guard_payment_pending'`),
])

export type GuardName = 'guard_version_current' | 'guard_payment_pending'

/** Aborts the unit under the guard's name unless the statement before it changed exactly one row. */
export const guardChangedOne = (db: Db, name: GuardName): Statement => guardChanged(db, name, 1)

/** Aborts the unit under the guard's name unless the statement before it changed exactly so many rows. */
export const guardChanged = (db: Db, name: GuardName, rows: number): Statement =>
  db.run(sql`INSERT INTO guards (name) SELECT ${name} WHERE changes() <> ${rows}`)
