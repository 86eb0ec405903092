// Writing products whole, many at a time: the one way in for imports and for the back office. A product is known by
// its handle and a variant by its options, so writing the same input again changes nothing but time stamps.

import { atomic } from '../../db/atomic.ts'
import type { Statement } from '../../db/client.ts'
import type { Deps } from '../../deps.ts'
import { htmlToText } from '../../lib/text.ts'
import { audit } from '../audit/statements.ts'
import { receiveCounts } from '../inventory/statements.ts'
import type { ProductInput } from './input.ts'
import {
  selectExisting,
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
 * Variants that the input no longer has are removed; stock of tracked variants is set by count. `by` names the
 * writer in the audit log.
 */
export async function upsertProducts(
  deps: Pick<Deps, 'db' | 'ids' | 'clock'>,
  by: string,
  inputs: ProductInput[],
): Promise<UpsertResult> {
  const { db, ids, clock } = deps
  const now = clock()
  const [products, variants] = await db.batch([
    ...selectExisting(
      db,
      inputs.map(input => input.handle),
    ),
  ])
  const productIds = new Map(products.map(row => [row.handle, row.id]))
  const variantIds = new Map(
    variants.map(row => [`${row.product_id} ${canonicalOptions(JSON.parse(row.options))}`, row.id]),
  )

  const whole = inputs.map(input => {
    const id = productIds.get(input.handle) ?? ids('product')
    const lines = input.variants.map((variant, position) => {
      const options = canonicalOptions(variant.options)
      return {
        ...variant,
        position,
        options,
        product_id: id,
        id: variantIds.get(`${id} ${options}`) ?? ids('variant'),
      }
    })
    return { input, id, variants: lines }
  })
  const rows = whole.map(({ input, id }) => ({
    id,
    handle: input.handle,
    title: input.title,
    description_html: input.description_html,
    vendor: input.vendor,
    product_type: input.product_type,
    status: input.status,
    tags: input.tags,
    options: input.options,
    metadata: input.metadata,
    seo_title: input.seo_title,
    seo_description: input.seo_description,
    search_text: searchText(input),
  }))
  const allVariants = whole.flatMap(({ variants }) => variants)
  const counted = allVariants.flatMap(({ id, tracks_inventory, quantity }) =>
    tracks_inventory ? [{ variant_id: id, quantity: quantity ?? 0 }] : [],
  )
  const statements: [Statement, ...Statement[]] = [
    writeProducts(db, rows, now),
    ...writeVariants(
      db,
      rows.map(row => row.id),
      allVariants,
    ),
    ...writePrices(db, allVariants),
    ...writeImages(
      db,
      rows.map(row => row.id),
      whole.flatMap(({ input, id }) =>
        input.images.map((image, position) => ({ ...image, id: ids('image'), product_id: id, position })),
      ),
    ),
    ...receiveCounts(db, ids, counted, now),
    writeTypos(db, searchVocabulary(inputs)),
    audit(
      db,
      ids,
      {
        actor: by,
        action: 'products.written',
        object_id: rows[0]?.id ?? '',
        request_id: null,
        changes: { products: rows.length },
      },
      now,
    ),
  ]
  await atomic(db, statements)
  return { created: inputs.length - products.length, updated: products.length, variants: allVariants.length }
}

/** One text for one set of options, whatever the order of their names. */
const canonicalOptions = (options: Record<string, string>): string =>
  JSON.stringify(Object.fromEntries(Object.entries(options).sort(([a], [b]) => (a < b ? -1 : 1))))

const searchText = (input: ProductInput): string =>
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
    for (const { text, folded } of searchWords(searchText(input))) add(folded, text)
    for (const word of searchWords([input.title, input.vendor, input.product_type, ...input.tags].join(' ')))
      for (const typo of [word.folded, ...typoKeys(word)]) add(typo, word.text)
  }
  return [...pairs.values()]
}
