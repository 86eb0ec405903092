// Authenticator apps for tests.

import { expect } from 'vitest'
import { stepAt, totpAt } from '../../src/lib/totp.ts'
import { PASSWORD, type Person } from './people.ts'
import type { TestShop } from './shop.ts'

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** Undoes base32, as an app does with the secret that it is shown. */
function bytesOf(base32: string): Uint8Array<ArrayBuffer> {
  const bits = [...base32].map(char => ALPHABET.indexOf(char).toString(2).padStart(5, '0')).join('')
  return Uint8Array.from(bits.match(/.{8}/g) ?? [], byte => Number.parseInt(byte, 2))
}

/** An app that knows a secret: gives the code at the shop's time, some steps away if asked. */
export const anApp =
  (shop: TestShop, secret: string) =>
  (steps = 0): Promise<string> =>
    totpAt(bytesOf(secret), stepAt(shop.deps.clock()) + steps)

export type App = ReturnType<typeof anApp>

/** Sets a second factor up for somebody. The clock moves on, so that the app's present code is a fresh one. */
export async function enrol(
  shop: TestShop,
  person: Person,
): Promise<{ app: App; secret: string; recoveryCodes: string[] }> {
  const begun = await shop.post('/v1/users/me/second-factor', { current_password: PASSWORD }, person.auth)
  expect(begun.status, begun.text).toBe(200)
  const app = anApp(shop, begun.body.secret)
  const confirmed = await shop.post('/v1/users/me/second-factor/confirm', { code: await app() }, person.auth)
  expect(confirmed.status, confirmed.text).toBe(200)
  shop.advance(60_000)
  return { app, secret: begun.body.secret, recoveryCodes: confirmed.body.recovery_codes }
}
