// Wire shapes of carts.

import { z } from '@hono/zod-openapi'
import { Country, Currency, Timestamp } from '../../http/schemas.ts'
import { BasketFields, DiscountCodes, LineInput, MAX_LINES, Quantity } from '../pricing/schemas.ts'

export const CreateCart = z
  .strictObject({
    currency: Currency.optional().openapi({
      description: 'The shop’s own when left out. It stays for the life of the cart.',
    }),
    country: Country.optional().openapi({
      description: 'Where it will go, as far as known, for taxes. The shop’s own when left out.',
    }),
    lines: z.array(LineInput).max(MAX_LINES).default([]),
    discount_codes: DiscountCodes.optional(),
  })
  .openapi('CreateCart')

export const UpdateLine = z.strictObject({ quantity: Quantity }).openapi('UpdateLine')

export const PutDiscountCodes = z.strictObject({ codes: DiscountCodes }).openapi('PutDiscountCodes')

export const Cart = z
  .strictObject({
    id: z.string().openapi({
      description: 'Whoever holds this id can see and change the cart: treat it as a secret of the shopper.',
      example: 'cart_01KAMRCB9R7H2K9PZ4V6W8X0Y2A4C6E8G0',
    }),
    country: Country,
    ...BasketFields,
    created_at: Timestamp,
    updated_at: Timestamp,
    expires_at: Timestamp,
  })
  .openapi('Cart', { description: 'Items about to be bought. It is priced anew on every read.' })

export type CreateCart = z.output<typeof CreateCart>
export type Cart = z.output<typeof Cart>
