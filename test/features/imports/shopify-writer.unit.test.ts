// What is written as CSV and read again is the same product; and no cell is a formula to a spreadsheet.

import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseShopifyCsv } from '../../../src/features/imports/shopify-csv.ts'
import { csvHeader, csvProduct, disarm, rearm } from '../../../src/features/imports/shopify-writer.ts'
import type { ProductInput, VariantInput } from '../../../src/features/products/input.ts'
import { sanitizeDescription } from '../../../src/features/products/sanitize.ts'

const FORMAT = { currency: 'EUR', others: ['JPY', 'KWD'] }

async function readBack(products: ProductInput[], format = FORMAT): Promise<ProductInput[]> {
  async function* file() {
    yield csvHeader(format)
    for (const product of products) yield csvProduct(product, format)
  }
  const read: ProductInput[] = []
  for await (const parsed of parseShopifyCsv(file(), format)) {
    if (parsed.kind === 'error') throw new Error(JSON.stringify(parsed))
    read.push(parsed.product)
  }
  return read
}

const SPECIAL = ['=', '+', '-', '@', '＝', "'", '"', ',', ';', ' ', 'é', '7', 'x', '|', '😀', '\\', '{', '%']
/** One line that is hard on CSV and on spreadsheets, as it is stored: trimmed, single spaces. */
const line = (min: number, max = 20) =>
  fc
    .array(fc.constantFrom(...SPECIAL), { minLength: min, maxLength: max })
    .map(parts => parts.join('').replace(/ +/g, ' ').trim())
    .filter(text => text.length >= min)
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null })
const amount = fc.integer({ min: 0, max: 999_999_999 })
const prices = fc
  .record({
    EUR: fc.tuple(amount, maybe(fc.integer({ min: 1, max: 99_999 }))),
    JPY: maybe(fc.tuple(amount, maybe(fc.integer({ min: 1, max: 99_999 })))),
    KWD: maybe(fc.tuple(amount, fc.constant(null))),
  })
  .map(byCurrency =>
    Object.entries(byCurrency).flatMap(([currency, price]) =>
      price ? [{ currency, amount: price[0], compare_at_amount: price[1] }] : [],
    ),
  )

const aVariant = (names: string[], images: string[]): fc.Arbitrary<VariantInput> =>
  fc
    .record({
      values: fc.tuple(...names.map(() => line(1, 6).filter(value => value !== 'Default Title'))),
      sku: maybe(line(1, 12)),
      barcode: maybe(fc.stringMatching(/^\d{8,13}$/)),
      weight_grams: fc.nat(50_000),
      requires_shipping: fc.boolean(),
      taxable: fc.boolean(),
      tax_class: fc.constantFrom('standard', 'reduced'),
      tracks_inventory: fc.boolean(),
      inventory_policy: fc.constantFrom('deny' as const, 'continue' as const),
      image_url: images.length > 0 ? maybe(fc.constantFrom(...images)) : fc.constant(null),
      prices,
      stock: fc.nat(10_000),
    })
    .map(({ values, stock, ...variant }) => ({
      ...variant,
      title: values.join(' / '),
      options: Object.fromEntries(names.map((name, i) => [name, String(values[i])])),
      quantity: variant.tracks_inventory ? stock : null,
    }))

const images = fc.uniqueArray(
  fc.record({
    url: fc.constantFrom('/images/a.svg', 'https://cdn.example/b,c.jpg?v=1', '/c.png'),
    alt: line(0),
  }),
  { selector: ({ url }) => url, maxLength: 3 },
)
const aProduct: fc.Arbitrary<ProductInput> = fc
  .record({ names: fc.uniqueArray(line(1, 8), { minLength: 1, maxLength: 3 }), images })
  .chain(({ names, images: pictures }) =>
    fc.record({
      names: fc.constant(names),
      handle: fc.stringMatching(/^[a-z0-9]{1,12}(-[a-z0-9]{1,5})?$/),
      title: line(1),
      description_html: line(0, 40).map(text => sanitizeDescription(`${text}\n<p>${text}</p>`)),
      vendor: line(0),
      product_type: line(0),
      status: fc.constantFrom('draft' as const, 'active' as const, 'archived' as const),
      tags: fc.uniqueArray(
        line(1, 8)
          .map(tag => tag.replaceAll(',', '').trim())
          .filter(tag => tag !== ''),
        { selector: tag => tag.toLowerCase(), maxLength: 4 },
      ),
      images: fc.constant(pictures),
      variants: fc.uniqueArray(
        aVariant(
          names,
          pictures.map(({ url }) => url),
        ),
        { selector: ({ options }) => JSON.stringify(options), minLength: 1, maxLength: 4 },
      ),
      metadata: fc.dictionary(fc.stringMatching(/^[a-z][a-z0-9_]{0,9}$/), line(1), { maxKeys: 3 }),
      seo_title: maybe(line(1)),
      seo_description: maybe(line(1)),
    }),
  )
  .map(({ names, ...product }) => ({
    ...product,
    metadata: { ...product.metadata },
    options: names.map(name => ({
      name,
      values: [...new Set(product.variants.map(({ options }) => options[name] ?? ''))],
    })),
  }))

describe('a product', () => {
  test('that is written and read again is the same, whatever its texts hold', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(aProduct, { selector: ({ handle }) => handle, minLength: 1, maxLength: 3 }),
        async products => {
          expect(await readBack(products)).toEqual(products)
        },
      ),
      { numRuns: 40 },
    )
  }, 60_000)

  test('without options, with more pictures than variants, is the same', async () => {
    const [variant] = fc.sample(aVariant([], []), { numRuns: 1, seed: 1 })
    const [product] = fc.sample(aProduct, { numRuns: 1, seed: 1 })
    if (!variant || !product) throw new Error('no sample')
    const plain = {
      ...product,
      metadata: { google_product_category: 'A > B' },
      options: [],
      variants: [variant],
      images: [1, 2, 3].map(i => ({ url: `/images/${i}.svg`, alt: '' })),
    }
    const [read] = await readBack([plain])
    expect({ ...read, variants: read?.variants.map(each => ({ ...each, title: '' })) }).toEqual(plain)
  })
})

describe('a cell', () => {
  test('is never a formula, in any column of any row', () => {
    fc.assert(
      fc.property(aProduct, product => {
        const rows: string[][] = parse(csvProduct(product, FORMAT))
        for (const cell of rows.flat()) expect(cell).not.toMatch(/^[=+\-@＝＋－＠\t\r]/)
      }),
      { numRuns: 40 },
    )
  }, 60_000)

  test('that was disarmed is what it was, also if it began with apostrophes', () => {
    fc.assert(
      fc.property(line(0), text => {
        expect(rearm(disarm(text))).toBe(text)
      }),
    )
    expect(['=1+1', "'=1", "'twas", "O'Neill", ''].map(disarm)).toEqual([
      "'=1+1",
      "''=1",
      "'twas",
      "O'Neill",
      '',
    ])
  })
})
