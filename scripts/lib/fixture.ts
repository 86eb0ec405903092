// The shop that load and crash scripts run on: settings, shipping and taxes of one country, and plain products.

import type { Db } from '../../src/db/client.ts'
import { loadShop } from '../../src/features/imports/load-shop.ts'
import type { ShopFile } from '../../src/features/imports/shop-file.ts'
import { receiveCounts } from '../../src/features/inventory/statements.ts'
import { locations, stockLevels } from '../../src/features/inventory/table.ts'
import type { ProductInput, VariantInput } from '../../src/features/products/input.ts'
import { upsertProducts } from '../../src/features/products/upsert.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { createIdGenerator } from '../../src/lib/ids.ts'

/** Prices in euros with German tax included, one flat shipping rate. */
export const SHOP_FILE: ShopFile = {
  settings: {
    name: 'Load test shop',
    email: null,
    default_currency: 'EUR',
    currencies: ['EUR', 'USD'],
    home_country: 'DE',
    prices_include_tax: true,
    policies: [],
  },
  collections: [],
  shipping_zones: [
    {
      id: 'zone_de',
      name: 'Germany',
      places: [{ country: 'DE' }],
      rates: [
        {
          id: 'ship_standard',
          title: 'Standard',
          rule: { kind: 'flat', price: { EUR: 490, USD: 590 } },
          eta_days: null,
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
  promotions: [],
}

export const ADDRESS = {
  name: 'Ada Lovelace',
  line1: 'Rosenweg 7',
  city: 'Berlin',
  postal_code: '10115',
  country: 'DE',
}

/** Everything that a checkout needs besides its lines. */
export const BUYER = {
  email: 'ada@example.com',
  shipping_address: ADDRESS,
  shipping_option_id: 'ship_standard',
}

export const APPROVED = { payment: { provider: 'test', token: 'tok_approved' } }

/** A variant at 20 EUR. */
export const aVariant = (fields: Partial<VariantInput>): VariantInput => ({
  title: '',
  options: {},
  sku: null,
  barcode: null,
  weight_grams: 500,
  requires_shipping: true,
  taxable: true,
  tax_class: 'standard',
  tracks_inventory: true,
  inventory_policy: 'deny',
  image_url: null,
  prices: [
    { currency: 'EUR', amount: 2000, compare_at_amount: null },
    { currency: 'USD', amount: 2200, compare_at_amount: null },
  ],
  quantity: 0,
  ...fields,
})

/** An active product. */
export const aProduct = (fields: Partial<ProductInput> & { handle: string }): ProductInput => ({
  title: fields.handle,
  description_html: '<p>For tests under load.</p>',
  vendor: 'Acme',
  product_type: 'Thing',
  status: 'active',
  tags: [],
  options: [],
  metadata: {},
  seo_title: null,
  seo_description: null,
  images: [],
  variants: [aVariant({})],
  ...fields,
})

/** A product of one variant with so many in stock. */
export const stocked = (handle: string, quantity: number): ProductInput =>
  aProduct({ handle, variants: [aVariant({ sku: handle, quantity })] })

/** Shares all stock between so many locations, unevenly and each item otherwise, so that some orders must be split. */
export async function spreadStock(db: Db, places: number): Promise<void> {
  const ids = createIdGenerator(systemClock)
  const now = systemClock()
  const levels = await db.select().from(stockLevels)
  const rest = new Map(levels.map(({ variant_id, on_hand }) => [variant_id, on_hand]))
  for (let i = 1; i < places; i++) {
    const id = ids('location')
    const location = {
      id,
      name: `Place ${i}`,
      code: `PLACE-${i}`,
      priority: 100,
      created_at: now,
      updated_at: now,
    }
    const share = levels.map(({ variant_id, on_hand }, item) => {
      const weight = ((item + i) % places) + 1
      const quantity = Math.floor((2 * weight * on_hand) / (places * (places + 1)))
      rest.set(variant_id, (rest.get(variant_id) ?? 0) - quantity)
      return { variant_id, quantity }
    })
    await db.batch([db.insert(locations).values(location), ...receiveCounts(db, ids, share, now, id)])
  }
  const left = [...rest].map(([variant_id, quantity]) => ({ variant_id, quantity }))
  if (left.length > 0) await db.batch([...receiveCounts(db, ids, left, now)])
}

/** Loads settings and products, a chunk of products a unit. */
export async function loadFixture(
  db: Db,
  products: Iterable<ProductInput>,
  { shop = SHOP_FILE, chunk = 100 } = {},
): Promise<void> {
  const deps = { db, ids: createIdGenerator(systemClock), clock: systemClock }
  let inputs: ProductInput[] = []
  const write = async () => {
    if (inputs.length > 0) await upsertProducts(deps, 'system:load', inputs)
    inputs = []
  }
  for (const product of products) {
    inputs.push(product)
    if (inputs.length === chunk) await write()
  }
  await write()
  await loadShop(deps, shop)
}
