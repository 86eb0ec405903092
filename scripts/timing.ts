// `npm run test:timing`: whether the time of a refused login tells if an email has an account. TIMING_SAMPLES (500) wrong
// logins with known emails and as many with unknown ones, in random order, over real HTTP against the built Worker; Welch's
// t must stay below 4.5 (the bound of the TVLA method) and the medians within 5 %. The same is then measured on a variant
// that answers early for an unknown email, where it must fail.

import { emailOf, insertAccounts, networkOf } from './lib/accounts.ts'
import { bodyOf, openClient } from './lib/http-client.ts'
import { seededRandom, seedOf } from './lib/random.ts'
import { environment, type Outcome, openReport } from './lib/report.ts'
import { newSigningKeys } from './lib/signing-keys.ts'
import { type Bundle, bundleWorker, createShopDirectory, patchBundle, startWorker } from './lib/worker.ts'

const MAX_T = 4.5
const MAX_MEDIAN_DIFFERENCE = 0.05
const WARM_UP = 20
/** How many logins of the broken variant suffice: it is off by the whole hash. */
const BROKEN_SAMPLES = 40
const EARLY_ANSWER = {
  what: 'an unknown email is answered without working out a hash',
  pattern: /(const|let|var) verdict = await passwords\.verify\(/,
  instead: 'if (!account) throw wrongCredentials(); $&',
}

const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
const variance = (values: number[]): number => {
  const middle = mean(values)
  return values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - 1)
}
const median = (values: number[]): number => {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (sorted.length - 1) / 2
  return ((sorted[Math.floor(at)] ?? 0) + (sorted[Math.ceil(at)] ?? 0)) / 2
}
const welch = (a: number[], b: number[]): number =>
  (mean(a) - mean(b)) / Math.sqrt(variance(a) / a.length + variance(b) / b.length)
const rounded = (value: number): number => Number(value.toPrecision(4))

/** Measures wrong logins of both kinds in turn, each pair in random order, so that what disturbs one disturbs the other. */
async function run(bundle: Bundle, samples: number, seed: number): Promise<Outcome> {
  const directory = await createShopDirectory('timing', db => insertAccounts(db, samples + WARM_UP))
  const server = await startWorker({ ...bundle, directory, vars: { SIGNING_KEYS: await newSigningKeys() } })
  const client = openClient(server.url, 1)
  const random = seededRandom(seed)
  const times = { known: [] as number[], unknown: [] as number[] }
  let network = 0
  const attempt = async (email: string): Promise<number> => {
    const body = { email, password: 'eight green kettles hum' }
    const answer = await client.call('POST', '/v1/auth/login', { body, headers: networkOf(network++) })
    if (bodyOf(answer).code !== 'credentials_invalid')
      throw new Error(`a wrong login answered ${answer.status} ${answer.text.slice(0, 300)}`)
    return answer.ms
  }
  try {
    for (let n = 0; n < samples + WARM_UP; n++) {
      const emails = { known: emailOf(n), unknown: emailOf(n).replace('person', 'nobody') }
      const order = random() < 0.5 ? (['known', 'unknown'] as const) : (['unknown', 'known'] as const)
      for (const kind of order) {
        const ms = await attempt(emails[kind])
        if (n >= WARM_UP) times[kind].push(ms)
      }
    }
  } finally {
    client.close()
    await server.stop()
  }
  const [known, unknown] = [median(times.known), median(times.unknown)]
  const t = welch(times.known, times.unknown)
  const difference = Math.abs(known - unknown) / known
  return {
    failures: [
      ...(Math.abs(t) < MAX_T ? [] : [`|t| is ${Math.abs(t).toFixed(2)}, not below ${MAX_T}`]),
      ...(difference < MAX_MEDIAN_DIFFERENCE
        ? []
        : [`the medians differ by ${(difference * 100).toFixed(1)} %, not by less than 5 %`]),
    ],
    figures: {
      samples: [times.known.length, times.unknown.length],
      median_known_ms: rounded(known),
      median_unknown_ms: rounded(unknown),
      median_difference: rounded(difference),
      welch_t: rounded(t),
    },
  }
}

async function main(): Promise<number> {
  const samples = Number(process.env.TIMING_SAMPLES ?? 500)
  const seed = seedOf(undefined)
  console.log(JSON.stringify({ run: 'timing', seed, ...environment() }))
  // Unminified, so that the piece to break can be found.
  const bundle = await bundleWorker({ minify: false })
  const report = openReport()
  report.add('login_timing', await run(bundle, samples, seed))
  const broken = await patchBundle(bundle, EARLY_ANSWER.pattern, EARLY_ANSWER.instead)
  report.add('login_timing', await run(broken, Math.min(samples, BROKEN_SAMPLES), seed), EARLY_ANSWER.what)
  return report.end()
}

main().then(
  code => process.exit(code),
  error => {
    console.error(error)
    process.exit(1)
  },
)
