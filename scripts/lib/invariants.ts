// Asks a database whether the shop's promises hold, on D1 and libSQL alike.

import { sql } from 'drizzle-orm'
import type { Db, Statement } from '../../src/db/client.ts'
import { INVARIANTS, type InvariantQuery } from './invariant-queries.ts'

/** Rows shown of one broken promise; more only say the same. */
const MAX_ROWS = 20

export interface BrokenRow {
  id: string
  detail: string
}

/** What one check found. */
export interface CheckResult {
  promise: InvariantQuery['promise']
  name: string
  holds: boolean
  /** How many rows break it. */
  broken: number
  /** The first of them. */
  rows: BrokenRow[]
}

/** Runs the checks on one snapshot of the database. `now` is in milliseconds. */
export async function checkInvariants(
  db: Db,
  { checks = INVARIANTS, now = Date.now() }: { checks?: readonly InvariantQuery[]; now?: number } = {},
): Promise<CheckResult[]> {
  const [first, ...rest] = checks.map(check =>
    db.all<BrokenRow & { broken: number }>(sql.raw(limited(check.query, now))),
  )
  if (!first) return []
  const statements: [Statement, ...Statement[]] = [first, ...rest]
  const results = (await db.batch(statements)) as (BrokenRow & { broken: number })[][]
  return checks.map(({ promise, name }, index) => {
    const rows = results[index] ?? []
    const broken = rows[0]?.broken ?? 0
    return {
      promise,
      name,
      holds: broken === 0,
      broken,
      rows: rows.map(({ id, detail }) => ({ id, detail })),
    }
  })
}

const limited = (query: string, now: number): string =>
  `SELECT id, detail, count(*) OVER () AS broken FROM (${query.replaceAll('$now', String(Math.trunc(now)))}) LIMIT ${MAX_ROWS}`

/** The checks that found something. */
export const brokenChecks = (results: readonly CheckResult[]): CheckResult[] =>
  results.filter(({ holds }) => !holds)
