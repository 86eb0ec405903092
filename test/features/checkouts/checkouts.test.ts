// Checkouts up to payment: from a cart or from lines, what is missing at each stage, what can be chosen, and their end.
// Refusals are in checkouts.errors.test.ts; paying is in purchase.test.ts and the files beside it.

import { sql } from 'drizzle-orm'
import { beforeAll, describe, expect, test } from 'vitest'
import { loadShop } from '../../../src/features/imports/load-shop.ts'
import { upsertProducts } from '../../../src/features/products/upsert.ts'
import {
  aPromotion,
  aReadyCheckout,
  aVariantOf,
  complete,
  NOTHING,
  orderOf,
  READY,
  tracesOf,
} from '../../support/buying.ts'
import { anAddress, aProduct, aVariant, SHOP } from '../../support/factories.ts'
import { openShop, type TestShop, withKey } from '../../support/shop.ts'

const HOUR_MS = 60 * 60 * 1000
const AUSTRIA = anAddress({ city: 'Wien', postal_code: '1010', country: 'AT' })
const FRANCE = anAddress({ city: 'Paris', postal_code: '75001', country: 'FR' })

let shop: TestShop
beforeAll(async () => {
  shop = await openShop()
  const [near] = SHOP.shipping_zones
  await loadShop(shop.deps, {
    ...SHOP,
    shipping_zones: [
      ...(near ? [{ ...near, places: [{ country: 'DE' }] }] : []),
      {
        id: 'zone_at',
        name: 'Austria',
        places: [{ country: 'AT' }],
        rates: [
          {
            id: 'ship_at',
            title: 'Post',
            rule: { kind: 'flat', price: { EUR: 900 } },
            eta_days: null,
          },
        ],
      },
    ],
    promotions: [aPromotion('TEN'), aPromotion('GONE', { is_active: false })],
  })
})

const create = async (body: object) => {
  const answer = await shop.post('/v1/checkouts', body)
  expect(answer.status, answer.text).toBe(201)
  return answer.body
}
const patch = (id: string, body: object) => shop.call('PATCH', `/v1/checkouts/${id}`, { body })
const linesOf = async (quantity = 1) => [{ variant_id: await aVariantOf(shop), quantity }]
const optionIds = (body: { shipping_options: { id: string }[] }) => body.shipping_options.map(({ id }) => id)

