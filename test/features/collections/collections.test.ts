// Collections: how they are listed and read, who is a member by which rule, and that members follow the products.

import { sql } from 'drizzle-orm'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  type CollectionCondition,
  type CollectionRules,
  MAX_CONDITIONS,
} from '../../../src/features/collections/table.ts'
import { loadShop, refreshCollections } from '../../../src/features/imports/load-shop.ts'
import type { ShopFile } from '../../../src/features/imports/shop-file.ts'
import type { ProductInput } from '../../../src/features/products/input.ts'
import { upsertProducts } from '../../../src/features/products/upsert.ts'
import { aProduct, aVariant, SHOP } from '../../support/factories.ts'
import { type Answer, openShop, START, type TestShop } from '../../support/shop.ts'

type FileCollection = ShopFile['collections'][number]

let shop: TestShop
beforeAll(async () => {
  shop = await openShop()
})

/** Loads a file with these collections, and no others. */
const load = (...collections: FileCollection[]) => loadShop(shop.deps, { ...SHOP, collections })

const aCollection = (handle: string, input: Partial<FileCollection> = {}): FileCollection =>
  ({
    handle,
    title: `The ${handle}`,
    description_html: '',
    image_url: null,
    kind: 'manual',
    products: [],
    ...input,
  }) as FileCollection

const byRules = (handle: string, rules: CollectionRules) => aCollection(handle, { kind: 'rules', rules })

const handles = (answer: Answer): string[] => {
  if (answer.status !== 200) throw new Error(answer.text)
  return answer.body.data.map((item: { handle: string }) => item.handle)
}

const members = async (handle: string): Promise<string[]> =>
  handles(await shop.get(`/v1/products?limit=100&collection=${handle}`)).toSorted()

