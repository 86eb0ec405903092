// Writes that lose the race for a row: they pause, longer each time, and are tried again, a bounded number of times.

import { beforeEach, expect, test } from 'vitest'
import { openStore } from '#platform'
import { MAX_TRIES } from '../../../src/features/idempotency/service.ts'
import { aFlakyDb, type Fate, fine, precededBy } from '../../support/flaky-db.ts'
import { openShop, type TestShop } from '../../support/shop.ts'

let other: TestShop
let shop: TestShop
let flaky: ReturnType<typeof aFlakyDb>
let pauses: number[]
beforeEach(async () => {
  other = await openShop()
  flaky = aFlakyDb((await openStore()).db)
  pauses = []
  const pause = async (tries: number) => void pauses.push(tries)
  shop = await openShop({ deps: { db: flaky.db, pause } })
})

const putCodes = (on: TestShop, id: string, codes: string[]) =>
  on.call('PUT', `/v1/carts/${id}/discount_codes`, { body: { codes } })

/** Somebody else changes the cart between this reader's read and its write, so many times. */
const losing = (id: string, times: number): Fate[] =>
  Array.from({ length: times }, (_, i): Fate[] => [
    fine,
    precededBy(() => putCodes(other, id, [`THEIRS${i}`])),
  ]).flat()

test('a write that lost three races pauses after each, and then takes effect', async () => {
  const { body } = await shop.post('/v1/carts', {})
  flaky.next(...losing(body.id, 3))
  const answer = await putCodes(shop, body.id, ['MINE'])
  expect(answer.status, answer.text).toBe(200)
  expect(pauses).toEqual([1, 2, 3])
  expect((await other.get(`/v1/carts/${body.id}`)).body.discount_codes).toMatchObject([{ code: 'MINE' }])
})

test('a write that loses every race is given up after a bounded number of tries, and says so', async () => {
  const { body } = await shop.post('/v1/carts', {})
  flaky.next(...losing(body.id, MAX_TRIES))
  const answer = await putCodes(shop, body.id, ['MINE'])
  expect([answer.status, answer.body.code]).toEqual([409, 'changed_meanwhile'])
  expect(pauses).toEqual(Array.from({ length: MAX_TRIES - 1 }, (_, i) => i + 1))
  expect((await other.get(`/v1/carts/${body.id}`)).body.discount_codes).toMatchObject([
    { code: `THEIRS${MAX_TRIES - 1}` },
  ])
})

test('a write that meets nobody does not pause', async () => {
  const { body } = await shop.post('/v1/carts', {})
  expect((await putCodes(shop, body.id, ['MINE'])).status).toBe(200)
  expect(pauses).toEqual([])
})
