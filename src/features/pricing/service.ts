// Prices a stored basket for carts, checkouts and protocols alike: turns a snapshot's rows into the input of the pure
// `price()`, and its result into what every basket shows. Nothing else computes money.

import { sql } from 'drizzle-orm'
import type { Deps } from '../../deps.ts'
import { type Actor, personOf } from '../../http/context.ts'
import { DomainError } from '../../lib/errors.ts'
import { MAX_AMOUNT, type Money } from '../../lib/money.ts'
import { absoluteUrl } from '../../lib/url.ts'
import type { BasketLine } from '../carts/table.ts'
import { shopNotSetUp } from '../shop/errors.ts'
import { totalTooLarge } from './errors.ts'
import type { AppliedDiscount, Pricing, PricingInput, Promotion, ShippingZone, TaxRate } from './model.ts'
import { price } from './price.ts'
import type { BasketSource, ItemRow, PromotionRow, RateRow, SettingsRow, TaxRow } from './repository.ts'
import type { BasketView } from './schemas.ts'

export { type BasketSource, snapshotStatements } from './repository.ts'

/** An item with its price. */
export type Item = ItemRow & { unit_price: number }
/** The part of a basket's source that says who buys: whoever is logged in gets the prices of their groups. */
export const buyerOf = ({ principal }: Actor): Pick<BasketSource, 'userId'> => {
  const person = personOf(principal)
  return person ? { userId: sql`${person.id}` } : {}
}

/** Everything that decides a basket's price, at one moment. */
export interface Snapshot {
  settings: {
    default_currency: string
    currencies: string[]
    home_country: string
    prices_include_tax: boolean
  }
  /** What is on sale in the basket's currency, by variant. */
  items: Map<string, Item>
  /** What is on sale, but in other currencies only. */
  unpriced: Map<string, ItemRow>
  promotions: Promotion[]
  shipping_zones: ShippingZone[]
  tax_rates: TaxRate[]
}

/** The results of `snapshotStatements`, named. Raises `shop_not_set_up`. */
export function snapshotOf(
  results: readonly [SettingsRow[], ItemRow[], PromotionRow[], RateRow[], TaxRow[]],
): Snapshot {
  const [[settings], items, promotions, rates, taxes] = results
  if (!settings)
    throw new DomainError(shopNotSetUp, 'No settings have been loaded.', { retryAfterSeconds: 60 })
  return {
    settings: {
      ...settings,
      currencies: JSON.parse(settings.currencies),
      prices_include_tax: settings.prices_include_tax === 1,
    },
    items: new Map(items.filter(isPriced).map(item => [item.variant_id, item])),
    unpriced: new Map(items.filter(item => !isPriced(item)).map(item => [item.variant_id, item])),
    promotions: promotions.map(row => ({ ...row, rule: JSON.parse(row.rule) })),
    shipping_zones: zonesOf(rates),
    tax_rates: taxes.map(row => ({ ...row, applies_to_shipping: row.applies_to_shipping === 1 })),
  }
}

const isPriced = (item: ItemRow): item is Item => item.unit_price !== null

function zonesOf(rates: RateRow[]): ShippingZone[] {
  const zones = new Map<string, ShippingZone>()
  for (const row of rates) {
    const zone: ShippingZone = zones.get(row.zone_id) ?? {
      id: row.zone_id,
      places: JSON.parse(row.places),
      rates: [],
    }
    zones.set(row.zone_id, zone)
    const eta =
      row.eta_days_min === null || row.eta_days_max === null
        ? null
        : { min: row.eta_days_min, max: row.eta_days_max }
    if (row.id === null || row.title === null || row.rule === null) continue
    zone.rates.push({ id: row.id, title: row.title, rule: JSON.parse(row.rule), eta_days: eta })
  }
  return [...zones.values()]
}

/** A basket as it is stored. */
export interface Basket {
  currency: string
  lines: BasketLine[]
  discount_codes: string[]
  destination: { country: string; region?: string } | null
  shipping_option_id: string | null
}

export interface PricedBasket {
  view: BasketView
  pricing: Pricing
}

/**
 * Prices a basket on a snapshot. Items that are no longer sold count nothing and carry a message.
 * Raises `total_too_large`.
 */
