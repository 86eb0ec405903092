// How the database reads the lists of stock: by an index that gives their order, from where the page before ended. A plan
// that scans or sorts is right in every other test and slow at 100,000 rows.

import { type SQL, sql } from 'drizzle-orm'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Db } from '../../../src/db/client.ts'
import { aVariant } from '../../support/factories.ts'
import { aLocation, setStock } from '../../support/inventory.ts'
import { aStaffMember, type Person } from '../../support/people.ts'
import { openShop, type TestShop } from '../../support/shop.ts'

let shop: TestShop
let manager: Person
const asked: SQL[] = []
/** Ids that filters need. */
let known: Record<string, string>

beforeAll(async () => {
  const { db } = await openShop()
  const all: Db['all'] = query => {
    asked.push(query as SQL)
    return db.all(query)
  }
  shop = await openShop({
    deps: {
      db: new Proxy(db, { get: (target, name) => (name === 'all' ? all : Reflect.get(target, name)) }),
    },
  })
  manager = await aStaffMember(shop, 'manager')
  const place = await aLocation(shop)
  const { id: product, variantIds } = await shop.addProduct({
    options: [{ name: 'Size', values: ['1', '2', '3'] }],
    variants: ['1', '2', '3'].map(size => aVariant({ options: { Size: size }, sku: 'SAME', quantity: 1 })),
  })
  for (const id of variantIds) await setStock(shop, { [id]: { [place]: 1 } })
  known = { product, place, variant: variantIds[0] ?? '' }
})

/** The plan of the second page of a list; of the first where there is no second. */
async function planOf(path: string): Promise<string[]> {
  const query = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => known[name] ?? '')
  const page = (cursor: string) =>
    shop.get(`/v1/admin/${query}${query.includes('?') ? '&' : '?'}limit=1${cursor}`, manager.auth)
  asked.length = 0
  const first = await page('')
  expect(first.status, first.text).toBe(200)
  if (first.body.next_cursor) await page(`&cursor=${first.body.next_cursor}`)
  const statement = asked.at(-1)
  if (!statement) throw new Error('nothing was asked')
  const rows = await shop.db.all<{ detail: string }>(sql`EXPLAIN QUERY PLAN ${statement}`)
  return rows.map(({ detail }) => detail)
}

describe('a list of stock', () => {
  test.each([
    ['inventory', /^SEARCH i USING PRIMARY KEY \(variant_id>\?\)/],
    ['inventory?low=true', /^SEARCH i USING INDEX stock_items_low \(variant_id>\?\)/],
    ['inventory?low=true&location_id={place}', /^SEARCH i USING INDEX stock_items_low \(variant_id>\?\)/],
    [
      'inventory?location_id={place}',
      /^SEARCH here USING (COVERING )?INDEX stock_levels_by_location \(location_id=\? AND variant_id>\?\)/,
    ],
    ['inventory?variant_id={variant}', /^SEARCH i USING PRIMARY KEY \(variant_id=\?\)/],
    ['inventory?product_id={product}', /^SEARCH i USING PRIMARY KEY \(variant_id=\?\)/],
    ['inventory?sku=SAME', /^SEARCH i USING PRIMARY KEY \(variant_id=\?\)/],
    ['inventory/movements', /USING INDEX stock_movements_by_age \(\(?created_at[<,]/],
    ['inventory/movements?sort=oldest', /USING INDEX stock_movements_by_age \(\(?created_at[>,]/],
    ['inventory/movements?reason=sale', /USING INDEX stock_movements_by_reason \(reason=\?/],
    [
      'inventory/movements?reason=counted',
      /USING INDEX stock_movements_by_reason \(reason=\? AND \(created_at,id\)<\(\?,\?\)\)/,
    ],
    [
      'inventory/movements?location_id={place}',
      /USING INDEX stock_movements_by_location \(location_id=\? AND \(created_at,id\)</,
    ],
    [
      'inventory/movements?variant_id={variant}&location_id={place}',
      /USING INDEX stock_movements_by_variant \(variant_id=\?/,
    ],
    [
      'inventory/movements?variant_id={variant}&sort=oldest',
      /USING INDEX stock_movements_by_variant \(variant_id=\? AND \(created_at,id\)>/,
    ],
    ['inventory/movements?order_id=ord_x&reason=sale', /USING INDEX stock_movements_by_order \(order_id=\?/],
    ['inventory/movements?document_id=adj_x', /USING INDEX stock_movements_by_document \(document_id=\?/],
  ])('%s is read in the order of an index', async (path, first) => {
    const plan = await planOf(path)
    expect(plan[0]).toMatch(first)
    const scans = plan.filter(detail => /^SCAN (?!shop_settings|\(subquery|CONSTANT)/.test(detail))
    expect(scans).toEqual([])
    expect(plan.filter(detail => detail.includes('TEMP B-TREE FOR ORDER BY'))).toEqual([])
  })
})
