// How an operation is declared and answered. A declaration names exactly the problems that the operation can
// return, and its permission; the OpenAPI document is made of nothing else (INV-TYPED).

import { createRoute, type RouteConfig, z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import type { ErrorKind } from '../lib/errors.ts'
import { type Access, isPermission } from '../lib/permissions.ts'
import { authenticationRequired, permissionMissing, tokenInvalid } from './auth-errors.ts'
import type { Actor, AppEnv, SignedIn } from './context.ts'
import {
  bodyTooLarge,
  internalError,
  invalidInput,
  invalidJson,
  rateLimited,
  unavailable,
  unsupportedMediaType,
} from './errors.ts'
import { requireAccess, signedIn } from './middleware/access.ts'
import { networkOf } from './network.ts'

const FieldErrorSchema = z
  .strictObject({
    in: z.enum(['body', 'query', 'path', 'header']),
    pointer: z.string().openapi({ description: 'JSON Pointer (RFC 6901).', example: '/lines/0/quantity' }),
    code: z.string().openapi({ example: 'too_small' }),
    detail: z.string(),
  })
  .openapi('FieldError')

const ProblemSchema = z
  .looseObject({
    type: z.url().openapi({ description: 'Address of the page that explains the code.' }),
    title: z.string(),
    status: z.int(),
    code: z.string().openapi({ description: 'Stable: branch on this.' }),
    detail: z.string(),
    request_id: z.string().openapi({ description: 'Quote it when you report a problem.' }),
    errors: z.array(FieldErrorSchema).optional(),
  })
  .openapi('Problem', { description: 'RFC 9457 problem details.' })

interface Success {
  status: 200 | 201 | 202 | 204
  description: string
  schema?: z.ZodType
  /** Response headers beside those that every answer has: name and what it says. */
  headers?: Record<string, string>
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
  success: Success
  problems: ErrorKind[]
  /** `optional`: the operation takes an Idempotency-Key; `required`: it refuses to run without one. */
  idempotency?: 'optional' | 'required'
  /** Header parameters that no validator reads. */
  parameters?: {
    name: string
    in: 'header'
    required: boolean
    description: string
    schema: { type: 'string' }
  }[]
}

const RATE_LIMIT_HEADERS = {
  RateLimit: 'What is left: draft-ietf-httpapi-ratelimit-headers-11.',
  'RateLimit-Policy': 'The limit that applies.',
  'X-Request-Id': 'The id of this request, also in the logs.',
}

const header = (description: string) => ({ description, schema: { type: 'string' as const } })

/** Declares an operation: fills in the problems that every operation of its kind has, and their documentation. */
export function operation<
  P extends string,
  const R extends NonNullable<RouteConfig['request']> = Record<never, never>,
>(spec: OperationSpec<P> & { request?: R }) {
  const problems = new Set([
    ...spec.problems,
    ...accessProblems(spec),
    rateLimited,
    internalError,
    unavailable,
  ])
  if (spec.request?.body)
    for (const kind of [invalidJson, bodyTooLarge, unsupportedMediaType, invalidInput]) problems.add(kind)
  if (spec.request?.query) problems.add(invalidInput)

  const responses: RouteConfig['responses'] = { [spec.success.status]: successResponse(spec) }
  for (const [status, kinds] of Map.groupBy(problems, kind => kind.status))
    responses[status] = problemResponse(kinds)

  return createRoute({
    method: spec.method,
    path: spec.path,
    operationId: spec.operationId,
    summary: spec.summary,
    description: spec.description,
    tags: [spec.tag],
    'x-permission': spec.permission,
    security: securityOf(spec.permission),
    middleware: requireAccess(spec.permission),
    request: (spec.request ?? {}) as R,
    parameters: [
      ...(spec.parameters ?? []),
      ...(spec.idempotency ? [idempotencyParameter(spec.idempotency)] : []),
    ],
    responses,
  })
}

/** A bad token is refused on every route that clients call; a missing one, or a lacking right, where one is needed. */
function accessProblems({ permission }: OperationSpec<string>): ErrorKind[] {
  if (permission === 'public' || permission === 'capability') return [tokenInvalid]
  return [tokenInvalid, authenticationRequired, ...(permission === 'buyer' ? [] : [permissionMissing])]
}

/** OpenAPI 3.1 lets a requirement of an `http` scheme list the rights that are needed. */
const securityOf = (access: Access): Record<string, string[]>[] => {
  if (access === 'public') return []
  if (access === 'capability') return [{}, { bearer: [] }]
  return [{ bearer: isPermission(access) ? [access] : [] }]
}

function successResponse(spec: OperationSpec<string>) {
  const headers = {
    ...RATE_LIMIT_HEADERS,
    ...(spec.method === 'get' ? { ETag: 'Strong; send it back as If-None-Match to get 304.' } : {}),
    ...(spec.idempotency
      ? { 'Idempotent-Replayed': '`true` when this is the stored answer to an earlier request.' }
      : {}),
    ...spec.success.headers,
  }
  return {
    description: spec.success.description,
    headers: Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, header(text)])),
    ...(spec.success.schema ? { content: { 'application/json': { schema: spec.success.schema } } } : {}),
  }
}

