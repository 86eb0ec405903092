// Security headers on every answer. Pages of our own (the API docs) bring a policy of theirs; all else may load nothing.

import { createMiddleware } from 'hono/factory'
import type { AppEnv } from '../context.ts'

const NOTHING = "default-src 'none'; frame-ancestors 'none'"

/** Sets nosniff, referrer, framing and content policies, and HSTS where the shop is on https. */
export const securityHeaders = () =>
  createMiddleware<AppEnv>(async function securityHeaders(c, next) {
    await next()
    const { headers } = c.res
    if (!headers.has('Content-Security-Policy')) headers.set('Content-Security-Policy', NOTHING)
    headers.set('X-Content-Type-Options', 'nosniff')
    headers.set('Referrer-Policy', 'no-referrer')
    headers.set('X-Frame-Options', 'DENY')
    if (c.var.deps.config.PUBLIC_URL.startsWith('https:')) {
      headers.set('Strict-Transport-Security', 'max-age=31536000; includeSubDomains')
    }
  })
