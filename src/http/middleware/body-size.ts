// How large a body may be: small everywhere, and larger on the few paths that take files.

import { bodyLimit } from 'hono/body-limit'
import { createMiddleware } from 'hono/factory'
import { DomainError } from '../../lib/errors.ts'
import type { AppEnv } from '../context.ts'
import { bodyTooLarge } from '../errors.ts'

const MAX_BODY_BYTES = 256 * 1024

const limitTo = (maxSize: number) =>
  bodyLimit({
    maxSize,
    onError: () => {
      throw new DomainError(bodyTooLarge, `A body may have ${maxSize} bytes here.`)
    },
  })

/** Refuses larger bodies with `body_too_large`. `larger` names paths with a limit of their own, in bytes. */
export const bodySize = (larger: Readonly<Record<string, number>>) => {
  const usual = limitTo(MAX_BODY_BYTES)
  const own = new Map(Object.entries(larger).map(([path, bytes]) => [path, limitTo(bytes)]))
  return createMiddleware<AppEnv>(async function bodySize(c, next) {
    return (own.get(c.req.path) ?? usual)(c, next)
  })
}
