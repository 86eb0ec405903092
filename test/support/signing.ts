// Keys of clients in tests, and the JWTs that they sign: assertions and proofs, also wrong ones.

import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose'
import { ISSUER, postForm } from './apps.ts'
import type { Answer, TestShop } from './shop.ts'

export interface KeyPair {
  privateKey: CryptoKey
  /** The public half. */
  jwk: { kty: string; crv: string; x: string; y: string }
  jkt: string
}

export async function aKeyPair(): Promise<KeyPair> {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true })
  const { kty = '', crv = '', x = '', y = '' } = await exportJWK(publicKey)
  const jwk = { kty, crv, x, y }
  return { privateKey, jwk, jkt: await calculateJwkThumbprint(jwk) }
}

export const seconds = (shop: TestShop): number => Math.floor(shop.deps.clock() / 1000)

/** A client's assertion about itself (RFC 7523 §3). */
export const anAssertion = (
  shop: TestShop,
  key: KeyPair,
  client_id: string,
  change: JWTPayload = {},
  header: Record<string, unknown> = {},
): Promise<string> =>
  new SignJWT({
    iss: client_id,
    sub: client_id,
    aud: ISSUER,
    jti: crypto.randomUUID(),
    iat: seconds(shop),
    exp: seconds(shop) + 60,
    ...change,
  })
    .setProtectedHeader({ alg: 'ES256', ...header })
    .sign(key.privateKey)

export interface ProofParts {
  method?: string
  url?: string
  token?: string
  nonce?: string
  claims?: Record<string, unknown>
  header?: Record<string, unknown>
}

/** A proof of possession (RFC 9449 §4.2). */
export async function aProof(shop: TestShop, key: KeyPair, parts: ProofParts = {}): Promise<string> {
  const { method = 'POST', url = `${ISSUER}/oauth/token`, token, nonce, claims = {}, header = {} } = parts
  const all = {
    jti: crypto.randomUUID(),
    htm: method,
    htu: url,
    iat: seconds(shop),
    ...(nonce ? { nonce } : {}),
    ...(token ? { ath: await digestOf(token) } : {}),
    ...claims,
  }
  const given = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
  return new SignJWT(given)
    .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk: key.jwk, ...header })
    .sign(key.privateKey)
}

export async function digestOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return Buffer.from(digest).toString('base64url')
}

/** A nonce of the server, by asking without one. */
export async function aNonce(shop: TestShop, key: KeyPair, headers: Record<string, string>): Promise<string> {
  const answer: Answer = await postForm(
    shop,
    '/oauth/token',
    { grant_type: 'client_credentials' },
    { ...headers, DPoP: await aProof(shop, key) },
  )
  return answer.headers.get('DPoP-Nonce') ?? ''
}