describe('reading', () => {
  test('a collection is the same by id, by handle and in the list, its picture absolute', async () => {
    await load(
      aCollection('shown', {
        title: 'Été & more',
        description_html: '<p>Light</p>',
        image_url: '/images/c.svg',
      }),
      aCollection('remote', { image_url: 'https://cdn.example/c.jpg' }),
      byRules('ruled', { match: 'all', conditions: [{ field: 'tag', relation: 'equals', value: 'none' }] }),
    )
    const answer = await shop.get('/v1/collections/shown')
    expect(answer.status, answer.text).toBe(200)
    expect(answer.body).toEqual({
      id: expect.stringMatching(/^col_[0-9A-HJKMNP-TV-Z]{26}$/),
      handle: 'shown',
      title: 'Été & more',
      description_html: '<p>Light</p>',
      kind: 'manual',
      image_url: 'https://shop.example/images/c.svg',
      created_at: new Date(START).toISOString(),
      updated_at: new Date(START).toISOString(),
    })
    expect((await shop.get(`/v1/collections/${answer.body.id}`)).text).toBe(answer.text)
    expect((await shop.get('/v1/collections')).body.data).toContainEqual(answer.body)
    expect((await shop.get('/v1/collections/remote')).body.image_url).toBe('https://cdn.example/c.jpg')
    expect((await shop.get('/v1/collections/ruled')).body).toMatchObject({ kind: 'rules', image_url: null })
  })

  test('one that is not there is 404, whatever its id looks like', async () => {
    const unknown = [
      'nope',
      'col_',
      'col_00000000000000000000000000',
      'SHOWN',
      '%00',
      'shown%00',
      "' OR 1=1 --",
      '%F0%9F%98%80',
      'a'.repeat(3000),
    ]
    for (const path of unknown) {
      const answer = await shop.get(`/v1/collections/${path}`)
      expect([answer.status, answer.body.code], path).toEqual([404, 'not_found'])
    }
  })

  test('a handle that begins like an id is a handle', async () => {
    const { handle } = await shop.addProduct()
    await load(aCollection('col_lars', { products: [handle] }))
    expect((await shop.get('/v1/collections/col_lars')).body.title).toBe('The col_lars')
    expect(await members('col_lars')).toEqual([handle])
  })

  test('pages give every collection once, by handle, also while some are added', async () => {
    const names = Array.from({ length: 12 }, (_, i) => `page-${String(i * 2).padStart(2, '0')}`)
    const file = names.map(name => aCollection(name))
    await load(...file)
    const whole = handles(await shop.get('/v1/collections?limit=100'))
    expect(whole).toEqual(whole.toSorted())
    expect(whole.filter(handle => handle.startsWith('page-'))).toEqual(names)
    const readAll = async (limit: number, between: () => Promise<unknown> = async () => {}) => {
      const seen: string[][] = []
      let cursor: string | null = null
      do {
        if (cursor) await between()
        const answer: Answer = await shop.get(
          `/v1/collections?limit=${limit}${cursor ? `&cursor=${cursor}` : ''}`,
        )
        seen.push(handles(answer))
        cursor = answer.body.next_cursor
      } while (cursor)
      return seen
    }
    for (const limit of [1, 5, whole.length - 1, whole.length, whole.length + 1]) {
      const pages = await readAll(limit)
      expect(pages.flat()).toEqual(whole)
      expect(pages).toHaveLength(Math.ceil(whole.length / limit))
    }
    let added = 1
    const seen = (
      await readAll(3, async () => {
        file.push(
          aCollection(`page-${String(added).padStart(2, '0')}`),
          aCollection(`page-${String(24 - added).padStart(2, '0')}`),
        )
        await load(...file)
        added += 2
      })
    ).flat()
    expect(new Set(seen).size).toBe(seen.length)
    expect(seen.filter(handle => whole.includes(handle))).toEqual(whole)
  })

  test('limits and cursors that make no sense are refused', async () => {
    for (const limit of ['0', '101', '-1', 'x', ''])
      expect((await shop.get(`/v1/collections?limit=${limit}`)).status, limit).toBe(422)
    const products = await shop.get('/v1/products?limit=1')
    for (const cursor of [
      'x',
      btoa('["handle"]'),
      btoa('["handle",1]'),
      btoa('["title","a"]'),
      btoa('["handle","a","b"]'),
      products.body.next_cursor,
    ]) {
      const answer = await shop.get(`/v1/collections?cursor=${cursor}`)
      expect([answer.status, answer.body.code], cursor).toEqual([400, 'invalid_cursor'])
    }
    expect((await shop.get('/v1/collections?sort=title')).status).toBe(422)
  })

  test('each read is one database call and has an ETag', async () => {
    await load(aCollection('shown'), aCollection('second'), aCollection('third'))
    for (const path of [
      '/v1/collections',
      '/v1/collections?limit=2',
      '/v1/collections/shown',
      '/v1/collections/nope',
    ])
      expect(await shop.countCalls(() => shop.get(path)), path).toBe(1)
    for (const path of ['/v1/collections?limit=100', '/v1/collections/shown']) {
      const first = await shop.get(path)
      const same = await shop.get(path, { 'If-None-Match': first.headers.get('ETag') ?? '' })
      expect([same.status, same.text]).toEqual([304, ''])
      await shop.db.run(sql`UPDATE collections SET title = title || '!' WHERE handle = 'shown'`)
      expect((await shop.get(path, { 'If-None-Match': first.headers.get('ETag') ?? '' })).status).toBe(200)
    }
  })
})

