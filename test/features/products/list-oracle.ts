// What `GET /v1/products` must answer, worked out the slow way from what was written: no SQL, no index, no cursor.

import type { ProductInput } from '../../../src/features/products/input.ts'
import type { TestShop } from '../../support/shop.ts'

export interface Listed {
  id: string
  input: ProductInput
}

export type Sort = 'newest' | 'title' | 'price' | '-price'

/** Query parameters. `q` is one word here, looked for in the title only. */
export interface Asked {
  q?: string
  collection?: string
  vendor?: string
  product_type?: string
  tag?: string | string[]
  price_min?: number
  price_max?: number
  available?: boolean
  currency?: string
}

/** Which products are in a collection, by its handle. */
export type Membership = Record<string, (input: ProductInput) => boolean>

/** The variants that are sold in the currency. */
export const sold = (input: ProductInput, currency: string) =>
  input.variants.flatMap(variant => {
    const price = variant.prices.find(price => price.currency === currency)
    return price ? [{ ...variant, price }] : []
  })

/** Lowest and highest price in the currency. */
export function range(input: ProductInput, currency: string): { min: number; max: number } {
  const amounts = sold(input, currency).map(variant => variant.price.amount)
  return { min: Math.min(...amounts), max: Math.max(...amounts) }
}

/** At least one variant that is sold in the currency can be bought now. */
export const isAvailable = (input: ProductInput, currency: string): boolean =>
  sold(input, currency).some(
    ({ tracks_inventory, inventory_policy, quantity }) =>
      !tracks_inventory || inventory_policy === 'continue' || (quantity ?? 0) > 0,
  )

/** The products that match, in no particular order. */
export const matching = (catalogue: Listed[], asked: Asked, membership: Membership): Listed[] =>
  catalogue.filter(({ input }) => {
    const currency = asked.currency ?? 'EUR'
    if (input.status !== 'active' || sold(input, currency).length === 0) return false
    const low = asked.price_min ?? 0
    const high = asked.price_max ?? Number.POSITIVE_INFINITY
    const tags = input.tags.map(tag => tag.toLowerCase())
    return (
      (asked.q === undefined || input.title.toLowerCase().split(' ').includes(asked.q)) &&
      (asked.collection === undefined || membership[asked.collection]?.(input) === true) &&
      (asked.vendor === undefined || input.vendor === asked.vendor) &&
      (asked.product_type === undefined || input.product_type === asked.product_type) &&
      [asked.tag ?? []].flat().every(tag => tags.includes(tag.toLowerCase())) &&
      sold(input, currency).some(({ price }) => price.amount >= low && price.amount <= high) &&
      (asked.available === undefined || isAvailable(input, currency) === asked.available)
    )
  })

/** Orders as the API does: `title` without regard to the case of A to Z, else by code point; ties by id. */
export function inOrder(listed: Listed[], sort: Sort, currency = 'EUR'): Listed[] {
  const price = ({ input }: Listed) => range(input, currency).min
  const title = ({ input }: Listed) => input.title.replace(/[A-Z]/g, letter => letter.toLowerCase())
  const byId = compare<Listed>(({ id }) => id)
  const orders: Record<Sort, (a: Listed, b: Listed) => number> = {
    newest: (a, b) => byId(b, a),
    title: (a, b) => compare(title)(a, b) || byId(a, b),
    price: (a, b) => price(a) - price(b) || byId(a, b),
    '-price': (a, b) => price(b) - price(a) || byId(b, a),
  }
  return listed.toSorted(orders[sort])
}

const compare =
  <T>(key: (item: T) => string) =>
  (a: T, b: T): number =>
    key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0

/** Counts values, the most frequent first, then in order of code points. */
export function tally(values: string[]): { value: string; count: number }[] {
  const counts = Map.groupBy(values, value => value)
  return [...counts]
    .map(([value, all]) => ({ value, count: all.length }))
    .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1))
}

/** Query parameters by name; a list is a parameter that is given several times. */
export type Parameters = Record<string, string | number | boolean | string[] | undefined>

/** A path of the product list. */
export const listPath = (parameters: Parameters): string => {
  const query = new URLSearchParams()
  for (const [name, values] of Object.entries(parameters))
    for (const value of [values ?? []].flat()) query.append(name, String(value))
  return `/v1/products?${query}`
}

/** Reads page after page and gives the handles of each. `between` runs before each further page. */
export async function readPages(
  shop: TestShop,
  parameters: Parameters,
  between: (lastHandle: string) => Promise<unknown> = async () => {},
): Promise<string[][]> {
  const pages: string[][] = []
  let cursor: string | undefined
  do {
    if (cursor) await between(pages.at(-1)?.at(-1) ?? '')
    const answer = await shop.get(listPath({ ...parameters, cursor }))
    if (answer.status !== 200) throw new Error(answer.text)
    pages.push(answer.body.data.map((product: { handle: string }) => product.handle))
    cursor = answer.body.next_cursor ?? undefined
  } while (cursor && pages.length < 500)
  return pages
}