describe('a checkout', () => {
  test('takes over a cart: lines, currency, country and codes; and the cart stays', async () => {
    const cart = await shop.post('/v1/carts', {
      currency: 'USD',
      country: 'AT',
      lines: await linesOf(2),
      discount_codes: ['TEN'],
    })
    const checkout = await create({ cart_id: cart.body.id })
    expect(checkout).toMatchObject({ cart_id: cart.body.id, currency: 'USD', country: 'AT', status: 'open' })
    expect(checkout.lines).toEqual(cart.body.lines)
    expect(checkout.totals).toEqual(cart.body.totals)
    expect(checkout.discount_codes).toEqual([{ code: 'TEN', applied: true }])
    expect((await shop.get(`/v1/carts/${cart.body.id}`)).body).toEqual(cart.body)
  })

  test('is a basket of its own: what the cart becomes later does not touch it', async () => {
    const cart = await shop.post('/v1/carts', { lines: await linesOf() })
    const checkout = await create({ cart_id: cart.body.id })
    await shop.call('DELETE', `/v1/carts/${cart.body.id}/lines/${cart.body.lines[0].id}`)
    expect((await shop.get(`/v1/checkouts/${checkout.id}`)).body).toEqual(checkout)
  })

  test('can start from lines, with all that is needed at once', async () => {
    const answer = await shop.post('/v1/checkouts', { currency: 'EUR', lines: await linesOf(2), ...READY })
    expect(answer.status, answer.text).toBe(201)
    expect(answer.headers.get('Location')).toBe(`/v1/checkouts/${answer.body.id}`)
    expect(answer.body.id).toMatch(/^chk_[0-9A-HJKMNP-TV-Z]{36}$/)
    expect(answer.body).toMatchObject({
      cart_id: null,
      status: 'ready',
      missing: [],
      payment_providers: ['manual', 'test'],
      order_id: null,
      order_token: null,
    })
    expect(Date.parse(answer.body.expires_at) - Date.parse(answer.body.created_at)).toBe(24 * HOUR_MS)
  })

  test('says at each stage what is missing, until it is ready', async () => {
    const { id, missing } = await create({ lines: await linesOf() })
    const email = { pointer: '/email', code: 'required' }
    const address = { pointer: '/shipping_address', code: 'required' }
    const option = { pointer: '/shipping_option_id', code: 'required' }
    expect(missing).toEqual([email, address])
    expect((await patch(id, { email: 'ada@example.com' })).body.missing).toEqual([address])
    const addressed = await patch(id, { shipping_address: anAddress() })
    expect(addressed.body).toMatchObject({ missing: [option], status: 'open' })
    const ready = await patch(id, { shipping_option_id: 'ship_express' })
    expect(ready.body).toMatchObject({ missing: [], status: 'ready' })
    expect(ready.body.totals).toMatchObject({ shipping: { amount: 1500 }, total: { amount: 3500 } })
  })

  test('null clears, what is left out stays, an address is replaced whole', async () => {
    const id = await aReadyCheckout(shop, await aVariantOf(shop), 1, {
      phone: '+49 30 123456',
      note: 'Ring twice',
      shipping_address: anAddress({ line2: 'Back yard' }),
    })
    const cleared = await patch(id, { phone: null, note: null, email: null, shipping_address: anAddress() })
    expect(cleared.body).toMatchObject({ phone: null, note: null, email: null, status: 'open' })
    expect(cleared.body.shipping_address).toEqual(anAddress())
    expect(cleared.body.shipping_option_id).toBe('ship_standard')
    const homeless = await patch(id, { shipping_address: null })
    expect(homeless.body.shipping_address).toBeNull()
    expect(homeless.body.missing).toEqual([
      { pointer: '/email', code: 'required' },
      { pointer: '/shipping_address', code: 'required' },
    ])
    // Until there is an address, the checkout's country says what shipping will cost.
    expect(optionIds(homeless.body)).toEqual(['ship_standard', 'ship_express'])
    const rows = await shop.db.all(sql`SELECT shipping_address, customer_key FROM checkouts WHERE id = ${id}`)
    expect(rows).toEqual([{ shipping_address: null, customer_key: null }])
  })

  test('offers what its address’s zone has, and tells when the chosen option is no longer offered', async () => {
    const id = await aReadyCheckout(shop, await aVariantOf(shop))
    const there = await patch(id, { shipping_address: AUSTRIA })
    expect(optionIds(there.body)).toEqual(['ship_at'])
    expect(there.body).toMatchObject({
      status: 'open',
      missing: [{ pointer: '/shipping_option_id', code: 'not_offered' }],
      totals: { shipping: { amount: 0 } },
    })
    const back = await patch(id, { shipping_address: anAddress() })
    expect(back.body).toMatchObject({ status: 'ready', totals: { shipping: { amount: 500 } } })
  })

  test('is taxed and shipped where its address is, by the country it began with until then, and `country` says which', async () => {
    const { id, country, tax_lines } = await create({ country: 'AT', lines: await linesOf() })
    expect([country, tax_lines]).toEqual(['AT', []])
    const billed = await patch(id, { billing_address: anAddress() })
    expect([billed.body.country, billed.body.tax_lines]).toEqual(['AT', []])
    expect(optionIds(billed.body)).toEqual(['ship_at'])
    const german = await patch(id, { shipping_address: anAddress() })
    expect(german.body).toMatchObject({ country: 'DE', tax_lines: [{ name: 'MwSt' }] })
    expect((await shop.get(`/v1/checkouts/${id}`)).body.country).toBe('DE')
    const again = await patch(id, { shipping_address: null })
    expect([again.body.country, again.body.tax_lines]).toEqual(['AT', []])
  })

  test('of digital goods is taxed by its billing address, which `country` then names', async () => {
    const variant_id = await aVariantOf(shop, { requires_shipping: false })
    const { id, country, tax_lines } = await create({ lines: [{ variant_id, quantity: 1 }] })
    expect([country, tax_lines.length]).toEqual(['DE', 1])
    const abroad = await patch(id, { billing_address: FRANCE })
    expect([abroad.body.country, abroad.body.tax_lines]).toEqual(['FR', []])
  })

  test('says that nothing goes to an address outside all zones', async () => {
    const { id } = await create({ lines: await linesOf(), email: 'ada@example.com' })
    const far = await patch(id, { shipping_address: FRANCE })
    expect(far.body).toMatchObject({
      shipping_options: [],
      missing: [{ pointer: '/shipping_address', code: 'not_shippable' }],
    })
  })

  test('of digital goods needs neither address nor shipping', async () => {
    const variant_id = await aVariantOf(shop, { requires_shipping: false })
    const checkout = await create({ lines: [{ variant_id, quantity: 1 }], email: 'ada@example.com' })
    expect(checkout).toMatchObject({ requires_shipping: false, shipping_options: [], status: 'ready' })
    const order = await orderOf(shop, await complete(shop, checkout.id))
    expect(order.body).toMatchObject({ shipping_address: null, shipping_option: null })
    expect(order.body.lines[0].requires_shipping).toBe(false)
  })

  test('of an empty cart, or of goods no longer sold, cannot become ready', async () => {
    const empty = await shop.post('/v1/carts', {})
    const none = await create({ cart_id: empty.body.id, email: 'ada@example.com' })
    expect(none.missing).toEqual([{ pointer: '/lines', code: 'empty' }])
    const product = aProduct()
    const { variantIds } = await shop.addProduct(product)
    const id = await aReadyCheckout(shop, variantIds[0] ?? '')
    await upsertProducts(shop.deps, 'test', [{ ...product, status: 'archived' }])
    const answer = await shop.get(`/v1/checkouts/${id}`)
    expect(answer.body.missing).toContainEqual({ pointer: '/lines/0', code: 'item_unavailable' })
    expect((await complete(shop, id)).body).toMatchObject({
      code: 'checkout_not_ready',
      missing: answer.body.missing,
    })
  })

  test('keeps codes that do not apply, with the reason', async () => {
    const { id } = await create({ lines: await linesOf(), discount_codes: ['ten'] })
    const put = await patch(id, { discount_codes: ['ten', 'gone'] })
    expect(put.body.discount_codes).toEqual([
      { code: 'TEN', applied: true },
      { code: 'GONE', applied: false, reason: 'code_unknown' },
    ])
    expect((await patch(id, { discount_codes: [] })).body.discounts).toEqual([])
  })
})

