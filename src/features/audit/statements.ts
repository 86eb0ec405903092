// Audit rows as statements: written in the same unit as the change.

import type { Db } from '../../db/client.ts'
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
