// Calls of the admin API as a member of staff makes them: each change names the version that was just read.

import { sql } from 'drizzle-orm'
import type { Person } from './people.ts'
import { type Answer, type TestShop, withKey } from './shop.ts'

export interface Desk {
  get(path: string): Promise<Answer>
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Answer>
  /** Changes what is there now, or the version of an ETag that is given. */
  patch(path: string, body: unknown, tag?: string | null): Promise<Answer>
  put(path: string, body: unknown, tag?: string | null): Promise<Answer>
  remove(path: string, tag?: string | null): Promise<Answer>
  tagOf(path: string): Promise<string>
}

/** Somebody's desk in the back office. */
export function deskOf(shop: TestShop, { auth }: Person): Desk {
  const get = (path: string) => shop.get(path, auth)
  const tagOf = async (path: string) => (await get(path)).headers.get('ETag') ?? ''
  const write = async (method: string, path: string, body: unknown, tag?: string | null) =>
    shop.call(method, path, {
      body,
      headers: { ...auth, ...(tag === null ? {} : { 'If-Match': tag ?? (await tagOf(path)) }) },
    })
  return {
    get,
    post: (path, body, headers = withKey()) => shop.post(path, body, { ...auth, ...headers }),
    patch: (path, body, tag) => write('PATCH', path, body, tag),
    put: (path, body, tag) => write('PUT', path, body, tag),
    remove: (path, tag) => write('DELETE', path, undefined, tag),
    tagOf,
  }
}

/** The newest entry of the audit log about an object. */
export async function lastAudit(shop: TestShop, objectId: string) {
  const [row] = await shop.db.all<{ actor: string; actor_kind: string; action: string; changes: string }>(
    sql`SELECT actor, actor_kind, action, changes FROM audit_log WHERE object_id = ${objectId} ORDER BY seq DESC LIMIT 1`,
  )
  return row && { ...row, changes: JSON.parse(row.changes) }
}

/** All items of a list, page by page, `between` run after each page. */
export async function allPages(
  desk: Desk,
  path: string,
  between: () => Promise<unknown> = async () => {},
): Promise<{ id: string }[]> {
  const items: { id: string }[] = []
  let cursor: string | null = null
  do {
    const answer: Answer = await desk.get(
      `${path}${path.includes('?') ? '&' : '?'}limit=2${cursor ? `&cursor=${cursor}` : ''}`,
    )
    items.push(...answer.body.data)
    cursor = answer.body.next_cursor
    if (cursor) await between()
  } while (cursor)
  return items
}
