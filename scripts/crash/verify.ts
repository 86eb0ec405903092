// After the crashes: what buyers were told against what the shop's books and the provider's book say.

import { sql } from 'drizzle-orm'
import type { Db } from '../../src/db/client.ts'
import { bodyOf, mapConcurrently } from '../lib/http-client.ts'
import { INVARIANTS, SETTLED } from '../lib/invariant-queries.ts'
import { brokenChecks, checkInvariants } from '../lib/invariants.ts'
import type { Acknowledged, Ledger } from './buyers.ts'
import { STALE_SECONDS, type World } from './world.ts'

/** Acknowledged purchases that are asked for once more. */
const REPLAYS = 200

/** Reads every acknowledged order with its token, and repeats some completions: they must answer as they did. */
export async function verifyAnswers(world: World, ledger: Ledger): Promise<string[]> {
  const failures: string[] = []
  await mapConcurrently(ledger.acknowledged, 16, async ({ orderId, orderToken, total, checkoutId }) => {
    const order = await world.call('GET', `/v1/orders/${orderId}`, { headers: { 'Order-Token': orderToken } })
    const { id, checkout_id, totals } = order ? (bodyOf(order) as Partial<OrderBody>) : {}
    if (id !== orderId || checkout_id !== checkoutId || totals?.total.amount !== total) {
      failures.push(`acknowledged order ${orderId} reads ${order?.status} ${order?.text.slice(0, 200)}`)
    }
  })
  const step = Math.max(1, Math.floor(ledger.acknowledged.length / REPLAYS))
  for (const said of ledger.acknowledged.filter((_, index) => index % step === 0)) {
    const again = await world.call('POST', `/v1/checkouts/${said.checkoutId}/complete`, {
      body: { payment: { provider: 'test', token: said.token } },
      headers: { 'Idempotency-Key': said.key },
    })
    const isSame = again?.status === 200 && bodyOf(again).order_id === said.orderId
    if (!isSame || again.headers['idempotent-replayed'] !== 'true') {
      failures.push(
        `${said.orderId} was acknowledged, its repetition answers ${again?.status} ${again?.text.slice(0, 200)}`,
      )
    }
  }
  return failures
}

interface OrderBody {
  id: string
  checkout_id: string
  totals: { total: { amount: number } }
}

/** Compares the books with each other and with what buyers were told. */
export async function verifyBooks(
  db: Db,
  ledger: Ledger,
): Promise<{ failures: string[]; figures: Record<string, unknown> }> {
  const failures: string[] = []
  const [rows, sums, checked] = await db.batch([
    db.all<{ id: string; checkout_id: string; total: number }>(
      sql`SELECT id, checkout_id, total FROM orders`,
    ),
    db.all<Record<string, number>>(sql`
      SELECT (SELECT coalesce(sum(total), 0) FROM orders) AS ordered,
        (SELECT coalesce(sum(captured - refunded), 0) FROM test_provider_charges) AS provider_kept,
        (SELECT coalesce(sum(captured_amount - refunded_amount), 0) FROM payments) AS shop_recorded,
        (SELECT count(*) FROM payments p WHERE (SELECT max(created_at) FROM payment_records r
          WHERE r.payment_id = p.id AND reason IS NOT 'late') - p.created_at >= ${STALE_SECONDS * 1000}) AS attempts_interrupted,
        (SELECT count(*) FROM payments WHERE status = 'abandoned') AS attempts_abandoned,
        (SELECT count(*) FROM payments WHERE refunded_amount > 0) AS late_charges_refunded,
        (SELECT count(*) FROM audit_log WHERE actor = 'system:sweep' AND action = 'checkout.completed') AS orders_by_sweep`),
    db.all<Record<string, string>>(sql`PRAGMA quick_check`),
  ])
  failures.push(...lostOrDoubled(rows, ledger.acknowledged))
  const { ordered, provider_kept, shop_recorded, ...figures } = sums[0] ?? {}
  if (provider_kept !== ordered || shop_recorded !== ordered) {
    failures.push(`orders cost ${ordered}, the provider kept ${provider_kept}, payments say ${shop_recorded}`)
  }
  const integrity = checked[0]?.quick_check
  if (integrity !== 'ok') failures.push(`quick_check: ${integrity}`)
  for (const { name, broken, rows: found } of brokenChecks(
    await checkInvariants(db, { checks: [...INVARIANTS, ...SETTLED] }),
  )) {
    failures.push(`${name}: ${broken} rows, first ${JSON.stringify(found[0])}`)
  }
  return {
    failures,
    figures: {
      orders: rows.length,
      ...figures,
      money_ordered: ordered,
      provider_kept,
      quick_check: integrity,
    },
  }
}

function lostOrDoubled(
  orders: { id: string; checkout_id: string; total: number }[],
  acknowledged: Acknowledged[],
): string[] {
  const failures: string[] = []
  const byId = new Map(orders.map(order => [order.id, order]))
  const lost = acknowledged.filter(({ orderId, checkoutId, total }) => {
    const order = byId.get(orderId)
    return order?.checkout_id !== checkoutId || order.total !== total
  })
  if (lost.length > 0) failures.push(`${lost.length} acknowledged orders lost, first ${lost[0]?.orderId}`)
  const doubled = orders.length - new Set(orders.map(order => order.checkout_id)).size
  if (doubled > 0) failures.push(`${doubled} checkouts have more than one order`)
  // Every buyer stayed until the final answer, so nobody has an order without knowing.
  const told = new Set(acknowledged.map(({ orderId }) => orderId))
  const untold = orders.filter(({ id }) => !told.has(id))
  if (untold.length > 0)
    failures.push(`${untold.length} orders that no buyer was told of, first ${untold[0]?.id}`)
  return failures
}
