// The token endpoint: an authorization code, a refresh token, or a service client's own proof becomes an access token.

import type { Deps } from '../../deps.ts'
import { DomainError } from '../../lib/errors.ts'
import { OAuthError } from '../../lib/oauth-error.ts'
import { isPermission } from '../../lib/permissions.ts'
import { splitScope } from '../../lib/scopes.ts'
import { ACCESS_TOKEN_SECONDS } from '../../lib/signing-key.ts'
import { refreshTokenInvalid } from '../auth/errors.ts'
import { rotate } from '../auth/refresh.ts'
import type { sessions } from '../auth/table.ts'
import { rightsOf } from '../staff/rights.ts'
import { isOfShop } from './authorize/request.ts'
import { authenticateClient, type ClientRow, type FormRequest } from './client-auth.ts'
import { redeemCode } from './codes.ts'
import { proofOfTokenRequest } from './proofs.ts'
import type { TokenAnswer } from './schemas.ts'

export const GRANT_TYPES = ['authorization_code', 'refresh_token', 'client_credentials'] as const
type GrantType = (typeof GRANT_TYPES)[number]

export interface TokenRequest extends FormRequest {
  dpop: string | undefined
  request_id: string
  device: string
}

interface Grant {
  deps: Deps
  client: ClientRow
  request: TokenRequest
  jkt: string | null
}

/** Gives tokens (RFC 6749 §3.2). Raises the errors of its §5.2, and `unavailable`. */
export async function token(deps: Deps, request: TokenRequest): Promise<TokenAnswer> {
  const client = await authenticateClient(deps, request)
  const type = required(request, 'grant_type')
  if (!isGrantType(type)) throw new OAuthError('unsupported_grant_type', 'This grant is not offered.')
  if ((type === 'client_credentials') !== (client.kind === 'service')) {
    throw new OAuthError('unauthorized_client', 'This client was not registered for this grant.')
  }
  refuseOtherResource(deps, request.form.get('resource'))
  const jkt = await proofOfTokenRequest(deps, request.dpop, '/oauth/token')
  if (client.is_dpop_required && jkt === null) {
    throw new OAuthError('invalid_dpop_proof', 'This client has to send a DPoP proof.')
  }
  return GRANTS[type]({ deps, client, request, jkt })
}

const isGrantType = (text: string): text is GrantType => GRANT_TYPES.some(type => type === text)

const GRANTS: Record<GrantType, (grant: Grant) => Promise<TokenAnswer>> = {
  authorization_code: async ({ deps, client, request, jkt }) => {
    const { code, session, refresh_token } = await redeemCode(deps, client, {
      code: required(request, 'code'),
      redirect_uri: required(request, 'redirect_uri'),
      code_verifier: required(request, 'code_verifier'),
      jkt,
      request_id: request.request_id,
      device: request.device,
    })
    return answerFor(deps, client, session, {
      scopes: splitScope(code.scope),
      refresh_token,
      jkt,
      nonce: code.nonce,
    })
  },

  refresh_token: async ({ deps, client, request, jkt }) => {
    const asked = request.form.get('scope')
    const { session, refresh_token, role } = await rotateFor(deps, client, request, jkt)
    const granted = splitScope(session.scope ?? '')
    const scopes = asked === undefined ? granted : splitScope(asked)
    const rights = rightsOf(role)
    // What the app may ask for, and what the person may do, can both have become less.
    const left = scopes.filter(
      scope => client.scopes.includes(scope) && (!isPermission(scope) || rights.includes(scope)),
    )
    return answerFor(deps, client, session, { scopes: left, refresh_token, jkt, nonce: null })
  },

  client_credentials: async ({ deps, client, request, jkt }) => {
    const asked = splitScope(request.form.get('scope') ?? client.scopes.join(' '))
    const permissions = asked.filter(isPermission).filter(right => client.scopes.includes(right))
    if (permissions.length !== asked.length || asked.length === 0) throw scopeNotAllowed()
    const access_token = await deps.accessTokens.signForService({ id: client.id, permissions }, jkt)
    deps.log('info', 'service login', { request_id: request.request_id, client_id: client.id })
    return { access_token, ...common(jkt), scope: permissions.join(' ') }
  },
}

