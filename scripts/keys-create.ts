// `npm run --silent keys:create`: prints a fresh SIGNING_KEYS value. To rotate, put the new key beside the old one, with
// an `active_at` some minutes ahead, and retire the old one 15 minutes or more after that.

import { exportJWK, generateKeyPair } from 'jose'

const YEAR_MS = 365 * 24 * 60 * 60 * 1000

const { privateKey } = await generateKeyPair('ES256', { extractable: true })
const { kty, crv, x, y, d } = await exportJWK(privateKey)
const now = new Date()
const key = {
  kty,
  crv,
  x,
  y,
  d,
  kid: `${now.toISOString().slice(0, 10)}-${crypto.randomUUID().slice(0, 8)}`,
  created_at: now.toISOString(),
  active_at: now.toISOString(),
  retire_at: new Date(now.getTime() + 2 * YEAR_MS).toISOString(),
}
console.log(JSON.stringify([key]))