describe('changes at the same time', () => {
  test('parallel changes of different fields all take effect', async () => {
    const { id } = await create({ lines: await linesOf() })
    const answers = await Promise.all([
      patch(id, { email: 'ada@example.com' }),
      patch(id, { shipping_address: anAddress() }),
      patch(id, { shipping_option_id: 'ship_standard' }),
      patch(id, { note: 'Ring twice' }),
      patch(id, { discount_codes: ['TEN'] }),
    ])
    expect(answers.map(({ status }) => status)).toEqual(Array(5).fill(200))
    const read = await shop.get(`/v1/checkouts/${id}`)
    expect(read.body).toMatchObject({
      status: 'ready',
      note: 'Ring twice',
      discount_codes: [{ applied: true }],
    })
  })

  test('one key sent 10 times at once makes one checkout', async () => {
    const body = { lines: await linesOf() }
    const key = withKey()
    const answers = await Promise.all(Array.from({ length: 10 }, () => shop.post('/v1/checkouts', body, key)))
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(201))
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
  })
})

describe('the states of a checkout', () => {
  const expectClosed = async (id: string, status: string) => {
    for (const answer of [
      await patch(id, { note: 'late' }),
      await complete(shop, id),
      ...(status === 'cancelled' ? [] : [await shop.post(`/v1/checkouts/${id}/cancel`, undefined)]),
    ]) {
      expect([answer.status, answer.body.code], answer.text).toEqual([409, 'checkout_closed'])
      expect(answer.body.checkout_status).toBe(status)
    }
    expect((await shop.get(`/v1/checkouts/${id}`)).body).toMatchObject({ status, note: null })
  }

  test('cancelled: for good, and cancelling again changes nothing', async () => {
    const id = await aReadyCheckout(shop, await aVariantOf(shop))
    const cancelled = await shop.post(`/v1/checkouts/${id}/cancel`, undefined)
    expect(cancelled.status, cancelled.text).toBe(200)
    expect(cancelled.body).toMatchObject({ status: 'cancelled', missing: [] })
    shop.advance(1000)
    const again = await shop.post(`/v1/checkouts/${id}/cancel`, undefined)
    expect([again.status, again.body]).toEqual([200, cancelled.body])
    await expectClosed(id, 'cancelled')
    expect(await tracesOf(shop, id)).toEqual(NOTHING)
  })

  test('completed: for good', async () => {
    const id = await aReadyCheckout(shop, await aVariantOf(shop))
    expect((await complete(shop, id)).status).toBe(200)
    await expectClosed(id, 'completed')
  })

  test('expired after a day, and removed a week later', async () => {
    const id = await aReadyCheckout(shop, await aVariantOf(shop))
    shop.advance(24 * HOUR_MS - 1)
    expect((await shop.get(`/v1/checkouts/${id}`)).body.status).toBe('ready')
    shop.advance(1)
    await expectClosed(id, 'expired')
    shop.advance(7 * 24 * HOUR_MS)
    await shop.sweep()
    expect((await shop.get(`/v1/checkouts/${id}`)).status).toBe(200)
    shop.advance(1)
    await shop.sweep()
    expect((await shop.get(`/v1/checkouts/${id}`)).status).toBe(404)
  })
})

