// A stand-in for a libSQL server: Hrana 2 over HTTP (JSON) on node:sqlite, just what @libsql/client/web asks for. It shows
// that our use of the protocol works; it shows nothing about a real server's replication, authentication or limits.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'

interface Value {
  type: 'null' | 'integer' | 'float' | 'text' | 'blob'
  value?: string | number
  base64?: string
}
interface Statement {
  sql?: string
  /** Names a text that `store_sql` sent before. */
  sql_id?: number
  args?: Value[]
  named_args?: { name: string; value: Value }[]
}
interface Condition {
  type: 'ok' | 'error' | 'not' | 'and' | 'or' | 'is_autocommit'
  step?: number
  cond?: Condition
  conds?: Condition[]
}
interface Step {
  condition?: Condition | null
  stmt: Statement
}
interface PipelineRequest {
  type: 'execute' | 'batch' | 'sequence' | 'close' | 'get_autocommit' | 'store_sql' | 'close_sql'
  stmt?: Statement
  batch?: { steps: Step[] }
  sql?: string
  sql_id?: number
}
/** A client's connection, kept between requests by its baton. */
interface Stream {
  db: DatabaseSync
  texts: Map<number, string>
}
type Outcome = { ok: ReturnType<typeof execute> } | { error: { message: string; code: string } } | null

/** Serves a database file on a free loopback port. */
export async function startHranaDouble(
  file: string,
): Promise<{ url: string; requests: () => number; close: () => Promise<void> }> {
  const streams = new Map<string, Stream>()
  let count = 0
  let nextBaton = 0
  const open = (): Stream => {
    const db = new DatabaseSync(file)
    db.exec('PRAGMA journal_mode = WAL; PRAGMA busy_timeout = 5000; PRAGMA foreign_keys = ON')
    return { db, texts: new Map() }
  }
  const server = createServer(async (request, response) => {
    if (request.method === 'GET') return response.end('ok')
    count += 1
    let text = ''
    for await (const chunk of request) text += chunk
    const { baton, requests }: { baton: string | null; requests: PipelineRequest[] } = JSON.parse(text)
    const stream = (baton && streams.get(baton)) || open()
    if (baton) streams.delete(baton)
    let isOpen = true
    const results = requests.map(item => {
      if (item.type === 'close') isOpen = false
      return answer(stream, item)
    })
    const next = isOpen ? `baton-${++nextBaton}` : null
    if (next) streams.set(next, stream)
    else stream.db.close()
    response.setHeader('Content-Type', 'application/json')
    response.end(JSON.stringify({ baton: next, base_url: null, results }))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: () => count,
    close: () => new Promise(resolve => server.close(() => resolve())),
  }
}

function answer({ db, texts }: Stream, request: PipelineRequest) {
  const failure = (error: unknown) => ({ type: 'error', error: errorOf(error) })
  const success = (response: Record<string, unknown>) => ({
    type: 'ok',
    response: { type: request.type, ...response },
  })
  try {
    switch (request.type) {
      case 'execute':
        return success({ result: execute(db, texts, request.stmt ?? {}) })
      case 'batch':
        return success({ result: batch(db, texts, request.batch?.steps ?? []) })
      case 'sequence':
        db.exec(request.sql ?? texts.get(request.sql_id ?? -1) ?? '')
        return success({})
      case 'store_sql':
        texts.set(request.sql_id ?? -1, request.sql ?? '')
        return success({})
      case 'close_sql':
        texts.delete(request.sql_id ?? -1)
        return success({})
      case 'get_autocommit':
        return success({ is_autocommit: !db.isTransaction })
      case 'close':
        if (db.isTransaction) db.exec('ROLLBACK')
        return success({})
    }
  } catch (error) {
    return failure(error)
  }
}

function execute(
  db: DatabaseSync,
  texts: Stream['texts'],
  { sql, sql_id, args = [], named_args = [] }: Statement,
) {
  const statement = db.prepare(sql ?? texts.get(sql_id ?? -1) ?? '')
  const columns = statement.columns()
  const named = Object.fromEntries(named_args.map(({ name, value }) => [name, decode(value)]))
  const values = args.map(decode)
  const parameters: [] = (named_args.length > 0 ? [named, ...values] : values) as []
  statement.setReadBigInts(true)
  if (columns.length === 0) {
    const { changes, lastInsertRowid } = statement.run(...parameters)
    return {
      cols: [],
      rows: [],
      affected_row_count: Number(changes),
      last_insert_rowid: String(lastInsertRowid),
    }
  }
  const rows = statement.all(...parameters)
  return {
    cols: columns.map(({ name, type }) => ({ name, decltype: type })),
    rows: rows.map(row => columns.map(({ name }) => encode(row[name]))),
    affected_row_count: 0,
    last_insert_rowid: null,
  }
}

function batch(db: DatabaseSync, texts: Stream['texts'], steps: Step[]) {
  const outcomes: Outcome[] = []
  for (const { condition, stmt } of steps) {
    if (condition && !holds(condition, outcomes, db)) {
      outcomes.push(null)
      continue
    }
    try {
      outcomes.push({ ok: execute(db, texts, stmt) })
    } catch (error) {
      outcomes.push({ error: errorOf(error) })
    }
  }
  return {
    step_results: outcomes.map(outcome => (outcome && 'ok' in outcome ? outcome.ok : null)),
    step_errors: outcomes.map(outcome => (outcome && 'error' in outcome ? outcome.error : null)),
  }
}

function holds(condition: Condition, outcomes: Outcome[], db: DatabaseSync): boolean {
  const outcome = outcomes[condition.step ?? -1] ?? null
  switch (condition.type) {
    case 'ok':
      return outcome !== null && 'ok' in outcome
    case 'error':
      return outcome !== null && 'error' in outcome
    case 'not':
      return !condition.cond || !holds(condition.cond, outcomes, db)
    case 'and':
      return (condition.conds ?? []).every(part => holds(part, outcomes, db))
    case 'or':
      return (condition.conds ?? []).some(part => holds(part, outcomes, db))
    case 'is_autocommit':
      return !db.isTransaction
  }
}

function decode({ type, value, base64 }: Value): SQLInputValue {
  switch (type) {
    case 'null':
      return null
    case 'integer':
      return BigInt(value ?? 0)
    case 'blob':
      return Buffer.from(base64 ?? '', 'base64')
    default:
      return value ?? null
  }
}

function encode(value: unknown): Value {
  if (value === null || value === undefined) return { type: 'null' }
  if (typeof value === 'bigint') return { type: 'integer', value: String(value) }
  if (typeof value === 'number') return { type: 'float', value }
  if (value instanceof Uint8Array) return { type: 'blob', base64: Buffer.from(value).toString('base64') }
  return { type: 'text', value: String(value) }
}

function errorOf(error: unknown): { message: string; code: string } {
  const message = error instanceof Error ? error.message : String(error)
  const isConstraint = /constraint failed/.test(message) || (error as { errcode?: number }).errcode === 1811
  return {
    message: isConstraint ? `SQLITE_CONSTRAINT: ${message}` : message,
    code: isConstraint ? 'SQLITE_CONSTRAINT' : 'SQLITE_ERROR',
  }
}
