// INV-TYPED at the edge of the app: what every answer has, whatever happens behind it.

import { beforeAll, describe, expect, test, vi } from 'vitest'
import { type Operation, operationsOf, readOpenApi, type Schema } from '../../scripts/lib/openapi-document.ts'
import type { Db } from '../../src/db/client.ts'
import type { Deps } from '../../src/deps.ts'
import { errorRegistry } from '../../src/error-registry.ts'
import { currentRights } from '../../src/features/oauth/rights.ts'
import { aReadyCheckout, complete } from '../support/buying.ts'
import { aStaffMember } from '../support/people.ts'
import { pngOf } from '../support/pictures.ts'
import { type Answer, openShop, type TestShop, withKey } from '../support/shop.ts'
import { aFakeProvider } from './login-examples.ts'

const { document } = await readOpenApi()
const OPERATIONS = operationsOf(document)
const CANARY = 'canary SELECT secret FROM users'

let shop: TestShop
let paths: Record<string, string>
beforeAll(async () => {
  shop = await openShop({
    deps: {
      identityProviders: [aFakeProvider],
      assets: async path => (path.includes('missing') ? null : new Response('/**/')),
    },
  })
  const { handle, variantIds } = await shop.addProduct()
  const [variantId = ''] = variantIds
  const cart = await shop.post('/v1/carts', { lines: [{ variant_id: variantId, quantity: 1 }] })
  const checkout = await aReadyCheckout(shop, variantId)
  const order = await complete(shop, await aReadyCheckout(shop, variantId))
  paths = {
    '/v1/products/{id_or_handle}': `/v1/products/${handle}`,
    '/v1/carts/{id}': `/v1/carts/${cart.body.id}`,
    '/v1/carts/{id}/lines': `/v1/carts/${cart.body.id}/lines`,
    '/v1/carts/{id}/lines/{line_id}': `/v1/carts/${cart.body.id}/lines/${cart.body.lines[0].id}`,
    '/v1/carts/{id}/discount_codes': `/v1/carts/${cart.body.id}/discount_codes`,
    '/v1/checkouts/{id}': `/v1/checkouts/${checkout}`,
    '/v1/checkouts/{id}/complete': `/v1/checkouts/${checkout}/complete`,
    '/v1/checkouts/{id}/cancel': `/v1/checkouts/${checkout}/cancel`,
    '/v1/orders/{id}': `/v1/orders/${order.body.order_id}`,
    ...Object.fromEntries(
      Object.keys(document.paths)
        .filter(path => path.includes('/providers/{id}/'))
        .map(path => [path, path.replace('{id}', aFakeProvider.id)]),
    ),
  }
  orderToken = order.body.order_token
  login = (await aStaffMember(shop, 'owner')).auth
})
let orderToken = ''
/** Headers of somebody who may call everything. */
let login: Record<string, string> = {}

const real = (template: string): string => paths[template] ?? template.replace(/\{\w+\}/g, 'x')
/** Reads that answer 200 here. */
const reads = () => [
  ...Object.keys(document.paths).filter(
    path => document.paths[path]?.get && (paths[path] || !path.includes('{')),
  ),
  ...[
    '/docs',
    '/reference',
    '/problems',
    '/problems/not_found',
    '/openapi.json',
    '/assets/page.css',
    '/images/a.svg',
  ],
]
const read = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  shop.call(method, real(path), { headers: { ...login, ...headers, 'Order-Token': orderToken } })

function expectProblem(answer: Answer, code: string): void {
  const kind = errorRegistry.get(code)
  expect(answer.status, answer.text).toBe(kind?.status)
  expect(answer.headers.get('Content-Type')).toBe('application/problem+json')
  expect(answer.headers.get('Cache-Control')).toBe('no-store')
  expect(answer.body).toMatchObject({
    type: `https://shop.example/problems/${code}`,
    title: kind?.title,
    status: kind?.status,
    code,
    detail: expect.any(String),
    request_id: answer.headers.get('X-Request-Id'),
  })
}

