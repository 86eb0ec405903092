// The basket of the API's examples: two shirts with a tenth off, prices with German tax in them. Taken from what the
// shop really answers, so that it adds up.

const eur = (amount: number) => ({ amount, currency: 'EUR' })

const discount = {
  promotion_id: 'promo_welcome',
  title: 'Welcome: 10 % off',
  code: 'WELCOME10',
  target: 'line',
  amount: eur(780),
}

const item = {
  id: 'li_01M81J18G0F1WA11106WFXGE4Z',
  variant_id: 'var_01M81J18G0F1WA11106WFXGE4K',
  product_id: 'prod_01M81J18G0F1WA11106WFXGE4J',
  title: 'Linen shirt',
  variant_title: 'White / M',
  sku: 'LINEN-SHIRT-WHITE-M',
  quantity: 2,
  unit_price: eur(3900),
  subtotal: eur(7800),
  discount: eur(780),
  tax: eur(1121),
  total: eur(7020),
}

const totals = { subtotal: eur(7800), discount: eur(780), tax_included: true }

/** What a cart, a checkout and an order of these items have in common, without and with shipping. */
export const exampleSums = {
  cart: {
    discounts: [discount],
    tax_lines: [{ name: 'MwSt', rate_ppm: 190_000, amount: eur(1121) }],
    totals: { ...totals, shipping: eur(0), tax: eur(1121), shipping_tax: eur(0), total: eur(7020) },
  },
  shipped: {
    discounts: [discount],
    tax_lines: [{ name: 'MwSt', rate_ppm: 190_000, amount: eur(1199) }],
    totals: { ...totals, shipping: eur(490), tax: eur(1199), shipping_tax: eur(78), total: eur(7510) },
  },
}

export const exampleOrderLine = { ...item, requires_shipping: true }

/** Lines and codes of a basket that is still open. */
export const exampleBasket = {
  currency: 'EUR',
  lines: [
    {
      ...item,
      image_url: 'https://shop.example/images/linen-shirt-white.svg',
      discounts: [discount],
      available: true,
    },
  ],
  discount_codes: [{ code: 'WELCOME10', applied: true }],
  messages: [],
}

export const exampleAddress = {
  name: 'Ada Lovelace',
  line1: 'Rosenweg 7',
  city: 'Berlin',
  postal_code: '10115',
  country: 'DE',
}
