// Facets against a count in plain code over all pages of the same list, in currencies of none, two and three decimals.

import { beforeAll, describe, expect, test } from 'vitest'
import { loadShop } from '../../../src/features/imports/load-shop.ts'
import type { ProductInput } from '../../../src/features/products/input.ts'
import { upsertProducts } from '../../../src/features/products/upsert.ts'
import { aProduct, aVariant, SHOP } from '../../support/factories.ts'
import { openShop, type TestShop } from '../../support/shop.ts'
import { listPath, readPages, sold, tally } from './list-oracle.ts'

const UNIT = { EUR: 100, JPY: 1, KWD: 1000 }
type Code = keyof typeof UNIT
const EDGES = [0, 10, 25, 50, 100, 250, 500, 1000]
// Each edge, and one minor unit below and above it, in every currency.
const AMOUNTS = EDGES.flatMap(edge => [-1, 0, 1].map(off => (unit: number) => Math.max(0, edge * unit + off)))

let shop: TestShop
const inputs = new Map<string, ProductInput>()

beforeAll(async () => {
  shop = await openShop()
  const products = Array.from({ length: 60 }, (_, i) => {
    const amount = AMOUNTS[i % AMOUNTS.length]
    const prices = (Object.keys(UNIT) as Code[])
      .filter((_, c) => (i + c) % 4 !== 0)
      .map(currency => ({ currency, amount: amount?.(UNIT[currency]) ?? 0, compare_at_amount: null }))
    const dearer = prices.map(price => ({ ...price, amount: price.amount + 100_000 }))
    const between = prices.map(price => ({ ...price, amount: price.amount + 20_000 }))
    return aProduct({
      title: i % 3 === 0 ? 'Counted torch' : 'Counted',
      vendor: ['Ärlig', 'B "quoted"', 'c', '', 'Ω'][i % 5],
      product_type: ['', 'Lamp', 'lamp'][i % 3],
      tags: ['even', 'tag, with comma', '{"json":1}', 'ça'].slice(i % 4),
      status: i % 10 === 9 ? 'draft' : 'active',
      options: [{ name: 'Size', values: ['S', 'M', 'L'] }],
      variants: [
        aVariant({ prices, options: { Size: 'S' }, quantity: i % 2 }),
        ...(i % 2 ? [aVariant({ prices: between, options: { Size: 'M' }, quantity: 0 })] : []),
        aVariant({ prices: dearer, options: { Size: 'L' }, quantity: 0 }),
      ],
    })
  })
  for (const product of products) inputs.set(product.handle, product)
  await upsertProducts(shop.deps, 'test', products)
  await loadShop(shop.deps, {
    ...SHOP,
    settings: { ...SHOP.settings, currencies: ['EUR', 'JPY', 'KWD'] },
    collections: [
      {
        handle: 'some',
        title: 'Some',
        description_html: '',
        image_url: null,
        kind: 'manual',
        products: products.slice(0, 25).map(({ handle }) => handle),
      },
    ],
  })
})

/** Bands as the API names them, from the prices of each product. */
function bands(products: number[][], currency: Code) {
  const unit = UNIT[currency]
  return EDGES.flatMap((edge, i) => {
    const from = edge * unit
    const next = EDGES[i + 1]
    const to = next === undefined ? Number.POSITIVE_INFINITY : next * unit
    const count = products.filter(amounts => amounts.some(amount => amount >= from && amount < to)).length
    const upper = next === undefined ? null : { amount: to, currency }
    return count === 0 ? [] : [{ from: { amount: from, currency }, to: upper, count }]
  })
}

