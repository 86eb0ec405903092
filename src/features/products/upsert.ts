// Writing products whole, many at a time: the one way in for imports and for the back office. A product is known by
// its handle and a variant by its options; what is there already is compared with the input, and only what differs is
// written, so that writing the same input again changes nothing but the audit log.

import { atomic } from '../../db/atomic.ts'
import type { Statement } from '../../db/client.ts'
import { violatedConstraint } from '../../db/errors.ts'
import type { Deps } from '../../deps.ts'
import { DomainError } from '../../lib/errors.ts'
import type { IdGenerator } from '../../lib/ids.ts'
import { htmlToText } from '../../lib/text.ts'
import { audit } from '../audit/statements.ts'
import { receiveCounts } from '../inventory/statements.ts'
import { DEFAULT_LOCATION } from '../inventory/table.ts'
import { stockCountBelowReserved } from './errors.ts'
import type { ProductInput, VariantInput } from './input.ts'
import {
  inParts,
  type PriceFacts,
  selectExisting,
  selectKnown,
  selectReservedBeyond,
  type VariantFacts,
  writeImages,
  writePrices,
  writeProducts,
  writeTypos,
  writeVariants,
} from './repository-writes.ts'
import { searchWords, typoKeys } from './search-words.ts'

export interface UpsertResult {
  created: number
  updated: number
  variants: number
}

/**
 * Writes products in one unit, all or none: two database calls whatever their number (keep it to some dozens).
 * Variants that the input no longer has are removed. Stock of tracked variants is set by count, at a location; with
 * `keepStock` only of those that had none counted there yet, so that what was sold since stays sold. `by` names the writer
 * in the audit log. Raises `stock_count_below_reserved`; throws when two inputs have one handle, or two variants of a
 * product the same options.
 */
export async function upsertProducts(
  deps: Pick<Deps, 'db' | 'ids' | 'clock'>,
  by: string,
  inputs: ProductInput[],
  { keepStock = false, locationId = DEFAULT_LOCATION }: { keepStock?: boolean; locationId?: string } = {},
): Promise<UpsertResult> {
  const { db, ids, clock } = deps
  const now = clock()
  refuseRepeats(inputs)
  const [products, variants] = await db.batch([
    ...selectExisting(
      db,
      inputs.map(input => input.handle),
      locationId,
    ),
  ])
  const storedProducts = new Map(products.map(row => [row.handle, row]))
  const storedVariants = Map.groupBy(variants, row => row.product_id)
  const whole = inputs.map(input => {
    const stored = storedProducts.get(input.handle)
    return compare(ids, input, stored, (stored && storedVariants.get(stored.id)) ?? [])
  })

  const changed = whole.filter(({ variantsDiffer }) => variantsDiffer)
  const pictured = whole.filter(({ imagesDiffer }) => imagesDiffer)
  const counted = whole.flatMap(({ variants }) =>
    variants.flatMap(({ id, tracks_inventory, quantity, isCounted }) =>
      tracks_inventory && !(keepStock && isCounted) ? [{ variant_id: id, quantity: quantity ?? 0 }] : [],
    ),
  )
  const statements: [Statement, ...Statement[]] = [
    audit(
      db,
      ids,
      {
        actor: by,
        action: 'products.written',
        object_id: whole[0]?.id ?? '',
        request_id: null,
        changes: { products: whole.length },
      },
      now,
    ),
    ...writeProducts(
      db,
      whole.map(({ input, id }) => productRow(input, id)),
      [...changed, ...pictured].map(({ id }) => id),
      now,
    ),
    ...writeVariants(
      db,
      changed.flatMap(({ removedVariants }) => removedVariants),
      changed.flatMap(({ variants }) => variants),
    ),
    ...writePrices(
      db,
      changed.flatMap(({ removedPrices }) => removedPrices),
      changed.flatMap(({ variants }) =>
        variants.flatMap(({ id, prices }) => prices.map(price => ({ ...price, variant_id: id }))),
      ),
    ),
    ...writeImages(
      db,
      pictured.map(({ id }) => id),
      pictured.flatMap(({ input, id }) =>
        input.images.map((image, position) => ({ ...image, id: ids('image'), product_id: id, position })),
      ),
    ),
    ...inParts(counted).flatMap(part => [...receiveCounts(db, ids, part, now, locationId)]),
    ...writeTypos(db, searchVocabulary(inputs)),
  ]
  try {
    await atomic(db, statements)
  } catch (error) {
    if (violatedConstraint(error) !== 'stock_reserved_within_on_hand') throw error
    throw countBelowReserved(await selectReservedBeyond(db, counted, locationId))
  }
  return {
    created: inputs.length - products.length,
    updated: products.length,
    variants: whole.flatMap(({ variants }) => variants).length,
  }
}

/** How many of these handles, each given once, are products already. One database call. */
export const countKnown = async ({ db }: Pick<Deps, 'db'>, handles: string[]): Promise<number> =>
  (await selectKnown(db, handles)).length

function refuseRepeats(inputs: ProductInput[]): void {
  const handles = new Set<string>()
  for (const { handle, variants } of inputs) {
    if (handles.has(handle)) throw new Error(`two products have the handle "${handle}"`)
    handles.add(handle)
    const options = new Set(variants.map(variant => canonicalOptions(variant.options)))
    if (options.size < variants.length) throw new Error(`two variants of "${handle}" have the same options`)
  }
}

