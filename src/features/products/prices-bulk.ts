// Many prices in one request: all of them or none. A row names its variant by id or SKU; every bad row is named. Products
// that change get a new version, under the version that was read, so the audit log tells what was there before.

import { sql } from 'drizzle-orm'
import type { Db, Statement } from '../../db/client.ts'
import { guardChanged } from '../../db/guards.ts'
import type { Deps } from '../../deps.ts'
import type { Actor } from '../../http/context.ts'
import { invalidInput } from '../../http/errors.ts'
import { DomainError, type FieldError } from '../../lib/errors.ts'
import { isCurrency } from '../../lib/money.ts'
import { auditBy } from '../audit/statements.ts'
import { refreshMemberships } from '../collections/statements.ts'
import { emitEvents } from '../events/statements.ts'
import { commitOnce, replayOf, type StoredReply, selectKey } from '../idempotency/service.ts'
import type { BulkPriceResult, BulkPrices } from './admin-schemas.ts'
import { writePrices } from './repository-writes.ts'

type Input = BulkPrices['rows'][number]

/** What is stored of a row's variant and price. */
interface Match {
  row: number
  variant_id: string
  product_id: string
  version: number
  amount: number | null
  compare_at_amount: number | null
}

interface Price {
  variant_id: string
  currency: string
  amount: number
  compare_at_amount: number | null
}

/** Sets prices, all or none. Raises `invalid_input` with every bad row, and what idempotency raises. */
export function setPrices(deps: Deps, actor: Actor, { rows }: BulkPrices): Promise<StoredReply> {
  const { db, ids, clock } = deps
  return commitOnce(deps, actor, async () => {
    const now = clock()
    const [keys, found] = await db.batch([selectKey(db, actor), selectMatches(db, rows)])
    const replay = replayOf(keys[0], actor)
    if (replay) return replay
    const matches = matchesOf(rows, found)

    const changed = rows.flatMap((row, i) => {
      const match = matches[i]
      if (!match) return []
      const compare_at_amount =
        row.compare_at_amount === undefined ? match.compare_at_amount : row.compare_at_amount
      const isSame = match.amount === row.amount && match.compare_at_amount === compare_at_amount
      const price: Price = { ...match, currency: row.currency, amount: row.amount, compare_at_amount }
      return isSame ? [] : [{ price, match }]
    })
    const versions = new Map(changed.map(({ match }) => [match.product_id, match.version]))
    const body: BulkPriceResult = {
      changed: changed.length,
      unchanged: rows.length - changed.length,
      product_ids: [...versions.keys()],
    }
    const audited = Object.fromEntries(
      changed.map(({ price, match }) => [
        `${price.variant_id} ${price.currency}`,
        [pair(match.amount, match.compare_at_amount), pair(price.amount, price.compare_at_amount)],
      ]),
    )
    return {
      statements: [
        auditBy(deps, actor, 'prices.updated', 'prices', audited, now),
        ...(changed.length === 0
          ? []
          : [
              ...newVersions(db, versions, now),
              ...writePrices(
                db,
                [],
                changed.map(({ price }) => price),
              ),
              ...refreshMemberships(db, [...versions.keys()]),
              emitEvents(
                db,
                ids,
                'product.updated',
                Array.from(versions, ([id, version]) => ({ id, data: { version: version + 1 } })),
                now,
              ),
            ]),
      ],
      reply: { status: 200, body: { ...body } },
    }
  })
}

const pair = (amount: number | null, compareAt: number | null) =>
  compareAt === null ? amount : [amount, compareAt]

const selectMatches = (db: Db, rows: Input[]) =>
  db.all<Match>(sql`
    WITH asked AS MATERIALIZED (
      SELECT key AS row, value ->> 'variant_id' AS id, value ->> 'sku' AS sku, value ->> 'currency' AS currency
      FROM json_each(${JSON.stringify(rows)})),
    named AS (
      SELECT a.row, a.currency, v.id, v.product_id FROM asked a CROSS JOIN variants v ON v.id = a.id
      UNION ALL SELECT a.row, a.currency, v.id, v.product_id FROM asked a CROSS JOIN variants v ON v.sku = a.sku
        WHERE a.id IS NULL)
    SELECT n.row, n.id AS variant_id, n.product_id, p.version, pr.amount, pr.compare_at_amount
    FROM named n CROSS JOIN products p ON p.id = n.product_id
    LEFT JOIN prices pr ON pr.variant_id = n.id AND pr.currency = n.currency`)

/** The variant of each row. Raises `invalid_input`. */
function matchesOf(rows: Input[], found: Match[]): Match[] {
  const byRow = Map.groupBy(found, ({ row }) => row)
  const errors: FieldError[] = []
  const seen = new Map<string, number>()
  const matches = rows.flatMap((row, i) => {
    const refuse = (member: string, code: string, detail: string) =>
      errors.push({ in: 'body', pointer: `/rows/${i}${member}`, code, detail })
    if ((row.variant_id === undefined) === (row.sku === undefined)) {
      refuse('', 'one_of', 'Name the variant by `variant_id` or by `sku`, one of the two.')
      return []
    }
    const member = row.sku === undefined ? '/variant_id' : '/sku'
    if (!isCurrency(row.currency)) refuse('/currency', 'currency_unknown', 'Not a currency of ISO 4217.')
    const [match, ...others] = byRow.get(i) ?? []
    if (!match) refuse(member, 'not_found', 'There is no such variant.')
    else if (others.length > 0)
      refuse(member, 'ambiguous', `${others.length + 1} variants have this SKU; use \`variant_id\`.`)
    const key = `${match?.variant_id} ${row.currency}`
    const first = match && seen.get(key)
    if (first !== undefined) refuse('', 'duplicate', `Row ${first} sets this price already.`)
    else if (match) seen.set(key, i)
    return match ? [match] : []
  })
  if (errors.length === 0) return matches
  throw new DomainError(invalidInput, 'No price was changed: not every row can be applied.', { errors })
}

/** New versions of products, if all are still the ones read. Two statements. */
const newVersions = (db: Db, versions: Map<string, number>, now: number): Statement[] => [
  db.run(sql`UPDATE products SET version = version + 1, updated_at = ${now}
    WHERE (id, version) IN (SELECT value ->> 0, value ->> 1 FROM json_each(${JSON.stringify([...versions])}))`),
  guardChanged(db, 'guard_version_current', versions.size),
]
