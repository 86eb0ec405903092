// Domain errors: what a service raises when the answer is no. Each has a stable code that clients may branch on.
// Every code is defined once, beside the feature that raises it; `http/problem.ts` renders them as RFC 9457.

/** A kind of failure: its stable code, HTTP status, and a title that never changes. */
export interface ErrorKind {
  readonly code: string
  readonly status: 400 | 401 | 402 | 403 | 404 | 405 | 409 | 412 | 413 | 415 | 422 | 428 | 429 | 500 | 503
  readonly title: string
  /** What the caller can do about it, in a sentence or two: the text of its documentation page. */
  readonly help: string
  /** Further members of its problem document: the JSON Schema of each, with an example. */
  readonly members?: Readonly<
    Record<string, { description: string; example: unknown } & Record<string, unknown>>
  >
}

/** One invalid place in the input. `pointer` is an RFC 6901 JSON Pointer into the part of the request named by `in`. */
export interface FieldError {
  in: 'body' | 'query' | 'path' | 'header'
  pointer: string
  code: string
  detail: string
}

export interface ErrorExtras {
  /** Seconds after which the same request may succeed; becomes the Retry-After header. */
  retryAfterSeconds?: number
  errors?: FieldError[]
  /** Further members of the problem document, such as the quantity that is left. */
  members?: Record<string, unknown>
  headers?: Record<string, string>
}

/**
 * What the log may say of a failure. drizzle puts a failed query's parameters, hence personal data, in its message: that
 * one is left out.
 */
export function describe(thrown: unknown): Record<string, unknown> {
  if (!(thrown instanceof Error)) return { name: typeof thrown }
  const frames = (thrown.stack ?? '').split('\n').filter(line => line.trimStart().startsWith('at '))
  return {
    name: thrown.name,
    ...(thrown.message.startsWith('Failed query') ? {} : { message: thrown.message }),
    frames: frames.slice(0, 8).map(line => line.trim()),
    ...(thrown.cause instanceof Error ? { cause: describe(thrown.cause) } : {}),
  }
}

/** The one error class: a kind, a sentence for this occurrence, and extra members. */
export class DomainError extends Error {
  readonly kind: ErrorKind
  readonly extras: ErrorExtras

  constructor(kind: ErrorKind, detail: string, extras: ErrorExtras = {}) {
    super(detail)
    this.name = 'DomainError'
    this.kind = kind
    this.extras = extras
  }
}
