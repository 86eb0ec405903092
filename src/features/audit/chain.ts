// The hash chain over the audit log. Triggers keep rows from being changed; the chain shows when somebody who can pass
// the triggers (whoever holds the database) changed, removed or slipped in a row after it was sealed.
//
// The hash of a row is SHA-256(hash of the row before ‖ LF ‖ the row as a JSON array), in the order of `seq`, which is
// the order of commits. SQLite has no SHA-256 and a sale must not wait for its predecessor's hash, so rows are sealed a
// minute later, by a job (docs/decisions/0014).

import { sql } from 'drizzle-orm'
import type { Db } from '../../db/client.ts'
import type { Deps } from '../../deps.ts'
import { sha256 } from '../../lib/hash.ts'

/** Hash before the first row. */
export const CHAIN_START = '0'.repeat(64)
const PAGE = 500
/** Pages that one run of the job seals; the next run, a minute later, goes on. */
const MAX_PAGES = 20
const NETWORK_KEPT_MS = 90 * 24 * 60 * 60 * 1000

/** A row as it is hashed: texts and numbers exactly as stored. */
interface StoredRow {
  seq: number
  id: string
  actor: string
  actor_kind: string
  client_id: string | null
  action: string
  object_id: string
  request_id: string | null
  outcome: string
  changes: string
  created_at: number
}

/** Position in the chain: the last row that is covered, and the hash there. */
export interface Seal {
  seq: number
  hash: string
}

const COLUMNS = sql.raw(
  'seq, id, actor, actor_kind, client_id, action, object_id, request_id, outcome, changes, created_at',
)

const sealOf = async (before: Seal, row: StoredRow): Promise<Seal> => {
  const { seq, id, actor, actor_kind, client_id, action, object_id } = row
  const { request_id, outcome, changes, created_at } = row
  const facts = [seq, id, actor, actor_kind, client_id, action, object_id, request_id, outcome, changes]
  return { seq, hash: await sha256(`${before.hash}\n${JSON.stringify([...facts, created_at])}`) }
}

/**
 * Seals rows that are not sealed yet. May run twice and in parallel: rows never change, so both compute the same hashes,
 * and the primary key keeps one of each. Also drops networks that are older than 90 days.
 */
export async function sealAudit({ db, clock }: Pick<Deps, 'db' | 'clock'>): Promise<{ sealed: number }> {
  let sealed = 0
  for (let page = 0; page < MAX_PAGES; page++) {
    const [lasts, rows] = await db.batch([
      db.all<Seal>(sql`SELECT seq, hash FROM audit_seals ORDER BY seq DESC LIMIT 1`),
      db.all<StoredRow>(sql`SELECT ${COLUMNS} FROM audit_log
        WHERE seq > coalesce((SELECT max(seq) FROM audit_seals), 0) ORDER BY seq LIMIT ${PAGE}`),
    ])
    if (rows.length === 0) break
    const seals: Seal[] = []
    let last = lasts[0] ?? { seq: 0, hash: CHAIN_START }
    for (const row of rows) {
      last = await sealOf(last, row)
      seals.push(last)
    }
    await db.run(sql`INSERT INTO audit_seals (seq, hash)
      SELECT value ->> 'seq', value ->> 'hash' FROM json_each(${JSON.stringify(seals)}) WHERE true ON CONFLICT DO NOTHING`)
    sealed += rows.length
    if (rows.length < PAGE) break
  }
  await db.run(sql`DELETE FROM audit_networks WHERE created_at < ${clock() - NETWORK_KEPT_MS}`)
  return { sealed }
}

/** What a check of the chain found. */
export interface AuditCheck {
  /** Rows that fit, from the first one on. */
  rows: number
  /** The newest place that fits. Kept outside the database it shows later that nothing before it was changed. */
  anchor: Seal | null
  /** The first row that does not fit, and why; null when all do. */
  broken: { seq: number; id: string | null; reason: string } | null
}

/**
 * Checks every row against the chain, in pages, and names the first that does not fit. `anchor` is one that an earlier
 * check gave: the chain must still pass through it. Reads only; seal first, or rows that are not sealed yet are left out.
 */
export async function verifyAudit(db: Db, anchor?: Seal): Promise<AuditCheck> {
  let last: Seal = { seq: 0, hash: CHAIN_START }
  let rows = 0
  const broken = (seq: number, id: string | null, reason: string): AuditCheck => ({
    rows,
    anchor: rows > 0 ? last : null,
    broken: { seq, id, reason },
  })
  for (let after = Number.MIN_SAFE_INTEGER; ; after = last.seq) {
    const page = await readPage(db, after)
    for (const row of page) {
      const expected = last.seq + 1
      if (row.seq < expected) return broken(row.seq, row.id, 'the row was slipped in')
      if (row.seq !== expected) return broken(expected, null, 'the row is missing')
      if (row.id === null) return broken(row.seq, null, 'the row is missing, its seal is there')
      if (row.hash === null) return broken(row.seq, row.id, 'the row has no seal, though later rows do')
      const seal = await sealOf(last, row as StoredRow)
      if (seal.hash !== row.hash)
        return broken(row.seq, row.id, 'the row is not what was sealed, or another stood before it')
      if (anchor?.seq === seal.seq && anchor.hash !== seal.hash)
        return broken(row.seq, row.id, 'the chain does not pass through the anchor')
      last = seal
      rows += 1
    }
    if (page.length < PAGE) break
  }
  if (anchor && anchor.seq > last.seq)
    return broken(last.seq + 1, null, `the row is missing: the anchor is at ${anchor.seq}`)
  return { rows, anchor: rows > 0 ? last : null, broken: null }
}

type PageRow = { [K in keyof StoredRow]: StoredRow[K] | null } & { seq: number; hash: string | null }

/** Rows and seals up to the newest seal, each where the other may be missing. */
const readPage = (db: Db, after: number) =>
  db.all<PageRow>(sql`
    SELECT n.seq, s.hash, a.id, a.actor, a.actor_kind, a.client_id, a.action, a.object_id, a.request_id, a.outcome,
      a.changes, a.created_at
    FROM (SELECT seq FROM audit_seals WHERE seq > ${after}
          UNION SELECT seq FROM audit_log WHERE seq > ${after} AND seq <= (SELECT max(seq) FROM audit_seals)
          ORDER BY seq LIMIT ${PAGE}) n
    LEFT JOIN audit_seals s ON s.seq = n.seq LEFT JOIN audit_log a ON a.seq = n.seq ORDER BY n.seq`)
