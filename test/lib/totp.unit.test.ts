// One-time passwords against the vectors of RFC 6238 and RFC 4226, and base32 against RFC 4648.

import { describe, expect, test } from 'vitest'
import { base32, matchingStep, newTotpSecret, otpauthUri, stepAt, totpAt } from '../../src/lib/totp.ts'

const encoder = new TextEncoder()
const SECRET = Uint8Array.from(encoder.encode('12345678901234567890'))

describe('a one-time password', () => {
  // RFC 6238, Appendix B has eight digits; six are the last six of them.
  test.each([
    [59, '287082'],
    [1_111_111_109, '081804'],
    [1_111_111_111, '050471'],
    [1_234_567_890, '005924'],
    [2_000_000_000, '279037'],
    [20_000_000_000, '353130'],
  ])('at second %d is %s (RFC 6238)', async (second, code) => {
    expect(await totpAt(SECRET, stepAt(second * 1000))).toBe(code)
  })

  // RFC 4226, Appendix D.
  test.each(
    ['755224', '287082', '359152', '969429', '338314', '254676', '287922', '162583', '399871', '520489'].map(
      (code, count) => ({ code, count }),
    ),
  )('of count $count is $code (RFC 4226)', async ({ code, count }) => {
    expect(await totpAt(SECRET, count)).toBe(code)
  })

  test('is taken one step early and late, and not two', async () => {
    const now = Date.UTC(2026, 10, 22, 12)
    const found = await Promise.all(
      [-2, -1, 0, 1, 2].map(async steps => {
        const step = await matchingStep(SECRET, await totpAt(SECRET, stepAt(now) + steps), now)
        return step === null ? null : step - stepAt(now)
      }),
    )
    expect(found).toEqual([null, -1, 0, 1, null])
  })
})

test.each([
  ['', ''],
  ['f', 'MY'],
  ['fo', 'MZXQ'],
  ['foo', 'MZXW6'],
  ['foob', 'MZXW6YQ'],
  ['fooba', 'MZXW6YTB'],
  ['foobar', 'MZXW6YTBOI'],
])('base32 of "%s" is %s (RFC 4648, without padding)', (text, encoded) => {
  expect(base32(encoder.encode(text))).toBe(encoded)
})

test('a secret has the 160 bits that RFC 4226 recommends, and another each time', () => {
  expect(newTotpSecret()).toHaveLength(20)
  expect(base32(newTotpSecret())).not.toBe(base32(newTotpSecret()))
})

test('the address for a QR code is a valid one, whatever the shop is called', () => {
  const url = new URL(otpauthUri(SECRET, 'Kaffee & Tee: 50 % / Co?', 'ada+x@example.com'))
  expect(url.protocol).toBe('otpauth:')
  expect(url.searchParams.get('secret')).toBe('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ')
  expect(url.searchParams.get('issuer')).toBe('Kaffee & Tee: 50 % / Co?')
})
