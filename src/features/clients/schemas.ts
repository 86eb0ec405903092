// Wire shapes of service clients and apps.

import { z } from '@hono/zod-openapi'
import { line, list, Page, Timestamp } from '../../http/schemas.ts'
import { REDIRECT_URI } from '../../lib/redirect-uri.ts'
import { ALL_SCOPES } from '../../lib/scopes.ts'
import { CLIENT_AUTH_METHODS, CLIENT_KINDS } from './table.ts'

const Kind = z.enum(CLIENT_KINDS).openapi({
  description:
    '`app` acts for a person who allows it; `service` acts for itself, with `client_credentials`. It never changes.',
})
const AuthMethod = z.enum(CLIENT_AUTH_METHODS).openapi({
  description:
    'How it proves that it is itself at `/oauth/token`. `none` is for apps that cannot keep a secret; their codes are bound to them by PKCE, as everybody’s. It never changes.',
})
const Name = line(80).openapi({ description: 'What people read when they are asked.', example: 'Warehouse' })
const RedirectUris = z
  .array(z.string().max(500).regex(REDIRECT_URI))
  .max(20)
  .openapi({
    description:
      'Where an app may be answered: compared letter by letter. Only the port of `http://127.0.0.1` and `http://[::1]` may differ.',
    example: ['https://planner.example/callback'],
  })
const Scopes = z
  .array(z.enum(ALL_SCOPES as [string, ...string[]]))
  .min(1)
  .max(50)
  .openapi({ description: 'All that it may ask for.', example: ['orders:read'] })
const Coordinate = z.string().regex(/^[\w-]{43}$/)
const Key = z
  .strictObject({
    kty: z.literal('EC'),
    crv: z.literal('P-256'),
    x: Coordinate,
    y: Coordinate,
    kid: z
      .string()
      .regex(/^[\w.-]{1,64}$/)
      .optional(),
  })
  .openapi('ClientKey', {
    description: 'A public key (RFC 7517) that the client signs its assertions with.',
    example: {
      kty: 'EC',
      crv: 'P-256',
      x: '-l8GEQDia7dRCZ6GePdihrSl23FfvhEivcQtoHQF-I8',
      y: 'a-8t5t7GfVALIrK80jmb_KuWn7FW8-cNVIJnpej8cs8',
      kid: '2026',
    },
  })
const Keys = z.array(Key).min(1).max(5)

const example = {
  id: 'cli_01M81J18G0F1WA11106WFXGE52',
  kind: 'service',
  name: 'Warehouse',
  auth_method: 'client_secret_basic',
  redirect_uris: [],
  scopes: ['orders:read', 'inventory:write'],
  keys: null,
  is_dpop_required: false,
  is_enabled: true,
  created_at: '2026-11-22T12:00:00.000Z',
  updated_at: '2026-11-22T12:00:00.000Z',
}

const fields = {
  id: z.string().openapi({ description: 'The `client_id`.', example: 'cli_01KAMRCB9R0000000000000000' }),
  kind: Kind,
  name: Name,
  auth_method: AuthMethod,
  redirect_uris: z.array(z.string()),
  scopes: z.array(z.string()),
  keys: z.array(Key).nullable(),
  is_dpop_required: z
    .boolean()
    .openapi({ description: 'Its tokens are always bound to a key of its own (RFC 9449).' }),
  is_enabled: z.boolean().openapi({ description: 'False: shut out, and all its sessions ended.' }),
  created_at: Timestamp,
  updated_at: Timestamp,
}

export const Client = z.strictObject(fields).openapi('Client', {
  description: 'An app or a service client that is let in.',
  example,
})

const exampleSecret = 'cs_9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'

export const ClientWithSecret = z
  .strictObject({
    ...fields,
    client_secret: z.string().nullable().openapi({
      description: 'Shown this once, and stored as a digest only. Null when its method needs none.',
    }),
  })
  .openapi('ClientWithSecret', {
    description: 'A client with a fresh secret.',
    example: { ...example, client_secret: exampleSecret },
  })

export const ClientList = list('ClientList', Client, example)

export const ClientQuery = z.strictObject({
  ...Page,
  kind: z.enum(CLIENT_KINDS).optional().openapi({ description: 'Only of this kind.', example: 'service' }),
})

export const CreateClient = z
  .strictObject({
    kind: Kind,
    name: Name,
    auth_method: AuthMethod,
    redirect_uris: RedirectUris.default([]),
    scopes: Scopes,
    keys: Keys.optional(),
    is_dpop_required: z.boolean().default(false),
  })
  .openapi('CreateClient', {
    example: {
      kind: 'service',
      name: 'Warehouse',
      auth_method: 'client_secret_basic',
      scopes: ['orders:read', 'inventory:write'],
    },
  })

export const UpdateClient = z
  .strictObject({
    name: Name.optional(),
    redirect_uris: RedirectUris.optional(),
    scopes: Scopes.optional(),
    keys: Keys.optional(),
    is_dpop_required: z.boolean().optional(),
    is_enabled: z.boolean().optional(),
  })
  .openapi('UpdateClient', {
    description: 'What is left out stays.',
    example: { name: 'Warehouse in Leipzig', is_enabled: true },
  })

export type Client = z.output<typeof Client>
export type ClientWithSecret = z.output<typeof ClientWithSecret>
export type CreateClient = z.output<typeof CreateClient>
export type UpdateClient = z.output<typeof UpdateClient>
