// Loading a shop file again: the shop becomes what the file says, no more and no less.

import { sql } from 'drizzle-orm'
import { beforeAll, expect, test } from 'vitest'
import { loadShop } from '../../../src/features/imports/load-shop.ts'
import type { ShopFile } from '../../../src/features/imports/shop-file.ts'
import { SHOP } from '../../support/factories.ts'
import { openShop, type TestShop } from '../../support/shop.ts'

let shop: TestShop
beforeAll(async () => {
  shop = await openShop()
})

const aCollection = (handle: string, products: string[] = []): ShopFile['collections'][number] => ({
  handle,
  title: handle,
  description_html: '',
  image_url: null,
  kind: 'manual',
  products,
})

const aPromotion = (id: string, code: string | null): ShopFile['promotions'][number] => ({
  id,
  title: id,
  code,
  rule: { kind: 'percentage', percent_bps: 1000, scope: { type: 'all' }, is_combinable: true, priority: 0 },
  usage_limit: null,
  usage_limit_per_customer: null,
  is_active: true,
})

const collectionHandles = async (): Promise<string[]> =>
  (await shop.get('/v1/collections')).body.data.map(({ handle }: { handle: string }) => handle)

const activePromotions = async (): Promise<string[]> =>
  (await shop.db.all<{ id: string }>(sql`SELECT id FROM promotions WHERE is_active ORDER BY id`)).map(
    ({ id }) => id,
  )

test('collections and promotions that the file no longer has are gone; those that it has stay the same', async () => {
  const { handle, variantIds } = await shop.addProduct()
  const first = await loadShop(shop.deps, {
    ...SHOP,
    collections: [aCollection('kept', [handle]), aCollection('dropped', [handle])],
    promotions: [aPromotion('promo_kept', 'KEPT'), aPromotion('promo_dropped', 'DROPPED')],
  })
  expect(first).toEqual({ removedCollections: [], endedPromotions: [] })
  const kept = (await shop.get('/v1/collections/kept')).body.id

  const again = await loadShop(shop.deps, {
    ...SHOP,
    collections: [aCollection('kept', [handle]), aCollection('added', [handle])],
    promotions: [aPromotion('promo_kept', 'KEPT')],
  })
  expect(again).toEqual({ removedCollections: ['dropped'], endedPromotions: ['promo_dropped'] })
  expect(await collectionHandles()).toEqual(['added', 'kept'])
  expect((await shop.get('/v1/collections/kept')).body.id).toBe(kept)
  expect((await shop.get('/v1/products?collection=dropped')).body.data).toEqual([])
  expect(await activePromotions()).toEqual(['promo_kept'])
  const cart = await shop.post('/v1/carts', {
    lines: [{ variant_id: variantIds[0], quantity: 1 }],
    discount_codes: ['KEPT', 'DROPPED'],
  })
  expect(cart.body.discount_codes).toMatchObject([
    { code: 'KEPT', applied: true },
    { code: 'DROPPED', applied: false, reason: 'code_unknown' },
  ])
  const [row] = await shop.db.all<{ changes: string }>(
    sql`SELECT changes FROM audit_log WHERE action = 'shop.loaded' ORDER BY id DESC LIMIT 1`,
  )
  expect(JSON.parse(row?.changes ?? '')).toEqual({
    removed_collections: ['dropped'],
    ended_promotions: ['promo_dropped'],
  })
})

test('a promotion that comes back is active again', async () => {
  const file = { ...SHOP, promotions: [aPromotion('promo_season', 'SEASON')] }
  await loadShop(shop.deps, file)
  await loadShop(shop.deps, SHOP)
  expect(await activePromotions()).not.toContain('promo_season')
  await loadShop(shop.deps, file)
  expect(await activePromotions()).toContain('promo_season')
})

test('a collection that names a product which is not there is refused by name, and nothing is written', async () => {
  const { handle } = await shop.addProduct()
  await loadShop(shop.deps, { ...SHOP, collections: [aCollection('steady', [handle])] })
  const file = {
    ...SHOP,
    settings: { ...SHOP.settings, name: 'Another name' },
    collections: [aCollection('wanting', [handle, 'no-such-lamp', 'no-such-chair'])],
  }
  await expect(loadShop(shop.deps, file)).rejects.toThrow(
    'collections name products that do not exist: "no-such-lamp" (wanting), "no-such-chair" (wanting)',
  )
  expect(await collectionHandles()).toEqual(['steady'])
  expect((await shop.get('/v1/shop')).body.name).toBe(SHOP.settings.name)
})
