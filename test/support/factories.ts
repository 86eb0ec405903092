// Things that tests need, made through the product's own types. Each call makes something new.

import {
  ADDRESS,
  SHOP_FILE,
  aProduct as sampleProduct,
  aVariant as sampleVariant,
} from '../../scripts/lib/fixture.ts'
import type { ShopFile } from '../../src/features/imports/shop-file.ts'
import type { ProductInput, VariantInput } from '../../src/features/products/input.ts'

let counter = 0

/** A variant at 20.00 EUR and 22.00 USD with 10 in stock. */
export const aVariant = (input: Partial<VariantInput> = {}): VariantInput =>
  sampleVariant({ quantity: 10, ...input })

/** An active product with one such variant. */
export const aProduct = (input: Partial<ProductInput> = {}): ProductInput => {
  counter += 1
  return sampleProduct({
    handle: `product-${counter}-${crypto.randomUUID().slice(0, 8)}`,
    title: `Product ${counter}`,
    description_html: '<p>A thing.</p>',
    variants: [aVariant()],
    ...input,
  })
}

/** An address in Germany. */
export const anAddress = (input: Record<string, string> = {}) => ({ ...ADDRESS, ...input })

/** Settings of every test shop: prices in EUR and USD with German tax included, one zone for DE and AT. */
export const SHOP: ShopFile = {
  settings: {
    name: 'Test shop',
    email: 'shop@example.com',
    default_currency: 'EUR',
    currencies: ['EUR', 'USD'],
    home_country: 'DE',
    prices_include_tax: true,
    policies: [{ type: 'terms_of_service', url: 'https://shop.example/terms' }],
  },
  collections: [],
  shipping_zones: [
    {
      id: 'zone_dach',
      name: 'Near',
      places: [{ country: 'DE' }, { country: 'AT' }],
      rates: [
        {
          id: 'ship_standard',
          title: 'Standard',
          rule: { kind: 'flat', price: { EUR: 500, USD: 600 } },
          eta_days: { min: 2, max: 4 },
        },
        {
          id: 'ship_express',
          title: 'Express',
          rule: { kind: 'flat', price: { EUR: 1500, USD: 1700 } },
          eta_days: null,
        },
      ],
    },
  ],
  tax_rates: SHOP_FILE.tax_rates,
  promotions: [],
}
