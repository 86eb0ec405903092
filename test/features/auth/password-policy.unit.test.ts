// Which passwords are taken.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { COMMON_PASSWORDS } from '../../../src/features/auth/common-passwords.ts'
import { weakness } from '../../../src/features/auth/password-policy.ts'

const CONTEXT = ['ada.lovelace@example.com', 'curbside', 'shop.example']
const isTaken = (password: string) => weakness(password, CONTEXT) === null

describe('a password', () => {
  test('has 15 to 256 characters, counted by code point after NFKC', () => {
    const words = 'correct horse b'
    expect([...words]).toHaveLength(15)
    expect(isTaken(words)).toBe(true)
    expect(isTaken(words.slice(0, 14))).toBe(false)
    expect(isTaken('🦊🐙🦉🐢🦔🐝🦋🐌🐞🦗🦂🐬🦑🐡🦐')).toBe(true)
    expect(isTaken('🦊🐙🦉🐢🦔🐝🦋🐌🐞🦗🦂🐬🦑🐡')).toBe(false)
    // Fourteen letters and combining marks are fourteen characters once composed.
    expect(isTaken('äbcéfghïjklmnö'.normalize('NFD'))).toBe(false)
  })

  test.each([64, 128, 256])('of %i characters is taken', length => {
    const long = Array.from({ length }, (_, i) => String.fromCodePoint(0x3041 + ((i * 37) % 80))).join('')
    expect(isTaken(long)).toBe(true)
    expect(isTaken(`${long}${'い'.repeat(257 - length)}`)).toBe(false)
  })

  test.each([
    'correct horse battery',
    'seven green kettles hum',
    'mein hund heißt waldemar',
    'Tr0ub4dor&3 stays at home',
    '正しい馬の電池の針は十五字以上',
    'kq8#vL2!mZ0@xW5$',
  ])('needs no kinds of characters: %s', password => {
    expect(isTaken(password)).toBe(true)
  })

  test.each([
    'passwordpassword',
    'Password1234567890',
    'p4ssw0rdp4ssw0rd',
    'P@ssw0rd!P@ssw0rd!',
    'password password password',
    'iloveyouiloveyou',
    'letmein-letmein-letmein',
    'qwertyuiopasdfghjkl',
    'qwertyqwertyqwerty',
    '1q2w3e4r5t6y7u8i9o0p',
    'abcdefghijklmnopqrst',
    'zyxwvutsrqponmlkj',
    '123456789012345',
    '111111111111111',
    'aaaaaaaaaaaaaaaaaaa',
    'abcabcabcabcabcabc',
    'monkeydragon2024',
    'football123football',
    'curbsidecurbside',
    'Curbside2026!!!!',
    'lovelace lovelace',
    'ada.lovelace@example.com',
    'shop.example.2026',
    'azertyuiop123456',
    'baseball1baseball2',
  ])('is refused when guessers try it first: %s', password => {
    expect(isTaken(password)).toBe(false)
  })

  test('is refused when it is any common one, twice, or with its year', () => {
    expect(COMMON_PASSWORDS.size).toBeGreaterThanOrEqual(3000)
    for (const word of COMMON_PASSWORDS) {
      expect(isTaken(word.repeat(4)), word).toBe(false)
      expect(isTaken(`${word}20262026202620262026`), word).toBe(false)
    }
  })

  test('of random characters is practically always taken, and judging it is quick', () => {
    fc.assert(
      fc.property(
        fc.string({
          minLength: 20,
          maxLength: 60,
          unit: fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz0123456789'),
        }),
        password => {
          // Short pieces repeated and the like may come up by chance in shrunk cases; digits alone surely.
          fc.pre(new Set(password).size > 10 && /[a-z]{2}\d[a-z]/.test(password))
          return isTaken(password)
        },
      ),
      { numRuns: 300 },
    )
    const started = performance.now()
    weakness('love1234'.repeat(32), CONTEXT)
    weakness([...COMMON_PASSWORDS].slice(0, 40).join('').slice(0, 256), CONTEXT)
    expect(performance.now() - started).toBeLessThan(200)
  })
})