export function priceBasket(deps: Deps, snapshot: Snapshot, basket: Basket): PricedBasket {
  const sold = basket.lines.flatMap(line => {
    const item = snapshot.items.get(line.variant_id)
    return item ? [{ line, item }] : []
  })
  const input: PricingInput = {
    currency: basket.currency,
    prices_include_tax: snapshot.settings.prices_include_tax,
    now: deps.clock(),
    lines: sold.map(({ line, item }) => ({
      id: line.id,
      product_id: item.product_id,
      collection_ids: JSON.parse(item.collection_ids),
      quantity: line.quantity,
      unit_price: item.unit_price,
      weight_grams: item.weight_grams,
      requires_shipping: item.requires_shipping === 1,
      taxable: item.taxable === 1,
      tax_class: item.tax_class,
    })),
    discount_codes: basket.discount_codes,
    promotions: snapshot.promotions,
    destination: basket.destination,
    shipping_zones: snapshot.shipping_zones,
    shipping_option_id: basket.shipping_option_id,
    tax_rates: snapshot.tax_rates,
  }
  const pricing = price(input)
  if (Math.max(pricing.totals.subtotal, pricing.totals.total) > MAX_AMOUNT)
    throw new DomainError(totalTooLarge, `A basket comes to at most ${MAX_AMOUNT} minor units.`)
  return { pricing, view: viewOf(deps, snapshot, basket, pricing) }
}

function viewOf(deps: Deps, snapshot: Snapshot, basket: Basket, pricing: Pricing): BasketView {
  const { currency } = basket
  const money = (amount: number): Money => ({ amount, currency })
  const discount = (applied: AppliedDiscount) => ({ ...applied, amount: money(applied.amount) })
  const priced = new Map(pricing.lines.map(line => [line.id, line]))
  const { totals } = pricing
  return {
    currency,
    lines: basket.lines.map(line => {
      const item = snapshot.items.get(line.variant_id)
      const sums = priced.get(line.id)
      return {
        id: line.id,
        variant_id: line.variant_id,
        product_id: item?.product_id ?? null,
        title: item?.title ?? 'No longer sold',
        variant_title: item?.variant_title ?? '',
        sku: item?.sku ?? null,
        image_url: item?.image_url ? absoluteUrl(deps.config.PUBLIC_URL, item.image_url) : null,
        quantity: line.quantity,
        unit_price: money(item?.unit_price ?? 0),
        discounts: (sums?.discounts ?? []).map(discount),
        subtotal: money(sums?.subtotal ?? 0),
        discount: money(sums?.discount ?? 0),
        tax: money(sums?.tax ?? 0),
        total: money(sums?.total ?? 0),
        available: item !== undefined && line.quantity <= quantityLeft(item),
      }
    }),
    discount_codes: pricing.codes,
    discounts: pricing.discounts.map(discount),
    tax_lines: pricing.tax_lines.map(tax => ({ ...tax, amount: money(tax.amount) })),
    totals: {
      subtotal: money(totals.subtotal),
      discount: money(totals.discount),
      shipping: money(totals.shipping),
      tax: money(totals.tax),
      shipping_tax: money(pricing.shipping_tax),
      tax_included: totals.tax_included,
      total: money(totals.total),
    },
    messages: [
      ...basket.lines.flatMap(line => messagesOf(snapshot, line, currency)),
      ...displacedMessages(pricing),
    ],
  }
}

/** Says whether a basket holds something, and nothing that is shipped. */
export const needsNoShipping = ({ items }: Snapshot, lines: readonly { variant_id: string }[]): boolean =>
  lines.length > 0 && lines.every(line => items.get(line.variant_id)?.requires_shipping === 0)

/** How many of an item can be bought now: no bound when stock is not counted. */
export const quantityLeft = (item: ItemRow): number =>
  item.is_counted === 1 ? Math.max(0, item.free ?? 0) : Number.POSITIVE_INFINITY

function messagesOf(snapshot: Snapshot, line: BasketLine, currency: string): BasketView['messages'] {
  const item = snapshot.items.get(line.variant_id)
  if (!item) {
    const unpriced = snapshot.unpriced.get(line.variant_id)
    const what = unpriced
      ? `${unpriced.title} is no longer sold in ${currency}.`
      : 'This item is no longer sold.'
    const text = `${what} Remove it to go on.`
    return [{ type: 'error', code: 'item_unavailable', line_id: line.id, text }]
  }
  const messages: BasketView['messages'] = []
  if (item.unit_price !== line.seen_price) {
    messages.push({
      type: 'warning',
      code: 'price_changed',
      line_id: line.id,
      text: `The price of ${item.title} changed since it was put in.`,
      previous_price: { amount: line.seen_price, currency },
    })
  }
  const left = quantityLeft(item)
  if (line.quantity > left) {
    messages.push({
      type: 'error',
      code: 'stock_short',
      line_id: line.id,
      text:
        left === 0
          ? `${item.title} is sold out.`
          : `Only ${left} of ${item.title} ${left === 1 ? 'is' : 'are'} left.`,
      quantity_available: left,
    })
  }
  return messages
}

/** Tells the buyer which automatic promotions a code took the place of. */
function displacedMessages({ displaced, discounts }: Pricing): BasketView['messages'] {
  const codes = discounts.flatMap(({ code }) => (code === null ? [] : [code])).join(', ')
  return displaced.map(({ promotion_id, title }) => ({
    type: 'info',
    code: 'promotion_displaced',
    text: `“${title}” does not combine with ${codes || 'the code'}, and does not apply.`,
    promotion_id,
  }))
}
