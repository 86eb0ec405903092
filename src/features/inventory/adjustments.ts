// Adjustments: what came in, went out or was counted, with a reason, many lines in one unit.

import type { Deps } from '../../deps.ts'
import type { Actor } from '../../http/context.ts'
import { idempotencyKeyMissing } from '../../http/idempotency-errors.ts'
import { rfc3339 } from '../../lib/clock.ts'
import { DomainError, type FieldError } from '../../lib/errors.ts'
import { auditBy } from '../audit/statements.ts'
import { emitEvent } from '../events/statements.ts'
import { commitOnce, replayOf, type StoredReply, selectKey } from '../idempotency/service.ts'
import { type CreateStockAdjustment, MAX_QUANTITY, type StockAdjustment } from './admin-schemas.ts'
import {
  BOOKING_REFUSALS,
  bookMovements,
  type Level,
  refuseBelowReserved,
  refuseLines,
  resolveLevels,
  selectLevels,
} from './booking.ts'
import { DEFAULT_LOCATION } from './table.ts'

type Reason = CreateStockAdjustment['reason']
type Line = CreateStockAdjustment['lines'][number]

/** Which way a reason moves stock. */
const DIRECTION: Record<Exclude<Reason, 'counted'>, 1 | -1> = { received: 1, returned: 1, written_off: -1 }

/**
 * Books an adjustment, all lines or none, once for its Idempotency-Key. Raises `invalid_input` and `stock_below_reserved`
 * with an entry for each bad line, `changed_meanwhile`, and what idempotency raises.
 */
export function createStockAdjustment(
  deps: Deps,
  actor: Actor,
  input: CreateStockAdjustment,
): Promise<StoredReply> {
  const { db, ids, clock } = deps
  if (!actor.idempotency) throw new DomainError(idempotencyKeyMissing, 'Send an Idempotency-Key.')
  const { reason, note = null } = input
  const lines = input.lines.map(line => ({ ...line, location_id: line.location_id ?? DEFAULT_LOCATION }))
  const unclear = lines.flatMap((line, i) => quantityErrors(reason, line, i))
  return commitOnce(deps, actor, async () => {
    const [keys, rows] = await db.batch([selectKey(db, actor), selectLevels(db, lines)])
    const replay = replayOf(keys[0], actor)
    if (replay) return replay
    const levels = resolveLevels(lines, rows, unclear)
    const changes = lines.map((line, i) => changeOf(line, levels[i]))
    refuseLines(
      changes.flatMap(({ level, quantity, member }, i) => tooMany(level.on_hand + quantity, i, member)),
    )
    refuseBelowReserved(changes)

    const now = clock()
    const id = ids('adjustment')
    const booked = changes.map(change => ({ ...change, id: change.quantity === 0 ? null : ids('movement') }))
    const movements = booked.flatMap(({ id, level: { variant_id, location_id }, quantity }) =>
      id === null ? [] : [{ id, variant_id, location_id, quantity, reason }],
    )
    const body: StockAdjustment = {
      id,
      reason,
      note,
      created_at: rfc3339(now),
      lines: booked.map(({ id: movement_id, level: { variant_id, location_id, on_hand }, quantity }) => ({
        variant_id,
        location_id,
        quantity,
        on_hand: on_hand + quantity,
        movement_id,
      })),
    }
    const variant_ids = [...new Set(movements.map(({ variant_id }) => variant_id))]
    return {
      statements: [
        ...bookMovements(deps, { id, actor: actor.principal.id, note }, changes, movements, now),
        auditBy(deps, actor, 'stock.adjusted', id, { reason, movements: movements.length }, now),
        emitEvent(db, ids, 'stock.adjusted', id, { adjustment_id: id, reason, variant_ids }, now),
      ],
      reply: { status: 201, body },
      refusals: BOOKING_REFUSALS,
    }
  })
}

function quantityErrors(reason: Reason, { quantity, on_hand }: Line, i: number): FieldError[] {
  const refuse = (member: string, code: string, detail: string): FieldError[] => [
    { in: 'body', pointer: `/lines/${i}${member}`, code, detail },
  ]
  if ((quantity === undefined) === (on_hand === undefined))
    return refuse('', 'quantity_unclear', 'Say `quantity` or `on_hand`.')
  if (on_hand !== undefined)
    return reason === 'counted'
      ? []
      : refuse('/on_hand', 'reason_mismatch', 'Only a count says what there is: the reason is `counted`.')
  if (quantity === 0) return refuse('/quantity', 'zero', 'Nothing would be booked.')
  if (reason !== 'counted' && Math.sign(quantity ?? 0) !== DIRECTION[reason]) {
    const way = DIRECTION[reason] > 0 ? 'in: above zero' : 'out: below zero'
    return refuse('/quantity', 'reason_mismatch', `What is \`${reason}\` comes ${way}.`)
  }
  return []
}

const NOWHERE: Level = { variant_id: '', location_id: '', on_hand: 0, reserved: 0 }

const changeOf = ({ quantity, on_hand }: Line, level: Level = NOWHERE) => ({
  level,
  quantity: on_hand === undefined ? (quantity ?? 0) : on_hand - level.on_hand,
  member: on_hand === undefined ? 'quantity' : 'on_hand',
})

const tooMany = (after: number, i: number, member: string): FieldError[] =>
  after <= MAX_QUANTITY
    ? []
    : [
        {
          in: 'body',
          pointer: `/lines/${i}/${member}`,
          code: 'too_big',
          detail: `No more than ${MAX_QUANTITY} can lie there.`,
        },
      ]
