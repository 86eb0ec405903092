// Says who calls, from the access token alone: no database call, unless the token is bound to a key, whose every proof is
// good for one request (RFC 9449). A token that does not hold is refused on every route, also on public ones, so that a
// client learns of it at once (RFC 6750 §3.1).

import { createMiddleware } from 'hono/factory'
import { badToken } from '../auth-errors.ts'
import type { AppEnv } from '../context.ts'

/** Ours have about 700 characters; what is longer is not looked at. */
const HEADER = /^(Bearer|DPoP) +([\w-]+\.[\w-]+\.[\w-]+)$/i
const MAX_HEADER_CHARS = 4096

/** Sets `principal`. Raises `token_invalid`. */
export const principal = () =>
  createMiddleware<AppEnv>(async function principal(c, next) {
    const header = c.req.header('Authorization')
    if (header === undefined) {
      c.set('principal', { kind: 'anonymous', id: 'anonymous' })
    } else {
      const { accessTokens, checkProof } = c.var.deps
      const [, scheme = '', token = ''] = (header.length <= MAX_HEADER_CHARS && HEADER.exec(header)) || []
      const verified = token === '' ? null : await accessTokens.verify(token)
      const isBound = scheme.toLowerCase() === 'dpop'
      // A bound token is no bearer token: a thief has the token, and not the key (RFC 9449 §7.1).
      if (!verified || (verified.jkt !== null) !== isBound) throw badToken()
      if (verified.jkt !== null) {
        const { pathname } = new URL(c.req.url)
        const { jkt } = verified
        await checkProof({ proof: c.req.header('DPoP'), method: c.req.method, pathname, token, jkt })
      }
      c.set('principal', verified.principal)
    }
    await next()
  })
