// Password hashes: scrypt in PHC form (`$scrypt$ln=14,r=8,p=5$salt$hash`). N=2^14, r=8, p=5 is OWASP's equivalent of
// 2^17 that takes 16 MiB instead of 128, the whole of an isolate; it costs some 170 ms of CPU, hence the semaphore.

import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { unavailable } from '../../http/errors.ts'
import { type Clock, systemClock } from '../../lib/clock.ts'
import { DomainError } from '../../lib/errors.ts'

export interface ScryptCost {
  /** log2 of N. */
  ln: number
  r: number
  p: number
}

const SCRYPT_COST: ScryptCost = { ln: 14, r: 8, p: 5 }
/** Hashes at a time in one isolate. */
export const MAX_RUNNING = 2
/** Hashes that may wait, some 3 s of work; whoever comes then is asked to come back. */
export const MAX_WAITING = 16
const POLL_MS = 5
const RETRY_SECONDS = 3
/** The longest that one hash may take, on a machine however busy. */
const WORK_LEASE_MS = 10_000
/** The longest between two turns of whoever waits. */
const WAIT_LEASE_MS = 2_000
const SALT_BYTES = 16
const HASH_BYTES = 32
const PHC = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/
/** Stored parameters beyond this are damage or an attack on our memory (ln=15, r=8 takes 32 MiB). */
const MAX_LN = 15

export interface Verdict {
  matches: boolean
  /** The stored hash is not at today's cost: replace it. */
  isOutdated: boolean
}

export interface Passwords {
  /** Hashes a password under a fresh salt. Raises `unavailable` when too many wait. */
  hash(password: string): Promise<string>
  /** Compares with a stored hash; without one it works as long on a dummy and says no. Raises `unavailable`. */
  verify(password: string, stored: string | null): Promise<Verdict>
}

type Derive = (password: string, salt: Uint8Array, cost: ScryptCost) => Promise<Buffer>

const derive: Derive = (password, salt, { ln, r, p }) =>
  new Promise((resolve, reject) => {
    const options = { N: 2 ** ln, r, p, maxmem: 256 * 2 ** ln * r }
    scrypt(normalise(password), salt, HASH_BYTES, options, (error, key) =>
      error ? reject(error) : resolve(key),
    )
  })

/** NFKC, so that a password typed on another keyboard or system is the same (NIST SP 800-63B-4 §3.1.1.2). */
export const normalise = (password: string): string => password.normalize('NFKC')

/** Builds the hasher. Each one has a semaphore of its own: the app has one. */
export function createPasswords(
  cost: ScryptCost = SCRYPT_COST,
  deriveKey: Derive = derive,
  clock: Clock = systemClock,
): Passwords {
  const inTurn = semaphore(clock)
  const write = (salt: Uint8Array, key: Uint8Array): string =>
    `$scrypt$ln=${cost.ln},r=${cost.r},p=${cost.p}$${base64(salt)}$${base64(key)}`
  const dummy = write(new Uint8Array(SALT_BYTES), new Uint8Array(HASH_BYTES))

  return {
    hash: password =>
      inTurn(async () => {
        const salt = randomBytes(SALT_BYTES)
        return write(salt, await deriveKey(password, salt, cost))
      }),
    verify: (password, stored) =>
      inTurn(async () => {
        const { cost: storedCost, salt, key } = read(stored ?? dummy)
        const equal = timingSafeEqual(await deriveKey(password, salt, storedCost), key)
        const isOutdated = storedCost.ln !== cost.ln || storedCost.r !== cost.r || storedCost.p !== cost.p
        return { matches: equal && stored !== null, isOutdated }
      }),
  }
}

/**
 * Lets few work at a time, in the order in which they came. Who waits asks again by a timer of its own: in workerd a promise
 * that another request is to resolve may never be, if that request is cancelled. For the same reason a place is only lent: whoever
 * vanished, without a chance to give it back, loses it after a time, or a few broken connections would end all logins.
 */
function semaphore(clock: Clock) {
  interface Lease {
    until: number
  }
  const running = new Set<Lease>()
  const waiting = new Set<Lease>()
  const forgetTheDead = () => {
    for (const leases of [running, waiting])
      for (const lease of leases) if (lease.until <= clock()) leases.delete(lease)
  }
  const renewed = (lease: Lease, ms: number): Lease => Object.assign(lease, { until: clock() + ms })

  return async function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const lease = renewed({ until: 0 }, WAIT_LEASE_MS)
    forgetTheDead()
    if (running.size >= MAX_RUNNING || waiting.size > 0) {
      if (waiting.size >= MAX_WAITING) {
        throw new DomainError(unavailable, 'Too many people log in at this moment.', {
          retryAfterSeconds: RETRY_SECONDS,
        })
      }
      waiting.add(lease)
      try {
        while (running.size >= MAX_RUNNING || [...waiting][0] !== lease) {
          await new Promise(resolve => setTimeout(resolve, POLL_MS))
          // Added again if it was taken for dead: a blocked isolate runs its timers late.
          waiting.add(renewed(lease, WAIT_LEASE_MS))
          forgetTheDead()
        }
      } finally {
        waiting.delete(lease)
      }
    }
    running.add(renewed(lease, WORK_LEASE_MS))
    try {
      return await work()
    } finally {
      running.delete(lease)
    }
  }
}

function read(phc: string): { cost: ScryptCost; salt: Uint8Array; key: Uint8Array } {
  const [, ln, r, p, salt, key] = PHC.exec(phc) ?? []
  const cost = { ln: Number(ln), r: Number(r), p: Number(p) }
  if (!salt || !key || cost.ln > MAX_LN) throw new Error('a stored password hash cannot be read')
  return { cost, salt: Buffer.from(salt, 'base64'), key: Buffer.from(key, 'base64') }
}

/** PHC wants base64 without padding. */
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64').replaceAll('=', '')