describe('a path or method that is not there', () => {
  test.each([
    '/v1',
    '/v1/',
    '/v1/shop/',
    '/V1/shop',
    '//v1/shop',
    '/v1/carts/',
    '/v1/carts/x/y',
    '/v2/shop',
    '/.env',
    '/admin',
    '/openapi.yaml',
    '/problems/no_such_code',
    '/problems/__proto__',
    '/assets/missing.js',
    '/images/missing.svg',
    '/%00',
    '/%ff',
  ])('%s is 404, as a problem', async path => {
    expectProblem(await shop.get(path), 'not_found')
  })

  test('every path refuses every method that it does not have with 405, and Allow lists exactly those that it has', async () => {
    const pages = [
      '/',
      '/docs',
      '/docs/',
      '/reference',
      '/problems',
      '/problems/not_found',
      '/openapi.json',
      '/assets/page.css',
    ]
    const items = [...Object.entries(document.paths), ...pages.map(path => [path, { get: {} }] as const)]
    let refused = 0
    for (const [template, item] of items) {
      // A path with a name of its own may also be one of a thing: /orders/export and /orders/{id}.
      const asThing = (document.paths[template.replace(/[^/]+$/, '{id}')] ?? {}) as object
      const methods = [
        ...new Set([...Object.keys(item), ...Object.keys(template.endsWith('/export') ? asThing : {})]),
      ].map(method => method.toUpperCase())
      const allowed = methods.includes('GET') ? [...methods, 'HEAD'] : methods
      for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'PROPFIND']) {
        if (allowed.includes(method)) continue
        const answer = await shop.call(method, real(template), {})
        const note = `${method} ${template}: ${answer.status} ${answer.text}`
        expect(answer.status, note).toBe(405)
        expect(answer.headers.get('Allow')?.split(', ').sort(), note).toEqual(allowed.sort())
        if (method !== 'HEAD') expectProblem(answer, 'method_not_allowed')
        refused += 1
      }
    }
    expect(refused).toBeGreaterThan(80)
  })

  test('the page that a problem’s type names exists for every code', async () => {
    for (const { code, status, title, members } of errorRegistry.values()) {
      const answer = await shop.get(`/problems/${code}`)
      expect(answer.status, code).toBe(200)
      expect(answer.headers.get('Content-Type')).toContain('text/html')
      expect(answer.text).toContain(title)
      const example = /<pre><code>(.*)<\/code><\/pre>/s.exec(answer.text)?.[1] ?? ''
      const document = JSON.parse(
        example.replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&gt;', '>'),
      )
      expect(document, code).toMatchObject({
        type: `https://shop.example/problems/${code}`,
        title,
        status,
        code,
      })
      for (const name of Object.keys(members ?? {})) expect(document, code).toHaveProperty(name)
    }
  })

  test.each([
    ['/', '/docs', 302],
    ['/docs/', '/docs', 308],
    ['/reference/', '/reference', 308],
    ['/problems/', '/problems', 308],
  ])('%s leads to %s', async (path, target, status) => {
    for (const method of ['GET', 'HEAD']) {
      const answer = await shop.call(method, path)
      expect([answer.status, answer.headers.get('Location'), answer.text]).toEqual([status, target, ''])
    }
  })
})

