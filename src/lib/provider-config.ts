// `OIDC_PROVIDERS`: the outside providers that the operator trusts to say who somebody is.

import { z } from 'zod'

/** Signatures that can be checked with a public key. `none` and shared secrets are not in the list (RFC 8725 §3.1). */
const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
] as const

const ProviderConfig = z.strictObject({
  id: z.string().regex(/^[a-z][a-z0-9-]{0,30}$/),
  name: z.string().min(1).max(60),
  /** Exactly as the provider's own metadata writes it. */
  issuer: z.url({ protocol: /^https?$/ }),
  client_id: z.string().min(1),
  client_secret: z.string().min(1).optional(),
  /** How the token endpoint gets the secret. Without a secret the code is protected by PKCE alone. */
  auth_method: z.enum(['client_secret_basic', 'client_secret_post']).default('client_secret_basic'),
  scope: z
    .string()
    .regex(/^openid( [\x21\x23-\x5b\x5d-\x7e]+)*$/)
    .default('openid email profile'),
  algorithms: z.array(z.enum(ALGORITHMS)).min(1).default(['RS256', 'ES256']),
  /** Where the provider sends people back to: a page of the storefront, registered there. ACCOUNT_URL when left out. */
  redirect_uri: z.url({ protocol: /^https?$/ }).optional(),
})

export type ProviderConfig = z.output<typeof ProviderConfig>

/** A JSON array of providers, each id once. */
export const ProviderConfigs = z
  .string()
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text)
    } catch {
      context.addIssue({ code: 'custom', message: 'must be a JSON array of providers' })
      return z.NEVER
    }
  })
  .pipe(z.array(ProviderConfig))
  .refine(list => new Set(list.map(({ id }) => id)).size === list.length, 'two providers share an id')
