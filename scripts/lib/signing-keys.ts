// Fresh keys for SIGNING_KEYS (src/lib/signing-key.ts).

import { exportJWK, generateKeyPair } from 'jose'

const YEAR_MS = 365 * 24 * 60 * 60 * 1000

/** Makes a value for SIGNING_KEYS: one private key that signs from now on, for two years. Its kid begins with `prefix`. */
export async function newSigningKeys(prefix = ''): Promise<string> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  const { kty, crv, x, y, d } = await exportJWK(privateKey)
  const now = new Date()
  const key = {
    kty,
    crv,
    x,
    y,
    d,
    kid: `${prefix}${now.toISOString().slice(0, 10)}-${crypto.randomUUID().slice(0, 8)}`,
    created_at: now.toISOString(),
    active_at: now.toISOString(),
    retire_at: new Date(now.getTime() + 2 * YEAR_MS).toISOString(),
  }
  return JSON.stringify([key])
}
