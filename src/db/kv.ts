// The key-value store, for what may be stale: coarse rate limits and cached documents. On Workers it is KV itself.

/** The part of Workers KV that is used. */
export interface Kv {
  get(key: string): Promise<string | null>
  /** `expirationTtl` is in seconds; KV takes 60 or more. */
  put(key: string, value: string, options: { expirationTtl: number }): Promise<void>
}

/** A KV in memory, for Node: one process, so it is even exact. Expired entries go when the map is full. */
export function memoryKv(clock: () => number, maxEntries = 10_000): Kv {
  const entries = new Map<string, { value: string; expiresAt: number }>()
  return {
    get: async key => {
      const entry = entries.get(key)
      return entry && entry.expiresAt > clock() ? entry.value : null
    },
    put: async (key, value, { expirationTtl }) => {
      if (entries.size >= maxEntries) {
        for (const [old, { expiresAt }] of entries) if (expiresAt <= clock()) entries.delete(old)
        if (entries.size >= maxEntries) entries.clear()
      }
      entries.set(key, { value, expiresAt: clock() + expirationTtl * 1000 })
    },
  }
}
