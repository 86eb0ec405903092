// Wire shapes of checkouts.

import { z } from '@hono/zod-openapi'
import {
  Address,
  CARD_NUMBER_REFUSAL,
  Country,
  Currency,
  line,
  Money,
  multiline,
  noCardNumber,
  orNull,
  Timestamp,
} from '../../http/schemas.ts'
import { exampleAddress, exampleBasket, exampleSums } from '../pricing/example.ts'
import { BasketFields, DiscountCodes, LineInput, MAX_LINES } from '../pricing/schemas.ts'

const BILLING = 'The shipping address when left out.'
const contact = {
  email: z
    .email()
    .max(254)
    .regex(/^[\x21-\x7e]+$/)
    .openapi({ example: 'ada@example.com' }),
  phone: z
    .string()
    .regex(/^\+?[0-9 ()./-]{5,30}$/)
    .openapi({ example: '+49 30 1234567' }),
  shipping_option_id: line(60).openapi({
    description: 'One of `shipping_options[].id`.',
    example: 'ship_standard',
  }),
  note: multiline(1000)
    .refine(noCardNumber, CARD_NUMBER_REFUSAL)
    .openapi({ description: 'From the buyer to the shop.' }),
}

export const CreateCheckout = z
  .strictObject({
    cart_id: line(60).optional().openapi({ description: 'Take over this cart. Either this or `lines`.' }),
    currency: Currency.optional().openapi({ description: 'With `lines` only.' }),
    country: Country.optional().openapi({
      description: 'With `lines` only: where it will go, until an address says so.',
    }),
    lines: z.array(LineInput).min(1).max(MAX_LINES).optional(),
    discount_codes: DiscountCodes.optional(),
    email: contact.email.optional(),
    phone: contact.phone.optional(),
    shipping_address: Address.optional(),
    billing_address: Address.optional().openapi({ description: BILLING }),
    shipping_option_id: contact.shipping_option_id.optional(),
    note: contact.note.optional(),
  })
  .openapi('CreateCheckout', {
    description: 'A cart, or lines; the rest can come later.',
    example: { cart_id: 'cart_01M81J18G0P9G5X99KB9F3PYQJP5ZBJMSVQH' },
  })

export const UpdateCheckout = z
  .strictObject({
    email: contact.email.nullable().optional(),
    phone: contact.phone.nullable().optional(),
    shipping_address: orNull(Address).optional(),
    billing_address: orNull(Address).optional().openapi({ description: BILLING }),
    shipping_option_id: contact.shipping_option_id.nullable().optional(),
    discount_codes: DiscountCodes.optional(),
    note: contact.note.nullable().optional(),
  })
  .openapi('UpdateCheckout', {
    description: 'What is left out stays; null clears. An address is replaced whole.',
    example: {
      email: 'ada@example.com',
      shipping_address: exampleAddress,
      shipping_option_id: 'ship_standard',
    },
  })

export const CompleteCheckout = z
  .strictObject({
    payment: z.strictObject({
      provider: line(40).openapi({ description: 'One of `payment_providers`.', example: 'test' }),
      token: z
        .string()
        .regex(/^[A-Za-z0-9_-]{1,255}$/)
        .refine(noCardNumber, CARD_NUMBER_REFUSAL)
        .optional()
        .openapi({
          description: 'What the provider gave your client for this payment. Never a card number.',
          example: 'tok_approved',
        }),
    }),
    expected_total: Money.optional().openapi({
      description:
        'The total that the buyer agreed to. If it is no longer the total, nothing happens and the answer is `total_changed`. When left out, that happens if the total is higher than the one that this checkout showed last.',
    }),
  })
  .openapi('CompleteCheckout', {
    description: 'How it is paid.',
    example: {
      payment: { provider: 'test', token: 'tok_approved' },
      expected_total: { amount: 7510, currency: 'EUR' },
    },
  })

