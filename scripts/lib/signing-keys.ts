// Making and rotating the keys that sign access tokens: values of SIGNING_KEYS (src/lib/signing-key.ts says what a key is).

import { exportJWK, generateKeyPair } from 'jose'
import { SigningKeys } from '../../src/lib/signing-key.ts'

const MINUTE_MS = 60_000
const LIFE_MS = 2 * 365 * 24 * 60 * MINUTE_MS
/** `/oauth/jwks` may be cached for 5 minutes, and a deployment takes some: by then everybody has the next key. */
const LEAD_MS = 15 * MINUTE_MS
/** The last tokens of the old key live 15 minutes. */
const TAIL_MS = 30 * MINUTE_MS

/** A key as `SIGNING_KEYS` holds it. */
export interface StoredKey {
  kid: string
  created_at: string
  active_at: string
  retire_at: string
}

/** Makes a private key that signs from `activeAt` on, for two years. Its kid begins with `prefix`. */
export async function newKey(now: number, activeAt = now, prefix = ''): Promise<StoredKey> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  const { kty, crv, x, y, d } = await exportJWK(privateKey)
  const iso = (time: number) => new Date(time).toISOString()
  const kid = `${prefix}${iso(now).slice(0, 10)}-${crypto.randomUUID().slice(0, 8)}`
  const key = { kty, crv, x, y, d, kid }
  return {
    ...key,
    created_at: iso(now),
    active_at: iso(activeAt),
    retire_at: iso(activeAt + LIFE_MS),
  }
}

/** Makes a value for SIGNING_KEYS: one key that signs from now on. Its kid begins with `prefix`. */
export async function newSigningKeys(prefix = ''): Promise<string> {
  const now = Date.now()
  return JSON.stringify([await newKey(now, now, prefix)])
}

/**
 * Puts a next key beside the present ones: it signs in a quarter of an hour, and what signs until then retires half an hour
 * later. Keys that have retired are left out. Throws when the keys are not usable, or a next key is waiting already.
 */
export async function rotated(text: string, now: number): Promise<StoredKey[]> {
  SigningKeys.parse(text)
  const live = (JSON.parse(text) as StoredKey[]).filter(key => Date.parse(key.retire_at) > now)
  if (live.some(key => Date.parse(key.active_at) > now))
    throw new Error('A next key is waiting already. Rotate again when it signs.')
  const activeAt = now + LEAD_MS
  const lastUse = activeAt + TAIL_MS
  const retiring = live.map(key => ({
    ...key,
    retire_at: new Date(Math.min(Date.parse(key.retire_at), lastUse)).toISOString(),
  }))
  const keys = [...retiring, await newKey(now, activeAt)]
  SigningKeys.parse(JSON.stringify(keys))
  return keys
}
