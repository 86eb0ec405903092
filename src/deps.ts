// The composition root: what the environment gives becomes what features need. Tests build the same `Deps` from
// parts of their own (a fixed clock, counted ids, a faulty payment provider), so nothing has to be mocked.

import { type Bindings, type Config, readBindings, readConfig } from './config.ts'
import { type Db, d1Db } from './db/client.ts'
import type { Kv } from './db/kv.ts'
import { connectLibsql } from './db/libsql-http.ts'
import { recordDenied } from './features/audit/denied.ts'
import { type AccessTokens, createAccessTokens } from './features/auth/access-token.ts'
import { createPasswords, type Passwords } from './features/auth/password-hash.ts'
import { bucketImages, type ImageStore } from './features/images/store.ts'
import { httpMailer, type Mailer, mailboxMailer, noMailer } from './features/notifications/mailer.ts'
import { checkProof, type ProofRequest } from './features/oauth/proofs.ts'
import { currentRights } from './features/oauth/rights.ts'
import { type PaymentProviders, paymentProviders } from './features/payments/provider.ts'
import { manualProvider } from './features/payments/providers/manual.ts'
import { testProvider } from './features/payments/providers/test.ts'
import { oidcProvider } from './features/providers/oidc.ts'
import type { IdentityProvider } from './features/providers/provider.ts'
import type { DeniedAccess, ServiceClient, SignedIn } from './http/context.ts'
import { kvRateLimiter, type RateLimiter } from './http/rate-limiter.ts'
import { jitteredPause, type Pause } from './lib/backoff.ts'
import { type Clock, systemClock } from './lib/clock.ts'
import { createIdGenerator, type IdGenerator } from './lib/ids.ts'

export type LogLevel = 'info' | 'warn' | 'error'
/** Writes one structured line. Never give it a token, an address or a body. */
export type Log = (level: LogLevel, message: string, fields: Record<string, unknown>) => void

export interface Deps {
  config: Config
  db: Db
  kv: Kv
  clock: Clock
  /** Waits before a write that lost a race is tried again. */
  pause: Pause
  /** A signal that aborts after so many milliseconds. */
  timeoutSignal: (ms: number) => AbortSignal
  ids: IdGenerator
  paymentProviders: PaymentProviders
  rateLimiter: RateLimiter
  passwords: Passwords
  accessTokens: AccessTokens
  /** The rights that somebody has now; null when their session is over or their client shut out. One database read. */
  currentPermissions: (caller: SignedIn | ServiceClient) => Promise<SignedIn['permissions'] | null>
  /** Checks the proof that comes with a bound token, and uses it up. Raises `token_invalid`. */
  checkProof: (request: ProofRequest) => Promise<void>
  /** Outside OpenID providers that people may log in at. */
  identityProviders: readonly IdentityProvider[]
  /** Puts a refusal on record. Never throws. */
  recordDenied: (denied: DeniedAccess) => Promise<void>
  mailer: Mailer
  log: Log
  /** Serves a static file by its path; null when there is none. */
  assets: (path: string) => Promise<Response | null>
  /** Uploaded pictures; null where nothing keeps them. */
  images: ImageStore | null
}

/** Writes log lines as JSON, one a line, which Workers Logs indexes. Never throws: no sale fails for its log line. */
export const jsonLog: Log = (level, message, fields) => {
  let line = JSON.stringify({ level, message })
  try {
    line = JSON.stringify({ level, message, ...fields })
  } catch {
    // Fields that JSON cannot hold; the message still tells where.
  }
  console[level](line)
}

/** What differs between runtimes; everything else is built alike. */
export type Platform = Pick<Deps, 'db' | 'kv' | 'assets'> & { images?: ImageStore }

/** Builds `Deps` on a platform. The `test` provider exists only where no real shop can be (INV-ONCE needs a real one). */
export function createDeps(config: Config, platform: Platform): Deps {
  const clock = systemClock
  const ids = createIdGenerator(clock)
  const isLocal = config.ENVIRONMENT !== 'production'
  return {
    config,
    ...platform,
    images: platform.images ?? null,
    clock,
    pause: jitteredPause,
    timeoutSignal: ms => AbortSignal.timeout(ms),
    ids,
    paymentProviders: isLocal
      ? paymentProviders(manualProvider, testProvider(platform.db))
      : paymentProviders(manualProvider),
    rateLimiter: kvRateLimiter(platform.kv, clock, config.RATE_LIMIT_PER_MINUTE),
    passwords: createPasswords(),
    accessTokens: createAccessTokens(config.SIGNING_KEYS, config.PUBLIC_URL, clock),
    currentPermissions: caller => currentRights({ db: platform.db, clock }, caller),
    checkProof: request => checkProof({ db: platform.db, clock, config }, request),
    identityProviders: identityProvidersOf(config, clock),
    recordDenied: denied => recordDenied({ db: platform.db, ids, clock, log: jsonLog }, denied),
    mailer: mailerOf(config),
    log: jsonLog,
  }
}

function identityProvidersOf(config: Config, clock: Clock): IdentityProvider[] {
  const outside = {
    fetch: (input: RequestInfo | URL, init?: RequestInit) => fetch(input, init),
    clock,
    allowsLoopback: config.ENVIRONMENT !== 'production',
    timeout: (ms: number) => AbortSignal.timeout(ms),
    log: (message: string, fields: Record<string, unknown>) => jsonLog('warn', message, fields),
  }
  const home = accountUrlOf(config)
  return (config.OIDC_PROVIDERS ?? []).map(provider => oidcProvider(provider, home, outside))
}

/** The storefront's account page. */
const accountUrlOf = ({ ACCOUNT_URL, PUBLIC_URL }: Config): string => ACCOUNT_URL ?? `${PUBLIC_URL}/account`

function mailerOf({ ENVIRONMENT, MAIL_URL, MAIL_TOKEN, MAIL_FROM }: Config): Mailer {
  if (MAIL_URL && MAIL_TOKEN && MAIL_FROM)
    return httpMailer({ url: MAIL_URL, token: MAIL_TOKEN, from: MAIL_FROM })
  return ENVIRONMENT === 'production' ? noMailer : mailboxMailer
}

/** Builds `Deps` from a Worker's environment. Throws ConfigError. */
export function workerDeps(env: Record<string, unknown>): Deps {
  const config = readConfig(env)
  const bindings = readBindings(env, config)
  return createDeps(config, {
    db: openDb(config, bindings),
    kv: bindings.KV,
    assets: workerAssets(bindings.ASSETS),
    ...(bindings.IMAGES ? { images: bucketImages(bindings.IMAGES) } : {}),
  })
}

function openDb(config: Config, bindings: Bindings): Db {
  if (config.DATABASE_URL) return connectLibsql(config.DATABASE_URL, config.DATABASE_AUTH_TOKEN)
  if (bindings.DB) return d1Db(bindings.DB)
  throw new Error('unreachable: readBindings wants a database')
}

const workerAssets =
  (assets: Fetcher | undefined) =>
  async (path: string): Promise<Response | null> => {
    const response = await assets?.fetch(new Request(`https://assets.invalid${path}`))
    return response?.ok ? response : null
  }
