// The list of all products, as staff see it: every filter with every sort gives what fits, page by page and stable; and
// the database reads no more than a page needs.

import { type SQL, sql } from 'drizzle-orm'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Db } from '../../../src/db/client.ts'
import { loadShop } from '../../../src/features/imports/load-shop.ts'
import { upsertProducts } from '../../../src/features/products/upsert.ts'
import { aProduct, SHOP } from '../../support/factories.ts'
import { openShop, START, type TestShop } from '../../support/shop.ts'
import { aDesk, type Desk } from '../../support/staff.ts'

const PATH = '/v1/admin/products'
const DAY = 86_400_000
let shop: TestShop
let desk: Desk
let asked: SQL[] = []

/** As many as are too many to sort: the list then walks. */
const MANY = 520

beforeAll(async () => {
  const { db } = await openShop()
  const watched = new Proxy(db, {
    get: (target, name) =>
      name === 'all'
        ? (query: SQL) => {
            asked.push(query)
            return target.all(query)
          }
        : Reflect.get(target, name),
  }) as Db
  shop = await openShop({ deps: { db: watched }, file: null })
  const titles = ['Ash bowl', 'ash cup', 'Beech bowl', 'Élan vase', 'birch cup', 'Cup']
  const statuses = ['active', 'draft', 'archived'] as const
  for (let i = 0; i < 30; i++) {
    const product = aProduct({
      title: titles[i % titles.length] ?? '',
      status: statuses[i % 3] ?? 'active',
      vendor: i % 4 === 0 ? 'Four' : 'Other',
      product_type: i % 5 === 0 ? 'Five' : 'Thing',
      tags: i % 6 === 0 ? ['six', 'all'] : ['all'],
    })
    await upsertProducts(shop.deps, 'test', [product])
    shop.advance(DAY / 4)
  }
  const bulk = Array.from({ length: MANY }, (_, i) =>
    aProduct({ title: `Bulk ${i % 7}`, vendor: 'Many', tags: ['many'], status: i % 2 ? 'draft' : 'active' }),
  )
  for (let i = 0; i < MANY; i += 130) await upsertProducts(shop.deps, 'test', bulk.slice(i, i + 130))
  await shop.db.run(sql`UPDATE products SET updated_at = updated_at + (seq * 7919) % 1000 * 60000`)
  await shop.db.run(sql`UPDATE products SET product_type = 'Rare' WHERE seq % 97 = 0`)
  const rows = await shop.db.all<{ handle: string }>(sql`SELECT handle FROM products WHERE seq % 9 = 0`)
  const collection = {
    title: 'Nine',
    description_html: '',
    image_url: null,
    products: rows.map(row => row.handle),
  }
  await loadShop(shop.deps, { ...SHOP, collections: [{ ...collection, handle: 'nine', kind: 'manual' }] })
  desk = await aDesk(shop)
}, 60_000)

type Parameters = Record<string, string>
const url = (parameters: Parameters) => `${PATH}?${new URLSearchParams(parameters)}`

/** All ids of a list, page by page. */
async function pages(
  parameters: Parameters,
  between: () => Promise<unknown> = async () => {},
): Promise<string[]> {
  const ids: string[] = []
  let cursor: string | null = null
  do {
    const answer = await desk.get(url({ limit: '41', ...parameters, ...(cursor ? { cursor } : {}) }))
    expect(answer.status, answer.text).toBe(200)
    ids.push(...answer.body.data.map(({ id }: { id: string }) => id))
    cursor = answer.body.next_cursor
    await between()
  } while (cursor)
  return ids
}

interface Row {
  id: string
  title: string
  status: string
  vendor: string
  product_type: string
  tags: string
  is_nine: number
  created_at: number
  updated_at: number
}
const iso = (ms: number) => new Date(ms).toISOString()

const FILTERS: [Parameters, (row: Row) => boolean][] = [
  [{}, () => true],
  [{ status: 'archived' }, row => row.status === 'archived'],
  [{ vendor: 'Four' }, row => row.vendor === 'Four'],
  [{ vendor: 'Many' }, row => row.vendor === 'Many'],
  [{ vendor: 'Many', status: 'draft' }, row => row.vendor === 'Many' && row.status === 'draft'],
  [{ product_type: 'Rare' }, row => row.product_type === 'Rare'],
  [{ tag: 'six' }, row => row.tags.includes('"six"')],
  [{ tag: 'many', product_type: 'Rare' }, row => row.tags.includes('"many"') && row.product_type === 'Rare'],
  [{ collection: 'nine' }, row => row.is_nine === 1],
  [{ collection: 'nine', vendor: 'Many' }, row => row.is_nine === 1 && row.vendor === 'Many'],
  [
    { created_min: iso(START + DAY), created_max: iso(START + 3 * DAY) },
    row => row.created_at >= START + DAY && row.created_at < START + 3 * DAY,
  ],
  [{ created_min: iso(START + 5 * DAY) }, row => row.created_at >= START + 5 * DAY],
  [
    { updated_min: iso(START + 2 * DAY), updated_max: iso(START + 7 * DAY) },
    row => row.updated_at >= START + 2 * DAY && row.updated_at < START + 7 * DAY,
  ],
]
const fold = (text: string) => text.replace(/[A-Z]/g, letter => letter.toLowerCase())
const order = <T extends string | number>(a: T, b: T) => (a < b ? -1 : a > b ? 1 : 0)
const SORTS: Record<string, (a: Row, b: Row) => number> = {
  newest: (a, b) => order(b.id, a.id),
  title: (a, b) => order(fold(a.title), fold(b.title)) || order(a.id, b.id),
  updated: (a, b) => order(b.updated_at, a.updated_at) || order(b.id, a.id),
}
const CASES = Object.keys(SORTS).flatMap(sort => FILTERS.map(([filter], i) => ({ sort, filter, i })))

