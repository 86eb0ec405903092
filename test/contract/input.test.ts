// INV-STRICT over every operation of the OpenAPI document: what is not declared is refused, with a stable code, without
// a trace in the database and never with a 5xx. A new operation is tested here without anybody writing a test for it.

import { sql } from 'drizzle-orm'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  operationsOf,
  type PlacedOperation,
  readOpenApi,
  type Schema,
} from '../../scripts/lib/openapi-document.ts'
import { errorRegistry } from '../../src/error-registry.ts'
import { aReadyCheckout, complete } from '../support/buying.ts'
import { anAddress, aVariant } from '../support/factories.ts'
import { aLocation } from '../support/inventory.ts'
import {
  aNetwork,
  anEmail,
  aStaffMember,
  fromNetwork,
  linkTokenFor,
  PASSWORD,
  type Person,
} from '../support/people.ts'
import { type Answer, openShop, type TestShop, withKey } from '../support/shop.ts'
import {
  badBodies,
  FORGED_CURSORS,
  NO_OBJECT,
  notJson,
  placeOf,
  WRONG_IDS,
  wrongQueryValues,
} from './hostile.ts'
import { aFakeProvider, logins } from './login-examples.ts'

const { document } = await readOpenApi()
const OPERATIONS = operationsOf(document).filter(({ path }) => path.startsWith('/v1/'))
// The few that take files are tested beside their features.
const WITH_BODY = OPERATIONS.filter(({ operation }) => operation.requestBody?.content['application/json'])
const WITH_PARAMS = OPERATIONS.filter(({ path }) => path.includes('{'))
const JSON_TYPE = 'application/json'

/** The ids in the document's examples, and what stands for them in this shop. */
let real: Record<string, string>
let shop: TestShop
let variantId: string
/** Somebody who may call everything. */
let caller: Person

beforeAll(async () => {
  shop = await openShop({ deps: { identityProviders: [aFakeProvider] } })
  const product = await shop.addProduct({ variants: [aVariant({ quantity: 1000 })] })
  variantId = product.variantIds[0] ?? ''
  real = await someObjects(product.handle)
})

/** An open cart with a line, a checkout that is ready, an order, and somebody with an address, a session and links. */
async function someObjects(handle: string): Promise<Record<string, string>> {
  const cart = await shop.post('/v1/carts', { lines: [{ variant_id: variantId, quantity: 2 }] })
  const order = await complete(shop, await aReadyCheckout(shop, variantId))
  caller = await aStaffMember(shop, 'owner')
  const address = await shop.post('/v1/users/me/addresses', { address: anAddress() }, caller.auth)
  await shop.post('/v1/auth/password-reset', { email: caller.email }, fromNetwork(aNetwork()))
  const client = await shop.post(
    '/v1/admin/clients',
    { kind: 'service', name: 'x', auth_method: 'client_secret_basic', scopes: ['orders:read'] },
    caller.auth,
  )
  const newcomer = anEmail()
  await shop.post('/v1/users', { email: newcomer, password: PASSWORD }, fromNetwork(aNetwork()))
  return {
    ...(await someSettings()),
    customer_id: caller.id,
    ...(await someCatalogue()),
    address_id: address.body.id,
    client_id: client.body.id,
    session_id: caller.tokens.session_id,
    reset_token: await linkTokenFor(shop, caller.email),
    register_token: await linkTokenFor(shop, newcomer),
    cart_id: cart.body.id,
    provider_id: aFakeProvider.id,
    staff_id: caller.id,
    line_id: cart.body.lines[0].id,
    checkout_id: await aReadyCheckout(shop, variantId),
    order_id: order.body.order_id,
    variant_id: variantId,
    location_id: await aLocation(shop),
    handle,
  }
}

let settings = 0
/** What staff set up, each with a name and a place of its own. */
async function someSettings(): Promise<Record<string, string>> {
  const made = async (path: string, body: object): Promise<string> => {
    const answer = await shop.post(`/v1/admin/${path}`, body, { ...caller.auth, ...withKey() })
    expect(answer.status, answer.text).toBe(201)
    return answer.body.id
  }
  settings += 1
  const place = { country: 'US', regions: [`X${settings.toString(36).toUpperCase()}`] }
  const tax = { country: 'US', tax_class: 'standard', rate_ppm: 0, applies_to_shipping: false }
  const rule = { kind: 'free_shipping', scope: { type: 'all' } }
  return {
    promotion_id: await made('promotions', { title: 'Contract', rule }),
    zone_id: await made('shipping_zones', { name: 'Contract', places: [place] }),
    tax_rate_id: await made('tax_rates', { name: `Contract ${settings}`, ...tax }),
    customer_group_id: await made('customer_groups', { name: `Contract ${settings}` }),
  }
}

