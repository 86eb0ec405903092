// The product list against an oracle that filters and sorts the same products in plain code: which products, in which
// order, on which page, whatever is added or removed while somebody pages.

import { sql } from 'drizzle-orm'
import { beforeAll, describe, expect, test } from 'vitest'
import { loadShop, refreshCollections } from '../../../src/features/imports/load-shop.ts'
import type { ProductInput } from '../../../src/features/products/input.ts'
import { upsertProducts } from '../../../src/features/products/upsert.ts'
import { aProduct, aVariant, SHOP } from '../../support/factories.ts'
import { type Answer, openShop, type TestShop } from '../../support/shop.ts'
import {
  type Asked,
  inOrder,
  isAvailable,
  type Listed,
  listPath,
  type Membership,
  matching,
  range,
  readPages,
  type Sort,
  sold,
} from './list-oracle.ts'

const SORTS: Sort[] = ['newest', 'title', 'price', '-price']
const CURRENCIES = ['EUR', 'USD', 'JPY']
const TITLES = ['Apple', 'apple', 'Éclair', 'eclair', 'zebra mug', 'Zebra mug', 'ängel mug', 'Mug', '10 pegs']
const AMOUNTS = [500, 1000, 1000, 2500, 0, 9999]
const membership: Membership = {
  picked: input => /-[0-9]*[13579]$/.test(input.handle),
  ruled: input => input.vendor === 'Nord' || input.tags.includes('sale'),
}

let shop: TestShop
const catalogue: Listed[] = []

/** Product number `i` of the catalogue: small primes make every combination of properties turn up. */
function numbered(i: number): ProductInput {
  const amount = AMOUNTS[i % 6] ?? 0
  const prices = [
    { currency: 'EUR', amount, compare_at_amount: null },
    ...(i % 4 === 0 ? [] : [{ currency: 'USD', amount: 3000 - (amount % 3000), compare_at_amount: null }]),
    ...(i % 5 === 0 ? [{ currency: 'JPY', amount: 400, compare_at_amount: 500 }] : []),
  ]
  const stock: Partial<ProductInput['variants'][number]>[] = [
    { quantity: 3 },
    { quantity: 0 },
    { quantity: 0, inventory_policy: 'continue' },
    { quantity: null, tracks_inventory: false },
  ]
  const first = aVariant({ prices, options: { Size: 'S' }, ...stock[i % 4] })
  const dearer = prices.slice(0, 1).map(price => ({ ...price, amount: price.amount + 4000 }))
  const second = aVariant({ prices: dearer, options: { Size: 'L' }, quantity: i % 7 })
  return aProduct({
    handle: `listed-${i}`,
    title: TITLES[i % TITLES.length],
    vendor: ['Nord', 'Süd', 'O’Neill & "Sons"'][i % 3],
    product_type: ['Shirt', 'Cup'][i % 2],
    tags: [...(i % 3 === 0 ? ['sale'] : []), ...(i % 5 < 3 ? ['new in', 'ça'] : [])],
    status: i % 11 === 7 ? 'draft' : i % 13 === 5 ? 'archived' : 'active',
    options: [{ name: 'Size', values: ['S', 'L'] }],
    variants: i % 3 === 1 ? [first, second] : [first],
  })
}

async function add(inputs: ProductInput[]): Promise<void> {
  await upsertProducts(shop.deps, 'test', inputs)
  const rows = await shop.db.all<{ id: string; handle: string }>(sql`SELECT id, handle FROM products`)
  const ids = new Map(rows.map(row => [row.handle, row.id]))
  catalogue.push(...inputs.map(input => ({ id: ids.get(input.handle) ?? '', input })))
  await loadShop(shop.deps, {
    ...SHOP,
    settings: { ...SHOP.settings, currencies: CURRENCIES },
    collections: [
      {
        handle: 'picked',
        title: 'Picked',
        description_html: '',
        image_url: null,
        kind: 'manual',
        products: catalogue
          .map(({ input }) => input)
          .filter(input => membership.picked?.(input))
          .map(input => input.handle),
      },
      {
        handle: 'ruled',
        title: 'Ruled',
        description_html: '',
        image_url: null,
        kind: 'rules',
        rules: {
          match: 'any',
          conditions: [
            { field: 'vendor', relation: 'equals', value: 'Nord' },
            { field: 'tag', relation: 'equals', value: 'sale' },
          ],
        },
      },
    ],
  })
}

const expected = (asked: Asked, sort: Sort): string[] =>
  inOrder(matching(catalogue, asked, membership), sort, asked.currency).map(({ input }) => input.handle)

const handles = (answer: Answer): string[] =>
  answer.body.data.map((product: { handle: string }) => product.handle)

