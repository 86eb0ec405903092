// Logins at outside OpenID providers, and those that are under way.

import { index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import { users } from '../users/table.ts'

/** Somebody's account at a provider, which opens theirs here. */
export const identities = sqliteTable(
  'identities',
  {
    id: text().primaryKey(),
    user_id: text()
      .notNull()
      .references(() => users.id),
    provider: text().notNull(),
    issuer: text().notNull(),
    /** The provider's own id of the person: with the issuer the only name that is never given to another (OIDC Core §5.7). */
    subject: text().notNull(),
    created_at: integer().notNull(),
  },
  t => [
    uniqueIndex('identities_subject').on(t.issuer, t.subject),
    index('identities_by_user').on(t.user_id, t.id),
  ],
)

/** A login that was sent to a provider. State, nonce and verifier are derived from the id, so the row opens nothing. */
export const providerLogins = sqliteTable(
  'provider_logins',
  {
    id: text().primaryKey(),
    provider: text().notNull(),
    /** Who wants to link the identity; null for a login. */
    user_id: text(),
    created_at: integer().notNull(),
    expires_at: integer().notNull(),
  },
  t => [index('provider_logins_expiry').on(t.expires_at)],
)
