// Reads the Idempotency-Key (draft-ietf-httpapi-idempotency-key-header) of POST requests and hashes it with its scope.
// The record itself is written by the service, in the same unit as its effect (INV-ATOMIC), so here is no storage.

import { createMiddleware } from 'hono/factory'
import { DomainError } from '../../lib/errors.ts'
import { sha256 } from '../../lib/hash.ts'
import { type AppEnv, personOf } from '../context.ts'
import { idempotencyKeyInvalid } from '../idempotency-errors.ts'

/** A guest's key is also what keeps others from replaying the answer, hence the least length. */
const KEY = /^[\x21-\x7e]{16,255}$/

/** Sets `idempotency`, or null when the request carries no key. */
export const idempotency = () =>
  createMiddleware<AppEnv>(async function idempotency(c, next) {
    const key = c.req.method === 'POST' ? c.req.header('Idempotency-Key') : undefined
    if (key === undefined) {
      c.set('idempotency', null)
    } else {
      if (!KEY.test(key)) {
        throw new DomainError(
          idempotencyKeyInvalid,
          'The key must be 16 to 255 visible ASCII characters, such as a UUID.',
        )
      }
      const [id, fingerprint] = await Promise.all([
        sha256(JSON.stringify([c.var.principal.id, c.req.method, c.req.path, key])),
        sha256(await c.req.arrayBuffer()),
      ])
      const { principal } = c.var
      c.set('idempotency', {
        id,
        fingerprint,
        user_id: personOf(principal)?.id ?? null,
      })
    }
    await next()
  })
