// Who calls the token, revocation and introspection endpoints: a client that proves itself in exactly the way that it was
// registered with (RFC 6749 §2.3, RFC 7523 §3). All failures look alike, and cost alike.

import { eq } from 'drizzle-orm'
import { decodeJwt, importJWK, jwtVerify } from 'jose'
import { z } from 'zod'
import type { Deps } from '../../deps.ts'
import { equalSecrets, sha256 } from '../../lib/hash.ts'
import { OAuthError } from '../../lib/oauth-error.ts'
import { type CLIENT_AUTH_METHODS, oauthClients } from '../clients/table.ts'
import { useOnce } from './proofs.ts'

export type ClientRow = typeof oauthClients.$inferSelect
type Method = (typeof CLIENT_AUTH_METHODS)[number]

/** A form request to an endpoint of ours, as far as it says who calls. */
export interface FormRequest {
  authorization: string | undefined
  form: ReadonlyMap<string, string>
}

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
export const ASSERTION_ALGORITHM = 'ES256'
/** How far ahead an assertion may expire, which is how long its `jti` is remembered. */
const MAX_ASSERTION_SECONDS = 300
const SKEW_SECONDS = 30

interface Claim {
  method: Method
  client_id: string
  /** Secret or assertion. */
  proof: string
}

/** Says which client calls. Raises `invalid_client`, and `invalid_request` when it proves itself in two ways. */
export async function authenticateClient(deps: Deps, request: FormRequest): Promise<ClientRow> {
  const claim = claimOf(request)
  const [row] = await deps.db.select().from(oauthClients).where(eq(oauthClients.id, claim.client_id))
  const isProved = await proves(deps, claim, row)
  if (!row || row.disabled_at !== null || row.auth_method !== claim.method || !isProved) throw unknownClient()
  return row
}

function claimOf({ authorization, form }: FormRequest): Claim {
  const assertion = form.get('client_assertion')
  const given = form.get('client_id')
  if (form.has('client_secret')) throw unknownClient('A secret is taken in the Authorization header only.')
  if (authorization !== undefined && assertion !== undefined) {
    throw new OAuthError('invalid_request', 'Prove yourself in one way.')
  }
  const claim =
    authorization !== undefined
      ? basicOf(authorization)
      : assertion !== undefined
        ? assertionOf(assertion, form.get('client_assertion_type'))
        : { method: 'none' as const, client_id: given ?? '', proof: '' }
  if (claim.client_id === '') throw unknownClient()
  if (given !== undefined && given !== claim.client_id) {
    throw new OAuthError('invalid_request', 'client_id is not the client that proves itself.')
  }
  return claim
}

/** RFC 6749 §2.3.1: both halves are form-encoded before they are put together. */
function basicOf(header: string): Claim {
  const encoded = /^Basic +([A-Za-z0-9+/]+={0,2})$/i.exec(header)?.[1]
  const text = encoded === undefined ? '' : Buffer.from(encoded, 'base64').toString()
  const colon = text.indexOf(':')
  const client_id = formDecoded(text.slice(0, Math.max(colon, 0)))
  const proof = formDecoded(text.slice(colon + 1))
  if (colon < 1 || client_id === null || proof === null) throw unknownClient()
  return { method: 'client_secret_basic', client_id, proof }
}

function formDecoded(text: string): string | null {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return null
  }
}

function assertionOf(assertion: string, type: string | undefined): Claim {
  if (type !== ASSERTION_TYPE) throw unknownClient('client_assertion_type is not known.')
  try {
    return { method: 'private_key_jwt', client_id: String(decodeJwt(assertion).sub), proof: assertion }
  } catch {
    throw unknownClient()
  }
}

const NOBODYS_DIGEST = '0'.repeat(64)

async function proves(deps: Deps, { method, proof }: Claim, row: ClientRow | undefined): Promise<boolean> {
  if (method === 'client_secret_basic') {
    return equalSecrets(await sha256(proof), row?.secret_hash ?? NOBODYS_DIGEST)
  }
  if (method === 'private_key_jwt') return row !== undefined && holdsAssertion(deps, row, proof)
  return true
}

const Claims = z.looseObject({
  jti: z.string().min(1).max(256),
  exp: z.number(),
  aud: z.union([z.string(), z.array(z.string()).length(1)]),
})

/** RFC 7523 §3: issued by the client about itself, for us, for a moment, once. */
async function holdsAssertion(
  { config, db, clock }: Deps,
  row: ClientRow,
  assertion: string,
): Promise<boolean> {
  const now = clock()
  for (const { kty, crv, x, y } of row.keys ?? []) {
    try {
      const { payload } = await jwtVerify(
        assertion,
        await importJWK({ kty, crv, x, y }, ASSERTION_ALGORITHM),
        {
          algorithms: [ASSERTION_ALGORITHM],
          issuer: row.id,
          subject: row.id,
          audience: [config.PUBLIC_URL, `${config.PUBLIC_URL}/oauth/token`],
          currentDate: new Date(now),
          clockTolerance: SKEW_SECONDS,
        },
      )
      const { jti, exp } = Claims.parse(payload)
      if (exp > now / 1000 + MAX_ASSERTION_SECONDS + SKEW_SECONDS) return false
      return await useOnce(db, `assertion:${row.id}:${jti}`, (exp + SKEW_SECONDS) * 1000)
    } catch (error) {
      if (!isOfTheToken(error)) throw error
    }
  }
  return false
}

/** A bad assertion is an answer; a database that does not answer is none. */
const isOfTheToken = (error: unknown): boolean =>
  error instanceof z.ZodError ||
  (error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_J'))

export const unknownClient = (
  description = 'The client is not known, or does not prove itself.',
): OAuthError =>
  new OAuthError('invalid_client', description, { 'WWW-Authenticate': 'Basic realm="curbside"' })
