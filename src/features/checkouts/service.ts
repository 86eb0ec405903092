// Checkouts up to the moment of payment: create, read, change, cancel. (complete.ts pays.)

import { sql } from 'drizzle-orm'
import type { Deps } from '../../deps.ts'
import { type Actor, personOf } from '../../http/context.ts'
import { invalidInput, notFound } from '../../http/errors.ts'
import { type Address, addressProblems } from '../../lib/address.ts'
import { DomainError, type FieldError } from '../../lib/errors.ts'
import { hmacSha256 } from '../../lib/hash.ts'
import { selectStoredCart } from '../carts/statements.ts'
import { commitOnce, replayOf, type StoredReply, selectKey } from '../idempotency/service.ts'
import { addLines, normaliseCodes } from '../pricing/lines.ts'
import {
  type BasketSource,
  buyerOf,
  needsNoShipping,
  snapshotOf,
  snapshotStatements,
} from '../pricing/service.ts'
import { refuseCountry, refuseCurrency } from '../shop/policy.ts'
import { addressInvalid, checkoutClosed, checkoutCompleting } from './errors.ts'
import {
  type CheckoutRow,
  checkoutSource,
  insertCheckout,
  noteShownTotal,
  selectCheckout,
  updateCheckout,
} from './repository.ts'
import type { Checkout, CreateCheckout, UpdateCheckout } from './schemas.ts'
import { frozenCheckout, priceCheckout } from './view.ts'

const LIFETIME_MS = 24 * 60 * 60 * 1000
const COMPLETING_RETRY_SECONDS = 2

/**
 * Creates a checkout from a cart, or from lines. Raises `not_found` (the cart), `invalid_input`, `address_invalid`,
 * `currency_not_offered`, `country_not_offered`, what `addLines` raises and what idempotency raises.
 */
export async function createCheckout(deps: Deps, actor: Actor, input: CreateCheckout): Promise<StoredReply> {
  const { db, clock, ids } = deps
  refuseShape(input)
  refuseAddresses(input)
  const cartId = input.cart_id ?? null
  const codes = input.discount_codes && normaliseCodes(input.discount_codes)
  const customerKey = await customerKeyOf(deps, input.email)
  return commitOnce(deps, actor, async () => {
    const now = clock()
    const [keys, carts, ...results] = await db.batch([
      selectKey(db, actor),
      selectStoredCart(db, cartId ?? '', now),
      ...snapshotStatements(db, { ...sourceOf(input, codes, customerKey), ...buyerOf(actor) }),
    ])
    const replay = replayOf(keys[0], actor)
    if (replay) return replay
    const cart = carts[0]
    if (cartId !== null && !cart) throw new DomainError(notFound, 'There is no such cart.')
    const snapshot = snapshotOf(results)
    refuseCurrency(snapshot.settings.currencies, input.currency, 'body')
    refuseCountry(snapshot.shipping_zones, input.country, needsNoShipping(snapshot, input.lines ?? []))

    const row: CheckoutRow = {
      id: ids('checkout'),
      cart_id: cartId,
      user_id: userIdOf(actor),
      status: 'open',
      currency: cart?.currency ?? input.currency ?? snapshot.settings.default_currency,
      country: cart?.country ?? input.country ?? snapshot.settings.home_country,
      lines: cart?.lines ?? addLines(ids, snapshot, [], input.lines ?? [], '/lines/*'),
      discount_codes: codes ?? cart?.discount_codes ?? [],
      email: input.email ?? null,
      customer_key: customerKey,
      phone: input.phone ?? null,
      shipping_address: input.shipping_address ?? null,
      billing_address: input.billing_address ?? null,
      shipping_option_id: input.shipping_option_id ?? null,
      note: input.note ?? null,
      payment_id: null,
      shown_total: null,
      order_id: null,
      frozen_view: null,
      version: 1,
      created_at: now,
      updated_at: now,
      expires_at: now + LIFETIME_MS,
    }
    const { checkout } = priceCheckout(deps, row, snapshot)
    return { statements: [insertCheckout(db, shown(row, checkout))], reply: { status: 201, body: checkout } }
  })
}

/**
 * Reads a checkout: priced as of now, or once payment began as it was then. A total that is not the one shown before is
 * noted, since it is now what the buyer knows; that alone costs a second database call. Raises `not_found`.
 */
export async function getCheckout(deps: Deps, actor: Actor, id: string): Promise<Checkout> {
  const { db } = deps
  const [rows, ...results] = await db.batch([
    selectCheckout(db, id),
    ...snapshotStatements(db, { ...checkoutSource(id), ...buyerOf(actor) }),
  ])
  const row = existing(rows[0])
  if (row.frozen_view) return frozenCheckout(deps, row, row.frozen_view)
  const { checkout } = priceCheckout(deps, row, snapshotOf(results))
  const { amount } = checkout.totals.total
  if (row.status === 'open' && amount !== row.shown_total) await noteShownTotal(db, row, amount)
  return checkout
}

/** The row, with the total that its view shows. */
const shown = (row: CheckoutRow, { totals }: Checkout): CheckoutRow => ({
  ...row,
  shown_total: totals.total.amount,
})

