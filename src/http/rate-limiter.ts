// The coarse limit that shields every route: fixed windows of a minute, counted in this isolate and shared through KV.
// It is approximate on purpose. KV has no atomic increment, takes one write a second for a key and needs up to a
// minute to spread (measured: 200 parallel increments counted as 3), so each isolate counts in memory and adds its
// share to KV at most once a second, after the reply. A client spread over n isolates can pass up to n times the
// limit for a moment; within one isolate the count is exact. What must be exact is counted in the database.

import type { Kv } from '../db/kv.ts'
import type { Clock } from '../lib/clock.ts'

const WINDOW_MS = 60_000
const FLUSH_EVERY_MS = 1_000
/** KV wants 60 s or more; two windows outlive the one being counted. */
const TTL_SECONDS = 120
/** Bounds the memory of an isolate under many clients; forgetting only makes the limit more generous. */
const MAX_CLIENTS = 10_000

export interface RateDecision {
  allowed: boolean
  limit: number
  remaining: number
  /** Seconds until the window ends. */
  resetSeconds: number
  /** Shares this isolate's count through KV when that is due: run it after the reply. It never rejects. */
  flush: (() => Promise<void>) | null
}

export interface RateLimiter {
  /** Counts one request of a client. */
  take(client: string): RateDecision
}

interface Tally {
  /** Counted here since the window began. */
  own: number
  /** Of those, already added to KV. */
  shared: number
  /** What KV said last, without what was added from here. */
  others: number
  flushedAt: number
}

/** Builds the limiter; `limit` is requests a minute a client. */
export function kvRateLimiter(kv: Kv, clock: Clock, limit: number): RateLimiter {
  let window = 0
  let tallies = new Map<string, Tally>()

  const flush = async (key: string, tally: Tally): Promise<void> => {
    const delta = tally.own - tally.shared
    try {
      const stored = Number((await kv.get(key)) ?? 0)
      await kv.put(key, String(stored + delta), { expirationTtl: TTL_SECONDS })
      tally.others = Math.max(tally.others, stored - tally.shared)
      tally.shared += delta
    } catch {
      // Fail open: KV answers 429 to more than one write a second for a key, and a shop must not stop for that.
    }
  }

  return {
    take: client => {
      const now = clock()
      const current = Math.floor(now / WINDOW_MS)
      if (current !== window || tallies.size >= MAX_CLIENTS) {
        window = current
        tallies = new Map()
      }
      const tally = tallies.get(client) ?? { own: 0, shared: 0, others: 0, flushedAt: 0 }
      tallies.set(client, tally)
      tally.own += 1
      const used = tally.own + tally.others
      const due = now - tally.flushedAt >= FLUSH_EVERY_MS
      if (due) tally.flushedAt = now
      return {
        allowed: used <= limit,
        limit,
        remaining: Math.max(0, limit - used),
        resetSeconds: Math.max(1, Math.ceil(((current + 1) * WINDOW_MS - now) / 1000)),
        flush: due ? () => flush(`rate:${current}:${client}`, tally) : null,
      }
    },
  }
}