/** What staff keep: a product with the options of the examples, its variant, and a collection. */
async function someCatalogue(): Promise<Record<string, string>> {
  const title = `Contract ${crypto.randomUUID()}`
  const variant = { options: { Colour: 'White', Size: 'M' }, prices: [{ currency: 'EUR', amount: 1 }] }
  const options = [{ name: 'Colour' }, { name: 'Size' }]
  const product = await shop.post('/v1/admin/products', { title, options, variants: [variant] }, caller.auth)
  const collection = await shop.post('/v1/admin/collections', { title }, caller.auth)
  return {
    product_id: product.body.id,
    admin_variant_id: product.body.variants[0].id,
    collection_id: collection.body.id,
  }
}

const KIND_OF_ID: Record<string, string> = {
  products: 'product_id',
  variants: 'admin_variant_id',
  collections: 'collection_id',
  carts: 'cart_id',
  checkouts: 'checkout_id',
  orders: 'order_id',
  addresses: 'address_id',
  sessions: 'session_id',
  clients: 'client_id',
  providers: 'provider_id',
  staff: 'staff_id',
  locations: 'location_id',
  promotions: 'promotion_id',
  shipping_zones: 'zone_id',
  tax_rates: 'tax_rate_id',
  customers: 'customer_id',
  customer_groups: 'customer_group_id',
}

/** The operation's path, with things in it that exist. */
const pathOf = ({ path }: PlacedOperation): string =>
  path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const kind = name === 'id' ? KIND_OF_ID[path.split('/{')[0]?.split('/').at(-1) ?? ''] : name
    return real[kind ?? ''] ?? real.handle ?? ''
  })

/** The documented example of the operation's body, about things that exist. */
function goodBody({ operation }: PlacedOperation): Record<string, unknown> {
  const schema = operation.requestBody?.content[JSON_TYPE]?.schema ?? {}
  const name = schema.$ref?.split('/').at(-1) ?? ''
  const named = document.components.schemas?.[name] as Schema
  const text = JSON.stringify(named.example)
    .replaceAll(/var_\w+/g, variantId)
    .replaceAll(/cart_\w{20,}/g, real.cart_id ?? '')
    .replaceAll(/loc_\w{20,}/g, real.location_id ?? '')
    .replaceAll(/prod_\w{20,}/g, real.product_id ?? '')
    .replaceAll(/act_[\w.]{20,}/g, (name === 'VerifyUser' ? real.register_token : real.reset_token) ?? '')
    .replaceAll(/\brt_\w{20,}/g, caller.tokens.refresh_token)
    .replaceAll('ada@example.com', name === 'Login' ? caller.email : 'ada@example.com')
  // What the example basket costs is not what this one costs.
  return { ...JSON.parse(text), expected_total: undefined }
}

/** The good body as text; of one that takes files, any. */
const bodyOf = (placed: PlacedOperation): string | undefined =>
  WITH_BODY.includes(placed) ? JSON.stringify(goodBody(placed)) : placed.operation.requestBody && 'a file'

const isPublic = ({ operation }: PlacedOperation) =>
  ['public', 'capability'].includes(operation['x-permission'] ?? '')

async function send(
  placed: PlacedOperation,
  path: string,
  body?: string,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const auth = isPublic(placed) ? {} : caller.auth
  return shop.call(placed.method, path, {
    body,
    headers: {
      ...auth,
      ...(placed.method === 'POST' ? withKey() : {}),
      // Of a version that nothing has: what is wrong otherwise is refused before it is looked at.
      ...(isConditional(placed) ? { 'If-Match': '"999999.read"' } : {}),
      ...headers,
    },
  })
}

const isConditional = ({ operation }: PlacedOperation) =>
  (operation.parameters ?? []).some(({ name }) => name === 'If-Match')

