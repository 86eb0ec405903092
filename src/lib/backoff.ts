// Waiting before a write that lost a race is tried again, so that the losers do not all come back at once.

/** Waits before the next try of something that lost a race `tries` times. */
export type Pause = (tries: number) => Promise<void>

const BASE_MS = 4
const MAX_MS = 250

/**
 * How long to wait after `tries` lost races, in milliseconds: anything up to a bound that doubles with each ("full
 * jitter": racers that wait a fixed time meet again). `random` gives numbers from 0 to below 1.
 */
export const backoffMs = (tries: number, random: () => number): number =>
  Math.floor(random() * Math.min(MAX_MS, BASE_MS * 2 ** tries))

/** Waits in real time. */
export const jitteredPause: Pause = tries =>
  new Promise(resolve => setTimeout(resolve, backoffMs(tries, Math.random)))
