// INV-404 for every route with an id, generated from the OpenAPI document: what somebody may not see answers exactly as
// what does not exist, in status, headers and body, to the last byte but the request's id. A new route with an id fails
// here until `FACTORIES` says what of its kind is hidden.

import { sql } from 'drizzle-orm'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  operationsOf,
  type PlacedOperation,
  readOpenApi,
  type Schema,
} from '../../scripts/lib/openapi-document.ts'
import { identities } from '../../src/features/providers/table.ts'
import { aCode, anApp, aService, theOwner } from '../support/apps.ts'
import { aReadyCheckout, aVariantOf, complete } from '../support/buying.ts'
import { anAddress } from '../support/factories.ts'
import { aLocation } from '../support/inventory.ts'
import { anEmail, aPerson, type Person } from '../support/people.ts'
import { type Answer, openShop, type TestShop, withKey } from '../support/shop.ts'

/** Two paths of one kind: something that is there and hidden, and something that never was. */
interface Pair {
  what: string
  hidden: string
  missing: string
  /** Sent with both. */
  headers?: Record<string, string>
}

const { document } = await readOpenApi()
const WITH_ID = operationsOf(document).filter(({ path }) => path.includes('{'))
/** The kind of thing that a path is about: all up to its last id. */
const kindOf = ({ path }: PlacedOperation): string => path.slice(0, path.lastIndexOf('}') + 1)

/** The same at every call, or two answers would differ by what is left. */
const rateLimiter = {
  take: () => ({ allowed: true, limit: 9, remaining: 9, resetSeconds: 60, flush: null }),
}

let shop: TestShop
let variantId: string
/** Who owns what is hidden, and who must not learn of it. */
let owner: Person
let stranger: Person
/** A checkout that was there once. Removed before anything else is made, since the sweep removes all that has expired. */
let removedCheckout: string
beforeAll(async () => {
  shop = await openShop({ deps: { rateLimiter } })
  variantId = await aVariantOf(shop, { quantity: 1000 })
  owner = await aPerson(shop)
  stranger = await aPerson(shop)
  removedCheckout = await aReadyCheckout(shop, variantId)
  await expireNow('checkouts', removedCheckout)
  await shop.sweep()
  expect((await shop.get(`/v1/checkouts/${removedCheckout}`)).status).toBe(404)
})

const MISSING = '01M81J18G0ZZZZZZZZZZZZZZZZZZZZZZZZZZ'
const aCart = async (): Promise<{ id: string; lines: { id: string }[] }> => {
  const answer = await shop.post('/v1/carts', { lines: [{ variant_id: variantId, quantity: 1 }] })
  expect(answer.status, answer.text).toBe(201)
  return answer.body
}
const anOrder = async (headers: Record<string, string> = {}): Promise<Answer> => {
  const answer = await complete(shop, await aReadyCheckout(shop, variantId), {
    key: { ...withKey(), ...headers },
  })
  expect(answer.status, answer.text).toBe(200)
  return answer
}
const expireNow = (table: 'carts' | 'checkouts', id: string) =>
  shop.db.run(sql`UPDATE ${sql.identifier(table)} SET expires_at = 1 WHERE id = ${id}`)