describe('a read', () => {
  test('HEAD answers as GET does, without the body', async () => {
    for (const path of reads()) {
      const [get, head] = [await read(path), await read(path, {}, 'HEAD')]
      expect(get.status, `${path} ${get.text}`).toBe(200)
      expect([head.status, head.text], path).toEqual([200, ''])
      for (const name of ['Content-Type', 'ETag', 'Cache-Control', 'Content-Security-Policy', 'Vary']) {
        expect(head.headers.get(name), `${path} ${name}`).toBe(get.headers.get(name))
      }
    }
  })

  test('has a strong ETag, and answers 304 without a body to whoever has it', async () => {
    const isTagged = (template: string) => document.paths[template]?.get?.responses[304] !== undefined
    const tagged = Object.keys(document.paths).filter(
      template => isTagged(template) && reads().includes(template),
    )
    expect(tagged.length).toBeGreaterThan(5)
    for (const path of tagged) {
      const first = await read(path)
      const tag = first.headers.get('ETag') ?? ''
      expect(tag, path).toMatch(/^"[\x21\x23-\x7e]+"$/)
      for (const header of [tag, `W/${tag}`, `"x", ${tag}`, '*']) {
        const again = await read(path, { 'If-None-Match': header })
        expect([again.status, again.text], `${path} ${header}`).toEqual([304, ''])
        for (const name of ['ETag', 'Cache-Control', 'Vary'])
          expect(again.headers.get(name)).toBe(first.headers.get(name))
      }
      for (const header of ['"x"', tag.slice(1, -1), '']) {
        expect((await read(path, { 'If-None-Match': header })).status, `${path} ${header}`).toBe(200)
      }
    }
  })

  test('has another ETag once something changed', async () => {
    const { id } = (await shop.post('/v1/carts', {})).body
    const before = (await shop.get(`/v1/carts/${id}`)).headers.get('ETag') ?? ''
    await shop.call('PUT', `/v1/carts/${id}/discount_codes`, { body: { codes: ['X'] } })
    const after = await shop.get(`/v1/carts/${id}`, { 'If-None-Match': before })
    expect(after.status).toBe(200)
    expect(after.headers.get('ETag')).not.toBe(before)
  })

  test('of something personal is never stored by a cache; of the catalogue it may be, for a moment', async () => {
    for (const path of reads().filter(path => path.startsWith('/v1/'))) {
      const isPersonal = /carts|checkouts|orders|users|admin/.test(path)
      const cache = (await read(path)).headers.get('Cache-Control')
      if (isPersonal) expect(cache, path).toBe('no-store')
      else expect(cache, path).toMatch(/^public, max-age=\d{2,3}$/)
    }
    for (const path of ['/healthz', '/readyz'])
      expect((await read(path)).headers.get('Cache-Control')).toBe('no-store')
  })
})

