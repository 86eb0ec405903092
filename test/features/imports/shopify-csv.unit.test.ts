// What a good Shopify export becomes.

import { describe, expect, it } from 'vitest'
import type { ProductInput } from '../../../src/features/products/input.ts'
import { type Chunk, lines, parse, small } from './csv.ts'

/** The products of a file that must have no errors. */
async function products(...chunks: Chunk[]): Promise<ProductInput[]> {
  const items = await parse(...chunks)
  expect(items.filter(item => item.kind === 'error')).toEqual([])
  return items.flatMap(item => (item.kind === 'product' ? [item.product] : []))
}

async function one(text: string): Promise<ProductInput> {
  const [product, ...others] = await products(text)
  expect(others).toEqual([])
  if (!product) throw new Error('no product was read')
  return product
}

const SHIRT = lines(
  'Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Option1 Name,Option1 Value,Option2 Name,Option2 Value,Variant SKU,Variant Grams,Variant Inventory Tracker,Variant Inventory Qty,Variant Inventory Policy,Variant Price,Variant Compare At Price,Price / USD,Compare At Price / USD,Variant Requires Shipping,Variant Taxable,Variant Barcode,Image Src,Image Position,Image Alt Text,Gift Card,SEO Title,SEO Description,Google Shopping / Google Product Category,Google Shopping / Gender,Variant Image,Variant Weight Unit,Variant Tax Code,Status,Color (product.metafields.custom.color)',
  'linen-shirt,Linen Shirt,"<p>Cool, ""crisp"" linen.<script>x</script></p>',
  '<p>Made in Porto.</p>",Alder & Loom,Shirts,"Linen, summer ,linen,,Shirt",TRUE,Size,S,Colour,White,LS-S-W,210.0,shopify,4,deny,59.90,79.9,64.00,85,true,TRUE,\'4006381333931,https://example.com/back.jpg,2,Back,false,Linen shirt | Shop,Cool linen.,Apparel & Accessories,unisex,/images/white.svg,g,,active,red',
  'linen-shirt,,,,,,,,M,,White,LS-M-W,212.6,shopify,0,continue,59.90,0,,,TRUE,false,,/images/front.svg,1,Front,,,,,,/images/white.svg,g,reduced,,',
  'linen-shirt,,,,,,,,,,,,,,,,,,,,,,,https://example.com/detail.jpg,,Detail,,,,,,,,,,',
  'linen-shirt,,,,,,,,M,,Blue,LS-M-B,,,7,,59.90,,64,,false,,,,,,,,,,,/images/blue.svg,g,,,',
)