/** Changes contact, addresses, shipping, codes or note. Raises `not_found`, `checkout_closed`, `address_invalid`. */
export async function updateCheckoutDetails(
  deps: Deps,
  actor: Actor,
  id: string,
  input: UpdateCheckout,
): Promise<StoredReply> {
  refuseAddresses(input)
  const codes = input.discount_codes && normaliseCodes(input.discount_codes)
  const customer_key = input.email === undefined ? undefined : await customerKeyOf(deps, input.email)
  const countries = [input.shipping_address, input.billing_address].flatMap(address =>
    address ? [address.country] : [],
  )
  const source = checkoutSource(id, { discount_codes: codes, customer_key, countries })
  return changeCheckout(deps, actor, id, source, (row, now) => ({
    ...openOne(row, now),
    ...input,
    user_id: userIdOf(actor) ?? row.user_id,
    discount_codes: codes ?? row.discount_codes,
    customer_key: customer_key === undefined ? row.customer_key : customer_key,
  }))
}

/** Cancels a checkout; cancelling it again changes nothing. Raises `not_found`, `checkout_closed`, `checkout_completing`. */
export const cancelCheckout = (deps: Deps, actor: Actor, id: string): Promise<StoredReply> =>
  changeCheckout(deps, actor, id, checkoutSource(id), (row, now) =>
    row.status === 'cancelled' ? row : { ...openOne(row, now), status: 'cancelled' },
  )

function changeCheckout(
  deps: Deps,
  actor: Actor,
  id: string,
  source: BasketSource,
  /** Returns the row as it is to be; the same row when there is nothing to change. */
  change: (row: CheckoutRow, now: number) => CheckoutRow,
): Promise<StoredReply> {
  const { db, clock } = deps
  return commitOnce(deps, actor, async () => {
    const now = clock()
    const [keys, rows, ...results] = await db.batch([
      selectKey(db, actor),
      selectCheckout(db, id),
      ...snapshotStatements(db, { ...source, ...buyerOf(actor) }),
    ])
    const replay = replayOf(keys[0], actor)
    if (replay) return replay
    const before = existing(rows[0])
    const changed = change(before, now)
    const row = changed === before ? before : { ...changed, updated_at: now }
    const { checkout } = priceCheckout(deps, row, snapshotOf(results))
    const reply = { status: 200, body: checkout }
    return row === before
      ? { ...reply, replayed: false }
      : { statements: updateCheckout(db, shown(row, checkout)), reply }
  })
}

/** The row, if it is open. Raises `checkout_completing`, `checkout_closed`. */
export function openOne(row: CheckoutRow, now: number): CheckoutRow {
  if (row.status === 'completing') {
    throw new DomainError(checkoutCompleting, 'A payment for this checkout is under way.', {
      retryAfterSeconds: COMPLETING_RETRY_SECONDS,
    })
  }
  const status = row.status === 'open' && row.expires_at <= now ? 'expired' : row.status
  if (status !== 'open') {
    throw new DomainError(checkoutClosed, `The checkout is ${status}.`, {
      members: { checkout_status: status },
    })
  }
  return row
}

/** The account that the caller is logged in to, if any. */
export const userIdOf = ({ principal }: Actor): string | null => personOf(principal)?.id ?? null

/** The row, or `not_found`. */
export function existing(row: CheckoutRow | undefined): CheckoutRow {
  if (!row) throw new DomainError(notFound, 'There is no such checkout.')
  return row
}

function sourceOf(
  input: CreateCheckout,
  codes: string[] | undefined,
  customerKey: string | null,
): BasketSource {
  const ofCart = (column: string) =>
    sql`(SELECT ${sql.identifier(column)} FROM carts WHERE id = ${input.cart_id ?? ''})`
  const ofShop = (column: string) => sql`(SELECT ${sql.identifier(column)} FROM shop_settings)`
  const known = [input.country, input.shipping_address?.country, input.billing_address?.country]
  return {
    lines: input.cart_id ? ofCart('lines') : sql`${JSON.stringify(input.lines ?? [])}`,
    currency: sql`coalesce(${ofCart('currency')}, ${input.currency ?? null}, ${ofShop('default_currency')})`,
    codes: codes ? sql`${JSON.stringify(codes)}` : sql`coalesce(${ofCart('discount_codes')}, '[]')`,
    countries: sql`(SELECT json_group_array(value) FROM (
      SELECT value FROM json_each(${JSON.stringify(known.filter(country => country !== undefined))})
      UNION ALL SELECT coalesce(${ofCart('country')}, ${ofShop('home_country')})))`,
    customerKey: sql`${customerKey}`,
  }
}

function refuseShape(input: CreateCheckout): void {
  const errors: FieldError[] = []
  if ((input.cart_id === undefined) === (input.lines === undefined)) {
    errors.push({ in: 'body', pointer: '/cart_id', code: 'one_of', detail: 'Give either cart_id or lines.' })
  }
  for (const name of ['currency', 'country'] as const) {
    if (input.cart_id !== undefined && input[name] !== undefined) {
      errors.push({
        in: 'body',
        pointer: `/${name}`,
        code: 'not_with_cart',
        detail: 'It comes from the cart.',
      })
    }
  }
  if (errors.length > 0)
    throw new DomainError(invalidInput, 'A checkout starts from a cart or from lines.', { errors })
}

function refuseAddresses(input: {
  shipping_address?: Address | null
  billing_address?: Address | null
}): void {
  const errors = (['shipping_address', 'billing_address'] as const).flatMap(name =>
    (input[name] ? addressProblems(input[name]) : []).map(
      ({ member, code, detail }): FieldError => ({ in: 'body', pointer: `/${name}/${member}`, code, detail }),
    ),
  )
  if (errors.length > 0) throw new DomainError(addressInvalid, errors[0]?.detail ?? '', { errors })
}

/** Under which the uses of promotions by a buyer are counted: a keyed hash of the email. */
export async function customerKeyOf(deps: Deps, email: string | null | undefined): Promise<string | null> {
  return email ? hmacSha256(deps.config.TOKEN_SECRET, `customer:${email.toLowerCase()}`) : null
}
