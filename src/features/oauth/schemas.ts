// Wire shapes of OAuth and OpenID Connect, as their specifications write them.

import { z } from '@hono/zod-openapi'
import { list, Timestamp } from '../../http/schemas.ts'

const text = (description: string, example?: string) => z.string().openapi({ description, example })

export const TokenForm = z
  .object({
    grant_type: text('`authorization_code`, `refresh_token` or `client_credentials`.', 'client_credentials'),
    code: text('With `authorization_code`: the code.').optional(),
    redirect_uri: text('With `authorization_code`: the one that the code was asked for with.').optional(),
    code_verifier: text('With `authorization_code`: what the S256 challenge was made of.').optional(),
    refresh_token: text('With `refresh_token`.').optional(),
    scope: text('Less than what was given or registered; all of it when left out.').optional(),
    resource: text('This shop’s address, if given at all (RFC 8707).').optional(),
    client_id: text('Of a client without a secret.').optional(),
    client_assertion: text('With `private_key_jwt` (RFC 7523).').optional(),
    client_assertion_type: text('`urn:ietf:params:oauth:client-assertion-type:jwt-bearer`').optional(),
  })
  .openapi('TokenForm', { example: { grant_type: 'client_credentials', scope: 'orders:read' } })

export const TokenOnlyForm = z
  .object({
    token: text('An access or refresh token.'),
    token_type_hint: text('Not needed.').optional(),
    client_id: text('Of a client without a secret.').optional(),
    client_assertion: text('With `private_key_jwt` (RFC 7523).').optional(),
    client_assertion_type: text('`urn:ietf:params:oauth:client-assertion-type:jwt-bearer`').optional(),
  })
  .openapi('TokenOnlyForm', { example: { token: 'rt_9f86d081884c7d659a2feaa0c55ad015' } })

export const TokenAnswer = z
  .strictObject({
    access_token: text('Send it as `Authorization: Bearer`, or `DPoP`.'),
    token_type: z.enum(['Bearer', 'DPoP']),
    expires_in: z.int().openapi({ description: 'Seconds.', example: 900 }),
    scope: text('What the token opens.', 'orders:read'),
    refresh_token: text('With the scope `offline_access`. Good once.').optional(),
    id_token: text('With the scope `openid`.').optional(),
  })
  .openapi('TokenAnswer', {
    description: 'RFC 6749 §5.1.',
    example: {
      access_token: 'eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiJjbGlfMDEifQ.c2lnbmF0dXJl',
      token_type: 'Bearer',
      expires_in: 900,
      scope: 'orders:read',
    },
  })

export const Introspection = z
  .strictObject({
    active: z.boolean(),
    scope: z.string().optional(),
    client_id: z.string().optional(),
    token_type: z.enum(['Bearer', 'DPoP']).optional(),
    sub: z.string().optional(),
    iss: z.string().optional(),
    aud: z.string().optional(),
    iat: z.int().optional(),
    exp: z.int().optional(),
    jti: z.string().optional(),
    cnf: z.strictObject({ jkt: z.string() }).optional(),
  })
  .openapi('Introspection', { description: 'RFC 7662 §2.2.', example: { active: false } })

export const KeySet = z
  .strictObject({
    keys: z.array(
      z.strictObject({
        kty: z.literal('EC'),
        crv: z.literal('P-256'),
        x: z.string(),
        y: z.string(),
        kid: z.string(),
        alg: z.literal('ES256'),
        use: z.literal('sig'),
      }),
    ),
  })
  .openapi('KeySet', {
    description: 'RFC 7517.',
    example: {
      keys: [
        {
          kty: 'EC',
          crv: 'P-256',
          x: '-l8GEQDia7dRCZ6GePdihrSl23FfvhEivcQtoHQF-I8',
          y: 'a-8t5t7GfVALIrK80jmb_KuWn7FW8-cNVIJnpej8cs8',
          kid: '2026-11-22-1f0c5a2e',
          alg: 'ES256',
          use: 'sig',
        },
      ],
    },
  })

export const UserInfo = z
  .strictObject({
    sub: text('User id.', 'usr_01KAMRCB9R0000000000000000'),
    name: z.string().optional(),
    updated_at: z.int().openapi({ description: 'Epoch seconds.' }).optional(),
    email: z.string().optional(),
    email_verified: z.literal(true).optional(),
  })
  .openapi('UserInfo', {
    description: 'OpenID Connect Core §5.3.2.',
    example: {
      sub: 'usr_01M81J18G0F1WA11106WFXGE52',
      name: 'Ada Lovelace',
      updated_at: 1795348800,
      email: 'ada@example.com',
      email_verified: true,
    },
  })

const SHOP = 'https://shop.example'

export const ServerMetadata = z.looseObject({ issuer: z.url() }).openapi('ServerMetadata', {
  description: 'RFC 8414 §2 and OpenID Connect Discovery §3.',
  example: { issuer: SHOP, token_endpoint: `${SHOP}/oauth/token` },
})

export const ResourceMetadata = z.looseObject({ resource: z.url() }).openapi('ResourceMetadata', {
  description: 'RFC 9728 §2.',
  example: { resource: SHOP, authorization_servers: [SHOP] },
})

const exampleGrant = {
  id: 'grt_01M81J18G0F1WA11106WFXGE52',
  client_id: 'cli_01M81J18G0F1WA11106WFXGE52',
  name: 'Garden planner',
  scopes: ['openid', 'me:orders'],
  created_at: '2026-11-22T12:00:00.000Z',
  updated_at: '2026-11-22T12:00:00.000Z',
}

export const AppGrant = z
  .strictObject({
    id: text('Id of the permission.', 'grt_01KAMRCB9R0000000000000000'),
    client_id: z.string(),
    name: text('Name of the app.'),
    scopes: z.array(z.string()).openapi({ description: 'What it may do.' }),
    created_at: Timestamp,
    updated_at: Timestamp,
  })
  .openapi('AppGrant', { description: 'What a person let an app do.', example: exampleGrant })

export const AppGrantList = list('AppGrantList', AppGrant, exampleGrant)

export type TokenAnswer = z.output<typeof TokenAnswer>
export type Introspection = z.output<typeof Introspection>
export type UserInfo = z.output<typeof UserInfo>
export type AppGrant = z.output<typeof AppGrant>
