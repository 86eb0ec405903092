// How answers are described in the OpenAPI document. What many operations share (headers, the problem document, the
// answers of the transport) is a component that they refer to, so that the document stays small enough to read.

import { type RouteConfig, z } from '@hono/zod-openapi'
import type { ErrorKind, FieldError } from '../lib/errors.ts'
import type { OAuthErrorCode } from '../lib/oauth-error.ts'
import {
  ownLoginRequired,
  permissionMissing,
  scopeMissing,
  secondFactorRequired,
  tokenInvalid,
} from './auth-errors.ts'
import {
  bodyTooLarge,
  internalError,
  invalidInput,
  invalidJson,
  notFound,
  rateLimited,
  unavailable,
  unsupportedMediaType,
} from './errors.ts'

type Responses = RouteConfig['responses']
type ResponseSpec = Responses[string]

const FIELD_ERROR: FieldError = {
  in: 'body',
  pointer: '/lines/0/quantity',
  code: 'too_small',
  detail: 'Must be at least 1.',
}

const FieldErrorSchema = z
  .strictObject({
    in: z.enum(['body', 'query', 'path', 'header']),
    pointer: z.string().openapi({ description: 'JSON Pointer (RFC 6901).' }),
    code: z.string(),
    detail: z.string(),
  })
  .openapi('FieldError', {
    description: 'One place in the request that is not valid.',
    example: FIELD_ERROR,
  })

export const ProblemSchema = z
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

const text = (description: string, example: string) => ({
  description,
  example,
  schema: { type: 'string' as const },
})

/** Every header that an answer may have, for `components.headers`. */
export const headerComponents = {
  ETag: text(
    'Strong. Send it back as `If-None-Match` to get 304 while nothing has changed.',
    '"k3J9yq0aYzvR2m8w1bXcQe7T"',
  ),
  'Idempotent-Replayed': text('`true` when this is the stored answer to an earlier request.', 'true'),
  Location: text('Where the new thing is.', '/v1/carts/cart_01M81J18G0P9G5X99KB9F3PYQJP5ZBJMSVQH'),
  RateLimit: text('What is left: draft-ietf-httpapi-ratelimit-headers-11.', '"default";r=599;t=42'),
  'RateLimit-Policy': text('The limit that applies.', '"default";q=600;w=60'),
  'Retry-After': text('Seconds after which the same request may succeed.', '2'),
  'WWW-Authenticate': text('The challenge of RFC 6750: how to authenticate.', 'Bearer error="invalid_token"'),
  'X-Request-Id': text('The id of this request, also in the logs.', 'req_01M81J18G0F1WA11106WFXGE54'),
}
export type HeaderName = keyof typeof headerComponents

/** Headers of every answer to a request that the rate limit counts. */
export const COUNTED: readonly HeaderName[] = ['X-Request-Id', 'RateLimit', 'RateLimit-Policy']
/** Headers of every answer to any other request. */
export const UNCOUNTED: readonly HeaderName[] = ['X-Request-Id']
const RETRYABLE: ReadonlySet<ErrorKind['status']> = new Set([409, 429, 503])

const headers = (names: readonly HeaderName[]) =>
  Object.fromEntries(names.map(name => [name, { $ref: `#/components/headers/${name}` }]))

/** The answer when all went well. */
export const successResponse = (
  {
    description,
    schema,
    example,
    mediaType = 'application/json',
  }: { description: string; schema?: z.ZodType; example?: unknown; mediaType?: string },
  names: readonly HeaderName[],
  everywhere: readonly HeaderName[],
): ResponseSpec => ({
  description,
  headers: headers([...everywhere, ...names]),
  ...(schema ? { content: { [mediaType]: { schema, ...(example ? { example } : {}) } } } : {}),
})

/** The answer to a conditional GET of something that has not changed (RFC 9110 §15.4.5). */
export const notModifiedResponse = (everywhere: readonly HeaderName[]): ResponseSpec => ({
  description: 'Not changed: the ETag is the one in `If-None-Match`.',
  headers: headers([...everywhere, 'ETag']),
})

