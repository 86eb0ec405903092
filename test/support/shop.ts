// A shop for tests: the real app on a real database with the real migrations, and injected time, ids, payment
// provider, KV and log. Tests talk to it over HTTP only; every answer is checked against the OpenAPI document.

import { sql } from 'drizzle-orm'
import { openStore } from '#platform'
import { type App, createApp } from '../../src/app.ts'
import { readConfig } from '../../src/config.ts'
import type { Db } from '../../src/db/client.ts'
import { memoryKv } from '../../src/db/kv.ts'
import type { Deps, LogLevel } from '../../src/deps.ts'
import { recordDenied } from '../../src/features/audit/denied.ts'
import { createAccessTokens } from '../../src/features/auth/access-token.ts'
import { createPasswords } from '../../src/features/auth/password-hash.ts'
import { memoryImages } from '../../src/features/images/store.ts'
import { loadShop } from '../../src/features/imports/load-shop.ts'
import type { ShopFile } from '../../src/features/imports/shop-file.ts'
import type { Mail } from '../../src/features/notifications/mailer.ts'
import { checkProof } from '../../src/features/oauth/proofs.ts'
import { currentRights } from '../../src/features/oauth/rights.ts'
import { type PaymentProvider, paymentProviders } from '../../src/features/payments/provider.ts'
import { manualProvider } from '../../src/features/payments/providers/manual.ts'
import { testProvider } from '../../src/features/payments/providers/test.ts'
import type { ProductInput } from '../../src/features/products/input.ts'
import { upsertProducts } from '../../src/features/products/upsert.ts'
import { kvRateLimiter } from '../../src/http/rate-limiter.ts'
import { runScheduled } from '../../src/jobs/schedule.ts'
import { jitteredPause } from '../../src/lib/backoff.ts'
import { createIdGenerator } from '../../src/lib/ids.ts'
import { checkContract } from './contract.ts'
import { aProduct, SHOP } from './factories.ts'
import { SIGNING_KEYS } from './keys.ts'

export const START = Date.UTC(2026, 10, 22, 12, 0, 0)

/** Cheap, so that tests may have many people; one test measures the real cost. */
const TEST_COST = { ln: 4, r: 8, p: 1 }

/** An answer, read once. */
export interface Answer {
  status: number
  headers: Headers
  text: string
  // biome-ignore lint/suspicious/noExplicitAny: tests read answers of many shapes; the contract check has judged them
  body: any
}

/** Who sends requests; every answer is held to the contract. */
export interface Caller {
  /** Sends a request; a body given as an object goes out as JSON, one of bytes or a stream as it is. */
  call(
    method: string,
    path: string,
    options?: { body?: unknown; headers?: Record<string, string> },
  ): Promise<Answer>
  get(path: string, headers?: Record<string, string>): Promise<Answer>
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Answer>
}

export interface TestShop extends Caller {
  db: Db
  deps: Deps
  /** The same shop on the same database, with some parts of another make. */
  withDeps(deps: Partial<Deps>): Caller
  /** Moves the shop's clock. */
  advance(ms: number): void
  /** Runs what cron runs every minute. */
  sweep(): Promise<void>
  /** Database calls made while `work` runs. */
  countCalls(work: () => Promise<unknown>): Promise<number>
  /** Every mail that was handed to the mailer, oldest first. */
  mails: Mail[]
  logs: { level: LogLevel; message: string; fields: Record<string, unknown> }[]
  /** Writes a product and gives its id and its variants' ids. */
  addProduct(input?: Partial<ProductInput>): Promise<{ id: string; handle: string; variantIds: string[] }>
}

export interface TestShopOptions {
  env?: Record<string, string>
  provider?: (deps: { db: Db }) => PaymentProvider
  deps?: Partial<Deps>
  /** The shop file to load. Unless given, `SHOP` into a database without a shop; null leaves the database as it is. */
  file?: ShopFile | null
}

