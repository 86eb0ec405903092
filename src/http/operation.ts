// How an operation is declared and answered. A declaration names exactly the problems that the operation can
// return, and its permission; the OpenAPI document is made of nothing else (INV-TYPED).

import { createRoute, type RouteConfig, z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { createMiddleware } from 'hono/factory'
import { DomainError, type ErrorKind } from '../lib/errors.ts'
import { type Access, isPermission } from '../lib/permissions.ts'
import type { AppScope } from '../lib/scopes.ts'
import {
  authenticationRequired,
  ownLoginRequired,
  permissionMissing,
  scopeMissing,
  secondFactorRequired,
  tokenInvalid,
} from './auth-errors.ts'
import type { Actor, AppEnv, ServiceClient, SignedIn } from './context.ts'
import {
  bodyTooLarge,
  internalError,
  invalidInput,
  invalidJson,
  preconditionRequired,
  rateLimited,
  unavailable,
  unsupportedMediaType,
  versionStale,
} from './errors.ts'
import { requireAccess, signedIn, staffCaller } from './middleware/access.ts'
import { networkOf } from './network.ts'
import {
  COUNTED,
  type HeaderName,
  notModifiedResponse,
  problemResponses,
  successResponse,
  UNCOUNTED,
} from './responses.ts'

interface Success {
  status: 200 | 201 | 202 | 204
  description: string
  schema?: z.ZodType
  /** Of the body; JSON when left out. */
  mediaType?: string
  /** Where the schema's own example does not fit. */
  example?: unknown
  /** Response headers beside those that every answer of its kind has. */
  headers?: HeaderName[]
}

interface OperationSpec<P extends string> {
  method: 'get' | 'post' | 'put' | 'patch' | 'delete'
  path: P
  operationId: string
  summary: string
  description: string
  tag: string
  /** Who may call; enforced from here (middleware/access.ts) and shown in the document. */
  permission: Access
  /**
   * What an app needs that acts for a person. Without one, an app cannot call a `buyer` operation at all, and calls a public
   * one as nobody.
   */
  scope?: AppScope
  /** Takes the person's own login: no app and no service client, whatever its scopes. For what gives and takes rights. */
  inPerson?: true
  success: Success
  problems: ErrorKind[]
  /** False for what asks nothing of the database. */
  usesStore?: false
  /** For whoever watches the process: mounted in front of limits and tokens, reports the store's failure in its own way. */
  isProbe?: true
  /** `optional`: the operation takes an Idempotency-Key; `required`: it refuses to run without one. */
  idempotency?: 'optional' | 'required'
  /** The answer is written while it is read: it has no ETag, and is never "not modified". */
  streams?: true
  /** A write that must name the version it changes (`If-Match`); the handler reads it with `versionOf`. */
  conditional?: true
  /** Header parameters that no validator reads. */
  parameters?: {
    name: string
    in: 'header'
    required: boolean
    description: string
    schema: { type: 'string' }
    example: string
  }[]
}

/** What an operation without query parameters takes: none. Unknown ones are refused, as unknown fields are (INV-STRICT). */
const NO_QUERY = z.strictObject({})

/** Declares an operation: fills in the problems that every operation of its kind has, and their documentation. */
export function operation<
  P extends string,
  const R extends NonNullable<RouteConfig['request']> = Record<never, never>,
>(spec: OperationSpec<P> & { request?: R }) {
  const isRead = spec.method === 'get'
  const isTagged = isRead && !spec.streams
  const query = spec.request?.query ?? (spec.path.startsWith('/v1/') ? NO_QUERY : undefined)
  const request = { ...spec.request, ...(query ? { query } : {}) }
  const problems = [...spec.problems, internalError]
  if (!spec.isProbe) problems.push(...accessProblems(spec), rateLimited)
  if (!spec.isProbe && spec.usesStore !== false) problems.push(unavailable)
  if (!isRead) problems.push(bodyTooLarge)
  if (request.body) problems.push(unsupportedMediaType)
  if (request.body?.content['application/json']) problems.push(invalidJson)
  if (request.body || query) problems.push(invalidInput)
  if (spec.conditional) problems.push(preconditionRequired, versionStale)

  const headers: HeaderName[] = [...(spec.success.headers ?? [])]
  if (isTagged || (spec.conditional && spec.success.schema)) headers.push('ETag')
  if (spec.idempotency) headers.push('Idempotent-Replayed')
  const everywhere = spec.isProbe ? UNCOUNTED : COUNTED

  return createRoute({
    method: spec.method,
    path: spec.path,
    operationId: spec.operationId,
    summary: spec.summary,
    description: spec.description,
    tags: [spec.tag],
    'x-permission': spec.permission,
    ...(spec.scope ? { 'x-app-scope': spec.scope } : {}),
    ...(spec.inPerson ? { 'x-in-person': true } : {}),
    security: securityOf(spec),
    middleware: [
      // A probe stands in front of the tokens: nobody knows yet who calls.
      ...(spec.isProbe
        ? []
        : [
            requireAccess({
              access: spec.permission,
              operation: spec.operationId,
              scope: spec.scope,
              inPerson: spec.inPerson,
            }),
          ]),
      ...(request.body ? [needsBody] : []),
    ],
    request: request as R,
    parameters: [
      ...(spec.parameters ?? []),
      ...(spec.idempotency ? [idempotencyParameter(spec.idempotency)] : []),
      ...(spec.conditional ? [ifMatchParameter] : []),
    ],
    responses: {
      [spec.success.status]: successResponse(spec.success, headers, everywhere),
      ...(isTagged ? { 304: notModifiedResponse(everywhere) } : {}),
      ...problemResponses(problems, everywhere),
    },
  })
}

/** A bad token is refused on every route that clients call; a missing one, or a lacking right, where one is needed. */
function accessProblems({ permission, scope, inPerson }: OperationSpec<string>): ErrorKind[] {
  if (permission === 'public' || permission === 'capability') return [tokenInvalid]
  const lacking =
    permission === 'buyer'
      ? [ownLoginRequired, ...(scope ? [scopeMissing] : [])]
      : [permissionMissing, secondFactorRequired, ...(inPerson ? [ownLoginRequired] : [])]
  return [tokenInvalid, authenticationRequired, ...lacking]
}

/** OpenAPI 3.1 lets a requirement of an `http` scheme list the rights that are needed. */
const securityOf = ({ permission, scope }: OperationSpec<string>): Record<string, string[]>[] => {
  if (permission === 'public') return []
  const scopes = scope ? [scope] : []
  if (permission === 'capability') return [{}, { bearer: scopes }]
  return [{ bearer: isPermission(permission) ? [permission] : scopes }]
}

/** Without it, a request with neither body nor media type would count as an empty object. */
const needsBody = createMiddleware<AppEnv>(async function needsBody(c, next) {
  if (!c.req.header('Content-Type')) throw new DomainError(unsupportedMediaType, unsupportedMediaType.help)
  await next()
})

const idempotencyParameter = (need: 'optional' | 'required') => ({
  name: 'Idempotency-Key',
  in: 'header' as const,
  required: need === 'required',
  description:
    'A fresh UUID for each thing you want done once. A repeat with the same key and body gets the first answer again (kept 24 hours).',
  schema: { type: 'string' as const, minLength: 16, maxLength: 255, pattern: '^[\\x21-\\x7e]+$' },
  example: '0b4d7a52-0f4e-4a5b-9d1c-6c2a1f3e8b11',
})

const ifMatchParameter = {
  name: 'If-Match',
  in: 'header' as const,
  required: true,
  description:
    'The `ETag` of the answer that you last read of this. Changed since then by anybody: 412, and nothing happens.',
  schema: { type: 'string' as const },
  example: '"7.k3J9yq0aYzvR2m8w1bXcQe7T"',
}

/** A JSON request body. It is always required, and always exactly one schema. */
export const jsonBody = <T extends z.ZodType>(schema: T) => ({
  required: true as const,
  content: { 'application/json': { schema } },
})

/** A request body of other media types, which the handler reads with `bytesOf`. */
export const rawBody = (types: readonly string[]) => ({
  required: true as const,
  content: Object.fromEntries(
    types.map(type => [type, { schema: z.string().openapi({ format: 'binary' }) }]),
  ),
})

/** The bytes of a body, if it is of one of these media types. Raises `unsupported_media_type`. */
export async function bytesOf<T extends string>(
  c: Context<AppEnv>,
  types: readonly T[],
): Promise<{ type: T; bytes: ArrayBuffer }> {
  const said = c.req.header('Content-Type')?.split(';')[0]?.trim().toLowerCase()
  const type = types.find(each => each === said)
  if (!type) throw new DomainError(unsupportedMediaType, `This takes ${types.join(', ')}.`)
  return { type, bytes: await c.req.arrayBuffer() }
}

interface ReplyOptions {
  status?: 200 | 201 | 202
  headers?: Record<string, string>
  /** `no-store` unless said otherwise: most answers hold something personal. */
  cache?: string
  /** The version of what is answered: leads the ETag, which a later write sends back in `If-Match` (conditional.ts). */
  version?: number
}

/**
 * Answers with a body that has been checked against its schema: nothing leaves that the document does not describe.
 * A GET gets a strong ETag, and 304 when the client has that already (RFC 9110 §13.1.2).
 */
export const reply = <T extends z.ZodType>(
  c: Context<AppEnv>,
  schema: T,
  body: z.input<T>,
  options: ReplyOptions = {},
): Promise<Response> => send(c, schema, body, options)

async function send(
  c: Context<AppEnv>,
  schema: z.ZodType,
  body: unknown,
  options: ReplyOptions,
): Promise<Response> {
  const text = JSON.stringify(schema.parse(body))
  const headers: Record<string, string> = { 'Cache-Control': options.cache ?? 'no-store', ...options.headers }
  const isRead = c.req.method === 'GET' || c.req.method === 'HEAD'
  if (isRead || options.version !== undefined) headers.ETag = await strongTag(text, options.version)
  if (isRead && headers.ETag && matches(c.req.header('If-None-Match'), headers.ETag)) {
    return c.body(null, 304, headers)
  }
  return c.body(text, options.status ?? 200, { ...headers, 'Content-Type': 'application/json' })
}

/** The caller, as services take it. */
export const actorOf = (c: Context<AppEnv>): Actor => ({
  principal: c.var.principal,
  request_id: c.var.requestId,
  network: networkOf(c),
  network_key: c.var.networkKey ?? null,
  idempotency: c.var.idempotency,
})

/** The caller of an operation that needs a login, as services take it. */
export const userOf = (c: Context<AppEnv>): Actor<SignedIn> => ({ ...actorOf(c), principal: signedIn(c) })

/** The caller of an operation that needs a right, as services take it: staff, or a service client. */
export const staffOf = (c: Context<AppEnv>): Actor<SignedIn | ServiceClient> => ({
  ...actorOf(c),
  principal: staffCaller(c),
})

/** Answers 204: done, nothing to say. */
export const replyDone = (c: Context<AppEnv>): Response => c.body(null, 204, { 'Cache-Control': 'no-store' })

/**
 * Answers with what a service stored under an Idempotency-Key, or just did: its status and body, marked when it is a
 * replay. A stored problem goes out as it was. `version` is the one that what was created has.
 */
export async function replyStored(
  c: Context<AppEnv>,
  schema: z.ZodType,
  stored: { status: number; body: Record<string, unknown>; replayed: boolean },
  options: { location?: (id: string) => string; version?: number } = {},
): Promise<Response> {
  const { status, body, replayed } = stored
  const headers: Record<string, string> = replayed ? { 'Idempotent-Replayed': 'true' } : {}
  if (status >= 400) {
    c.set('problemCode', String(body.code))
    return c.body(JSON.stringify(body), status as 402, {
      ...headers,
      'Content-Type': 'application/problem+json',
      'Cache-Control': 'no-store',
    })
  }
  if (status === 201 && options.location) headers.Location = options.location(String(body.id))
  return send(c, schema, body, { status: status === 201 ? 201 : 200, headers, version: options.version })
}

async function strongTag(text: string, version?: number): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  const hash = btoa(String.fromCharCode(...new Uint8Array(digest).subarray(0, 18)))
  return version === undefined ? `"${hash}"` : `"${version}.${hash}"`
}

// If-None-Match uses the weak comparison (RFC 9110 §13.1.2), so a W/ prefix does not matter.
const matches = (header: string | undefined, tag: string): boolean =>
  header?.split(',').some(part => part.trim() === '*' || part.trim().replace(/^W\//, '') === tag) ?? false

/** Shared caches may keep a catalogue answer this long; checkout always prices anew. */
export const CATALOGUE_CACHE = 'public, max-age=30'
