// The hasher by itself: its format, and how much of it may run.

import { describe, expect, test } from 'vitest'
import { createPasswords, MAX_RUNNING, MAX_WAITING } from '../../../src/features/auth/password-hash.ts'

const CHEAP = { ln: 4, r: 8, p: 1 }

describe('a password hash', () => {
  const passwords = createPasswords(CHEAP)

  test('matches its password only', async () => {
    const long = 'x'.repeat(127)
    const stored = await passwords.hash(`${long}a`)
    expect(await passwords.verify(`${long}a`, stored)).toEqual({ matches: true, isOutdated: false })
    expect((await passwords.verify(`${long}b`, stored)).matches).toBe(false)
    expect((await passwords.verify(long, stored)).matches).toBe(false)
  })

  test('is the same for every Unicode form', async () => {
    const stored = await passwords.hash('caffè latte ﬁfteen'.normalize('NFC'))
    expect((await passwords.verify('caffè latte fifteen'.normalize('NFD'), stored)).matches).toBe(true)
  })

  test('nobody’s never matches, whatever is tried', async () => {
    expect((await passwords.verify('', null)).matches).toBe(false)
    expect((await passwords.verify('anything', null)).matches).toBe(false)
  })

  test('what is damaged, or would take all memory, is an error and not a match', async () => {
    for (const stored of ['', '$scrypt$', '$scrypt$ln=31,r=8,p=1$AAAA$AAAA', 'plain'])
      await expect(passwords.verify('x', stored)).rejects.toThrow('cannot be read')
  })
})

describe('hashing', () => {
  test(`runs ${MAX_RUNNING} at a time, lets ${MAX_WAITING} wait and asks all others to come back`, async () => {
    let running = 0
    let most = 0
    const passwords = createPasswords(CHEAP, async () => {
      running += 1
      most = Math.max(most, running)
      await new Promise(resolve => setTimeout(resolve, 5))
      running -= 1
      return Buffer.alloc(32)
    })
    const outcomes = await Promise.allSettled(Array.from({ length: 40 }, () => passwords.hash('x')))
    expect(most).toBe(MAX_RUNNING)
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(MAX_RUNNING + MAX_WAITING)
    const refused = outcomes.find(outcome => outcome.status === 'rejected')
    expect(refused?.reason).toMatchObject({ kind: { code: 'unavailable' }, extras: { retryAfterSeconds: 3 } })
  })

  test('goes on in the order in which people came', async () => {
    const order: string[] = []
    const passwords = createPasswords(CHEAP, async password => {
      order.push(password)
      return Buffer.alloc(32)
    })
    const first = Array.from({ length: 8 }, (_, n) => passwords.hash(`a${n}`))
    await first[0]
    const late = passwords.hash('late')
    await Promise.all([...first, late])
    expect(order).toEqual([...first.map((_, n) => `a${n}`), 'late'])
  })

  test('goes on though requests vanish without giving their place back, as workerd lets them', async () => {
    let now = 0
    let vanishes = true
    const never = new Promise<Buffer>(() => {})
    const passwords = createPasswords(
      CHEAP,
      () => (vanishes ? never : Promise.resolve(Buffer.alloc(32))),
      () => now,
    )
    for (let n = 0; n < MAX_RUNNING; n++) void passwords.hash('vanished')
    vanishes = false
    const waits = passwords.hash('x')
    now += 10_000
    await expect(waits).resolves.toContain('$scrypt$')
    await expect(passwords.hash('y')).resolves.toContain('$scrypt$')
  })

  test('a failure gives its place back', async () => {
    let fails = true
    const passwords = createPasswords(CHEAP, async () => {
      if (fails) throw new Error('broken')
      return Buffer.alloc(32)
    })
    await Promise.allSettled(Array.from({ length: 8 }, () => passwords.hash('x')))
    fails = false
    await expect(passwords.hash('x')).resolves.toContain('$scrypt$')
  })
})
