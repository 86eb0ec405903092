// Events as statements: they commit with the change that they tell of, or not at all (INV-OUTBOX).

import type { Db } from '../../db/client.ts'
import type { IdGenerator } from '../../lib/ids.ts'
import { outboxEvents } from './table.ts'

/** What can happen. Names are `object.past_participle` and never change their meaning. */
export type EventType =
  | 'order.placed'
  | 'payment.captured'
  | 'payment.refunded_late'
  | 'user.registered'
  | 'user.erased'
  | 'user.email_changed'
  | 'location.created'
  | 'location.updated'
  | 'location.deleted'
  | 'stock.adjusted'
  | 'stock.transferred'

/** Writes an event that is due at once. `data` holds ids and states, never personal data. */
export const emitEvent = (
  db: Db,
  ids: IdGenerator,
  type: EventType,
  objectId: string,
  data: Record<string, unknown>,
  now: number,
) =>
  db
    .insert(outboxEvents)
    .values({ id: ids('event'), type, object_id: objectId, data, created_at: now, due_at: now })