export const ShippingOption = z
  .strictObject({
    id: z.string(),
    title: z.string(),
    price: Money,
    full_price: Money.openapi({
      description:
        'Before free shipping, which makes the cheapest option free, or those that the promotion names.',
    }),
    eta_days: z.strictObject({ min: z.int(), max: z.int() }).optional(),
  })
  .openapi('ShippingOption', { description: 'A way to send the items, and what it costs.' })

export const Missing = z
  .strictObject({
    pointer: z.string().openapi({ example: '/email' }),
    code: z.enum(['required', 'not_offered', 'not_shippable', 'stock_short', 'item_unavailable', 'empty']),
  })
  .openapi('Missing', {
    description:
      'Something that must be given or mended first: a pointer into the checkout, and what is wrong.',
  })

const exampleCheckout = {
  id: 'chk_01M81J18G04XWS479AQFZYRJ14EPQNYYMERK',
  cart_id: 'cart_01M81J18G0P9G5X99KB9F3PYQJP5ZBJMSVQH',
  status: 'ready',
  missing: [],
  country: 'DE',
  ...exampleBasket,
  ...exampleSums.shipped,
  email: 'ada@example.com',
  phone: null,
  shipping_address: exampleAddress,
  billing_address: null,
  requires_shipping: true,
  shipping_options: [
    {
      id: 'ship_standard',
      title: 'Standard',
      price: { amount: 490, currency: 'EUR' },
      full_price: { amount: 490, currency: 'EUR' },
      eta_days: { min: 2, max: 4 },
    },
  ],
  shipping_option_id: 'ship_standard',
  payment_providers: ['manual', 'test'],
  note: null,
  order_id: null,
  order_token: null,
  created_at: '2026-11-22T12:00:00.000Z',
  updated_at: '2026-11-22T12:00:00.000Z',
  expires_at: '2026-11-23T12:00:00.000Z',
}

/** The same checkout, paid. */
export const exampleCompleted = {
  ...exampleCheckout,
  status: 'completed',
  order_id: 'ord_01M81J18G0F1WA11106WFXGE52',
  order_token: 'ot_758174899ce7004d6ab94faa997ba420e334e6785fe6515c0e9d4a1292a64b77',
}

/** The same checkout, given up. */
export const exampleCancelled = { ...exampleCheckout, status: 'cancelled' }

export const Checkout = z
  .strictObject({
    id: z.string().openapi({
      description: 'Whoever holds this id can see and change the checkout.',
      example: 'chk_01M81J18G04XWS479AQFZYRJ14EPQNYYMERK',
    }),
    cart_id: z.string().nullable(),
    status: z
      .enum(['open', 'ready', 'completing', 'completed', 'cancelled', 'expired'])
      .openapi({ description: '`ready` may be completed; `completing` has a payment under way.' }),
    missing: z.array(Missing),
    country: Country.openapi({
      description:
        'The country by which tax and shipping are priced: that of the shipping address (of the billing address, when nothing needs shipping), and until there is one that of the cart.',
    }),
    ...BasketFields,
    email: z.string().nullable(),
    phone: z.string().nullable(),
    shipping_address: orNull(Address),
    billing_address: orNull(Address),
    requires_shipping: z.boolean(),
    shipping_options: z.array(ShippingOption),
    shipping_option_id: z.string().nullable(),
    payment_providers: z
      .array(z.string())
      .openapi({ description: 'Ways of paying.', example: ['manual', 'test'] }),
    note: z.string().nullable(),
    order_id: z.string().nullable().openapi({ description: 'Once completed.' }),
    order_token: z
      .string()
      .nullable()
      .openapi({ description: 'Once completed: send it as `Order-Token` to read the order.' }),
    created_at: Timestamp,
    updated_at: Timestamp,
    expires_at: Timestamp,
  })
  .openapi('Checkout', {
    description: 'A basket on its way to becoming an order.',
    example: exampleCheckout,
  })

export type CreateCheckout = z.output<typeof CreateCheckout>
export type UpdateCheckout = z.output<typeof UpdateCheckout>
export type CompleteCheckout = z.output<typeof CompleteCheckout>
export type Checkout = z.output<typeof Checkout>
