// What travels with a request through the middleware chain: the type of hono's context variables.

import type { Deps } from '../deps.ts'

/** Who calls. Anonymous until accounts exist; rights and limits hang on it. */
export interface Principal {
  kind: 'anonymous'
  id: string
}

/** An Idempotency-Key, already hashed with its scope: the raw key is neither stored nor logged. */
export interface IdempotencyRequest {
  /** SHA-256 over (principal, method, path, key), hex. */
  id: string
  /** SHA-256 over the body's bytes, hex. */
  fingerprint: string
}

/** The caller, as services see it. */
export interface Actor {
  principal: Principal
  request_id: string
  idempotency: IdempotencyRequest | null
}

export interface AppEnv {
  Variables: {
    deps: Deps
    requestId: string
    principal: Principal
    idempotency: IdempotencyRequest | null
    /** Code of the problem that was answered, for the log line. */
    problemCode?: string
  }
}
