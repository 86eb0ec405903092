// A catalogue of any size for the bench: products of two variants with prices in two currencies, stock, pictures, tags
// and a description of some sentences, in words that are as unevenly frequent as real ones. The same number always
// gives the same products.

import type { ShopFile } from '../../src/features/imports/shop-file.ts'
import type { ProductInput } from '../../src/features/products/input.ts'
import { aProduct, aVariant, SHOP_FILE } from '../lib/fixture.ts'
import { between, pick, seededRandom } from '../lib/random.ts'

const SEED = 20_261_122
/** So much of every item that no bench sells out. */
const STOCK = 1_000_000

const COLOURS = [
  'amber',
  'azure',
  'black',
  'coral',
  'crimson',
  'ivory',
  'jade',
  'navy',
  'olive',
  'sand',
  'teal',
  'white',
]
const MATERIALS = [
  'bamboo',
  'canvas',
  'ceramic',
  'copper',
  'cotton',
  'glass',
  'leather',
  'linen',
  'oak',
  'steel',
  'wool',
]
const THINGS = [
  'apron',
  'basket',
  'blanket',
  'bowl',
  'candle',
  'chair',
  'cushion',
  'jacket',
  'kettle',
  'lamp',
  'mug',
  'notebook',
  'scarf',
  'shirt',
  'table',
  'towel',
  'vase',
  'wallet',
]
const VENDORS = ['Alder & Ash', 'Birchwood', 'Cobalt', 'Dunes', 'Elm Street', 'Fjord', 'Grove', 'Harbour']
const SYLLABLES = [
  'ba',
  'co',
  'di',
  'fe',
  'ga',
  'hu',
  'ki',
  'lo',
  'mi',
  'no',
  'pu',
  'ra',
  'si',
  'to',
  'vu',
  'ze',
]

/** Names of lines: 4,096 made-up words, each in a few products of a hundred thousand, the first ones in many. */
function lineName(random: () => number): string {
  const rank = Math.floor(random() ** 3 * 4_096)
  return [rank >> 8, (rank >> 4) & 15, rank & 15].map(index => SYLLABLES[index]).join('')
}

/** Words that the bench searches for: common, rare, two together, a beginning, and one with a typing error. */
export const SEARCHES: readonly string[] = [
  ...THINGS,
  ...MATERIALS.map((material, i) => `${material} ${THINGS[i]}`),
  ...COLOURS.map(colour => colour.slice(0, 4)),
  ...['babacofe', 'cofedi', 'gahuki', 'lominora', 'sitovu'],
  ...['sihrt', 'candel', 'kettel', 'blannket', 'notebok'],
]

/** The first `count` products of the catalogue. */
export function* catalogue(count: number): Generator<ProductInput> {
  const random = seededRandom(SEED)
  for (let n = 0; n < count; n++) {
    const [colour, material, thing, line] = [
      pick(random, COLOURS),
      pick(random, MATERIALS),
      pick(random, THINGS),
      lineName(random),
    ]
    const amount = between(random, 5, 400) * 100 - 1
    yield aProduct({
      handle: handleOf(n),
      title: `${capital(line)} ${colour} ${material} ${thing}`,
      description_html: `<p>A ${thing} of ${material} in ${colour}, from the ${line} line.</p><p>Made to last: wash it cold, dry it in the shade, and it will be as good as new for years. Every piece is checked by hand before it leaves the workshop.</p>`,
      vendor: pick(random, VENDORS),
      product_type: capital(thing),
      tags: [colour, material, ...(random() < 0.1 ? ['sale'] : [])],
      options: [{ name: 'Size', values: ['S', 'L'] }],
      images: [
        { url: `/images/${handleOf(n)}-1.svg`, alt: `${thing} in ${colour}` },
        { url: `/images/${handleOf(n)}-2.svg`, alt: `${thing} from the side` },
      ],
      variants: ['S', 'L'].map((size, i) =>
        aVariant({
          title: size,
          options: { Size: size },
          sku: `SKU-${n}-${size}`,
          quantity: STOCK,
          prices: [
            {
              currency: 'EUR',
              amount: amount + i * 500,
              compare_at_amount: random() < 0.2 ? amount + 2_000 : null,
            },
            { currency: 'USD', amount: amount + i * 500 + 200, compare_at_amount: null },
          ],
        }),
      ),
    })
  }
}

export const handleOf = (n: number): string => `product-${n}`

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1)

/** The bench's shop: with three collections, so that products belong somewhere. */
export const BENCH_SHOP: ShopFile = {
  ...SHOP_FILE,
  collections: ['sale', 'linen', 'teal'].map(tag => ({
    handle: tag,
    title: capital(tag),
    description_html: '',
    image_url: null,
    kind: 'rules' as const,
    rules: {
      match: 'all' as const,
      conditions: [{ field: 'tag' as const, relation: 'equals' as const, value: tag }],
    },
  })),
}
