// What a product would be after a request: its stored form with the input laid over it. Pure but for new ids; whether the
// result holds together is asked afterwards (consistency.ts), and writing it is another matter (product-writes.ts).

import { invalidInput } from '../../http/errors.ts'
import { pointer } from '../../http/router.ts'
import { DomainError, type FieldError } from '../../lib/errors.ts'
import type { IdGenerator } from '../../lib/ids.ts'
import { toHandle } from '../../lib/text.ts'
import type {
  ChangedVariant,
  CreateProduct,
  CreateVariant,
  UpdateProduct,
  UpdateVariant,
} from './admin-schemas.ts'
import { inconsistencies } from './consistency.ts'
import { sanitizeDescription } from './sanitize.ts'
import type { StoredProduct, StoredVariant } from './stored.ts'

/** A new product. Raises `invalid_input`. */
export function newProduct(ids: IdGenerator, input: CreateProduct, now: number): StoredProduct {
  const { variants, ...fields } = input
  const errors: FieldError[] = []
  const handle = input.handle ?? toHandle(input.title)
  if (handle === '')
    errors.push(problem(['handle'], 'required', 'The title has no letter or digit to make a handle of.'))
  const product = laidOver(
    {
      id: ids('product'),
      version: 1,
      handle,
      title: '',
      description_html: '',
      vendor: '',
      product_type: '',
      status: 'draft',
      tags: [],
      options: [],
      metadata: {},
      seo_title: null,
      seo_description: null,
      images: [],
      variants: variants.map(variant => newVariant(ids, variant)),
      collections: [],
      created_at: now,
      updated_at: now,
    },
    { ...fields, handle },
  )
  errors.push(...quantityProblems(product.variants, variants), ...inconsistencies(product))
  return held(product, errors)
}

/** The product with the changes. Raises `invalid_input`. */
export function changedProduct(ids: IdGenerator, stored: StoredProduct, input: UpdateProduct): StoredProduct {
  const { variants: changes, ...fields } = input
  if (!changes) {
    const product = laidOver(stored, fields)
    return held(product, inconsistencies(product))
  }
  const errors: FieldError[] = []
  const taken = new Set<string>()
  const variants = changes.map((change, i) => {
    const { id, ...values } = change
    const known = stored.variants.find(variant => variant.id === id)
    if (id !== undefined && (!known || taken.has(id)))
      errors.push(
        problem(['variants', i, 'id'], known ? 'duplicate' : 'not_found', 'Not a further variant of it.'),
      )
    if (id !== undefined) taken.add(id)
    if (known) {
      if (values.quantity !== undefined)
        errors.push(problem(['variants', i, 'quantity'], 'not_new', STOCK_IS_ADJUSTED))
      return variantWith(known, values)
    }
    if (!values.prices)
      errors.push(problem(['variants', i, 'prices'], 'required', 'A new variant needs a price.'))
    return newVariant(ids, { ...values, prices: values.prices ?? [] })
  })
  const product = laidOver({ ...stored, variants }, fields)
  errors.push(...quantityProblems(variants, changes), ...inconsistencies(product))
  return held(product, errors)
}

/** The product with one more variant, its last. Raises `invalid_input`. */
export function withVariant(ids: IdGenerator, stored: StoredProduct, input: CreateVariant): StoredProduct {
  const variants = [...stored.variants, newVariant(ids, input)]
  const product = laidOver({ ...stored, variants }, {})
  const errors = [...quantityProblems(variants.slice(-1), [input]), ...inconsistencies(product)]
  return held(product, ofVariant(errors))
}

/** The product with one variant changed. Raises `invalid_input`. */
export function withChangedVariant(stored: StoredProduct, id: string, input: UpdateVariant): StoredProduct {
  const variants = stored.variants.map(variant => (variant.id === id ? variantWith(variant, input) : variant))
  const product = laidOver({ ...stored, variants }, {})
  return held(product, ofVariant(inconsistencies(product)))
}

/** The product without one of its variants, which has others. */
export const withoutVariant = (stored: StoredProduct, id: string): StoredProduct =>
  laidOver({ ...stored, variants: stored.variants.filter(variant => variant.id !== id) }, {})

