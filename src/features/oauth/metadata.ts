// What a client has to know to begin, and nothing that is not so: every endpoint, method and algorithm here works.

import type { Deps } from '../../deps.ts'
import { ALL_SCOPES } from '../../lib/scopes.ts'
import { CLIENT_AUTH_METHODS } from '../clients/table.ts'
import { ASSERTION_ALGORITHM } from './client-auth.ts'
import { GRANT_TYPES } from './tokens.ts'

const ES256 = 'ES256'

/** RFC 8414 §2, with what OpenID Connect Discovery §3 adds: one document under both names. */
export function getServerMetadata({ config }: Deps) {
  const issuer = config.PUBLIC_URL
  const proving = CLIENT_AUTH_METHODS.filter(method => method !== 'none')
  const algorithms = [ASSERTION_ALGORITHM]
  return {
    issuer,
    authorization_endpoint: `${issuer}/oauth/authorize`,
    token_endpoint: `${issuer}/oauth/token`,
    revocation_endpoint: `${issuer}/oauth/revoke`,
    introspection_endpoint: `${issuer}/oauth/introspect`,
    userinfo_endpoint: `${issuer}/oauth/userinfo`,
    jwks_uri: `${issuer}/oauth/jwks`,
    scopes_supported: ALL_SCOPES,
    response_types_supported: ['code'],
    response_modes_supported: ['query'],
    grant_types_supported: GRANT_TYPES,
    code_challenge_methods_supported: ['S256'],
    authorization_response_iss_parameter_supported: true,
    token_endpoint_auth_methods_supported: CLIENT_AUTH_METHODS,
    token_endpoint_auth_signing_alg_values_supported: algorithms,
    revocation_endpoint_auth_methods_supported: CLIENT_AUTH_METHODS,
    revocation_endpoint_auth_signing_alg_values_supported: algorithms,
    introspection_endpoint_auth_methods_supported: proving,
    introspection_endpoint_auth_signing_alg_values_supported: algorithms,
    dpop_signing_alg_values_supported: [ES256],
    id_token_signing_alg_values_supported: [ES256],
    subject_types_supported: ['public'],
    prompt_values_supported: ['none', 'login', 'consent', 'select_account'],
    claims_supported: ['sub', 'name', 'updated_at', 'email', 'email_verified', 'auth_time'],
    claims_parameter_supported: false,
    request_parameter_supported: false,
    request_uri_parameter_supported: false,
    protected_resources: [issuer],
    service_documentation: `${issuer}/reference`,
  }
}

/** RFC 9728 §2: the API as a resource that this very server gives tokens for. */
export const getResourceMetadata = ({ config }: Deps) => ({
  resource: config.PUBLIC_URL,
  authorization_servers: [config.PUBLIC_URL],
  jwks_uri: `${config.PUBLIC_URL}/oauth/jwks`,
  scopes_supported: ALL_SCOPES,
  bearer_methods_supported: ['header'],
  dpop_signing_alg_values_supported: [ES256],
  resource_documentation: `${config.PUBLIC_URL}/reference`,
})

/** The public keys of tokens (RFC 7517): the next, the current and the retiring ones. */
export const getKeySet = ({ accessTokens }: Deps) => ({ keys: accessTokens.publicKeys() })

/** OpenID Connect Discovery §4: the same document. */
export const getOpenIdConfiguration = getServerMetadata
