// The configuration: one schema over variables, secrets and bindings, and the only place that reads `env`.
// Outside local and test a weak or well-known secret is refused (OWASP ASVS 5.0 13.2.3), so a default never ships.

import { z } from 'zod'
import { ProviderConfigs } from './lib/provider-config.ts'
import { SigningKeys } from './lib/signing-key.ts'

/** Secrets that stand in this repository or in somebody's instructions, and are therefore none. */
const WELL_KNOWN_SECRET = /^local-only-|^test-|change.?me|example|placeholder|your.?secret/i
const MIN_SECRET_BYTES = 32
/** Public halves of keys that stand, or once stood, whole in this repository, whatever their kid says. */
const WELL_KNOWN_KEYS = new Set([
  'LzUdJwFJGAcCzw1Ta13zJUWfA-NLOupMTxQadPU0A8c',
  '-l8GEQDia7dRCZ6GePdihrSl23FfvhEivcQtoHQF-I8',
])
/** Hosts that are nobody's (RFC 2606), such as the placeholder in wrangler.toml. */
const RESERVED_HOST = /(?:^|\.)(?:example|invalid|example\.(?:com|net|org))$/
const MIN_STALE_SECONDS = 60
/** A charge and the look-up after it may take PAYMENT_TIMEOUT_SECONDS each; the third is for all the rest. */
const STALE_TIMEOUTS = 3
/** Fewer, and it was typed or repeated, not drawn: 32 random bytes have more in hex as in base64. */
const MIN_DISTINCT_CHARS = 10

const origin = z.url({ protocol: /^https?$/ }).transform(url => new URL(url).origin)
const wholeNumber = z
  .string()
  .regex(/^\d{1,9}$/, 'must be a whole number')
  .transform(Number)

const variables = z
  .object({
    ENVIRONMENT: z.enum(['local', 'test', 'production']),
    /** The origin under which the shop is reached: the base of absolute links. */
    PUBLIC_URL: origin,
    /** Origins that browsers may call from, separated by commas. Never `*`. */
    CORS_ORIGINS: z
      .string()
      .default('')
      .transform(text =>
        text
          .split(',')
          .map(part => part.trim())
          .filter(part => part !== ''),
      )
      .pipe(z.array(origin)),
    /** Key of the order tokens' HMAC. */
    TOKEN_SECRET: z.string(),
    /** Private keys that sign access tokens (lib/signing-key.ts). Without any, nobody can log in. */
    SIGNING_KEYS: SigningKeys.default([]),
    /** The storefront's page for links in mails: it gets `#action=…&token=…`. PUBLIC_URL/account when left out. */
    ACCOUNT_URL: z.url({ protocol: /^https?$/ }).optional(),
    /** Outside OpenID providers that people may log in at (lib/provider-config.ts). */
    OIDC_PROVIDERS: ProviderConfigs.optional(),
    /** Where mails are handed over (features/notifications/mailer.ts); all three, or none are sent. */
    MAIL_URL: z.url({ protocol: /^https$/ }).optional(),
    MAIL_TOKEN: z.string().optional(),
    MAIL_FROM: z.email().optional(),
    /** Requests a minute for one client before 429. */
    RATE_LIMIT_PER_MINUTE: wholeNumber.pipe(z.int().min(1)).default(600),
    /** Seconds after which a payment attempt that nobody finishes is finished by others. */
    COMPLETION_STALE_SECONDS: wholeNumber.default(60),
    /** Seconds that one call of a payment provider may take. */
    PAYMENT_TIMEOUT_SECONDS: wholeNumber.pipe(z.int().min(1)).default(20),
    /** Node behind a proxy: the header in which the proxy, and nobody else, puts the client's address. */
    CLIENT_IP_HEADER: z
      .string()
      .regex(/^[A-Za-z-]+$/)
      .optional(),
    /** Use libSQL instead of the D1 binding: libsql://, https:// (or, on Node, file:). */
    DATABASE_URL: z.string().optional(),
    DATABASE_AUTH_TOKEN: z.string().optional(),
    /** Node: the folder of uploaded pictures. */
    IMAGES_DIR: z.string().default('.data/images'),
  })
  .superRefine((value, context) => {
    if (value.ENVIRONMENT === 'local' || value.ENVIRONMENT === 'test') return
    if (isWeak(value.TOKEN_SECRET)) {
      context.addIssue({
        code: 'custom',
        path: ['TOKEN_SECRET'],
        message: `must be a secret of your own of at least ${MIN_SECRET_BYTES} bytes: \`openssl rand -base64 32 | wrangler secret put TOKEN_SECRET\``,
      })
    }
    const isWellKnown = (key: { kid: string; x: string }) =>
      WELL_KNOWN_SECRET.test(key.kid) || WELL_KNOWN_KEYS.has(key.x)
    if (value.SIGNING_KEYS.length === 0 || value.SIGNING_KEYS.some(isWellKnown)) {
      context.addIssue({
        code: 'custom',
        path: ['SIGNING_KEYS'],
        message:
          'must be keys of your own: `npm run --silent keys:create | wrangler secret put SIGNING_KEYS`',
      })
    }
    if (value.COMPLETION_STALE_SECONDS < MIN_STALE_SECONDS) {
      context.addIssue({
        code: 'custom',
        path: ['COMPLETION_STALE_SECONDS'],
        message: `must be at least ${MIN_STALE_SECONDS} outside local`,
      })
    }
    if (value.COMPLETION_STALE_SECONDS < STALE_TIMEOUTS * value.PAYMENT_TIMEOUT_SECONDS) {
      context.addIssue({
        code: 'custom',
        path: ['COMPLETION_STALE_SECONDS'],
        message: `must be at least ${STALE_TIMEOUTS} × PAYMENT_TIMEOUT_SECONDS outside local: longer than a charge and a look-up may take`,
      })
    }
    for (const { id, issuer, redirect_uri } of value.OIDC_PROVIDERS ?? []) {
      if (issuer.startsWith('https:') && (redirect_uri ?? 'https:').startsWith('https:')) continue
      context.addIssue({
        code: 'custom',
        path: ['OIDC_PROVIDERS'],
        message: `${id}: issuer and redirect_uri must be https outside local`,
      })
    }
    if (!value.PUBLIC_URL.startsWith('https:')) {
      context.addIssue({ code: 'custom', path: ['PUBLIC_URL'], message: 'must be https outside local' })
    }
    if (URL.canParse(value.PUBLIC_URL) && RESERVED_HOST.test(new URL(value.PUBLIC_URL).hostname)) {
      context.addIssue({
        code: 'custom',
        path: ['PUBLIC_URL'],
        message: 'is a placeholder: set the origin under which people reach the shop',
      })
    }
  })

