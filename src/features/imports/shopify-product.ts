// One product of a Shopify export, put together row by row. Product fields stand on the first row; each further row
// is a variant, a picture, or both.

import { LINE_PATTERN } from '../../lib/text.ts'
import type { ProductInput, VariantInput } from '../products/input.ts'
import { sanitizeDescription } from '../products/sanitize.ts'
import type { Cells, Header } from './shopify-cells.ts'
import { CATEGORY_COLUMN, CATEGORY_KEY, METADATA_COLUMN } from './shopify-writer.ts'

const MAX_TEXT = 255
const MAX_TAGS = 100
const MAX_TAG = 100
const MAX_DESCRIPTION_BYTES = 64 * 1024
const MAX_METADATA_BYTES = 256 * 1024
const MAX_CODE = 100
const MAX_ALT = 512
const MAX_SEO_DESCRIPTION = 1000
// Shopify's own ceilings. They also bound what one product can hold in memory.
const MAX_VARIANTS = 2048
const MAX_IMAGES = 250

const OPTION_NUMBERS = [1, 2, 3] as const
const METADATA_KEY = /^[a-z][a-z0-9_]{0,63}$/

/** A further row without any of these, and without a price, is not a variant. */
const VARIANT_COLUMNS = [
  'Option1 Value',
  'Option2 Value',
  'Option3 Value',
  'Variant SKU',
  'Variant Grams',
  'Variant Inventory Tracker',
  'Variant Inventory Qty',
  'Variant Inventory Policy',
  'Variant Requires Shipping',
  'Variant Taxable',
  'Variant Barcode',
  'Variant Image',
]

interface Option {
  name: string
  nameColumn: string
  valueColumn: string
  values: Set<string>
}

interface Image {
  url: string
  alt: string
  position: number
}

type ProductFields = Omit<ProductInput, 'handle' | 'options' | 'images' | 'variants'>

/** A product in the making. */
export type ProductDraft = ReturnType<typeof startProduct>

/** Starts a product with its first row. Problems are noted in the cells; `finish` answers for the whole product. */
export function startProduct(handle: string, first: Cells, header: Header) {
  const fields = readFields(first)
  const options = readOptions(first)
  const images = new Map<string, Image>()
  const variants: VariantInput[] = []
  const combinations = new Map<string, number>()
  let isFull = false

  function addImage(cells: Cells): void {
    const url = cells.url('Image Src')
    const alt = cells.prose('Image Alt Text', MAX_ALT)
    const position = cells.whole('Image Position') ?? Number.POSITIVE_INFINITY
    if (!url) return
    const known = images.get(url)
    if (known) known.alt ||= alt
    else images.set(url, { url, alt, position })
  }

  function addVariant(cells: Cells): void {
    const chosen = readOptionValues(cells, options)
    if (chosen) {
      const key = JSON.stringify(chosen)
      const line = combinations.get(key)
      if (line === undefined) combinations.set(key, cells.line)
      else cells.fail('Option1 Value', repeated(options, chosen, line))
    }
    const variant = readVariant(cells, header)
    if (!chosen || !variant) return
    variants.push({
      ...variant,
      title: chosen.join(' / '),
      options: named(options, chosen),
    })
  }

  function add(cells: Cells): void {
    if (isFull) return
    if (cells !== first) checkRepeats(cells, fields.title, options)
    const isVariant = cells === first || isVariantRow(cells, header)
    if (isVariant) addVariant(cells)
    if (cells.has('Image Src')) addImage(cells)
    if (combinations.size > MAX_VARIANTS || images.size > MAX_IMAGES) {
      isFull = true
      cells.fail('Handle', `The product has more than ${MAX_VARIANTS} variants or ${MAX_IMAGES} pictures`)
    }
  }

  add(first)
  return {
    handle,
    line: first.line,
    /** Adds a further row of the product. */
    add,
    /** The whole product. Only for one none of whose rows had a problem. */
    finish: (): ProductInput => ({
      handle,
      ...fields,
      options: options.map(option => ({ name: option.name, values: [...option.values] })),
      images: orderedImages(images, variants),
      variants,
    }),
  }
}

