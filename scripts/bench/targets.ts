// What the shop has set itself to reach, and how a row of the bench is printed.

import type { Measurement } from './load.ts'
import { median } from './load.ts'

/** One measured figure and its target. */
export interface Target {
  what: string
  value: number
  target: string
  met: boolean
}

export const atLeast = (what: string, value: number, least: number): Target => ({
  what,
  value: round(value),
  target: `>= ${least}`,
  met: value >= least,
})

export const atMost = (what: string, value: number, most: number): Target => ({
  what,
  value: round(value),
  target: `<= ${most}`,
  met: value <= most,
})

export const round = (value: number): number => Number(value.toPrecision(3))

/** Rounds of one measurement, as their medians and the range of the throughput. */
export interface Summary {
  perSecond: number
  slowest: number
  fastest: number
  p50Ms: number
  p99Ms: number
  cpuMs: number | null
  rssMb: number | null
  /** Of the most disturbed round. */
  othersCpus: number | null
  turns: number
}

/** Sums rounds up. */
export function summarise(rounds: readonly Measurement[]): Summary {
  const of = (pick: (round: Measurement) => number): number => round(median(rounds.map(pick)))
  const perSecond = rounds.map(each => each.perSecond)
  return {
    perSecond: of(each => each.perSecond),
    slowest: round(Math.min(...perSecond)),
    fastest: round(Math.max(...perSecond)),
    p50Ms: of(each => each.p50Ms),
    p99Ms: of(each => each.p99Ms),
    cpuMs: rounds.some(each => each.cpuMs === null) ? null : of(each => each.cpuMs ?? 0),
    rssMb: rounds.some(each => each.rssMb === null)
      ? null
      : Math.round(median(rounds.map(each => each.rssMb ?? 0))),
    othersCpus: rounds.some(each => each.othersCpus === null)
      ? null
      : round(Math.max(...rounds.map(each => each.othersCpus ?? 0))),
    turns: rounds.reduce((sum, each) => sum + each.turns, 0),
  }
}

/** How the first side does beside the second, round by round: what disturbs one round disturbs both of its sides. */
export function ratios(
  ours: readonly Measurement[],
  bare: readonly Measurement[],
): { ratio: number; ratioOfP50: number; ratioOfCpu: number | null } {
  const paired = (pick: (ours: Measurement, bare: Measurement) => number): number =>
    round(median(ours.flatMap((each, n) => (bare[n] ? [pick(each, bare[n])] : []))))
  const hasCpu = [...ours, ...bare].every(each => each.cpuMs !== null)
  return {
    ratio: paired((a, b) => a.perSecond / b.perSecond),
    ratioOfP50: paired((a, b) => a.p50Ms / b.p50Ms),
    ratioOfCpu: hasCpu ? paired((a, b) => (b.cpuMs ?? 0) / (a.cpuMs ?? 1)) : null,
  }
}

export const COMPARISON = [
  '',
  'side',
  '/s',
  'range',
  'p50 ms',
  'p99 ms',
  'CPU ms',
  'RSS MB',
  'of floor',
  'by CPU',
]

/** Prints one comparison as a JSON line, and returns its two rows of the table and the ratio. */
export function compare(
  bench: string,
  facts: Record<string, unknown>,
  sides: { shop: readonly Measurement[]; floor: readonly Measurement[] },
): { rows: (string | number | null)[][]; ratio: number; shop: Summary } {
  const [shop, floor] = [summarise(sides.shop), summarise(sides.floor)]
  const { ratio, ratioOfCpu } = ratios(sides.shop, sides.floor)
  console.log(JSON.stringify({ bench, ...facts, ratio, ratio_of_cpu: ratioOfCpu, shop, floor }))
  const row = (side: string, of: Summary, compared: (number | null)[]) => [
    bench,
    side,
    of.perSecond,
    `${of.slowest}-${of.fastest}`,
    of.p50Ms,
    of.p99Ms,
    of.cpuMs,
    of.rssMb,
    ...compared,
    of.othersCpus,
  ]
  return { rows: [row('shop', shop, [ratio, ratioOfCpu]), row('floor', floor, [null, null])], ratio, shop }
}

/** Prints rows as a Markdown table. */
export function printTable(head: string[], rows: (string | number | null)[][]): void {
  const cells = [head, ...rows.map(row => row.map(cell => (cell === null ? '-' : String(cell))))]
  const widths = head.map((_, column) => Math.max(...cells.map(row => row[column]?.length ?? 0)))
  const line = (row: string[]) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  const [first = [], ...rest] = cells
  console.log(line(first))
  console.log(line(widths.map(width => '-'.repeat(width))))
  for (const row of rest) console.log(line(row))
}
