// Writing products: the same input twice changes nothing, a changed one changes exactly that, and all of a call or
// none of it happens. What is stored is read from the tables, since shoppers do not see versions and movements.

import { sql } from 'drizzle-orm'
import { beforeAll, describe, expect, test } from 'vitest'
import type { ProductInput, VariantInput } from '../../../src/features/products/input.ts'
import { upsertProducts } from '../../../src/features/products/upsert.ts'
import { aProduct, aVariant } from '../../support/factories.ts'
import { aLocation } from '../../support/inventory.ts'
import { openShop, type TestShop } from '../../support/shop.ts'
import { paramsOf, watching } from '../../support/statements.ts'

let shop: TestShop
beforeAll(async () => {
  shop = await openShop()
})

const upsert = (...inputs: ProductInput[]) => upsertProducts(shop.deps, 'test', inputs)

/** Every row that belongs to products, but not the audit log. */
async function allRows(): Promise<Record<string, unknown[]>> {
  const tables =
    'products variants prices product_images product_price_ranges product_tags search_typos stock_levels stock_movements'
  const rows: Record<string, unknown[]> = {}
  for (const table of tables.split(' '))
    rows[table] = await shop.db.all(sql.raw(`SELECT * FROM ${table} ORDER BY 1, 2`))
  return rows
}

interface Stored {
  id: string
  version: number
  created_at: number
  updated_at: number
}

async function storedProduct(handle: string): Promise<Stored> {
  const [row] = await shop.db.all<Stored>(
    sql`SELECT id, version, created_at, updated_at FROM products WHERE handle = ${handle}`,
  )
  if (!row) throw new Error(`no ${handle}`)
  return row
}

const priced = (
  ...prices: [currency: string, amount: number, compareAt?: number][]
): VariantInput['prices'] =>
  prices.map(([currency, amount, compareAt]) => ({ currency, amount, compare_at_amount: compareAt ?? null }))

/** A product in two sizes and two colours, four variants. */
function aShirt(input: Partial<ProductInput> = {}): ProductInput {
  const variants = ['S', 'L'].flatMap(Size =>
    ['Red', 'Blue'].map(Colour =>
      aVariant({
        title: `${Size} / ${Colour}`,
        options: { Size, Colour },
        sku: `${Size}-${Colour}`,
        quantity: 5,
      }),
    ),
  )
  const options = [
    { name: 'Size', values: ['S', 'L'] },
    { name: 'Colour', values: ['Red', 'Blue'] },
  ]
  return aProduct({
    options,
    variants,
    tags: ['one', 'two'],
    images: [{ url: '/a.svg', alt: 'A' }],
    ...input,
  })
}

/** Changes one variant of a product. */
const withVariant = (input: ProductInput, index: number, change: Partial<VariantInput>): ProductInput => ({
  ...input,
  variants: input.variants.map((variant, i) => (i === index ? { ...variant, ...change } : variant)),
})

async function variantIds(handle: string): Promise<Map<string, string>> {
  const rows = await shop.db.all<{ id: string; title: string }>(sql`
    SELECT v.id, v.title FROM variants v JOIN products p ON p.id = v.product_id WHERE p.handle = ${handle}`)
  return new Map(rows.map(row => [row.title, row.id]))
}

