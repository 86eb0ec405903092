// One normaliser for the errors of D1 and libSQL. Drivers wrap them differently (drizzle's DrizzleQueryError, D1's
// plain Error, LibsqlBatchError), so the chain of causes is walked, and only the name of what refused is taken out.

const CONSTRAINT_MESSAGES = [
  /CHECK constraint failed: (\w+)/,
  /UNIQUE constraint failed: ([\w.]+)/,
  // RAISE(ABORT, 'name') of our triggers.
  /(?:D1_ERROR|SQLITE_CONSTRAINT_TRIGGER|SQLITE_CONSTRAINT|SQLite error)[^:]*: ([a-z]+(?:_[a-z]+)+)/,
  /(FOREIGN KEY) constraint failed/,
]
const UNAVAILABLE =
  /SQLITE_BUSY|database is locked|Network connection lost|storage caused object to be reset|D1 DB is overloaded|D1_ERROR: .*(?:timed out|overloaded|internal error)|fetch failed|ECONNREFUSED|ECONNRESET|HTTP status 5\d\d/i

function* causes(thrown: unknown): Generator<Error> {
  let current = thrown
  for (let depth = 0; depth < 8 && current instanceof Error; depth++) {
    yield current
    current = current.cause
  }
}

/**
 * Returns the name of the constraint or trigger that aborted a unit: a CHECK's name, a trigger's RAISE text,
 * "table.column" of a UNIQUE, or "FOREIGN KEY". Null when the error is something else.
 */
export function violatedConstraint(thrown: unknown): string | null {
  for (const error of causes(thrown)) {
    for (const pattern of CONSTRAINT_MESSAGES) {
      const name = pattern.exec(error.message)?.[1]
      if (name) return name
    }
  }
  return null
}

/** Says whether the store itself is out of reach or overloaded, so that a retry may help. */
export function isStoreUnavailable(thrown: unknown): boolean {
  for (const error of causes(thrown)) if (UNAVAILABLE.test(error.message)) return true
  return false
}

/** Says whether a statement named a table that the database does not have. */
export function isMissingTable(thrown: unknown): boolean {
  for (const error of causes(thrown)) if (/no such table/.test(error.message)) return true
  return false
}