describe('a good file', () => {
  it('becomes a product with all that the shop keeps', async () => {
    expect(await one(SHIRT)).toEqual({
      handle: 'linen-shirt',
      title: 'Linen Shirt',
      description_html: '<p>Cool, "crisp" linen.</p>\n<p>Made in Porto.</p>',
      vendor: 'Alder & Loom',
      product_type: 'Shirts',
      status: 'active',
      tags: ['Linen', 'summer', 'Shirt'],
      options: [
        { name: 'Size', values: ['S', 'M'] },
        { name: 'Colour', values: ['White', 'Blue'] },
      ],
      metadata: { google_product_category: 'Apparel & Accessories' },
      seo_title: 'Linen shirt | Shop',
      seo_description: 'Cool linen.',
      images: [
        { url: '/images/front.svg', alt: 'Front' },
        { url: 'https://example.com/back.jpg', alt: 'Back' },
        { url: 'https://example.com/detail.jpg', alt: 'Detail' },
        { url: '/images/white.svg', alt: '' },
        { url: '/images/blue.svg', alt: '' },
      ],
      variants: [
        {
          title: 'S / White',
          options: { Size: 'S', Colour: 'White' },
          sku: 'LS-S-W',
          barcode: '4006381333931',
          weight_grams: 210,
          requires_shipping: true,
          taxable: true,
          tax_class: 'standard',
          tracks_inventory: true,
          inventory_policy: 'deny',
          image_url: '/images/white.svg',
          prices: [
            { currency: 'EUR', amount: 5990, compare_at_amount: 7990 },
            { currency: 'USD', amount: 6400, compare_at_amount: 8500 },
          ],
          quantity: 4,
        },
        {
          title: 'M / White',
          options: { Size: 'M', Colour: 'White' },
          sku: 'LS-M-W',
          barcode: null,
          weight_grams: 213,
          requires_shipping: true,
          taxable: false,
          tax_class: 'reduced',
          tracks_inventory: true,
          inventory_policy: 'continue',
          image_url: '/images/white.svg',
          prices: [{ currency: 'EUR', amount: 5990, compare_at_amount: null }],
          quantity: 0,
        },
        {
          title: 'M / Blue',
          options: { Size: 'M', Colour: 'Blue' },
          sku: 'LS-M-B',
          barcode: null,
          weight_grams: 0,
          requires_shipping: false,
          taxable: true,
          tax_class: 'standard',
          tracks_inventory: false,
          inventory_policy: 'deny',
          image_url: '/images/blue.svg',
          prices: [
            { currency: 'EUR', amount: 5990, compare_at_amount: null },
            { currency: 'USD', amount: 6400, compare_at_amount: null },
          ],
          quantity: null,
        },
      ],
    })
  })

  it('reads the same however its bytes are cut, whatever ends its lines, with or without a byte order mark', async () => {
    const text = SHIRT.replace('Porto', 'Pörtö 👕')
    const whole = await parse(text)
    const bytes = new TextEncoder().encode(`\ufeff${text.replaceAll('\n', '\r\n')}`)
    for (const size of [1, 7, 1000]) {
      const cut = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
        bytes.slice(i * size, (i + 1) * size),
      )
      expect(await parse(...cut)).toEqual(whole)
    }
    expect(await parse(...text.split(''))).toEqual(whole)
    expect(await parse(text.replaceAll('\n', '\r'))).toEqual(whole)
    expect(await parse(text.trimEnd())).toEqual(whole)
  })

  it('reads a header in quotes after a byte order mark', async () => {
    const text = '\ufeff"Handle","Title","Variant Price"\n"a","A","1"\n'
    expect((await one(text)).handle).toBe('a')
    expect(await parse(new TextEncoder().encode(text))).toEqual(await parse(text))
  })

  it('keeps a product without options as one variant', async () => {
    for (const row of ['mug,Mug,Title,Default Title,12', 'mug,Mug,,,12', 'mug,Mug,,Default Title,12.000']) {
      const { options, variants } = await one(small(row))
      expect(options).toEqual([])
      expect(variants).toMatchObject([{ title: '', options: {}, prices: [{ amount: 1200 }] }])
    }
  })

  it('derives the status', async () => {
    const status = async (published: string, state: string) =>
      (await one(lines('Handle,Title,Variant Price,Published,Status', `a,A,1,${published},${state}`))).status
    expect(await status('true', '')).toBe('active')
    expect(await status('', '')).toBe('active')
    expect(await status('FALSE', '')).toBe('draft')
    expect(await status('false', 'Active')).toBe('active')
    expect(await status('true', 'draft')).toBe('draft')
    expect(await status('true', 'ARCHIVED')).toBe('archived')
  })

  it('normalises handles, and reads rows of one handle as one product', async () => {
    const read = await products(
      small(
        'Linen--Shirt-,Shirt,Size,S,1',
        'linen-shirt,,,M,1',
        'snake_case,Snake,,,1',
        'Crème Brûlée,Crème,,,1',
      ),
    )
    expect(read.map(product => [product.handle, product.variants.length])).toEqual([
      ['linen-shirt', 2],
      ['snake_case', 1],
      ['creme-brulee', 1],
    ])
  })

  it('leaves out blank rows, cells that a spreadsheet drops, and price columns of markets', async () => {
    const text = lines(
      'Handle,Title,Variant Price,Price / United States,Image Src,Image Alt Text',
      '',
      ',,,,,',
      'a,A,1.5,nonsense',
      'a,,,,/1.svg,"two',
      'lines"',
      'a,,,,/1.svg,',
      'a',
      'b,B,2,,,,,,',
    )
    expect(await parse(text)).toMatchObject([
      {
        line: 4,
        product: {
          handle: 'a',
          images: [{ url: '/1.svg', alt: 'two lines' }],
          variants: [{ prices: [{ currency: 'EUR', amount: 150 }] }],
        },
      },
      { line: 9, product: { handle: 'b' } },
    ])
  })

  it('counts stock that Shopify oversold as none', async () => {
    const text = lines(
      'Handle,Title,Variant Price,Variant Inventory Tracker,Variant Inventory Qty',
      'a,A,1,shopify,-3',
    )
    expect((await one(text)).variants).toMatchObject([{ tracks_inventory: true, quantity: 0 }])
  })

  it('keeps an option that is named like a part of every object', async () => {
    const { variants } = await one(small('a,A,__proto__,x,1'))
    expect(JSON.stringify(variants[0]?.options)).toBe('{"__proto__":"x"}')
  })

  it('taxes an item as standard whose tax code is one of a tax service, not a class of ours', async () => {
    const text = lines(
      'Handle,Title,Variant Price,Variant Tax Code',
      'a,A,1,PC040100',
      'b,B,1,reduced',
      'c,C,1,',
    )
    const classes = (await products(text)).flatMap(product =>
      product.variants.map(variant => variant.tax_class),
    )
    expect(classes).toEqual(['standard', 'reduced', 'standard'])
  })
})