describe('writing again', () => {
  test('the same input changes no row at all, however late', async () => {
    const inputs = [
      aShirt(),
      aProduct({ description_html: '<p>“Ünïcode” \\ \u007f</p>', images: [] }),
      aProduct({ status: 'draft' }),
    ]
    expect(await upsert(...inputs)).toEqual({ created: 3, updated: 0, variants: 6 })
    const before = await allRows()
    shop.advance(60_000)
    expect(await upsert(...structuredClone(inputs))).toEqual({ created: 0, updated: 3, variants: 6 })
    expect(await allRows()).toEqual(before)
  })

  test('any change raises the version by one and the time of change, and leaves the rest', async () => {
    const original = aShirt({ metadata: { a: '1' }, seo_title: 'Seo' })
    await upsert(original)
    const changes: Partial<ProductInput>[] = [
      { title: 'Other' },
      { description_html: '<p>Other</p>' },
      { vendor: 'Other' },
      { product_type: 'Other' },
      { status: 'archived' },
      { tags: ['two', 'one'] },
      { options: [...original.options].reverse() },
      { metadata: { a: '2' } },
      { seo_title: null },
      { seo_description: 'Other' },
      { images: [] },
      { images: [{ url: '/a.svg', alt: 'Other' }] },
      { images: [{ url: '/b.svg', alt: 'B' }, ...original.images] },
      { variants: original.variants.slice(1) },
      { variants: [...original.variants].reverse() },
      ...(
        [
          { title: 'Other' },
          { sku: null },
          { barcode: '1' },
          { weight_grams: 1 },
          { requires_shipping: false },
          { taxable: false },
          { tax_class: 'reduced' },
          { tracks_inventory: false },
          { inventory_policy: 'continue' },
          { image_url: '/v.svg' },
          { prices: priced(['EUR', 1]) },
          { prices: priced(['EUR', 2000, 2500], ['USD', 2200]) },
          { prices: [] },
        ] satisfies Partial<VariantInput>[]
      ).map(change => withVariant(original, 2, change)),
    ]
    for (const change of changes) {
      const before = await storedProduct(original.handle)
      shop.advance(1000)
      await upsert({ ...original, ...change })
      const after = await storedProduct(original.handle)
      const label = JSON.stringify(change).slice(0, 200)
      expect(after.version, label).toBe(before.version + 1)
      expect(after.updated_at, label).toBe(before.updated_at + 1000)
      expect([after.id, after.created_at]).toEqual([before.id, before.created_at])
      await upsert(original)
      expect((await storedProduct(original.handle)).version, label).toBe(before.version + 2)
    }
  })

  test('counting stock is no change of the product', async () => {
    const input = aShirt()
    await upsert(input)
    const before = await storedProduct(input.handle)
    await upsert(withVariant(input, 0, { quantity: 99 }))
    expect(await storedProduct(input.handle)).toEqual(before)
  })
})

describe('variants', () => {
  test('keep their ids by their options, in whatever order these are named and listed', async () => {
    const input = aShirt()
    await upsert(input)
    const before = await variantIds(input.handle)
    await upsert({
      ...input,
      options: [...input.options].reverse(),
      variants: input.variants.toReversed().map(({ options: { Size = '', Colour = '' }, ...variant }) => ({
        ...variant,
        options: { Colour, Size },
        sku: 'new',
      })),
    })
    expect(await variantIds(input.handle)).toEqual(before)
    const { body } = await shop.get(`/v1/products/${input.handle}`)
    expect(body.variants.map((variant: { title: string }) => variant.title)).toEqual(
      input.variants.map(variant => variant.title).toReversed(),
    )
  })

  test('that the input no longer has go, with their prices; the books of their stock stay', async () => {
    const input = aShirt()
    await upsert(input)
    const before = await variantIds(input.handle)
    const gone = before.get('S / Blue') ?? ''
    await upsert({ ...input, variants: input.variants.filter(variant => variant.title !== 'S / Blue') })
    before.delete('S / Blue')
    expect(await variantIds(input.handle)).toEqual(before)
    expect(await shop.db.all(sql`SELECT * FROM prices WHERE variant_id = ${gone}`)).toEqual([])
    expect(await shop.db.all(sql`SELECT on_hand FROM stock_levels WHERE variant_id = ${gone}`)).toEqual([
      { on_hand: 5 },
    ])
    // Back again, it is a new variant: nobody's cart gets something it did not ask for.
    await upsert(input)
    expect((await variantIds(input.handle)).get('S / Blue')).not.toBe(gone)
  })
})

