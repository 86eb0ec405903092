// What the log never tells (ASVS 16.2.5), and the limit that shields every route.

import { DrizzleQueryError, sql } from 'drizzle-orm'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { operationsOf, readOpenApi } from '../../scripts/lib/openapi-document.ts'
import { jsonLog } from '../../src/deps.ts'
import { kvRateLimiter } from '../../src/http/rate-limiter.ts'
import { runScheduled } from '../../src/jobs/schedule.ts'
import { anAddress, aVariant } from '../support/factories.ts'
import { aPerson } from '../support/people.ts'
import { type Answer, openShop, type TestShop, withKey } from '../support/shop.ts'

const { document } = await readOpenApi()

describe('the log', () => {
  let shop: TestShop
  beforeAll(async () => {
    shop = await openShop({ env: { RATE_LIMIT_PER_MINUTE: '1000' } })
  })
  const requestLines = () => shop.logs.filter(({ message }) => message === 'request')

  test('has one line for each request, with the route’s pattern and never the path', async () => {
    const { handle } = await shop.addProduct()
    const cases: [
      method: string,
      path: string,
      body: unknown,
      route: string,
      status: number,
      code?: string,
    ][] = [
      ['GET', '/v1/shop', undefined, '/v1/shop', 200],
      ['HEAD', '/v1/shop', undefined, '/v1/shop', 200],
      ['GET', `/v1/products/${handle}`, undefined, '/v1/products/:id_or_handle', 200],
      ['GET', '/v1/products?q=secret', undefined, '/v1/products', 200],
      ['POST', '/v1/carts', {}, '/v1/carts', 201],
      ['POST', '/v1/carts', '{', '/v1/carts', 400, 'invalid_json'],
      ['POST', '/v1/carts', { total: 0 }, '/v1/carts', 422, 'invalid_input'],
      ['GET', '/v1/carts/cart_x', undefined, '/v1/carts/:id', 404, 'not_found'],
      ['GET', '/nothing/secret', undefined, 'none', 404, 'not_found'],
      ['DELETE', '/v1/shop', undefined, 'none', 405, 'method_not_allowed'],
      ['OPTIONS', '/v1/shop', undefined, 'none', 204],
      ['GET', '/docs', undefined, '/docs', 200],
    ]
    for (const [method, path, body, route, status, code] of cases) {
      const before = requestLines().length
      const answer = await shop.call(method, path, { body })
      const lines = requestLines().slice(before)
      expect(lines, `${method} ${path}`).toEqual([
        {
          level: 'info',
          message: 'request',
          fields: {
            request_id: answer.headers.get('X-Request-Id'),
            method,
            route,
            status,
            ...(code ? { code } : {}),
            duration_ms: 0,
          },
        },
      ])
    }
  })

  test('is one line of JSON, whatever is in it', () => {
    const written = vi.spyOn(console, 'warn').mockImplementation(() => {})
    jsonLog('warn', 'a\nb', { text: 'x\r\ny\u2028z', nested: { n: 1 } })
    expect(written.mock.calls).toHaveLength(1)
    const [line] = written.mock.calls[0] ?? []
    expect(line).not.toMatch(/[\r\n]/)
    expect(JSON.parse(line)).toEqual({
      level: 'warn',
      message: 'a\nb',
      text: 'x\r\ny\u2028z',
      nested: { n: 1 },
    })
    written.mockRestore()
  })

  test('of a whole purchase, of every refusal and of a broken database holds no right, no secret and nobody’s data', async () => {
    const canaries = new Set<string>()
    const canary = (text: string): string => {
      canaries.add(text)
      return text
    }
    const person = await aPerson(shop)
    canary(person.email)
    canary(person.tokens.refresh_token)
    const headers = () => ({
      'Idempotency-Key': canary(`canary-key-${crypto.randomUUID()}`),
      'CF-Connecting-IP': canary('198.51.100.77'),
      'X-Forwarded-For': canary('203.0.113.99'),
      Authorization: `Bearer ${canary(person.tokens.access_token)}`,
      Cookie: `session=${canary('canary-cookie')}`,
      'User-Agent': canary('canary-agent'),
      'Order-Token': canary('canary-order-token'),
    })
    const call = (method: string, path: string, body?: unknown) =>
      shop.call(method, path, { body, headers: headers() })
    const address = anAddress({
      name: canary('Canary Person'),
      line1: canary('Canarygasse 7'),
      city: canary('Canaryhausen'),
    })
    const details = {
      email: canary('canary.person@example.com'),
      phone: canary('+49 30 99887766'),
      shipping_address: address,
      billing_address: address,
      shipping_option_id: 'ship_standard',
      note: canary('canary note'),
      discount_codes: [canary('CANARYCODE')],
    }
    const purchase = async (): Promise<void> => {
      const { variantIds } = await shop.addProduct({ variants: [aVariant({ quantity: 50 })] })
      const lines = [{ variant_id: variantIds[0], quantity: 1 }]
      const cart = (await call('POST', '/v1/carts', { lines, discount_codes: ['CANARYCODE'] })).body
      await call('GET', `/v1/carts/${canary(cart.id)}`)
      await call('POST', `/v1/carts/${cart.id}/lines`, lines[0])
      await call('DELETE', `/v1/carts/${cart.id}/lines/${canary(cart.lines[0].id)}`)
      const { id } = (await call('POST', '/v1/checkouts', { lines, ...details })).body
      const path = `/v1/checkouts/${canary(id)}`
      await call('PATCH', path, details)
      for (const token of [canary('tok_declined'), 'tok_error_before_charge', 'tok_approved']) {
        await call('POST', `${path}/complete`, { payment: { provider: 'test', token } })
      }
      const done = await call('GET', path)
      const order = done.body.order_id
      await shop.get(`/v1/orders/${order}`, { 'Order-Token': canary(done.body.order_token) })
      await call('GET', `/v1/orders/${order}`)
      await call('POST', `${path}/cancel`)
      await call('PATCH', path, { ...details, email: canary('canary is no address') })
      await call('POST', '/v1/checkouts', { ...details, total: canary('canary-total') })
      await call('POST', '/v1/checkouts', `{"email":"${details.email}"`)
      await call('GET', `/v1/products?q=${canary('canarysearch')}`)
      await call('GET', `/v1/products?email=${details.email}`)
      await call('GET', `/${details.email}/${cart.id}`)
      await shop.sweep()
    }
    await purchase()

    // A table that is gone makes drizzle put the query and its parameters into the error's message.
    const { id } = (await call('POST', '/v1/carts', {})).body
    const rename = async (from: string, to: string) => {
      await shop.db.run(sql.raw(`ALTER TABLE ${from} RENAME TO ${to}`))
    }
    const failures: Answer[] = []
    for (const table of ['carts', 'checkouts']) {
      await rename(table, 'gone')
      failures.push(await call('POST', '/v1/carts', { discount_codes: ['CANARYCODE'] }))
      failures.push(await call('GET', `/v1/carts/${canary(id)}`))
      failures.push(await call('POST', '/v1/checkouts', { cart_id: id, ...details }))
      failures.push(await call('PATCH', `/v1/checkouts/${canary('chk_canary')}`, details))
      await rename('gone', table)
    }
    expect(failures.map(answer => answer.status)).toContain(500)
    const log = JSON.stringify(shop.logs)
    expect(log).toContain('unhandled')
    expect(canaries.size).toBeGreaterThan(30)
    for (const text of canaries) expect(log, `the log holds ${text}`).not.toContain(text)
    for (const { body } of failures.filter(({ status }) => status === 500)) {
      expect(body.detail).toBe('The request could not be handled.')
    }
  })
})

