// Wire shapes of customer groups and their prices.

import { z } from '@hono/zod-openapi'
import { fieldsOf, trimmableList } from '../../http/fields.ts'
import { Amount, Currency, line, list, Page, Timestamp } from '../../http/schemas.ts'

const exampleGroup = {
  id: 'grp_01M81J18G0F1WA11106WFXGE4J',
  name: 'Wholesale',
  created_at: '2026-11-22T12:00:00.000Z',
  updated_at: '2026-11-22T12:00:00.000Z',
}

const fields = { name: line(100).openapi({ example: 'Wholesale' }) }

export const CustomerGroup = z
  .strictObject({
    id: z.string().openapi({ example: exampleGroup.id }),
    ...fields,
    created_at: Timestamp,
    updated_at: Timestamp,
  })
  .openapi('CustomerGroup', {
    description: 'Customers who may have prices of their own.',
    example: exampleGroup,
  })

export const CreateCustomerGroup = z.strictObject(fields).openapi('CreateCustomerGroup', {
  description: 'A new group.',
  example: { name: 'Resellers' },
})
export const UpdateCustomerGroup = z
  .strictObject(fields)
  .partial()
  .openapi('UpdateCustomerGroup', {
    description: 'What is to change; what is left out stays.',
    example: { name: 'Trade' },
  })

export const CustomerGroupList = trimmableList('CustomerGroupList', CustomerGroup, exampleGroup)
export const CustomerGroupQuery = z.strictObject({
  sort: z.enum(['newest', 'oldest']).optional().openapi({ description: '`oldest` when left out.' }),
  ...Page,
  fields: fieldsOf(CustomerGroup),
})

/** Prices that one request may set. */
const MAX_ROWS = 1000
const VariantId = line(40).openapi({ example: 'var_01M81J18G0F1WA11106WFXGE4K' })

const GroupPrice = z
  .strictObject({ variant_id: VariantId, currency: Currency, amount: Amount })
  .openapi('GroupPrice', { description: 'What a group pays for a variant.' })
const examplePrice = { variant_id: 'var_01M81J18G0F1WA11106WFXGE4K', currency: 'EUR', amount: 1500 }

export const GroupPriceList = list('GroupPriceList', GroupPrice, examplePrice)
export const GroupPriceQuery = z.strictObject({
  variant_id: VariantId.optional().openapi({ description: 'Only of this variant.' }),
  ...Page,
})

export const UpdateGroupPrices = z
  .strictObject({
    rows: z
      .array(
        z.strictObject({
          variant_id: VariantId,
          currency: Currency,
          amount: Amount.nullable().openapi({ description: 'Null takes the price away.' }),
        }),
      )
      .min(1)
      .max(MAX_ROWS),
  })
  .openapi('UpdateGroupPrices', {
    description: 'Prices to set or to take away; others stay. All of them, or none.',
    example: { rows: [examplePrice] },
  })

export type CustomerGroup = z.output<typeof CustomerGroup>
export type GroupPrice = z.output<typeof GroupPrice>
export type CreateCustomerGroup = z.output<typeof CreateCustomerGroup>
export type UpdateCustomerGroup = z.output<typeof UpdateCustomerGroup>
export type CustomerGroupQuery = z.output<typeof CustomerGroupQuery>
export type GroupPriceQuery = z.output<typeof GroupPriceQuery>
export type UpdateGroupPrices = z.output<typeof UpdateGroupPrices>