describe('prices', () => {
  const range = async (handle: string, currency: string) => {
    const answer = await shop.get(`/v1/products/${handle}?currency=${currency}`)
    if (answer.status === 404) return null
    return [answer.body.price_range.min.amount, answer.body.price_range.max.amount]
  }

  test('come, change and go by currency, and ranges follow', async () => {
    const input = aShirt()
    const set = async (...each: VariantInput['prices'][]) => {
      await upsert({
        ...input,
        variants: input.variants
          .slice(0, each.length)
          .map((variant, i) => ({ ...variant, prices: each[i] ?? [] })),
      })
      return [await range(input.handle, 'EUR'), await range(input.handle, 'USD')]
    }
    expect(await set(priced(['EUR', 10]), priced(['EUR', 30]))).toEqual([[10, 30], null])
    expect(await set(priced(['EUR', 10], ['USD', 7]), priced(['EUR', 20]))).toEqual([
      [10, 20],
      [7, 7],
    ])
    expect(await set(priced(['EUR', 50], ['USD', 9]), priced(['EUR', 20], ['USD', 8]))).toEqual([
      [20, 50],
      [8, 9],
    ])
    expect(await set(priced(['USD', 9]), priced(['EUR', 20]))).toEqual([
      [20, 20],
      [9, 9],
    ])
    expect(await set(priced(['USD', 0]), priced(['USD', 0]))).toEqual([null, [0, 0]])
    expect(await set([], priced(['USD', 5]))).toEqual([null, [5, 5]])
    expect(await set(priced(['EUR', 1]))).toEqual([[1, 1], null])
    expect(await set([])).toEqual([null, null])
    expect(await set(priced(['EUR', 2]), priced(['EUR', 1]), priced(['EUR', 3]))).toEqual([[1, 3], null])
    expect(await set(priced(['EUR', 2]), priced(['EUR', 1]))).toEqual([[1, 2], null])
    expect(await set(priced(['EUR', 2]), priced(['EUR', 1]), priced(['EUR', 3]), priced(['EUR', 0]))).toEqual(
      [[0, 3], null],
    )
    expect(await set(priced(['EUR', 2]), priced(['EUR', 1]), priced(['EUR', 3]), [])).toEqual([[1, 3], null])
  })

  test('ranges are always the lowest and highest of all prices there are', async () => {
    const wrong = await shop.db.all(sql`
      SELECT * FROM (
        SELECT v.product_id, p.currency, min(p.amount) AS low, max(p.amount) AS high
        FROM prices p JOIN variants v ON v.id = p.variant_id GROUP BY 1, 2) prices
      FULL JOIN product_price_ranges r ON r.product_id = prices.product_id AND r.currency = prices.currency
      WHERE (low, high) IS NOT (min_amount, max_amount)`)
    expect(wrong).toEqual([])
  })
})

test('tags follow, each once in whatever case, and a tag list in another order is kept in that order', async () => {
  const input = aProduct()
  for (const [given, tags] of [
    [['b', 'a']],
    [['a', 'b', 'c']],
    [['c', 'c'], ['c']],
    [[]],
    [
      ['ä', '"', 'Ä', '\\'],
      ['ä', '"', '\\'],
    ],
  ].map(([given = [], tags = given]) => [given, tags])) {
    await upsert({ ...input, tags: given ?? [] })
    const { body } = await shop.get(`/v1/products/${input.handle}`)
    expect(body.tags).toEqual(tags)
    const rows = await shop.db.all<{ tag: string }>(
      sql`SELECT tag FROM product_tags WHERE product_id = ${body.id} ORDER BY tag`,
    )
    expect(rows.map(row => row.tag)).toEqual([...new Set(tags)].toSorted())
  }
})

