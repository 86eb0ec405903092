// What an authorization leaves behind. Codes are stored as SHA-256; the tokens that come of them are a session and its
// refresh tokens (auth/table.ts).

import { index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import { oauthClients } from '../clients/table.ts'
import { users } from '../users/table.ts'

/** Authorization codes: good once, for a minute. A trigger holds the "once". */
export const oauthCodes = sqliteTable(
  'oauth_codes',
  {
    /** SHA-256 of the code, hex. */
    id: text().primaryKey(),
    client_id: text()
      .notNull()
      .references(() => oauthClients.id),
    user_id: text()
      .notNull()
      .references(() => users.id),
    /** The browser's login in which it was given: when that ends first, the code is worth nothing. */
    session_id: text().notNull(),
    redirect_uri: text().notNull(),
    /** S256 of the verifier (RFC 7636). */
    code_challenge: text().notNull(),
    scope: text().notNull(),
    nonce: text(),
    /** Key that the code is bound to (RFC 9449 §10). */
    dpop_jkt: text(),
    authenticated_at: integer().notNull(),
    created_at: integer().notNull(),
    expires_at: integer().notNull(),
    used_at: integer(),
  },
  t => [
    index('oauth_codes_by_user').on(t.user_id),
    index('oauth_codes_by_client').on(t.client_id),
    index('oauth_codes_expiry').on(t.expires_at),
  ],
)

/** What a person has let an app do: asked again only for more. */
export const oauthGrants = sqliteTable(
  'oauth_grants',
  {
    id: text().primaryKey(),
    user_id: text()
      .notNull()
      .references(() => users.id),
    client_id: text()
      .notNull()
      .references(() => oauthClients.id),
    /** Separated by spaces. */
    scope: text().notNull(),
    created_at: integer().notNull(),
    updated_at: integer().notNull(),
  },
  t => [
    uniqueIndex('oauth_grants_one_an_app').on(t.user_id, t.client_id),
    index('oauth_grants_by_client').on(t.client_id),
  ],
)

/** What may be seen once (proofs, assertions), and service tokens that were revoked; each until it expires anyway. */
export const usedTokenIds = sqliteTable(
  'used_token_ids',
  {
    /** SHA-256 over kind, owner and `jti`, hex. */
    id: text().primaryKey(),
    expires_at: integer().notNull(),
  },
  t => [index('used_token_ids_expiry').on(t.expires_at)],
)
