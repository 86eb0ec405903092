// Events as statements: they commit with the change that they tell of, or not at all (INV-OUTBOX).

import { sql } from 'drizzle-orm'
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
  | 'product.created'
  | 'product.updated'
  | 'product.deleted'
  | 'collection.created'
  | 'collection.updated'
  | 'collection.deleted'

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

/** Writes an event for each of many objects, in one statement; `data` as above, by object id. */
export const emitEvents = (
  db: Db,
  ids: IdGenerator,
  type: EventType,
  objects: readonly { id: string; data: Record<string, unknown> }[],
  now: number,
) => {
  const rows = objects.map(({ id, data }) => ({ id: ids('event'), object_id: id, data }))
  return db.run(sql`
    INSERT INTO outbox_events (id, type, object_id, data, created_at, due_at)
    SELECT value ->> 'id', ${type}, value ->> 'object_id', value -> 'data', ${now}, ${now}
    FROM json_each(${JSON.stringify(rows)})`)
}
