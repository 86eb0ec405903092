// Wire shape of orders.

import { z } from '@hono/zod-openapi'
import { Address, Currency, list, Money, orNull, Timestamp } from '../../http/schemas.ts'
import { exampleAddress, exampleOrderLine, exampleSums } from '../pricing/example.ts'
import { AppliedDiscount, TaxLine, Totals } from '../pricing/schemas.ts'

const OrderLine = z
  .strictObject({
    id: z.string(),
    variant_id: z.string(),
    product_id: z.string(),
    title: z.string(),
    variant_title: z.string(),
    sku: z.string().nullable(),
    quantity: z.int(),
    unit_price: Money,
    subtotal: Money,
    discount: Money,
    tax: Money,
    total: Money,
    requires_shipping: z.boolean(),
  })
  .openapi('OrderLine', { description: 'An item as it was bought.' })

const OrderPayment = z
  .strictObject({
    id: z.string(),
    provider: z.string().openapi({ example: 'test' }),
    status: z.enum(['awaiting', 'authorised', 'captured', 'voided']),
    amount: Money,
    captured: Money,
    refunded: Money,
    created_at: Timestamp,
  })
  .openapi('OrderPayment', { description: 'A payment of the order.' })

export const orderFields = {
  id: z.string().openapi({ example: 'ord_01M81J18G0F1WA11106WFXGE52' }),
  number: z.int().openapi({ description: 'For people: counts up from 1001.', example: 1001 }),
  checkout_id: z.string(),
  status: z.enum(['open', 'cancelled', 'closed']),
  payment_status: z.enum(['pending', 'authorised', 'paid', 'partially_refunded', 'refunded']),
  fulfilment_status: z.enum(['unfulfilled', 'partial', 'fulfilled']),
  email: z.string(),
  phone: z.string().nullable(),
  currency: Currency,
  lines: z.array(OrderLine),
  discounts: z.array(AppliedDiscount),
  tax_lines: z.array(TaxLine),
  totals: Totals,
  shipping_address: orNull(Address),
  billing_address: orNull(Address),
  shipping_option: z.strictObject({ id: z.string(), title: z.string(), price: Money }).nullable(),
  payments: z.array(OrderPayment),
  note: z.string().nullable(),
  placed_at: Timestamp,
}

export const exampleOrder = {
  id: 'ord_01M81J18G0F1WA11106WFXGE52',
  number: 1001,
  checkout_id: 'chk_01M81J18G04XWS479AQFZYRJ14EPQNYYMERK',
  status: 'open',
  payment_status: 'paid',
  fulfilment_status: 'unfulfilled',
  email: 'ada@example.com',
  phone: null,
  currency: 'EUR',
  lines: [exampleOrderLine],
  ...exampleSums.shipped,
  shipping_address: exampleAddress,
  billing_address: exampleAddress,
  shipping_option: { id: 'ship_standard', title: 'Standard', price: { amount: 490, currency: 'EUR' } },
  payments: [
    {
      id: 'pay_01M81J18G0F1WA11106WFXGE53',
      provider: 'test',
      status: 'captured',
      amount: { amount: 7510, currency: 'EUR' },
      captured: { amount: 7510, currency: 'EUR' },
      refunded: { amount: 0, currency: 'EUR' },
      created_at: '2026-11-22T12:00:00.000Z',
    },
  ],
  note: null,
  placed_at: '2026-11-22T12:00:00.000Z',
} as const

export const Order = z.strictObject(orderFields).openapi('Order', {
  description: 'What was bought: it never changes its prices.',
  example: exampleOrder,
})

export const OrderSummary = Order.pick({
  id: true,
  number: true,
  status: true,
  payment_status: true,
  fulfilment_status: true,
  placed_at: true,
})
  .extend({ total: Money, quantity: z.int().openapi({ description: 'How many items in all.' }) })
  .openapi('OrderSummary', { description: 'An order as it stands in a list.' })

export const OrderList = list('OrderList', OrderSummary, {
  id: 'ord_01M81J18G0F1WA11106WFXGE52',
  number: 1001,
  status: 'open',
  payment_status: 'paid',
  fulfilment_status: 'unfulfilled',
  placed_at: '2026-11-22T12:00:00.000Z',
  total: { amount: 7510, currency: 'EUR' },
  quantity: 2,
})

export type OrderSummary = z.output<typeof OrderSummary>
export type Order = z.output<typeof Order>