beforeAll(async () => {
  shop = await openShop()
  await add(Array.from({ length: 72 }, (_, i) => numbered(i)))
})

describe('filters', () => {
  const values: Asked[] = [
    { q: 'mug' },
    { collection: 'picked' },
    { collection: 'ruled' },
    { vendor: 'Nord' },
    { vendor: 'O’Neill & "Sons"' },
    { product_type: 'Shirt' },
    { tag: 'ça' },
    { tag: 'NEW In' },
    { tag: ['ÇA', 'sale'] },
    { price_min: 1000 },
    { price_max: 1000 },
    // Between the two prices of some products, which have none there.
    { price_min: 2000, price_max: 4000 },
    { available: true },
    { available: false },
    { currency: 'USD' },
    { currency: 'JPY' },
  ]

  test.each(values)('%o takes exactly the products that have it, in every order', async asked => {
    for (const sort of SORTS) {
      const answer = await shop.get(listPath({ ...asked, sort, limit: 100 }))
      expect(answer.status, answer.text).toBe(200)
      expect(handles(answer)).toEqual(expected(asked, sort))
      expect(handles(answer).length).toBeGreaterThan(0)
      expect(handles(answer).length).toBeLessThan(matching(catalogue, {}, membership).length)
    }
  })

  test('any two and any three narrow the list together', async () => {
    const combinations = values.flatMap((one, i) =>
      values.slice(i + 1).flatMap((two, j) => [
        { ...one, ...two },
        { ...one, ...two, ...values[(i * j) % values.length] },
      ]),
    )
    let found = 0
    for (const [i, asked] of combinations.entries()) {
      const sort = SORTS[i % SORTS.length] ?? 'newest'
      const answer = await shop.get(listPath({ ...asked, sort, limit: 100 }))
      expect(handles(answer), JSON.stringify({ asked, sort })).toEqual(expected(asked, sort))
      if (handles(answer).length > 0) found += 1
    }
    expect(found).toBeGreaterThan(combinations.length / 2)
  }, 30_000)

  test('a collection may be named by its id', async () => {
    for (const handle of ['picked', 'ruled']) {
      const { body } = await shop.get(`/v1/collections/${handle}`)
      const answer = await shop.get(listPath({ collection: body.id, limit: 100 }))
      expect(handles(answer)).toEqual(expected({ collection: handle }, 'newest'))
    }
  })

  test('what nothing has gives an empty list', async () => {
    for (const asked of [
      { collection: 'no-such' },
      { collection: 'col_00000000000000000000000000' },
      { vendor: 'nord' },
      { tag: 'sal' },
      { product_type: "' OR 1=1 --" },
      { price_min: 2000, price_max: 1000, q: 'mug', vendor: 'nobody' },
      { price_min: 1_000_000_000_000 },
    ]) {
      const answer = await shop.get(listPath(asked))
      expect(answer.status, answer.text).toBe(200)
      expect(answer.body).toEqual({ data: [], next_cursor: null })
    }
  })

  test('without any, the newest 20 products that are on sale come first', async () => {
    const answer = await shop.get('/v1/products')
    expect(handles(answer)).toEqual(expected({}, 'newest').slice(0, 20))
    expect(handles(await shop.get('/v1/products?sort=relevance'))).toEqual(handles(answer))
  })
})

describe('currencies', () => {
  test.each(CURRENCIES)(
    'in %s every price, range and variant is of that currency, and nothing else is shown',
    async currency => {
      const answer = await shop.get(listPath({ currency, limit: 100 }))
      for (const product of answer.body.data) {
        const input = catalogue.find(({ id }) => id === product.id)?.input
        if (!input) throw new Error(product.handle)
        const { min, max } = range(input, currency)
        expect(product.price_range).toEqual({
          min: { amount: min, currency },
          max: { amount: max, currency },
        })
        expect(
          product.variants.map(
            (variant: { options: object; price: object; compare_at_price: object; available: boolean }) => [
              variant.options,
              variant.price,
              variant.compare_at_price,
            ],
          ),
        ).toEqual(
          sold(input, currency).map(({ options, price: { amount, compare_at_amount } }) => [
            options,
            { amount, currency },
            compare_at_amount === null ? null : { amount: compare_at_amount, currency },
          ]),
        )
        expect(product.variants.some((variant: { available: boolean }) => variant.available)).toBe(
          isAvailable(input, currency),
        )
      }
      expect(answer.body.data).toHaveLength(expected({ currency }, 'newest').length)
    },
  )

  test('the default is the shop’s own', async () => {
    expect((await shop.get('/v1/products?limit=100')).text).toBe(
      (await shop.get('/v1/products?limit=100&currency=EUR')).text,
    )
  })

  test('one that the shop does not sell in is refused, whatever else is asked', async () => {
    for (const rest of ['', '&q=mug', '&q=!!!', '&facets=true', '&q=---&facets=true']) {
      const answer = await shop.get(`/v1/products?currency=CHF${rest}`)
      expect(answer.status, `${rest} ${answer.text}`).toBe(422)
      expect(answer.body).toMatchObject({
        code: 'currency_not_offered',
        errors: [{ in: 'query', pointer: '/currency' }],
      })
    }
    for (const wrong of ['eur', 'EURO', '', '€', 'EU%00'])
      expect((await shop.get(`/v1/products?currency=${wrong}`)).body.code).toBe('invalid_input')
  })
})

