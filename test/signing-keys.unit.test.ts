// The keys that sign access tokens, as the configuration takes them.

import { describe, expect, test } from 'vitest'
import { newSigningKeys, rotated } from '../scripts/lib/signing-keys.ts'
import { readConfig } from '../src/config.ts'
import { SIGNING_KEYS as KEYS_OF_TESTS } from './support/keys.ts'

const KEY = {
  ...JSON.parse(await newSigningKeys('own-'))[0],
  created_at: '2026-01-01T00:00:00Z',
  active_at: '2026-01-01T00:00:00Z',
  retire_at: '2036-01-01T00:00:00Z',
}
const read = (keys: unknown, env: Record<string, string> = {}) =>
  readConfig({
    ENVIRONMENT: 'production',
    PUBLIC_URL: 'https://shop.curbside.dev',
    TOKEN_SECRET: 'a-secret-of-more-than-thirty-two-bytes',
    SIGNING_KEYS: typeof keys === 'string' ? keys : JSON.stringify(keys),
    ...env,
  })

describe('SIGNING_KEYS', () => {
  test('takes private JWKs with the times of their life, in the order in which they become active', () => {
    const later = { ...KEY, kid: 'later', active_at: '2026-06-01T00:00:00Z' }
    expect(read([later, KEY]).SIGNING_KEYS.map(key => key.kid)).toEqual([KEY.kid, 'later'])
  })

  test('refuses outside local and test the keys of .dev.vars, those that stand in the repository, and none at all', async () => {
    for (const keys of [
      await newSigningKeys('local-only-'),
      KEYS_OF_TESTS,
      KEYS_OF_TESTS.replace('suite-2026', 'mine'),
      '[]',
    ]) {
      expect(() => read(keys, { ENVIRONMENT: 'local' })).not.toThrow()
      expect(() => read(keys)).toThrow('SIGNING_KEYS: must be keys of your own')
    }
  })

  test.each([
    ['no JSON', 'x', 'must be a JSON array'],
    ['no array', {}, 'SIGNING_KEYS'],
    ['a public key', [{ ...KEY, d: undefined }], 'SIGNING_KEYS.0.d'],
    ['another curve', [{ ...KEY, crv: 'P-384' }], 'SIGNING_KEYS.0.crv'],
    ['a symmetric key', [{ kty: 'oct', k: 'x' }], 'SIGNING_KEYS.0'],
    ['times out of order', [{ ...KEY, retire_at: '2025-01-01T00:00:00Z' }], 'must follow each other'],
    ['one kid twice', [KEY, KEY], 'two keys share a kid'],
    [
      'a key that retires under its live tokens',
      [
        { ...KEY, retire_at: '2026-06-01T00:14:59Z' },
        { ...KEY, kid: 'next', active_at: '2026-06-01T00:00:00Z' },
      ],
      'must not retire before its last tokens expire',
    ],
  ])('refuses %s', (_name, keys, message) => {
    expect(() => read(keys)).toThrow(message)
  })

  test('never shows a key in its messages', () => {
    try {
      read([{ ...KEY, crv: 'P-384' }])
      expect.unreachable()
    } catch (error) {
      expect(String(error)).not.toContain(KEY.d)
    }
  })
})

describe('a rotation', () => {
  const NOW = Date.UTC(2026, 10, 22, 12)
  const MINUTE = 60_000
  const signingAt = (text: string, time: number) =>
    read(text).SIGNING_KEYS.findLast(key => key.active_at <= time && time < key.retire_at)?.kid

  test('has the old key sign until everybody can know the next one, and live as long as its last tokens', async () => {
    const keys = await rotated(JSON.stringify([KEY]), NOW)
    const text = JSON.stringify(keys)
    const [old, next] = read(text).SIGNING_KEYS
    expect([old?.kid, keys.length]).toEqual([KEY.kid, 2])
    expect(next?.created_at).toBe(NOW)
    expect(signingAt(text, NOW)).toBe(KEY.kid)
    expect(signingAt(text, NOW + 15 * MINUTE - 1)).toBe(KEY.kid)
    expect(signingAt(text, NOW + 15 * MINUTE)).toBe(next?.kid)
    expect(old?.retire_at).toBe(NOW + 45 * MINUTE)
    expect(next?.d).not.toBe(old?.d)
  })

  test('drops what has retired, and waits for the next key to sign before it makes another', async () => {
    const first = JSON.stringify(await rotated(JSON.stringify([KEY]), NOW))
    await expect(rotated(first, NOW + MINUTE)).rejects.toThrow('waiting already')
    const second = await rotated(first, NOW + 20 * MINUTE)
    expect(second.map(({ kid }) => kid)).toContain(KEY.kid)
    expect(second).toHaveLength(3)
    const third = await rotated(JSON.stringify(second), NOW + 60 * MINUTE)
    expect(third.map(({ kid }) => kid)).not.toContain(KEY.kid)
    expect(third).toHaveLength(3)
  })

  test('refuses keys that are not usable', async () => {
    await expect(rotated('[{}]', NOW)).rejects.toThrow()
    await expect(rotated('x', NOW)).rejects.toThrow()
  })
})
