// Which passwords are taken (NIST SP 800-63B-4 §3.1.1.2): length in code points, no rules of composition, and none that
// a guesser tries first. Since 15 characters are the least, hardly a leaked password fits as it is; what guessers try
// then is made of them, so a password is refused that consists of nothing but
//   - at most two different common or service words (the email's parts, the shop's host), however often repeated,
//   - runs of digits, of one character, of the alphabet or of a keyboard row,
// after lower case, common letter swaps (p4ssw0rd) and anything that is no letter or digit are undone.

import { DomainError } from '../../lib/errors.ts'
import { COMMON_PASSWORDS } from './common-passwords.ts'
import { passwordRefused } from './errors.ts'
import { normalise } from './password-hash.ts'

const MIN_PASSWORD = 15
export const MAX_PASSWORD = 256
const MAX_WORDS = 2
const MIN_WORD = 4
const MAX_WORD = 24
const MIN_RUN = 3

const SWAPS: Record<string, string> = {
  '0': 'o',
  '1': 'l',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '@': 'a',
  $: 's',
}
const ROWS = [
  'abcdefghijklmnopqrstuvwxyz',
  'qwertyuiop',
  'asdfghjkl',
  'zxcvbnm',
  'qwertzuiop',
  'azertyuiop',
  '1q2w3e4r5t6y7u8i9o0p',
  'qazwsxedcrfvtgbyhnujmikolp',
]
const RUNS = [...ROWS, ...ROWS.map(row => [...row].reverse().join(''))]

/** Raises `password_refused`. `context` holds texts that may not carry the password: the email, the shop's host. */
export function refuseWeakPassword(
  password: string,
  context: readonly string[],
  pointer = '/password',
): void {
  const detail = weakness(password, context)
  if (detail === null) return
  throw new DomainError(passwordRefused, detail, {
    errors: [{ in: 'body', pointer, code: passwordRefused.code, detail }],
  })
}

/** Says what is wrong with a password, or null. */
export function weakness(password: string, context: readonly string[]): string | null {
  const normal = normalise(password)
  const length = [...normal].length
  if (length < MIN_PASSWORD) return `A password has at least ${MIN_PASSWORD} characters.`
  if (length > MAX_PASSWORD) return `A password has at most ${MAX_PASSWORD} characters.`
  const lower = normal.toLowerCase()
  const plain = letters(lower)
  const swapped = letters([...lower].map(char => SWAPS[char] ?? char).join(''))
  const service = new Set(
    context.flatMap(text => [letters(text.toLowerCase()), ...text.toLowerCase().split(/[^\p{L}\p{N}]+/u)]),
  )
  const isWord = (text: string) => COMMON_PASSWORDS.has(text) || service.has(text)
  if (isPattern(plain, isWord) || isPattern(swapped, isWord)) {
    return 'This password is among the first that are tried: it is made of common words or patterns only.'
  }
  return null
}

const letters = (text: string): string => text.replace(/[^\p{L}\p{N}]/gu, '') || text

/** Says whether a text splits wholly into runs, and words of which at most MAX_WORDS differ. */
function isPattern(text: string, isWord: (text: string) => boolean): boolean {
  if (isRepeated(text)) return true
  // For each position: with which words (sorted, joined by spaces) it can be reached.
  const reached = Array.from({ length: text.length + 1 }, () => new Set<string>())
  reached[0]?.add('')
  for (let at = 0; at < text.length; at++) {
    const here = reached[at]
    if (!here || here.size === 0) continue
    for (let end = at + 1; end <= text.length && isRun(text.slice(at, end)); end++) {
      if (end - at < MIN_RUN && !/^\d/.test(text.slice(at, end))) continue
      for (const words of here) reached[end]?.add(words)
    }
    for (let end = at + MIN_WORD; end <= Math.min(text.length, at + MAX_WORD); end++) {
      const word = text.slice(at, end)
      if (!isWord(word)) continue
      for (const words of here) {
        const more = withWord(words, word)
        if (more !== null) reached[end]?.add(more)
      }
    }
  }
  return (reached[text.length]?.size ?? 0) > 0
}

/** Adds a word to a sorted list of words; null when that are too many. */
function withWord(words: string, word: string): string | null {
  if (words === '') return word
  const list = words.split(' ')
  if (list.includes(word)) return words
  return list.length < MAX_WORDS ? [...list, word].sort().join(' ') : null
}

/** One character, digits in any order, or a stretch of a row, forwards or backwards. */
const isRun = (text: string): boolean =>
  /^(.)\1*$/su.test(text) || /^\d+$/.test(text) || RUNS.some(row => row.includes(text))

/** The whole is a short piece, repeated at least three times: `xkcd-xkcd-xkcd-xkcd`. */
const isRepeated = (text: string): boolean => /^(.{1,6}?)\1{2,}$/su.test(text)
