// The audit log: who did what to which object. Append-only by trigger; written in the same unit as the change, through
// the view `audit_entries` (migration 0006), which puts the network into a table of its own.

import { sql } from 'drizzle-orm'
import { check, index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'

export const AUDIT_OUTCOMES = ['done', 'denied'] as const

export const auditLog = sqliteTable(
  'audit_log',
  {
    /** Counts up in the order of commits: the order of the hash chain. */
    seq: integer().primaryKey({ autoIncrement: true }),
    id: text().notNull(),
    /** Principal id, or `system:<job>`. */
    actor: text().notNull(),
    /** Kind of principal at that moment: `buyer`, `staff`, `anonymous`, `system`, … */
    actor_kind: text().notNull().default('system'),
    /** The OAuth client through which it was done, if any. */
    client_id: text(),
    action: text().notNull(),
    object_id: text().notNull(),
    request_id: text(),
    outcome: text({ enum: AUDIT_OUTCOMES }).notNull().default('done'),
    /** What changed, without personal data. */
    changes: text({ mode: 'json' }).$type<Record<string, unknown>>().notNull(),
    created_at: integer().notNull(),
  },
  t => [
    // Each ends, as every index does, with `seq`.
    index('audit_log_by_time').on(t.created_at),
    index('audit_log_by_object').on(t.object_id, t.created_at),
    index('audit_log_by_actor').on(t.actor, t.created_at),
    index('audit_log_by_action').on(t.action, t.created_at),
    index('audit_log_denied').on(t.created_at).where(sql`outcome = 'denied'`),
    check('audit_outcome_known', sql`outcome IN ('done', 'denied')`),
  ],
)

/** The hash chain over the log: a row's hash covers the row and the hash before it. Append-only by trigger. */
export const auditSeals = sqliteTable(
  'audit_seals',
  {
    seq: integer().primaryKey(),
    hash: text().notNull(),
  },
  () => [check('audit_seal_is_sha256', sql`length(hash) = 64`)],
)

/** From where something was done: a keyed hash of the network. Personal, hence not sealed: erased with its actor, or by age. */
export const auditNetworks = sqliteTable(
  'audit_networks',
  {
    audit_id: text().primaryKey(),
    actor: text().notNull(),
    network: text().notNull(),
    created_at: integer().notNull(),
  },
  t => [index('audit_networks_by_actor').on(t.actor), index('audit_networks_age').on(t.created_at)],
)