describe('rules', () => {
  const products: ProductInput[] = []
  const lower = (text: string) => text.replace(/[A-Z]/g, letter => letter.toLowerCase())
  const price = (input: ProductInput) => {
    const amounts = input.variants.flatMap(({ prices }) =>
      prices.filter(({ currency }) => currency === 'EUR').map(({ amount }) => amount),
    )
    return amounts.length > 0 ? Math.min(...amounts) : null
  }

  /** What a condition means, in plain code. */
  function fits(input: ProductInput, { field, relation, value }: CollectionCondition): boolean {
    if (field === 'price') {
      const amount = price(input)
      if (amount === null) return false
      return {
        equals: amount === +value,
        not_equals: amount !== +value,
        less_than: amount < +value,
        greater_than: amount > +value,
        contains: false,
        starts_with: false,
      }[relation]
    }
    const texts = field === 'tag' ? input.tags : [input[field]]
    if (relation === 'not_equals') return !texts.includes(value)
    return texts.some(
      text =>
        ({
          equals: text === value,
          contains: lower(text).includes(lower(value)),
          starts_with: lower(text).startsWith(lower(value)),
        })[relation as 'equals'],
    )
  }

  const expected = (rules: CollectionRules): string[] =>
    products
      .filter(input => {
        if (rules.conditions.length === 0 || input.status !== 'active' || price(input) === null) return false
        return rules.match === 'all'
          ? rules.conditions.every(condition => fits(input, condition))
          : rules.conditions.some(condition => fits(input, condition))
      })
      .map(({ handle }) => handle)
      .toSorted()

  const texts = ['Nordlicht', 'nord', '100% Nord_wool', 'été', '']
  const conditions: CollectionCondition[] = [
    ...(['tag', 'vendor', 'product_type', 'title'] as const).flatMap(field =>
      (['equals', 'not_equals', 'contains', 'starts_with'] as const).flatMap(relation =>
        ['nord', 'NORD', '100% Nord_wool', '%', '_', 'été', 'licht'].map(value => ({
          field,
          relation,
          value,
        })),
      ),
    ),
    ...(['equals', 'not_equals', 'less_than', 'greater_than'] as const).flatMap(relation =>
      ['0', '999', '1000', '1001'].map(value => ({ field: 'price' as const, relation, value })),
    ),
  ]

  beforeAll(async () => {
    await shop.db.run(sql`DELETE FROM products`)
    products.push(
      ...Array.from({ length: 40 }, (_, i) =>
        aProduct({
          vendor: texts[i % 5],
          product_type: texts[(i >> 1) % 5],
          title: texts[(i >> 2) % 4],
          tags: texts.filter((_, bit) => (i >> bit) & 1).filter(Boolean),
          status: i % 9 === 8 ? 'archived' : 'active',
          variants: [
            aVariant({
              prices: [
                {
                  currency: i % 7 === 6 ? 'USD' : 'EUR',
                  amount: [0, 999, 1000, 1001][i % 4] ?? 0,
                  compare_at_amount: null,
                },
              ],
            }),
          ],
        }),
      ),
    )
    await upsertProducts(shop.deps, 'test', products)
  })

  test('each field with each relation takes exactly the products that fit, wildcards meaning themselves', async () => {
    const rules = conditions.map((condition): [string, CollectionRules] => [
      `one-${condition.field.replace('_', '-')}-${condition.relation.replace('_', '-')}-${conditions.indexOf(condition)}`,
      { match: 'all', conditions: [condition] },
    ])
    await load(...rules.map(([handle, rule]) => byRules(handle, rule)))
    const sizes = new Set<number>()
    for (const [handle, rule] of rules) {
      expect(await members(handle), JSON.stringify(rule)).toEqual(expected(rule))
      sizes.add(expected(rule).length)
    }
    expect(sizes.size).toBeGreaterThan(8)
  })

  test('“all” needs every condition, “any” one of them, none matches nothing', async () => {
    const some = conditions.filter((_, i) => i % 9 === 0)
    const rules = some.flatMap((one, i) =>
      (['all', 'any'] as const).map(
        (match): CollectionRules => ({
          match,
          conditions: [
            one,
            conditions[(i * 13 + 5) % conditions.length] ?? one,
            conditions[(i * 29 + 77) % conditions.length] ?? one,
          ],
        }),
      ),
    )
    rules.push({ match: 'all', conditions: [] }, { match: 'any', conditions: [] })
    await load(...rules.map((rule, i) => byRules(`several-${i}`, rule)))
    let found = 0
    for (const [i, rule] of rules.entries()) {
      expect(await members(`several-${i}`), JSON.stringify(rule)).toEqual(expected(rule))
      found += expected(rule).length
    }
    expect(found).toBeGreaterThan(50)
    expect(await members(`several-${rules.length - 1}`)).toEqual([])
  })

  test('are applied anew when products change', async () => {
    const rules: CollectionRules = {
      match: 'all',
      conditions: [
        { field: 'tag', relation: 'equals', value: 'fresh' },
        { field: 'price', relation: 'less_than', value: '500' },
      ],
    }
    await load(byRules('fresh', rules))
    const input = aProduct({
      tags: ['fresh'],
      variants: [aVariant({ prices: [{ currency: 'EUR', amount: 499, compare_at_amount: null }] })],
    })
    const membersWith = async (change: Partial<ProductInput>) => {
      await upsertProducts(shop.deps, 'test', [{ ...input, ...change }])
      await refreshCollections(shop.deps)
      return members('fresh')
    }
    expect(await membersWith({})).toEqual([input.handle])
    expect(await membersWith({ tags: ['stale'] })).toEqual([])
    expect(await membersWith({})).toEqual([input.handle])
    const dearer = [aVariant({ prices: [{ currency: 'EUR', amount: 500, compare_at_amount: null }] })]
    expect(await membersWith({ variants: dearer })).toEqual([])
    expect(await membersWith({ status: 'draft' })).toEqual([])
    expect((await shop.get(`/v1/collections/fresh`)).body.updated_at).toBe(new Date(START).toISOString())
  })
})

