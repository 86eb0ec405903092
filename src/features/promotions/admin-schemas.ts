// Wire shapes of promotions, as those who run the shop see and change them.

import { z } from '@hono/zod-openapi'
import { fieldsOf, trimmableList } from '../../http/fields.ts'
import { line, Money, Page, queryBoolean, Timestamp } from '../../http/schemas.ts'

const MAX_IDS = 250
const MAX_CURRENCIES = 20

const Ids = (example: string) => z.array(line(40).openapi({ example })).min(1).max(MAX_IDS)

const Scope = z
  .discriminatedUnion('type', [
    z.strictObject({ type: z.literal('all') }),
    z.strictObject({
      type: z.literal('products'),
      product_ids: Ids('prod_01M81J18G0F1WA11106WFXGE4J'),
    }),
    z.strictObject({
      type: z.literal('collections'),
      collection_ids: Ids('col_01M81J18G0F1WA11106WFXGE4J'),
    }),
  ])
  .openapi({ description: 'Which items it is about.' })

const Moment = z.iso
  .datetime()
  .max(40)
  .openapi({ description: 'RFC 3339, UTC.', example: '2026-11-22T12:00:00.000Z' })
const Amounts = z.array(Money).max(MAX_CURRENCIES)

const conditions = {
  scope: Scope,
  min_subtotal: Amounts.default([]).openapi({
    description:
      'The least sum of all items before discounts, one a currency. With any given, it applies in these currencies only.',
  }),
  starts_at: Moment.nullable().default(null),
  ends_at: Moment.nullable().default(null).openapi({ description: 'From this moment on it is over.' }),
  is_combinable: z.boolean().default(true).openapi({
    description: 'False: it applies alone, if it takes off more than the others together.',
  }),
  priority: z.int().min(0).max(1000).default(0).openapi({ description: 'Lower comes first.' }),
}

const percent_bps = z
  .int()
  .min(1)
  .max(10_000)
  .openapi({ description: 'Basis points: 1000 is 10 %.', example: 1000 })
const Count = z.int().min(1).max(1_000_000)

export const PromotionRule = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('percentage'), percent_bps, ...conditions }),
    z.strictObject({
      kind: z.literal('fixed_amount'),
      amount: Amounts.min(1).openapi({ description: 'Off the sum of the items, one a currency.' }),
      ...conditions,
    }),
    z.strictObject({ kind: z.literal('free_shipping'), ...conditions }),
    z.strictObject({
      kind: z.literal('buy_x_get_y'),
      buy_quantity: Count,
      get_quantity: Count,
      get_scope: Scope,
      percent_bps,
      max_applications: Count.nullable().default(null).openapi({ description: 'At most so often a basket.' }),
      ...conditions,
    }),
  ])
  .openapi('PromotionRule', { description: 'What it gives, to what, and when.' })

const Code = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,50}$/)
  .max(50)
  .nullable()
  .openapi({ description: 'What buyers type; kept in upper case. Null: it applies by itself.' })

const fields = {
  title: line(255).openapi({ example: 'Welcome: 10 % off' }),
  code: Code,
  rule: PromotionRule,
  is_active: z.boolean().openapi({ description: 'False: nobody gets it.' }),
  usage_limit: Count.nullable().openapi({ description: 'How often in all.' }),
  usage_limit_per_customer: Count.nullable(),
}

const exampleRule = {
  kind: 'percentage' as const,
  percent_bps: 1000,
  scope: { type: 'all' as const },
  min_subtotal: [],
  starts_at: null,
  ends_at: null,
  is_combinable: true,
  priority: 0,
}
const exampleFields = {
  title: 'Welcome: 10 % off',
  code: 'WELCOME2027',
  rule: exampleRule,
  is_active: true,
  usage_limit: 500,
  usage_limit_per_customer: 1,
}
const examplePromotion = {
  id: 'promo_01M81J18G0F1WA11106WFXGE4J',
  ...exampleFields,
  redeemed: 17,
  created_at: '2026-11-22T12:00:00.000Z',
  updated_at: '2026-11-22T12:00:00.000Z',
}

export const Promotion = z
  .strictObject({
    id: z.string().openapi({ example: examplePromotion.id }),
    ...fields,
    redeemed: z.int().openapi({ description: 'How often it was used.' }),
    created_at: Timestamp,
    updated_at: Timestamp,
  })
  .openapi('Promotion', { description: 'A discount, and how often it was used.', example: examplePromotion })

export const CreatePromotion = z
  .strictObject({
    ...fields,
    code: Code.default(null),
    is_active: z.boolean().default(true),
    usage_limit: Count.nullable().default(null),
    usage_limit_per_customer: Count.nullable().default(null),
  })
  .openapi('CreatePromotion', { description: 'A new promotion.', example: exampleFields })

export const UpdatePromotion = z
  .strictObject(fields)
  .partial()
  .openapi('UpdatePromotion', {
    description: 'What is to change; what is left out stays. A rule is replaced whole.',
    example: { is_active: false },
  })

export const PromotionList = trimmableList('PromotionList', Promotion, examplePromotion)

export const PromotionQuery = z.strictObject({
  is_active: queryBoolean().optional().openapi({ description: 'Only those that are, or are not, active.' }),
  code: line(50).optional().openapi({ description: 'Only the one with this code.', example: 'WELCOME10' }),
  sort: z.enum(['newest', 'oldest']).optional().openapi({ description: '`newest` when left out.' }),
  ...Page,
  fields: fieldsOf(Promotion),
})

export type Promotion = z.output<typeof Promotion>
export type PromotionRule = z.output<typeof PromotionRule>
export type CreatePromotion = z.output<typeof CreatePromotion>
export type UpdatePromotion = z.output<typeof UpdatePromotion>
export type PromotionQuery = z.output<typeof PromotionQuery>