describe('facets', () => {
  const lists: Record<string, string>[] = [
    {},
    { vendor: 'c' },
    { tag: 'ça' },
    { collection: 'some' },
    { q: 'torch' },
    { q: 'torhc' },
    { available: 'true' },
    { product_type: 'Lamp' },
    { price_max: '2500', available: 'false' },
    { q: 'torch', collection: 'some', tag: 'tag, with comma' },
  ]

  test.each(Object.keys(UNIT) as Code[])(
    'count in %s exactly the products of all pages, in every list',
    async currency => {
      for (const list of lists) {
        const pages = await readPages(shop, { ...list, currency, limit: 9 })
        const products = pages.flat().map(handle => inputs.get(handle))
        const answer = await shop.get(listPath({ ...list, currency, facets: true, limit: 9 }))
        expect(answer.status, answer.text).toBe(200)
        expect(products.length).toBeGreaterThan(0)
        const texts = (read: (product: ProductInput) => string[]) =>
          tally(products.flatMap(product => (product ? read(product) : [])).filter(text => text !== ''))
        const amounts = products.map(product =>
          product ? sold(product, currency).map(({ price }) => price.amount) : [],
        )
        expect(answer.body.facets, JSON.stringify(list)).toEqual({
          counted: products.length,
          is_complete: true,
          vendors: texts(product => [product.vendor]),
          product_types: texts(product => [product.product_type]),
          tags: texts(product => product.tags),
          price_bands: bands(amounts, currency),
        })
      }
    },
  )

  test.each(Object.keys(UNIT) as Code[])(
    'in %s: asking for a price band, vendor, type or tag lists exactly as many products as were counted',
    async currency => {
      const { facets } = (await shop.get(listPath({ currency, facets: true }))).body
      interface Band {
        from: { amount: number }
        to: { amount: number } | null
        count: number
      }
      const narrowed: [Record<string, string>, number][] = [
        ...facets.price_bands.map(({ from, to, count }: Band) => [
          { price_min: `${from.amount}`, ...(to ? { price_max: `${to.amount - 1}` } : {}) },
          count,
        ]),
        ...facets.vendors.map(({ value, count }: { value: string; count: number }) => [
          { vendor: value },
          count,
        ]),
        ...facets.product_types.map(({ value, count }: { value: string; count: number }) => [
          { product_type: value },
          count,
        ]),
        ...facets.tags.map(({ value, count }: { value: string; count: number }) => [{ tag: value }, count]),
      ]
      expect(narrowed.length).toBeGreaterThan(12)
      for (const [filter, count] of narrowed) {
        const pages = await readPages(shop, { ...filter, currency, limit: 100 })
        expect(pages.flat(), JSON.stringify(filter)).toHaveLength(count)
      }
    },
  )

  test('are the same on every page and in every order', async () => {
    const first = await shop.get(listPath({ facets: true, limit: 5 }))
    const second = await shop.get(listPath({ facets: true, limit: 5, cursor: first.body.next_cursor }))
    const byPrice = await shop.get(listPath({ facets: true, limit: 100, sort: '-price' }))
    expect(second.body.facets).toEqual(first.body.facets)
    expect(byPrice.body.facets).toEqual(first.body.facets)
    expect(second.body.data).not.toEqual(first.body.data)
  })

  test('are left out unless asked for', async () => {
    for (const path of ['/v1/products', '/v1/products?facets=false', '/v1/products?q=torch'])
      expect((await shop.get(path)).body).not.toHaveProperty('facets')
    expect((await shop.get('/v1/products?facets=yes')).body.code).toBe('invalid_input')
  })

  test('of an empty list are there, and empty', async () => {
    for (const path of ['/v1/products?facets=true&vendor=nobody', '/v1/products?facets=true&q=!!!']) {
      expect((await shop.get(path)).body).toEqual({
        data: [],
        next_cursor: null,
        facets: { counted: 0, is_complete: true, vendors: [], product_types: [], tags: [], price_bands: [] },
      })
    }
  })

  test('list the 50 most frequent values of a kind', async () => {
    const tags = Array.from({ length: 80 }, (_, i) => `wide-${String(i).padStart(2, '0')}`)
    await upsertProducts(shop.deps, 'test', [
      aProduct({ vendor: 'Wide', tags }),
      aProduct({ vendor: 'Wide', tags: tags.slice(70) }),
    ])
    const { facets } = (await shop.get(listPath({ vendor: 'Wide', facets: true }))).body
    expect(facets.tags).toEqual([
      ...tags.slice(70).map(value => ({ value, count: 2 })),
      ...tags.slice(0, 40).map(value => ({ value, count: 1 })),
    ])
  })
})
