// `npm run check:invariants -- [--d1 DIR | --url URL]`: says which row of a database breaks which promise. Without an
// option it reads the local database of `npm start`. One JSON line a check; exit 1 if any promise is broken.

import { existsSync } from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { createClient } from '@libsql/client'
import { libsqlDb } from '../src/db/client.ts'
import { type CheckResult, checkInvariants } from './lib/invariants.ts'
import { ROOT, withD1 } from './lib/worker.ts'

const USAGE = `Usage: npm run check:invariants -- [--d1 DIR | --url URL]

  --d1 DIR   a directory of local Workers state; the default is .wrangler/state/v3, where \`npm start\` keeps the shop
  --url URL  a libSQL database: file:shop.db, libsql://... or https://... (DATABASE_AUTH_TOKEN opens a server)

Reads only. Prints one JSON line a check, with the rows that break it; exits 1 if there is any.`

async function main(): Promise<number> {
  const options = { d1: { type: 'string' }, url: { type: 'string' }, help: { type: 'boolean' } } as const
  const { values } = parseArgs({ options })
  if (values.help || (values.d1 && values.url)) {
    console.log(USAGE)
    return values.help ? 0 : 2
  }
  const results = values.url ? await checkLibsql(values.url) : await checkD1(values.d1)
  for (const result of results) console.log(JSON.stringify(result))
  const broken = results.filter(({ holds }) => !holds)
  console.log(`${results.length - broken.length} hold, ${broken.length} broken`)
  return broken.length === 0 ? 0 : 1
}

async function checkLibsql(url: string): Promise<CheckResult[]> {
  const file = url.startsWith('file:') ? url.slice('file:'.length) : null
  if (file !== null && !existsSync(file)) throw new Error(`There is no database at ${file}.`)
  const client = createClient({ url, authToken: process.env.DATABASE_AUTH_TOKEN })
  try {
    return await checkInvariants(libsqlDb(client))
  } finally {
    client.close()
  }
}

async function checkD1(directory = path.join(ROOT, '.wrangler', 'state', 'v3')): Promise<CheckResult[]> {
  if (!existsSync(path.join(directory, 'd1'))) {
    throw new Error(`There is no local database in ${directory}. Run \`npm start\` once.`)
  }
  return withD1(directory, db => checkInvariants(db))
}

main().then(
  code => process.exit(code),
  error => {
    console.error(error instanceof Error ? error.message : error)
    process.exit(1)
  },
)
