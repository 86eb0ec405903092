// Enforces what an operation declares about who may call it. `operation()` puts it in front of every route, before the
// input is even read, so no route can forget it (default deny: an operation without a declaration does not compile).

import type { Context } from 'hono'
import { createMiddleware } from 'hono/factory'
import type { DomainError } from '../../lib/errors.ts'
import { hmacSha256 } from '../../lib/hash.ts'
import { type Access, isPermission } from '../../lib/permissions.ts'
import { type AppScope, holdsScope } from '../../lib/scopes.ts'
import { badToken, lackingPermission, lackingScope, noToken, notInPerson } from '../auth-errors.ts'
import { type AppEnv, personOf, type ServiceClient, type SignedIn } from '../context.ts'
import { networkOf } from '../network.ts'

interface Rules {
  access: Access
  /** `operationId`, for the record of a refusal. */
  operation: string
  scope?: AppScope
  inPerson?: boolean
}

/**
 * Lets through whom the declaration names. A right must stand in the token and in the database at this moment, so that a
 * right taken away, an ended session or a disabled client counts from the next request on; a lacking right is put on
 * record. An app that acts for a person needs the operation's scope; where anybody may call it acts as nobody without.
 * `inPerson` lets neither apps nor service clients through. Raises `authentication_required`, `token_invalid`,
 * `permission_missing`, `second_factor_required`, `scope_missing`, `own_login_required`.
 */
export const requireAccess = ({ access, operation, scope, inPerson = false }: Rules) =>
  createMiddleware<AppEnv>(async function requireAccess(c, next) {
    const app = personOf(c.var.principal)?.app
    const isAllowed = !app || (scope !== undefined && holdsScope(app.scopes, scope))
    if (access === 'public' || access === 'capability') {
      if (!isAllowed) c.set('principal', { kind: 'anonymous', id: 'anonymous' })
    } else if (isPermission(access)) {
      const caller = staffCaller(c)
      const network_key = await networkKeyOf(c)
      c.set('networkKey', network_key)
      const denied = async (): Promise<DomainError> => {
        const { deps, requestId } = c.var
        await deps.recordDenied({ caller, permission: access, operation, request_id: requestId, network_key })
        return lackingPermission(access)
      }
      if (!caller.permissions.includes(access)) throw await denied()
      if (inPerson && (app || caller.kind === 'service')) throw notInPerson()
      const current = await c.var.deps.currentPermissions(caller)
      if (current === null) throw badToken()
      if (!current.includes(access)) throw await denied()
      const permissions = caller.permissions.filter(permission => current.includes(permission))
      c.set('principal', { ...caller, permissions })
    } else {
      signedIn(c)
      if (!isAllowed) throw scope === undefined ? notInPerson() : lackingScope(scope)
    }
    await next()
  })

/** The network as the audit log keeps it: enough to tell two apart, and no address. */
const networkKeyOf = (c: Context<AppEnv>): Promise<string> =>
  hmacSha256(c.var.deps.config.TOKEN_SECRET, `audit-network:${networkOf(c)}`)

/** The caller of an operation that needs a person. Raises `authentication_required`, `own_login_required`. */
export function signedIn(c: Context<AppEnv>): SignedIn {
  const { principal } = c.var
  if (principal.kind === 'anonymous') throw noToken()
  if (principal.kind === 'service') throw notInPerson()
  return principal
}

/** The caller of an operation that needs a right. Raises `authentication_required`. */
export function staffCaller(c: Context<AppEnv>): SignedIn | ServiceClient {
  const { principal } = c.var
  if (principal.kind === 'anonymous') throw noToken()
  return principal
}
