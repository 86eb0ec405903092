// Wire shapes of orders, as those who run the shop see them.

import { z } from '@hono/zod-openapi'
import { fieldsOf, trimmableList } from '../../http/fields.ts'
import {
  CARD_NUMBER_REFUSAL,
  Currency,
  line,
  Money,
  multiline,
  noCardNumber,
  Page,
  queryInt,
  queryTime,
  Timestamp,
} from '../../http/schemas.ts'
import { exampleOrder, orderFields } from './schemas.ts'

const MAX_TAGS = 50

const TimelineEntry = z
  .strictObject({
    at: Timestamp,
    kind: z
      .enum(['change', 'event', 'payment', 'stock'])
      .openapi({ description: 'From the audit log, the events, the payments, or the movements of stock.' }),
    what: z.string().openapi({ example: 'checkout.completed' }),
    by: z.string().nullable().openapi({ description: 'Who did it, where that is known.' }),
    details: z.record(z.string(), z.unknown()),
  })
  .openapi('TimelineEntry', { description: 'Something that happened to an order.' })

const kept = {
  tags: z.array(line(50).openapi({ example: 'gift' })).max(MAX_TAGS),
  staff_note: multiline(5000).nullable(),
}

const exampleKept = { customer_id: null, tags: ['gift'], staff_note: null }

export const AdminOrder = z
  .strictObject({
    ...orderFields,
    customer_id: z.string().nullable().openapi({ description: 'The account that it belongs to, if any.' }),
    ...kept,
    timeline: z.array(TimelineEntry).openapi({ description: 'Oldest first.' }),
  })
  .openapi('AdminOrder', {
    description: 'An order with what happened to it and what staff keep about it.',
    example: {
      ...exampleOrder,
      ...exampleKept,
      timeline: [
        {
          at: '2026-11-22T12:00:00.000Z',
          kind: 'payment',
          what: 'captured',
          by: null,
          details: { payment_id: 'pay_01M81J18G0F1WA11106WFXGE53', amount: 7510 },
        },
      ],
    },
  })

export const UpdateOrder = z
  .strictObject({
    tags: kept.tags.openapi({ description: 'All tags there shall be.' }),
    staff_note: multiline(5000)
      .refine(noCardNumber, CARD_NUMBER_REFUSAL)
      .nullable()
      .openapi({ description: 'For staff only; the buyer sees it in an export of their data.' }),
  })
  .partial()
  .openapi('UpdateOrder', {
    description: 'What is to change; what is left out stays. Nothing that was sold ever changes.',
    example: { tags: ['gift'], staff_note: 'Wrap it.' },
  })

const exampleSummary = {
  id: exampleOrder.id,
  number: 1001,
  status: 'open' as const,
  payment_status: 'paid' as const,
  fulfilment_status: 'unfulfilled' as const,
  email: 'ada@example.com',
  customer_id: null,
  total: { amount: 7510, currency: 'EUR' },
  quantity: 2,
  tags: ['gift'],
  placed_at: '2026-11-22T12:00:00.000Z',
}

const { id, number, status, payment_status, fulfilment_status, email, placed_at } = orderFields

export const AdminOrderSummary = z
  .strictObject({
    id,
    number,
    status,
    payment_status,
    fulfilment_status,
    email,
    customer_id: z.string().nullable(),
    total: Money,
    quantity: z.int().openapi({ description: 'How many items in all.' }),
    tags: kept.tags,
    placed_at,
  })
  .openapi('AdminOrderSummary', { description: 'An order as it stands in the back office’s list.' })

export const AdminOrderList = trimmableList('AdminOrderList', AdminOrderSummary, exampleSummary)

const filters = {
  status: status.optional().openapi({ description: 'Only in this state.' }),
  payment_status: payment_status.optional().openapi({ description: 'Only paid for so far.' }),
  fulfilment_status: fulfilment_status.optional().openapi({ description: 'Only sent so far.' }),
  email: line(254).optional().openapi({ description: 'Only of this email; case does not matter.' }),
  number: queryInt(1, 9_999_999_999).optional().openapi({
    type: 'integer',
    minimum: 1,
    maximum: 9_999_999_999,
    description: 'Only the one with this number.',
    example: 1001,
  }),
  customer: line(40).optional().openapi({ description: 'Only of this account.' }),
  tag: line(50).optional().openapi({ description: 'Only with this tag.', example: 'gift' }),
  placed_from: queryTime('Only those placed at this moment or later.').optional(),
  placed_to: queryTime('Only those placed before this moment.').optional(),
  q: line(254).optional().openapi({
    description: 'An order’s number, with `#` or without, its id, or the email it was placed with.',
    example: '#1001',
  }),
}

export const OrderQuery = z.strictObject({
  ...filters,
  currency: Currency.optional().openapi({
    description: 'Only in this currency: with a sort by total, and only with that.',
  }),
  sort: z.enum(['newest', 'oldest', 'total', '-total']).optional().openapi({
    description:
      '`newest` when left out. By `total`, lowest or (`-total`) highest first, needs `currency` and takes no other filter.',
  }),
  ...Page,
  fields: fieldsOf(AdminOrderSummary),
})

export const OrderExportQuery = z.strictObject(filters)

export const OrderCsv = z.string().openapi('OrderCsv', {
  description:
    'RFC 4180, UTF-8, with a header; one record an order, newest first, amounts in major units. Texts that a spreadsheet would run as a formula begin with an apostrophe.',
  example:
    'number,id,placed_at,status\r\n1001,ord_01M81J18G0F1WA11106WFXGE52,2026-11-22T12:00:00.000Z,open\r\n',
})

export type AdminOrder = z.output<typeof AdminOrder>
export type AdminOrderSummary = z.output<typeof AdminOrderSummary>
export type TimelineEntry = z.output<typeof TimelineEntry>
export type UpdateOrder = z.output<typeof UpdateOrder>
export type OrderQuery = z.output<typeof OrderQuery>
export type OrderExportQuery = z.output<typeof OrderExportQuery>
