// Forgetting what is over.

import type { Deps } from '../../deps.ts'
import { sweepCodes } from './codes.ts'
import { sweepUsedIds } from './proofs.ts'

/** Removes codes, and notes of proofs, assertions and revoked tokens, that can mean nothing any more. */
export async function sweepOAuth({ db, clock }: Deps): Promise<Record<string, never>> {
  const now = clock()
  await db.batch([sweepCodes(db, now), sweepUsedIds(db, now)])
  return {}
}