describe('what changes between looking and paying', () => {
  const product = () => aProduct({ variants: [aVariant({ quantity: 5 })] })
  const at = (amount: number, quantity = 5) => [
    aVariant({ quantity, prices: [{ currency: 'EUR', amount, compare_at_amount: null }] }),
  ]

  test('another total than the expected one stops the sale: nothing happens, and the new total is told', async () => {
    const input = product()
    const { variantIds } = await shop.addProduct(input)
    const id = await aReadyCheckout(shop, variantIds[0] ?? '')
    const seen = (await shop.get(`/v1/checkouts/${id}`)).body.totals.total
    await upsertProducts(shop.deps, 'test', [{ ...input, variants: at(2100) }])
    const key = withKey()
    const refused = await complete(shop, id, { key, expected_total: seen })
    expect(refused.status, refused.text).toBe(409)
    expect(refused.body).toMatchObject({ code: 'total_changed', total: { amount: 2600, currency: 'EUR' } })
    expect(await tracesOf(shop, id)).toEqual(NOTHING)
    expect((await shop.get(`/v1/checkouts/${id}`)).body.messages).toMatchObject([{ code: 'price_changed' }])
    const otherCurrency = await complete(shop, id, { expected_total: { amount: 2600, currency: 'USD' } })
    expect(otherCurrency.body.code).toBe('total_changed')
    const agreed = await complete(shop, id, { expected_total: refused.body.total })
    expect(agreed.status, agreed.text).toBe(200)
    expect((await orderOf(shop, agreed)).body.totals.total.amount).toBe(2600)
  })

  test('what was paid is what a completed checkout shows, whatever prices and stock do after it', async () => {
    const input = product()
    const { variantIds } = await shop.addProduct(input)
    const id = await aReadyCheckout(shop, variantIds[0] ?? '', 5)
    const completed = await complete(shop, id)
    expect(completed.status, completed.text).toBe(200)
    await upsertProducts(shop.deps, 'test', [{ ...input, variants: at(9900, 0) }])
    const shown = completed.body
    expect((await shop.get(`/v1/checkouts/${id}`)).body).toEqual(shown)
    expect(shown.messages).toEqual([])
    expect((await orderOf(shop, completed)).body.totals).toEqual(shown.totals)
  })
})
