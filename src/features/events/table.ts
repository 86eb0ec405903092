// The outbox (INV-OUTBOX): an event is a row written in the same unit as the change that it tells of.

import { sql } from 'drizzle-orm'
import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'

export const outboxEvents = sqliteTable(
  'outbox_events',
  {
    id: text().primaryKey(),
    type: text().notNull(),
    object_id: text().notNull(),
    /** Thin: ids and states, no personal data. */
    data: text({ mode: 'json' }).$type<Record<string, unknown>>().notNull(),
    created_at: integer().notNull(),
    /** When it is to be handed out next; null once every consumer has it. */
    due_at: integer(),
  },
  t => [
    index('outbox_events_due').on(t.due_at).where(sql`due_at IS NOT NULL`),
    index('outbox_events_by_object').on(t.object_id),
  ],
)