describe('stock', () => {
  const levels = (handle: string) =>
    shop.db.all<{ title: string; on_hand: number; moved: number; movements: number }>(sql`
      SELECT v.title, s.on_hand, coalesce(sum(m.quantity), 0) AS moved, count(m.id) AS movements
      FROM products p JOIN variants v ON v.product_id = p.id JOIN stock_levels s ON s.variant_id = v.id
      LEFT JOIN stock_movements m ON m.variant_id = v.id WHERE p.handle = ${handle} GROUP BY v.id ORDER BY v.position`)

  test('that is counted already is kept when asked, while new variants get theirs', async () => {
    const known = aShirt()
    await upsert(known)
    const [first, ...rest] = known.variants
    if (!first) throw new Error('no variant')
    const again = {
      ...known,
      variants: [{ ...first, quantity: 1 }, ...rest.map(v => ({ ...v, quantity: 99 }))],
    }
    const added = aVariant({ title: 'XL / Red', options: { Size: 'XL', Colour: 'Red' }, quantity: 8 })
    const untracked = aVariant({ tracks_inventory: false, quantity: null })
    const plain = aProduct({ variants: [untracked] })
    await upsert(plain)
    const result = await upsertProducts(
      shop.deps,
      'test',
      [
        { ...again, variants: [...again.variants, added] },
        { ...plain, variants: [{ ...untracked, tracks_inventory: true, quantity: 6 }] },
      ],
      { keepStock: true },
    )
    expect(result).toMatchObject({ created: 0, updated: 2 })
    expect((await levels(known.handle)).map(({ on_hand }) => on_hand)).toEqual([5, 5, 5, 5, 8])
    expect((await levels(plain.handle)).map(({ on_hand }) => on_hand)).toEqual([6])
    await upsert(again)
    expect((await levels(known.handle)).map(({ on_hand }) => on_hand)).toEqual([1, 99, 99, 99])
  })

  test('is set by count, through movements: one for each difference, none for none (INV-STOCK)', async () => {
    const input = aShirt({ variants: [aVariant({ title: 'only', quantity: 4 })], options: [] })
    const steps: [quantity: number | null, onHand: number, movements: number][] = [
      [4, 4, 1],
      [4, 4, 1],
      [9, 9, 2],
      [0, 0, 3],
      [null, 0, 3],
      [2, 2, 4],
    ]
    for (const [quantity, on_hand, movements] of steps) {
      await upsert(withVariant(input, 0, { quantity }))
      expect(await levels(input.handle)).toEqual([{ title: 'only', on_hand, moved: on_hand, movements }])
    }
    await upsert(withVariant(input, 0, { tracks_inventory: false, quantity: null }))
    expect(await levels(input.handle)).toEqual([{ title: 'only', on_hand: 2, moved: 2, movements: 4 }])
  })

  test('is not opened for what is not counted', async () => {
    const input = aProduct({ variants: [aVariant({ tracks_inventory: false, quantity: null })] })
    await upsert(input)
    expect(await levels(input.handle)).toEqual([])
  })

  test('counted at another location leaves what lies at the default one', async () => {
    const input = aProduct({ variants: [aVariant({ quantity: 2 })] })
    await upsert(input)
    const place = await aLocation(shop)
    await upsertProducts(shop.deps, 'test', [withVariant(input, 0, { quantity: 5 })], { locationId: place })
    expect(
      await shop.db.all(sql`SELECT s.location_id, s.on_hand, i.available FROM products p JOIN variants v ON v.product_id = p.id
        JOIN stock_levels s ON s.variant_id = v.id JOIN stock_items i ON i.variant_id = v.id
        WHERE p.handle = ${input.handle} ORDER BY s.on_hand`),
    ).toEqual([
      { location_id: 'loc_default', on_hand: 2, available: 7 },
      { location_id: place, on_hand: 5, available: 7 },
    ])
  })

  test('a count below what is reserved is refused, names the variant, and nothing of the call is written', async () => {
    const held = aShirt({ title: 'Held' })
    await upsert(held)
    const id = (await variantIds(held.handle)).get('L / Red')
    await shop.db.run(sql`
      INSERT INTO stock_reservations (id, payment_id, variant_id, location_id, quantity, status, created_at)
      VALUES ('res_1', 'pay_1', ${id}, 'loc_default', 3, 'open', 0)`)
    const before = await allRows()
    const audited = await shop.db.all(sql`SELECT count(*) AS rows FROM audit_log`)
    const others = Array.from({ length: 5 }, () => aProduct())
    const counted = (quantity: number) => withVariant({ ...held, title: 'Renamed' }, 2, { quantity })
    await expect(upsert(...others.slice(2), counted(2), ...others.slice(0, 2))).rejects.toMatchObject({
      kind: { code: 'stock_count_below_reserved' },
      message: `Less was counted than is reserved: ${held.handle} (L / Red): 2 counted, 3 reserved.`,
      extras: { members: { items: [{ variant_id: id, quantity: 2, reserved: 3 }] } },
    })
    expect(await allRows()).toEqual(before)
    expect(await shop.db.all(sql`SELECT count(*) AS rows FROM audit_log`)).toEqual(audited)
    await upsert(counted(3))
    expect((await levels(held.handle))[2]).toMatchObject({ title: 'L / Red', on_hand: 3 })
  })

  test('a count below zero is refused whole', async () => {
    const input = aProduct({ variants: [aVariant({ quantity: -1 })] })
    await expect(upsert(input)).rejects.toThrow()
    expect((await shop.get(`/v1/products/${input.handle}`)).status).toBe(404)
  })
})

