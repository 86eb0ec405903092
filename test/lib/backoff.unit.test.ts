// Pauses between tries.

import { expect, test } from 'vitest'
import { backoffMs } from '../../src/lib/backoff.ts'

test('a pause is anything up to a bound that doubles with each lost race, and ends at a quarter of a second', () => {
  const bounds = Array.from({ length: 8 }, (_, tries) => backoffMs(tries + 1, () => 0.999999))
  expect(bounds).toEqual([7, 15, 31, 63, 127, 249, 249, 249])
  expect(backoffMs(5, () => 0)).toBe(0)
  expect(backoffMs(5, () => 0.5)).toBe(64)
})