describe('pages', () => {
  const lists: Record<string, string>[] = [
    {},
    { tag: 'ça' },
    { collection: 'picked' },
    { collection: 'ruled', available: 'true' },
    { vendor: 'Nord' },
    { q: 'mug' },
    { currency: 'USD', price_min: '1000' },
  ]

  test.each(SORTS)('sorted by %s each list comes whole, in order, once, at any page size', async sort => {
    for (const list of lists) {
      const { price_min, available, ...rest } = list
      const asked: Asked = {
        ...rest,
        ...(price_min ? { price_min: Number(price_min) } : {}),
        ...(available ? { available: true } : {}),
      }
      const whole = expected(asked, sort)
      expect(whole.length).toBeGreaterThan(6)
      for (const limit of [list.vendor ? 1 : 9, whole.length - 1, whole.length, whole.length + 1]) {
        const pages = await readPages(shop, { ...list, sort, limit })
        expect(pages.flat(), JSON.stringify({ list, limit })).toEqual(whole)
        // A next page that turns out empty would show as an empty last entry here.
        expect(pages.map(page => page.length)).toEqual(
          Array.from({ length: Math.ceil(whole.length / limit) }, (_, i) =>
            Math.min(limit, whole.length - i * limit),
          ),
        )
      }
    }
  })

  test('a limit is 1 to 100, and 20 when left out', async () => {
    expect((await shop.get('/v1/products')).body.data).toHaveLength(20)
    expect((await shop.get('/v1/products?limit=1')).body.data).toHaveLength(1)
    for (const limit of ['0', '101', '-1', '1.5', '1e1', 'ten', '', '0x10', '99999999999999999999']) {
      const answer = await shop.get(`/v1/products?limit=${limit}`)
      expect(answer.status, limit).toBe(422)
      expect(answer.body.errors).toMatchObject([{ in: 'query', pointer: '/limit' }])
    }
  })

  test('a cursor of another sort, of another list or made up is refused', async () => {
    const cursorOf = async (path: string) => String((await shop.get(path)).body.next_cursor)
    const made = (...parts: unknown[]) =>
      btoa(String.fromCharCode(...new TextEncoder().encode(JSON.stringify(parts))))
        .replaceAll('+', '-')
        .replaceAll('/', '_')
    const cursors = new Map<string, string>()
    for (const sort of SORTS) cursors.set(sort, await cursorOf(listPath({ sort, limit: 1 })))
    cursors.set('relevance', await cursorOf(listPath({ q: 'mug', limit: 1 })))
    for (const [madeFor, cursor] of cursors) {
      for (const sort of SORTS) {
        if (sort === madeFor) continue
        const answer = await shop.get(listPath({ sort, cursor }))
        expect([answer.status, answer.body.code], `${madeFor} as ${sort}`).toEqual([400, 'invalid_cursor'])
      }
    }
    const forged: [string, string][] = [
      ['newest', 'x'],
      ['newest', '====='],
      ['newest', '%F0%9F%98%80'],
      ['newest', made()],
      ['newest', made('newest')],
      ['newest', made('newest', 1)],
      ['newest', made('newest', null)],
      ['newest', made('newest', 'prod_1', 'prod_2')],
      ['newest', made('newest', ['prod_1'])],
      ['newest', btoa('{"0":"newest"}')],
      ['newest', btoa('["newest",')],
      ['newest', made('handle', 'apple')],
      ['title', made('title', 'Apple')],
      ['title', made('title', 1, 'prod_1')],
      ['price', made('price', '1000', 'prod_1')],
      ['price', btoa('["price",1e999,"prod_1"]')],
      ['-price', made('price', 1000, 'prod_1')],
    ]
    for (const [sort, cursor] of forged) {
      const answer = await shop.get(`/v1/products?sort=${sort}&cursor=${cursor}`)
      expect([answer.status, answer.body.code], `${sort} ${cursor}`).toEqual([400, 'invalid_cursor'])
    }
  })

  test('a cursor with a strange value in it breaks nothing', async () => {
    const made = (json: string) => btoa(json).replaceAll('+', '-').replaceAll('/', '_')
    for (const json of [
      '["newest","\\u0000"]',
      '["newest","\\ud800"]',
      '["newest","x\' OR 1=1 --"]',
      '["title","\\udfff\\u0000","\\uffff"]',
      '["price",-1e300,"x"]',
      '["price",0.1,""]',
      '["-price",9007199254740993,"x"]',
    ]) {
      const sort = JSON.parse(json)[0]
      const answer = await shop.get(listPath({ sort, cursor: made(json) }))
      expect([200, 400], `${json} ${answer.text}`).toContain(answer.status)
    }
  })
})

