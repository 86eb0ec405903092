// Failures of the transport itself. Those of the domain stand beside their features, in `errors.ts`.

import type { ErrorKind } from '../lib/errors.ts'

export const invalidJson: ErrorKind = {
  code: 'invalid_json',
  status: 400,
  title: 'The body is not valid JSON',
  help: 'Send one JSON document in UTF-8.',
}
export const invalidInput: ErrorKind = {
  code: 'invalid_input',
  status: 422,
  title: 'The input is not valid',
  help: 'Each entry of `errors` names one place, as a JSON Pointer (RFC 6901) into the body, query, path or headers. Unknown fields are refused.',
}
export const invalidCursor: ErrorKind = {
  code: 'invalid_cursor',
  status: 400,
  title: 'The cursor is not one of ours',
  help: 'Use `next_cursor` of the page before as it is, with the same filters and sort; leave it out for the first page.',
}
export const notFound: ErrorKind = {
  code: 'not_found',
  status: 404,
  title: 'There is nothing here',
  help: 'The path does not exist, or what it names does not exist or is not yours to see: the two look the same on purpose.',
}
export const methodNotAllowed: ErrorKind = {
  code: 'method_not_allowed',
  status: 405,
  title: 'This path does not take this method',
  help: 'The `Allow` header lists the methods that it takes.',
}
export const bodyTooLarge: ErrorKind = {
  code: 'body_too_large',
  status: 413,
  title: 'The body is too large',
  help: 'A body may have 256 KiB; an uploaded picture 10 MiB, an import 4 MiB.',
}
export const unsupportedMediaType: ErrorKind = {
  code: 'unsupported_media_type',
  status: 415,
  title: 'This media type is not understood',
  help: 'Send `Content-Type: application/json`, or what else the operation says that it takes.',
}
export const rateLimited: ErrorKind = {
  code: 'rate_limited',
  status: 429,
  title: 'Too many requests',
  help: 'Wait as many seconds as `Retry-After` says. `RateLimit` and `RateLimit-Policy` tell how much is left.',
}
export const internalError: ErrorKind = {
  code: 'internal_error',
  status: 500,
  title: 'Something went wrong on our side',
  help: 'Nothing was changed unless the request can be seen to have worked. Retry with the same Idempotency-Key; report `request_id` if it stays.',
}
export const unavailable: ErrorKind = {
  code: 'unavailable',
  status: 503,
  title: 'The shop cannot answer right now',
  help: 'Retry after as many seconds as `Retry-After` says, with the same Idempotency-Key.',
}

export const notReady: ErrorKind = {
  code: 'not_ready',
  status: 503,
  title: 'The shop cannot serve yet',
  help: '`failing` names what is missing. `database`, `kv`: it does not answer. `migrations`: the database answers but has not all of them. `shop_settings`: it has them all, but no shop was loaded.',
  members: {
    failing: {
      description: 'What is missing.',
      type: 'array',
      items: { type: 'string', enum: ['database', 'kv', 'migrations', 'shop_settings'] },
      example: ['migrations'],
    },
  },
}

export const preconditionRequired: ErrorKind = {
  code: 'precondition_required',
  status: 428,
  title: 'Say which version you change',
  help: 'Send `If-Match` with the `ETag` of the answer that you last read, so that nobody’s change is lost (RFC 6585 §3).',
}
export const versionStale: ErrorKind = {
  code: 'version_stale',
  status: 412,
  title: 'It has changed since you read it',
  help: 'Read it again, apply your change to what is there now, and send the new `ETag` in `If-Match`.',
}

/** The Worker's answer when its configuration does not hold: then there is no app to answer. */
export const misconfigured: ErrorKind = {
  code: 'misconfigured',
  status: 503,
  title: 'The shop is not configured',
  help: 'Its log names every variable, secret and binding that is missing or too weak.',
}

/** Every transport failure, for the registry. */
export const transportErrors = [
  invalidJson,
  invalidInput,
  invalidCursor,
  notFound,
  methodNotAllowed,
  bodyTooLarge,
  unsupportedMediaType,
  rateLimited,
  internalError,
  unavailable,
  preconditionRequired,
  versionStale,
  notReady,
  misconfigured,
]