describe('loading', () => {
  test('sets hand-picked members exactly, and a changed kind takes the other’s place', async () => {
    const [a, b, c] = [
      await shop.addProduct(),
      await shop.addProduct(),
      await shop.addProduct({ tags: ['only-c'] }),
    ]
    await load(aCollection('picked', { products: [a.handle, b.handle] }))
    expect(await members('picked')).toEqual([a.handle, b.handle].toSorted())
    const shownAs = async (product: string) =>
      (await shop.get(`/v1/products/${product}`)).body.collections.filter(
        (collection: { handle: string }) => collection.handle === 'picked',
      )
    expect(await shownAs(a.handle)).toEqual([
      { id: expect.any(String), handle: 'picked', title: 'The picked' },
    ])
    await load(aCollection('picked', { products: [b.handle, c.handle] }))
    expect(await members('picked')).toEqual([b.handle, c.handle].toSorted())
    await refreshCollections(shop.deps)
    expect(await members('picked')).toEqual([b.handle, c.handle].toSorted())
    await load(
      byRules('picked', {
        match: 'any',
        conditions: [{ field: 'tag', relation: 'equals', value: 'only-c' }],
      }),
    )
    expect(await members('picked')).toEqual([c.handle])
    expect((await shop.get('/v1/collections/picked')).body.kind).toBe('rules')
    await load(aCollection('picked'))
    expect(await members('picked')).toEqual([])
    expect(await shownAs(c.handle)).toEqual([])
  })

  test('the same file again keeps ids, members and everything but version and time of change', async () => {
    const { handle } = await shop.addProduct({ tags: ['twice'] })
    const file = [
      aCollection('again', { products: [handle], image_url: '/c.svg' }),
      byRules('again-ruled', {
        match: 'all',
        conditions: [{ field: 'tag', relation: 'equals', value: 'twice' }],
      }),
    ]
    const state = async () => ({
      collections: await shop.db.all(
        sql`SELECT id, handle, title, description_html, kind, rules, image_url, created_at FROM collections ORDER BY id`,
      ),
      members: await shop.db.all(sql`SELECT * FROM collection_products ORDER BY 1, 2`),
      zones: await shop.db.all(sql`SELECT id, name, places FROM shipping_zones ORDER BY id`),
      rates: await shop.db.all(sql`SELECT * FROM shipping_rates ORDER BY id`),
      taxes: await shop.db.all(
        sql`SELECT id, name, country, region, tax_class, rate_ppm, applies_to_shipping FROM tax_rates ORDER BY id`,
      ),
    })
    await load(...file)
    const before = await state()
    shop.advance(5000)
    await load(...structuredClone(file))
    expect(await state()).toEqual(before)
    expect(await members('again-ruled')).toEqual([handle])
  })

  test.each(['all', 'any'] as const)(
    'as many conditions as a rule may have fit into the statements of the store, matching %s',
    async match => {
      const { handle } = await shop.addProduct({ tags: ['wide'] })
      const conditions = Array.from(
        { length: MAX_CONDITIONS },
        (_, i): CollectionCondition => ({
          field: 'tag',
          relation: 'not_equals',
          value: `absent-${i}`,
        }),
      )
      await load(byRules(`wide-${match}`, { match, conditions }))
      expect(await members(`wide-${match}`)).toContain(handle)
    },
  )
})
