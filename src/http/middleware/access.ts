// Enforces what an operation declares about who may call it. `operation()` puts it in front of every route, before the
// input is even read, so no route can forget it (default deny: an operation without a declaration does not compile).

import type { Context } from 'hono'
import { createMiddleware } from 'hono/factory'
import { type Access, isPermission } from '../../lib/permissions.ts'
import { badToken, lackingPermission, noToken } from '../auth-errors.ts'
import type { AppEnv, SignedIn } from '../context.ts'

/**
 * Lets through whom the declaration names. A staff right must stand in the token and in the database at this moment,
 * so that a right taken away, or an ended session, counts from the next request on.
 * Raises `authentication_required`, `token_invalid`, `permission_missing`.
 */
export const requireAccess = (access: Access) =>
  createMiddleware<AppEnv>(async function requireAccess(c, next) {
    if (access !== 'public' && access !== 'capability') {
      const caller = signedIn(c)
      if (isPermission(access)) {
        if (!caller.permissions.includes(access)) throw lackingPermission(access)
        const current = await c.var.deps.currentPermissions(caller)
        if (current === null) throw badToken()
        if (!current.includes(access)) throw lackingPermission(access)
      }
    }
    await next()
  })

/** The caller of an operation that needs a login. Raises `authentication_required`. */
export function signedIn(c: Context<AppEnv>): SignedIn {
  const { principal } = c.var
  if (principal.kind === 'anonymous') throw noToken()
  return principal
}
