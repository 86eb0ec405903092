// Says who calls, from the access token alone: no database call. A token that does not hold is refused on every route,
// also on public ones, so that a client learns of it at once (RFC 6750 §3.1).

import { createMiddleware } from 'hono/factory'
import { badToken } from '../auth-errors.ts'
import type { AppEnv } from '../context.ts'

/** Ours have about 700 characters; what is longer is not looked at. */
const BEARER = /^Bearer +([\w-]+\.[\w-]+\.[\w-]+)$/i
const MAX_HEADER_CHARS = 4096

/** Sets `principal`. Raises `token_invalid`. */
export const principal = () =>
  createMiddleware<AppEnv>(async function principal(c, next) {
    const header = c.req.header('Authorization')
    if (header === undefined) {
      c.set('principal', { kind: 'anonymous', id: 'anonymous' })
    } else {
      const token = header.length <= MAX_HEADER_CHARS ? BEARER.exec(header)?.[1] : undefined
      const signedIn = token === undefined ? null : await c.var.deps.accessTokens.verify(token)
      if (!signedIn) throw badToken()
      c.set('principal', signedIn)
    }
    await next()
  })
