// Encryption at rest: what opens a box, and that nothing else does.

import { expect, test } from 'vitest'
import { seal, unseal } from '../../src/lib/secret-box.ts'

const LOCK = { master: 'a master secret of thirty-two bytes!', purpose: 'test', context: 'usr_1' }
const SECRET = Uint8Array.from(new TextEncoder().encode('the secret'))
const box = await seal(SECRET, LOCK)

test('a box opens with what it was locked with', async () => {
  expect(await unseal(box, LOCK)).toEqual(SECRET)
})

test.each([
  ['another master', { master: 'b master secret of thirty-two bytes!' }],
  ['another purpose', { purpose: 'tests' }],
  ['another person', { context: 'usr_2' }],
])('a box does not open with %s', async (_, other) => {
  expect(await unseal(box, { ...LOCK, ...other })).toBeNull()
})

test('a box that was changed in any place does not open', async () => {
  for (let i = 0; i < box.length; i++) {
    // The last character of each part holds spare bits, which base64 readers may ignore; so the next to last counts.
    if (box[i] === '.' || box[i + 1] === '.' || box[i] === '=' || i === box.length - 1) continue
    if (box[i + 1] === '=') continue
    const changed = `${box.slice(0, i)}${box[i] === 'A' ? 'B' : 'A'}${box.slice(i + 1)}`
    expect(await unseal(changed, LOCK), `place ${i}`).toBeNull()
  }
})

test.each(['', 'v1', 'v1..', 'v1.AAAA.AAAA', 'v2.x.y', 'nonsense'])('"%s" is no box', async text => {
  expect(await unseal(text, LOCK)).toBeNull()
})

test('the same secret looks different each time, and does not show', async () => {
  const again = await seal(SECRET, LOCK)
  expect(again).not.toBe(box)
  expect(atob(again.split('.')[2] ?? '')).not.toContain('secret')
})
