// Says who calls. The seam for accounts, staff and agents: until they exist, everybody is anonymous.

import { createMiddleware } from 'hono/factory'
import type { AppEnv } from '../context.ts'

/** Sets `principal`. */
export const principal = () =>
  createMiddleware<AppEnv>(async function principal(c, next) {
    c.set('principal', { kind: 'anonymous', id: 'anonymous' })
    await next()
  })
