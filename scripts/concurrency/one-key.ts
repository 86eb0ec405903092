// INV-ONCE: 200 clients send the same completion with the same Idempotency-Key at the same time. There is one order,
// one payment and one charge, and all of them end up with the same answer.

import { randomUUID } from 'node:crypto'
import { APPROVED, stocked } from '../lib/fixture.ts'
import { bodyOf, type HttpAnswer, openClient, sleep } from '../lib/http-client.ts'
import type { Outcome } from '../lib/report.ts'
import type { Breakage, Bundle } from '../lib/worker.ts'
import { countRows, expectEqual, stockOf, tally, withShop } from './shop.ts'

const CLIENTS = 200
const STOCK = 1_000
/** Clients wait as long as Retry-After says, but no test needs more than this. */
const MAX_WAIT_MS = 250
const MAX_TRIES = 60

export const NAME = 'one_key'

/** Everything that refuses a second attempt is gone: the key's uniqueness, the version guard, the unique indexes. */
export const BROKEN: { what: string; breakages: Breakage[] } = {
  what: 'unique key, version guard, one live payment and one order a checkout removed',
  breakages: [
    {
      remove: 'CREATE TABLE `idempotency_keys` (\n\t`id` text PRIMARY KEY NOT NULL',
      instead: 'CREATE TABLE `idempotency_keys` (\n\t`id` text NOT NULL',
    },
    { remove: `CHECK(name <> 'guard_version_current')`, instead: 'CHECK(true)' },
    {
      remove: 'CREATE UNIQUE INDEX `payments_one_live_a_checkout`',
      instead: 'CREATE INDEX `payments_one_live_a_checkout`',
    },
    { remove: 'CREATE UNIQUE INDEX `orders_checkout`', instead: 'CREATE INDEX `orders_checkout`' },
  ],
}

/** Runs it once. */
export const run = (bundle: Bundle, breakages: Breakage[]): Promise<Outcome> =>
  withShop(bundle, { products: [stocked('one-key', STOCK)], breakages }, async shop => {
    const failures: string[] = []
    const [variant_id = ''] = shop.variantIds
    const [id = ''] = await shop.prepare([[{ variant_id, quantity: 3 }]])
    const key = randomUUID()
    const client = openClient(shop.client.origin, CLIENTS)
    let repeats = 0

    /** Repeats while another request with the key runs, as the problem's documentation says. */
    const complete = async (): Promise<HttpAnswer> => {
      for (let tries = 1; ; tries++) {
        const options = { body: APPROVED, headers: { 'Idempotency-Key': key } }
        const answer = await client.call('POST', `/v1/checkouts/${id}/complete`, options)
        const isRunning = answer.status === 409 && bodyOf(answer).code === 'idempotency_in_progress'
        if (!isRunning || tries === MAX_TRIES) return answer
        repeats += 1
        await sleep(Math.min(MAX_WAIT_MS, Number(answer.headers['retry-after'] ?? 1) * 1000))
      }
    }
    const answers = await Promise.all(Array.from({ length: CLIENTS }, complete))
    client.close()

    const answered = tally(answers)
    expectEqual(failures, 'answers', answered, { '200': CLIENTS })
    expectEqual(failures, 'different bodies', new Set(answers.map(({ text }) => text)).size, 1)
    const replays = answers.filter(({ headers }) => headers['idempotent-replayed'] === 'true').length
    expectEqual(failures, 'answers marked as replays', replays, CLIENTS - 1)
    const { rows, stock } = await shop.settle(failures, async db => ({
      rows: await countRows(db),
      stock: await stockOf(db),
    }))
    expectEqual(failures, 'rows', rows, {
      orders: 1,
      order_lines: 1,
      sales: 1,
      payments: 1,
      captured: 1,
      charges: 1,
    })
    expectEqual(failures, 'stock', stock.get(variant_id), { on_hand: STOCK - 3, reserved: 0 })
    return { failures, figures: { clients: CLIENTS, answered, replays, repeats, rows } }
  })
