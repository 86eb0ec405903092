// How text is cut into the words that search finds, and what one typing error makes of a word. FTS5 gets words as
// they were typed and folds them itself, as it folded the text; only the typo table is keyed by our own folding, which
// goes further than FTS5's (it folds all scripts) and is the same on both sides.

import { fold, oneLetterLess } from '../../lib/text.ts'

/** One letter of a shorter word is no typing error but another word. */
const MIN_TYPO_LETTERS = 4
const MAX_TYPO_LETTERS = 24

export interface SearchWord {
  /** In lower case, with its marks. Letters, digits and marks only: nothing that FTS5 reads as syntax. */
  text: string
  /** Without its marks. */
  folded: string
}

/** Cuts a text into words, each once. */
export function searchWords(text: string): SearchWord[] {
  const found =
    text
      .normalize('NFC')
      .toLowerCase()
      .match(/[\p{L}\p{N}][\p{L}\p{N}\p{M}]*/gu) ?? []
  return [...new Set(found)].map(text => ({ text, folded: fold(text) }))
}

/**
 * The keys under which a word and its misspellings meet: the word with each letter left out in turn. A plural has the
 * keys of its singular, since stemming takes the two for one word. None for a word too short or too long to guess at.
 */
export function typoKeys({ folded }: SearchWord): string[] {
  const singular = /[^s]s$/.test(folded) && folded.length > MIN_TYPO_LETTERS ? folded.slice(0, -1) : folded
  const { length } = [...singular]
  return length >= MIN_TYPO_LETTERS && length <= MAX_TYPO_LETTERS ? oneLetterLess(singular) : []
}