test('the log of a failed statement has neither the statement nor its parameters, which may be anybody’s data', async () => {
  const shop = await openShop()
  const failed = new DrizzleQueryError(
    'select * from checkouts where email = ?',
    ['canary.person@example.com'],
    new Error('no such table: checkouts'),
  )
  const db = new Proxy(shop.db, {
    get: (target, name) => (name === 'batch' ? () => Promise.reject(failed) : Reflect.get(target, name)),
  })
  expect((await shop.withDeps({ db }).get('/v1/carts/x')).status).toBe(500)
  const log = JSON.stringify(shop.logs)
  expect(log).toContain('no such table')
  expect(log).not.toMatch(/canary|select \*/)
})

test('the log of a failed job tells why, with neither the statement nor its parameters', async () => {
  const shop = await openShop()
  const failed = new DrizzleQueryError(
    'delete from checkouts where email = ?',
    ['canary.person@example.com'],
    new Error('no such table: checkouts'),
  )
  const db = new Proxy(shop.db, {
    get: (target, name) => (name === 'batch' ? () => Promise.reject(failed) : Reflect.get(target, name)),
  })
  await runScheduled({ ...shop.deps, db })
  const failures = shop.logs.filter(({ message }) => message === 'job failed')
  expect(failures.map(({ fields }) => fields.job)).toContain('sweepExpired')
  expect(JSON.stringify(failures)).toContain('no such table')
  expect(JSON.stringify(failures)).not.toMatch(/canary|delete from/)
})

