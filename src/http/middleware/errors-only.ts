// hono hands only instances of Error to its error handler; anything else that is thrown would leave as the platform's own
// text. So whatever a handler throws becomes an Error here, next to the handlers.

import { createMiddleware } from 'hono/factory'
import type { AppEnv } from '../context.ts'

/** Turns a thrown value that is no Error into one. The value itself stays out of it: it may be anything. */
export const errorsOnly = () =>
  createMiddleware<AppEnv>(async function errorsOnly(_c, next) {
    try {
      await next()
    } catch (thrown) {
      throw thrown instanceof Error ? thrown : new Error(`thrown, but no error: ${typeof thrown}`)
    }
  })
