// The rules for the lines of a stored basket: one line an item, bounded, and only of what is on sale.

import { DomainError } from '../../lib/errors.ts'
import type { IdGenerator } from '../../lib/ids.ts'
import type { BasketLine } from '../carts/table.ts'
import { priceMissingInCurrency, quantityTooLarge, tooManyLines, variantUnknown } from './errors.ts'
import { type LineInput, MAX_LINES, MAX_QUANTITY } from './schemas.ts'
import type { Snapshot } from './service.ts'

/**
 * Puts items into a basket: a variant that is in it already gets more of it and keeps its line's id.
 * Raises `variant_unknown`, `price_missing_in_currency`, `quantity_too_large`, `too_many_lines`; pointers start at `at`.
 */
export function addLines(
  ids: IdGenerator,
  snapshot: Snapshot,
  lines: BasketLine[],
  added: LineInput[],
  at: string,
): BasketLine[] {
  const byVariant = new Map(lines.map(line => [line.variant_id, line]))
  added.forEach((input, index) => {
    const pointer = at.replace('*', String(index))
    const item = snapshot.items.get(input.variant_id)
    const unpriced = snapshot.unpriced.get(input.variant_id)
    if (unpriced)
      throw refusal(
        priceMissingInCurrency,
        `${pointer}/variant_id`,
        `"${unpriced.title}" has no price in the basket’s currency.`,
      )
    if (!item)
      throw refusal(
        variantUnknown,
        `${pointer}/variant_id`,
        `There is no variant "${input.variant_id}" on sale.`,
      )
    const before = byVariant.get(input.variant_id)
    const quantity = (before?.quantity ?? 0) + input.quantity
    if (quantity > MAX_QUANTITY)
      throw refusal(quantityTooLarge, `${pointer}/quantity`, `A line holds at most ${MAX_QUANTITY}.`)
    byVariant.set(input.variant_id, {
      id: before?.id ?? ids('line'),
      variant_id: input.variant_id,
      quantity,
      seen_price: item.unit_price,
    })
  })
  if (byVariant.size > MAX_LINES)
    throw new DomainError(tooManyLines, `A basket holds at most ${MAX_LINES} different items.`)
  return [...byVariant.values()]
}

const refusal = (kind: typeof variantUnknown, pointer: string, detail: string): DomainError =>
  new DomainError(kind, detail, { errors: [{ in: 'body', pointer, code: kind.code, detail }] })

/** Discount codes as they are stored and compared: upper case, each once, in the order given. */
export const normaliseCodes = (codes: string[]): string[] => [
  ...new Set(codes.map(code => code.trim().toUpperCase())),
]