interface StoredProduct {
  id: string
  images: string
}

interface StoredVariant {
  id: string
  /** 1 when there is a stock level. */
  is_counted: number
  options: string
  facts: string
}

/** Gives a product and its variants their ids, and finds what differs from what is stored. */
function compare(
  ids: IdGenerator,
  input: ProductInput,
  stored: StoredProduct | undefined,
  storedVariants: StoredVariant[],
) {
  const id = stored?.id ?? ids('product')
  const known = new Map(storedVariants.map(row => [canonicalOptions(JSON.parse(row.options)), row]))
  const variants = input.variants.map((variant, position) => {
    const options = canonicalOptions(variant.options)
    const stored = known.get(options)
    const isCounted = stored?.is_counted === 1
    return { ...variant, position, options, product_id: id, id: stored?.id ?? ids('variant'), isCounted }
  })
  const kept = new Map(variants.map(variant => [variant.id, variant]))
  const before = storedVariants.map(row => ({ id: row.id, facts: JSON.parse(row.facts) as VariantFacts }))
  return {
    input,
    id,
    variants,
    variantsDiffer:
      before.length !== variants.length ||
      before.some(({ id, facts }) => {
        const variant = kept.get(id)
        return !variant || JSON.stringify(facts) !== JSON.stringify(factsOf(variant, variant.position))
      }),
    removedVariants: before.flatMap(({ id }) => (kept.has(id) ? [] : [id])),
    removedPrices: before.flatMap(({ id, facts }) => {
      const prices = kept.get(id)?.prices
      const gone = pricesOf(facts).filter(([currency]) => !prices?.some(price => price.currency === currency))
      return prices ? gone.map(([currency]) => ({ variant_id: id, currency })) : []
    }),
    imagesDiffer:
      JSON.stringify(JSON.parse(stored?.images ?? '[]')) !==
      JSON.stringify(input.images.map(({ url, alt }) => [url, alt])),
  }
}

/** What would be stored of a variant, in the order of `selectExisting`. */
const factsOf = (variant: Omit<VariantInput, 'options'>, position: number): VariantFacts => [
  position,
  variant.title,
  variant.sku,
  variant.barcode,
  variant.weight_grams,
  Number(variant.requires_shipping),
  Number(variant.taxable),
  variant.tax_class,
  Number(variant.tracks_inventory),
  variant.inventory_policy,
  variant.image_url,
  variant.prices
    .map(({ currency, amount, compare_at_amount }): PriceFacts => [currency, amount, compare_at_amount])
    .sort(([a], [b]) => (a < b ? -1 : 1)),
]

const pricesOf = (facts: VariantFacts): PriceFacts[] => facts.at(-1) as PriceFacts[]

const productRow = (input: ProductInput, id: string) => ({
  id,
  handle: input.handle,
  title: input.title,
  description_html: input.description_html,
  vendor: input.vendor,
  product_type: input.product_type,
  status: input.status,
  tags: distinctTags(input.tags),
  options: input.options,
  metadata: input.metadata,
  seo_title: input.seo_title,
  seo_description: input.seo_description,
  search_text: searchText(input),
})

/** Tags that differ only in the case of letters are one: the first spelling stays. */
function distinctTags(tags: string[]): string[] {
  const seen = new Set<string>()
  return tags.filter(tag => !seen.has(tag.toLowerCase()) && seen.add(tag.toLowerCase()))
}

function countBelowReserved(items: Awaited<ReturnType<typeof selectReservedBeyond>>): DomainError {
  const list = items.map(
    ({ handle, title, quantity, reserved }) =>
      `${handle}${title && ` (${title})`}: ${quantity} counted, ${reserved} reserved`,
  )
  return new DomainError(stockCountBelowReserved, `Less was counted than is reserved: ${list.join('; ')}.`, {
    members: {
      items: items.map(({ variant_id, quantity, reserved }) => ({ variant_id, quantity, reserved })),
    },
  })
}

/** One text for one set of options, whatever the order of their names. */
const canonicalOptions = (options: Record<string, string>): string =>
  JSON.stringify(Object.fromEntries(Object.entries(options).sort(([a], [b]) => (a < b ? -1 : 1))))

const searchText = (input: ProductInput): string =>
  [wordsOfBody(input), ...new Set(input.variants.flatMap(({ barcode }) => barcode ?? []))].join(' ').trim()

/** All of the body but barcodes: those are looked for whole, so that no misspelling of them need be known. */
const wordsOfBody = (input: ProductInput): string =>
  [
    htmlToText(input.description_html),
    ...new Set(input.variants.flatMap(({ title, sku }) => [title, sku ?? ''])),
  ].join(' ')

/** Every word that search can find, and for those of the short fields the keys of their misspellings. */
function searchVocabulary(inputs: ProductInput[]): { typo: string; word: string }[] {
  const pairs = new Map<string, { typo: string; word: string }>()
  const add = (typo: string, word: string) => pairs.set(`${typo} ${word}`, { typo, word })
  for (const input of inputs) {
    if (input.status !== 'active') continue
    for (const { text, folded } of searchWords(wordsOfBody(input))) add(folded, text)
    for (const word of searchWords([input.title, input.vendor, input.product_type, ...input.tags].join(' ')))
      for (const typo of [word.folded, ...typoKeys(word)]) add(typo, word.text)
  }
  return [...pairs.values()]
}

export { canonicalOptions, productRow, searchText, searchVocabulary }
