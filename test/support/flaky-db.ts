// A database of which single calls are lost, go unanswered, or are preceded by something else: the crash or the race
// between two calls of a purchase, at a chosen place.

import type { Db } from '../../src/db/client.ts'

type Run = () => Promise<unknown>
/** What becomes of one `batch` call. */
export type Fate = (run: Run) => Promise<unknown>

const failure = () => new Error('D1_ERROR: Network connection lost.')

/** All is well. */
export const fine: Fate = run => run()
/** The call never reaches the database. */
export const lost: Fate = async () => {
  throw failure()
}
/** The database commits, and the answer is lost. */
export const unanswered: Fate = async run => {
  await run()
  throw failure()
}
/** Something else happens first. */
export const precededBy =
  (work: () => Promise<unknown>): Fate =>
  async run => {
    await work()
    return run()
  }

/** Wraps a database; `next(…)` tells the fates of the calls to come, those after them are fine. */
export function aFlakyDb(db: Db): { db: Db; next(...fates: Fate[]): void } {
  let fates: Fate[] = []
  const batch = (...args: unknown[]) => (fates.shift() ?? fine)(() => Reflect.apply(db.batch, db, args))
  return {
    db: new Proxy(db, { get: (target, name) => (name === 'batch' ? batch : Reflect.get(target, name)) }),
    next: (...coming) => {
      fates = coming
    },
  }
}
