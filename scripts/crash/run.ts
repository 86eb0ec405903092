// `npm run test:crash -- [--kills N] [--buyers N] [--seed N]`: the server is killed with SIGKILL at random moments while
// buyers buy and retry; afterwards nothing may be lost, doubled or half done. Then the same on a Worker that cannot
// find out what became of a charge and pays again blindly: there the checks must fail, with
// kills alone: no token of its buyers plays a failure.

import { parseArgs } from 'node:util'
import { sql } from 'drizzle-orm'
import { loadFixture, spreadStock, stocked } from '../lib/fixture.ts'
import { mapConcurrently, sleep, textIn } from '../lib/http-client.ts'
import { between, seededRandom, seedOf } from '../lib/random.ts'
import { environment, type Outcome, openReport } from '../lib/report.ts'
import { type Bundle, bundleWorker, createShopDirectory, patchBundle, withD1 } from '../lib/worker.ts'
import { buy, newLedger, TOKENS } from './buyers.ts'
import { verifyAnswers, verifyBooks } from './verify.ts'
import { openWorld, STALE_SECONDS, type World } from './world.ts'

const KILLS = 25
const KILLS_OF_BROKEN = 6
const BUYERS = 24
/** How long the server lives between two crashes; on a busy machine longer, until something has been bought. */
const LIFE_MS = { min: 800, max: 4_500, longest: 9_000 }
const CHECKOUTS_A_LIFE = 80
/** Plenty of most items; two run out, so that the last units are fought over between crashes. */
const STOCK = [...Array<number>(8).fill(1_000_000), 600, 600]
/** Locations that share the stock. */
const PLACES = 3

const BLIND_RETRY = {
  what: 'an attempt is never found at the provider, so it is given up and charged again',
  // The answer of the look-up, wherever the bundler put the call.
  pattern: /return await inTime\([^\n]*\.lookUp\([^\n]*\?\? (\{ status: "not_found" \})/,
  replacement: 'return $1',
}

interface Plan {
  tokens: readonly string[]
  kills: number
  buyers: number
  seed: number
}

async function crashTest(bundle: Bundle, { kills, buyers, seed, tokens }: Plan): Promise<Outcome> {
  const random = seededRandom(seed)
  const products = STOCK.map((quantity, i) => stocked(`item-${i}`, quantity))
  const directory = await createShopDirectory('crash', async db => {
    await loadFixture(db, products)
    await spreadStock(db, PLACES)
  })
  const world = await openWorld(bundle, directory)
  const variantIds = await mapConcurrently(products, 1, ({ handle }) => firstVariant(world, handle))
  const ledger = newLedger()
  const started = performance.now()

  let isOver = false
  const cron = world.keepSweeping()
  const shoppers = Array.from({ length: buyers }, () => {
    const shopper = {
      world,
      ledger,
      random: seededRandom(Math.floor(random() * 4_294_967_296)),
      variantIds,
      tokens,
    }
    return buy(shopper, () => isOver).catch(error => ledger.failures.push(String(error)))
  })
  for (let kill = 0; kill < kills; kill++) {
    const enough = ledger.checkouts + CHECKOUTS_A_LIFE
    const latest = performance.now() + LIFE_MS.longest
    await sleep(between(random, LIFE_MS.min, LIFE_MS.max))
    while (ledger.checkouts < enough && performance.now() < latest) await sleep(between(random, 1, 100))
    await world.crash()
  }
  await sleep(LIFE_MS.min)
  isOver = true
  await Promise.all(shoppers)
  await cron.stop()
  const seconds = Math.round((performance.now() - started) / 1000)

  await sleep(STALE_SECONDS * 1000)
  await world.sweep(buyers)
  await world.stop()
  const asked = await letTimePass(directory)
  const after = await openWorld(bundle, directory)
  await after.sweep(asked)
  const answers = await verifyAnswers(after, ledger)
  await after.stop()
  const books = await withD1(directory, db => verifyBooks(db, ledger))
  const { acknowledged, checkouts, refused, repeated } = ledger
  return {
    failures: [...books.failures, ...answers, ...ledger.failures],
    figures: {
      kills,
      buyers,
      seed,
      seconds,
      checkouts,
      acknowledged: acknowledged.length,
      ...books.figures,
      refused,
      repeated,
    },
  }
}

/** Makes every attempt due that is to be asked after later (up to a day), and says how many there are. */
const letTimePass = (directory: string): Promise<number> =>
  withD1(directory, async db => {
    const due = await db.all(
      sql`UPDATE payments SET recheck_at = 1 WHERE recheck_at IS NOT NULL RETURNING id`,
    )
    return due.length
  })

async function firstVariant(world: World, handle: string): Promise<string> {
  const answer = await world.call('GET', `/v1/products/${handle}`)
  if (!answer) throw new Error('no connection')
  const { variants }: { variants?: { id: string }[] } = JSON.parse(answer.text)
  return variants?.[0]?.id ?? textIn(answer, 'id')
}

async function main(): Promise<number> {
  const options = { kills: { type: 'string' }, buyers: { type: 'string' }, seed: { type: 'string' } } as const
  const { values } = parseArgs({ options })
  const seed = seedOf(values.seed)
  const buyers = Number(values.buyers ?? BUYERS)
  console.log(JSON.stringify({ run: 'crash', seed, ...environment() }))
  const report = openReport()
  const real = await bundleWorker()
  report.add(
    'crash',
    await crashTest(real, { kills: Number(values.kills ?? KILLS), buyers, seed, tokens: TOKENS }),
  )
  const broken = await patchBundle(
    await bundleWorker({ minify: false }),
    BLIND_RETRY.pattern,
    BLIND_RETRY.replacement,
  )
  report.add(
    'crash',
    await crashTest(broken, { kills: KILLS_OF_BROKEN, buyers, seed, tokens: ['tok_approved'] }),
    BLIND_RETRY.what,
  )
  return report.end()
}

main().then(
  code => process.exit(code),
  error => {
    console.error(error)
    process.exit(1)
  },
)
