// Writes products in Shopify's CSV format: exactly what the importer reads, so that what is written and read again is the
// same. Two things go beyond the format: further currencies have columns of their own (`Price / USD`), and `Metadata` holds
// as JSON what no column of Shopify's does.
//
// A cell that a spreadsheet would take for a formula gets an apostrophe in front (OWASP, CSV injection), and so does one that
// begins with apostrophes before such a text: thus the importer can take exactly one away again, and nothing is lost.

import { formatDecimal } from '../../lib/money.ts'
import type { ProductInput, VariantInput } from '../products/input.ts'

export const CATEGORY_COLUMN = 'Google Shopping / Google Product Category'
export const CATEGORY_KEY = 'google_product_category'
export const METADATA_COLUMN = 'Metadata'

const FORMULA = /^'*[=+\-@＝＋－＠]/
const DISARMED = /^'+[=+\-@＝＋－＠]/

/** A text that no spreadsheet runs. */
export const disarm = (text: string): string => (FORMULA.test(text) ? `'${text}` : text)

/** The text that was disarmed, or the text itself. */
export const rearm = (cell: string): string => (DISARMED.test(cell) ? cell.slice(1) : cell)

type Cells = Record<string, string>

/** What a file has columns for. */
export interface CsvFormat {
  /** Of the column `Variant Price`. */
  currency: string
  /** Further currencies, each with columns of its own. */
  others: string[]
}

/** The first line of a file. */
export const csvHeader = (format: CsvFormat): string => line(columnsOf(format).map(quoted))

/** The lines of one product: one for each variant or picture, whichever are more. */
export function csvProduct(product: ProductInput, format: CsvFormat): string {
  const columns = columnsOf(format)
  const { variants, images } = product
  return Array.from({ length: Math.max(1, variants.length, images.length) }, (_, i) => {
    const variant = variants[i]
    const image = images[i]
    const cells: Cells = {
      Handle: product.handle,
      ...(i === 0 ? productCells(product) : {}),
      ...(variant ? variantCells(variant, product, format) : {}),
      ...(image
        ? { 'Image Src': image.url, 'Image Position': String(i + 1), 'Image Alt Text': disarm(image.alt) }
        : {}),
    }
    return line(columns.map(column => quoted(cells[column] ?? '')))
  }).join('')
}

const priceColumns = (currency: string) => [`Price / ${currency}`, `Compare At Price / ${currency}`]

const columnsOf = ({ others }: CsvFormat): string[] => [
  ...['Handle', 'Title', 'Body (HTML)', 'Vendor', 'Type', 'Tags', 'Published', 'Status'],
  ...[1, 2, 3].flatMap(number => [`Option${number} Name`, `Option${number} Value`]),
  ...['Variant SKU', 'Variant Grams', 'Variant Inventory Tracker', 'Variant Inventory Qty'],
  ...['Variant Inventory Policy', 'Variant Fulfillment Service', 'Variant Price', 'Variant Compare At Price'],
  ...others.flatMap(priceColumns),
  ...['Variant Requires Shipping', 'Variant Taxable', 'Variant Barcode'],
  ...['Image Src', 'Image Position', 'Image Alt Text', 'Gift Card', 'SEO Title', 'SEO Description'],
  ...[CATEGORY_COLUMN, 'Variant Image', 'Variant Weight Unit', 'Variant Tax Code', METADATA_COLUMN],
]

function productCells(product: ProductInput): Cells {
  const { [CATEGORY_KEY]: category = '', ...metadata } = product.metadata
  return {
    Title: disarm(product.title),
    'Body (HTML)': disarm(product.description_html),
    Vendor: disarm(product.vendor),
    Type: disarm(product.product_type),
    Tags: disarm(product.tags.join(', ')),
    Published: String(product.status === 'active'),
    Status: product.status,
    'Gift Card': 'false',
    'SEO Title': disarm(product.seo_title ?? ''),
    'SEO Description': disarm(product.seo_description ?? ''),
    [CATEGORY_COLUMN]: disarm(category),
    [METADATA_COLUMN]: Object.keys(metadata).length > 0 ? JSON.stringify(metadata) : '',
    ...(product.options.length === 0
      ? { 'Option1 Name': 'Title' }
      : Object.fromEntries(product.options.map(({ name }, i) => [`Option${i + 1} Name`, disarm(name)]))),
  }
}

function variantCells(variant: VariantInput, product: ProductInput, { currency, others }: CsvFormat): Cells {
  const values =
    product.options.length === 0
      ? ['Default Title']
      : product.options.map(({ name }) => disarm(variant.options[name] ?? ''))
  return {
    ...Object.fromEntries(values.map((value, i) => [`Option${i + 1} Value`, value])),
    'Variant SKU': disarm(variant.sku ?? ''),
    'Variant Grams': String(variant.weight_grams),
    'Variant Inventory Tracker': variant.tracks_inventory ? 'shopify' : '',
    'Variant Inventory Qty': variant.tracks_inventory ? String(variant.quantity ?? 0) : '',
    'Variant Inventory Policy': variant.inventory_policy,
    'Variant Fulfillment Service': 'manual',
    ...priceCells(variant, currency, ['Variant Price', 'Variant Compare At Price']),
    ...Object.assign({}, ...others.map(other => priceCells(variant, other, priceColumns(other)))),
    'Variant Requires Shipping': String(variant.requires_shipping),
    'Variant Taxable': String(variant.taxable),
    'Variant Barcode': disarm(variant.barcode ?? ''),
    'Variant Image': variant.image_url ?? '',
    'Variant Weight Unit': 'g',
    'Variant Tax Code': variant.tax_class === 'standard' ? '' : variant.tax_class,
  }
}

function priceCells({ prices }: VariantInput, currency: string, [column = '', before = '']: string[]): Cells {
  const price = prices.find(each => each.currency === currency)
  if (!price) return {}
  const { amount, compare_at_amount } = price
  return {
    [column]: formatDecimal(amount, currency),
    [before]: compare_at_amount === null ? '' : formatDecimal(compare_at_amount, currency),
  }
}

const quoted = (cell: string): string => (/[",\n\r]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)
const line = (cells: string[]): string => `${cells.join(',')}\n`
