// libSQL over HTTP (Hrana), for the Worker: no socket, no native code.

import { createClient } from '@libsql/client/web'
import { type Db, libsqlDb } from './client.ts'

/** Connects to a libSQL server: `libsql://`, `https://` or `http://`. */
export const connectLibsql = (url: string, authToken: string | undefined): Db =>
  libsqlDb(createClient({ url, authToken }))
