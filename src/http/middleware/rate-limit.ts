// The coarse rate limit on every route (see rate-limiter.ts for what it promises), and its headers.
// Header form: draft-ietf-httpapi-ratelimit-headers-11.

import type { Context } from 'hono'
import { createMiddleware } from 'hono/factory'
import { DomainError } from '../../lib/errors.ts'
import { runInBackground } from '../background.ts'
import type { AppEnv } from '../context.ts'
import { rateLimited } from '../errors.ts'

const POLICY = 'default'
const WINDOW_SECONDS = 60

/** Counts the request against its client and refuses it with 429 when the window is used up. */
export const rateLimit = () =>
  createMiddleware<AppEnv>(async function rateLimit(c, next) {
    const decision = c.var.deps.rateLimiter.take(clientOf(c))
    const headers = {
      'RateLimit-Policy': `"${POLICY}";q=${decision.limit};w=${WINDOW_SECONDS}`,
      RateLimit: `"${POLICY}";r=${decision.remaining};t=${decision.resetSeconds}`,
    }
    if (!decision.allowed) {
      throw new DomainError(rateLimited, `The limit of ${decision.limit} requests a minute is used up.`, {
        retryAfterSeconds: decision.resetSeconds,
        headers,
      })
    }
    await next()
    if (decision.flush) runInBackground(c, decision.flush())
    for (const [name, value] of Object.entries(headers)) c.res.headers.set(name, value)
  })

/**
 * The client of a request: its network as Cloudflare saw it (src/node.ts sets the same header from the socket).
 * X-Forwarded-For is anybody's to write and never read. IPv6 counts by /64, the least that one customer gets.
 */
function clientOf(c: Context<AppEnv>): string {
  // A socket of both families shows an IPv4 client as ::ffff:192.0.2.1 (RFC 4291 §2.5.5.2).
  const address = (c.req.header('CF-Connecting-IP') ?? 'unknown').replace(/^::ffff:(?=\d+\.)/i, '')
  return address.includes(':') ? network64(address) : address
}

function network64(address: string): string {
  const [head = '', tail] = address.split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail ? tail.split(':') : []
  const zeros = tail === undefined ? [] : Array(Math.max(0, 8 - left.length - right.length)).fill('0')
  const groups = [...left, ...zeros, ...right].slice(0, 4)
  return `${groups.map(group => Number.parseInt(group, 16).toString(16)).join(':')}::/64`
}
