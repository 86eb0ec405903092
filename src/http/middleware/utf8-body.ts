// JSON is UTF-8 (RFC 8259 §8.1). The platform decodes what is not into U+FFFD without a word, so that what is stored would
// not be what was sent: such a body is refused.

import { createMiddleware } from 'hono/factory'
import { DomainError } from '../../lib/errors.ts'
import type { AppEnv } from '../context.ts'
import { invalidJson } from '../errors.ts'

/** Refuses a JSON body that is not UTF-8 with `invalid_json`. */
export const utf8Body = () =>
  createMiddleware<AppEnv>(async function utf8Body(c, next) {
    if (c.req.header('Content-Type')?.includes('json') && !isUtf8(await c.req.arrayBuffer())) {
      throw new DomainError(invalidJson, 'The body is not UTF-8.')
    }
    await next()
  })

function isUtf8(bytes: ArrayBuffer): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    return true
  } catch {
    return false
  }
}
