// What travels with a request through the middleware chain: the type of hono's context variables.

import type { Deps } from '../deps.ts'
import type { Permission } from '../lib/permissions.ts'

/** Whoever calls without a token. */
export interface Anonymous {
  kind: 'anonymous'
  id: 'anonymous'
}

/** A person who logged in: what their access token says. Staff are persons with rights, and may buy like anybody. */
export interface SignedIn {
  kind: 'buyer' | 'staff'
  /** User id. */
  id: string
  session_id: string
  /** When the password was last given, in epoch seconds. */
  authenticated_at: number
  /** Rights at the time of the login. What counts is read afresh where a right is needed. */
  permissions: readonly Permission[]
  /** The outside app that acts for the person, and what they let it do; absent in the shop's own logins. */
  app?: { client_id: string; scopes: readonly string[] }
}

/** A back-office system that came by `client_credentials`: no person, only rights. */
export interface ServiceClient {
  kind: 'service'
  /** Client id. */
  id: string
  /** `jti` of its access token, by which the token can be revoked. */
  token_id: string
  permissions: readonly Permission[]
}

/** Who calls; rights and limits hang on it. */
export type Principal = Anonymous | SignedIn | ServiceClient

/** The person who calls, also through an app; null when it is nobody or no person. */
export const personOf = (principal: Principal): SignedIn | null =>
  principal.kind === 'buyer' || principal.kind === 'staff' ? principal : null

/** An Idempotency-Key, already hashed with its scope: the raw key is neither stored nor logged. */
export interface IdempotencyRequest {
  /** SHA-256 over (principal, method, path, key), hex. */
  id: string
  /** SHA-256 over the body's bytes, hex. */
  fingerprint: string
  /** Whose key it is, so that the stored answer can be erased with the person. */
  user_id: string | null
}

/** The caller, as services see it. */
export interface Actor<P extends Principal = Principal> {
  principal: P
  request_id: string
  /** Network of the client: an IPv4 address or an IPv6 /64. */
  network: string
  /** Keyed hash of the network, for the audit log; null where no right of staff was needed. */
  network_key: string | null
  idempotency: IdempotencyRequest | null
}

/** Somebody with a login who lacked a right. */
export interface DeniedAccess {
  caller: SignedIn | ServiceClient
  permission: Permission
  /** operationId of what was refused. */
  operation: string
  request_id: string
  network_key: string
}

export interface AppEnv {
  Variables: {
    deps: Deps
    requestId: string
    principal: Principal
    idempotency: IdempotencyRequest | null
    networkKey?: string
    /** Code of the problem that was answered, for the log line. */
    problemCode?: string
  }
}