describe('a failure behind the app', () => {
  const CALLS = new Set(['batch', 'get', 'all', 'select', 'insert', 'update', 'delete'])
  const broken = (error: unknown): Db =>
    new Proxy(shop.db, {
      get: (target, name) => {
        const member = Reflect.get(target, name)
        if (!CALLS.has(String(name))) return member
        return () => {
          throw error
        }
      },
    })
  const bodies: Record<string, unknown> = {
    '/v1/carts': {},
    '/v1/carts/{id}/lines': { variant_id: 'x', quantity: 1 },
    '/v1/carts/{id}/lines/{line_id}': { quantity: 1 },
    '/v1/carts/{id}/discount_codes': { codes: [] },
    '/v1/checkouts': { lines: [{ variant_id: 'x', quantity: 1 }] },
    '/v1/checkouts/{id}': {},
    '/v1/checkouts/{id}/complete': { payment: { provider: 'test' } },
  }
  const files: Record<string, Uint8Array<ArrayBuffer> | string> = {
    '/v1/admin/images': pngOf(3, 2),
    '/v1/admin/imports': 'Handle,Title,Variant Price\na,A,1\n',
  }
  /** The body that the document shows. */
  const exampleOf = (operation: Operation): unknown => {
    const name = operation.requestBody?.content['application/json']?.schema?.$ref?.split('/').at(-1) ?? ''
    return (document.components.schemas?.[name] as Schema | undefined)?.example
  }
  async function callAll(db: Db, log: Deps['log']): Promise<{ name: string; answer: Answer }[]> {
    const currentPermissions: Deps['currentPermissions'] = who =>
      currentRights({ db, clock: shop.deps.clock }, who)
    const failing = shop.withDeps({ db, log, currentPermissions })
    const answers = []
    // What declares no 503 asks nothing of the database.
    for (const { name, method, path, operation } of OPERATIONS.filter(
      ({ path, operation }) => path.startsWith('/v1/') && operation.responses['503'],
    )) {
      const answer = await failing.call(method, real(path), {
        headers: {
          'Content-Type': Object.keys(operation.requestBody?.content ?? {})[0] ?? 'application/json',
          'Order-Token': orderToken,
          'If-Match': '"1.read"',
          ...login,
          ...(method === 'POST' ? withKey() : {}),
        },
        body: files[path] ?? (operation.requestBody ? (bodies[path] ?? exampleOf(operation)) : undefined),
      })
      answers.push({ name, answer })
    }
    return answers
  }

  test('of our own making is 500 with a constant text that tells nothing, on every operation; the log tells it', async () => {
    const log = vi.fn<Deps['log']>()
    for (const { name, answer } of await callAll(broken(new Error(CANARY)), log)) {
      expect(answer.status, name).toBe(500)
      expectProblem(answer, 'internal_error')
      expect(answer.body.detail).toBe('The request could not be handled.')
      expect(Object.keys(answer.body).sort()).toEqual([
        'code',
        'detail',
        'request_id',
        'status',
        'title',
        'type',
      ])
      expect(answer.text + JSON.stringify([...answer.headers])).not.toMatch(
        /canary|SELECT|secret|\.ts|at \w+/,
      )
    }
    expect(JSON.stringify(log.mock.calls)).toContain(CANARY)
  })

  test.each([CANARY, null, undefined, { message: CANARY }, 7])(
    'is 500 even when what is thrown is no error: %s',
    async thrown => {
      for (const { name, answer } of await callAll(broken(thrown), () => {})) {
        expect(answer.status, name).toBe(500)
        expect(answer.text).not.toContain('canary')
      }
    },
  )

  test.each([
    'D1_ERROR: Network connection lost.',
    'D1 DB is overloaded. Requests queued for too long.',
    'SQLITE_BUSY: database is locked',
    'fetch failed',
  ])('of the database is 503 with Retry-After, on every operation: %s', async message => {
    for (const { name, answer } of await callAll(
      broken(new Error('query', { cause: new Error(message) })),
      () => {},
    )) {
      expect(answer.status, name).toBe(503)
      expectProblem(answer, 'unavailable')
      expect(answer.headers.get('Retry-After')).toMatch(/^[1-9]\d*$/)
      expect(answer.text).not.toContain(message)
    }
  })

  test('is what /readyz tells, by name, while /healthz stays well', async () => {
    const kv = { get: async () => Promise.reject(new Error(CANARY)), put: async () => {} }
    for (const [deps, failing] of [
      [{ db: broken(new Error(CANARY)) }, ['database']],
      [{ kv }, ['kv']],
      [{ db: broken(new Error(CANARY)), kv }, ['database', 'kv']],
    ] as const) {
      const broken = shop.withDeps(deps)
      const ready = await broken.get('/readyz')
      expect(ready.status).toBe(503)
      expect(ready.headers.get('Retry-After')).toMatch(/^\d+$/)
      expect(ready.body).toMatchObject({ code: 'not_ready', failing })
      expect(ready.text).not.toContain('canary')
      expect((await broken.get('/healthz')).status).toBe(200)
    }
  })
})

describe('a body', () => {
  const post = (
    body: Uint8Array | ReadableStream,
    headers: Record<string, string> = { 'Content-Type': 'application/json' },
  ) => shop.post('/v1/carts', body, headers)
  const bytes = (text: string) => new TextEncoder().encode(text)

  test('without a media type is refused', async () => {
    const answer = await post(bytes('{}'), {})
    expect([answer.status, answer.body.code]).toEqual([415, 'unsupported_media_type'])
  })

  test('in chunks of unknown sum is refused as soon as it is too large', async () => {
    let pulled = 0
    const endless = new ReadableStream<Uint8Array>({
      pull: controller => {
        pulled += 1
        controller.enqueue(new Uint8Array(16 * 1024).fill(32))
      },
    })
    expect((await post(endless)).status).toBe(413)
    expect(pulled).toBeLessThan(25)
  })

  test.each([[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf0, 0x9f, 0x92]])(
    'that is not UTF-8 is refused: %s',
    async (...wrong) => {
      const answer = await post(Uint8Array.from([...bytes('{"country":"'), ...wrong, ...bytes('"}')]))
      expect([answer.status, answer.body.code]).toEqual([400, 'invalid_json'])
    },
  )

  test('of 256 KiB exactly is read', async () => {
    expect((await post(bytes('{}'.padEnd(256 * 1024, ' ')))).status).toBe(201)
  })
})
