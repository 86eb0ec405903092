// What stands in the headers of every answer, whatever it answers.

import { beforeAll, describe, expect, test } from 'vitest'
import { operationsOf, readOpenApi } from '../../scripts/lib/openapi-document.ts'
import type { Db } from '../../src/db/client.ts'
import { PERMISSIONS } from '../../src/lib/permissions.ts'
import { type Answer, openShop, type TestShop } from '../support/shop.ts'

const { document } = await readOpenApi()
const OPERATIONS = operationsOf(document)
const ORIGIN = 'https://store.example'

let shop: TestShop
beforeAll(async () => {
  shop = await openShop({ deps: { assets: async () => new Response('/**/') } })
})

describe('headers', () => {
  /** One answer of every kind. */
  async function everyKind(headers: Record<string, string> = {}): Promise<Map<string, Answer>> {
    const call = (method: string, path: string, body?: unknown) => shop.call(method, path, { body, headers })
    const tag = (await shop.get('/v1/shop')).headers.get('ETag') ?? ''
    const answers = new Map<string, Answer>([
      ['200', await call('GET', '/v1/shop')],
      ['201', await call('POST', '/v1/carts', {})],
      ['304', await shop.call('GET', '/v1/shop', { headers: { ...headers, 'If-None-Match': tag } })],
      ['preflight', await call('OPTIONS', '/v1/carts')],
      ['400', await call('POST', '/v1/carts', '{')],
      ['404', await call('GET', '/nothing')],
      ['404 id', await call('GET', '/v1/carts/x')],
      ['405', await call('DELETE', '/v1/shop')],
      ['413', await call('POST', '/v1/carts', ' '.repeat(300_000))],
      [
        '415',
        await shop.call('POST', '/v1/carts', {
          body: '{}',
          headers: { ...headers, 'Content-Type': 'text/plain' },
        }),
      ],
      ['422', await call('POST', '/v1/carts', { x: 1 })],
    ])
    for (const path of [
      '/docs',
      '/reference',
      '/problems',
      '/problems/not_found',
      '/openapi.json',
      '/assets/page.css',
      '/images/a.svg',
    ]) {
      answers.set(path, await call('GET', path))
    }
    const limited = shop.withDeps({
      rateLimiter: { take: () => ({ allowed: false, limit: 1, remaining: 0, resetSeconds: 9, flush: null }) },
    })
    const failing = shop.withDeps({ db: {} as Db, log: () => {} })
    answers.set('429', await limited.get('/v1/shop', headers))
    answers.set('500', await failing.get('/v1/shop', headers))
    for (const [name, answer] of answers)
      if (/^\d+$/.test(name)) expect(answer.status, answer.text).toBe(Number(name))
    return answers
  }

  test('of security stand on every kind of answer', async () => {
    for (const [name, { headers }] of await everyKind()) {
      expect(headers.get('X-Content-Type-Options'), name).toBe('nosniff')
      expect(headers.get('Referrer-Policy'), name).toBe('no-referrer')
      expect(headers.get('X-Frame-Options'), name).toBe('DENY')
      expect(headers.get('Strict-Transport-Security'), name).toMatch(/^max-age=\d{8,}/)
      const policy = headers.get('Content-Security-Policy') ?? ''
      expect(policy, name).toMatch(/^default-src 'none'/)
      expect(policy.includes('script-src') ? policy : '', name).toMatch(/^$|script-src 'self';/)
      expect(policy.includes("'unsafe-inline'"), name).toBe(
        ['/docs', '/reference', '/images/a.svg'].includes(name),
      )
      expect(headers.get('Server') ?? headers.get('X-Powered-By'), name).toBeNull()
      expect(headers.get('X-Request-Id'), name).toMatch(/^req_[0-9A-Z]{26}$/)
    }
  })

  test('HSTS only where the shop is on https', async () => {
    const plain = shop.withDeps({ config: { ...shop.deps.config, PUBLIC_URL: 'http://127.0.0.1:8787' } })
    expect((await plain.get('/v1/shop')).headers.get('Strict-Transport-Security')).toBeNull()
  })

  test('of CORS name an origin from the list, on every kind of answer, and no other', async () => {
    for (const [name, { headers }] of await everyKind({ Origin: ORIGIN })) {
      expect(headers.get('Access-Control-Allow-Origin'), name).toBe(ORIGIN)
      expect(headers.get('Vary'), name).toContain('Origin')
      expect(headers.get('Access-Control-Allow-Credentials'), name).toBeNull()
      expect(headers.get('Access-Control-Expose-Headers'), name).toContain('X-Request-Id')
    }
    const strangers = [
      'null',
      '*',
      'https://evil.example',
      `${ORIGIN}.evil.example`,
      'http://store.example',
      `${ORIGIN}:8443`,
      `${ORIGIN}/`,
      'https://STORE.example',
    ]
    for (const Origin of strangers) {
      for (const [name, { headers }] of await everyKind({ Origin })) {
        expect(headers.get('Access-Control-Allow-Origin'), `${name} ${Origin}`).toBeNull()
      }
    }
  })

  test('of a preflight tell the methods and headers that may be sent, and may be kept', async () => {
    const answer = await shop.call('OPTIONS', '/v1/carts', {
      headers: {
        Origin: ORIGIN,
        'Access-Control-Request-Method': 'POST',
        'Access-Control-Request-Headers': 'idempotency-key, x-evil',
      },
    })
    expect([answer.status, answer.text]).toEqual([204, ''])
    expect(answer.headers.get('Access-Control-Allow-Methods')?.split(',')).toEqual([
      'GET',
      'HEAD',
      'POST',
      'PUT',
      'PATCH',
      'DELETE',
    ])
    const allowed = answer.headers.get('Access-Control-Allow-Headers') ?? ''
    const sent = OPERATIONS.flatMap(({ operation }) => operation.parameters ?? []).filter(
      parameter => parameter.in === 'header',
    )
    for (const { name } of sent) expect(allowed.split(',')).toContain(name)
    expect(allowed).not.toContain('x-evil')
    expect(Number(answer.headers.get('Access-Control-Max-Age'))).toBeGreaterThan(0)
  })

  test.each(['abc-123', 'A_b=c', 'x'.repeat(64)])('a request id that is safe is kept: %s', async id => {
    expect((await shop.get('/v1/shop', { 'X-Request-Id': id })).headers.get('X-Request-Id')).toBe(id)
    const problem = await shop.get('/nothing', { 'X-Request-Id': id })
    expect(problem.body.request_id).toBe(id)
  })

  test.each(['', 'x'.repeat(65), 'a b', 'a;b', '"a"', '<script>', 'a\tb', '{"x":1}', 'a%b', '../x'])(
    'a request id that is not safe is replaced: %s',
    async id => {
      const answer = await shop.get('/nothing', { 'X-Request-Id': id })
      expect(answer.headers.get('X-Request-Id')).toMatch(/^req_[0-9A-Z]{26}$/)
      expect(answer.body.request_id).toBe(answer.headers.get('X-Request-Id'))
    },
  )
})

test('every operation says who may call it, in words that the app knows', () => {
  expect(OPERATIONS.length).toBeGreaterThan(15)
  for (const { name, operation } of OPERATIONS)
    expect(['public', 'capability', 'buyer', ...Object.keys(PERMISSIONS)], name).toContain(
      operation['x-permission'],
    )
})
