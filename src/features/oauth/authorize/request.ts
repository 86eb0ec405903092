// Judges an authorization request (RFC 6749 §4.1.1 as OAuth 2.1 has it, RFC 7636, OpenID Connect Core §3.1.2.1). While
// client and redirect URI are not known to belong together nothing is sent anywhere: only a page says so.

import { isRegistered } from '../../../lib/redirect-uri.ts'
import { splitScope } from '../../../lib/scopes.ts'
import type { ClientRow } from '../client-auth.ts'

/** Codes of RFC 6749 §4.1.2.1, RFC 8707 §2 and OpenID Connect Core §3.1.2.6. */
export type AuthorizeErrorCode =
  | 'invalid_request'
  | 'unsupported_response_type'
  | 'invalid_scope'
  | 'invalid_target'
  | 'access_denied'
  | 'login_required'
  | 'consent_required'
  | 'request_not_supported'
  | 'request_uri_not_supported'

/** Where an answer goes. */
export interface ReturnAddress {
  redirect_uri: string
  state: string | undefined
}

export interface AuthorizationRequest extends ReturnAddress {
  client: ClientRow
  scopes: string[]
  nonce: string | null
  code_challenge: string
  dpop_jkt: string | null
  prompts: ReadonlySet<string>
  /** Seconds since the password was given, at most. */
  max_age: number | null
  login_hint: string
}

export type Judgement =
  | { kind: 'untrusted'; reason: 'client' | 'redirect_uri' }
  | { kind: 'error'; to: ReturnAddress; error: AuthorizeErrorCode; description: string }
  | { kind: 'good'; request: AuthorizationRequest }

/** SHA-256 in base64url. */
const DIGEST = /^[\w-]{43}$/
const MAX_CHARS = 1000
const PROMPTS = new Set(['none', 'login', 'consent', 'select_account'])
/** RFC 8707 lets it come several times; everything else comes once (RFC 6749 §3.1). */
const MAY_REPEAT = new Set(['resource'])

/** Judges a request against the client that it names. */
export function judge(query: URLSearchParams, client: ClientRow | undefined, publicUrl: string): Judgement {
  const once = (name: string): string | undefined => {
    const values = query.getAll(name).filter(value => value !== '')
    return values.length === 1 ? values[0] : undefined
  }
  if (!client || client.disabled_at !== null || once('client_id') !== client.id)
    return { kind: 'untrusted', reason: 'client' }
  const redirect_uri = once('redirect_uri')
  if (redirect_uri === undefined || !isRegistered(client.redirect_uris, redirect_uri))
    return { kind: 'untrusted', reason: 'redirect_uri' }
  const state = once('state')
  const to = { redirect_uri, state }
  const fault = (error: AuthorizeErrorCode, description: string): Judgement => ({
    kind: 'error',
    to,
    error,
    description,
  })

  for (const name of new Set(query.keys())) {
    if (query.getAll(name).length > 1 && !MAY_REPEAT.has(name))
      return fault('invalid_request', 'A parameter comes more than once.')
  }
  if ([...query.values()].some(value => value.length > MAX_CHARS))
    return fault('invalid_request', 'A parameter is too long.')
  if (query.has('request')) return fault('request_not_supported', 'Send the parameters themselves.')
  if (query.has('request_uri')) return fault('request_uri_not_supported', 'Send the parameters themselves.')
  const response_type = once('response_type')
  if (response_type === undefined) return fault('invalid_request', 'response_type is missing.')
  if (response_type !== 'code') return fault('unsupported_response_type', 'Only code is offered.')
  if ((once('response_mode') ?? 'query') !== 'query')
    return fault('invalid_request', 'Only the response_mode query is offered.')
  if (query.getAll('resource').some(resource => !isOfShop(resource, publicUrl)))
    return fault('invalid_target', 'Tokens of this server are for this shop only.')

  const code_challenge = once('code_challenge')
  if (code_challenge === undefined) return fault('invalid_request', 'code_challenge is missing (RFC 7636).')
  if (once('code_challenge_method') !== 'S256')
    return fault('invalid_request', 'code_challenge_method has to be S256.')
  if (!DIGEST.test(code_challenge)) return fault('invalid_request', 'code_challenge is no SHA-256 digest.')
  const dpop_jkt = once('dpop_jkt') ?? null
  if (dpop_jkt !== null && !DIGEST.test(dpop_jkt))
    return fault('invalid_request', 'dpop_jkt is no thumbprint.')

  const scopes = splitScope(once('scope') ?? client.scopes.join(' '))
  if (!scopes.every(scope => client.scopes.includes(scope)))
    return fault('invalid_scope', 'The app was not registered for all of these scopes.')
  const prompts = new Set(splitScope(once('prompt') ?? ''))
  if ([...prompts].some(prompt => !PROMPTS.has(prompt)) || (prompts.has('none') && prompts.size > 1))
    return fault('invalid_request', 'prompt is not usable.')
  const max_age = once('max_age') ?? null
  if (max_age !== null && !/^\d{1,9}$/.test(max_age)) return fault('invalid_request', 'max_age is no number.')

  return {
    kind: 'good',
    request: {
      ...to,
      client,
      scopes,
      nonce: once('nonce') ?? null,
      code_challenge,
      dpop_jkt,
      prompts,
      max_age: max_age === null ? null : Number(max_age),
      login_hint: once('login_hint') ?? '',
    },
  }
}

/** RFC 8707: the shop's address, or one under it. */
export function isOfShop(resource: string, publicUrl: string): boolean {
  try {
    const { origin, hash } = new URL(resource)
    return origin === publicUrl && hash === ''
  } catch {
    return false
  }
}
