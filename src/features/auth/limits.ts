// Exact limits on guessing, counted in the database. The rule, which no attacker can turn against the owner:
//   - (account, network): 10 attempts in 15 minutes, then that network waits for that account.
//   - account: 50 attempts in 15 minutes from all networks, then it takes no more from networks that it does not know.
//     A network from which the account was opened in the last 90 days is known and never waits for others' attempts.
//   - network: 100 attempts in 15 minutes on all accounts.
// A right code of a second factor, sent with the password, passes the account's limit from anywhere: to guess both at once
// is hopeless. A login from the right person gives its attempts back. Whoever is shut out by others resets the password by
// mail: that clears the account's counters and makes the network known. An unknown email is counted like a known one.

import { and, eq, gt, lt, type SQL, sql } from 'drizzle-orm'
import type { Db, Statement } from '../../db/client.ts'
import type { Deps } from '../../deps.ts'
import { DomainError } from '../../lib/errors.ts'
import { hmacSha256 } from '../../lib/hash.ts'
import { tooManyAttempts } from './errors.ts'
import { attemptCounters, knownNetworks } from './table.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

export interface Limit {
  name: string
  attempts: number
  window_ms: number
}

export const LIMITS = {
  /** Password guesses at one account from one network. */
  login_pair: { name: 'login_pair', attempts: 10, window_ms: 15 * MINUTE_MS },
  login_account: { name: 'login_account', attempts: 50, window_ms: 15 * MINUTE_MS },
  login_network: { name: 'login_network', attempts: 100, window_ms: 15 * MINUTE_MS },
  /** Registrations, and mails asked for, from one network. */
  mail_network: { name: 'mail_network', attempts: 20, window_ms: HOUR_MS },
  /** Mails to one address. Beyond it none is sent, silently: an unexpired link is in the mailbox already. */
  mail_recipient: { name: 'mail_recipient', attempts: 5, window_ms: HOUR_MS },
  /** Links tried from one network. */
  link_network: { name: 'link_network', attempts: 30, window_ms: 15 * MINUTE_MS },
  /** Passwords tried at one registration's link. */
  link: { name: 'link', attempts: 10, window_ms: HOUR_MS },
  /** Wrong codes of a second factor (codes.ts). */
  code_pair: { name: 'code_pair', attempts: 5, window_ms: 15 * MINUTE_MS },
  code_account: { name: 'code_account', attempts: 10, window_ms: HOUR_MS },
  /** Logins at providers begun from one network. */
  provider_network: { name: 'provider_network', attempts: 60, window_ms: 15 * MINUTE_MS },
  /** Current passwords given by one logged-in person. */
  password_change: { name: 'password_change', attempts: 10, window_ms: 15 * MINUTE_MS },
} as const satisfies Record<string, Limit>

const KNOWN_FOR_MS = 90 * 24 * HOUR_MS

/** The key of a counter: a keyed hash of what is counted. */
export const counterKey = async (deps: Pick<Deps, 'config'>, limit: Limit, of: string): Promise<string> =>
  `${limit.name}:${await hmacSha256(deps.config.TOKEN_SECRET, `limit:${limit.name}:${of}`)}`

/** A network as it is stored: a keyed hash. */
export const networkKey = (deps: Pick<Deps, 'config'>, network: string): Promise<string> =>
  hmacSha256(deps.config.TOKEN_SECRET, `network:${network}`)

export interface Count {
  attempts: number
  resets_at: number
}

/** Counts one attempt, exactly: concurrent ones get different numbers. One row. */
export const countAttempt = (db: Db, key: string, limit: Limit, now: number) =>
  db
    .insert(attemptCounters)
    .values({ key, attempts: 1, resets_at: now + limit.window_ms })
    .onConflictDoUpdate({
      target: attemptCounters.key,
      set: {
        attempts: sql`iif(${attemptCounters.resets_at} <= ${now}, 1, ${attemptCounters.attempts} + 1)`,
        resets_at: sql`iif(${attemptCounters.resets_at} <= ${now}, ${now + limit.window_ms}, ${attemptCounters.resets_at})`,
      },
    })
    .returning({ attempts: attemptCounters.attempts, resets_at: attemptCounters.resets_at })

/** Says whether a count is above its limit. */
export const isBeyond = (counts: readonly Count[], limit: Limit): boolean =>
  (counts[0]?.attempts ?? 0) > limit.attempts

/** Raises `too_many_attempts` when a count is above its limit. */
export function refuseBeyond(counts: readonly Count[], limit: Limit, now: number): void {
  const count = counts[0]
  if (!count || !isBeyond(counts, limit)) return
  throw new DomainError(
    tooManyAttempts,
    `More than ${limit.attempts} attempts. Wait, or reset the password.`,
    {
      retryAfterSeconds: Math.max(1, Math.ceil((count.resets_at - now) / 1000)),
    },
  )
}

/** Gives an attempt back to the window in which it was counted; a window that has begun since owes nothing. */
export const giveBack = (db: Db, key: string, counts: readonly Count[]): Statement =>
  db
    .update(attemptCounters)
    .set({ attempts: sql`${attemptCounters.attempts} - 1` })
    .where(
      and(
        eq(attemptCounters.key, key),
        eq(attemptCounters.resets_at, counts[0]?.resets_at ?? 0),
        gt(attemptCounters.attempts, 0),
      ),
    )

/** Forgets a counter. */
export const clearCounter = (db: Db, key: string): Statement =>
  db.delete(attemptCounters).where(eq(attemptCounters.key, key))

/** Whether an account, by email, was opened from a network lately. */
export const selectKnownNetwork = (db: Db, email: string | SQL, network: string, now: number) =>
  db
    .select({ network: knownNetworks.network })
    .from(knownNetworks)
    .where(
      and(
        eq(knownNetworks.user_id, sql`(SELECT id FROM users WHERE email = ${email})`),
        eq(knownNetworks.network, network),
        gt(knownNetworks.seen_at, now - KNOWN_FOR_MS),
      ),
    )

/** Remembers a network from which an account was opened. */
export const rememberNetwork = (db: Db, user_id: string, network: string, now: number): Statement =>
  db
    .insert(knownNetworks)
    .values({ user_id, network, seen_at: now })
    .onConflictDoUpdate({ target: [knownNetworks.user_id, knownNetworks.network], set: { seen_at: now } })

/** Forgets what counts no longer. */
export const sweepLimits = (db: Db, now: number): [Statement, Statement] => [
  db.delete(attemptCounters).where(lt(attemptCounters.resets_at, now)),
  db.delete(knownNetworks).where(lt(knownNetworks.seen_at, now - KNOWN_FOR_MS)),
]
