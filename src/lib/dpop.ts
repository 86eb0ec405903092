// Proofs of possession (RFC 9449): a JWT of one request, signed by the key that a token is bound to. Here is what can be
// judged without a store; that a proof is used once, and has a nonce of ours, is the caller's to see to.

import { calculateJwkThumbprint, EmbeddedJWK, jwtVerify } from 'jose'
import { z } from 'zod'

const ALGORITHM = 'ES256'
const MAX_CHARS = 4096
/** How old a proof may be, and how far ahead a client's clock. */
export const PROOF_WINDOW_SECONDS = 120

const coordinate = z.string().regex(/^[\w-]{43}$/)
/** What we know, and nothing else. (`EmbeddedJWK` takes no private key.) */
const Header = z.strictObject({
  typ: z.literal('dpop+jwt'),
  alg: z.literal(ALGORITHM),
  jwk: z.object({
    kty: z.literal('EC'),
    crv: z.literal('P-256'),
    x: coordinate,
    y: coordinate,
  }),
})
const Claims = z.looseObject({
  jti: z.string().min(1).max(256),
  htm: z.string(),
  htu: z.string(),
  iat: z.number(),
  ath: z.string().optional(),
  nonce: z.string().optional(),
})

export interface Proof {
  /** SHA-256 thumbprint of the key (RFC 7638), base64url. */
  jkt: string
  jti: string
  nonce: string | undefined
}

/** Reads a proof for one request; null when it does not hold. Never throws. */
export async function readProof(
  proof: string | undefined,
  request: { method: string; url: string; token?: string },
  nowMs: number,
): Promise<Proof | null> {
  if (!proof || proof.length > MAX_CHARS) return null
  try {
    const { payload, protectedHeader } = await jwtVerify(proof, EmbeddedJWK, {
      algorithms: [ALGORITHM],
      typ: 'dpop+jwt',
      currentDate: new Date(nowMs),
    })
    const { jwk } = Header.parse(protectedHeader)
    const claims = Claims.parse(payload)
    const { htm, htu, iat, jti, nonce, ath } = claims
    const isFresh = Math.abs(nowMs / 1000 - iat) <= PROOF_WINDOW_SECONDS
    const isBound = request.token === undefined || ath === (await tokenDigest(request.token))
    if (htm !== request.method || withoutQuery(htu) !== withoutQuery(request.url) || !isFresh || !isBound)
      return null
    return { jkt: await calculateJwkThumbprint(jwk), jti, nonce }
  } catch {
    return null
  }
}

/** RFC 9449 §4.3: compared without query and fragment, after normalisation. */
function withoutQuery(text: string): string {
  const url = new URL(text)
  return `${url.origin}${url.pathname}`
}

/** `ath`: SHA-256 of the access token, base64url. */
async function tokenDigest(token: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(token))
  return Buffer.from(digest).toString('base64url')
}
