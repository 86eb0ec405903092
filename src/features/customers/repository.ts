// SQL of customers. Lists are read by index in the order of the page, and no further than the page goes.

import { type SQL, sql } from 'drizzle-orm'
import type { Db } from '../../db/client.ts'
import type { CursorValue } from '../../http/pagination.ts'

export type CustomerSort = 'newest' | 'email' | 'name'

export interface CustomerFilter {
  email?: string
  name?: string
  group?: string
}

export interface SummaryRow {
  id: string
  email: string
  name: string | null
  phone: string | null
  created_at: number
  /** JSON array of [id, name]. */
  groups: string
}

export interface ExportRow extends SummaryRow {
  note: string | null
  orders: number
}

/** Sorts after every text that begins with what stands before it. */
const LAST = '\u{10FFFF}'
const NAME = sql.raw(`CASE WHEN u.name IS NULL THEN '' ELSE u.name END COLLATE NOCASE`)
const GROUPS = sql.raw(`(SELECT json_group_array(json_array(g.id, g.name)) FROM customer_group_members m
      JOIN customer_groups g ON g.id = m.group_id WHERE m.user_id = u.id)`)
const COLUMNS = sql`u.id, u.email, u.name, u.phone, u.created_at, ${GROUPS} AS groups`

/** Customers of a page, beginning after where the page before ended. */
export const selectCustomers = (
  db: Db,
  filter: CustomerFilter,
  page: { sort: CustomerSort; after: CursorValue[] | null; limit: number },
) => db.all<SummaryRow>(sql`SELECT ${COLUMNS} ${from(filter, page)}`)

/** The same with what an export tells besides. */
export const selectForExport = (
  db: Db,
  filter: CustomerFilter,
  page: { sort: CustomerSort; after: CursorValue[] | null; limit: number },
) =>
  db.all<ExportRow>(sql`SELECT ${COLUMNS},
    (SELECT note FROM customer_records r WHERE r.user_id = u.id) AS note,
    (SELECT count(*) FROM orders o WHERE o.user_id = u.id AND o.status <> 'cancelled') AS orders ${from(filter, page)}`)

function from(
  { email, name, group }: CustomerFilter,
  { sort, after, limit }: { sort: CustomerSort; after: CursorValue[] | null; limit: number },
): SQL {
  const conditions: SQL[] = [sql`true`]
  if (email !== undefined) conditions.push(sql`u.email >= ${email} AND u.email < ${email + LAST}`)
  if (name !== undefined) conditions.push(sql`${NAME} >= ${name} AND ${NAME} < ${name + LAST}`)
  // Members of a group by age are read from the group; in a search they are picked out of what it finds.
  const isByGroup = group !== undefined && sort === 'newest'
  if (isByGroup) conditions.push(sql`g.group_id = ${group}`)
  else if (group !== undefined)
    conditions.push(
      sql`EXISTS (SELECT 1 FROM customer_group_members m WHERE m.user_id = u.id AND m.group_id = ${group})`,
    )
  const id = isByGroup ? sql`g.user_id` : sql`u.id`
  if (after && sort === 'newest') conditions.push(sql`${id} < ${after[0]}`)
  if (after && sort === 'email') conditions.push(sql`u.email > ${after[0]}`)
  // SQLite seeks in an index of an expression by a plain comparison only, hence both.
  if (after && sort === 'name')
    conditions.push(sql`${NAME} >= ${after[0]} AND (${NAME}, u.id) > (${after[0]}, ${after[1]})`)
  const order = { newest: sql`${id} DESC`, email: sql`u.email`, name: sql`${NAME}, u.id` }[sort]
  const table = isByGroup
    ? sql`customer_group_members g CROSS JOIN users u ON u.id = g.user_id`
    : sql`users u`
  return sql`FROM ${table} WHERE ${sql.join(conditions, sql` AND `)} ORDER BY ${order} LIMIT ${limit}`
}

/** What the orders of a customer come to, a currency. */
export const selectOrderSums = (db: Db, id: string) =>
  db.all<{ currency: string; orders: number; total: number; last_placed_at: number }>(sql`
    SELECT currency, count(*) AS orders, sum(total) AS total, max(placed_at) AS last_placed_at
    FROM orders WHERE user_id = ${id} AND status <> 'cancelled' GROUP BY currency ORDER BY currency`)

/** Groups with these ids, or that the customer is in. */
export const selectGroups = (db: Db, customerId: string, ids: readonly string[]) =>
  db.all<{ id: string; name: string; is_member: number }>(sql`
    SELECT g.id, g.name, EXISTS (SELECT 1 FROM customer_group_members m WHERE m.user_id = ${customerId} AND m.group_id = g.id)
      AS is_member
    FROM customer_groups g WHERE g.id IN (SELECT value FROM json_each(${JSON.stringify(ids)})
      UNION SELECT group_id FROM customer_group_members WHERE user_id = ${customerId}) ORDER BY g.id`)

/** Writes staff's page about a customer over the version that was read; 0 when there was none. No row changes otherwise. */
export const writeRecord = (db: Db, id: string, version: number, note: string, now: number) =>
  db.run(sql`INSERT INTO customer_records (user_id, note, version, updated_at)
    SELECT id, ${note}, 1, ${now} FROM users WHERE id = ${id}
      AND ${version} = coalesce((SELECT version FROM customer_records WHERE user_id = ${id}), 0)
    ON CONFLICT (user_id) DO UPDATE SET note = excluded.note, version = version + 1, updated_at = excluded.updated_at`)

/** Makes a customer a member of exactly these groups. Two statements. */
export const writeMembership = (db: Db, id: string, groupIds: readonly string[]) => {
  const list = JSON.stringify(groupIds)
  return [
    db.run(sql`DELETE FROM customer_group_members WHERE user_id = ${id}
      AND group_id NOT IN (SELECT value FROM json_each(${list}))`),
    db.run(sql`INSERT INTO customer_group_members (user_id, group_id)
      SELECT ${id}, value FROM json_each(${list}) WHERE true ON CONFLICT DO NOTHING`),
  ] as const
}