function readFields(cells: Cells): ProductFields {
  const title = cells.text('Title', MAX_TEXT)
  if (title === '') cells.fail('Title', 'The title is missing; the first row of a product needs one')
  const category = cells.text(CATEGORY_COLUMN, MAX_TEXT)
  return {
    title,
    description_html: sanitizeDescription(cells.longText('Body (HTML)', MAX_DESCRIPTION_BYTES)),
    vendor: cells.text('Vendor', MAX_TEXT),
    product_type: cells.text('Type', MAX_TEXT),
    status: readStatus(cells),
    tags: cells.tags('Tags', MAX_TAGS, MAX_TAG),
    metadata: { ...readMetadata(cells), ...(category === '' ? {} : { [CATEGORY_KEY]: category }) },
    seo_title: cells.prose('SEO Title', MAX_TEXT) || null,
    seo_description: cells.prose('SEO Description', MAX_SEO_DESCRIPTION) || null,
  }
}

/** Texts by name as JSON, as our own exports have them. */
function readMetadata(cells: Cells): Record<string, string> {
  const text = cells.longText(METADATA_COLUMN, MAX_METADATA_BYTES)
  if (text === '') return {}
  const metadata = parseJson(text)
  const isGood = (value: unknown): value is Record<string, string> =>
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.entries(value).every(
      ([name, each]) => METADATA_KEY.test(name) && typeof each === 'string' && LINE_PATTERN.test(each),
    )
  if (isGood(metadata)) return metadata
  cells.fail(METADATA_COLUMN, 'Is not a JSON object of texts, such as {"care": "Wash at 40 °C"}')
  return {}
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** `Status` decides; without it, `Published` does. */
function readStatus(cells: Cells): ProductInput['status'] {
  const isPublished = cells.flag('Published', true)
  return cells.choice('Status', ['active', 'draft', 'archived']) ?? (isPublished ? 'active' : 'draft')
}

/** The named options. `Title` with the value `Default Title` is Shopify's way to say that there are none. */
function readOptions(cells: Cells): Option[] {
  const options: Option[] = []
  for (const number of OPTION_NUMBERS) {
    const nameColumn = `Option${number} Name`
    const name = cells.text(nameColumn, MAX_TEXT)
    if (name === '') continue
    if (options.some(option => option.name === name))
      cells.fail(nameColumn, `The option "${name}" appears twice`)
    options.push({ name, nameColumn, valueColumn: `Option${number} Value`, values: new Set() })
  }
  const [only, ...others] = options
  const isDefault = only?.name === 'Title' && cells.plain(only.valueColumn) === 'Default Title'
  return isDefault && others.length === 0 ? [] : options
}

/** The row's value of each option, or null if one is missing. */
function readOptionValues(cells: Cells, options: Option[]): string[] | null {
  const before = cells.problems.length
  for (const number of OPTION_NUMBERS) {
    const column = `Option${number} Value`
    const value = cells.text(column, MAX_TEXT)
    const option = options.find(known => known.valueColumn === column)
    if (option && value === '') cells.fail(column, `The value of the option "${option.name}" is missing`)
    if (!option && value !== '' && value !== 'Default Title') {
      cells.fail(
        column,
        `"${value}" belongs to no option; name it in "Option${number} Name" on the product's first row`,
      )
    }
  }
  if (cells.problems.length > before) return null
  return options.map(option => {
    const value = cells.plain(option.valueColumn)
    option.values.add(value)
    return value
  })
}

const named = (options: Option[], values: string[]): Record<string, string> =>
  Object.fromEntries(options.map((option, index) => [option.name, values[index] ?? '']))

const repeated = (options: Option[], values: string[], line: number): string =>
  options.length === 0
    ? `The product has no options, so it can have one variant only; line ${line} already is that one`
    : `The variant ${values.join(' / ')} is already on line ${line}`

/** Two products under one handle would silently become one; a further row that disagrees with the first shows it. */
function checkRepeats(cells: Cells, title: string, options: Option[]): void {
  if (cells.has('Title') && cells.plain('Title') !== title) {
    cells.fail(
      'Title',
      `Differs from the title on the product's first row, "${title}"; does this row need another handle?`,
    )
  }
  for (const option of options) {
    if (cells.has(option.nameColumn) && cells.plain(option.nameColumn) !== option.name) {
      cells.fail(option.nameColumn, `Differs from the option on the product's first row, "${option.name}"`)
    }
  }
}

const isVariantRow = (cells: Cells, header: Header): boolean =>
  VARIANT_COLUMNS.some(cells.has) ||
  header.prices.some(columns => cells.has(columns.price) || cells.has(columns.compareAt))

function readVariant(cells: Cells, header: Header): Omit<VariantInput, 'title' | 'options'> | null {
  const before = cells.problems.length
  const tracks_inventory = cells.has('Variant Inventory Tracker')
  const quantity = cells.whole('Variant Inventory Qty', Number.NEGATIVE_INFINITY)
  if (tracks_inventory && !cells.has('Variant Inventory Qty')) {
    cells.fail(
      'Variant Inventory Qty',
      'The stock is missing; write a number, or empty "Variant Inventory Tracker"',
    )
  }
  const variant = {
    sku: cells.text('Variant SKU', MAX_CODE) || null,
    barcode: readBarcode(cells),
    weight_grams: cells.grams('Variant Grams'),
    requires_shipping: cells.flag('Variant Requires Shipping', true),
    taxable: cells.flag('Variant Taxable', true),
    tax_class: taxClass(cells.text('Variant Tax Code', MAX_CODE)),
    tracks_inventory,
    inventory_policy: cells.choice('Variant Inventory Policy', ['deny', 'continue']) ?? ('deny' as const),
    image_url: cells.url('Variant Image'),
    prices: readPrices(cells, header),
    // Shopify counts below zero what it sold beyond its stock; what is there to sell is then none.
    quantity: tracks_inventory ? Math.max(0, quantity ?? 0) : null,
  }
  return cells.problems.length > before ? null : variant
}

function readBarcode(cells: Cells): string | null {
  // An apostrophe keeps spreadsheets from reading the digits as a number.
  const barcode = cells.text('Variant Barcode', MAX_CODE).replace(/^'/, '')
  if (/^\d(?:\.\d+)?e\+?\d+$/i.test(barcode)) {
    cells.fail(
      'Variant Barcode',
      `A spreadsheet has shortened the barcode to ${barcode}; enter it again as text`,
    )
  }
  return barcode || null
}

function readPrices(cells: Cells, header: Header): VariantInput['prices'] {
  if (!cells.has('Variant Price')) cells.fail('Variant Price', 'The price is missing')
  return header.prices.flatMap(({ currency, price, compareAt }) => {
    const amount = cells.price(price, currency)
    // Shopify writes 0 where there is no former price.
    const compare_at_amount = cells.price(compareAt, currency) || null
    if (!cells.has(price) && compare_at_amount !== null && currency !== header.prices[0]?.currency) {
      cells.fail(compareAt, `There is a former price but no price in ${currency}; fill in "${price}"`)
    }
    return amount === null ? [] : [{ currency, amount, compare_at_amount }]
  })
}

/** Pictures by position, those without one last; then the variants' own that the product does not list. */
function orderedImages(images: Map<string, Image>, variants: VariantInput[]): ProductInput['images'] {
  const listed = [...images.values()].sort((a, b) =>
    a.position === b.position ? 0 : a.position - b.position,
  )
  const unlisted = new Set(
    variants.flatMap(variant => variant.image_url ?? []).filter(url => !images.has(url)),
  )
  return [...listed.map(({ url, alt }) => ({ url, alt })), ...[...unlisted].map(url => ({ url, alt: '' }))]
}

/**
 * Our tax classes are lower-case words. Any other code is a tax service's own (Avalara's PC040100): no rate here knows
 * it, and an item must not go untaxed for that, so it is taxed as standard.
 */
const taxClass = (code: string): string => (/^[a-z][a-z_-]*$/.test(code) ? code : 'standard')