/** The ETag of the thing that an operation changes, or of what it is a part of, as a client that read it would send it back. */
async function tagOf(placed: PlacedOperation): Promise<string> {
  const { path: template } = placed
  const path = pathOf(placed)
  const segments = template.includes('{')
    ? template.slice(0, template.lastIndexOf('}')).split('/').length
    : undefined
  const thing = path.split('/').slice(0, segments).join('/')
  for (const place of [path, thing]) {
    const tag = (await shop.get(place, caller.auth)).headers.get('ETag')
    if (tag && /^"\d+\./.test(tag)) return tag
  }
  return '"1.nothing"'
}

/** The headers of a write on what is there now. */
async function onCurrent(placed: PlacedOperation): Promise<Record<string, string>> {
  return isConditional(placed) ? { 'If-Match': await tagOf(placed) } : {}
}

/** Every row of every table, so that one changed byte shows. */
async function contents(): Promise<string> {
  const tables = await shop.db.all<{ name: string }>(sql`
    SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'
      AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '%_search%' AND name NOT LIKE '\\_cf%' ESCAPE '\\' ORDER BY name`)
  const rows = []
  for (const { name } of tables)
    rows.push([name, await shop.db.all(sql`SELECT * FROM ${sql.identifier(name)}`)])
  return JSON.stringify(rows)
}

const SENTENCE = /^[A-Z].*\.$/
/** What zod says when nobody tells it better. */
const ZOD_SPEAK =
  /Invalid (input|option|string|key)|expected|received|Too (big|small)|Unrecognized|match pattern/

/** Runs bad requests; each must be refused as a problem, and all of them together must change nothing. */
async function expectAllRefused<T extends { what: string }>(
  cases: T[],
  run: (bad: T) => Promise<Answer>,
  check: (answer: Answer, bad: T) => void = () => {},
): Promise<void> {
  expect(cases.length).toBeGreaterThan(0)
  const before = await contents()
  for (const bad of cases) {
    const answer = await run(bad)
    const note = `${bad.what}: ${answer.status} ${answer.text.slice(0, 300)}`
    expect(answer.status, note).toBeGreaterThanOrEqual(400)
    expect(answer.status, note).toBeLessThan(500)
    expect(answer.headers.get('Content-Type'), note).toBe('application/problem+json')
    expect(errorRegistry.get(answer.body.code)?.status, note).toBe(answer.status)
    expect(answer.body, note).toMatchObject({
      status: answer.status,
      request_id: expect.stringMatching(/^req_/),
    })
    for (const { detail } of answer.body.errors ?? []) {
      expect(detail, note).toMatch(SENTENCE)
      // What stands in backquotes is ours to take, whatever word it is.
      expect(detail.replaceAll(/`[^`]*`/g, ''), note).not.toMatch(ZOD_SPEAK)
    }
    check(answer, bad)
  }
  expect(await contents()).toBe(before)
  expect(Object.keys(Object.prototype)).toEqual([])
  expect('polluted' in {}).toBe(false)
}

const cases = (whats: string[]) => whats.map(what => ({ what }))

describe('every operation', () => {
  test.each(WITH_BODY)('$name takes the example that the document shows', async placed => {
    real = await someObjects(real.handle ?? '')
    // What hangs on a fresh code or link is made for the occasion.
    const special = await logins[placed.operation.operationId ?? '']?.(shop)
    const body = JSON.stringify({ ...goodBody(placed), ...special?.body })
    const answer = await send(placed, special?.path ?? pathOf(placed), body, {
      ...(await onCurrent(placed)),
      ...special?.headers,
    })
    expect(answer.status, answer.text).toBeLessThan(300)
    await special?.after?.()
    real = await someObjects(real.handle ?? '')
  })

  test.each(WITH_BODY)(
    '$name refuses unknown fields, client-set prices and states, prototype keys and wrong values',
    async placed => {
      const schema = placed.operation.requestBody?.content[JSON_TYPE]?.schema ?? {}
      await expectAllRefused(
        badBodies(document, schema, goodBody(placed)),
        ({ text }) => send(placed, pathOf(placed), text),
        (answer, { what, text, pointer, code }) => {
          const note = `${what}: ${answer.text.slice(0, 300)}`
          if (text.length > 256 * 1024) return expect(answer.body.code, note).toBe('body_too_large')
          expect(answer.body.code, note).toBe('invalid_input')
          const errors: { pointer: string; code: string }[] = answer.body.errors
          const there = errors.filter(
            error => error.pointer === pointer || error.pointer.startsWith(`${pointer}/`),
          )
          expect(there.length, note).toBeGreaterThan(0)
          if (code) expect(there[0]?.code, note).toBe(code)
        },
      )
    },
    60_000,
  )

  test.each(WITH_BODY)(
    '$name refuses what is not JSON, and JSON that is no object',
    async placed => {
      const good = JSON.stringify(goodBody(placed))
      await expectAllRefused(
        notJson(good).map(text => ({ what: `not JSON ${text.slice(0, 30)}`, text })),
        ({ text }) => send(placed, pathOf(placed), text),
        (answer, { what }) => expect(answer.body.code, what).toBe('invalid_json'),
      )
      await expectAllRefused(
        NO_OBJECT.map(text => ({ what: `no object ${text.slice(0, 30)}`, text })),
        ({ text }) => send(placed, pathOf(placed), text),
        (answer, { what }) => expect(answer.body.code, what).toBe('invalid_input'),
      )
    },
    60_000,
  )

  test.each(WITH_BODY)('$name refuses a body of another or no media type', async placed => {
    const good = JSON.stringify(goodBody(placed))
    const types = [
      'text/plain',
      'text/json',
      'application/jsonx',
      'application/x-www-form-urlencoded',
      'json',
      '',
    ]
    await expectAllRefused(
      cases([
        ...types,
        'multipart/form-data; boundary=x',
        'application/octet-stream',
        'text/html, application/json',
      ]),
      ({ what }) => send(placed, pathOf(placed), good, { 'Content-Type': what }),
      (answer, { what }) => expect(answer.body.code, what).toBe('unsupported_media_type'),
    )
  })

  test.each(WITH_BODY)('$name refuses a body of more than 256 KiB', async placed => {
    const good = JSON.stringify(goodBody(placed))
    await expectAllRefused(
      [
        { what: 'spaces', text: good + ' '.repeat(256 * 1024) },
        { what: 'one byte too many', text: good.padEnd(256 * 1024 + 1, ' ') },
      ],
      ({ text }) => send(placed, pathOf(placed), text),
      answer => expect(answer.body.code).toBe('body_too_large'),
    )
  })

  test.each(WITH_BODY)('$name refuses to run without a body', async placed => {
    await expectAllRefused(
      cases(['no body']),
      () => send(placed, pathOf(placed)),
      answer => expect(answer.body.code).toBe('unsupported_media_type'),
    )
  })

  test.each(OPERATIONS)(
    '$name refuses query parameters that it does not have, and any that comes twice',
    async placed => {
      const own = (placed.operation.parameters ?? []).filter(parameter => parameter.in === 'query')
      const unknown = [
        'x=1',
        'x',
        '__proto__=1',
        'constructor=1',
        'prototype=',
        'toString=1',
        'total=0',
        'limit%00=1',
        '%ff=1',
      ]
      const foreign = unknown.filter(query => !own.some(({ name }) => query.startsWith(`${name}=`)))
      const lists = own.filter(({ schema }) => schema.type === 'array')
      const tooMany = lists.map(({ name }) => Array.from({ length: 101 }, (_, i) => `${name}=${i}`).join('&'))
      const twice = own
        .filter(parameter => !lists.includes(parameter))
        .map(({ name }) => `${name}=1&${name}=2`)
      const wrong = own.flatMap(({ name, schema }) =>
        wrongQueryValues(placeOf(document, schema)).map(value => `${name}=${value}`),
      )
      const body = bodyOf(placed)
      await expectAllRefused(
        cases([...foreign, ...twice, ...tooMany, ...wrong]),
        ({ what }) => send(placed, `${pathOf(placed)}?${what}`, body),
        (answer, { what }) => expect(answer.body.code, what).toBe('invalid_input'),
      )
    },
  )

  test.each(
    OPERATIONS.filter(({ operation }) => operation.parameters?.some(({ name }) => name === 'cursor')),
  )('$name refuses a cursor that it did not give', async placed => {
    const cursors = [...FORGED_CURSORS, 'x'.repeat(600)].map(cursor => `cursor=${encodeURIComponent(cursor)}`)
    await expectAllRefused(
      cases([...cursors, ...cursors.map(query => `${query}&limit=1`)]),
      ({ what }) => send(placed, `${placed.path}?${what}`),
      (answer, { what }) => expect(answer.body.code, what).toBe('invalid_cursor'),
    )
  })

  test.each(WITH_PARAMS)('$name finds nothing under an id that is none', async placed => {
    const body = bodyOf(placed)
    const paths = WRONG_IDS.flatMap(id => {
      const first = placed.path.replace(/\{\w+\}/, id)
      const last = placed.path.replace(/\{\w+\}(?!.*\{)/, id)
      return [first, last].map(path => pathOf({ ...placed, path }))
    })
    await expectAllRefused(
      cases([...new Set(paths)]),
      ({ what }) => send(placed, what, body),
      (answer, { what }) => expect([404, 405, 422], `${what} ${answer.text}`).toContain(answer.status),
    )
  })
})
