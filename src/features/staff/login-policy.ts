// What the shop asks of the logins of its staff.

import { inArray, sql } from 'drizzle-orm'
import { atomic } from '../../db/atomic.ts'
import { guardChangedOne } from '../../db/guards.ts'
import type { Deps } from '../../deps.ts'
import type { Actor, SignedIn } from '../../http/context.ts'
import { DomainError } from '../../lib/errors.ts'
import { audit } from '../audit/statements.ts'
import { shopNotSetUp } from '../shop/errors.ts'
import { shopSettings } from '../shop/table.ts'
import { unknownRole } from './rights.ts'
import type { LoginPolicy } from './schemas.ts'
import { roles } from './table.ts'

/** Reads the policy; a shop without settings asks nothing. */
export async function getLoginPolicy({ db }: Deps): Promise<LoginPolicy> {
  const [row] = await db.select({ names: shopSettings.require_mfa_for }).from(shopSettings)
  return { require_second_factor_for: row?.names ?? [] }
}

/**
 * Replaces the policy. It acts on the next request: staff of these roles without a second factor can then only set one up.
 * Raises `role_unknown`, `shop_not_set_up`.
 */
export async function setLoginPolicy(
  { db, clock, ids }: Deps,
  { principal, request_id }: Actor<SignedIn>,
  { require_second_factor_for }: LoginPolicy,
): Promise<LoginPolicy> {
  const now = clock()
  const names = [...new Set(require_second_factor_for)]
  if (names.length > 0) {
    const known = await db.select({ name: roles.name }).from(roles).where(inArray(roles.name, names))
    const missing = names.find(name => !known.some(role => role.name === name))
    if (missing) {
      throw unknownRole(`/require_second_factor_for/${require_second_factor_for.indexOf(missing)}`)
    }
  }
  await atomic(
    db,
    [
      db.update(shopSettings).set({ require_mfa_for: names, version: sql`version + 1`, updated_at: now }),
      guardChangedOne(db, 'guard_version_current'),
      audit(
        db,
        ids,
        {
          actor: principal.id,
          action: 'login_policy.changed',
          object_id: 'login-policy',
          request_id,
          changes: { require_second_factor_for: names },
        },
        now,
      ),
    ],
    {
      guard_version_current: () =>
        new DomainError(shopNotSetUp, 'No settings have been loaded.', { retryAfterSeconds: 60 }),
    },
  )
  return { require_second_factor_for: names }
}
