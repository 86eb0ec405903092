// Text that the API refuses, and search's view of a word.

import { describe, expect, test } from 'vitest'
import {
  holdsCardNumber,
  LINE_PATTERN,
  oneLetterLess,
  trim,
  VISIBLE_LINE_PATTERN,
  words,
} from '../../src/lib/text.ts'

describe('a card number', () => {
  test.each([
    '4111111111111111',
    'please charge 4111 1111 1111 1111, thanks',
    '5555-5555-5555-4444',
    '378282246310005',
    '6011000990139424',
    'x\n4222222222222',
  ])('is found in %j', text => expect(holdsCardNumber(text)).toBe(true))

  test.each([
    '4111111111111112',
    '+49 30 1234567',
    'Rosenweg 7, 10115 Berlin',
    'order 1001 of 2026-11-22',
    'tok_4111111111111111x',
    '12345678901234567890123',
  ])('is not seen in %j', text => expect(holdsCardNumber(text)).toBe(false))
})

test('a line holds no control characters, lone surrogates or bidirectional controls', () => {
  for (const bad of ['a\u0000', 'a\n', '\ud800', 'a\u202eb', 'a\u2066b'])
    expect(LINE_PATTERN.test(bad)).toBe(false)
  for (const good of ['', 'Crème brûlée', '日本', '👩‍🍳', 'שלום']) expect(LINE_PATTERN.test(good)).toBe(true)
})

test.each([
  '',
  ' ',
  '\u00a0',
  '\u2003\u3000',
  '\u200b',
  '\u200d\u2060',
  '\ufeff',
  '\u00ad',
  '\u115f\u3164',
  '\u2800',
  '\ufe0f',
  '\u{e0020}',
])('text of %j alone says nothing', blank => {
  expect(VISIBLE_LINE_PATTERN.test(blank)).toBe(false)
  expect(VISIBLE_LINE_PATTERN.test(`${blank}x${blank}`)).toBe(true)
})

test('a visible line takes all that a line takes, and is judged in linear time', () => {
  for (const good of ['.', ' Crème brûlée ', '日本', '👩‍🍳', 'שלום', 'نمی‌خواهم'])
    expect(VISIBLE_LINE_PATTERN.test(good)).toBe(true)
  for (const bad of ['a\u0000', 'a\n', '\nx', '\ud800', 'a\u202eb'])
    expect(VISIBLE_LINE_PATTERN.test(bad)).toBe(false)
  const started = performance.now()
  expect(VISIBLE_LINE_PATTERN.test(' '.repeat(200_000))).toBe(false)
  expect(VISIBLE_LINE_PATTERN.test(`${'x'.repeat(200_000)}\u0000`)).toBe(false)
  expect(performance.now() - started).toBeLessThan(1000)
})

test('trimming takes white space and zero-width characters off the ends, and nothing else', () => {
  expect(trim('\u00a0\u200b Ada \u2003 Lovelace\ufeff\u200d ')).toBe('Ada \u2003 Lovelace')
  // What belongs to a letter or a picture stays: ZWNJ within a word, the selector that makes a heart an emoji.
  for (const whole of ['نمی‌خواهم', '❤️', '🏴󠁧󠁢󠁥󠁮󠁧󠁿']) expect(trim(whole)).toBe(whole)
})

test('a word with one letter wrong shares a form with the right one', () => {
  const near = (a: string, b: string) => oneLetterLess(a).some(form => oneLetterLess(b).includes(form))
  for (const typo of ['sihrt', 'shrt', 'shiirt', 'shift']) expect(near(typo, 'shirt')).toBe(true)
  expect(near('short', 'skirt')).toBe(false)
})

test('words are folded: no case, no diacritics', () => {
  expect(words('Crème-Brûlée, 2x')).toEqual(['creme', 'brulee', '2x'])
})
