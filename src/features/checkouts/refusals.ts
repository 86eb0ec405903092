// What stands in the way of paying. After any of these nothing was charged, and nothing is held.

import type { Deps } from '../../deps.ts'
import { DomainError } from '../../lib/errors.ts'
import { changedMeanwhile } from '../pricing/errors.ts'
import { quantityLeft, type Snapshot, snapshotOf, snapshotStatements } from '../pricing/service.ts'
import { checkoutNotReady, discountUsedUp, stockInsufficient, totalChanged } from './errors.ts'
import { type CheckoutRow, checkoutSource } from './repository.ts'
import type { CompleteCheckout } from './schemas.ts'
import type { PricedCheckout } from './view.ts'

/** Raises `stock_insufficient` when nothing but stock is missing, else `checkout_not_ready`. */
export function refuseUnready(row: CheckoutRow, { checkout }: PricedCheckout, { items }: Snapshot): void {
  const { missing } = checkout
  if (missing.length === 0) return
  if (missing.every(({ code }) => code === 'stock_short')) throw shortage(shortLines(row, items))
  throw new DomainError(checkoutNotReady, 'Something is still missing.', { members: { missing } })
}

/**
 * Raises `total_changed` unless the total is the one that the buyer agreed to: `expected_total` exactly, or without that
 * at most the total that the checkout showed last.
 */
export function refuseOtherTotal(
  { shown_total }: CheckoutRow,
  { checkout }: PricedCheckout,
  { expected_total }: CompleteCheckout,
): void {
  const { total } = checkout.totals
  const isAgreed = expected_total
    ? expected_total.amount === total.amount && expected_total.currency === total.currency
    : shown_total === null || total.amount <= shown_total
  if (isAgreed) return
  const detail = expected_total
    ? 'The total is no longer the one you expected. Nothing was charged.'
    : 'The total is higher than the one last shown. Nothing was charged.'
  throw new DomainError(totalChanged, detail, { members: { total } })
}

/** `changed_meanwhile`: what was read is no longer so. */
export const changed = (): DomainError =>
  new DomainError(changedMeanwhile, 'The checkout or the stock was changed at the same time.')

/** `discount_used_up`: somebody else took the last use. */
export const usedUp = (): DomainError =>
  new DomainError(discountUsedUp, 'A discount was used up in the meantime. Nothing was charged.')

/** `stock_insufficient` with what is left, read after the store refused; `changed_meanwhile` if it is there again. */
export async function stockProblem({ db }: Deps, row: CheckoutRow): Promise<DomainError> {
  const { items } = snapshotOf(await db.batch([...snapshotStatements(db, checkoutSource(row.id))]))
  const short = shortLines(row, items)
  return short.length > 0 ? shortage(short) : changed()
}

interface ShortLine {
  line_id: string
  variant_id: string
  quantity: number
  quantity_available: number
}

const shortLines = ({ lines }: CheckoutRow, items: Snapshot['items']): ShortLine[] =>
  lines.flatMap(({ id, variant_id, quantity }) => {
    const item = items.get(variant_id)
    const left = item ? quantityLeft(item) : 0
    return quantity > left ? [{ line_id: id, variant_id, quantity, quantity_available: left }] : []
  })

const shortage = (items: ShortLine[]): DomainError =>
  new DomainError(stockInsufficient, 'Some items are short in stock. Nothing was charged.', {
    members: { items },
  })