/** The rotation of auth/refresh.ts, for a session of this client and key, and in the words of OAuth. */
async function rotateFor(deps: Deps, client: ClientRow, request: TokenRequest, jkt: string | null) {
  const given = required(request, 'refresh_token')
  const asked = splitScope(request.form.get('scope') ?? '')
  let isWider = false
  try {
    return await rotate(deps, given, request.request_id, session => {
      const isTheirs = session.client_id === client.id && (session.dpop_jkt ?? jkt) === jkt
      isWider = isTheirs && !asked.every(scope => splitScope(session.scope ?? '').includes(scope))
      return isTheirs && !isWider
    })
  } catch (error) {
    if (isWider) throw scopeNotAllowed()
    if (error instanceof DomainError && error.kind === refreshTokenInvalid) {
      throw new OAuthError('invalid_grant', 'The refresh token is not good, or not for this client.')
    }
    throw error
  }
}

type Session = typeof sessions.$inferSelect
interface Extent {
  scopes: string[]
  refresh_token: string | null
  jkt: string | null
  /** `nonce` of the authorization request. */
  nonce: string | null
}

async function answerFor(
  deps: Deps,
  client: ClientRow,
  session: Session,
  { scopes, refresh_token, jkt, nonce }: Extent,
): Promise<TokenAnswer> {
  const { accessTokens } = deps
  const authenticated_at = Math.floor((session.authenticated_at ?? session.created_at) / 1000)
  const permissions = scopes.filter(isPermission)
  const subject = { id: session.user_id, session_id: session.id, authenticated_at, permissions }
  const access_token = await accessTokens.sign({ ...subject, app: { client_id: client.id, scopes } }, jkt)
  return {
    access_token,
    ...common(jkt),
    scope: scopes.join(' '),
    ...(refresh_token === null ? {} : { refresh_token }),
    ...(scopes.includes('openid')
      ? { id_token: await idToken(deps, client, subject, access_token, nonce) }
      : {}),
  }
}

/** OpenID Connect Core §2. What `profile` and `email` open is read at `/oauth/userinfo` (§5.4). */
async function idToken(
  { accessTokens, config, clock }: Deps,
  client: ClientRow,
  { id, authenticated_at }: { id: string; authenticated_at: number },
  access_token: string,
  nonce: string | null,
): Promise<string> {
  const iat = Math.floor(clock() / 1000)
  return accessTokens.signIdToken({
    iss: config.PUBLIC_URL,
    sub: id,
    aud: client.id,
    iat,
    exp: iat + ACCESS_TOKEN_SECONDS,
    auth_time: authenticated_at,
    at_hash: await halfDigest(access_token),
    ...(nonce === null ? {} : { nonce }),
  })
}

/** `at_hash`: the left half of SHA-256, as ES256 wants it (§3.1.3.6). */
async function halfDigest(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return Buffer.from(digest.slice(0, 16)).toString('base64url')
}

const common = (jkt: string | null) => ({
  token_type: jkt === null ? ('Bearer' as const) : ('DPoP' as const),
  expires_in: ACCESS_TOKEN_SECONDS,
})

/** A parameter that has to be there. Raises `invalid_request`. */
export function required({ form }: FormRequest, name: string): string {
  const value = form.get(name)
  if (value === undefined) throw new OAuthError('invalid_request', `${name} is missing.`)
  return value
}

/** RFC 8707: tokens are for this shop, under whatever path. Raises `invalid_target`. */
function refuseOtherResource({ config }: Pick<Deps, 'config'>, resource: string | undefined): void {
  if (resource === undefined || isOfShop(resource, config.PUBLIC_URL)) return
  throw new OAuthError('invalid_target', 'Tokens of this server are for this shop only.')
}

const scopeNotAllowed = (): OAuthError =>
  new OAuthError('invalid_scope', 'The client may not have this scope.')
