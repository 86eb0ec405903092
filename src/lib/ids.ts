// Identifiers: `<prefix>_<time><random>`, Crockford base32. The first 10 characters are the creation time in
// milliseconds, so ids sort by age; the rest is random. Ids that are themselves the right to see something
// (a guest's cart, checkout) carry 130 random bits (OWASP ASVS 5.0 11.5.1 wants at least 128), all others 80.

import type { Clock } from './clock.ts'

/** Each kind of object and its prefix. A prefix is never reused for another kind. */
export const ID_PREFIXES = {
  product: 'prod',
  variant: 'var',
  image: 'img',
  collection: 'col',
  cart: 'cart',
  line: 'li',
  checkout: 'chk',
  order: 'ord',
  payment: 'pay',
  paymentRecord: 'prec',
  promotion: 'promo',
  shippingZone: 'zone',
  shippingRate: 'ship',
  taxRate: 'tax',
  reservation: 'res',
  location: 'loc',
  adjustment: 'adj',
  transfer: 'trf',
  movement: 'mov',
  event: 'evt',
  audit: 'aud',
  request: 'req',
  user: 'usr',
  address: 'addr',
  session: 'ses',
  accountToken: 'act',
  mail: 'mail',
  identity: 'idn',
  providerLogin: 'plg',
  customerGroup: 'grp',
  client: 'cli',
  grant: 'grt',
} as const

export type IdKind = keyof typeof ID_PREFIXES

/** Makes a new id of a kind. Ids made by one generator sort in the order in which they were made. */
export type IdGenerator = (kind: IdKind) => string

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const TIME_CHARS = 10
const RANDOM_CHARS = 16
const CAPABILITY_RANDOM_CHARS = 26
const CAPABILITIES: ReadonlySet<IdKind> = new Set(['cart', 'checkout'])

/** Builds a generator over a clock and a source of random bytes. */
export function createIdGenerator(
  clock: Clock,
  randomBytes: (length: number) => Uint8Array = length => crypto.getRandomValues(new Uint8Array(length)),
): IdGenerator {
  let lastTime = 0
  let lastRandom: number[] = []
  return kind => {
    const now = clock()
    if (CAPABILITIES.has(kind)) {
      return `${ID_PREFIXES[kind]}_${encodeTime(now)}${encodeRandom(digits(randomBytes, CAPABILITY_RANDOM_CHARS))}`
    }
    // Within one millisecond the random part counts up, so that ids keep their order (as ULID's monotonic form).
    lastRandom = now === lastTime ? increment(lastRandom) : digits(randomBytes, RANDOM_CHARS)
    lastTime = now
    return `${ID_PREFIXES[kind]}_${encodeTime(now)}${encodeRandom(lastRandom)}`
  }
}

/** The text before which all ids of a kind sort that were made earlier, and after which all later ones do. */
export const idAt = (kind: IdKind, epochMs: number): string =>
  `${ID_PREFIXES[kind]}_${encodeTime(Math.max(0, epochMs))}`

function encodeTime(epochMs: number): string {
  let rest = epochMs
  let text = ''
  for (let i = 0; i < TIME_CHARS; i++) {
    text = ALPHABET.charAt(rest % 32) + text
    rest = Math.floor(rest / 32)
  }
  return text
}

const encodeRandom = (values: number[]): string => values.map(value => ALPHABET.charAt(value)).join('')

const digits = (randomBytes: (length: number) => Uint8Array, length: number): number[] =>
  Array.from(randomBytes(length), byte => byte & 31)

function increment(values: number[]): number[] {
  const next = [...values]
  for (let i = next.length - 1; i >= 0; i--) {
    const value = (next[i] ?? 0) + 1
    next[i] = value & 31
    if (value < 32) return next
  }
  return next
}
