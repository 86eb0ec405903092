// Transfers: stock goes from one location to another, a pair of movements a line, all of them in one unit.

import type { Deps } from '../../deps.ts'
import type { Actor } from '../../http/context.ts'
import { idempotencyKeyMissing } from '../../http/idempotency-errors.ts'
import { rfc3339 } from '../../lib/clock.ts'
import { DomainError, type FieldError } from '../../lib/errors.ts'
import { auditBy } from '../audit/statements.ts'
import { emitEvent } from '../events/statements.ts'
import { commitOnce, replayOf, type StoredReply, selectKey } from '../idempotency/service.ts'
import type { CreateStockTransfer, StockTransfer } from './admin-schemas.ts'
import {
  BOOKING_REFUSALS,
  bookMovements,
  type Change,
  type Level,
  refuseBelowReserved,
  refuseLines,
  resolveLevels,
  selectLevels,
} from './booking.ts'

/**
 * Books a transfer, all lines or none, once for its Idempotency-Key. What is reserved stays where it is. Raises
 * `invalid_input` and `stock_below_reserved` with an entry for each bad line, `changed_meanwhile`, and what idempotency
 * raises.
 */
export function createStockTransfer(
  deps: Deps,
  actor: Actor,
  input: CreateStockTransfer,
): Promise<StoredReply> {
  const { db, ids, clock } = deps
  if (!actor.idempotency) throw new DomainError(idempotencyKeyMissing, 'Send an Idempotency-Key.')
  const { from_location_id, to_location_id, note = null } = input
  const named = (location_id: string) => input.lines.map(line => ({ ...line, location_id }))
  return commitOnce(deps, actor, async () => {
    const [keys, here, there] = await db.batch([
      selectKey(db, actor),
      selectLevels(db, named(from_location_id)),
      selectLevels(db, named(to_location_id)),
    ])
    const replay = replayOf(keys[0], actor)
    if (replay) return replay
    refuseLines(locationErrors(input, here[0]?.location_id, there[0]?.location_id))
    const sources = resolveLevels(named(from_location_id), here)
    const targets = resolveLevels(named(to_location_id), there)
    const pairs = input.lines.map(({ quantity }, i) => ({
      quantity,
      from: sources[i] as Level,
      to: targets[i] as Level,
    }))
    refuseBelowReserved(
      pairs.map(({ from, quantity }) => ({ level: from, quantity: -quantity, member: 'quantity' })),
    )

    const now = clock()
    const id = ids('transfer')
    const changes = pairs.flatMap(
      ({ from, to, quantity }): (Change & { reason: 'transfer_out' | 'transfer_in' })[] => [
        { level: from, quantity: -quantity, reason: 'transfer_out' },
        { level: to, quantity, reason: 'transfer_in' },
      ],
    )
    const movements = changes.map(({ level: { variant_id, location_id }, quantity, reason }) => ({
      id: ids('movement'),
      variant_id,
      location_id,
      quantity,
      reason,
    }))
    const body: StockTransfer = {
      id,
      from_location_id,
      to_location_id,
      note,
      created_at: rfc3339(now),
      lines: pairs.map(({ from, quantity }) => ({ variant_id: from.variant_id, quantity })),
    }
    const facts = { transfer_id: id, from_location_id, to_location_id }
    const variant_ids = pairs.map(({ from }) => from.variant_id)
    return {
      statements: [
        ...bookMovements(deps, { id, actor: actor.principal.id, note }, changes, movements, now),
        auditBy(deps, actor, 'stock.transferred', id, { ...facts, lines: pairs.length }, now),
        emitEvent(db, ids, 'stock.transferred', id, { ...facts, variant_ids }, now),
      ],
      reply: { status: 201, body },
      refusals: BOOKING_REFUSALS,
    }
  })
}

/** What is wrong with the two locations; `from` and `to` are what was found of them. */
function locationErrors(
  { from_location_id, to_location_id }: CreateStockTransfer,
  from: string | null | undefined,
  to: string | null | undefined,
): FieldError[] {
  const errors: FieldError[] = []
  const refuse = (pointer: string, code: string, detail: string) =>
    errors.push({ in: 'body', pointer, code, detail })
  if (!from) refuse('/from_location_id', 'location_unknown', 'There is no such location.')
  if (!to) refuse('/to_location_id', 'location_unknown', 'There is no such location.')
  if (from_location_id === to_location_id)
    refuse('/to_location_id', 'same_location', 'This is where the stock already lies.')
  return errors
}
