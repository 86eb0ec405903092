// One JSON line a request. It names the route's pattern, never the path: paths carry ids that are rights
// (a guest's cart), and queries carry what people search for. No address, no token, no body.

import { createMiddleware } from 'hono/factory'
import { matchedRoutes } from 'hono/route'
import type { AppEnv } from '../context.ts'

/** Logs each request when it is answered. */
export const requestLog = () =>
  createMiddleware<AppEnv>(async function requestLog(c, next) {
    const { clock, log } = c.var.deps
    const started = clock()
    await next()
    const status = c.res.status
    log(status >= 500 ? 'error' : 'info', 'request', {
      request_id: c.var.requestId,
      method: c.req.method,
      route: matchedRoutes(c).findLast(route => !route.path.includes('*'))?.path ?? 'none',
      status,
      ...(c.var.problemCode ? { code: c.var.problemCode } : {}),
      duration_ms: clock() - started,
    })
  })
