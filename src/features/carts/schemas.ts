// Wire shapes of carts.

import { z } from '@hono/zod-openapi'
import { Country, Currency, Timestamp } from '../../http/schemas.ts'
import { exampleBasket, exampleSums } from '../pricing/example.ts'
import { BasketFields, DiscountCodes, LineInput, MAX_LINES, Quantity } from '../pricing/schemas.ts'

export const CreateCart = z
  .strictObject({
    currency: Currency.optional().openapi({
      description: 'The shop’s own when left out. It stays for the life of the cart.',
    }),
    country: Country.optional().openapi({
      description:
        'Where it will go, as far as known, for taxes: one of the shop’s `countries`, unless nothing needs shipping. The shop’s own when left out.',
    }),
    lines: z.array(LineInput).max(MAX_LINES).default([]),
    discount_codes: DiscountCodes.optional(),
  })
  .openapi('CreateCart', {
    description: 'What to put in, and where it may go.',
    example: {
      lines: [{ variant_id: 'var_01M81J18G0F1WA11106WFXGE4K', quantity: 2 }],
      discount_codes: ['WELCOME10'],
    },
  })

export const UpdateLine = z
  .strictObject({ quantity: Quantity })
  .openapi('UpdateLine', { description: 'How many.', example: { quantity: 3 } })

export const PutDiscountCodes = z.strictObject({ codes: DiscountCodes }).openapi('PutDiscountCodes', {
  description: 'All codes there shall be.',
  example: { codes: ['WELCOME10'] },
})

export const Cart = z
  .strictObject({
    id: z.string().openapi({
      description: 'Whoever holds this id can see and change the cart: treat it as a secret of the shopper.',
      example: 'cart_01M81J18G0P9G5X99KB9F3PYQJP5ZBJMSVQH',
    }),
    country: Country,
    ...BasketFields,
    created_at: Timestamp,
    updated_at: Timestamp,
    expires_at: Timestamp,
  })
  .openapi('Cart', {
    description: 'Items about to be bought. It is priced anew on every read.',
    example: {
      id: 'cart_01M81J18G0P9G5X99KB9F3PYQJP5ZBJMSVQH',
      country: 'DE',
      ...exampleBasket,
      ...exampleSums.cart,
      created_at: '2026-11-22T12:00:00.000Z',
      updated_at: '2026-11-22T12:00:00.000Z',
      expires_at: '2026-12-22T12:00:00.000Z',
    },
  })

export type CreateCart = z.output<typeof CreateCart>
export type Cart = z.output<typeof Cart>
