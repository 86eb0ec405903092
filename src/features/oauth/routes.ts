// OAuth over HTTP: what clients call with a proof of themselves, what anybody may read, and what people see of it.

import { z } from '@hono/zod-openapi'
import { invalidCursor, notFound } from '../../http/errors.ts'
import { formRouter } from '../../http/form-operation.ts'
import { operation, reply, replyDone, userOf } from '../../http/operation.ts'
import { createRouter } from '../../http/router.ts'
import { Page } from '../../http/schemas.ts'
import { listGrants, revokeGrant } from './grants.ts'
import { getKeySet, getOpenIdConfiguration, getResourceMetadata, getServerMetadata } from './metadata.ts'
import {
  AppGrantList,
  Introspection,
  KeySet,
  ResourceMetadata,
  ServerMetadata,
  TokenAnswer,
  TokenForm,
  TokenOnlyForm,
  UserInfo,
} from './schemas.ts'
import { introspect, revoke } from './token-state.ts'
import { token } from './tokens.ts'
import { getUserInfo, postUserInfo } from './userinfo.ts'

const TAG = 'OAuth'
/** Metadata and keys change only with a deployment or a rotation, which is announced ahead. */
const METADATA_CACHE = 'public, max-age=300'

/** `/oauth/token`, `/oauth/revoke`, `/oauth/introspect`. */
export const clientFacingRoutes = () =>
  formRouter([
    {
      path: '/oauth/token',
      operationId: 'token',
      summary: 'Get tokens',
      description:
        'Redeems an authorization code (with PKCE), a refresh token, or a service client’s own proof. A client proves itself by `Authorization: Basic` with id and secret, by `private_key_jwt`, or, where it has no secret, names itself in `client_id`. A `DPoP` header binds the tokens to its key; the nonce comes with the first refusal.',
      tag: TAG,
      form: TokenForm,
      success: { description: 'The tokens.', schema: TokenAnswer },
      errors: [
        'invalid_request',
        'invalid_client',
        'invalid_grant',
        'unauthorized_client',
        'unsupported_grant_type',
        'invalid_scope',
        'invalid_target',
        'invalid_dpop_proof',
        'use_dpop_nonce',
      ],
      answer: (c, input) => token(c.var.deps, input),
    },
    {
      path: '/oauth/revoke',
      operationId: 'revoke',
      summary: 'Take a token back',
      description:
        'Ends what a token opens (RFC 7009), at once: with a refresh token, or an access token for a person, the app’s whole session. An unknown token has the same answer.',
      tag: TAG,
      form: TokenOnlyForm,
      success: { description: 'It opens nothing any more.' },
      errors: ['invalid_request', 'invalid_client', 'invalid_grant'],
      answer: (c, input) => revoke(c.var.deps, input),
    },
    {
      path: '/oauth/introspect',
      operationId: 'introspect',
      summary: 'Ask about a token',
      description:
        'Says what a token opens now (RFC 7662), to the client that it was given to, or to a service client with the right `clients:read`. Whatever is not good is `{"active": false}`, for whatever reason.',
      tag: TAG,
      form: TokenOnlyForm,
      success: { description: 'What it opens.', schema: Introspection },
      errors: ['invalid_request', 'invalid_client'],
      answer: (c, input) => introspect(c.var.deps, input),
    },
  ])

const serverMetadataOperation = operation({
  method: 'get',
  path: '/.well-known/oauth-authorization-server',
  operationId: 'getServerMetadata',
  summary: 'Read the authorization server’s metadata',
  description: 'Endpoints, methods and algorithms (RFC 8414): all that a client needs to begin.',
  tag: TAG,
  permission: 'public',
  success: { status: 200, description: 'The metadata.', schema: ServerMetadata },
  problems: [],
})

const openIdConfigurationOperation = operation({
  method: 'get',
  path: '/.well-known/openid-configuration',
  operationId: 'getOpenIdConfiguration',
  summary: 'Read the OpenID provider’s metadata',
  description: 'The same document under the name of OpenID Connect Discovery.',
  tag: TAG,
  permission: 'public',
  success: { status: 200, description: 'The metadata.', schema: ServerMetadata },
  problems: [],
})

