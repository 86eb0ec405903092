// Audit rows as statements: written in the same unit as the change.

import type { Db } from '../../db/client.ts'
import type { Deps } from '../../deps.ts'
import type { Actor } from '../../http/context.ts'
import type { IdGenerator } from '../../lib/ids.ts'
import { auditLog } from './table.ts'

export interface AuditEntry {
  /** Principal id, or `system:<job>`. */
  actor: string
  action: string
  object_id: string
  request_id: string | null
  /** What changed, without personal data. */
  changes: Record<string, unknown>
}

/** Records who did what to which object. */
export const audit = (db: Db, ids: IdGenerator, entry: AuditEntry, now: number) =>
  db.insert(auditLog).values({ id: ids('audit'), ...entry, created_at: now })

/** Records what a caller did, from a request of theirs. `changes` names members and values, never personal data. */
export const auditBy = (
  { db, ids }: Pick<Deps, 'db' | 'ids'>,
  { principal, request_id }: Actor,
  action: string,
  object_id: string,
  changes: Record<string, unknown>,
  now: number,
) => audit(db, ids, { actor: principal.id, action, object_id, request_id, changes }, now)

/** What an update changes: each member that differs, as `[before, after]`. For members that hold nothing personal. */
export function changesOf<T extends object>(before: T, after: Partial<T>): Record<string, unknown> {
  const changes: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(after)) {
    const old = before[name as keyof T]
    if (JSON.stringify(old) !== JSON.stringify(value)) changes[name] = [old, value]
  }
  return changes
}
