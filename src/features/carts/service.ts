// Carts: read, price, write. Every change reads the cart with its pricing snapshot (one call), computes the new cart
// and its prices, and writes it over the version that was read (a second call), so that what is answered is exactly
// what was stored. A change that lost a race is simply done again.

import { sql } from 'drizzle-orm'
import type { Deps } from '../../deps.ts'
import type { Actor } from '../../http/context.ts'
import { notFound } from '../../http/errors.ts'
import { rfc3339 } from '../../lib/clock.ts'
import { DomainError } from '../../lib/errors.ts'
import { commitOnce, replayOf, type StoredReply, selectKey } from '../idempotency/service.ts'
import { addLines, normaliseCodes } from '../pricing/lines.ts'
import type { LineInput } from '../pricing/schemas.ts'
import {
  type BasketSource,
  buyerOf,
  needsNoShipping,
  priceBasket,
  type Snapshot,
  snapshotOf,
  snapshotStatements,
} from '../pricing/service.ts'
import { refuseCountry, refuseCurrency } from '../shop/policy.ts'
import { type CartRow, cartSource, insertCart, selectCart, updateCart } from './repository.ts'
import type { Cart, CreateCart } from './schemas.ts'
import type { BasketLine } from './table.ts'

const LIFETIME_MS = 30 * 24 * 60 * 60 * 1000

/**
 * Creates a cart. Raises `currency_not_offered`, `country_not_offered`, what `addLines` raises, and what idempotency
 * raises.
 */
export function createCart(deps: Deps, actor: Actor, input: CreateCart): Promise<StoredReply> {
  const { db, clock, ids } = deps
  const codes = normaliseCodes(input.discount_codes ?? [])
  return commitOnce(deps, actor, async () => {
    const now = clock()
    const [keys, ...results] = await db.batch([
      selectKey(db, actor),
      ...snapshotStatements(db, {
        lines: sql`${JSON.stringify(input.lines)}`,
        currency: input.currency ? sql`${input.currency}` : sql`(SELECT default_currency FROM shop_settings)`,
        codes: sql`${JSON.stringify(codes)}`,
        countries: input.country
          ? sql`${JSON.stringify([input.country])}`
          : sql`(SELECT json_array(home_country) FROM shop_settings)`,
        customerKey: sql`NULL`,
        ...buyerOf(actor),
      }),
    ])
    const replay = replayOf(keys[0], actor)
    if (replay) return replay
    const snapshot = snapshotOf(results)
    refuseCurrency(snapshot.settings.currencies, input.currency, 'body')
    refuseCountry(snapshot.shipping_zones, input.country, needsNoShipping(snapshot, input.lines))

    const row: CartRow = {
      id: ids('cart'),
      currency: input.currency ?? snapshot.settings.default_currency,
      country: input.country ?? snapshot.settings.home_country,
      lines: addLines(ids, snapshot, [], input.lines, '/lines/*'),
      discount_codes: codes,
      version: 1,
      created_at: now,
      updated_at: now,
      expires_at: now + LIFETIME_MS,
    }
    return {
      statements: [insertCart(db, row)],
      reply: { status: 201, body: cartOf(deps, row, snapshot) },
    }
  })
}

/** Reads a cart, priced as of now for whoever reads it. Raises `not_found`. */
export async function getCart(deps: Deps, actor: Actor, id: string): Promise<Cart> {
  const { db, clock } = deps
  const [rows, ...results] = await db.batch([
    selectCart(db, id, clock()),
    ...snapshotStatements(db, { ...cartSource(id), ...buyerOf(actor) }),
  ])
  return cartOf(deps, existing(rows[0]), snapshotOf(results))
}

/** Adds an item, or more of one. Raises `not_found`, and what `addLines` raises. */
export const addCartLine = (deps: Deps, actor: Actor, id: string, input: LineInput): Promise<StoredReply> =>
  changeCart(deps, actor, id, cartSource(id, { added: [input.variant_id] }), (row, snapshot) => ({
    lines: addLines(deps.ids, snapshot, row.lines, [input], ''),
  }))

/** Sets the quantity of a line. Raises `not_found`. */
export const updateCartLine = (
  deps: Deps,
  actor: Actor,
  id: string,
  lineId: string,
  quantity: number,
): Promise<StoredReply> =>
  changeCart(deps, actor, id, cartSource(id), (row, snapshot) => {
    const line = lineOf(row, lineId)
    const seen_price = snapshot.items.get(line.variant_id)?.unit_price ?? line.seen_price
    return { lines: row.lines.map(other => (other === line ? { ...line, quantity, seen_price } : other)) }
  })

/** Takes a line out. Raises `not_found`. */
export const removeCartLine = (deps: Deps, actor: Actor, id: string, lineId: string): Promise<StoredReply> =>
  changeCart(deps, actor, id, cartSource(id), row => {
    const line = lineOf(row, lineId)
    return { lines: row.lines.filter(other => other !== line) }
  })

/** Replaces the discount codes. Codes that do not apply are kept and say why. Raises `not_found`. */
export function putCartDiscountCodes(
  deps: Deps,
  actor: Actor,
  id: string,
  input: string[],
): Promise<StoredReply> {
  const codes = normaliseCodes(input)
  return changeCart(deps, actor, id, cartSource(id, { codes }), () => ({ discount_codes: codes }))
}

function changeCart(
  deps: Deps,
  actor: Actor,
  id: string,
  source: BasketSource,
  change: (row: CartRow, snapshot: Snapshot) => Partial<CartRow>,
): Promise<StoredReply> {
  const { db, clock } = deps
  return commitOnce(deps, actor, async () => {
    const now = clock()
    const [keys, rows, ...results] = await db.batch([
      selectKey(db, actor),
      selectCart(db, id, now),
      ...snapshotStatements(db, { ...source, ...buyerOf(actor) }),
    ])
    const replay = replayOf(keys[0], actor)
    if (replay) return replay
    const before = existing(rows[0])
    const snapshot = snapshotOf(results)
    const row: CartRow = {
      ...before,
      ...change(before, snapshot),
      updated_at: now,
      expires_at: now + LIFETIME_MS,
    }
    return { statements: updateCart(db, row), reply: { status: 200, body: cartOf(deps, row, snapshot) } }
  })
}

function existing(row: CartRow | undefined): CartRow {
  if (!row) throw new DomainError(notFound, 'There is no such cart.')
  return row
}

function lineOf(row: CartRow, lineId: string): BasketLine {
  const line = row.lines.find(candidate => candidate.id === lineId)
  if (!line) throw new DomainError(notFound, 'There is no such line in the cart.')
  return line
}

function cartOf(deps: Deps, row: CartRow, snapshot: Snapshot): Cart {
  const { view } = priceBasket(deps, snapshot, {
    ...row,
    destination: { country: row.country },
    // A cart shows what the items cost; shipping is chosen, and shown, at checkout.
    shipping_option_id: null,
  })
  return {
    id: row.id,
    country: row.country,
    ...view,
    created_at: rfc3339(row.created_at),
    updated_at: rfc3339(row.updated_at),
    expires_at: rfc3339(row.expires_at),
  }
}