describe('the list', () => {
  test.each(CASES)('by $sort with $filter has exactly what fits, in order', async ({ sort, filter, i }) => {
    const rows = await shop.db.all<Row>(sql`SELECT *, EXISTS (SELECT 1 FROM collection_products m
      WHERE m.product_id = products.id) AS is_nine FROM products`)
    const expected = rows.filter(FILTERS[i]?.[1] ?? (() => false)).sort(SORTS[sort])
    expect(expected.length).toBeGreaterThan(2)
    expect(await pages({ ...filter, sort })).toEqual(expected.map(({ id }) => id))
  })

  test('stays stable while products are added between pages', async () => {
    const before = await pages({ sort: 'title' })
    const during = await pages({ sort: 'title' }, () =>
      upsertProducts(shop.deps, 'test', [aProduct({ title: 'Bulk 3' })]),
    )
    expect(during.filter(id => before.includes(id))).toEqual(before)
    expect(new Set(during).size).toBe(during.length)
  })

  test('searches drafts and archived products too, and forgets what was renamed', async () => {
    for (const status of ['active', 'draft', 'archived'] as const)
      await upsertProducts(shop.deps, 'test', [
        aProduct({ title: `Quince ${status}`, status, handle: `q-${status}` }),
      ])
    const found = async (q: string, more: Parameters = {}) =>
      (await desk.get(url({ q, ...more }))).body.data.map(({ title }: { title: string }) => title)
    expect(await found('quinc')).toEqual(['Quince archived', 'Quince draft', 'Quince active'])
    expect(await found('quince draft')).toEqual(['Quince draft'])
    expect(await found('quince', { status: 'archived' })).toEqual(['Quince archived'])
    expect(await pages({ q: 'quince', limit: '1' })).toHaveLength(3)
    await upsertProducts(shop.deps, 'test', [
      aProduct({ title: 'Medlar', status: 'draft', handle: 'q-archived' }),
    ])
    await upsertProducts(shop.deps, 'test', [
      aProduct({ title: 'Quince on', status: 'active', handle: 'q-draft' }),
    ])
    expect(await found('quince')).toEqual(['Quince on', 'Quince active'])
    expect((await shop.get('/v1/products?q=quince')).body.data).toHaveLength(2)
    expect(await found('"*(')).toEqual([])
    const sorted = await desk.get(url({ q: 'quince', sort: 'title' }))
    expect(sorted.body.errors).toEqual([expect.objectContaining({ in: 'query', pointer: '/sort' })])
  })

  test('shows stock, prices and the first picture, and only the fields that are asked for', async () => {
    await upsertProducts(shop.deps, 'test', [
      aProduct({
        handle: 'shown',
        images: [
          { url: '/images/a.svg', alt: '' },
          { url: '/images/b.svg', alt: '' },
        ],
      }),
    ])
    const [item] = (await desk.get(url({ limit: '1' }))).body.data
    expect(item).toMatchObject({
      handle: 'shown',
      image_url: '/images/a.svg',
      variant_count: 1,
      on_hand: 10,
      price_ranges: [
        { currency: 'EUR', min_amount: 2000, max_amount: 2000 },
        { currency: 'USD', min_amount: 2200, max_amount: 2200 },
      ],
    })
    const [trimmed] = (await desk.get(url({ limit: '1', fields: 'title,status' }))).body.data
    expect(trimmed).toEqual({ id: item.id, title: item.title, status: 'active' })
  })
})

describe('the database', () => {
  /** What is read whole or sorted, except a bounded number of rows. */
  async function costs(parameters: Parameters): Promise<string[]> {
    const first = await desk.get(url({ ...parameters, limit: '2' }))
    asked = []
    await desk.get(
      url({
        ...parameters,
        limit: '2',
        ...(first.body.next_cursor ? { cursor: first.body.next_cursor } : {}),
      }),
    )
    const query = asked.at(-1)
    const rows = await shop.db.all<{ id: number; parent: number; detail: string }>(
      sql`EXPLAIN QUERY PLAN ${query}`,
    )
    const inside = new Map(rows.map(({ id, parent, detail }) => [id, { parent, detail }]))
    const path = (id: number): string => {
      const step = inside.get(id)
      return step ? `${path(step.parent)} > ${step.detail}` : ''
    }
    const isBounded = (step: string) =>
      /CO-ROUTINE sorted > USE TEMP/.test(step) ||
      /^( > MERGE \(UNION ALL\) > (LEFT|RIGHT))? > USE TEMP/.test(step)
    return rows
      .map(({ id }) => path(id))
      .filter(step => /USE TEMP B-TREE FOR ORDER BY$| SCAN \w+( USING .*)?$/.test(step))
      .filter(step => !/SCAN (few|page|sorted|walked)$/.test(step) && !isBounded(step))
  }
  // A walk along the index of the order begins where the page before ended, so it too is a search.
  test.each(CASES)(
    'by $sort with $filter scans no table, and sorts at most 500 rows',
    async ({ sort, filter }) => {
      expect(await costs({ ...filter, sort })).toEqual([])
    },
  )
})
