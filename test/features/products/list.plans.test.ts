// How the database reads the catalogue: by index, in the order of the page, only as far as the page goes. A plan that
// scans or sorts all products is right in every other test and ten times too slow at 100,000 products.

import { beforeAll, describe, expect, test } from 'vitest'
import { loadShop } from '../../../src/features/imports/load-shop.ts'
import { SHOP } from '../../support/factories.ts'
import { openShop, type TestShop } from '../../support/shop.ts'
import { type PlanStep, planOf, watching } from '../../support/statements.ts'
import { listPath } from './list-oracle.ts'

let shop: TestShop
let watched: ReturnType<typeof watching>

beforeAll(async () => {
  watched = watching((await openShop()).db)
  shop = await openShop({ deps: { db: watched.db }, file: null })
  const products: string[] = []
  for (const title of ['Planned a', 'Planned b', 'Planned c', 'Planned d']) {
    const { handle } = await shop.addProduct({ title, vendor: 'V', product_type: 'T', tags: ['t'] })
    products.push(handle)
  }
  const collection = { handle: 'c', title: 'C', description_html: '', image_url: null, products }
  await loadShop(shop.deps, { ...SHOP, collections: [{ ...collection, kind: 'manual' }] })
})

/** The plan of the `index`th statement that answers a request: 0 asks for currencies, 1 reads products, 2 counts. */
async function planOfRequest(path: string, index = 1): Promise<PlanStep[]> {
  watched.statements.length = 0
  await shop.get(path)
  const statement = watched.statements[index]
  if (!statement) throw new Error(`only ${watched.statements.length} statements`)
  return planOf(shop.db, statement)
}

/** The plan of the second page of a list. */
async function planOfList(parameters: Record<string, string>): Promise<PlanStep[]> {
  const path = listPath({ ...parameters, limit: 2 })
  const first = await shop.get(path)
  expect(first.body.next_cursor, first.text).toEqual(expect.any(String))
  return planOfRequest(`${path}&cursor=${first.body.next_cursor}`)
}

