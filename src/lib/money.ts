// Money: integers in ISO 4217 minor units, and the exact arithmetic on them (INV-MONEY). No float ever holds money.

/** An amount in minor units (cents, yen, fils) of a currency. */
export interface Money {
  amount: number
  currency: string
}

/** The largest amount that any price or total may have: far below 2^53, so that sums of many lines stay exact. */
export const MAX_AMOUNT = 1_000_000_000_000

/** The currencies of ISO 4217 list one (2024), without funds codes, metals and test codes. Intl's list differs by runtime. */
const CURRENCIES: ReadonlySet<string> = new Set(
  (
    'AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLF ' +
    'CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF ' +
    'IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK ' +
    'MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR ' +
    'SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYI UYU UYW ' +
    'UZS VED VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWG'
  ).split(' '),
)

/** ISO 4217 currencies whose minor unit is not two digits (list one, 2024). Intl follows CLDR, which differs. */
const MINOR_DIGITS: ReadonlyMap<string, number> = new Map(
  Object.entries({
    0: 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF',
    3: 'BHD IQD JOD KWD LYD OMR TND',
    4: 'CLF UYW',
  }).flatMap(([digits, codes]) => codes.split(' ').map((code): [string, number] => [code, Number(digits)])),
)

/** Says whether a text is an ISO 4217 alphabetic code. */
export const isCurrency = (code: string): boolean => CURRENCIES.has(code)

/** Returns how many digits a currency's minor unit has: EUR 2, JPY 0, KWD 3. */
export const minorDigits = (currency: string): number => MINOR_DIGITS.get(currency) ?? 2

/** How many minor units make a major one, for the currencies where that is not 100. */
export const unusualMinorUnits = (): Record<string, number> =>
  Object.fromEntries(Array.from(MINOR_DIGITS, ([code, digits]) => [code, 10 ** digits]))

/** Reads a decimal text such as "9.99" as minor units, exactly. Returns null for anything else, or too many digits. */
export function parseDecimal(text: string, currency: string): number | null {
  const match = /^(\d{1,12})(?:\.(\d*))?$/.exec(text.trim())
  if (!match) return null
  const digits = minorDigits(currency)
  const fraction = (match[2] ?? '').replace(/0+$/, '')
  if (fraction.length > digits) return null
  const amount = Number(`${match[1]}${fraction.padEnd(digits, '0')}`)
  return amount <= MAX_AMOUNT ? amount : null
}

/** Writes minor units as a decimal text: 999 EUR becomes "9.99". */
export function formatDecimal(amount: number, currency: string): string {
  const digits = minorDigits(currency)
  const text = String(Math.abs(amount)).padStart(digits + 1, '0')
  const sign = amount < 0 ? '-' : ''
  return digits === 0 ? `${sign}${text}` : `${sign}${text.slice(0, -digits)}.${text.slice(-digits)}`
}

/**
 * Computes amount × numerator / denominator, rounded half away from zero, exactly (the product may pass 2^53).
 * All three are integers, the denominator positive.
 */
export function mulDiv(amount: number, numerator: number, denominator: number): number {
  const product = BigInt(amount) * BigInt(numerator)
  const divisor = BigInt(denominator)
  const magnitude = product < 0n ? -product : product
  const rounded = Number((magnitude * 2n + divisor) / (divisor * 2n))
  return product < 0n && rounded > 0 ? -rounded : rounded
}

/**
 * Splits a non-negative total over non-negative integer weights so that the parts sum to exactly the total, by
 * largest remainder (Hamilton); equal remainders go to the earlier part. All weights zero: all to the first part.
 */
export function split(total: number, weights: readonly number[]): number[] {
  if (weights.length === 0) return []
  const sum = weights.reduce((a, b) => a + BigInt(b), 0n)
  if (sum === 0n) return weights.map((_, i) => (i === 0 ? total : 0))
  const exact = weights.map(weight => BigInt(total) * BigInt(weight))
  const parts = exact.map(value => Number(value / sum))
  const left = total - parts.reduce((a, b) => a + b, 0)
  const byRemainder = exact
    .map((value, index) => ({ index, remainder: value % sum }))
    .sort((a, b) => (a.remainder === b.remainder ? a.index - b.index : a.remainder > b.remainder ? -1 : 1))
  for (const { index } of byRemainder.slice(0, left)) parts[index] = (parts[index] ?? 0) + 1
  return parts
}