describe('one call', () => {
  test('writes 150 products with 450 variants in two database calls', async () => {
    const inputs = Array.from({ length: 150 }, () => aShirt())
    expect(await shop.countCalls(() => upsert(...inputs))).toBe(2)
    expect(await shop.countCalls(() => upsert(...inputs))).toBe(2)
    const last = inputs.at(-1)
    expect((await shop.get(`/v1/products/${last?.handle}`)).body.variants).toHaveLength(4)
  })

  test('refuses two products of one handle, and two variants of the same options, before anything is written', async () => {
    const input = aShirt()
    const call = (...inputs: ProductInput[]) => upsert(...inputs)
    await expect(call(aProduct(), input, aProduct({ handle: input.handle }))).rejects.toThrow(
      `two products have the handle "${input.handle}"`,
    )
    const doubled = withVariant(input, 3, { options: { Colour: 'Red', Size: 'L' } })
    await expect(call(aProduct(), doubled)).rejects.toThrow(
      `two variants of "${input.handle}" have the same options`,
    )
    expect(await shop.countCalls(() => call(input, input).catch(() => {}))).toBe(0)
    await expect(storedProduct(input.handle)).rejects.toThrow()
  })

  test('that breaks a constraint anywhere leaves nothing behind', async () => {
    const before = await allRows()
    const bad = { status: 'sold' } as unknown as Partial<ProductInput>
    await expect(upsert(aShirt(), aProduct(bad))).rejects.toThrow()
    await expect(
      upsert(aShirt(), aProduct({ variants: [aVariant({ prices: priced(['EUR', -1]) })] })),
    ).rejects.toThrow()
    expect(await allRows()).toEqual(before)
  })

  test('names its writer in the audit log', async () => {
    const inputs = [aProduct(), aProduct()]
    await upsertProducts(shop.deps, 'system:import-7', inputs)
    const first = await storedProduct(inputs[0]?.handle ?? '')
    expect(
      await shop.db.all(
        sql`SELECT action, object_id, changes FROM audit_log WHERE actor = 'system:import-7'`,
      ),
    ).toEqual([{ action: 'products.written', object_id: first.id, changes: '{"products":2}' }])
  })

  test('without products does nothing', async () => {
    const before = await allRows()
    expect(await upsert()).toEqual({ created: 0, updated: 0, variants: 0 })
    expect(await allRows()).toEqual(before)
  })

  // Last, since it makes the tables large.
  test('writes 50 products of the longest descriptions, no parameter above D1’s 2 MB', async () => {
    // Each word is another one, and each letter takes three bytes.
    const description = (i: number) =>
      Array.from({ length: 6400 }, (_, word) => `漢${(i * 6400 + word).toString(36)}語`).join(' ')
    const inputs = Array.from({ length: 50 }, (_, i) =>
      aShirt({ description_html: `<p>${description(i)}</p>` }),
    )
    const { db, statements } = watching(shop.db)
    await upsertProducts({ ...shop.deps, db }, 'test', inputs)
    const sizes = statements.flatMap(paramsOf).map(param => new TextEncoder().encode(String(param)).length)
    expect(new TextEncoder().encode(inputs[0]?.description_html).length).toBeGreaterThan(60_000)
    expect(sizes.reduce((a, b) => a + b)).toBeGreaterThan(8_000_000)
    expect(Math.max(...sizes)).toBeLessThan(1_500_000)
    const found = await shop.get(
      `/v1/products?q=${encodeURIComponent(`漢${(49 * 6400 + 6399).toString(36)}語`)}`,
    )
    expect(found.body.data.map((product: { handle: string }) => product.handle)).toEqual([inputs[49]?.handle])
  }, 30_000)
})
