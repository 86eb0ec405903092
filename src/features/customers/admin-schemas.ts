// Wire shapes of customers, as those who run the shop see them.

import { z } from '@hono/zod-openapi'
import { fieldsOf, trimmableList } from '../../http/fields.ts'
import {
  CARD_NUMBER_REFUSAL,
  line,
  Money,
  multiline,
  noCardNumber,
  Page,
  Timestamp,
} from '../../http/schemas.ts'
import { SavedAddress } from '../users/schemas.ts'

const GroupRef = z
  .strictObject({ id: z.string(), name: z.string() })
  .openapi('CustomerGroupRef', { description: 'A group that a customer is in.' })

const exampleCustomer = {
  id: 'usr_01M81J18G0F1WA11106WFXGE52',
  email: 'ada@example.com',
  name: 'Ada Lovelace',
  phone: null,
  groups: [{ id: 'grp_01M81J18G0F1WA11106WFXGE4J', name: 'Wholesale' }],
  created_at: '2026-11-22T12:00:00.000Z',
}

const summary = {
  id: z.string().openapi({ description: 'User id.', example: exampleCustomer.id }),
  email: z.string().openapi({ example: 'ada@example.com' }),
  name: z.string().nullable(),
  phone: z.string().nullable(),
  groups: z.array(GroupRef),
  created_at: Timestamp,
}

export const CustomerSummary = z
  .strictObject(summary)
  .openapi('CustomerSummary', { description: 'A person with an account, as in a list.' })

export const Customer = z
  .strictObject({
    ...summary,
    note: z
      .string()
      .openapi({ description: 'Of staff, about the customer. Part of what the customer may export.' }),
    addresses: z.array(SavedAddress),
    orders: z
      .strictObject({
        count: z.int(),
        totals: z.array(Money).openapi({ description: 'What was ordered in all, one a currency.' }),
        last_placed_at: Timestamp.nullable(),
      })
      .openapi({ description: 'Orders that were not cancelled.' }),
  })
  .openapi('Customer', {
    description: 'A person with an account, what they ordered, and what staff keep about them.',
    example: {
      ...exampleCustomer,
      note: 'Prefers to be called.',
      addresses: [],
      orders: {
        count: 3,
        totals: [{ amount: 22_530, currency: 'EUR' }],
        last_placed_at: '2026-11-22T12:00:00.000Z',
      },
    },
  })

export const UpdateCustomer = z
  .strictObject({
    note: multiline(5000).refine(noCardNumber, CARD_NUMBER_REFUSAL),
    group_ids: z
      .array(line(40).openapi({ example: 'grp_01M81J18G0F1WA11106WFXGE4J' }))
      .max(50)
      .openapi({ description: 'All groups the customer is to be in.' }),
  })
  .partial()
  .openapi('UpdateCustomer', {
    description:
      'What is to change; what is left out stays. Name, email and addresses are the customer’s own to change.',
    example: { note: 'Prefers to be called.' },
  })

export const CustomerList = trimmableList('CustomerList', CustomerSummary, exampleCustomer)

const filters = {
  email: line(254).optional().openapi({ description: 'Only emails that begin so.', example: 'ada@' }),
  name: line(200)
    .optional()
    .openapi({ description: 'Only names that begin so; case does not matter in A to Z.', example: 'Ada' }),
  group: line(40).optional().openapi({ description: 'Only members of this group.' }),
}

export const CustomerQuery = z.strictObject({
  ...filters,
  sort: z.enum(['newest', 'email', 'name']).optional().openapi({
    description:
      'By `email` or `name` when that is searched for, else `newest`. A search is sorted by what it searches.',
  }),
  ...Page,
  fields: fieldsOf(CustomerSummary),
})

export const CustomerExportQuery = z.strictObject(filters)

export const CustomerCsv = z.string().openapi('CustomerCsv', {
  description:
    'RFC 4180, UTF-8, with a header. Texts that a spreadsheet would run as a formula begin with an apostrophe.',
  example:
    'id,email,name,phone,groups,note,orders,created_at\r\nusr_01M81J18G0F1WA11106WFXGE52,ada@example.com,Ada Lovelace,,Wholesale,,3,2026-11-22T12:00:00.000Z\r\n',
})

export type CustomerSummary = z.output<typeof CustomerSummary>
export type Customer = z.output<typeof Customer>
export type UpdateCustomer = z.output<typeof UpdateCustomer>
export type CustomerQuery = z.output<typeof CustomerQuery>
export type CustomerExportQuery = z.output<typeof CustomerExportQuery>