const isWeak = (secret: string): boolean =>
  WELL_KNOWN_SECRET.test(secret) ||
  new TextEncoder().encode(secret).length < MIN_SECRET_BYTES ||
  new Set(secret).size < MIN_DISTINCT_CHARS

export type Config = z.output<typeof variables>

/** The bindings as the platform hands them over. `DB` may be absent when `DATABASE_URL` is set. */
export interface Bindings {
  DB?: D1Database
  KV: KVNamespace
  ASSETS?: Fetcher
  /** Uploaded pictures. Without it there are no uploads. */
  IMAGES?: R2Bucket
}

/** The configuration does not hold: the message names every variable and binding that is wrong. */
export class ConfigError extends Error {
  constructor(problems: string[]) {
    super(`The configuration is not usable:\n${problems.map(problem => `  - ${problem}`).join('\n')}`)
    this.name = 'ConfigError'
  }
}

/** Reads and checks variables and secrets. Throws ConfigError. */
export function readConfig(env: Record<string, unknown>): Config {
  const parsed = variables.safeParse(env)
  if (parsed.success) return parsed.data
  throw new ConfigError(parsed.error.issues.map(issue => `${issue.path.join('.')}: ${issue.message}`))
}

/** Checks the Worker's bindings. Throws ConfigError. */
export function readBindings(env: Record<string, unknown>, config: Config): Bindings {
  const problems: string[] = []
  if (!hasMethod(env.DB, 'batch') && !config.DATABASE_URL) {
    problems.push('DB: bind a D1 database in wrangler.toml, or set DATABASE_URL to a libSQL server')
  }
  if (!hasMethod(env.KV, 'get')) problems.push('KV: bind a KV namespace in wrangler.toml')
  if (problems.length > 0) throw new ConfigError(problems)
  return env as unknown as Bindings
}

const hasMethod = (value: unknown, name: string): boolean =>
  typeof value === 'object' && value !== null && name in value