/** What of each kind is hidden. At least one pair; where nothing is ever hidden, two ways of not being there. */
const FACTORIES: Record<string, () => Promise<Pair[]>> = {
  '/v1/products/{id_or_handle}': async () => {
    const pairs: Pair[] = []
    for (const status of ['draft', 'archived'] as const) {
      const handle = `hidden-${status}-${crypto.randomUUID().slice(0, 8)}`
      await shop.addProduct({ handle, status })
      const [row] = await shop.db.all<{ id: string }>(sql`SELECT id FROM products WHERE handle = ${handle}`)
      pairs.push(
        { what: `${status}, by handle`, hidden: `/v1/products/${handle}`, missing: '/v1/products/never-was' },
        {
          what: `${status}, by id`,
          hidden: `/v1/products/${row?.id}`,
          missing: `/v1/products/prod_${MISSING}`,
        },
      )
    }
    return pairs
  },
  '/v1/collections/{id_or_handle}': async () => [
    {
      what: 'an id against a handle',
      hidden: `/v1/collections/col_${MISSING}`,
      missing: '/v1/collections/never-was',
    },
  ],
  '/v1/carts/{id}': async () => {
    const { id } = await aCart()
    await expireNow('carts', id)
    return [{ what: 'expired', hidden: `/v1/carts/${id}`, missing: `/v1/carts/cart_${MISSING}` }]
  },
  '/v1/carts/{id}/lines/{line_id}': async () => {
    const [mine, theirs, expired] = [await aCart(), await aCart(), await aCart()]
    await expireNow('carts', expired.id)
    return [
      {
        what: 'a line of another cart',
        hidden: `/v1/carts/${mine.id}/lines/${theirs.lines[0]?.id}`,
        missing: `/v1/carts/${mine.id}/lines/li_${MISSING}`,
      },
      {
        what: 'a line of an expired cart',
        hidden: `/v1/carts/${expired.id}/lines/${expired.lines[0]?.id}`,
        missing: `/v1/carts/cart_${MISSING}/lines/li_${MISSING}`,
      },
    ]
  },
  '/v1/checkouts/{id}': async () => [
    { what: 'removed', hidden: `/v1/checkouts/${removedCheckout}`, missing: `/v1/checkouts/chk_${MISSING}` },
  ],
  '/v1/orders/{id}': async () => {
    const [guests, persons, other] = [await anOrder(), await anOrder(owner.auth), await anOrder()]
    const tokens: Record<string, Record<string, string>> = {
      'no token': {},
      'a token that is none': { 'Order-Token': 'ot_none' },
      'the token of another order': { 'Order-Token': other.body.order_token },
    }
    return Object.entries(tokens).flatMap(([what, headers]) =>
      [guests, persons].map(({ body }, i) => ({
        what: `${i === 0 ? 'a guest’s' : 'a person’s'}, with ${what}`,
        hidden: `/v1/orders/${body.order_id}`,
        missing: `/v1/orders/ord_${MISSING}`,
        headers,
      })),
    )
  },
  '/v1/users/me/addresses/{id}': async () => {
    const { body } = await shop.post('/v1/users/me/addresses', { address: anAddress() }, owner.auth)
    const path = '/v1/users/me/addresses'
    return [{ what: 'another’s', hidden: `${path}/${body.id}`, missing: `${path}/addr_${MISSING}` }]
  },
  '/v1/users/me/sessions/{id}': async () => {
    const path = '/v1/users/me/sessions'
    const { session_id } = owner.tokens
    return [{ what: 'another’s', hidden: `${path}/${session_id}`, missing: `${path}/ses_${MISSING}` }]
  },
  '/v1/users/me/grants/{id}': async () => {
    await aCode(shop, owner, await anApp(shop))
    const path = '/v1/users/me/grants'
    const { data } = (await shop.get(path, owner.auth)).body
    return [{ what: 'another’s', hidden: `${path}/${data[0].id}`, missing: `${path}/grt_${MISSING}` }]
  },
  '/v1/users/me/identities/{id}': async () => {
    const id = shop.deps.ids('identity')
    const mine = { issuer: 'https://login.example', subject: id, provider: 'fake', created_at: 0 }
    await shop.db.insert(identities).values({ id, user_id: owner.id, ...mine })
    const path = '/v1/users/me/identities'
    return [{ what: 'another’s', hidden: `${path}/${id}`, missing: `${path}/idn_${MISSING}` }]
  },
  '/v1/users/me/providers/{id}': async () => noSuchProvider('/v1/users/me/providers'),
  '/v1/auth/providers/{id}': async () => noSuchProvider('/v1/auth/providers'),
  '/v1/admin/clients/{id}': async () => ofStaff('clients', (await aService(shop)).id, `cli_${MISSING}`),
  '/v1/admin/staff/{id}': async () => ofStaff('staff', (await theOwner(shop)).id, `usr_${MISSING}`),
  '/v1/admin/staff-invitations/{id}': async () => {
    const { auth } = await theOwner(shop)
    const invited = await shop.post('/v1/admin/staff', { email: anEmail(), role: 'support' }, auth)
    expect(invited.status, invited.text).toBe(202)
    return ofStaff('staff-invitations', invited.body.id, `act_${MISSING}`)
  },
  '/v1/admin/roles/{name}': async () => ofStaff('roles', 'support', 'never_was'),
  '/v1/admin/locations/{id}': async () => ofStaff('locations', await aLocation(shop), `loc_${MISSING}`),
  '/v1/admin/inventory/variants/{id}': async () => ofStaff('inventory/variants', variantId, `var_${MISSING}`),
  '/v1/admin/variants/{id}': async () => ofStaff('variants', variantId, `var_${MISSING}`),
  '/v1/admin/products/{id}': async () => ofStaff('products', (await shop.addProduct()).id, `prod_${MISSING}`),
  '/v1/admin/collections/{id}': async () =>
    ofStaff('collections', await made('collections', { title: 'Hidden' }), `col_${MISSING}`),
  '/v1/admin/promotions/{id}': async () => {
    const rule = { kind: 'free_shipping', scope: { type: 'all' } }
    return ofStaff('promotions', await made('promotions', { title: 'Hidden', rule }), `promo_${MISSING}`)
  },
  '/v1/admin/shipping_zones/{id}': async () => {
    const zone = { name: 'Hidden', places: [{ country: 'US', regions: ['XA'] }] }
    return ofStaff('shipping_zones', await made('shipping_zones', zone), `zone_${MISSING}`)
  },
  '/v1/admin/tax_rates/{id}': async () => {
    const rate = {
      name: 'Hidden',
      country: 'US',
      tax_class: 'standard',
      rate_ppm: 0,
      applies_to_shipping: false,
    }
    return ofStaff('tax_rates', await made('tax_rates', rate), `tax_${MISSING}`)
  },
  '/v1/admin/customers/{id}': async () => ofStaff('customers', owner.id, `usr_${MISSING}`),
  '/v1/admin/customer_groups/{id}': async () =>
    ofStaff('customer_groups', await made('customer_groups', { name: 'Hidden' }), `grp_${MISSING}`),
  '/v1/admin/orders/{id}': async () => ofStaff('orders', (await anOrder()).body.order_id, `ord_${MISSING}`),
}

