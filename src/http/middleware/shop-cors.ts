// CORS: only origins from the configuration may read answers in a browser, never `*`, never `null`.

import type { MiddlewareHandler } from 'hono'
import { cors } from 'hono/cors'
import type { AppEnv } from '../context.ts'

/** Allows the configured origins, and tells browsers which headers they may send and see. */
export const shopCors = (origins: readonly string[]): MiddlewareHandler<AppEnv> =>
  cors({
    origin: origin => (origins.includes(origin) ? origin : null),
    allowMethods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    allowHeaders: [
      'Authorization',
      'Content-Type',
      'DPoP',
      'Idempotency-Key',
      'If-Match',
      'If-None-Match',
      'Order-Token',
      'X-Request-Id',
    ],
    exposeHeaders: [
      'DPoP-Nonce',
      'ETag',
      'Idempotent-Replayed',
      'Location',
      'RateLimit',
      'RateLimit-Policy',
      'Retry-After',
      'WWW-Authenticate',
      'X-Request-Id',
    ],
    maxAge: 600,
  })
