// The token by which a guest reads an order. It is derived from the order's id under a secret, so it need not be
// stored, a replayed answer carries the same one, and a dump of the database holds none.

import type { Deps } from '../../deps.ts'
import { equalSecrets, hmacSha256 } from '../../lib/hash.ts'

/** Makes the token of an order. */
export const orderToken = async (deps: Pick<Deps, 'config'>, orderId: string): Promise<string> =>
  `ot_${await hmacSha256(deps.config.TOKEN_SECRET, `order:${orderId}`)}`

/** Says whether a token opens an order, in time that tells nothing. */
export const isOrderToken = async (
  deps: Pick<Deps, 'config'>,
  orderId: string,
  token: string,
): Promise<boolean> => equalSecrets(await orderToken(deps, orderId), token)
