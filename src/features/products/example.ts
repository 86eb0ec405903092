// The product of the API's examples.

const image = 'https://shop.example/images/linen-shirt-white.svg'

const variant = {
  weight_grams: 240,
  requires_shipping: true,
  taxable: true,
  image_url: image,
  price: { amount: 3900, currency: 'EUR' },
}

export const exampleProduct = {
  id: 'prod_01M81J18G0F1WA11106WFXGE4J',
  handle: 'linen-shirt',
  title: 'Linen shirt',
  description_html: '<p>Washed European linen, cut loose.</p>',
  vendor: 'Northfield',
  product_type: 'Shirts',
  tags: ['linen', 'summer'],
  options: [
    { name: 'Colour', values: ['White'] },
    { name: 'Size', values: ['M', 'L'] },
  ],
  images: [{ url: image, alt: 'Linen shirt in white' }],
  variants: [
    {
      id: 'var_01M81J18G0F1WA11106WFXGE4K',
      sku: 'LINEN-SHIRT-WHITE-M',
      barcode: '4006381333931',
      title: 'White / M',
      options: { Colour: 'White', Size: 'M' },
      ...variant,
      compare_at_price: { amount: 4500, currency: 'EUR' },
      available: true,
      quantity_available: 12,
    },
    {
      id: 'var_01M81J18G0F1WA11106WFXGE4M',
      sku: 'LINEN-SHIRT-WHITE-L',
      barcode: null,
      title: 'White / L',
      options: { Colour: 'White', Size: 'L' },
      ...variant,
      compare_at_price: null,
      available: false,
      quantity_available: 0,
    },
  ],
  price_range: { min: variant.price, max: variant.price },
  collections: [{ id: 'col_01M81J18G0F1WA11106WFXGE4G', handle: 'summer', title: 'Summer' }],
  seo: { title: null, description: null },
  metadata: { care: 'Wash at 40 °C' },
  created_at: '2026-11-22T12:00:00.000Z',
  updated_at: '2026-11-22T12:00:00.000Z',
}
