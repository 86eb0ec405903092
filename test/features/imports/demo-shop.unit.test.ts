// The demo shop in examples/: it loads without a single complaint, and everything that it names exists.

import { createReadStream, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { drawPictures } from '../../../scripts/demo-pictures.ts'
import { parseShopFile } from '../../../src/features/imports/shop-file.ts'
import { parseShopifyCsv } from '../../../src/features/imports/shopify-csv.ts'
import type { ProductInput } from '../../../src/features/products/input.ts'

const EXAMPLES = path.join(import.meta.dirname, '../../../examples')

const shop = parseShopFile(JSON.parse(readFileSync(path.join(EXAMPLES, 'shop.json'), 'utf8')))
const products: ProductInput[] = []
const errors: unknown[] = []
for await (const item of parseShopifyCsv(createReadStream(path.join(EXAMPLES, 'products.csv')), {
  currency: shop.settings.default_currency,
})) {
  if (item.kind === 'product') products.push(item.product)
  else errors.push(item)
}
const variants = products.flatMap(product => product.variants)
const handles = new Set(products.map(product => product.handle))
const pictures = readdirSync(path.join(EXAMPLES, 'images'))

/** What occurs more than once. */
const repeated = (values: string[]): string[] =>
  values.filter((value, index) => values.indexOf(value) !== index)

/** The check digit of an EAN-13 (GS1 General Specifications 7.9). */
const hasCheckDigit = (ean: string): boolean =>
  /^\d{13}$/.test(ean) &&
  [...ean].reduce((sum, digit, index) => sum + Number(digit) * (index % 2 === 0 ? 1 : 3), 0) % 10 === 0

describe('the products', () => {
  it('parse without errors, and are many and varied', () => {
    expect(errors).toEqual([])
    expect(products.length).toBeGreaterThanOrEqual(64)
    expect(variants.length).toBeGreaterThanOrEqual(180)
    expect(new Set(products.map(product => product.product_type)).size).toBe(6)
    expect(new Set(products.map(product => product.vendor)).size).toBeGreaterThanOrEqual(5)
    expect(products.filter(product => product.options.length > 0).length).toBeGreaterThanOrEqual(25)
    for (const count of [1, 2, 3]) {
      expect(products.some(product => product.options.length === count)).toBe(true)
    }
    for (const status of ['draft', 'archived']) {
      expect(products.filter(product => product.status === status)).toHaveLength(1)
    }
  })

  it('have something to say for themselves', () => {
    for (const { handle, description_html, title, vendor, tags } of products) {
      expect({ handle, length: description_html.length >= 60, title, vendor }).toMatchObject({ length: true })
      expect(description_html).toMatch(/^<p>.*<\/(?:p|ul)>$/)
      expect([title, vendor, tags.length > 0]).not.toContain('')
    }
    expect(repeated(products.map(product => product.description_html))).toEqual([])
    expect(repeated(products.map(product => product.title))).toEqual([])
    expect(products.map(product => product.title)).toContain('Crème Brûlée Set')
  })

  it('have shirts to search for', () => {
    expect(handles).toContain('linen-shirt')
    expect(products.filter(product => product.tags.includes('shirts')).length).toBeGreaterThanOrEqual(4)
  })

  it('cost something in every currency of the shop', () => {
    for (const { sku, prices } of variants) {
      expect({ sku, currencies: prices.map(price => price.currency) }).toEqual({
        sku,
        currencies: shop.settings.currencies,
      })
      for (const { amount, compare_at_amount } of prices) {
        expect(amount).toBeGreaterThan(0)
        expect(compare_at_amount === null || compare_at_amount > amount).toBe(true)
      }
    }
    expect(variants.some(variant => variant.prices[0]?.compare_at_amount)).toBe(true)
  })

  it('have unique SKUs and barcodes with a right check digit', () => {
    const skus = variants.flatMap(variant => variant.sku ?? [])
    const barcodes = variants.flatMap(variant => variant.barcode ?? [])
    expect(skus).toHaveLength(variants.length)
    expect(repeated(skus)).toEqual([])
    expect(barcodes.length).toBeGreaterThan(20)
    expect(repeated(barcodes)).toEqual([])
    expect(barcodes.filter(barcode => !hasCheckDigit(barcode))).toEqual([])
    expect(hasCheckDigit('4006381333931')).toBe(true)
    expect(hasCheckDigit('4006381333932')).toBe(false)
  })

  it('have believable stock', () => {
    const quantities = variants.map(variant => variant.quantity)
    expect(quantities).toContain(0)
    expect(
      quantities.filter(quantity => quantity !== null && quantity > 0 && quantity < 4).length,
    ).toBeGreaterThan(5)
    expect(variants.filter(variant => variant.inventory_policy === 'continue')).toMatchObject([
      { quantity: 0 },
    ])
    expect(variants.filter(variant => !variant.tracks_inventory)).toMatchObject([
      { quantity: null, requires_shipping: false },
      { quantity: null, requires_shipping: false },
    ])
    expect(variants.filter(variant => variant.requires_shipping && variant.weight_grams === 0)).toEqual([])
  })
})

describe('the pictures', () => {
  it('are all there, are all used, and are described', () => {
    const urls = products.flatMap(product => product.images.map(image => image.url))
    const own = urls.map(url => url.replace('/images/', ''))
    expect(own.toSorted()).toEqual(pictures.toSorted())
    for (const url of [
      ...variants.map(variant => variant.image_url),
      ...shop.collections.map(each => each.image_url),
    ]) {
      if (url) expect(urls).toContain(url)
    }
    for (const product of products) {
      expect(product.images.length).toBeGreaterThan(0)
      for (const image of product.images) expect(image.alt.length).toBeGreaterThan(10)
    }
  })

  it('are what the script draws', () => {
    const drawn = drawPictures()
    expect([...drawn.keys()].toSorted()).toEqual(pictures.toSorted())
    for (const [name, svg] of drawn) {
      expect({ name, same: readFileSync(path.join(EXAMPLES, 'images', name), 'utf8') === svg }).toEqual({
        name,
        same: true,
      })
    }
  })

  it('are small, square, and neither run nor load anything', () => {
    for (const [name, svg] of drawPictures()) {
      expect({ name, isSmall: svg.length < 4096 }).toEqual({ name, isSmall: true })
      expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox="0 0 800 800"/)
      expect(svg.replace('http://www.w3.org/2000/svg', '')).not.toMatch(
        /script|\bon\w+=|href|https?:|data:|foreignObject|<image|<style|<text|NaN|undefined|url\((?!#)/i,
      )
    }
  })
})

describe('the shop file', () => {
  it('names only products and collections that exist', () => {
    const collections = new Set(shop.collections.map(collection => collection.handle))
    const scopes = shop.promotions.flatMap(({ rule }) =>
      'get_scope' in rule ? [rule.scope, rule.get_scope] : [rule.scope],
    )
    const named = (type: 'products' | 'collections') =>
      scopes.flatMap(scope => (scope.type === type ? scope.handles : []))
    const members = shop.collections.flatMap(collection =>
      collection.kind === 'manual' ? collection.products : [],
    )
    expect([...members, ...named('products')].filter(handle => !handles.has(handle))).toEqual([])
    expect(named('collections').filter(handle => !collections.has(handle))).toEqual([])
    expect(named('products').length).toBeGreaterThan(0)
    expect(named('collections').length).toBeGreaterThan(0)
  })

  it('has collections of both kinds, none of them empty', () => {
    const kinds = shop.collections.map(collection => collection.kind)
    expect(kinds).toHaveLength(6)
    expect(kinds.filter(kind => kind === 'manual').length).toBeGreaterThanOrEqual(2)
    expect(kinds.filter(kind => kind === 'rules').length).toBeGreaterThanOrEqual(3)
    const fits: Record<string, (product: ProductInput) => boolean> = {
      shirts: product => product.tags.includes('shirts'),
      kitchen: product => product.product_type === 'Kitchen',
      'all-linen': product => product.tags.includes('linen') || /linen/i.test(product.title),
      'gifts-under-25': product =>
        product.tags.includes('gifts') &&
        product.variants.some(variant => (variant.prices[0]?.amount ?? 0) < 2500),
    }
    for (const [handle, rule] of Object.entries(fits)) {
      expect(shop.collections.find(collection => collection.handle === handle)?.kind).toBe('rules')
      expect(products.filter(rule).length).toBeGreaterThanOrEqual(4)
    }
  })

  it('has prices and tax for every place and class without gaps', () => {
    const classes = new Set(variants.map(variant => variant.tax_class))
    expect([...classes].toSorted()).toEqual(['reduced', 'standard'])
    const places = new Set(shop.tax_rates.map(rate => `${rate.country} ${rate.region ?? ''}`))
    for (const place of places) {
      const ofPlace = shop.tax_rates.filter(rate => `${rate.country} ${rate.region ?? ''}` === place)
      expect(ofPlace.map(rate => rate.tax_class).toSorted()).toEqual(['reduced', 'standard'])
    }
    for (const country of ['DE', 'AT', 'FR', 'NL', 'ES', 'IT']) expect(places).toContain(`${country} `)
    const rateOf = (id: string) => shop.tax_rates.find(rate => rate.id === id)?.rate_ppm
    expect([rateOf('tax_de_standard'), rateOf('tax_de_reduced')]).toEqual([190_000, 70_000])

    const rules = shop.shipping_zones.flatMap(zone => zone.rates.map(rate => rate.rule))
    expect(new Set(rules.map(rule => rule.kind)).size).toBe(3)
    for (const rule of rules) {
      const prices = rule.kind === 'flat' ? [rule.price] : rule.tiers.map(tier => tier.price)
      for (const price of prices) expect(Object.keys(price)).toEqual(shop.settings.currencies)
    }
  })

  it('has a promotion of every kind, and one that is over', () => {
    expect(new Set(shop.promotions.map(({ rule }) => rule.kind))).toEqual(
      new Set(['percentage', 'fixed_amount', 'free_shipping', 'buy_x_get_y']),
    )
    const of = (code: string | null) => shop.promotions.find(promotion => promotion.code === code)
    expect(of('WELCOME10')?.rule).toMatchObject({ kind: 'percentage', percent_bps: 1000 })
    const free = of(null)?.rule
    expect(free).toMatchObject({ kind: 'free_shipping', min_subtotal: { EUR: 7500 } })
    // What the shop can give away: the standard parcel within Germany, never the express.
    const limit = free?.kind === 'free_shipping' ? (free.max_shipping?.EUR ?? 0) : 0
    const german = shop.shipping_zones.find(({ id }) => id === 'zone_de')?.rates ?? []
    const covered = german.filter(({ rule }) => rule.kind === 'flat' && (rule.price.EUR ?? 0) <= limit)
    expect(covered.map(({ id }) => id)).toEqual(['ship_de_standard', 'ship_de_pickup'])
    expect(of('SUMMER25')?.rule.ends_at).toBeLessThan(Date.parse('2026-01-01'))
  })
})
