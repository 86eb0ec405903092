// Enforces what an operation declares about who may call it. `operation()` puts it in front of every route, before the
// input is even read, so no route can forget it (default deny: an operation without a declaration does not compile).

import type { Context } from 'hono'
import { createMiddleware } from 'hono/factory'
import type { DomainError } from '../../lib/errors.ts'
import { hmacSha256 } from '../../lib/hash.ts'
import { type Access, isPermission } from '../../lib/permissions.ts'
import { badToken, lackingPermission, noToken } from '../auth-errors.ts'
import type { AppEnv, SignedIn } from '../context.ts'
import { networkOf } from '../network.ts'

/**
 * Lets through whom the declaration names. A staff right must stand in the token and in the database at this moment,
 * so that a right taken away, or an ended session, counts from the next request on. A lacking right is put on record.
 * Raises `authentication_required`, `token_invalid`, `permission_missing`.
 */
export const requireAccess = (access: Access, operation: string) =>
  createMiddleware<AppEnv>(async function requireAccess(c, next) {
    if (access !== 'public' && access !== 'capability') {
      const caller = signedIn(c)
      if (isPermission(access)) {
        const network_key = await networkKeyOf(c)
        c.set('networkKey', network_key)
        const denied = async (): Promise<DomainError> => {
          const { deps, requestId } = c.var
          const facts = { caller, permission: access, operation, request_id: requestId, network_key }
          await deps.recordDenied(facts)
          return lackingPermission(access)
        }
        if (!caller.permissions.includes(access)) throw await denied()
        const current = await c.var.deps.currentPermissions(caller)
        if (current === null) throw badToken()
        if (!current.includes(access)) throw await denied()
      }
    }
    await next()
  })

/** The network as the audit log keeps it: enough to tell two apart, and no address. */
const networkKeyOf = (c: Context<AppEnv>): Promise<string> =>
  hmacSha256(c.var.deps.config.TOKEN_SECRET, `audit-network:${networkOf(c)}`)

/** The caller of an operation that needs a login. Raises `authentication_required`. */
export function signedIn(c: Context<AppEnv>): SignedIn {
  const { principal } = c.var
  if (principal.kind === 'anonymous') throw noToken()
  return principal
}
