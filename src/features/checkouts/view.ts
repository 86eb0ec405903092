// What a checkout looks like from outside: priced, with what is missing and what can be chosen.

import type { Deps } from '../../deps.ts'
import type { Address } from '../../lib/address.ts'
import { rfc3339 } from '../../lib/clock.ts'
import { orderToken } from '../orders/token.ts'
import {
  needsNoShipping,
  type PricedBasket,
  priceBasket,
  quantityLeft,
  type Snapshot,
} from '../pricing/service.ts'
import type { CheckoutRow } from './repository.ts'
import type { Checkout } from './schemas.ts'

/** A checkout priced on a snapshot, and the view of it. */
export interface PricedCheckout extends PricedBasket {
  checkout: Checkout
}

/** Prices a checkout for which no payment began, and renders it. */
export function priceCheckout(deps: Deps, row: CheckoutRow, snapshot: Snapshot): PricedCheckout {
  const destination = destinationOf(row, snapshot)
  const priced = priceBasket(deps, snapshot, { ...row, destination })
  const { pricing, view } = priced
  const missing = missingOf(row, snapshot, priced)
  const money = (amount: number) => ({ amount, currency: row.currency })
  const checkout: Checkout = {
    id: row.id,
    cart_id: row.cart_id,
    status: statusOf(row, missing, deps.clock()),
    missing,
    country: destination.country,
    ...view,
    email: row.email,
    phone: row.phone,
    shipping_address: row.shipping_address,
    billing_address: row.billing_address,
    requires_shipping: pricing.requires_shipping,
    shipping_options: pricing.shipping_options.map(({ id, title, price, full_price, eta_days }) => ({
      id,
      title,
      price: money(price),
      full_price: money(full_price),
      ...(eta_days ? { eta_days } : {}),
    })),
    shipping_option_id: row.shipping_option_id,
    payment_providers: [...deps.paymentProviders.keys()],
    note: row.note,
    order_id: null,
    order_token: null,
    created_at: rfc3339(row.created_at),
    updated_at: rfc3339(row.updated_at),
    expires_at: rfc3339(row.expires_at),
  }
  return { ...priced, checkout }
}

/**
 * Where a checkout is taxed and shipped to: its shipping address; of what needs no shipping, its billing address; until
 * there is one, the country that it began with.
 */
function destinationOf(row: CheckoutRow, snapshot: Snapshot): { country: string; region?: string } {
  const billing = needsNoShipping(snapshot, row.lines) ? row.billing_address : null
  const { country, region }: Pick<Address, 'country' | 'region'> = row.shipping_address ??
    billing ?? { country: row.country }
  return { country, region }
}

/** Renders a checkout whose payment began: prices, stock and discounts may change after that, what is paid does not. */
export async function frozenCheckout(deps: Deps, row: CheckoutRow, view: Checkout): Promise<Checkout> {
  const { status, order_id, updated_at } = row
  const order_token = order_id === null ? null : await orderToken(deps, order_id)
  return { ...view, status, order_id, order_token, updated_at: rfc3339(updated_at) }
}

function statusOf(row: CheckoutRow, missing: Checkout['missing'], now: number): Checkout['status'] {
  if (row.status !== 'open') return row.status
  if (row.expires_at <= now) return 'expired'
  return missing.length === 0 ? 'ready' : 'open'
}

function missingOf(row: CheckoutRow, snapshot: Snapshot, { pricing }: PricedBasket): Checkout['missing'] {
  if (row.status !== 'open') return []
  const missing: Checkout['missing'] = []
  if (row.lines.length === 0) missing.push({ pointer: '/lines', code: 'empty' })
  row.lines.forEach((line, index) => {
    const item = snapshot.items.get(line.variant_id)
    if (!item) missing.push({ pointer: `/lines/${index}`, code: 'item_unavailable' })
    else if (line.quantity > quantityLeft(item))
      missing.push({ pointer: `/lines/${index}`, code: 'stock_short' })
  })
  if (row.email === null) missing.push({ pointer: '/email', code: 'required' })
  if (pricing.requires_shipping) {
    if (row.shipping_address === null) missing.push({ pointer: '/shipping_address', code: 'required' })
    else if (pricing.shipping_options.length === 0)
      missing.push({ pointer: '/shipping_address', code: 'not_shippable' })
    else if (row.shipping_option_id === null)
      missing.push({ pointer: '/shipping_option_id', code: 'required' })
    else if (pricing.shipping === null) missing.push({ pointer: '/shipping_option_id', code: 'not_offered' })
  }
  return missing
}
