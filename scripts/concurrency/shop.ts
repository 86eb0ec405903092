// A fresh shop for each concurrency scenario: the built Worker on its own database, and what it holds afterwards.

import { isDeepStrictEqual } from 'node:util'
import { sql } from 'drizzle-orm'
import type { Db } from '../../src/db/client.ts'
import type { ProductInput } from '../../src/features/products/input.ts'
import { BUYER, loadFixture, spreadStock } from '../lib/fixture.ts'
import { type HttpAnswer, type HttpClient, mapConcurrently, openClient, textIn } from '../lib/http-client.ts'
import { INVARIANTS, SETTLED } from '../lib/invariant-queries.ts'
import { brokenChecks, checkInvariants } from '../lib/invariants.ts'
import type { Outcome } from '../lib/report.ts'
import { type Breakage, type Bundle, createShopDirectory, startWorker, withD1 } from '../lib/worker.ts'

/** Requests in flight at the same time, each on a connection of its own. */
export const CONNECTIONS = 128

export interface Line {
  variant_id: string
  quantity: number
}

/** A scenario under way. */
export interface ConcurrentShop {
  client: HttpClient
  /** Ids of the first variant of each product, in the order of the products. */
  variantIds: string[]
  /** Makes checkouts that only need to be completed, and returns their ids. */
  prepare(baskets: Line[][]): Promise<string[]>
  /** Stops the server, reads the database, and adds every broken promise to `failures`. */
  settle<T>(failures: string[], read: (db: Db) => Promise<T>): Promise<T>
}

/** Runs a scenario on a new database, broken as told; `places`: how many locations share the stock. */
export async function withShop(
  bundle: Bundle,
  { products, breakages, places = 1 }: { products: ProductInput[]; breakages: Breakage[]; places?: number },
  scenario: (shop: ConcurrentShop) => Promise<Outcome>,
): Promise<Outcome> {
  const load = async (db: Db) => {
    await loadFixture(db, products)
    await spreadStock(db, places)
  }
  const directory = await createShopDirectory('concurrency', load, breakages)
  const server = await startWorker({ ...bundle, directory })
  const client = openClient(server.url, CONNECTIONS)
  try {
    const handles = products.map(({ handle }) => handle)
    return await scenario({
      client,
      variantIds: await mapConcurrently(handles, 1, handle => variantOf(client, handle)),
      prepare: baskets => mapConcurrently(baskets, 32, lines => prepare(client, lines)),
      settle: async (failures, read) => {
        await server.stop()
        return withD1(directory, async db => {
          for (const { name, broken, rows } of brokenChecks(
            await checkInvariants(db, { checks: [...INVARIANTS, ...SETTLED] }),
          )) {
            failures.push(`${name}: ${broken} rows, first ${JSON.stringify(rows[0])}`)
          }
          return read(db)
        })
      },
    })
  } finally {
    client.close()
    await server.stop()
  }
}

async function variantOf(client: HttpClient, handle: string): Promise<string> {
  const answer = await client.call('GET', `/v1/products/${handle}`)
  const { variants }: { variants?: { id: string }[] } = JSON.parse(answer.text)
  if (!variants?.[0]) throw new Error(`no variant in ${answer.text}`)
  return variants[0].id
}

async function prepare(client: HttpClient, lines: Line[]): Promise<string> {
  return textIn(await client.call('POST', '/v1/checkouts', { body: { lines, ...BUYER } }), 'id')
}

/** How many answers there were of each status and code. */
export function tally(answers: HttpAnswer[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const answer of answers) {
    const code = answer.status < 400 ? '' : ` ${textIn(answer, 'code')}`
    const name = `${answer.status}${code}`
    counts[name] = (counts[name] ?? 0) + 1
  }
  return counts
}

/** Orders, their lines, movements, payments and charges. */
export async function countRows(db: Db): Promise<Record<string, number>> {
  const [row] = await db.all<Record<string, number>>(sql`
    SELECT (SELECT count(*) FROM orders) AS orders, (SELECT count(*) FROM order_lines) AS order_lines,
      (SELECT count(*) FROM stock_movements WHERE reason = 'sale') AS sales,
      (SELECT count(*) FROM payments) AS payments,
      (SELECT count(*) FROM payments WHERE status = 'captured') AS captured,
      (SELECT count(*) FROM test_provider_charges) AS charges`)
  return row ?? {}
}

/** What is in stock of each variant, over all locations. */
export async function stockOf(db: Db): Promise<Map<string, { on_hand: number; reserved: number }>> {
  const rows = await db.all<{ variant_id: string; on_hand: number; reserved: number }>(
    sql`SELECT variant_id, sum(on_hand) AS on_hand, sum(reserved) AS reserved FROM stock_levels GROUP BY variant_id`,
  )
  return new Map(rows.map(({ variant_id, ...level }) => [variant_id, level]))
}

/** How many orders took from more than one location. */
export async function splitOrders(db: Db): Promise<number> {
  const rows = await db.all(sql`SELECT order_id FROM stock_movements WHERE reason = 'sale'
    GROUP BY order_id HAVING count(DISTINCT location_id) > 1`)
  return rows.length
}

/** Notes a failure unless two values are equal. */
export function expectEqual(failures: string[], what: string, actual: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(actual, expected)) {
    failures.push(`${what}: ${JSON.stringify(actual)}, not ${JSON.stringify(expected)}`)
  }
}
