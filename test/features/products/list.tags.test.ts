// The tag filter: any case of any script's letters, several tags at once, in every order.

import { beforeAll, expect, test } from 'vitest'
import { type Answer, openShop, type TestShop } from '../../support/shop.ts'
import { listPath, readPages, type Sort } from './list-oracle.ts'

const SORTS: Sort[] = ['newest', 'title', 'price', '-price']

let shop: TestShop
beforeAll(async () => {
  shop = await openShop()
})

const handles = (answer: Answer): string[] =>
  answer.body.data.map((product: { handle: string }) => product.handle)

test('a tag is found in whatever case it is asked for and was written, each product once', async () => {
  const spellings = ['Été d’Été', 'été d’été', 'ÉTÉ d’ÉTÉ', 'Été d’Été Sale']
  for (const [i, tag] of spellings.entries())
    await shop.addProduct({ handle: `season-${i}`, title: 'Seasonal', tags: [tag, 'Warm'] })
  await shop.addProduct({ handle: 'season-cold', title: 'Seasonal', tags: [spellings[0] ?? '', 'cold'] })
  for (const tag of ['été d’été', 'ÉTÉ D’ÉTÉ', 'Été d’Été', 'e\u0301te\u0301 d’été']) {
    for (const sort of SORTS) {
      const pages = await readPages(shop, { tag, sort, vendor: 'Acme', limit: 1 })
      expect(pages.flat().toSorted(), `${tag} ${sort}`).toEqual([
        'season-0',
        'season-1',
        'season-2',
        'season-cold',
      ])
    }
    expect((await readPages(shop, { tag, limit: 2 })).flat()).toEqual([
      'season-cold',
      'season-2',
      'season-1',
      'season-0',
    ])
    const both = await shop.get(listPath({ tag: [tag, 'WARM'] }))
    expect(handles(both)).toEqual(['season-2', 'season-1', 'season-0'])
  }
  const { facets } = (await shop.get(listPath({ q: 'seasonal', facets: true }))).body
  expect(facets.tags).toEqual([
    { value: 'Warm', count: 4 },
    { value: 'Été d’Été', count: 4 },
    { value: 'cold', count: 1 },
    { value: 'Été d’Été Sale', count: 1 },
  ])
})

test('at most ten tags may be asked for, each a text', async () => {
  const tags = Array.from({ length: 11 }, (_, i) => `t${i}`)
  expect((await shop.get(listPath({ tag: tags.slice(1) }))).status).toBe(200)
  for (const tag of [tags, ['ok', ''], ['ok', 'x'.repeat(256)]]) {
    const answer = await shop.get(listPath({ tag }))
    expect([answer.status, answer.body.code], answer.text).toEqual([422, 'invalid_input'])
    expect(answer.body.errors[0].pointer).toMatch(/^\/tag/)
  }
})
