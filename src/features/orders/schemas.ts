// Wire shape of orders.

import { z } from '@hono/zod-openapi'
import { Address, Currency, list, Money, Timestamp } from '../../http/schemas.ts'
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
  .openapi('OrderLine')

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
  .openapi('OrderPayment')

export const Order = z
  .strictObject({
    id: z.string().openapi({ example: 'ord_01KAMRCB9R3N5Q7S9V1X3Z5B7D' }),
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
    shipping_address: Address.nullable(),
    billing_address: Address.nullable(),
    shipping_option: z.strictObject({ id: z.string(), title: z.string(), price: Money }).nullable(),
    payments: z.array(OrderPayment),
    note: z.string().nullable(),
    placed_at: Timestamp,
  })
  .openapi('Order', { description: 'What was bought: it never changes its prices.' })

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

export const OrderList = list('OrderList', OrderSummary)

export type OrderSummary = z.output<typeof OrderSummary>
export type Order = z.output<typeof Order>
