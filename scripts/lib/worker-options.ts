// What the process that starts a server and the server's own process tell each other.

/** The D1 database's id in wrangler.toml; local state is filed under it. */
export const DATABASE_ID = '00000000-0000-0000-0000-000000000000'

/** What to serve, and from where. */
export interface ServerOptions {
  /** Directory of the D1 and KV data. */
  directory: string
  /** The Worker: an ES module. */
  scriptPath: string
  compatibility_date: string
  compatibility_flags: string[]
  vars?: Record<string, string>
  /** Further modules of text, by the name under which the Worker imports them, and their files. */
  texts?: Record<string, string>
}

export type ServerMessage = { kind: 'ready'; url: string } | { kind: 'failed'; message: string }

/** Settings of a shop under load: local, never limited by rate. */
export const TEST_VARS: Record<string, string> = {
  ENVIRONMENT: 'test',
  PUBLIC_URL: 'http://127.0.0.1',
  TOKEN_SECRET: 'local-only-token-secret-of-load-tests',
  RATE_LIMIT_PER_MINUTE: '999999999',
}