describe('caching and cost', () => {
  test('a client that has the list gets 304 until a product changes', async () => {
    const path = listPath({ tag: 'sale', facets: true })
    const first = await shop.get(path)
    const tag = first.headers.get('ETag') ?? ''
    expect(tag).toMatch(/^"[\w+/]+"$/)
    expect(first.headers.get('Cache-Control')).toBe('public, max-age=30')
    for (const known of [tag, `W/${tag}`, `"other", ${tag}`, '*']) {
      const again = await shop.get(path, { 'If-None-Match': known })
      expect([again.status, again.text]).toEqual([304, ''])
      expect(again.headers.get('ETag')).toBe(tag)
    }
    expect((await shop.get(path, { 'If-None-Match': '"other"' })).status).toBe(200)
    expect((await shop.get('/v1/products?tag=sale', { 'If-None-Match': tag })).status).toBe(200)
    await add([aProduct({ handle: 'tagged-later', tags: ['sale'] })])
    expect((await shop.get(path, { 'If-None-Match': tag })).status).toBe(200)
  })

  test('every list costs one database call, and a cursor that is refused costs none', async () => {
    for (const path of [
      '/v1/products',
      ...SORTS.map(sort => `/v1/products?sort=${sort}&limit=100`),
      '/v1/products?q=mug',
      '/v1/products?q=mgu&facets=true',
      '/v1/products?q=!!!&facets=true',
      '/v1/products?collection=ruled&vendor=Nord&product_type=Cup&tag=sale&price_min=1&price_max=9000&available=true&q=mug&facets=true&currency=USD',
      '/v1/products?currency=CHF',
    ])
      expect(await shop.countCalls(() => shop.get(path)), path).toBe(1)
    expect(await shop.countCalls(() => shop.get('/v1/products?cursor=x'))).toBe(0)
  })
})

describe('while somebody pages', () => {
  const priced = (amount: number) => [
    aVariant({ prices: [{ currency: 'EUR', amount, compare_at_amount: null }] }),
  ]

  test.each([
    ['newest', {}],
    ['title', {}],
    ['price', {}],
    ['-price', {}],
    ['newest', { tag: 'moving' }],
    ['newest', { collection: 'ruled' }],
    ['title', { q: 'wobble' }],
  ] as [Sort, Record<string, string>][])(
    '%s %o: what is added, renamed or withdrawn makes no other product come twice or not at all',
    async (sort, list) => {
      const name = crypto.randomUUID()
      const base = { product_type: name, vendor: 'Nord', tags: ['moving'] }
      const titles = ['wobble', 'Wobble', 'wobble b', 'WOBBLE']
      const before = Array.from({ length: 11 }, (_, i) =>
        aProduct({ ...base, title: titles[i % 4], variants: priced(i % 3) }),
      )
      await upsertProducts(shop.deps, 'test', before)
      await refreshCollections(shop.deps)
      const gone = new Set<string>()
      let rounds = 0
      const pages = await readPages(shop, { ...list, product_type: name, sort, limit: 3 }, async last => {
        rounds += 1
        if (rounds > 4) return
        // Ties with what was just shown, and the extremes of every order; the row the cursor stands on goes away.
        const added = ['wobble', 'A wobble', 'zz wobble'].flatMap(title =>
          [0, 1, 2, 999].map(amount => aProduct({ ...base, title, variants: priced(amount) })),
        )
        const shown = before.find(input => input.handle === last)
        if (shown && gone.size < 2) {
          gone.add(last)
          added.push({ ...shown, status: 'archived' })
        }
        await upsertProducts(shop.deps, 'test', added)
        await refreshCollections(shop.deps)
      })
      const seen = pages.flat()
      expect(new Set(seen).size).toBe(seen.length)
      expect(seen.filter(handle => before.some(input => input.handle === handle)).toSorted()).toEqual(
        before.map(input => input.handle).toSorted(),
      )
      expect(gone.size).toBeGreaterThan(0)
    },
  )
})
