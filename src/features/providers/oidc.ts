// An OpenID Connect relying party (OpenID Connect Core 1.0 §3.1, Discovery 1.0, RFC 7636, RFC 9207): the authorization code
// flow with PKCE, and nothing of what a provider says believed unchecked. Metadata and keys are kept in memory; only values
// are shared between requests, never promises, which workerd forbids.

import { createLocalJWKSet, decodeProtectedHeader, errors, type JSONWebKeySet, jwtVerify } from 'jose'
import { z } from 'zod'
import { DomainError } from '../../lib/errors.ts'
import type { ProviderConfig } from '../../lib/provider-config.ts'
import { LINE_PATTERN } from '../../lib/text.ts'
import { providerRefused } from './errors.ts'
import {
  fetchDocument,
  isFetchable,
  type Outside,
  OutsideError,
  unavailableProvider,
} from './fetch-document.ts'
import type { Claims, IdentityProvider } from './provider.ts'

/** How long metadata and keys are taken for true. */
const FRESH_MS = 60 * 60 * 1000
/** The least time between two fetches of keys that an unknown `kid` asks for, so that forged tokens cause no traffic. */
const COOLDOWN_MS = 30_000
const SKEW_SECONDS = 60
/** An ID token is made for the answer that it comes in. */
const MAX_AGE_SECONDS = 10 * 60

const Metadata = z.object({
  issuer: z.string(),
  authorization_endpoint: z.url(),
  token_endpoint: z.url(),
  jwks_uri: z.url(),
  userinfo_endpoint: z.url().optional(),
  authorization_response_iss_parameter_supported: z.boolean().optional(),
})
type Metadata = z.output<typeof Metadata>

const Jwks = z.object({ keys: z.array(z.looseObject({ kty: z.string() })).max(100) })
const TokenAnswer = z.object({
  id_token: z.string().max(16_384),
  access_token: z.string().max(16_384),
  token_type: z.string().regex(/^bearer$/i),
})

/** Who the person is, in an ID token or at the UserInfo endpoint. */
const profile = {
  sub: z.string().min(1).max(255),
  email: z.email().max(254).optional().catch(undefined),
  // Nothing but true is true: some providers send "true", or leave it out for addresses that anybody may type in.
  email_verified: z.literal(true).optional().catch(undefined),
  name: z.string().min(1).max(200).regex(LINE_PATTERN).optional().catch(undefined),
}
const UserInfo = z.object(profile)
type UserInfo = z.output<typeof UserInfo>

/** What an ID token must hold for us; what else it holds is not read. */
const IdToken = z.object({
  ...profile,
  iss: z.string(),
  aud: z.union([z.string(), z.array(z.string()).min(1)]),
  azp: z.string().optional(),
  exp: z.number(),
  iat: z.number(),
  nonce: z.string(),
})

/** Builds a provider. `redirectUri` is where it sends people back to when its configuration does not say. */
export function oidcProvider(
  config: ProviderConfig,
  redirectUri: string,
  outside: Outside,
): IdentityProvider {
  const redirect_uri = config.redirect_uri ?? redirectUri
  const metadata = cached(() => fetchMetadata(config, outside), outside)
  const keys = cached(async () => fetchKeys((await metadata.read()).jwks_uri, outside), outside)

  return {
    id: config.id,
    name: config.name,

    authorizationUrl: async ({ state, nonce, code_challenge }) => {
      const url = new URL((await orUnavailable(metadata.read)).authorization_endpoint)
      const parameters = {
        response_type: 'code',
        client_id: config.client_id,
        redirect_uri,
        scope: config.scope,
        state,
        nonce,
        code_challenge,
        code_challenge_method: 'S256',
      }
      for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
      return url.href
    },

    redeem: async ({ code, iss, nonce, code_verifier }) => {
      const found = await orUnavailable(metadata.read)
      // RFC 9207 §2.4: an answer from another provider is not sent to this one.
      const mustName = found.authorization_response_iss_parameter_supported === true
      if (iss === undefined ? mustName : iss !== config.issuer)
        throw refuse('the answer names another issuer')
      const answer = await orUnavailable(() =>
        fetchDocument(outside, found.token_endpoint, {
          method: 'POST',
          ...tokenRequest(config, { code, redirect_uri, code_verifier }),
        }),
      )
      if (!answer.ok) throw refuse('the token endpoint refused the code')
      const tokens = TokenAnswer.safeParse(answer.document)
      if (!tokens.success) throw refuse('the token answer has no ID token')
      const claims = await verify(tokens.data.id_token, nonce)
      const { userinfo_endpoint } = found
      if (claims.email !== undefined || userinfo_endpoint === undefined) return claimsOf(claims)
      return claimsOf(await userInfo(userinfo_endpoint, tokens.data.access_token, claims.sub))
    },
  }

  function refuse(why: string): DomainError {
    outside.log('login at a provider refused', { provider: config.id, why })
    return new DomainError(providerRefused, 'The provider did not confirm the login.')
  }

  async function orUnavailable<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof OutsideError)) throw error
      outside.log('provider unavailable', { provider: config.id, why: error.message })
      throw unavailableProvider()
    }
  }

  /** Many providers tell the email only here (OpenID Connect Core §5.4). */
  async function userInfo(address: string, accessToken: string, sub: string): Promise<UserInfo> {
    const answer = await orUnavailable(() =>
      fetchDocument(outside, address, { headers: { Authorization: `Bearer ${accessToken}` } }),
    )
    const parsed = UserInfo.safeParse(answer.document)
    // §5.3.2: an answer about somebody else must not be used.
    if (!answer.ok || !parsed.success || parsed.data.sub !== sub) throw refuse('the user info does not hold')
    return parsed.data
  }

  async function verify(token: string, nonce: string): Promise<z.output<typeof IdToken>> {
    const payload = await verifySignature(token)
    const parsed = IdToken.safeParse(payload)
    if (!parsed.success) throw refuse('the ID token lacks a claim')
    const claims = parsed.data
    // OpenID Connect Core §3.1.3.7: several audiences want an authorized party, and any that is named must be us.
    const severalAudiences = Array.isArray(claims.aud) && claims.aud.length > 1
    if (severalAudiences && claims.azp === undefined) throw refuse('several audiences and no azp')
    if (claims.azp !== undefined && claims.azp !== config.client_id) throw refuse('azp is another client')
    if (claims.nonce !== nonce) throw refuse('the nonce is another one')
    return claims
  }

  async function verifySignature(token: string): Promise<unknown> {
    try {
      if (isOtherToken(decodeProtectedHeader(token).typ)) throw refuse('not an ID token')
      const options = {
        algorithms: config.algorithms,
        issuer: config.issuer,
        audience: config.client_id,
        currentDate: new Date(outside.clock()),
        clockTolerance: SKEW_SECONDS,
        maxTokenAge: MAX_AGE_SECONDS,
      }
      const set = await orUnavailable(keys.read)
      try {
        return (await jwtVerify(token, createLocalJWKSet(set), options)).payload
      } catch (error) {
        if (!(error instanceof errors.JWKSNoMatchingKey)) throw error
        // The provider may have new keys: looked up, but not for every token that names an unknown one.
        const newer = await orUnavailable(keys.refresh)
        if (!newer) throw error
        return (await jwtVerify(token, createLocalJWKSet(newer), options)).payload
      }
    } catch (error) {
      if (error instanceof DomainError) throw error
      throw refuse(error instanceof errors.JOSEError ? error.code : 'the ID token cannot be read')
    }
  }

  function claimsOf({ sub, email, email_verified, name }: UserInfo): Claims {
    return {
      provider: config.id,
      issuer: config.issuer,
      subject: sub,
      verified_email: email_verified && email ? email.toLowerCase() : null,
      name: name ?? null,
    }
  }
}

