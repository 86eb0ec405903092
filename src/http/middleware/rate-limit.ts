// The coarse rate limit on every route (see rate-limiter.ts for what it promises), and its headers.
// Header form: draft-ietf-httpapi-ratelimit-headers-11.

import { createMiddleware } from 'hono/factory'
import { DomainError } from '../../lib/errors.ts'
import { runInBackground } from '../background.ts'
import type { AppEnv } from '../context.ts'
import { rateLimited } from '../errors.ts'
import { networkOf } from '../network.ts'

const POLICY = 'default'
const WINDOW_SECONDS = 60

/** Counts the request against its client and refuses it with 429 when the window is used up. */
export const rateLimit = () =>
  createMiddleware<AppEnv>(async function rateLimit(c, next) {
    const decision = c.var.deps.rateLimiter.take(networkOf(c))
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
