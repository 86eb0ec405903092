// Access tokens: ES256 JWTs in the profile of RFC 9068 (`at+jwt`). Verifying one costs no database call. What is not
// exactly a token as we write it is refused: the algorithm is fixed in code (RFC 8725 §3.1), headers and claims are
// closed sets, and both parts must be in the very spelling that signing gives them, so that no two readers differ.

import { decodeProtectedHeader, importJWK, jwtVerify, SignJWT } from 'jose'
import { z } from 'zod'
import type { SignedIn } from '../../http/context.ts'
import { unavailable } from '../../http/errors.ts'
import type { Clock } from '../../lib/clock.ts'
import { DomainError } from '../../lib/errors.ts'
import { isPermission, type Permission } from '../../lib/permissions.ts'
import { ACCESS_TOKEN_SECONDS, type SigningKey } from '../../lib/signing-key.ts'

/** The one client that logs people in by password: the shop's own storefront and back office. */
export const FIRST_PARTY = 'first_party'
/** The scope of everybody who is logged in; staff have their rights beside it. */
const BUYER_SCOPE = 'buyer'
const TYPE = 'at+jwt'
const ALGORITHM = 'ES256'
/** How far the clocks of two machines of ours may be apart. */
const SKEW_SECONDS = 5

export interface AccessTokens {
  /** Signs a token. Raises `unavailable` when no key is active. */
  sign(subject: Omit<SignedIn, 'kind'>): Promise<string>
  /** Returns who the token speaks of, or null when it does not hold. Never throws. */
  verify(token: string): Promise<SignedIn | null>
}

const Header = z.strictObject({ alg: z.literal(ALGORITHM), typ: z.literal(TYPE), kid: z.string() })

/** Builds signer and verifier over keys that are imported once, when first used, and never extractable. */
export function createAccessTokens(keys: readonly SigningKey[], issuer: string, clock: Clock): AccessTokens {
  const importOnce = (key: SigningKey) => {
    const { kty, crv, x, y, d, kid } = key
    let secret: ReturnType<typeof importJWK> | undefined
    let open: ReturnType<typeof importJWK> | undefined
    return {
      ...key,
      signs: () => (secret ??= importJWK({ kty, crv, x, y, d, kid }, ALGORITHM, { extractable: false })),
      verifies: () => (open ??= importJWK({ kty, crv, x, y, kid }, ALGORITHM)),
    }
  }
  const ring = keys.map(importOnce)
  const Claims = z.strictObject({
    iss: z.literal(issuer),
    aud: z.literal(issuer),
    sub: z.string().startsWith('usr_'),
    client_id: z.literal(FIRST_PARTY),
    iat: z.int(),
    exp: z.int(),
    jti: z.uuid(),
    scope: z.string(),
    sid: z.string().startsWith('ses_'),
    auth_time: z.int(),
  })

  return {
    sign: async ({ id, session_id, authenticated_at, permissions }) => {
      const now = clock()
      const key = ring.findLast(candidate => candidate.active_at <= now && now < candidate.retire_at)
      if (!key) throw new DomainError(unavailable, 'Nobody can log in: no signing key is active.')
      const iat = Math.floor(now / 1000)
      const claims: z.input<typeof Claims> = {
        iss: issuer,
        sub: id,
        aud: issuer,
        client_id: FIRST_PARTY,
        iat,
        exp: iat + ACCESS_TOKEN_SECONDS,
        jti: crypto.randomUUID(),
        scope: [BUYER_SCOPE, ...permissions].join(' '),
        sid: session_id,
        auth_time: authenticated_at,
      }
      return new SignJWT(claims)
        .setProtectedHeader({ alg: ALGORITHM, typ: TYPE, kid: key.kid })
        .sign(await key.signs())
    },

    verify: async token => {
      try {
        const now = clock()
        const header = Header.parse(decodeProtectedHeader(token))
        const key = ring.find(({ kid }) => kid === header.kid)
        if (!key || now < key.created_at || now >= key.retire_at) return null
        const { payload } = await jwtVerify(token, await key.verifies(), {
          algorithms: [ALGORITHM],
          typ: TYPE,
          issuer,
          audience: issuer,
          currentDate: new Date(now),
          clockTolerance: SKEW_SECONDS,
          maxTokenAge: ACCESS_TOKEN_SECONDS,
        })
        const claims = Claims.parse(payload)
        const lives = claims.exp - claims.iat
        const [head = '', body = ''] = token.split('.')
        if (lives <= 0 || lives > ACCESS_TOKEN_SECONDS || !isSpelt(head, header) || !isSpelt(body, payload))
          return null
        return callerOf(claims)
      } catch {
        return null
      }
    },
  }
}

function callerOf(claims: { sub: string; sid: string; auth_time: number; scope: string }): SignedIn {
  const permissions: Permission[] = claims.scope.split(' ').filter(isPermission)
  return {
    kind: permissions.length > 0 ? 'staff' : 'buyer',
    id: claims.sub,
    session_id: claims.sid,
    authenticated_at: claims.auth_time,
    permissions,
  }
}

/** Says whether a part is spelt as JSON.stringify does it: no member twice, no space, no other form of a number. */
const isSpelt = (part: string, value: unknown): boolean =>
  Buffer.from(JSON.stringify(value)).toString('base64url') === part