/** Tokens of other kinds say so in `typ` (RFC 8725 §3.11); ID tokens have `JWT` or none. */
const isOtherToken = (typ: string | undefined): boolean => typ !== undefined && typ.toUpperCase() !== 'JWT'

function tokenRequest(
  { client_id, client_secret, auth_method }: ProviderConfig,
  grant: { code: string; redirect_uri: string; code_verifier: string },
) {
  const body = new URLSearchParams({ grant_type: 'authorization_code', ...grant })
  const headers: Record<string, string> = { 'Content-Type': 'application/x-www-form-urlencoded' }
  if (client_secret !== undefined && auth_method === 'client_secret_basic') {
    // RFC 6749 §2.3.1: both parts are form-encoded first.
    const part = (text: string) => new URLSearchParams({ '': text }).toString().slice(1)
    headers.Authorization = `Basic ${btoa(`${part(client_id)}:${part(client_secret)}`)}`
  } else {
    body.set('client_id', client_id)
    if (client_secret !== undefined) body.set('client_secret', client_secret)
  }
  return { headers, body: body.toString() }
}

async function fetchMetadata(config: ProviderConfig, outside: Outside): Promise<Metadata> {
  const { document } = await fetchDocument(
    outside,
    `${config.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`,
  )
  const parsed = Metadata.safeParse(document)
  if (!parsed.success) throw new OutsideError('the metadata is not valid')
  const found = parsed.data
  // Discovery §4.3: whoever serves the document must be whom it speaks of.
  if (found.issuer !== config.issuer) throw new OutsideError('the metadata names another issuer')
  const { authorization_endpoint, token_endpoint, jwks_uri, userinfo_endpoint = jwks_uri } = found
  const addresses = [authorization_endpoint, token_endpoint, jwks_uri, userinfo_endpoint]
  if (!addresses.every(address => isFetchable(address, outside)))
    throw new OutsideError('the metadata names an address that is not https')
  return found
}

async function fetchKeys(address: string, outside: Outside): Promise<JSONWebKeySet> {
  const parsed = Jwks.safeParse((await fetchDocument(outside, address)).document)
  if (!parsed.success) throw new OutsideError('the keys are not valid')
  // Shared secrets have no place in a public document.
  return { keys: parsed.data.keys.filter(key => key.kty !== 'oct') }
}

interface Cached<T> {
  /** The value of the last hour; a stale one when a new one cannot be had. */
  read(): Promise<T>
  /** A newer value, or null while the last fetch is too young. */
  refresh(): Promise<T | null>
}

function cached<T>(fetchValue: () => Promise<T>, { clock }: Outside): Cached<T> {
  let value: T | undefined
  let fetchedAt = Number.NEGATIVE_INFINITY
  let triedAt = Number.NEGATIVE_INFINITY

  const fetchNow = async (): Promise<T> => {
    triedAt = clock()
    const fresh = await fetchValue()
    value = fresh
    fetchedAt = clock()
    return fresh
  }
  return {
    read: async () => {
      if (value === undefined) return fetchNow()
      if (clock() - fetchedAt < FRESH_MS || clock() - triedAt < COOLDOWN_MS) return value
      const stale = value
      return fetchNow().catch(() => stale)
    },
    refresh: async () => (clock() - triedAt < COOLDOWN_MS ? null : fetchNow()),
  }
}
