// Text that the API refuses, and search's view of a word.

import { describe, expect, test } from 'vitest'
import { holdsCardNumber, LINE_PATTERN, oneLetterLess, words } from '../../src/lib/text.ts'

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

test('a word with one letter wrong shares a form with the right one', () => {
  const near = (a: string, b: string) => oneLetterLess(a).some(form => oneLetterLess(b).includes(form))
  for (const typo of ['sihrt', 'shrt', 'shiirt', 'shift']) expect(near(typo, 'shirt')).toBe(true)
  expect(near('short', 'skirt')).toBe(false)
})

test('words are folded: no case, no diacritics', () => {
  expect(words('Crème-Brûlée, 2x')).toEqual(['creme', 'brulee', '2x'])
})