const details = (plan: PlanStep[]): string[] => plan.map(step => step.detail)
/** Steps that choose and order the page, without those that fill it in. */
const ofPage = (plan: PlanStep[]): PlanStep[] => plan.filter(({ path }) => /\bpage$/.test(path[0] ?? ''))
/** Whole tables that are read. */
const scans = (plan: PlanStep[]): string[] =>
  details(plan).filter(detail =>
    /^SCAN (?!shop_settings|page|asked|meant|coded|spelled_|known$|form VIRTUAL|json_each|\(|v$|matching|m$|unit|bands|t VIRTUAL|CONSTANT)/.test(
      detail,
    ),
  )
const sorts = (plan: PlanStep[]): string[] =>
  details(plan).filter(detail => detail.startsWith('USE TEMP B-TREE FOR ORDER BY'))

describe('a page', () => {
  const pages: [parameters: Record<string, string>, first: RegExp][] = [
    [{}, /^SEARCH p USING COVERING INDEX products_by_age \(status=\? AND id<\?\)$/],
    [{ sort: 'title' }, /^SEARCH p USING COVERING INDEX products_by_title \(status=\? AND title>\?\)$/],
    [
      { sort: 'price' },
      /^SEARCH r USING INDEX product_price_ranges_by_price \(currency=\? AND \(min_amount,product_id\)>\(\?,\?\)\)$/,
    ],
    [
      { sort: '-price' },
      /^SEARCH r USING INDEX product_price_ranges_by_price \(currency=\? AND \(min_amount,product_id\)<\(\?,\?\)\)$/,
    ],
    [
      { vendor: 'V' },
      /^SEARCH p USING COVERING INDEX products_by_vendor \(vendor=\? AND status=\? AND id<\?\)$/,
    ],
    [
      { product_type: 'T' },
      /^SEARCH p USING COVERING INDEX products_by_type \(product_type=\? AND status=\? AND id<\?\)$/,
    ],
    [
      { vendor: 'V', product_type: 'T' },
      /^SEARCH p USING INDEX products_by_(vendor|type) \(\w+=\? AND status=\? AND id<\?\)$/,
    ],
    [{ collection: 'c' }, /^SEARCH member USING PRIMARY KEY \(collection_id=\? AND product_id<\?\)$/],
    [
      { collection: 'c', tag: 't', vendor: 'V', available: 'true', price_min: '1', currency: 'USD' },
      /^SEARCH member USING PRIMARY KEY/,
    ],
    [
      { q: 'planned', sort: 'newest' },
      /^SEARCH p USING COVERING INDEX products_by_age \(status=\? AND id<\?\)$/,
    ],
    [
      { q: 'planned', sort: 'title', tag: 't', collection: 'c' },
      /^SEARCH p USING COVERING INDEX products_by_title/,
    ],
    [
      { q: 'planned', sort: '-price', available: 'true' },
      /^SEARCH r USING INDEX product_price_ranges_by_price/,
    ],
  ]

  test.each(pages)(
    '%o is read from an index in its order, from where the page before ended',
    async (parameters, first) => {
      const plan = await planOfList(parameters)
      expect(ofPage(plan)[0]?.detail).toMatch(first)
      expect(sorts(ofPage(plan).filter(({ path }) => path.length === 1))).toEqual([])
      expect(scans(plan)).toEqual(
        parameters.q
          ? Array(2).fill(expect.stringMatching(/^SCAN product_search VIRTUAL TABLE INDEX \d+:M/))
          : [],
      )
    },
  )

  test('by tag reads its one spelling in order, and would sort only further ones', async () => {
    const plan = ofPage(await planOfList({ tag: 'T' }))
    const inOrder = plan.filter(({ detail }) =>
      /^SEARCH tagged USING PRIMARY KEY \(tag=\? AND product_id<\?\)$/.test(detail),
    )
    expect(inOrder).toHaveLength(2)
    const [first] = inOrder
    const sorted = sorts(plan.filter(({ path }) => path.join() === first?.path.join()))
    expect([first?.path.includes('LEFT'), sorted]).toEqual([true, []])
    expect(scans(plan)).toEqual([])
    expect(details(plan).join('\n')).toMatch(
      /SEARCH product_tags (EXISTS )?USING PRIMARY KEY \(tag>\? AND tag<\?\)/,
    )
  })

  test('by relevance looks its text up among the SKUs by key', async () => {
    const plan = details(await planOfList({ q: 'planned' })).join('\n')
    expect(plan).toMatch(/SEARCH v USING INDEX variants_by_sku \(sku=\?\)/)
    expect(plan).toMatch(
      /SEARCH variants (EXISTS )?USING COVERING INDEX variants_by_sku \(sku>\? AND sku<\?\)/,
    )
  })

  test.each<Record<string, string>>([
    {},
    { vendor: 'V', tag: 't', collection: 'c', available: 'true', price_max: '9000' },
  ])(
    'by relevance with %o reads the full-text index by match, newest first, and sorts nothing',
    async parameters => {
      const plan = await planOfList({ q: 'planned', ...parameters })
      // Bit 6 and 7 of the number: FTS5 itself gives the order by rowid, descending. M: by MATCH. <: from the cursor on.
      const reads = details(plan).filter(detail =>
        detail.startsWith('SCAN product_search VIRTUAL TABLE INDEX 192:'),
      )
      expect(reads).toHaveLength(4)
      expect(reads[0]).toMatch(/:M\d+<$/)
      for (const read of reads) expect(read).toMatch(/:M/)
      expect(scans(plan).filter(detail => !reads.includes(detail))).toEqual([
        expect.stringMatching(/^SCAN product_search VIRTUAL TABLE INDEX 0:M/),
      ])
      // What a list by relevance sorts is the few products of a code; the rest comes in order, one after the other.
      const sorted = plan.filter(({ detail }) => detail === 'USE TEMP B-TREE FOR ORDER BY')
      expect(
        sorted.filter(
          ({ path }) => path.some(step => step === 'UNION ALL') && !path.includes('MATERIALIZE meant'),
        ),
      ).toEqual([])
      expect(
        details(plan)
          .filter(detail => detail.startsWith('MATERIALIZE'))
          .toSorted(),
      ).toEqual(
        [
          'asked',
          'coded',
          'meant',
          'spelled_skus',
          'spelled_skus_walk',
          ...('tag' in parameters ? ['spelled_tags', 'spelled_tags_walk'] : []),
        ].map(name => `MATERIALIZE ${name}`),
      )
    },
  )

  test('fills its products in through keys', async () => {
    const plan = await planOfRequest('/v1/products')
    const rest = plan.filter(step => !ofPage(plan).includes(step) && step.detail.startsWith('SEARCH'))
    expect(details(rest).map(detail => detail.replace(/ (USING|LEFT-JOIN).*/, ''))).toEqual([
      'SEARCH p',
      'SEARCH i',
      'SEARCH v',
      'SEARCH pr',
      'SEARCH s',
      'SEARCH cp',
      'SEARCH c',
    ])
  })
})

test('a page reads one product more than it shows', async () => {
  await shop.addProduct({ title: 'Sundial' })
  for (let i = 0; i < 4; i++) await shop.addProduct({ title: 'Clock', tags: ['sundial'] })
  for (let i = 0; i < 4; i++) await shop.addProduct({ description_html: '<p>sundial</p>' })
  for (const parameters of [
    {},
    { sort: 'title' },
    { sort: 'price' },
    { tag: 't' },
    { q: 'planned' },
    { q: 'sundial' },
    { q: 'sund' },
  ]) {
    watched.statements.length = 0
    await shop.get(listPath({ ...parameters, limit: 2 }))
    expect(await watched.statements[1]).toHaveLength(3)
  }
})

test('words of a query are looked up in the typo table by key', async () => {
  const plan = await planOfRequest('/v1/products?q=plnaned')
  const lookups = details(plan).filter(detail => / (t|search_typos) USING/.test(detail))
  expect(lookups.toSorted()).toEqual([
    'SEARCH search_typos USING PRIMARY KEY (typo=? AND word=?)',
    'SEARCH t USING PRIMARY KEY (typo=?)',
    'SEARCH t USING PRIMARY KEY (typo>? AND typo<?)',
  ])
})

test('facets read the matching products once, by index', async () => {
  for (const parameters of [{}, { vendor: 'V' }, { tag: 't' }, { collection: 'c' }]) {
    const plan = await planOfRequest(listPath({ ...parameters, facets: true }), 2)
    expect(details(plan).filter(detail => detail === 'MATERIALIZE matching')).toHaveLength(1)
    expect(scans(plan)).toEqual([])
    // Two lists of a tag's spellings are merged, hence sorted.
    if (!('tag' in parameters))
      expect(sorts(plan.filter(({ path }) => path.includes('MATERIALIZE matching')))).toEqual([])
  }
})

test('one product is found by key, as id or as handle', async () => {
  expect(scans(await planOfRequest('/v1/products/planned?currency=EUR'))).toEqual([])
})
