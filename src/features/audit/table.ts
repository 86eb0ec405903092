// The audit log: who did what to which object. Append-only by trigger; written in the same unit as the change.

import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'

export const auditLog = sqliteTable(
  'audit_log',
  {
    id: text().primaryKey(),
    actor: text().notNull(),
    action: text().notNull(),
    object_id: text().notNull(),
    request_id: text(),
    /** What changed, without personal data. */
    changes: text({ mode: 'json' }).$type<Record<string, unknown>>().notNull(),
    created_at: integer().notNull(),
  },
  t => [index('audit_log_by_object').on(t.object_id, t.id)],
)
