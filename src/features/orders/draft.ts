// The order before it exists: everything that was priced and shown when the buyer pressed "pay". It is stored with
// the payment attempt, so that whoever finishes the attempt (the request, a retry, the sweep) makes the same order.

import type { Address } from '../../lib/address.ts'
import type { AppliedDiscount, TaxLine } from '../pricing/model.ts'

export interface ChosenShipping {
  id: string
  title: string
  price: number
}

export interface OrderDraftLine {
  id: string
  variant_id: string
  product_id: string
  title: string
  variant_title: string
  sku: string | null
  quantity: number
  unit_price: number
  subtotal: number
  discount: number
  tax: number
  total: number
  requires_shipping: boolean
}

export interface OrderDraft {
  order_id: string
  checkout_id: string
  cart_id: string | null
  /** Who was logged in; null for a guest. Absent in drafts from before there were accounts. */
  user_id?: string | null
  email: string
  phone: string | null
  currency: string
  lines: OrderDraftLine[]
  totals: {
    subtotal: number
    discount: number
    shipping: number
    tax: number
    tax_included: boolean
    total: number
  }
  shipping_address: Address | null
  billing_address: Address | null
  shipping_option: ChosenShipping | null
  discounts: AppliedDiscount[]
  tax_lines: TaxLine[]
  note: string | null
  /** The request that asked for the order, for the answer if it is declined. Absent in older drafts. */
  request_id?: string
  /** The answer to the request that asked for the order, for it and for its retries. */
  reply: { status: number; body: Record<string, unknown> }
}
