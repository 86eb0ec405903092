// Where an order's stock must come from, worked out the slow way: no SQL, no window functions.

export interface Place {
  id: string
  priority: number
  is_active: boolean
}

export interface Item {
  variant_id: string
  /** Sold on order: takes what there is. */
  on_order: boolean
  /** What is free at each location that has a level of it, by location id. */
  free: Record<string, number>
}

export interface Wanted {
  variant_id: string
  quantity: number
}

export type Taken = Record<string, Record<string, number>>

/** What each location gives of each variant, by variant and location; null when something is short. */
export function allocate(places: Place[], items: Item[], basket: Wanted[]): Taken | null {
  const open = places
    .filter(({ is_active }) => is_active)
    .sort((a, b) => a.priority - b.priority || (a.id < b.id ? -1 : 1))
  const lines = basket.map(({ variant_id, quantity }) => {
    const item = items.find(candidate => candidate.variant_id === variant_id)
    const free = open.flatMap(({ id }) => {
      const here = item?.free[id]
      return here === undefined ? [] : [{ id, free: here }]
    })
    const everywhere = free.reduce((sum, place) => sum + place.free, 0)
    return {
      variant_id,
      free,
      everywhere,
      needed: item?.on_order ? Math.min(quantity, everywhere) : quantity,
    }
  })
  if (lines.some(({ needed, everywhere }) => needed > everywhere)) return null

  const has = (line: (typeof lines)[number], id: string) =>
    line.free.some(place => place.id === id && place.free >= line.needed)
  const real = lines.filter(({ needed }) => needed > 0)
  const whole = open.find(({ id }) => real.length > 0 && real.every(line => has(line, id)))
  const taken: Taken = {}
  for (const line of lines) {
    const one = whole && has(line, whole.id) ? whole : open.find(({ id }) => has(line, id))
    if (one) {
      if (line.needed > 0) taken[line.variant_id] = { [one.id]: line.needed }
      continue
    }
    let rest = line.needed
    const parts: Record<string, number> = {}
    for (const { id, free } of line.free) {
      const part = Math.min(free, rest)
      if (part > 0) parts[id] = part
      rest -= part
    }
    if (line.needed > 0) taken[line.variant_id] = parts
  }
  return taken
}
