// The purchase of the bench: the eight calls from looking around to reading the order, as a storefront makes them.

import { randomUUID } from 'node:crypto'
import { ADDRESS, APPROVED } from '../lib/fixture.ts'
import { bodyOf, type HttpAnswer, type HttpClient, textIn } from '../lib/http-client.ts'
import { pick } from '../lib/random.ts'
import { handleOf } from './catalogue.ts'
import type { Load } from './load.ts'
import type { Recorder } from './record.ts'

export const CALLS_A_PURCHASE = 8

/** Sends one call of a purchase. `step` counts from 0. */
type Send = (
  step: number,
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
) => Promise<HttpAnswer>

/** Buys one of something. Rejects at the first answer that is not as it must be. */
async function buy(send: Send, listPath: string, handle: string): Promise<void> {
  let step = 0
  const call = async (
    status: number,
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ) => {
    const answer = await send(step++, method, path, body, headers)
    if (answer.status !== status)
      throw new Error(`${method} ${path} answered ${answer.status}: ${answer.text.slice(0, 500)}`)
    return answer
  }
  await call(200, 'GET', listPath)
  const product = await call(200, 'GET', `/v1/products/${handle}`)
  const { variants } = bodyOf(product) as { variants?: { id: string }[] }
  const cart = await call(201, 'POST', '/v1/carts', {
    lines: [{ variant_id: variants?.[0]?.id, quantity: 1 }],
  })
  const checkout = await call(201, 'POST', '/v1/checkouts', { cart_id: textIn(cart, 'id') })
  const path = `/v1/checkouts/${textIn(checkout, 'id')}`
  await call(200, 'PATCH', path, { email: 'ada@example.com', shipping_address: ADDRESS })
  await call(200, 'PATCH', path, { shipping_option_id: 'ship_standard' })
  const completed = await call(200, 'POST', `${path}/complete`, APPROVED, { 'Idempotency-Key': randomUUID() })
  const token = { 'Order-Token': textIn(completed, 'order_token') }
  await call(200, 'GET', `/v1/orders/${textIn(completed, 'order_id')}`, undefined, token)
}

export interface PurchaseSource {
  listPaths: readonly string[]
  products: number
  random: () => number
}

const buyAny = (send: Send, { listPaths, products, random }: PurchaseSource): Promise<void> =>
  buy(send, pick(random, listPaths), handleOf(Math.floor(random() * products)))

/** Shoppers who buy one thing after another. */
export const shopping = (source: PurchaseSource, shoppers: number): Load => ({
  connections: shoppers,
  run: async client => {
    await buyAny((_, method, path, body, headers) => client.call(method, path, { body, headers }), source)
    return true
  },
})

/** Makes purchases through the recorder, each call under a path of its own. */
export async function recordPurchases(
  recorder: Recorder,
  source: PurchaseSource,
  count: number,
): Promise<void> {
  for (let n = 0; n < count; n++) {
    await buyAny(async (step, method, path, body, headers) => {
      const entity = body === undefined ? {} : { body: JSON.stringify(body) }
      const request = new Request(`http://127.0.0.1${path}`, {
        method,
        headers: { ...(body === undefined ? {} : { 'Content-Type': 'application/json' }), ...headers },
        ...entity,
      })
      const response = await recorder.send(replayName(n, step), request)
      return { status: response.status, headers: {}, text: await response.text(), ms: 0 }
    }, source)
  }
}

const replayPath = (purchase: number, step: number): string => `/purchase/${purchase}/${step}`
const replayName = (purchase: number, step: number): string => `GET ${replayPath(purchase, step)}`

/** The recorded purchases, replayed on the bare Worker; each of them once. */
export const replaying = (count: number, shoppers: number): Load => ({
  connections: shoppers,
  run: async (client: HttpClient, turn) => {
    if (turn >= count) return false
    for (let step = 0; step < CALLS_A_PURCHASE; step++) {
      const answer = await client.call('GET', replayPath(turn, step))
      if (answer.status !== 200)
        throw new Error(`the replay answered ${answer.status}: ${answer.text.slice(0, 300)}`)
    }
    return true
  },
})