/** Has the owner of the shop make something. */
async function made(kind: string, body: object): Promise<string> {
  const { auth } = await theOwner(shop)
  const answer = await shop.post(`/v1/admin/${kind}`, body, { ...auth, ...withKey() })
  expect(answer.status, answer.text).toBe(201)
  return answer.body.id
}

/** Whoever lacks the right learns nothing of what is there. */
const ofStaff = (kind: string, hidden: string, missing: string): Pair[] => [
  {
    what: 'for want of a right',
    hidden: `/v1/admin/${kind}/${hidden}`,
    missing: `/v1/admin/${kind}/${missing}`,
  },
]
const noSuchProvider = (path: string): Pair[] => [
  { what: 'one that is not configured', hidden: `${path}/google`, missing: `${path}/never-was` },
]

/** The documented example of the body, about a variant that exists. */
function bodyOf({ operation }: PlacedOperation): string | undefined {
  const { $ref } = operation.requestBody?.content['application/json']?.schema ?? {}
  if (!$ref) return undefined
  const schema = document.components.schemas?.[$ref.split('/').at(-1) ?? ''] as Schema | undefined
  return JSON.stringify(schema?.example).replaceAll(/var_\w+/g, variantId)
}

/** All of an answer that a client can compare, without the request's id. */
const bytesOf = ({ status, headers, text }: Answer): string => {
  const id = headers.get('X-Request-Id') ?? ''
  return [status, ...[...headers].map(([name, value]) => `${name}: ${value}`).sort(), text]
    .join('\n')
    .replaceAll(id, 'req_')
}

describe('what you may not see looks exactly like what does not exist (INV-404)', () => {
  test('on every route with an id, whoever asks', async () => {
    const unknown = WITH_ID.filter(placed => !FACTORIES[kindOf(placed)]).map(({ name }) => name)
    expect(unknown, 'a route with an id needs a factory here').toEqual([])

    const pairsOf = new Map<string, Pair[]>()
    for (const [kind, make] of Object.entries(FACTORIES)) pairsOf.set(kind, await make())
    const callers = { anonymous: {}, stranger: stranger.auth }
    const compared = new Set<string>()
    const notFound = new Set<string>()
    const differences: string[] = []
    let comparisons = 0
    for (const placed of WITH_ID) {
      const kind = kindOf(placed)
      const rest = placed.path.slice(kind.length)
      for (const { what, hidden, missing, headers } of pairsOf.get(kind) ?? []) {
        for (const [caller, auth] of Object.entries(callers)) {
          const ask = (path: string) =>
            shop.call(placed.method, `${path}${rest}`, {
              body: bodyOf(placed),
              headers: { ...auth, ...headers, ...(placed.method === 'POST' ? withKey() : {}) },
            })
          const [seen, unseen] = [await ask(hidden), await ask(missing)]
          comparisons += 1
          compared.add(placed.name)
          if (unseen.status === 404) notFound.add(placed.name)
          if (![401, 403, 404].includes(unseen.status) || bytesOf(seen) !== bytesOf(unseen))
            differences.push(`${placed.name} (${what}, ${caller}):\n${bytesOf(seen)}\n--\n${bytesOf(unseen)}`)
        }
      }
    }
    console.info(`INV-404: ${compared.size} route-methods with an id, ${comparisons} comparisons`)
    expect(differences).toEqual([])
    expect([...compared].sort()).toEqual(WITH_ID.map(({ name }) => name).sort())
    // Where no right is needed to get as far as the thing, the answer is really that there is none.
    const open = WITH_ID.filter(({ operation }) => !operation['x-permission']?.includes(':'))
    expect([...notFound].sort()).toEqual(expect.arrayContaining(open.map(({ name }) => name).sort()))
  })

  test('the comparison would notice: the owner’s own order, with and without its token', async () => {
    const { body } = await anOrder()
    const path = `/v1/orders/${body.order_id}`
    const [seen, unseen] = [await shop.get(path, { 'Order-Token': body.order_token }), await shop.get(path)]
    expect([seen.status, unseen.status]).toEqual([200, 404])
    expect(bytesOf(seen)).not.toBe(bytesOf(unseen))
    expect(bytesOf(unseen)).toBe(bytesOf(await shop.get(path)))
  })
})
