// One error format: every failure leaves as RFC 9457 problem+json with a stable `code` and the request's id
// (INV-TYPED). What a client may not know (stacks, SQL, causes) never gets past here.

import type { Context } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { isStoreUnavailable } from '../db/errors.ts'
import { DomainError, describe, type ErrorKind } from '../lib/errors.ts'
import type { AppEnv } from './context.ts'
import { bodyTooLarge, internalError, invalidJson, unavailable, unsupportedMediaType } from './errors.ts'

const RETRY_SECONDS = 2

/** The problem document of a domain error. `type` is the address of the code's documentation page. */
export const problemDocument = (error: DomainError, requestId: string, publicUrl: string) => ({
  type: `${publicUrl}/problems/${error.kind.code}`,
  title: error.kind.title,
  status: error.kind.status,
  code: error.kind.code,
  detail: error.message,
  request_id: requestId,
  ...(error.extras.errors ? { errors: error.extras.errors } : {}),
  ...error.extras.members,
})

/** Renders a domain error as the reply. */
export function problem(c: Context<AppEnv>, error: DomainError): Response {
  const { kind, extras } = error
  c.set('problemCode', kind.code)
  const headers: Record<string, string> = {
    ...extras.headers,
    'Content-Type': 'application/problem+json',
    'Cache-Control': 'no-store',
  }
  const challenge = headers['WWW-Authenticate']
  if (challenge) headers['WWW-Authenticate'] = withMetadata(challenge, c.var.deps.config.PUBLIC_URL)
  if (extras.retryAfterSeconds !== undefined) headers['Retry-After'] = String(extras.retryAfterSeconds)
  const document = problemDocument(error, c.var.requestId, c.var.deps.config.PUBLIC_URL)
  return c.body(JSON.stringify(document), kind.status, headers)
}

/** Says in a challenge where a client that knows nothing yet learns how to get a token (RFC 9728 §5.1). */
function withMetadata(challenge: string, publicUrl: string): string {
  const glue = challenge.includes(' ') ? ', ' : ' '
  return `${challenge}${glue}resource_metadata="${publicUrl}/.well-known/oauth-protected-resource"`
}

/** Turns whatever was thrown into a domain error. A bug or an unknown failure becomes `internal_error`, and is logged whole. */
export function toDomainError(thrown: unknown, c: Context<AppEnv>): DomainError {
  if (thrown instanceof DomainError) return thrown
  if (thrown instanceof HTTPException) {
    const kind = TRANSPORT[thrown.status]
    if (kind) return new DomainError(kind, kind.help)
  }
  if (isStoreUnavailable(thrown)) {
    c.var.deps.log('error', 'store unavailable', { request_id: c.var.requestId, error: describe(thrown) })
    return new DomainError(unavailable, 'The store does not answer.', { retryAfterSeconds: RETRY_SECONDS })
  }
  c.var.deps.log('error', 'unhandled', { request_id: c.var.requestId, error: describe(thrown) })
  return new DomainError(internalError, 'The request could not be handled.')
}

const TRANSPORT: Record<number, ErrorKind> = {
  400: invalidJson,
  413: bodyTooLarge,
  415: unsupportedMediaType,
}
