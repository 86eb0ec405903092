// The products of the admin API's examples.

const image = '/images/linen-shirt-white.svg'
const id = 'prod_01M81J18G0F1WA11106WFXGE4J'

export const exampleCreateProduct = {
  title: 'Linen shirt',
  description_html: '<p>Washed European linen, cut loose.</p>',
  vendor: 'Northfield',
  product_type: 'Shirts',
  status: 'draft' as const,
  tags: ['linen', 'summer'],
  options: [{ name: 'Size' }],
  images: [{ url: image, alt: 'Linen shirt in white' }],
  variants: [
    {
      options: { Size: 'M' },
      sku: 'LINEN-SHIRT-M',
      weight_grams: 240,
      image_url: image,
      prices: [
        { currency: 'EUR', amount: 3900, compare_at_amount: 4500 },
        { currency: 'USD', amount: 4200 },
      ],
      quantity: 12,
    },
    { options: { Size: 'L' }, prices: [{ currency: 'EUR', amount: 3900 }] },
  ],
  seo: { title: 'Linen shirt in washed European flax', description: null },
  metadata: { care: 'Wash at 40 °C' },
}

export const exampleAdminVariant = {
  id: 'var_01M81J18G0F1WA11106WFXGE4K',
  product_id: id,
  title: 'M',
  options: { Size: 'M' },
  sku: 'LINEN-SHIRT-M',
  barcode: null,
  weight_grams: 240,
  requires_shipping: true,
  taxable: true,
  tax_class: 'standard',
  tracks_inventory: true,
  inventory_policy: 'deny' as const,
  image_url: image,
  prices: [{ currency: 'EUR', amount: 3900, compare_at_amount: 4500 }],
  stock: { on_hand: 12, reserved: 1 },
}

const TIME = '2026-11-22T12:00:00.000Z'

export const exampleAdminProduct = {
  id,
  handle: 'linen-shirt',
  title: 'Linen shirt',
  description_html: '<p>Washed European linen, cut loose.</p>',
  vendor: 'Northfield',
  product_type: 'Shirts',
  status: 'active' as const,
  tags: ['linen', 'summer'],
  options: [{ name: 'Size', values: ['M'] }],
  images: [{ url: image, alt: 'Linen shirt in white' }],
  variants: [exampleAdminVariant],
  collections: [{ id: 'col_01M81J18G0F1WA11106WFXGE4G', handle: 'summer', title: 'Summer' }],
  seo: { title: null, description: null },
  metadata: { care: 'Wash at 40 °C' },
  created_at: TIME,
  updated_at: TIME,
}

export const exampleSummary = {
  id,
  handle: 'linen-shirt',
  title: 'Linen shirt',
  vendor: 'Northfield',
  product_type: 'Shirts',
  status: 'active' as const,
  tags: ['linen', 'summer'],
  image_url: image,
  variant_count: 2,
  on_hand: 12,
  price_ranges: [{ currency: 'EUR', min_amount: 3900, max_amount: 3900 }],
  created_at: TIME,
  updated_at: TIME,
}