function problemResponse(kinds: ErrorKind[]) {
  const codes = kinds.map(kind => kind.code)
  const first = kinds[0]
  return {
    description: kinds.map(kind => `\`${kind.code}\`: ${kind.title}.`).join(' '),
    content: {
      'application/problem+json': {
        schema: ProblemSchema.extend({ code: z.enum(codes) }),
        example: {
          type: `https://shop.example/problems/${first?.code}`,
          title: first?.title,
          status: first?.status,
          code: first?.code,
          detail: first?.help,
          request_id: 'req_01KAMRCB9R0000000000000000',
        },
      },
    },
  }
}

const idempotencyParameter = (need: 'optional' | 'required') => ({
  name: 'Idempotency-Key',
  in: 'header' as const,
  required: need === 'required',
  description:
    'A fresh UUID for each thing you want done once. A repeat with the same key and body gets the first answer again (kept 24 hours).',
  schema: { type: 'string' as const, minLength: 16, maxLength: 255, pattern: '^[\\x21-\\x7e]+$' },
  example: '0b4d7a52-0f4e-4a5b-9d1c-6c2a1f3e8b11',
})

/** A JSON request body. It is always required, and always exactly one schema. */
export const jsonBody = <T extends z.ZodType>(schema: T) => ({
  required: true as const,
  content: { 'application/json': { schema } },
})

interface ReplyOptions {
  status?: 200 | 201 | 202
  headers?: Record<string, string>
  /** `no-store` unless said otherwise: most answers hold something personal. */
  cache?: string
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
  if (c.req.method === 'GET' || c.req.method === 'HEAD') {
    headers.ETag = await strongTag(text)
    if (matches(c.req.header('If-None-Match'), headers.ETag)) return c.body(null, 304, headers)
  }
  return c.body(text, options.status ?? 200, { ...headers, 'Content-Type': 'application/json' })
}

/** The caller, as services take it. */
export const actorOf = (c: Context<AppEnv>): Actor => ({
  principal: c.var.principal,
  request_id: c.var.requestId,
  network: networkOf(c),
  idempotency: c.var.idempotency,
})

/** The caller of an operation that needs a login, as services take it. */
export const userOf = (c: Context<AppEnv>): Actor<SignedIn> => ({ ...actorOf(c), principal: signedIn(c) })

/** Answers 204: done, nothing to say. */
export const replyDone = (c: Context<AppEnv>): Response => c.body(null, 204, { 'Cache-Control': 'no-store' })

/**
 * Answers with what a service stored under an Idempotency-Key, or just did: its status and body, marked when it is a
 * replay. A stored problem goes out as it was.
 */
export async function replyStored(
  c: Context<AppEnv>,
  schema: z.ZodType,
  stored: { status: number; body: Record<string, unknown>; replayed: boolean },
  options: { location?: (id: string) => string } = {},
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
  return send(c, schema, body, { status: status === 201 ? 201 : 200, headers })
}

async function strongTag(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return `"${btoa(String.fromCharCode(...new Uint8Array(digest).subarray(0, 18)))}"`
}

// If-None-Match uses the weak comparison (RFC 9110 §13.1.2), so a W/ prefix does not matter.
const matches = (header: string | undefined, tag: string): boolean =>
  header !== undefined &&
  header.split(',').some(part => part.trim() === '*' || part.trim().replace(/^W\//, '') === tag)

/** Shared caches may keep a catalogue answer this long; checkout always prices anew. */
export const CATALOGUE_CACHE = 'public, max-age=30'
