// Audit entries as statements: written in the same unit as the change.

import { sql } from 'drizzle-orm'
import type { Db, Statement } from '../../db/client.ts'
import type { Deps } from '../../deps.ts'
import { type Actor, personOf } from '../../http/context.ts'
import type { IdGenerator } from '../../lib/ids.ts'

export interface AuditEntry {
  /** Principal id, or `system:<job>`. */
  actor: string
  /** Kind of principal; told by `actor` when left out. */
  actor_kind?: string
  /** The app that acted for the actor. */
  client_id?: string | null
  action: string
  object_id: string
  request_id: string | null
  /** What changed, without personal data. */
  changes: Record<string, unknown>
  /** Keyed hash of the network that it came from. Kept beside the entry, so that it can be erased. */
  network?: string | null
}

/** Records who did what to which object. */
export const audit = (db: Db, ids: IdGenerator, entry: AuditEntry, now: number): Statement =>
  db.run(sql`
    INSERT INTO audit_entries (id, actor, actor_kind, client_id, action, object_id, request_id, outcome, changes, created_at, network)
    VALUES (${ids('audit')}, ${entry.actor}, ${entry.actor_kind ?? kindOf(entry.actor)}, ${entry.client_id ?? null},
      ${entry.action}, ${entry.object_id}, ${entry.request_id}, 'done', ${JSON.stringify(entry.changes)}, ${now}, ${entry.network ?? null})`)

/** Records what a caller did, from a request of theirs. `changes` names members and values, never personal data. */
export const auditBy = (
  { db, ids }: Pick<Deps, 'db' | 'ids'>,
  { principal, request_id, network_key }: Actor,
  action: string,
  object_id: string,
  changes: Record<string, unknown>,
  now: number,
): Statement =>
  audit(
    db,
    ids,
    {
      actor: principal.id,
      actor_kind: principal.kind,
      client_id: personOf(principal)?.app?.client_id ?? null,
      action,
      object_id,
      request_id,
      changes,
      network: network_key,
    },
    now,
  )

/** What an update changes: each member that differs, as `[before, after]`. For members that hold nothing personal. */
export function changesOf<T extends object>(before: T, after: Partial<T>): Record<string, unknown> {
  const changes: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(after)) {
    const old = before[name as keyof T]
    if (JSON.stringify(old) !== JSON.stringify(value)) changes[name] = [old, value]
  }
  return changes
}

const kindOf = (actor: string): string => {
  if (actor.startsWith('system:')) return 'system'
  return actor === 'anonymous' ? 'anonymous' : 'buyer'
}
