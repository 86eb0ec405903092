// The shop itself: what it says before and after its settings are loaded. The tests of this file build on each other:
// the database is empty only once.

import { beforeAll, describe, expect, test } from 'vitest'
import { loadShop } from '../../../src/features/imports/load-shop.ts'
import type { ShopFile } from '../../../src/features/imports/shop-file.ts'
import { SHOP } from '../../support/factories.ts'
import { openShop, type TestShop } from '../../support/shop.ts'

let shop: TestShop
beforeAll(async () => {
  shop = await openShop({ file: null })
})

type Zone = ShopFile['shipping_zones'][number]
const zone = (
  id: string,
  places: Zone['places'],
  rates: Zone['rates'] = [
    { id: `ship_${id}`, title: 'Post', rule: { kind: 'flat', price: { EUR: 500 } }, eta_days: null },
  ],
): Zone => ({ id, name: id, places, rates })

describe('before settings are loaded', () => {
  test('the shop says so, and when to ask again', async () => {
    const answer = await shop.get('/v1/shop')
    expect([answer.status, answer.body.code], answer.text).toEqual([503, 'shop_not_set_up'])
    expect(answer.headers.get('Retry-After')).toBe('60')
    expect(answer.headers.get('Cache-Control')).toBe('no-store')
    expect(answer.headers.get('Content-Type')).toBe('application/problem+json')
  })

  test('the catalogue is empty, not broken', async () => {
    for (const path of [
      '/v1/products',
      '/v1/products?q=shirt&facets=true',
      '/v1/products?sort=price',
      '/v1/collections',
    ])
      expect(await shop.get(path), path).toMatchObject({ status: 200, body: { data: [], next_cursor: null } })
    expect((await shop.get('/v1/products/shirt')).status).toBe(404)
    expect((await shop.get('/v1/products?currency=EUR')).body.code).toBe('currency_not_offered')
  })
})

describe('with settings', () => {
  const file: ShopFile = {
    ...SHOP,
    settings: {
      name: 'Möbel & “Söhne”',
      email: null,
      default_currency: 'JPY',
      currencies: ['JPY', 'EUR', 'USD'],
      home_country: 'JP',
      prices_include_tax: false,
      policies: [
        { type: 'terms_of_service', url: '/policies/terms' },
        { type: 'privacy_policy', url: 'https://elsewhere.example/privacy?x=1#y' },
      ],
    },
    shipping_zones: [
      zone('zone_two', [
        { country: 'US', regions: ['CA'] },
        { country: 'AT', regions: ['9'] },
      ]),
      zone('zone_one', [{ country: 'DE' }, { country: 'AT' }]),
    ],
  }

  test('it tells its name, currencies, countries and policies, the latter absolute', async () => {
    await loadShop(shop.deps, file)
    const answer = await shop.get('/v1/shop')
    expect(answer.status, answer.text).toBe(200)
    expect(answer.body).toEqual({
      name: 'Möbel & “Söhne”',
      email: null,
      default_currency: 'JPY',
      currencies: ['JPY', 'EUR', 'USD'],
      countries: ['AT', 'DE', 'US'],
      ships_worldwide: false,
      prices_include_tax: false,
      policies: [
        { type: 'terms_of_service', url: 'https://shop.example/policies/terms' },
        { type: 'privacy_policy', url: 'https://elsewhere.example/privacy?x=1#y' },
      ],
    })
    expect(await shop.countCalls(() => shop.get('/v1/shop'))).toBe(1)
  })

  test('a zone for the rest of the world is no country, and one without rates keeps its places out', async () => {
    await loadShop(shop.deps, {
      ...file,
      shipping_zones: [...file.shipping_zones, zone('zone_rest', [{ country: '*' }])],
    })
    expect((await shop.get('/v1/shop')).body).toMatchObject({
      countries: ['AT', 'DE', 'US'],
      ships_worldwide: true,
    })
    const keptOut = zone('zone_kept_out', [{ country: 'CH' }], [])
    await loadShop(shop.deps, { ...file, shipping_zones: [...file.shipping_zones, keptOut] })
    expect((await shop.get('/v1/shop')).body.countries).toEqual(['AT', 'DE', 'US'])
    await loadShop(shop.deps, { ...file, shipping_zones: [] })
    expect((await shop.get('/v1/shop')).body).toMatchObject({ countries: [], ships_worldwide: false })
  })

  test('a client that has the answer gets 304 until the settings change', async () => {
    await loadShop(shop.deps, file)
    const first = await shop.get('/v1/shop')
    const tag = first.headers.get('ETag') ?? ''
    expect(first.headers.get('Cache-Control')).toBe('public, max-age=300')
    expect(await shop.get('/v1/shop', { 'If-None-Match': tag })).toMatchObject({ status: 304, text: '' })
    shop.advance(1000)
    await loadShop(shop.deps, file)
    expect((await shop.get('/v1/shop', { 'If-None-Match': tag })).status).toBe(304)
    await loadShop(shop.deps, { ...file, settings: { ...file.settings, name: 'Renamed' } })
    expect(await shop.get('/v1/shop', { 'If-None-Match': tag })).toMatchObject({
      status: 200,
      body: { name: 'Renamed' },
    })
  })

  test('the default currency is the one that prices are shown in', async () => {
    await loadShop(shop.deps, file)
    const { handle } = await shop.addProduct()
    expect((await shop.get(`/v1/products/${handle}`)).status).toBe(404)
    expect((await shop.get(`/v1/products/${handle}?currency=EUR`)).body.price_range.min.currency).toBe('EUR')
    await loadShop(shop.deps, { ...file, settings: { ...file.settings, default_currency: 'USD' } })
    expect((await shop.get(`/v1/products/${handle}`)).body.price_range.min).toEqual({
      amount: 2200,
      currency: 'USD',
    })
  })
})
