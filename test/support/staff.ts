// What staff do over HTTP: reads, and writes that name the version they change.

import { sql } from 'drizzle-orm'
import type { Role } from '../../src/lib/permissions.ts'
import { aStaffMember, type Person } from './people.ts'
import type { Answer, TestShop } from './shop.ts'

export interface Desk {
  person: Person
  get(path: string): Promise<Answer>
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Answer>
  /** Sends `If-Match`: the ETag given, or else the newest one of `path`. */
  write(method: string, path: string, body?: unknown, ifMatch?: string | null): Promise<Answer>
  etag(path: string): Promise<string>
}

/** A member of staff who is logged in, at their desk. */
export async function aDesk(shop: TestShop, role: Role = 'manager'): Promise<Desk> {
  const person = await aStaffMember(shop, role)
  const get = (path: string) => shop.get(path, person.auth)
  const etag = async (path: string) => (await get(path)).headers.get('ETag') ?? ''
  return {
    person,
    get,
    etag,
    post: (path, body, headers = {}) => shop.post(path, body, { ...person.auth, ...headers }),
    write: async (method, path, body, ifMatch) => {
      const tag = ifMatch === undefined ? await etag(path) : ifMatch
      const headers = { ...person.auth, ...(tag === null ? {} : { 'If-Match': tag }) }
      return shop.call(method, path, { body, headers })
    },
  }
}

/** The newest row of the audit log about an object. */
export async function lastAudit(
  shop: TestShop,
  objectId: string,
): Promise<{ actor: string; action: string; request_id: string; changes: Record<string, unknown> } | null> {
  const [row] = await shop.db.all<{ actor: string; action: string; request_id: string; changes: string }>(
    sql`SELECT actor, action, request_id, changes FROM audit_log WHERE object_id = ${objectId} ORDER BY id DESC LIMIT 1`,
  )
  return row ? { ...row, changes: JSON.parse(row.changes) } : null
}

/** Types and data of the events about an object, oldest first. */
export async function eventsOf(
  shop: TestShop,
  objectId: string,
): Promise<{ type: string; data: Record<string, unknown> }[]> {
  const rows = await shop.db.all<{ type: string; data: string }>(
    sql`SELECT type, data FROM outbox_events WHERE object_id = ${objectId} ORDER BY id`,
  )
  return rows.map(({ type, data }) => ({ type, data: JSON.parse(data) }))
}
