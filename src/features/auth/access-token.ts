// Access tokens: ES256 JWTs in the profile of RFC 9068 (`at+jwt`). Verifying one costs no database call. What is not
// exactly a token as we write it is refused: the algorithm is fixed in code (RFC 8725 §3.1), headers and claims are
// closed sets, and both parts must be in the very spelling that signing gives them, so that no two readers differ.

import { decodeProtectedHeader, importJWK, type JWTPayload, jwtVerify, SignJWT } from 'jose'
import { z } from 'zod'
import type { ServiceClient, SignedIn } from '../../http/context.ts'
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

/** A public key as `/oauth/jwks` shows it. */
export interface PublicKey {
  kty: 'EC'
  crv: 'P-256'
  x: string
  y: string
  kid: string
  alg: 'ES256'
  use: 'sig'
}

export interface VerifiedToken {
  principal: SignedIn | ServiceClient
  client_id: string
  scope: string
  /** Thumbprint of the key that the token is bound to (RFC 9449 §6.1). */
  jkt: string | null
  jti: string
  /** Epoch seconds. */
  iat: number
  exp: number
}

export interface AccessTokens {
  /** Signs a token of a person, for the shop's own logins or for an app. Raises `unavailable` when no key is active. */
  sign(subject: Omit<SignedIn, 'kind'>, jkt?: string | null): Promise<string>
  /** Signs a token of a service client. Raises `unavailable`. */
  signForService(client: Pick<ServiceClient, 'id' | 'permissions'>, jkt: string | null): Promise<string>
  /** Signs an ID token (OpenID Connect Core §2), which is no access token. Raises `unavailable`. */
  signIdToken(claims: JWTPayload): Promise<string>
  /** Returns who the token speaks of, or null when it does not hold. Never throws. */
  verify(token: string): Promise<VerifiedToken | null>
  /** The keys that tokens may be signed with by now: next, current, and retiring. */
  publicKeys(): PublicKey[]
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
  const common = {
    iss: z.literal(issuer),
    aud: z.literal(issuer),
    iat: z.int(),
    exp: z.int(),
    jti: z.uuid(),
    scope: z.string(),
    cnf: z.strictObject({ jkt: z.string() }).optional(),
  }
  const person = {
    sub: z.string().startsWith('usr_'),
    sid: z.string().startsWith('ses_'),
    auth_time: z.int(),
  }
  const client_id = z.string().startsWith('cli_')
  const Claims = z.union([
    z.strictObject({ ...common, ...person, client_id: z.literal(FIRST_PARTY) }),
    z.strictObject({ ...common, ...person, client_id }),
    z
      .strictObject({ ...common, sub: client_id, client_id })
      .refine(claims => claims.sub === claims.client_id),
  ])
  type Claims = z.output<typeof Claims>

  const signWithActiveKey = async (typ: string, claims: JWTPayload): Promise<string> => {
    const now = clock()
    const key = ring.findLast(candidate => candidate.active_at <= now && now < candidate.retire_at)
    if (!key) throw new DomainError(unavailable, 'Nobody can log in: no signing key is active.')
    return new SignJWT(claims)
      .setProtectedHeader({ alg: ALGORITHM, typ, kid: key.kid })
      .sign(await key.signs())
  }
  const signAccess = (who: Record<string, unknown>, scopes: readonly string[], jkt: string | null) => {
    const iat = Math.floor(clock() / 1000)
    return signWithActiveKey(TYPE, {
      iss: issuer,
      aud: issuer,
      ...who,
      iat,
      exp: iat + ACCESS_TOKEN_SECONDS,
      jti: crypto.randomUUID(),
      scope: scopes.join(' '),
      ...(jkt === null ? {} : { cnf: { jkt } }),
    })
  }

  return {
    sign: ({ id, session_id, authenticated_at, permissions, app }, jkt = null) =>
      signAccess(
        { sub: id, client_id: app?.client_id ?? FIRST_PARTY, sid: session_id, auth_time: authenticated_at },
        app?.scopes ?? [BUYER_SCOPE, ...permissions],
        jkt,
      ),
    signForService: ({ id, permissions }, jkt) => signAccess({ sub: id, client_id: id }, permissions, jkt),
    signIdToken: claims => signWithActiveKey('JWT', claims),
    publicKeys: () =>
      keys
        .filter(key => key.created_at <= clock() && clock() < key.retire_at)
        .map(({ kty, crv, x, y, kid }) => ({ kty, crv, x, y, kid, alg: ALGORITHM, use: 'sig' })),

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
        const claims: Claims = Claims.parse(payload)
        const lives = claims.exp - claims.iat
        const [head = '', body = ''] = token.split('.')
        if (lives <= 0 || lives > ACCESS_TOKEN_SECONDS || !isSpelt(head, header) || !isSpelt(body, payload))
          return null
        const { client_id, scope, jti, iat, exp, cnf } = claims
        return { principal: callerOf(claims), client_id, scope, jkt: cnf?.jkt ?? null, jti, iat, exp }
      } catch {
        return null
      }
    },
  }
}

interface Subject {
  sub: string
  client_id: string
  scope: string
  jti: string
  sid?: string
  auth_time?: number
}

function callerOf({ sub, client_id, scope, jti, sid, auth_time }: Subject): SignedIn | ServiceClient {
  const scopes = scope.split(' ')
  const permissions: Permission[] = scopes.filter(isPermission)
  if (sid === undefined || auth_time === undefined) {
    return { kind: 'service', id: client_id, token_id: jti, permissions }
  }
  return {
    kind: permissions.length > 0 ? 'staff' : 'buyer',
    id: sub,
    session_id: sid,
    authenticated_at: auth_time,
    permissions,
    ...(client_id === FIRST_PARTY ? {} : { app: { client_id, scopes } }),
  }
}

/** Says whether a part is spelt as JSON.stringify does it: no member twice, no space, no other form of a number. */
const isSpelt = (part: string, value: unknown): boolean =>
  Buffer.from(JSON.stringify(value)).toString('base64url') === part