/** The answers for all problems of an operation, one a status, each with exactly the codes that can occur. */
export function problemResponses(kinds: Iterable<ErrorKind>, everywhere: readonly HeaderName[]): Responses {
  const responses: Responses = {}
  for (const [status, group] of Map.groupBy(new Set(kinds), kind => kind.status)) {
    const [only] = group
    const shared = everywhere === COUNTED && group.length === 1 && only && SHARED.includes(only)
    responses[status] = shared
      ? { $ref: `#/components/responses/${only.code}` }
      : problemResponse(group, everywhere)
  }
  return responses
}

/** Problems that so many operations have that their answer is a component of its own. */
const SHARED = [
  tokenInvalid,
  invalidJson,
  notFound,
  bodyTooLarge,
  unsupportedMediaType,
  rateLimited,
  internalError,
  unavailable,
]

/** The shared answers by name, for `components.responses`. */
export const responseComponents = () =>
  Object.fromEntries(SHARED.map(kind => [kind.code, problemResponse([kind], COUNTED)]))

/** Refusals that RFC 6750 §3.1 wants a challenge with. */
const CHALLENGED: ReadonlySet<ErrorKind> = new Set([
  permissionMissing,
  secondFactorRequired,
  scopeMissing,
  ownLoginRequired,
])

function problemResponse(kinds: ErrorKind[], everywhere: readonly HeaderName[]) {
  const retryable = kinds.some(kind => RETRYABLE.has(kind.status))
  // A body that is too large is refused before the request is counted, so that answer has no RateLimit.
  const always = kinds.includes(bodyTooLarge) ? UNCOUNTED : everywhere
  const challenges = kinds.some(kind => kind.status === 401 || CHALLENGED.has(kind))
  const members = Object.assign({}, ...kinds.map(kind => kind.members ?? {}))
  return {
    description: kinds.map(kind => `\`${kind.code}\`: ${kind.title}.`).join(' '),
    headers: headers([
      ...always,
      ...(retryable ? (['Retry-After'] as const) : []),
      ...(challenges ? (['WWW-Authenticate'] as const) : []),
    ]),
    content: {
      'application/problem+json': {
        schema: {
          allOf: [{ $ref: '#/components/schemas/Problem' }],
          properties: { code: { enum: kinds.map(kind => kind.code) }, ...members },
        },
        examples: Object.fromEntries(
          kinds.map(({ code }) => [code, { $ref: `#/components/examples/${code}` }]),
        ),
      },
    },
  }
}

/** An error of an OAuth endpoint (RFC 6749 §5.2). */
export function oauthErrorResponse(
  codes: OAuthErrorCode[],
  names: readonly HeaderName[],
  everywhere: readonly HeaderName[],
): ResponseSpec {
  const [example] = codes
  return {
    description: `${codes.map(code => `\`${code}\``).join(', ')} (RFC 6749 §5.2).`,
    headers: headers([...everywhere, ...names]),
    content: {
      'application/json': {
        schema: {
          type: 'object',
          required: ['error', 'error_description'],
          properties: { error: { enum: codes }, error_description: { type: 'string' } },
        },
        example: { error: example, error_description: 'What was wrong, for whoever writes the client.' },
      },
    },
  }
}

/** An example of a problem's document; `type` is on the shop at `publicUrl`. */
export const problemExample = (kind: ErrorKind, publicUrl: string) => ({
  type: `${publicUrl}/problems/${kind.code}`,
  title: kind.title,
  status: kind.status,
  code: kind.code,
  detail: kind.help,
  request_id: 'req_01M81J18G0F1WA11106WFXGE54',
  ...(kind === invalidInput ? { errors: [FIELD_ERROR] } : {}),
  ...Object.fromEntries(Object.entries(kind.members ?? {}).map(([name, schema]) => [name, schema.example])),
})
