// The client that the Worker uses for DATABASE_URL=libsql://…, over HTTP against a stand-in of the server.

import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startHranaDouble } from '../../scripts/lib/hrana-double.ts'
import { migrateLibsql, openLibsql } from '../../scripts/lib/libsql.ts'
import { connectLibsql } from '../../src/db/libsql-http.ts'
import { loadShop } from '../../src/features/imports/load-shop.ts'
import { testProvider } from '../../src/features/payments/providers/test.ts'
import { upsertProducts } from '../../src/features/products/upsert.ts'
import { anAddress, aProduct, aVariant, SHOP } from '../support/factories.ts'
import { openShop, type TestShop, withKey } from '../support/shop.ts'

let server: Awaited<ReturnType<typeof startHranaDouble>>
let shop: TestShop

beforeAll(async () => {
  const file = path.join(await mkdtemp(path.join(tmpdir(), 'curbside-hrana-')), 'shop.db')
  const local = await openLibsql(`file:${file}`)
  await migrateLibsql(local)
  local.close()
  server = await startHranaDouble(file)
  const db = connectLibsql(server.url, undefined)
  shop = await openShop({ deps: { db }, provider: () => testProvider(db) })
  await loadShop(shop.deps, SHOP)
})
afterAll(() => server.close())

test('a purchase over HTTP makes one order and takes the stock, and the second buyer of the last unit is refused', async () => {
  const product = aProduct({ variants: [aVariant({ quantity: 1 })] })
  await upsertProducts(shop.deps, 'test', [product])
  const { body } = await shop.get(`/v1/products/${product.handle}`)
  const lines = [{ variant_id: body.variants[0].id, quantity: 1 }]
  const fields = {
    lines,
    email: 'ada@example.com',
    shipping_address: anAddress(),
    shipping_option_id: 'ship_standard',
  }
  const checkouts = [await shop.post('/v1/checkouts', fields), await shop.post('/v1/checkouts', fields)]
  const answers = []
  for (const { body } of checkouts) {
    const pay = { payment: { provider: 'test', token: 'tok_approved' } }
    answers.push(await shop.post(`/v1/checkouts/${body.id}/complete`, pay, withKey()))
  }
  expect(answers.map(answer => answer.status)).toEqual([200, 409])
  expect(answers[1]?.body).toMatchObject({ code: 'stock_insufficient', items: [{ quantity_available: 0 }] })
  const order = await shop.get(`/v1/orders/${answers[0]?.body.order_id}`, {
    'Order-Token': answers[0]?.body.order_token,
  })
  expect(order.body.payment_status, order.text).toBe('paid')
  expect(server.requests()).toBeGreaterThan(5)
})
