// Wire shapes that carts, checkouts and orders share: lines, discounts and totals.

import { z } from '@hono/zod-openapi'
import { Currency, line, Money } from '../../http/schemas.ts'
import { CODE_REFUSALS } from './model.ts'

export const MAX_LINES = 100
export const MAX_QUANTITY = 10_000
const MAX_CODES = 10

const VariantId = line(40).openapi({
  description: 'Id of a variant: `variants[].id` of a product.',
  example: 'var_01M81J18G0F1WA11106WFXGE4K',
})

export const Quantity = z.int().min(1).max(MAX_QUANTITY).openapi({ example: 2 })

export const LineInput = z.strictObject({ variant_id: VariantId, quantity: Quantity }).openapi('LineInput', {
  description: 'What to buy, and how many.',
  example: { variant_id: 'var_01M81J18G0F1WA11106WFXGE4K', quantity: 2 },
})

export const DiscountCodes = z
  .array(line(50).openapi({ example: 'WELCOME10' }))
  .max(MAX_CODES)
  .openapi({
    description: 'Upper and lower case do not matter. The list replaces the one before.',
    example: ['WELCOME10'],
  })

export const AppliedDiscount = z
  .strictObject({
    promotion_id: z.string(),
    title: z.string(),
    code: z.string().nullable().openapi({ description: 'Null for automatic promotions.' }),
    target: z.enum(['line', 'shipping']).openapi({
      description:
        'What it is taken off: `line`, the lines (each names its part in its own `discounts`), or `shipping`, the price of the chosen shipping option.',
    }),
    amount: Money,
  })
  .openapi('AppliedDiscount', { description: 'A promotion, and what it takes off.' })

export const BasketLine = z
  .strictObject({
    id: z.string(),
    variant_id: z.string(),
    product_id: z.string().nullable().openapi({ description: 'Null when the item is no longer sold.' }),
    title: z.string(),
    variant_title: z.string(),
    sku: z.string().nullable(),
    image_url: z.string().nullable(),
    quantity: z.int(),
    unit_price: Money,
    discounts: z.array(AppliedDiscount),
    subtotal: Money.openapi({ description: 'Unit price times quantity.' }),
    discount: Money,
    tax: Money,
    total: Money.openapi({ description: 'Subtotal less discount, plus tax where prices do not include it.' }),
    available: z.boolean().openapi({ description: 'The whole quantity can be bought now.' }),
  })
  .openapi('BasketLine', { description: 'An item in a basket, priced as of now.' })

const CodeStatus = z
  .strictObject({
    code: z.string(),
    applied: z.boolean(),
    reason: z.enum(CODE_REFUSALS).optional().openapi({
      description:
        'Why it takes nothing off. `code_not_combinable`: it does not go together with promotions that take off more; `code_not_for_shipping_option`: it makes another shipping option free than the one chosen.',
    }),
  })
  .openapi('CodeStatus', { description: 'A discount code, whether it took something off, and if not, why.' })

export const TaxLine = z
  .strictObject({ name: z.string(), rate_ppm: z.int(), amount: Money })
  .openapi('TaxLine', {
    description: 'One tax of the basket. `rate_ppm` is parts per million: 190000 is 19 %.',
  })

export const Totals = z
  .strictObject({
    subtotal: Money.openapi({ description: 'Sum of the lines before discounts.' }),
    discount: Money.openapi({ description: 'Taken off the lines.' }),
    shipping: Money.openapi({ description: 'Price of the chosen shipping option, after its discounts.' }),
    tax: Money.openapi({ description: 'All taxes: those of the lines, and that of shipping.' }),
    shipping_tax: Money.openapi({ description: 'The part of `tax` that is on shipping.' }),
    tax_included: z.boolean().openapi({ description: 'Whether the tax is already in the prices.' }),
    total: Money.openapi({ description: 'subtotal − discount + shipping, plus tax unless it is included.' }),
  })
  .openapi('Totals', { description: 'The sums of a basket. `total` is exactly the sum of its parts.' })

const BasketMessage = z
  .strictObject({
    type: z
      .enum(['info', 'warning', 'error'])
      .openapi({ description: 'An `error` stands in the way of buying.' }),
    code: z.enum(['price_changed', 'stock_short', 'item_unavailable', 'promotion_displaced']),
    line_id: z
      .string()
      .optional()
      .openapi({ description: 'The line that it is about; absent when it is about the whole basket.' }),
    text: z.string(),
    quantity_available: z.int().optional(),
    previous_price: Money.optional(),
    promotion_id: z
      .string()
      .optional()
      .openapi({ description: 'With `promotion_displaced`: the promotion that a code took the place of.' }),
  })
  .openapi('BasketMessage', { description: 'Something the buyer should know about the basket or a line.' })

export const BasketFields = {
  currency: Currency,
  lines: z.array(BasketLine),
  discount_codes: z.array(CodeStatus),
  discounts: z
    .array(AppliedDiscount)
    .openapi({ description: 'Every promotion that takes something off, shipping included.' }),
  tax_lines: z.array(TaxLine),
  totals: Totals,
  messages: z.array(BasketMessage),
}
export type BasketView = z.output<z.ZodObject<typeof BasketFields>>
export type LineInput = z.output<typeof LineInput>
