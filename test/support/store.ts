import type { Db } from '../../src/db/client.ts'

/** A fresh database and the number of calls made to it so far. */
export interface TestStore {
  db: Db
  counter: { calls: number }
}
