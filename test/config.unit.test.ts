// The configuration refuses to start what would be unsafe or would not work, and says why.

import { readFile } from 'node:fs/promises'
import { describe, expect, test, vi } from 'vitest'
import { newSigningKeys } from '../scripts/lib/signing-keys.ts'
import { ConfigError, readBindings, readConfig } from '../src/config.ts'
import worker from '../src/index.ts'

const SECRET = 'q8Zk2vT0nYx7bL5mWc1rJd4sHf9gPe3uAi6oKy+Xt0E='
const SIGNING_KEYS = await newSigningKeys('own-')
const PRODUCTION = {
  ENVIRONMENT: 'production',
  PUBLIC_URL: 'https://shop.curbside.dev',
  CORS_ORIGINS: 'https://store.example',
  TOKEN_SECRET: SECRET,
  SIGNING_KEYS,
}

/** What the configuration says is wrong with these variables. */
function problemsOf(env: Record<string, unknown>): string {
  try {
    readConfig(env)
  } catch (error) {
    if (error instanceof ConfigError) return error.message
    throw error
  }
  return ''
}

describe('in production', () => {
  test('a complete configuration is read, with defaults for what may be left out', () => {
    expect(readConfig(PRODUCTION)).toEqual({
      ...PRODUCTION,
      CORS_ORIGINS: ['https://store.example'],
      SIGNING_KEYS: [expect.objectContaining({ kid: expect.stringMatching(/^own-/) })],
      RATE_LIMIT_PER_MINUTE: 600,
      COMPLETION_STALE_SECONDS: 60,
      IMAGES_DIR: '.data/images',
      PAYMENT_TIMEOUT_SECONDS: 20,
    })
  })

  test.each([
    ['none', undefined],
    ['an empty one', ''],
    ['a short one', 'q8Zk2vT0nYx7bL5mWc1rJd4sHf9gPe3'],
    ['the local one', 'local-only-token-secret-never-used-in-production'],
    ['the one of the tests', 'test-token-secret-of-thirty-two-bytes'],
    ['one that asks to be changed', 'please-changeme-please-changeme-123456'],
    ['one with a gap in the asking', 'CHANGE_ME_CHANGE_ME_CHANGE_ME_0123456789'],
    ['one letter, often', 'a'.repeat(64)],
    ['a word, often', 'password'.repeat(8)],
    ['a number', 12_345_678_901_234_567_890n],
  ])('a token secret that is %s is refused by name, and never shown', (_, TOKEN_SECRET) => {
    const problems = problemsOf({ ...PRODUCTION, TOKEN_SECRET })
    expect(problems).toContain('TOKEN_SECRET')
    if (typeof TOKEN_SECRET === 'string' && TOKEN_SECRET !== '') expect(problems).not.toContain(TOKEN_SECRET)
  })

  test.each([
    SECRET,
    '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    'pâté-über-naïve-façade-Ωmega-7',
  ])('a secret of at least 32 bytes is taken: %s', TOKEN_SECRET => {
    expect(readConfig({ ...PRODUCTION, TOKEN_SECRET }).TOKEN_SECRET).toBe(TOKEN_SECRET)
  })

  test.each([
    undefined,
    '',
    'http://shop.example',
    'shop.example',
    'ftp://shop.example',
    'javascript:alert(1)',
    '//shop.example',
  ])('a public URL that is not https is refused: %s', PUBLIC_URL => {
    expect(problemsOf({ ...PRODUCTION, PUBLIC_URL })).toContain('PUBLIC_URL')
  })

  test.each([
    'https://shop.example',
    'https://example.com',
    'https://shop.example.org:8443',
    'https://shop.invalid',
  ])('a public URL that is a placeholder is refused: %s', PUBLIC_URL => {
    expect(problemsOf({ ...PRODUCTION, PUBLIC_URL })).toContain('PUBLIC_URL: is a placeholder')
    expect(readConfig({ ...PRODUCTION, ENVIRONMENT: 'test', PUBLIC_URL }).PUBLIC_URL).toBe(PUBLIC_URL)
  })

  test.each(['https://myexample.com', 'https://example.shop', 'https://shop.test'])(
    'a public URL that only looks like one is taken: %s',
    PUBLIC_URL => {
      expect(readConfig({ ...PRODUCTION, PUBLIC_URL }).PUBLIC_URL).toBe(PUBLIC_URL)
    },
  )

  test('what wrangler.toml ships is refused until its placeholder is replaced', async () => {
    const text = await readFile('wrangler.toml', 'utf8')
    const [, PUBLIC_URL] = /^PUBLIC_URL = "([^"]+)"/m.exec(text) ?? []
    expect(problemsOf({ ...PRODUCTION, PUBLIC_URL })).toContain('PUBLIC_URL: is a placeholder')
  })

  test.each(['*', 'null', 'store.example', 'https://store.example,*', '*.example', 'file:///x'])(
    'an allow-list of origins that holds no origin is refused: %s',
    CORS_ORIGINS => {
      expect(problemsOf({ ...PRODUCTION, CORS_ORIGINS })).toContain('CORS_ORIGINS')
    },
  )

  test('origins are read without paths, spaces and empty entries', () => {
    const { CORS_ORIGINS } = readConfig({
      ...PRODUCTION,
      CORS_ORIGINS: ' https://a.example/x , ,https://b.example:8443',
    })
    expect(CORS_ORIGINS).toEqual(['https://a.example', 'https://b.example:8443'])
    expect(readConfig({ ...PRODUCTION, CORS_ORIGINS: undefined }).CORS_ORIGINS).toEqual([])
  })

  test('a payment attempt is never taken over while a charge and its look-up may still run', () => {
    const withTimeout = (PAYMENT_TIMEOUT_SECONDS: string, COMPLETION_STALE_SECONDS: string) =>
      problemsOf({ ...PRODUCTION, PAYMENT_TIMEOUT_SECONDS, COMPLETION_STALE_SECONDS })
    expect(withTimeout('21', '60')).toContain('COMPLETION_STALE_SECONDS')
    expect(withTimeout('0', '60')).toContain('PAYMENT_TIMEOUT_SECONDS')
    expect(
      readConfig({ ...PRODUCTION, PAYMENT_TIMEOUT_SECONDS: '30', COMPLETION_STALE_SECONDS: '90' }),
    ).toMatchObject({
      PAYMENT_TIMEOUT_SECONDS: 30,
    })
  })

  test.each(['', '-1', '1.5', '1e3', '0x10', ' 5', 'many', '9'.repeat(10)])(
    'a number is a whole number: %s',
    text => {
      expect(problemsOf({ ...PRODUCTION, RATE_LIMIT_PER_MINUTE: text })).toContain('RATE_LIMIT_PER_MINUTE')
      expect(problemsOf({ ...PRODUCTION, COMPLETION_STALE_SECONDS: text })).toContain(
        'COMPLETION_STALE_SECONDS',
      )
    },
  )
})

