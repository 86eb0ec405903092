// Whether the parts of a product fit together: each variant one value an option, no two alike, prices in currencies that
// exist, pictures that are the product's own. Pure; every wrong place is named by its pointer.

import { pointer } from '../../http/router.ts'
import type { FieldError } from '../../lib/errors.ts'
import { isCurrency } from '../../lib/money.ts'
import type { StoredProduct, StoredVariant } from './stored.ts'
import { canonicalOptions } from './upsert.ts'

const MAX_METADATA = 50
const MAX_DESCRIPTION_BYTES = 64 * 1024

/** Names every place where the product does not hold together; none when it does. Pointers are into the whole product. */
export function inconsistencies(product: StoredProduct): FieldError[] {
  const errors: FieldError[] = []
  const refuse = (path: PropertyKey[], code: string, detail: string) =>
    errors.push({ in: 'body', pointer: pointer(path), code, detail })

  const { options, images, metadata, variants } = product
  const names = options.map(({ name }) => name)
  names.forEach((name, i) => {
    if (names.indexOf(name) < i) refuse(['options', i, 'name'], 'duplicate', 'Stands here twice.')
  })
  // The CSV format says "no options" so.
  if (names.length === 1 && names[0] === 'Title' && variants.some(v => v.options.Title === 'Default Title'))
    refuse(['options', 0, 'name'], 'reserved', 'A product without options has no option "Title".')
  const urls = images.map(({ url }) => url)
  urls.forEach((url, i) => {
    if (urls.indexOf(url) < i) refuse(['images', i, 'url'], 'duplicate', 'Stands here twice.')
  })
  if (Object.keys(metadata).length > MAX_METADATA)
    refuse(['metadata'], 'too_big', `At most ${MAX_METADATA} are possible.`)
  if (new TextEncoder().encode(product.description_html).length > MAX_DESCRIPTION_BYTES)
    refuse(['description_html'], 'too_big', 'At most 64 KiB are possible once it is sanitised.')

  const combinations = new Set<string>()
  const known = new Set(urls)
  variants.forEach((variant, i) => {
    checkOptions(variant, names, (path, ...problem) =>
      refuse(['variants', i, 'options', ...path], ...problem),
    )
    const combination = canonicalOptions(variant.options)
    if (combinations.has(combination))
      refuse(['variants', i, 'options'], 'duplicate', 'Another variant has the same options.')
    combinations.add(combination)
    variant.prices.forEach(({ currency }, j) => {
      const at = ['variants', i, 'prices', j, 'currency']
      if (!isCurrency(currency)) refuse(at, 'currency_unknown', 'Not a currency of ISO 4217.')
      if (variant.prices.findIndex(price => price.currency === currency) < j)
        refuse(at, 'duplicate', 'There is one price a currency.')
    })
    if (variant.image_url !== null && !known.has(variant.image_url))
      refuse(['variants', i, 'image_url'], 'not_in_images', 'Must be one of the `images` of the product.')
  })
  return errors
}

function checkOptions(
  { options }: StoredVariant,
  names: string[],
  refuse: (path: PropertyKey[], code: string, detail: string) => void,
): void {
  for (const name of names)
    if (!Object.hasOwn(options, name)) refuse([name], 'required', `The option "${name}" has no value.`)
  for (const name of Object.keys(options))
    if (!names.includes(name))
      refuse([name], 'unknown_option', `The product has no option "${name.slice(0, 60)}".`)
}
