// What can be wrong with an Idempotency-Key.

import type { ErrorKind } from '../lib/errors.ts'

export const idempotencyKeyMissing: ErrorKind = {
  code: 'idempotency_key_missing',
  status: 400,
  title: 'This operation needs an Idempotency-Key',
  help: 'Send `Idempotency-Key: <a fresh UUID>`, and the same one again when you retry.',
}
export const idempotencyKeyInvalid: ErrorKind = {
  code: 'idempotency_key_invalid',
  status: 400,
  title: 'The Idempotency-Key is not usable',
  help: 'A key has 16 to 255 visible ASCII characters. A UUID is best.',
}
export const idempotencyKeyReused: ErrorKind = {
  code: 'idempotency_key_reused',
  status: 422,
  title: 'The Idempotency-Key was used for another request',
  help: 'The same key came with a different body. Use a fresh key for each thing you want done.',
}
export const idempotencyInProgress: ErrorKind = {
  code: 'idempotency_in_progress',
  status: 409,
  title: 'The first request with this key is still running',
  help: 'Repeat the same request after as many seconds as `Retry-After` says; it will get the first one’s answer.',
}

/**
 * What every operation that takes an Idempotency-Key may answer. One that calls a payment provider also answers
 * `idempotency_in_progress`: only there does a key stand open while something outside the database is waited for.
 */
export const idempotencyErrors = [idempotencyKeyInvalid, idempotencyKeyReused]
