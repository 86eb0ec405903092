// Whether logins starve others: the 99th percentile of the product list with some logins a second, beside that without.
// A hash takes its isolate for its whole length (workerd has one thread), so this is the price of scrypt, shown as it is.

import { emailOf, insertAccounts, networkOf, PASSWORD } from '../lib/accounts.ts'
import { loadFixture } from '../lib/fixture.ts'
import { openClient } from '../lib/http-client.ts'
import { newSigningKeys } from '../lib/signing-keys.ts'
import { type Bundle, createShopDirectory, type RunningWorker, startWorker, withD1 } from '../lib/worker.ts'
import { BENCH_SHOP, catalogue } from './catalogue.ts'
import { inTurn, type Measurement, measure, median, reading } from './load.ts'
import { readPaths } from './reads.ts'
import { openRecorder } from './record.ts'
import type { Settings } from './run.ts'
import { atMost, printTable, round, type Target } from './targets.ts'

const PRODUCTS = 1_000
const ACCOUNTS = 200
const CONNECTIONS = 16
const LOGINS_PER_SECOND = 4
const MAX_RATIO = 2

/** Measures the list with and without logins. */
export async function benchLogin(bundle: Bundle, { seconds, rounds }: Settings): Promise<Target[]> {
  const directory = await createShopDirectory('bench-login', async db => {
    await loadFixture(db, catalogue(PRODUCTS), { shop: BENCH_SHOP })
    await insertAccounts(db, ACCOUNTS)
  })
  const paths = await withD1(directory, async (_, binding) => readPaths(openRecorder(binding), PRODUCTS))
  const vars = { SIGNING_KEYS: await newSigningKeys() }
  const server = await startWorker({ ...bundle, directory, vars })
  const load = reading(paths.list, CONNECTIONS)
  const answers: number[] = []
  const sides = await inTurn(
    {
      alone: () => measure(server, load, seconds),
      withLogins: () => duringLogins(server, answers, () => measure(server, load, seconds)),
    },
    rounds,
  )
  await server.stop()
  const p99 = (side: Measurement[]): number => round(median(side.map(({ p99Ms }) => p99Ms)))
  const [alone, withLogins] = [p99(sides.alone), p99(sides.withLogins)]
  const row = (name: string, side: Measurement[]) => [
    name,
    round(median(side.map(({ perSecond }) => perSecond))),
    round(median(side.map(({ p50Ms }) => p50Ms))),
    p99(side),
  ]
  printTable(
    ['list', 'rps', 'p50 ms', 'p99 ms'],
    [row('alone', sides.alone), row(`${LOGINS_PER_SECOND} logins/s`, sides.withLogins)],
  )
  console.log(
    JSON.stringify({ bench: 'login', logins: answers.length, login_p50_ms: round(median(answers)) }),
  )
  return [atMost('list, p99 with 4 logins/s ÷ without', withLogins / alone, MAX_RATIO)]
}

/** Logs somebody in every so often while `work` runs; every login must succeed. */
async function duringLogins<T>(server: RunningWorker, answers: number[], work: () => Promise<T>): Promise<T> {
  const client = openClient(server.url, CONNECTIONS)
  const failures: string[] = []
  let n = 0
  const login = async () => {
    const who = n++ % ACCOUNTS
    const body = { email: emailOf(who), password: PASSWORD }
    const answer = await client.call('POST', '/v1/auth/login', { body, headers: networkOf(who) })
    if (answer.status === 200) answers.push(answer.ms)
    else failures.push(`${answer.status} ${answer.text.slice(0, 200)}`)
  }
  const open = new Set<Promise<void>>()
  const timer = setInterval(() => {
    const one = login().catch(error => void failures.push(String(error)))
    open.add(one)
    void one.finally(() => open.delete(one))
  }, 1000 / LOGINS_PER_SECOND)
  const stop = async () => {
    clearInterval(timer)
    await Promise.all(open)
    client.close()
  }
  const result = await work().finally(stop)
  if (failures.length > 0) throw new Error(`${failures.length} logins failed: ${failures[0]}`)
  return result
}
