// Buyers who never give up: each repeats a request with the same Idempotency-Key until it has a final answer, through
// crashes and restarts, and remembers what it was told.

import { randomUUID } from 'node:crypto'
import { BUYER } from '../lib/fixture.ts'
import { bodyOf, type HttpAnswer, sleep, textIn } from '../lib/http-client.ts'
import { between, pick } from '../lib/random.ts'
import type { World } from './world.ts'

/** Most pay; the others play the ways in which paying goes wrong. */
export const TOKENS: readonly string[] = [
  ...Array<string>(15).fill('tok_approved'),
  'tok_declined',
  'tok_timeout_after_charge',
  'tok_timeout_after_charge',
  'tok_error_before_charge',
  'tok_error_before_charge',
]
const MAX_WAIT_MS = 300
const MAX_TRIES = 400

/** An order that the shop said a buyer has. */
export interface Acknowledged {
  checkoutId: string
  orderId: string
  orderToken: string
  total: number
  key: string
  token: string
}

/** What buyers lived through. */
export interface Ledger {
  acknowledged: Acknowledged[]
  /** Final answers without an order, by code. */
  refused: Record<string, number>
  /** Requests repeated, by the reason. */
  repeated: Record<string, number>
  checkouts: number
  /** Answers that nobody should ever get. */
  failures: string[]
}

export const newLedger = (): Ledger => ({
  acknowledged: [],
  refused: {},
  repeated: {},
  checkouts: 0,
  failures: [],
})

/** The same request again will help, sooner or later. */
const TRY_AGAIN = new Set([
  'idempotency_in_progress',
  'checkout_completing',
  'changed_meanwhile',
  'payment_outcome_unknown',
  'unavailable',
])
/** Nothing was charged; a fresh key may pay. */
const PAY_AFRESH = new Set(['payment_declined', 'payment_unavailable', 'payment_abandoned'])

export interface Buyer {
  world: World
  ledger: Ledger
  random: () => number
  variantIds: readonly string[]
  /** Of the test provider. */
  tokens: readonly string[]
}

/** One buyer, buying one basket after another until `isOver`. */
export async function buy(buyer: Buyer, isOver: () => boolean): Promise<void> {
  const { world, ledger, random, variantIds, tokens } = buyer
  while (!isOver()) {
    const lines = aBasket(random, variantIds)
    const created = await insist(world, ledger, '/v1/checkouts', randomUUID(), { lines, ...BUYER })
    if (created.status !== 201) {
      ledger.failures.push(`a checkout was refused: ${created.text}`)
      return
    }
    ledger.checkouts += 1
    await payFor(buyer, textIn(created, 'id'), pick(random, tokens))
  }
}

async function payFor(
  { world, ledger, random }: Buyer,
  checkoutId: string,
  firstToken: string,
): Promise<void> {
  let token = firstToken
  for (let attempt = 1; ; attempt++) {
    const key = randomUUID()
    const body = { payment: { provider: 'test', token } }
    const answer = await insist(world, ledger, `/v1/checkouts/${checkoutId}/complete`, key, body)
    if (answer.status === 200) {
      const { totals } = bodyOf(answer) as { totals?: { total: { amount: number } } }
      const [orderId, orderToken] = [textIn(answer, 'order_id'), textIn(answer, 'order_token')]
      ledger.acknowledged.push({
        checkoutId,
        orderId,
        orderToken,
        total: totals?.total.amount ?? -1,
        key,
        token,
      })
      return
    }
    const code = String(bodyOf(answer).code)
    // After a decline one in two goes away; everybody else pays with another card.
    if (PAY_AFRESH.has(code) && attempt < 5 && (code !== 'payment_declined' || random() < 0.5)) {
      count(ledger.repeated, code)
      token = 'tok_approved'
      continue
    }
    if (code !== 'payment_declined' && code !== 'stock_insufficient')
      ledger.failures.push(`${token}: ${answer.text}`)
    count(ledger.refused, code)
    return
  }
}

/** Repeats a request with its key until the answer is final. */
async function insist(
  world: World,
  ledger: Ledger,
  path: string,
  key: string,
  body: unknown,
): Promise<HttpAnswer> {
  for (let tries = 1; ; tries++) {
    const answer = await world.call('POST', path, { body, headers: { 'Idempotency-Key': key } })
    const reason = answer === null ? 'connection' : String(bodyOf(answer).code)
    if (answer && !TRY_AGAIN.has(reason)) return answer
    if (tries === MAX_TRIES)
      throw new Error(`no final answer after ${tries} tries: ${answer?.text ?? 'no connection'}`)
    count(ledger.repeated, reason)
    await sleep(Math.min(MAX_WAIT_MS, Number(answer?.headers['retry-after'] ?? 0.05) * 1000))
  }
}

function aBasket(
  random: () => number,
  variantIds: readonly string[],
): { variant_id: string; quantity: number }[] {
  const first = pick(random, variantIds)
  const second = pick(random, variantIds)
  const ids = first === second ? [first] : [first, second]
  return ids.map(variant_id => ({ variant_id, quantity: between(random, 1, 2) }))
}

function count(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1
}
