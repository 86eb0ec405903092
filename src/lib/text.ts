// Text: folding for search, handles, and the character set that the API accepts.

/**
 * One line of text without control characters and lone surrogates (SQLite and JSON both mishandle those), and without
 * bidirectional controls, which make a label read as something else.
 */
export const LINE_PATTERN = /^[^\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]*$/u

/**
 * As LINE_PATTERN, with at least one character that can be seen: neither white space, nor zero-width or otherwise
 * invisible (Unicode's Default_Ignorable_Code_Point), nor the blank Braille cell.
 */
export const VISIBLE_LINE_PATTERN =
  /^(?=.*[^\s\p{Default_Ignorable_Code_Point}\u2800])[^\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]*$/u

/** What `trim` takes off the ends beside white space: zero-width spaces and joiners, which mean nothing there. */
const INVISIBLE_ENDS = /^[\s\u200b-\u200d\u2060\ufeff]+|[\s\u200b-\u200d\u2060\ufeff]+$/gu

/** Takes white space and zero-width characters off both ends; what stands between words stays as it is. */
export const trim = (text: string): string => text.replace(INVISIBLE_ENDS, '')

/** As LINE_PATTERN, but tabs and line ends are allowed. */
export const MULTILINE_PATTERN = /^(?:[^\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]|[\t\n\r])*$/u

/**
 * Lower-cases and strips diacritics, in all scripts: "Crème" becomes "creme". Letters that no mark makes (ß, ø, ł) stay.
 * What it folds alike need not be alike to FTS5, which knows fewer marks: it keys our own tables, never the full text.
 */
export const fold = (text: string): string =>
  text
    .normalize('NFD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()

/** Splits text into its folded words of letters and digits. */
export const words = (text: string): string[] => fold(text).match(/[\p{L}\p{N}]+/gu) ?? []

/** Each letter of a text in the forms that its case can have: "né" becomes [["n", "N"], ["é", "É"]]. */
export const caseForms = (text: string): string[][] =>
  [...text].map(letter => [...new Set([letter, letter.toLowerCase(), letter.toUpperCase()])])

/** Makes a URL handle: "Crème Brûlée 2" becomes "creme-brulee-2". Empty when the text has no letter or digit. */
export const toHandle = (text: string): string => words(text).join('-').slice(0, 200)

/** All texts that arise when one letter of a word is left out, and the word itself: the keys of one-typo search. */
export function oneLetterLess(word: string): string[] {
  const letters = [...word]
  const variants = new Set<string>([word])
  for (let i = 0; i < letters.length; i++) variants.add(letters.toSpliced(i, 1).join(''))
  return [...variants]
}

/** Keeps the text of an HTML fragment, for search and plain descriptions. The input must already be sanitised. */
export const htmlToText = (html: string): string =>
  html
    .replace(/<[^>]*>/g, ' ')
    .replace(/&(amp|lt|gt|quot|#39|nbsp);/g, (_, name: string) => ENTITIES[name] ?? ' ')
    .replace(/\s+/g, ' ')
    .trim()

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'", nbsp: ' ' }

const CARD_SHAPED = /(?<![\p{L}\p{N}_])[2-6](?:[ -]?\d){12,18}(?![\p{L}\p{N}_])/gu

/**
 * Says whether a text holds what may be a payment card's number: 13 to 19 digits, spaces and hyphens between them allowed,
 * that pass the Luhn check (ISO/IEC 7812-1). Such a text must never be stored or logged (PCI DSS).
 */
export const holdsCardNumber = (text: string): boolean =>
  (text.match(CARD_SHAPED) ?? []).some(match => passesLuhn(match.replace(/\D/g, '')))

function passesLuhn(digits: string): boolean {
  let sum = 0
  for (let i = 0; i < digits.length; i++) {
    const digit = Number(digits.at(-1 - i))
    sum += i % 2 === 0 ? digit : digit > 4 ? digit * 2 - 9 : digit * 2
  }
  return sum % 10 === 0
}
