// Sessions and what opens them. Nothing here opens anything by itself: refresh tokens and recovery codes are stored as
// SHA-256, account tokens are derived under TOKEN_SECRET from their id, the secrets of second factors are encrypted under
// it, networks and limits are keyed hashes.

import { sql } from 'drizzle-orm'
import { check, index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import type { ProvenIdentity } from '../providers/provider.ts'
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
    /** The app whose session it is; this and all below are null for a login of the shop's own. */
    client_id: text(),
    /** What the person let the app do, separated by spaces. */
    scope: text(),
    /** When the password was given: before the app's session began. */
    authenticated_at: integer(),
    /** Thumbprint of the key that a public client's refresh tokens are bound to (RFC 9449 §5). */
    dpop_jkt: text(),
    /** SHA-256 of the authorization code that it came of. */
    code_id: text(),
  },
  t => [
    index('sessions_by_user').on(t.user_id, t.id),
    index('sessions_expiry').on(t.expires_at),
    index('sessions_by_client').on(t.client_id).where(sql`client_id IS NOT NULL`),
    // A code makes one session, whatever is raced.
    uniqueIndex('sessions_one_a_code').on(t.code_id).where(sql`code_id IS NOT NULL`),
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

export const ACCOUNT_TOKEN_PURPOSES = [
  'register',
  'set_password',
  'second_factor',
  'change_email',
  'invite',
  'link_identity',
] as const

/**
 * What a token may do once, while it lasts: those of links in mails, and the one between a right password and the code of
 * a second factor. A `register` row holds the account to be.
 */
export const accountTokens = sqliteTable(
  'account_tokens',
  {
    id: text().primaryKey(),
    purpose: text({ enum: ACCOUNT_TOKEN_PURPOSES }).notNull(),
    email: text().notNull(),
    password_hash: text(),
    name: text(),
    /** Whose login, change of email or identity it is; of an invitation, who invites. */
    user_id: text(),
    /** Of an invitation: to which role. */
    role: text(),
    identity: text({ mode: 'json' }).$type<ProvenIdentity>(),
    created_at: integer().notNull(),
    expires_at: integer().notNull(),
  },
  t => [
    index('account_tokens_by_email').on(t.email),
    index('account_tokens_expiry').on(t.expires_at),
    index('account_tokens_by_user').on(t.user_id).where(sql`user_id IS NOT NULL`),
    check(
      'account_token_purpose_known',
      sql`purpose IN ('register', 'set_password', 'second_factor', 'change_email', 'invite', 'link_identity')`,
    ),
    check('account_token_registers_with_password', sql`(purpose = 'register') = (password_hash IS NOT NULL)`),
    check(
      'account_token_belongs_to_somebody',
      sql`(purpose IN ('register', 'set_password')) = (user_id IS NULL)`,
    ),
    check('account_token_invites_to_a_role', sql`(purpose = 'invite') = (role IS NOT NULL)`),
    check('account_token_links_an_identity', sql`(purpose = 'link_identity') = (identity IS NOT NULL)`),
  ],
)

/** A person's authenticator app. Unconfirmed it asks nobody for a code. */
export const secondFactors = sqliteTable('second_factors', {
  user_id: text()
    .primaryKey()
    .references(() => users.id),
  /** Encrypted under TOKEN_SECRET (lib/secret-box.ts). */
  secret: text().notNull(),
  /** The step of the last code that was taken: no code works twice (RFC 6238 §5.2). A trigger holds it. */
  last_step: integer().notNull(),
  created_at: integer().notNull(),
  confirmed_at: integer(),
})

/** Codes for whoever lost their app: each works once, then its row is gone. */
export const recoveryCodes = sqliteTable(
  'recovery_codes',
  {
    user_id: text()
      .notNull()
      .references(() => users.id),
    /** SHA-256, hex: 120 random bits need no slow hash (OWASP ASVS 5.0 6.5.2). */
    code_hash: text().notNull(),
  },
  t => [primaryKey({ name: 'recovery_codes_pk', columns: [t.user_id, t.code_hash] })],
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
