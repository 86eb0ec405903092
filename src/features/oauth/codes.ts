// Authorization codes: given by the consent page, redeemed once at the token endpoint for a session of the app.
// A second use ends what came of the first (RFC 6749 §4.1.2): one of the two was not the app.

import { eq, sql } from 'drizzle-orm'
import { atomic } from '../../db/atomic.ts'
import type { Db, Statement } from '../../db/client.ts'
import type { Deps } from '../../deps.ts'
import { equalSecrets, sha256 } from '../../lib/hash.ts'
import { OAuthError } from '../../lib/oauth-error.ts'
import { ACCESS_TOKEN_SECONDS } from '../../lib/signing-key.ts'
import { audit } from '../audit/statements.ts'
import { MAX_DEVICE, SESSION_MS } from '../auth/open-session.ts'
import { endSessions, insertFirstToken, newRefreshToken } from '../auth/statements.ts'
import { sessions } from '../auth/table.ts'
import type { ClientRow } from './client-auth.ts'
import { oauthCodes } from './table.ts'

/** How long a code is good for. */
const CODE_MS = 60_000
/** How long a code is remembered after that, so that a late second use is still seen. */
const KEEP_CODES_MS = 24 * 60 * 60 * 1000
const CODE_BYTES = 32
/** RFC 7636 §4.1. */
const VERIFIER = /^[A-Za-z0-9._~-]{43,128}$/

type CodeRow = typeof oauthCodes.$inferSelect
type Session = typeof sessions.$inferSelect

/** Makes a code. */
export const newCode = (): string =>
  `ac_${Buffer.from(crypto.getRandomValues(new Uint8Array(CODE_BYTES))).toString('hex')}`

/** Stores a code by its SHA-256. */
export const insertCode = (
  db: Db,
  row: Omit<CodeRow, 'created_at' | 'expires_at' | 'used_at'>,
  now: number,
) => db.insert(oauthCodes).values({ ...row, created_at: now, expires_at: now + CODE_MS })

export interface Redemption {
  code: CodeRow
  session: Session
  /** Null unless the person let the app stay connected. */
  refresh_token: string | null
}

export interface RedeemInput {
  code: string
  redirect_uri: string
  code_verifier: string
  /** Key that the token request proved, if any. */
  jkt: string | null
  request_id: string
  device: string
}

/** Redeems a code for a session. Raises `invalid_grant`; after a second use, having ended what came of the first. */
export async function redeemCode(deps: Deps, client: ClientRow, input: RedeemInput): Promise<Redemption> {
  const { db, ids, clock } = deps
  const now = clock()
  const id = await sha256(input.code)
  const [code] = await db.select().from(oauthCodes).where(eq(oauthCodes.id, id))
  if (!code) throw notGood()
  if (code.used_at !== null) throw await usedTwice(deps, code, input.request_id)
  const isFor = code.client_id === client.id && code.redirect_uri === input.redirect_uri
  const isBound = code.dpop_jkt === null || code.dpop_jkt === input.jkt
  if (!isFor || !isBound || code.expires_at <= now || !(await isVerifierOf(code, input.code_verifier)))
    throw notGood()

  const isLasting = code.scope.split(' ').includes('offline_access')
  const refresh_token = isLasting ? newRefreshToken() : null
  const session: Session = {
    id: ids('session'),
    user_id: code.user_id,
    device: input.device.slice(0, MAX_DEVICE),
    created_at: now,
    last_used_at: now,
    expires_at: now + (isLasting ? SESSION_MS : ACCESS_TOKEN_SECONDS * 1000),
    ended_at: null,
    end_reason: null,
    client_id: client.id,
    scope: code.scope,
    authenticated_at: code.authenticated_at,
    // A confidential client's refresh tokens are bound to its proof of itself instead (RFC 9449 §5).
    dpop_jkt: client.auth_method === 'none' ? input.jkt : null,
    code_id: code.id,
  }
  const statements: [Statement, ...Statement[]] = [
    db.update(oauthCodes).set({ used_at: now }).where(eq(oauthCodes.id, id)),
    db.insert(sessions).values(session),
  ]
  if (refresh_token !== null)
    statements.push(insertFirstToken(db, session.id, await sha256(refresh_token), now))
  try {
    await atomic(db, statements, {
      authorization_code_used_once: () => new LostRace(),
      authorization_is_over: notGood,
      'FOREIGN KEY': notGood,
    })
  } catch (error) {
    if (error instanceof LostRace) throw await usedTwice(deps, code, input.request_id)
    throw error
  }
  return { code, session, refresh_token }
}

class LostRace extends Error {}

async function isVerifierOf({ code_challenge }: CodeRow, verifier: string): Promise<boolean> {
  if (!VERIFIER.test(verifier)) return false
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))
  return equalSecrets(Buffer.from(digest).toString('base64url'), code_challenge)
}

async function usedTwice(deps: Deps, code: CodeRow, request_id: string): Promise<OAuthError> {
  const { db, ids, clock, log } = deps
  const now = clock()
  await db.batch([
    endSessions(db, sql`${sessions.code_id} = ${code.id}`, 'token_replayed', now),
    audit(
      db,
      ids,
      {
        actor: code.user_id,
        action: 'app.code_replayed',
        object_id: code.client_id,
        request_id,
        changes: {},
      },
      now,
    ),
  ])
  log('warn', 'authorization code used twice', { request_id, client_id: code.client_id })
  return notGood()
}

/** One answer for every reason: which one it is helps only whoever stole the code. */
const notGood = (): OAuthError =>
  new OAuthError(
    'invalid_grant',
    'The code is not one of ours, was used, has expired, or is not for this client.',
  )

/** Forgets codes that are long over. */
export const sweepCodes = (db: Db, now: number): Statement =>
  db.delete(oauthCodes).where(sql`expires_at < ${now - KEEP_CODES_MS}`)