const resourceMetadataOperation = operation({
  method: 'get',
  path: '/.well-known/oauth-protected-resource',
  operationId: 'getResourceMetadata',
  summary: 'Read the API’s metadata as a protected resource',
  description: 'Who gives tokens for this API (RFC 9728). Every 401 names this address.',
  tag: TAG,
  permission: 'public',
  success: { status: 200, description: 'The metadata.', schema: ResourceMetadata },
  problems: [],
})

const keySetOperation = operation({
  method: 'get',
  path: '/oauth/jwks',
  operationId: 'getKeySet',
  summary: 'Read the public keys',
  description:
    'The keys that tokens are signed with (RFC 7517): the next, the current and the retiring ones.',
  tag: TAG,
  permission: 'public',
  success: { status: 200, description: 'The keys.', schema: KeySet },
  problems: [],
})

const userInfo = {
  path: '/oauth/userinfo',
  summary: 'Read who logged in',
  description: 'The claims that the token’s scopes open (OpenID Connect Core §5.3).',
  tag: TAG,
  permission: 'buyer',
  scope: 'openid',
  success: { status: 200, description: 'The claims.', schema: UserInfo },
  problems: [],
} as const
const getUserInfoOperation = operation({
  ...userInfo,
  problems: [],
  method: 'get',
  operationId: 'getUserInfo',
})
const postUserInfoOperation = operation({
  ...userInfo,
  problems: [],
  method: 'post',
  operationId: 'postUserInfo',
})

const listGrantsOperation = operation({
  method: 'get',
  path: '/v1/users/me/grants',
  operationId: 'listGrants',
  summary: 'List what I let apps do',
  description: 'Lists the apps that the caller let in, and what each may do, oldest first.',
  tag: 'Accounts',
  permission: 'buyer',
  request: { query: z.strictObject(Page) },
  success: { status: 200, description: 'A page of apps.', schema: AppGrantList },
  problems: [invalidCursor],
})

const revokeGrantOperation = operation({
  method: 'delete',
  path: '/v1/users/me/grants/{id}',
  operationId: 'revokeGrant',
  summary: 'Shut an app out',
  description: 'Takes back what the caller let an app do. Its tokens open nothing personal from then on.',
  tag: 'Accounts',
  permission: 'buyer',
  request: {
    params: z.object({
      id: z
        .string()
        .openapi({ description: 'Id of the permission.', example: 'grt_01M81J18G0F1WA11106WFXGE52' }),
    }),
  },
  success: { status: 204, description: 'It is taken back.' },
  problems: [notFound],
})

/** Metadata, keys, userinfo, and people's grants. */
export const oauthRoutes = () =>
  createRouter()
    .openapi(serverMetadataOperation, async c =>
      reply(c, ServerMetadata, getServerMetadata(c.var.deps), { cache: METADATA_CACHE }),
    )
    .openapi(openIdConfigurationOperation, async c =>
      reply(c, ServerMetadata, getOpenIdConfiguration(c.var.deps), { cache: METADATA_CACHE }),
    )
    .openapi(resourceMetadataOperation, async c =>
      reply(c, ResourceMetadata, getResourceMetadata(c.var.deps), { cache: METADATA_CACHE }),
    )
    .openapi(keySetOperation, async c => reply(c, KeySet, getKeySet(c.var.deps), { cache: METADATA_CACHE }))
    .openapi(getUserInfoOperation, async c => reply(c, UserInfo, await getUserInfo(c.var.deps, userOf(c))))
    .openapi(postUserInfoOperation, async c => reply(c, UserInfo, await postUserInfo(c.var.deps, userOf(c))))
    .openapi(listGrantsOperation, async c =>
      reply(c, AppGrantList, await listGrants(c.var.deps, userOf(c), c.req.valid('query'))),
    )
    .openapi(revokeGrantOperation, async c => {
      await revokeGrant(c.var.deps, userOf(c), c.req.valid('param').id)
      return replyDone(c)
    })
