// What a caller with rights may do at this moment, whatever the token says: a person's by their role and app, a service
// client's by its registration.

import { eq, sql } from 'drizzle-orm'
import type { Deps } from '../../deps.ts'
import type { ServiceClient, SignedIn } from '../../http/context.ts'
import { sha256 } from '../../lib/hash.ts'
import { isPermission } from '../../lib/permissions.ts'
import { currentPermissions } from '../auth/service.ts'
import { oauthClients } from '../clients/table.ts'

/**
 * The rights that a caller has now; null when their session is over, their token was revoked, or their client is shut out.
 * One database read.
 */
export async function currentRights(
  deps: Pick<Deps, 'db' | 'clock'>,
  caller: SignedIn | ServiceClient,
): Promise<SignedIn['permissions'] | null> {
  if (caller.kind !== 'service') return currentPermissions(deps, caller)
  const [row] = await deps.db
    .select({
      scopes: oauthClients.scopes,
      disabled_at: oauthClients.disabled_at,
      is_revoked: sql<number>`EXISTS (SELECT 1 FROM used_token_ids WHERE id = ${await sha256(revocationOf(caller.token_id))})`,
    })
    .from(oauthClients)
    .where(eq(oauthClients.id, caller.id))
  if (!row || row.disabled_at !== null || row.is_revoked) return null
  return row.scopes.filter(isPermission)
}

/** Under which a service client's access token is noted (`useOnce`) once it is revoked. */
export const revocationOf = (jti: string): string => `revoked:${jti}`
