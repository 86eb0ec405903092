// Reading the audit log.

import { type SQL, sql } from 'drizzle-orm'
import type { Deps } from '../../deps.ts'
import { decodeCursor, encodeCursor } from '../../http/pagination.ts'
import { DEFAULT_LIMIT } from '../../http/schemas.ts'
import { rfc3339 } from '../../lib/clock.ts'
import type { AuditEntry, AuditQuery } from './schemas.ts'

const SORT = 'audit'

interface Row {
  seq: number
  id: string
  actor: string
  actor_kind: string
  client_id: string | null
  action: string
  object_id: string
  request_id: string | null
  outcome: AuditEntry['outcome']
  changes: string
  created_at: number
  network: string | null
  hash: string | null
}

/** Lists entries, newest first. Raises `invalid_cursor`. */
export async function listAuditEntries(
  { db }: Deps,
  query: AuditQuery,
): Promise<{ data: AuditEntry[]; next_cursor: string | null }> {
  const { limit = DEFAULT_LIMIT } = query
  const after = decodeCursor(query.cursor, SORT, ['number', 'number'])
  const conditions: SQL[] = [sql`true`]
  if (query.actor !== undefined) conditions.push(sql`a.actor = ${query.actor}`)
  if (query.action !== undefined) conditions.push(sql`a.action = ${query.action}`)
  if (query.object_id !== undefined) conditions.push(sql`a.object_id = ${query.object_id}`)
  // Literals: a partial index serves only what it can see.
  if (query.outcome === 'denied') conditions.push(sql`a.outcome = 'denied'`)
  if (query.outcome === 'done') conditions.push(sql`a.outcome = 'done'`)
  if (query.from !== undefined) conditions.push(sql`a.created_at >= ${query.from}`)
  if (query.to !== undefined) conditions.push(sql`a.created_at < ${query.to}`)
  if (after) conditions.push(sql`(a.created_at, a.seq) < (${after[0]}, ${after[1]})`)
  const [rows] = await db.batch([
    db.all<Row>(sql`
      SELECT a.seq, a.id, a.actor, a.actor_kind, a.client_id, a.action, a.object_id, a.request_id, a.outcome, a.changes,
        a.created_at, n.network, s.hash
      FROM audit_log a LEFT JOIN audit_networks n ON n.audit_id = a.id LEFT JOIN audit_seals s ON s.seq = a.seq
      WHERE ${sql.join(conditions, sql` AND `)}
      ORDER BY a.created_at DESC, a.seq DESC LIMIT ${limit + 1}`),
  ])
  const page = rows.slice(0, limit)
  const last = rows.length > limit ? page.at(-1) : undefined
  return {
    data: page.map(entryOf),
    next_cursor: last ? encodeCursor(SORT, [last.created_at, last.seq]) : null,
  }
}

const entryOf = ({ actor, actor_kind, client_id, changes, created_at, ...row }: Row): AuditEntry => ({
  ...row,
  actor: { id: actor, kind: actor_kind, client_id },
  changes: JSON.parse(changes),
  created_at: rfc3339(created_at),
})
