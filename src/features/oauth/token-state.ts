// Taking tokens back (RFC 7009) and asking about them (RFC 7662).

import { and, eq, sql } from 'drizzle-orm'
import type { Deps } from '../../deps.ts'
import { sha256 } from '../../lib/hash.ts'
import { OAuthError } from '../../lib/oauth-error.ts'
import type { VerifiedToken } from '../auth/access-token.ts'
import { endSessions } from '../auth/statements.ts'
import { refreshTokens, sessions } from '../auth/table.ts'
import { authenticateClient, type ClientRow, type FormRequest, unknownClient } from './client-auth.ts'
import { useOnce } from './proofs.ts'
import { currentRights, revocationOf } from './rights.ts'
import type { Introspection } from './schemas.ts'
import { required } from './tokens.ts'

/** More than the verifier's: the note must outlive the token. */
const SKEW_SECONDS = 60

type Session = typeof sessions.$inferSelect

/** What a token of ours belongs to. */
type Found =
  | { kind: 'access'; verified: VerifiedToken; session: Session | null }
  | { kind: 'refresh'; session: Session; created_at: number; isUsed: boolean }

/**
 * Takes a token back. A refresh token, or a person's access token, takes the whole session with it; a service client's
 * access token is listed until it expires. What is unknown or over already needs nothing. Raises `invalid_client`,
 * `invalid_request`, and `invalid_grant` for a token of another client.
 */
export async function revoke(deps: Deps, request: FormRequest): Promise<void> {
  const { db, clock } = deps
  const client = await authenticateClient(deps, request)
  const found = await find(deps, required(request, 'token'))
  if (found === null) return
  const owner = found.kind === 'access' ? found.verified.client_id : found.session.client_id
  if (owner !== client.id) throw new OAuthError('invalid_grant', 'The token was given to another client.')
  if (found.session) {
    await db.batch([endSessions(db, sql`${sessions.id} = ${found.session.id}`, 'logged_out', clock())])
  } else if (found.kind === 'access') {
    await useOnce(db, revocationOf(found.verified.jti), (found.verified.exp + SKEW_SECONDS) * 1000)
  }
}

const INACTIVE: Introspection = { active: false }

/**
 * Says what a token opens now. Only a client that proves itself may ask, about its own tokens; with the right `clients:read`
 * about everybody's. Whatever is not good, for whatever reason, is `{"active": false}`. Raises `invalid_client`,
 * `invalid_request`.
 */
export async function introspect(deps: Deps, request: FormRequest): Promise<Introspection> {
  const client = await authenticateClient(deps, request)
  if (client.auth_method === 'none') throw unknownClient('A client without a proof of itself cannot ask.')
  const found = await find(deps, required(request, 'token'))
  if (found === null || !mayAsk(client, found)) return INACTIVE
  const now = deps.clock()
  const { session } = found
  if (session && (session.ended_at !== null || session.expires_at <= now)) return INACTIVE
  if (found.kind === 'refresh') return found.isUsed ? INACTIVE : aboutRefreshToken(deps, found)
  const { verified } = found
  const { principal } = verified
  if (principal.kind === 'service' || principal.app) {
    if ((await currentRights(deps, principal)) === null) return INACTIVE
  }
  return {
    active: true,
    scope: verified.scope,
    client_id: verified.client_id,
    token_type: verified.jkt === null ? 'Bearer' : 'DPoP',
    sub: principal.id,
    iss: deps.config.PUBLIC_URL,
    aud: deps.config.PUBLIC_URL,
    iat: verified.iat,
    exp: verified.exp,
    jti: verified.jti,
    ...(verified.jkt === null ? {} : { cnf: { jkt: verified.jkt } }),
  }
}

const aboutRefreshToken = ({ config }: Deps, found: Extract<Found, { kind: 'refresh' }>): Introspection => ({
  active: true,
  scope: found.session.scope ?? '',
  client_id: found.session.client_id ?? '',
  sub: found.session.user_id,
  iss: config.PUBLIC_URL,
  aud: config.PUBLIC_URL,
  iat: Math.floor(found.created_at / 1000),
  exp: Math.floor(found.session.expires_at / 1000),
})

function mayAsk(client: ClientRow, found: Found): boolean {
  const owner = found.kind === 'access' ? found.verified.client_id : found.session.client_id
  // The shop's own logins are nobody's to ask about but those who may see all.
  return owner === client.id || (client.kind === 'service' && client.scopes.includes('clients:read'))
}

/** Finds what a token is, by itself: `token_type_hint` is only a hint, and takes nothing away (RFC 7009 §2.1). */
async function find({ db, accessTokens }: Deps, token: string): Promise<Found | null> {
  const verified = await accessTokens.verify(token)
  if (verified) {
    const { principal } = verified
    if (principal.kind === 'service') return { kind: 'access', verified, session: null }
    const [session] = await db
      .select()
      .from(sessions)
      .where(and(eq(sessions.id, principal.session_id), eq(sessions.user_id, principal.id)))
    return session ? { kind: 'access', verified, session } : null
  }
  const id = await sha256(token)
  const [tokens, found] = await db.batch([
    db.select().from(refreshTokens).where(eq(refreshTokens.id, id)),
    db
      .select()
      .from(sessions)
      .where(eq(sessions.id, sql`(SELECT session_id FROM refresh_tokens WHERE id = ${id})`)),
  ])
  const [row] = tokens
  const [session] = found
  return row && session
    ? { kind: 'refresh', session, created_at: row.created_at, isUsed: row.used_at !== null }
    : null
}
