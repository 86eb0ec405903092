// Who is let in beside people: apps that act for a person, and service clients that act for themselves.

import { sql } from 'drizzle-orm'
import { check, index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { ClientKey } from './keys.ts'

export const CLIENT_KINDS = ['app', 'service'] as const
/** How a client proves that it is itself (RFC 8414, `token_endpoint_auth_methods_supported`). */
export const CLIENT_AUTH_METHODS = ['none', 'client_secret_basic', 'private_key_jwt'] as const

export const oauthClients = sqliteTable(
  'oauth_clients',
  {
    id: text().primaryKey(),
    kind: text({ enum: CLIENT_KINDS }).notNull(),
    /** What people read on the consent page. */
    name: text().notNull(),
    auth_method: text({ enum: CLIENT_AUTH_METHODS }).notNull(),
    /** SHA-256 of the secret, hex; the secret itself is shown once and kept nowhere. */
    secret_hash: text(),
    /** Public keys of `private_key_jwt`. */
    keys: text({ mode: 'json' }).$type<ClientKey[]>(),
    redirect_uris: text({ mode: 'json' }).$type<string[]>().notNull(),
    /** All that it may ever ask for. */
    scopes: text({ mode: 'json' }).$type<string[]>().notNull(),
    /** Its tokens must be bound to a key of its own (RFC 9449 §5.2). */
    is_dpop_required: integer({ mode: 'boolean' }).notNull(),
    version: integer().notNull(),
    created_at: integer().notNull(),
    updated_at: integer().notNull(),
    disabled_at: integer(),
  },
  t => [
    index('oauth_clients_by_kind').on(t.kind, t.id),
    check('client_kind_known', sql`kind IN ('app', 'service')`),
    check('client_auth_method_known', sql`auth_method IN ('none', 'client_secret_basic', 'private_key_jwt')`),
    check('client_secret_by_method', sql`(auth_method = 'client_secret_basic') = (secret_hash IS NOT NULL)`),
    check('client_keys_by_method', sql`(auth_method = 'private_key_jwt') = (keys IS NOT NULL)`),
    check('client_service_proves_itself', sql`kind = 'app' OR auth_method <> 'none'`),
    check('client_redirects_by_kind', sql`(kind = 'app') = (json_array_length(redirect_uris) > 0)`),
  ],
)
