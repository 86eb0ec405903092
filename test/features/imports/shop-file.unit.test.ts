// The shop file: what is refused, and that the message names the place.

import { describe, expect, it } from 'vitest'
import { parseShopFile } from '../../../src/features/imports/shop-file.ts'

const good = {
  settings: {
    name: 'A shop',
    email: null,
    default_currency: 'EUR',
    currencies: ['EUR'],
    home_country: 'DE',
    prices_include_tax: true,
    policies: [{ type: 'terms_of_service', url: '/terms' }],
  },
  collections: [
    {
      handle: 'shirts',
      title: 'Shirts',
      description_html: '<p onclick="x()">All<script>x()</script></p>',
      kind: 'rules',
      rules: { match: 'all', conditions: [{ field: 'price', relation: 'less_than', value: '5000' }] },
      image_url: null,
    },
    {
      handle: 'picks',
      title: 'Picks',
      description_html: '',
      kind: 'manual',
      products: ['mug'],
      image_url: null,
    },
  ],
  shipping_zones: [
    {
      id: 'zone_de',
      name: 'Germany',
      places: [{ country: 'DE' }, { country: '*' }],
      rates: [
        {
          id: 'ship_de',
          title: 'Standard',
          rule: { kind: 'flat', price: { EUR: 490 } },
          eta_days: { min: 1, max: 3 },
        },
      ],
    },
  ],
  tax_rates: [
    {
      id: 'tax_de',
      name: 'MwSt',
      country: 'DE',
      region: null,
      tax_class: 'standard',
      rate_ppm: 190_000,
      applies_to_shipping: true,
    },
  ],
  promotions: [
    {
      id: 'promo_a',
      title: 'A',
      code: 'A10',
      rule: {
        kind: 'percentage',
        percent_bps: 1000,
        scope: { type: 'collections', handles: ['shirts'] },
        is_combinable: true,
        priority: 1,
      },
      usage_limit: null,
      usage_limit_per_customer: 1,
      is_active: true,
    },
  ],
}

/** The good file with one place changed; `undefined` removes it. */
function changed(pointer: string, value: unknown): unknown {
  const file: unknown = structuredClone(good)
  const names = pointer.split('.')
  const last = names.pop() ?? ''
  let at = file
  for (const name of names) at = Reflect.get(Object(at), name)
  Reflect.set(Object(at), last, value)
  return JSON.parse(JSON.stringify(file))
}

describe('parseShopFile', () => {
  it('takes a good file, and cleans its HTML', () => {
    const file = parseShopFile(good)
    expect(file.collections[0]?.description_html).toBe('<p>All</p>')
    expect({ ...file, collections: [] }).toEqual({ ...good, collections: [] })
  })

  it.each([
    ['settings.colour', 'red', /colour/],
    ['settings.name', '', /settings\.name/],
    ['settings.default_currency', 'USD', /default currency.*settings\.currencies/s],
    ['settings.currencies', ['EUR', 'ZZZ'], /ISO 4217.*currencies\[1\]/s],
    ['settings.home_country', 'XX', /ISO 3166-1.*home_country/s],
    ['settings.policies.0.url', 'javascript:x', /policies\[0\]\.url/],
    ['collections.0.rules', undefined, /collections\[0\]/],
    ['collections.0.rules.conditions', [], /conditions/],
    [
      'collections.0.rules.conditions',
      Array(31).fill(good.collections[0]?.rules?.conditions[0]),
      /conditions/,
    ],
    ['promotions.0.rule.scope', { type: 'products', handles: Array(501).fill('mug') }, /handles/],
    ['collections.0.rules.conditions.0.relation', 'contains', /compares/],
    ['collections.0.rules.conditions.0.value', '49.99', /minor units/],
    ['collections.1.products', undefined, /collections\[1\]/],
    ['collections.1.handle', 'shirts', /handle "shirts" twice/],
    ['collections.1.handle', 'Not a handle', /collections\[1\]\.handle/],
    ['shipping_zones.0.places.0.country', 'Germany', /places\[0\]\.country/],
    ['shipping_zones.0.rates.0.rule.price', {}, /names no currency/],
    ['shipping_zones.0.rates.0.rule.price', { EUR: 4.9 }, /price/],
    ['shipping_zones.0.rates.0.rule.price', { EUR: -1 }, /price/],
    ['shipping_zones.0.rates.0.eta_days', { min: 3, max: 1 }, /ends before it begins/],
    ['tax_rates.0.rate_ppm', 19.5, /rate_ppm/],
    ['tax_rates.0.rate_ppm', 1_900_000, /rate_ppm/],
    ['promotions.0.code', 'lower', /promotions\[0\]\.code/],
    ['promotions.0.rule.percent_bps', 10_001, /percent_bps/],
    ['promotions.0.rule.scope', { type: 'collections', collection_ids: ['col_1'] }, /scope/],
    ['promotions.0.rule.ends_at', 0, /ends before it begins/],
    ['promotions', [good.promotions[0], { ...good.promotions[0], id: 'promo_b' }], /code "A10" twice/],
    [
      'shipping_zones',
      [good.shipping_zones[0], { ...good.shipping_zones[0], id: 'zone_b' }],
      /rate id "ship_de" twice/,
    ],
    ['tax_rates', [good.tax_rates[0], good.tax_rates[0]], /id "tax_de" twice/],
  ])('refuses %s = %j', (pointer, value, message) => {
    expect(() => parseShopFile(changed(pointer, value))).toThrow(message)
  })

  it('lets automatic promotions share having no code', () => {
    const automatic = { ...good.promotions[0], code: null }
    const file = { ...good, promotions: [automatic, { ...automatic, id: 'promo_b' }] }
    expect(parseShopFile(file).promotions).toHaveLength(2)
  })
})
