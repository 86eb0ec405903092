// The cells of one row of a Shopify export: what each may hold, and what to tell a shopkeeper when it does not.
// A reader never throws; it notes the problem and answers with a stand-in, so that one pass finds all that is wrong.

import { isCurrency, minorDigits, parseDecimal } from '../../lib/money.ts'
import { LINE_PATTERN, MULTILINE_PATTERN } from '../../lib/text.ts'
import { rearm } from './shopify-writer.ts'

/** One record of the file. A cell in quotes may hold line ends, so `line` is where the record begins. */
export interface Row {
  line: number
  cells: string[]
}

/** What is wrong with a row, for a shopkeeper. `column` is null when it is not about one column. */
export interface Problem {
  line: number
  column: string | null
  reason: string
}

/** A pair of columns with prices in a further currency, such as `Price / USD` and `Compare At Price / USD`. */
export interface PriceColumns {
  currency: string
  price: string
  compareAt: string
}

/** Where each column is. Names are matched without regard to case. */
export interface Header {
  positions: ReadonlyMap<string, number>
  width: number
  /** The shop's own currency first, then the further ones in the order of their columns. */
  prices: PriceColumns[]
}

const REQUIRED = ['Handle', 'Title', 'Variant Price']
const REPLACEMENT = '\ufffd'
const ABSOLUTE_URL = /^https?:\/\/[^\s"<>\\]+$/i
const LOCAL_PATH = /^\/(?![/\\])[^\s"<>\\]*$/
const MAX_URL = 2048

/** Reads the header row. Returns the problem if the file cannot be a product export. */
export function readHeader(row: Row, currency: string): Header | Problem {
  const problem = (column: string | null, reason: string): Problem => ({ line: row.line, column, reason })
  const positions = new Map<string, number>()
  for (const [index, cell] of row.cells.entries()) {
    const name = cell.trim().toLowerCase()
    if (name === '') continue
    if (positions.has(name)) return problem(cell.trim(), `The column "${cell.trim()}" appears twice`)
    positions.set(name, index)
  }
  const missing = REQUIRED.filter(name => !positions.has(name.toLowerCase()))
  if (missing.length > 0) return problem(missing[0] ?? null, missingColumns(missing, row.cells))

  const prices = [{ currency, price: 'Variant Price', compareAt: 'Variant Compare At Price' }]
  for (const cell of row.cells) {
    // Shopify also writes `Price / <market>`: a suffix that is no currency is a market's name and is left out.
    const suffix = /^(?:compare at )?price \/ ([a-z]{3})$/i.exec(cell.trim())?.[1]?.toUpperCase()
    if (!suffix || !isCurrency(suffix)) continue
    if (suffix === currency) {
      return problem(
        cell.trim(),
        `Prices in ${currency} are already in "Variant Price"; remove "${cell.trim()}"`,
      )
    }
    if (prices.some(known => known.currency === suffix)) continue
    prices.push({ currency: suffix, price: `Price / ${suffix}`, compareAt: `Compare At Price / ${suffix}` })
  }
  return { positions, width: row.cells.length, prices }
}

function missingColumns(missing: string[], cells: string[]): string {
  const names = missing.map(name => `"${name}"`).join(', ')
  const only = cells.length === 1 ? (cells[0] ?? '') : ''
  const hint = only.includes(';')
    ? '. The columns seem to be separated by semicolons; save the file with commas'
    : only.includes('\t')
      ? '. The columns seem to be separated by tabs; save the file with commas'
      : cells.some(cell => cell.includes(REPLACEMENT) || cell.includes('\0'))
        ? '. The file is not UTF-8 text; save it as "CSV UTF-8"'
        : ''
  return `The first line must name the columns; missing: ${names}${hint}`
}

/** The cells of one row by column name, and the problems found while reading them. */
export type Cells = ReturnType<typeof readCells>

/** Opens a row for reading. */
export function readCells(row: Row, header: Header) {
  const problems: Problem[] = []

  /** Notes a problem of this row. */
  const fail = (column: string | null, reason: string): void => {
    problems.push({ line: row.line, column, reason })
  }

  /**
   * The cell in NFC, without surrounding white space and the apostrophe that disarms a formula. A column that the file does
   * not have is empty.
   */
  const cell = (column: string): string => {
    const position = header.positions.get(column.toLowerCase())
    return position === undefined ? '' : rearm((row.cells[position] ?? '').trim()).normalize()
  }

  const has = (column: string): boolean => cell(column) !== ''

  function checked(column: string, value: string, max: number, pattern: RegExp): string {
    if (value.includes(REPLACEMENT)) {
      fail(column, 'Holds characters that are not UTF-8 text; save the file as "CSV UTF-8"')
    } else if (!pattern.test(value)) {
      const what = /[\t\n]/.test(value) ? 'a line end or tab' : 'control characters'
      fail(column, `Holds ${what}, which cannot be kept; remove them`)
    } else if (value.length > max) {
      fail(column, `Has ${value.length} characters; at most ${max} are possible`)
    }
    return value
  }

  return {
    line: row.line,
    problems,
    fail,
    has,
    /** The cell unchecked, to compare with. */
    plain: cell,

    /** A text in one line of at most `max` characters. */
    text: (column: string, max: number): string => checked(column, cell(column), max, LINE_PATTERN),

    /** As `text`, for prose that is often pasted with line ends: each run of white space becomes one space. */
    prose: (column: string, max: number): string =>
      checked(column, cell(column).replace(/[ \t\n]+/g, ' '), max, LINE_PATTERN),

    /** A text that may have several lines, of at most `maxBytes` in UTF-8. */
    longText(column: string, maxBytes: number): string {
      const value = checked(column, cell(column), Number.POSITIVE_INFINITY, MULTILINE_PATTERN)
      const bytes = new TextEncoder().encode(value).length
      if (bytes > maxBytes) fail(column, `Is ${bytes} bytes long; at most ${maxBytes} are possible`)
      return value
    },

    /** Tags, separated by commas, without repeats (those that differ only in case are one). */
    tags(column: string, maxTags: number, maxLength: number): string[] {
      const value = checked(column, cell(column), Number.POSITIVE_INFINITY, LINE_PATTERN)
      const tags = new Map<string, string>()
      for (const part of value.split(',')) {
        const tag = part.trim()
        if (tag !== '' && !tags.has(tag.toLowerCase())) tags.set(tag.toLowerCase(), tag)
      }
      const tooLong = [...tags.values()].find(tag => tag.length > maxLength)
      if (tags.size > maxTags) fail(column, `Has ${tags.size} tags; at most ${maxTags} are possible`)
      else if (tooLong)
        fail(column, `The tag "${tooLong.slice(0, 40)}…" is longer than ${maxLength} characters`)
      return [...tags.values()]
    },

    /** A price in minor units. Null when the cell is empty or bad. */
    price(column: string, currency: string): number | null {
      const value = cell(column)
      if (value === '') return null
      const amount = parseDecimal(value, currency)
      if (amount === null) fail(column, badPrice(value, currency))
      return amount
    },

    /** A whole number from 0, or from `min`, to 999,999,999; null when empty or bad. `12.0` is 12. */
    whole(column: string, min = 0): number | null {
      const value = cell(column)
      if (value === '') return null
      const number = /^-?\d{1,9}(?:\.0*)?$/.test(value) ? Number(value) : Number.NaN
      if (number >= min) return number
      fail(column, `"${shown(value)}" is not a whole number${min === 0 ? ' from 0 up' : ''}, such as 12`)
      return null
    },

    /** Grams. Shopify converts weights entered in ounces or pounds, so a fraction is rounded to the nearest gram. */
    grams(column: string): number {
      const value = cell(column)
      if (value === '') return 0
      if (/^\d{1,9}(?:\.\d*)?$/.test(value)) return Math.round(Number(value))
      fail(column, `"${shown(value)}" is not a whole number from 0 up, such as 250`)
      return 0
    },

    /** true or false, in any case; `fallback` when empty. */
    flag(column: string, fallback: boolean): boolean {
      const value = cell(column).toLowerCase()
      if (value === 'true' || value === 'false') return value === 'true'
      if (value !== '') fail(column, `"${shown(cell(column))}" is neither true nor false`)
      return fallback
    },

    /** One of some words, in any case; null when empty or unknown. */
    choice<T extends string>(column: string, words: readonly T[]): T | null {
      const value = cell(column).toLowerCase()
      const word = words.find(known => known === value) ?? null
      if (value !== '' && word === null)
        fail(column, `"${shown(cell(column))}" is none of ${words.join(', ')}`)
      return word
    },

    /** The address of a picture: http(s), or a path on the shop's own host. Null when empty or bad. */
    url(column: string): string | null {
      const value = cell(column)
      if (value === '') return null
      const isGood = LOCAL_PATH.test(value) || (ABSOLUTE_URL.test(value) && URL.canParse(value))
      if (isGood && value.length <= MAX_URL && LINE_PATTERN.test(value) && !value.includes(REPLACEMENT))
        return value
      fail(
        column,
        `"${shown(value)}" is not the address of a picture, such as https://example.com/mug.jpg or /images/mug.jpg`,
      )
      return null
    },
  }
}

function badPrice(value: string, currency: string): string {
  const digits = minorDigits(currency)
  if (/^-\s*[\d.]+$/.test(value)) return `The price ${shown(value)} is negative`
  if (/^\d{1,12}\.\d+$/.test(value) && parseDecimal(value.replace(/\..*/, ''), currency) !== null) {
    return `The price ${shown(value)} has too many decimals: ${currency} has ${digits}`
  }
  if (/^\d+(?:\.\d*)?$/.test(value)) return `The price ${shown(value)} is too large`
  return `"${shown(value)}" is not a price; write digits and a point only, such as ${digits === 0 ? '1999' : '19.99'}`
}

/** A cell's text as part of a message: never long, never with control characters. */
const shown = (value: string): string => {
  const clean = value.replace(/[\p{Cc}\p{Cs}]+/gu, '?')
  return clean.length > 60 ? `${clean.slice(0, 60)}…` : clean
}
