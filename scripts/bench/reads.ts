// List, detail and search: the shop and the bare Worker in turn, on the same data, with the same requests.

import { cp, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { loadFixture } from '../lib/fixture.ts'
import { seededRandom } from '../lib/random.ts'
import {
  type Bundle,
  createShopDirectory,
  type RunningWorker,
  startWorker,
  temporaryDirectory,
  withD1,
} from '../lib/worker.ts'
import { BENCH_SHOP, catalogue, handleOf, SEARCHES } from './catalogue.ts'
import { inTurn, type Load, measure, reading } from './load.ts'
import { openRecorder, type Recorder, type Recording } from './record.ts'
import type { Settings } from './run.ts'
import { atLeast, COMPARISON, compare, printTable, type Target } from './targets.ts'

export const PRODUCTS = 3_000
export const CONNECTIONS = 16
const PAGE = 20
/** Pages and handles that are rotated; more would only make the recording longer. */
const MAX_PAGES = 150
const HANDLES = 500
const FLOOR = path.join(import.meta.dirname, 'floor-worker.mjs')

export type ReadKind = 'list' | 'detail' | 'search'

const TARGETS: Record<ReadKind, { perSecond: number; ofFloor?: number }> = {
  list: { perSecond: 150, ofFloor: 0.6 },
  detail: { perSecond: 200 },
  search: { perSecond: 150 },
}

/** Makes the data of a bench: so many products, the same at every run. */
export const createCatalogue = (products: number): Promise<string> =>
  createShopDirectory('bench', db => loadFixture(db, catalogue(products), { shop: BENCH_SHOP }))

/** Finds the paths to read, by reading them through a recorder: pages by their cursors, handles at random, searches. */
export async function readPaths(recorder: Recorder, products: number): Promise<Record<ReadKind, string[]>> {
  const get = (target: string) => recorder.send(`GET ${target}`, new Request(`http://127.0.0.1${target}`))
  const list: string[] = []
  for (let next: string | null = `/v1/products?limit=${PAGE}`; next !== null && list.length < MAX_PAGES; ) {
    list.push(next)
    const page: { next_cursor: string | null } = await (await get(next)).json()
    next = page.next_cursor && `/v1/products?limit=${PAGE}&cursor=${page.next_cursor}`
  }
  const random = seededRandom(products)
  const detail = Array.from(
    { length: HANDLES },
    () => `/v1/products/${handleOf(Math.floor(random() * products))}`,
  )
  const search = SEARCHES.map(words => `/v1/products?q=${encodeURIComponent(words)}`)
  for (const target of new Set([...detail, ...search])) await get(target)
  return { list, detail, search }
}

/** Starts the bare Worker with what was recorded. */
export async function startFloor(
  bundle: Bundle,
  directory: string,
  recording: Recording,
): Promise<RunningWorker> {
  const file = path.join(await temporaryDirectory('recording'), 'recording.json')
  await writeFile(file, JSON.stringify(recording))
  return startWorker({ ...bundle, scriptPath: FLOOR, directory, texts: { 'recording.json': file } })
}

/** A copy of a data directory. */
export async function copyDirectory(directory: string): Promise<string> {
  const copy = await temporaryDirectory('copy')
  await cp(directory, copy, { recursive: true })
  return copy
}

/** Measures the three reads. */
export async function benchReads(bundle: Bundle, { seconds, rounds }: Settings): Promise<Target[]> {
  const directory = await createCatalogue(PRODUCTS)
  const { paths, recording } = await withD1(directory, async (_, binding) => {
    const recorder = openRecorder(binding)
    return { paths: await readPaths(recorder, PRODUCTS), recording: recorder.recording }
  })
  const shop = await startWorker({ ...bundle, directory: await copyDirectory(directory) })
  const floor = await startFloor(bundle, await copyDirectory(directory), recording)
  await printFirstAnswers({ shop, floor }, paths.list[0] ?? '/')

  const targets: Target[] = []
  const rows: (string | number | null)[][] = []
  for (const kind of ['list', 'detail', 'search'] as const) {
    const load: Load = reading(paths[kind], CONNECTIONS)
    const sides = await inTurn(
      { shop: () => measure(shop, load, seconds), floor: () => measure(floor, load, seconds) },
      rounds,
    )
    const facts = { products: PRODUCTS, connections: CONNECTIONS, rounds }
    const { rows: pair, ratio, shop: ours } = compare(kind, facts, sides)
    rows.push(...pair)
    targets.push(atLeast(`${kind}, requests/s`, ours.perSecond, TARGETS[kind].perSecond))
    const { ofFloor } = TARGETS[kind]
    if (ofFloor) targets.push(atLeast(`${kind}, part of the floor`, ratio, ofFloor))
  }
  printTable(COMPARISON, rows)
  await Promise.all([shop.stop(), floor.stop()])
  return targets
}

/** How long the very first answer takes: the Worker is evaluated, the app built, the database opened. */
async function printFirstAnswers(servers: Record<string, RunningWorker>, target: string): Promise<void> {
  for (const [name, { url }] of Object.entries(servers)) {
    const started = performance.now()
    await (await fetch(`${url}${target}`)).text()
    console.log(
      JSON.stringify({ bench: 'first_answer', side: name, ms: Math.round(performance.now() - started) }),
    )
  }
}
