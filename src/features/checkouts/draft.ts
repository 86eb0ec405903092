// From a priced checkout to the order that it becomes if it is paid.

import type { Deps } from '../../deps.ts'
import type { OrderDraft } from '../orders/draft.ts'
import type { Snapshot } from '../pricing/service.ts'
import type { CheckoutRow } from './repository.ts'
import type { PricedCheckout } from './view.ts'

/** Drafts the order of a checkout that is ready, exactly as it was priced and shown. */
export function draftOf(
  deps: Deps,
  row: CheckoutRow,
  { checkout, pricing }: PricedCheckout,
  snapshot: Snapshot,
  request_id: string,
): OrderDraft {
  const order_id = deps.ids('order')
  const { shipping } = pricing
  return {
    order_id,
    checkout_id: row.id,
    cart_id: row.cart_id,
    user_id: row.user_id,
    email: row.email ?? '',
    phone: row.phone,
    currency: row.currency,
    lines: checkout.lines.map(line => ({
      id: line.id,
      variant_id: line.variant_id,
      product_id: line.product_id ?? '',
      title: line.title,
      variant_title: line.variant_title,
      sku: line.sku,
      quantity: line.quantity,
      unit_price: line.unit_price.amount,
      subtotal: line.subtotal.amount,
      discount: line.discount.amount,
      tax: line.tax.amount,
      total: line.total.amount,
      requires_shipping: snapshot.items.get(line.variant_id)?.requires_shipping === 1,
    })),
    totals: pricing.totals,
    shipping_address: row.shipping_address,
    billing_address: row.billing_address ?? row.shipping_address,
    shipping_option: shipping && { id: shipping.id, title: shipping.title, price: shipping.price },
    discounts: pricing.discounts,
    tax_lines: pricing.tax_lines,
    note: row.note,
    request_id,
    reply: { status: 200, body: { ...checkout, status: 'completed', missing: [], order_id } },
  }
}