describe('the limit', () => {
  const LIMIT = 3
  const limited = () => openShop({ env: { RATE_LIMIT_PER_MINUTE: String(LIMIT) } })
  const from = (address: string) => ({ 'CF-Connecting-IP': address })
  const remaining = (answer: Answer): number =>
    Number(/r=(\d+)/.exec(answer.headers.get('RateLimit') ?? '')?.[1])

  test('is told with every answer, ends in 429 with Retry-After, and after that time requests pass again', async () => {
    const shop = await limited()
    shop.advance(12_345)
    const answers = []
    for (let i = 0; i < LIMIT + 2; i++) answers.push(await shop.get('/v1/shop', from('192.0.2.1')))
    expect(answers.map(answer => answer.status)).toEqual([200, 200, 200, 429, 429])
    expect(answers.map(remaining)).toEqual([2, 1, 0, 0, 0])
    for (const { headers } of answers) {
      expect(headers.get('RateLimit-Policy')).toBe(`"default";q=${LIMIT};w=60`)
      expect(headers.get('RateLimit')).toMatch(/^"default";r=\d+;t=\d+$/)
    }
    const refused = answers.at(-1)
    expect(refused?.body).toMatchObject({ code: 'rate_limited', status: 429 })
    const seconds = Number(refused?.headers.get('Retry-After'))
    expect(refused?.headers.get('RateLimit')).toBe(`"default";r=0;t=${seconds}`)
    expect(seconds).toBe(Math.ceil((60_000 - 12_345) / 1000))

    shop.advance((seconds - 1) * 1000)
    expect((await shop.get('/v1/shop', from('192.0.2.1'))).status).toBe(429)
    shop.advance(1000)
    expect((await shop.get('/v1/shop', from('192.0.2.1'))).status).toBe(200)
  })

  test('holds on every path of the API, known or not, and not on probes and the pages that explain it', async () => {
    const shop = await limited()
    for (let i = 0; i < LIMIT; i++) await shop.get('/v1/shop')
    for (const path of ['/v1/products', '/v1/carts/x', '/nothing', '/openapi.json', '/healthz/x']) {
      expect((await shop.get(path)).status, path).toBe(429)
    }
    expect((await shop.post('/v1/carts', {}, withKey())).status).toBe(429)
    for (const path of ['/docs', '/problems/rate_limited'])
      expect((await shop.get(path)).status, path).toBe(200)
    const isCounted = (template: string) => !['/healthz', '/readyz'].includes(template)
    for (const { name, method, path } of operationsOf(document)) {
      const answer = await shop.call(method, path.replace(/\{\w+\}/g, 'x'))
      expect(answer.status === 429, name).toBe(isCounted(path))
      expect(answer.headers.has('RateLimit'), name).toBe(isCounted(path))
    }
  })

  test('is neither told nor spent by probes, however many there are', async () => {
    const shop = await limited()
    for (let i = 0; i < LIMIT + 2; i++)
      for (const path of ['/healthz', '/readyz']) expect((await shop.get(path)).status).toBe(200)
    expect(remaining(await shop.get('/v1/shop'))).toBe(LIMIT - 1)
  })

  test('counts by what Cloudflare says of the client, and believes nobody else', async () => {
    const shop = await limited()
    for (let i = 0; i < LIMIT; i++) await shop.get('/v1/shop', from('192.0.2.1'))
    const spoofed = ['X-Forwarded-For', 'X-Real-IP', 'Forwarded', 'True-Client-IP', 'X-Client-IP', 'Via']
    for (const name of spoofed) {
      const answer = await shop.get('/v1/shop', { ...from('192.0.2.1'), [name]: '203.0.113.9' })
      expect(answer.status, name).toBe(429)
    }
    expect((await shop.get('/v1/shop', from('192.0.2.2'))).status).toBe(200)
    expect((await shop.get('/v1/shop', { 'X-Forwarded-For': '192.0.2.1' })).status).toBe(200)
  })

  test.each([
    [
      'a /64 of IPv6',
      ['2001:db8:1:2::1', '2001:db8:1:2:ffff::2', '2001:0DB8:0001:0002:0:0:0:3'],
      '2001:db8:1:3::1',
    ],
    ['a short IPv6', ['2001:db8::1', '2001:db8:0:0:5::', '2001:db8:0:0:0:0:0:2'], '2001:db8:0:1::1'],
    [
      'an IPv4 client on a socket of both families',
      ['192.0.2.7', '::ffff:192.0.2.7', '::FFFF:192.0.2.7'],
      '::ffff:192.0.2.8',
    ],
  ])('counts %s as one client', async (_, same, other) => {
    const shop = await limited()
    for (const address of same) expect((await shop.get('/v1/shop', from(address))).status).toBe(200)
    for (const address of same) expect((await shop.get('/v1/shop', from(address))).status, address).toBe(429)
    expect((await shop.get('/v1/shop', from(other))).status).toBe(200)
  })

  test('is shared between isolates through KV, within about a second', async () => {
    const { deps, advance } = await limited()
    const [here, there] = [1, 2].map(() => kvRateLimiter(deps.kv, deps.clock, LIMIT))
    for (let i = 0; i < LIMIT; i++) await here?.take('192.0.2.1').flush?.()
    advance(1000)
    await here?.take('192.0.2.1').flush?.()
    const first = there?.take('192.0.2.1')
    expect(first?.allowed).toBe(true)
    await first?.flush?.()
    expect(there?.take('192.0.2.1')).toMatchObject({ allowed: false, remaining: 0 })
    expect(there?.take('192.0.2.2').allowed).toBe(true)
  })

  test('lets requests pass when KV fails, and still counts what it sees', async () => {
    const fails = async () => Promise.reject(new Error('KV PUT failed: 429 Too Many Requests'))
    const shop = await openShop()
    const rateLimiter = kvRateLimiter({ get: fails, put: fails }, shop.deps.clock, LIMIT)
    const unshared = shop.withDeps({ rateLimiter })
    const statuses = []
    for (let i = 0; i < LIMIT + 1; i++) statuses.push((await unshared.get('/v1/shop')).status)
    expect(statuses).toEqual([200, 200, 200, 429])
  })
})
