// Time as a dependency: nothing else in the project reads the system clock.

/** Returns the current time in milliseconds since the Unix epoch. */
export type Clock = () => number

export const systemClock: Clock = () => Date.now()

/** Formats epoch milliseconds as RFC 3339 UTC, the form of every timestamp on the wire. */
export const rfc3339 = (epochMs: number): string => new Date(epochMs).toISOString()