const STOCK_IS_ADJUSTED = 'The stock of a variant that exists is adjusted in the inventory.'

function laidOver(stored: StoredProduct, fields: Omit<UpdateProduct, 'variants'>): StoredProduct {
  const { seo, images, options, description_html, tags, ...plain } = fields
  const product = {
    ...stored,
    ...plain,
    ...(tags ? { tags: distinctTags(tags) } : {}),
    ...(description_html === undefined ? {} : { description_html: cleanHtml(description_html) }),
    ...(images ? { images: images.map(({ url, alt = '' }) => ({ url, alt: oneSpaced(alt) })) } : {}),
    ...(seo ? { seo_title: maybe(seo.title), seo_description: maybe(seo.description) } : {}),
  }
  const names = options ? options.map(({ name }) => name) : stored.options.map(({ name }) => name)
  return {
    ...product,
    options: names.map(name => ({
      name,
      values: [...new Set(product.variants.flatMap(variant => variant.options[name] ?? []))],
    })),
    variants: product.variants.map(variant => ({
      ...variant,
      title: names.map(name => variant.options[name] ?? '').join(' / '),
    })),
  }
}

/** What is stored of a description: line ends as the CSV has them, and sanitised. */
export const cleanHtml = (html: string): string => sanitizeDescription(html.replace(/\r\n?/g, '\n'))

const oneSpaced = (text: string): string => text.replace(/ +/g, ' ')
const maybe = (text: string | null): string | null => (text === null ? null : oneSpaced(text))

/** Tags that differ only in the case of letters are one: the first spelling stays. */
function distinctTags(tags: string[]): string[] {
  const seen = new Set<string>()
  return tags.filter(tag => !seen.has(tag.toLowerCase()) && seen.add(tag.toLowerCase()))
}

const newVariant = (ids: IdGenerator, { quantity, ...input }: CreateVariant): StoredVariant =>
  variantWith(
    {
      id: ids('variant'),
      title: '',
      options: {},
      sku: null,
      barcode: null,
      weight_grams: 0,
      requires_shipping: true,
      taxable: true,
      tax_class: 'standard',
      tracks_inventory: true,
      inventory_policy: 'deny',
      image_url: null,
      prices: [],
      quantity: quantity ?? 0,
      on_hand: null,
      reserved: 0,
    },
    input,
  )

function variantWith(stored: StoredVariant, input: Omit<ChangedVariant, 'id'>): StoredVariant {
  const { options, prices, quantity: _, ...plain } = input
  const variant = { ...stored, ...plain }
  return {
    ...variant,
    ...(options ? { options: named(options) } : {}),
    ...(prices
      ? { prices: prices.map(price => ({ ...price, compare_at_amount: price.compare_at_amount ?? null })) }
      : {}),
    quantity: variant.tracks_inventory ? (stored.on_hand ?? stored.quantity ?? 0) : null,
  }
}

const named = (options: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(options).map(([name, value]) => [name.normalize().trim(), value]))

const quantityProblems = (
  variants: StoredVariant[],
  inputs: { quantity?: number | undefined }[],
): FieldError[] =>
  variants.flatMap(({ tracks_inventory }, i) =>
    !tracks_inventory && inputs[i]?.quantity !== undefined
      ? [problem(['variants', i, 'quantity'], 'not_tracked', 'Its stock is not counted.')]
      : [],
  )

const problem = (path: PropertyKey[], code: string, detail: string): FieldError => ({
  in: 'body',
  pointer: pointer(path),
  code,
  detail,
})

/** The product held together before, so every pointer into a variant means the one that the request is about. */
const ofVariant = (errors: FieldError[]): FieldError[] =>
  errors.map(error => ({ ...error, pointer: error.pointer.replace(/^\/variants\/\d+\//, '/') }))

function held(product: StoredProduct, errors: FieldError[]): StoredProduct {
  if (errors.length === 0) return product
  throw new DomainError(invalidInput, 'The parts of this product do not fit together.', { errors })
}