test.each([undefined, '', 'prod', 'Production', 'development', 'LOCAL'])(
  'an environment that is not known is refused: %s',
  ENVIRONMENT => {
    expect(problemsOf({ ...PRODUCTION, ENVIRONMENT })).toContain('ENVIRONMENT')
  },
)

test('everything that is missing is named at once', () => {
  const problems = problemsOf({})
  for (const name of ['ENVIRONMENT', 'PUBLIC_URL', 'TOKEN_SECRET']) expect(problems).toContain(name)
})

test.each(['local', 'test'])('in %s, http and the local secret will do', ENVIRONMENT => {
  const local = { ENVIRONMENT, PUBLIC_URL: 'http://127.0.0.1:8787/', TOKEN_SECRET: 'local-only-x' }
  expect(readConfig(local).PUBLIC_URL).toBe('http://127.0.0.1:8787')
})

describe('outside providers', () => {
  const provider = { id: 'acme', name: 'Acme ID', issuer: 'https://id.example', client_id: 'shop' }
  const problems = (env: object, more: object) =>
    problemsOf({ ...PRODUCTION, ...env, OIDC_PROVIDERS: JSON.stringify([{ ...provider, ...more }]) })

  test('are read, with defaults for what may be left out', () => {
    const OIDC_PROVIDERS = JSON.stringify([provider])
    expect(readConfig({ ...PRODUCTION, OIDC_PROVIDERS }).OIDC_PROVIDERS).toEqual([
      {
        ...provider,
        auth_method: 'client_secret_basic',
        scope: 'openid email profile',
        algorithms: ['RS256', 'ES256'],
      },
    ])
  })

  test('are reached by https outside local, and named when they are not', () => {
    for (const more of [{ issuer: 'http://id.example' }, { redirect_uri: 'http://store.example' }]) {
      expect(problems({}, more)).toContain('OIDC_PROVIDERS: acme')
      expect(problems({ ENVIRONMENT: 'local' }, more)).toBe('')
    }
  })

  test('are refused without showing a secret', () => {
    const text = problems({}, { client_secret: 'canary', algorithms: ['none'] })
    expect(text).toContain('OIDC_PROVIDERS')
    expect(text).not.toContain('canary')
  })
})

describe('bindings', () => {
  const config = readConfig(PRODUCTION)
  const DB = { prepare: () => {}, batch: () => {} }
  const KV = { get: () => {}, put: () => {} }

  test.each([
    ['no database', { KV }, ['DB']],
    ['no key-value store', { DB }, ['KV']],
    ['neither', {}, ['DB', 'KV']],
    ['a variable in the place of a binding', { DB: 'DB', KV: 'KV' }, ['DB', 'KV']],
    ['null in the place of a binding', { DB: null, KV: null }, ['DB', 'KV']],
  ])('%s is refused by name', (_, env, names) => {
    expect(() => readBindings(env, config)).toThrow(ConfigError)
    for (const name of names) expect(() => readBindings(env, config)).toThrow(`${name}: bind`)
  })

  test('both are enough, and with a libSQL server the key-value store alone', () => {
    expect(readBindings({ DB, KV }, config)).toMatchObject({ DB, KV })
    expect(readBindings({ KV }, { ...config, DATABASE_URL: 'libsql://shop.example' })).toMatchObject({ KV })
  })
})

test('a Worker whose configuration does not hold answers 503 as a problem that names nothing', async () => {
  const log = vi.spyOn(console, 'error').mockImplementation(() => {})
  const context = { waitUntil: () => {}, passThroughOnException: () => {} }
  const response = await worker.fetch(
    new Request('https://shop.example/v1/shop') as never,
    { ...PRODUCTION, TOKEN_SECRET: 'canary' } as never,
    context as never,
  )
  const logged = JSON.stringify(log.mock.calls)
  log.mockRestore()
  expect(response.status).toBe(503)
  expect(response.headers.get('Content-Type')).toBe('application/problem+json')
  expect(response.headers.get('Retry-After')).toMatch(/^\d+$/)
  expect(response.headers.get('X-Content-Type-Options')).toBe('nosniff')
  const text = await response.text()
  expect(JSON.parse(text)).toMatchObject({ code: 'misconfigured', status: 503 })
  expect(text).not.toMatch(/TOKEN_SECRET|canary|bytes/)
  expect(logged).toContain('TOKEN_SECRET')
  expect(logged).not.toContain('canary')
})
