// Proofs of possession, with their memory: each is good once, and carries a nonce of ours (RFC 9449 §8), so that none can
// be made ahead of time. A nonce is an HMAC over the time and needs no store; the once is a unique row, because only the
// database knows of every isolate.

import { lt } from 'drizzle-orm'
import type { Db } from '../../db/client.ts'
import type { Deps } from '../../deps.ts'
import { badProof } from '../../http/auth-errors.ts'
import { PROOF_WINDOW_SECONDS, readProof } from '../../lib/dpop.ts'
import { equalSecrets, hmacSha256, sha256 } from '../../lib/hash.ts'
import { OAuthError } from '../../lib/oauth-error.ts'
import { usedTokenIds } from './table.ts'

/** A nonce is good until the end of the span after its own: 5 to 10 minutes. */
const NONCE_SPAN_MS = 5 * 60_000
const NONCE_CHARS = 32

type ProofDeps = Pick<Deps, 'db' | 'clock' | 'config'>

/** A proof that came with an access token. */
export interface ProofRequest {
  proof: string | undefined
  method: string
  pathname: string
  token: string
  jkt: string
}

/** Checks the proof of a request to a resource, and uses it up. Raises `token_invalid`. */
export async function checkProof(deps: ProofDeps, request: ProofRequest): Promise<void> {
  const { proof, method, pathname, token, jkt } = request
  const url = `${deps.config.PUBLIC_URL}${pathname}`
  const read = await readProof(proof, { method, url, token }, deps.clock())
  if (!read || read.jkt !== jkt) throw badProof('invalid_dpop_proof', await freshNonce(deps))
  if (!(await isOurNonce(deps, read.nonce))) throw badProof('use_dpop_nonce', await freshNonce(deps))
  if (!(await useUp(deps, read))) throw badProof('invalid_dpop_proof', await freshNonce(deps))
}

/**
 * Checks the proof of a token request, uses it up, and returns the thumbprint of its key; null when none came. Raises
 * `invalid_dpop_proof`, `use_dpop_nonce`.
 */
export async function proofOfTokenRequest(
  deps: ProofDeps,
  proof: string | undefined,
  pathname: string,
): Promise<string | null> {
  if (proof === undefined) return null
  const url = `${deps.config.PUBLIC_URL}${pathname}`
  const read = await readProof(proof, { method: 'POST', url }, deps.clock())
  if (!read) throw new OAuthError('invalid_dpop_proof', 'The DPoP proof does not hold.')
  if (!(await isOurNonce(deps, read.nonce))) {
    throw new OAuthError('use_dpop_nonce', 'The DPoP proof needs the nonce of this answer.', {
      'DPoP-Nonce': await freshNonce(deps),
    })
  }
  if (!(await useUp(deps, read)))
    throw new OAuthError('invalid_dpop_proof', 'The DPoP proof was used before.')
  return read.jkt
}

const useUp = ({ db, clock }: ProofDeps, { jkt, jti }: { jkt: string; jti: string }): Promise<boolean> =>
  useOnce(db, `dpop:${jkt}:${jti}`, clock() + 2 * PROOF_WINDOW_SECONDS * 1000)

/** Notes that something was seen, until it expires anyway. False: it was seen before. Exact, whatever is raced. */
export async function useOnce(db: Db, what: string, expires_at: number): Promise<boolean> {
  const rows = await db
    .insert(usedTokenIds)
    .values({ id: await sha256(what), expires_at })
    .onConflictDoNothing()
    .returning({ id: usedTokenIds.id })
  return rows.length === 1
}

/** Forgets what has expired. */
export const sweepUsedIds = (db: Db, now: number) =>
  db.delete(usedTokenIds).where(lt(usedTokenIds.expires_at, now))

const nonceOf = async ({ config }: ProofDeps, span: number): Promise<string> =>
  (await hmacSha256(config.TOKEN_SECRET, `dpop-nonce:${span}`)).slice(0, NONCE_CHARS)

const spanOf = (now: number): number => Math.floor(now / NONCE_SPAN_MS)

/** The nonce to answer with now. */
const freshNonce = (deps: ProofDeps): Promise<string> => nonceOf(deps, spanOf(deps.clock()))

async function isOurNonce(deps: ProofDeps, nonce: string | undefined): Promise<boolean> {
  if (nonce === undefined) return false
  const span = spanOf(deps.clock())
  const [current, last] = await Promise.all([nonceOf(deps, span), nonceOf(deps, span - 1)])
  return (await equalSecrets(nonce, current)) || (await equalSecrets(nonce, last))
}
