// Sessions and what opens them. Nothing here opens anything by itself: refresh tokens are stored as SHA-256, account
// tokens are derived under TOKEN_SECRET from their id, networks and limits are keyed hashes.

import { sql } from 'drizzle-orm'
import { check, index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import { users } from '../users/table.ts'

export const SESSION_ENDS = ['logged_out', 'ended', 'password_changed', 'token_replayed'] as const

/** One login and all tokens that came of it: the family of RFC 9700 §4.14.2. */
export const sessions = sqliteTable(
  'sessions',
  {
    id: text().primaryKey(),
    user_id: text()
      .notNull()
      .references(() => users.id),
    /** `User-Agent` of the login, to recognise the session by. */
    device: text().notNull(),
    created_at: integer().notNull(),
    last_used_at: integer().notNull(),
    /** Absolute: no refresh moves it. */
    expires_at: integer().notNull(),
    ended_at: integer(),
    end_reason: text({ enum: SESSION_ENDS }),
  },
  t => [
    index('sessions_by_user').on(t.user_id, t.id),
    index('sessions_expiry').on(t.expires_at),
    check('session_ended_has_reason', sql`(ended_at IS NULL) = (end_reason IS NULL)`),
    check(
      'session_end_known',
      sql`end_reason IN ('logged_out', 'ended', 'password_changed', 'token_replayed')`,
    ),
  ],
)

export const refreshTokens = sqliteTable(
  'refresh_tokens',
  {
    /** SHA-256 of the token, hex. */
    id: text().primaryKey(),
    session_id: text()
      .notNull()
      .references(() => sessions.id),
    /** The token that this one replaced; null for the first of a session. */
    previous_id: text(),
    /** Random part of the derivation from the previous token, which makes a repeated answer the same (refresh.ts). */
    nonce: text(),
    created_at: integer().notNull(),
    used_at: integer(),
  },
  t => [
    index('refresh_tokens_by_session').on(t.session_id),
    // A family has one head, whatever is raced.
    uniqueIndex('refresh_tokens_one_head').on(t.session_id).where(sql`used_at IS NULL`),
    uniqueIndex('refresh_tokens_one_successor').on(t.previous_id),
  ],
)

export const ACCOUNT_TOKEN_PURPOSES = ['register', 'set_password'] as const

/** What a link in a mail may do once, within the hour. A `register` row holds the account to be. */
export const accountTokens = sqliteTable(
  'account_tokens',
  {
    id: text().primaryKey(),
    purpose: text({ enum: ACCOUNT_TOKEN_PURPOSES }).notNull(),
    email: text().notNull(),
    password_hash: text(),
    name: text(),
    created_at: integer().notNull(),
    expires_at: integer().notNull(),
  },
  t => [
    index('account_tokens_by_email').on(t.email),
    index('account_tokens_expiry').on(t.expires_at),
    check('account_token_purpose_known', sql`purpose IN ('register', 'set_password')`),
    check('account_token_registers_with_password', sql`(purpose = 'register') = (password_hash IS NOT NULL)`),
  ],
)

/** Networks from which an account was opened: others' wrong guesses never shut them out (limits.ts). */
export const knownNetworks = sqliteTable(
  'known_networks',
  {
    user_id: text()
      .notNull()
      .references(() => users.id),
    /** Keyed hash. */
    network: text().notNull(),
    seen_at: integer().notNull(),
  },
  t => [
    primaryKey({ name: 'known_networks_pk', columns: [t.user_id, t.network] }),
    index('known_networks_age').on(t.seen_at),
  ],
)

/** Exact counters. The key is a keyed hash: a dump tells nobody who tried. */
export const attemptCounters = sqliteTable(
  'attempt_counters',
  {
    key: text().primaryKey(),
    attempts: integer().notNull(),
    resets_at: integer().notNull(),
  },
  t => [
    index('attempt_counters_expiry').on(t.resets_at),
    check('attempt_counter_not_negative', sql`attempts >= 0`),
  ],
)