/** Opens a shop in this test file's database. Shops of one file share the database but not the clock. */
export async function openShop(options: TestShopOptions = {}): Promise<TestShop> {
  const { db, counter } = await openStore()
  let now = START
  const clock = () => now
  const config = readConfig({
    ENVIRONMENT: 'test',
    PUBLIC_URL: 'https://shop.example',
    CORS_ORIGINS: 'https://store.example',
    TOKEN_SECRET: 'test-token-secret-of-thirty-two-bytes',
    RATE_LIMIT_PER_MINUTE: '100000',
    SIGNING_KEYS,
    ...options.env,
  })
  const kv = memoryKv(clock)
  const logs: TestShop['logs'] = []
  const mails: Mail[] = []
  const deps: Deps = {
    config,
    db,
    kv,
    clock,
    pause: jitteredPause,
    timeoutSignal: ms => AbortSignal.timeout(ms),
    ids: createIdGenerator(clock),
    paymentProviders: paymentProviders(
      manualProvider,
      (options.provider ?? (({ db }) => testProvider(db)))({ db }),
    ),
    rateLimiter: kvRateLimiter(kv, clock, config.RATE_LIMIT_PER_MINUTE),
    passwords: createPasswords(TEST_COST),
    accessTokens: createAccessTokens(config.SIGNING_KEYS, config.PUBLIC_URL, clock),
    currentPermissions: caller => currentRights({ db, clock }, caller),
    checkProof: request => checkProof({ db, clock, config }, request),
    identityProviders: [],
    recordDenied: denied => recordDenied(deps, denied),
    mailer: { send: async mail => void mails.push(mail) },
    log: (level, message, fields) => logs.push({ level, message, fields }),
    assets: async () => null,
    images: memoryImages(),
    ...options.deps,
  }
  const { file = (await hasShop(db)) ? null : SHOP } = options
  if (file) await loadShop(deps, file)
  const caller = callerOf(createApp(deps))

  return {
    db,
    deps,
    logs,
    mails,
    ...caller,
    withDeps: parts => callerOf(createApp({ ...deps, ...parts })),
    advance: ms => {
      now += ms
    },
    sweep: () => runScheduled(deps),
    countCalls: async work => {
      const before = counter.calls
      await work()
      return counter.calls - before
    },
    addProduct: async input => {
      const product = aProduct(input)
      await upsertProducts(deps, 'test', [product])
      const answer = await caller.get(`/v1/products/${product.handle}`)
      return {
        id: answer.body?.id,
        handle: product.handle,
        variantIds: (answer.body?.variants ?? []).map((variant: { id: string }) => variant.id),
      }
    },
  }
}

function callerOf(app: App): Caller {
  const call: Caller['call'] = async (method, path, { body, headers = {} } = {}) => {
    const isRaw = body instanceof Uint8Array || body instanceof ReadableStream
    const sent = body === undefined || typeof body === 'string' || isRaw ? body : JSON.stringify(body)
    const hasType = body === undefined || isRaw
    const request = new Request(`https://shop.example${path}`, {
      method,
      headers: { ...(hasType ? {} : { 'Content-Type': 'application/json' }), ...headers },
      body: sent as BodyInit | undefined,
      ...(body instanceof ReadableStream ? { duplex: 'half' } : {}),
    })
    const response = await app.fetch(request)
    const text = await response.text()
    const isJson = response.headers.get('Content-Type')?.includes('json') ?? false
    const answer: Answer = {
      status: response.status,
      headers: response.headers,
      text,
      body: isJson && text !== '' ? JSON.parse(text) : null,
    }
    const json = body instanceof Uint8Array ? new TextDecoder().decode(body) : isRaw ? undefined : sent
    await checkContract({ method, path, headers, body: json as string | undefined }, answer)
    return answer
  }
  return {
    call,
    get: (path, headers) => call('GET', path, { headers }),
    post: (path, body, headers) => call('POST', path, { body, headers }),
  }
}
const hasShop = async (db: Db): Promise<boolean> =>
  (await db.all(sql`SELECT 1 FROM shop_settings`)).length > 0

/** A fresh Idempotency-Key header. */
export const withKey = (key: string = crypto.randomUUID()): Record<string, string> => ({
  'Idempotency-Key': key,
})
