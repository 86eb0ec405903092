// libSQL over HTTP (Hrana), for the Worker: no socket, no native code.

import { createClient } from '@libsql/client/web'
import { type Db, libsqlDb } from './client.ts'

/**
 * The client would let only 20 calls run at a time and start the next when one ends, in the context of a request that may
 * be over by then, which Workers forbid. Workers bound connections themselves.
 */
const NO_QUEUE = Number.MAX_SAFE_INTEGER

/** Connects to a libSQL server: `libsql://`, `https://` or `http://`. */
export const connectLibsql = (url: string, authToken: string | undefined): Db =>
  libsqlDb(createClient({ url, authToken, concurrency: NO_QUEUE }))
