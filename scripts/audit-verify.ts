// `npm run audit:verify -- [--d1 DIR | --url URL] [--anchor SEQ:HASH]`: checks the audit log against its hash chain and
// names the first row that does not fit. What is not sealed yet is sealed first.

import { existsSync } from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { createClient } from '@libsql/client'
import { type Db, libsqlDb } from '../src/db/client.ts'
import { type AuditCheck, type Seal, sealAudit, verifyAudit } from '../src/features/audit/chain.ts'
import { systemClock } from '../src/lib/clock.ts'
import { ROOT, withD1 } from './lib/worker.ts'

const USAGE = `Usage: npm run audit:verify -- [--d1 DIR | --url URL] [--anchor SEQ:HASH]

  --d1 DIR           a directory of local Workers state; the default is .wrangler/state/v3, where \`npm start\` keeps the shop
  --url URL          a libSQL database: file:shop.db, libsql://... or https://... (DATABASE_AUTH_TOKEN opens a server)
  --anchor SEQ:HASH  what an earlier run printed: the chain must still pass through it

Prints the anchor of now: keep it outside the database. Exits 1 when a row was changed, removed or slipped in.`

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      d1: { type: 'string' },
      url: { type: 'string' },
      anchor: { type: 'string' },
      help: { type: 'boolean' },
    },
  })
  const anchor = values.anchor === undefined ? undefined : parseAnchor(values.anchor)
  if (values.help || (values.d1 && values.url) || anchor === null) {
    console.log(USAGE)
    return values.help ? 0 : 2
  }
  const check = values.url
    ? await onLibsql(values.url, anchor)
    : await onD1(values.d1 ?? path.join(ROOT, '.wrangler', 'state', 'v3'), anchor)
  if (check.broken) {
    const { seq, id, reason } = check.broken
    console.log(`Broken at row ${seq}${id === null ? '' : ` (${id})`}: ${reason}.`)
    console.log(`The ${check.rows} rows before it fit.`)
    return 1
  }
  console.log(`${check.rows} rows fit.`)
  if (check.anchor) console.log(`anchor ${check.anchor.seq}:${check.anchor.hash}`)
  return 0
}

function parseAnchor(text: string): Seal | null {
  const match = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text)
  return match?.[1] && match[2] ? { seq: Number(match[1]), hash: match[2] } : null
}

/** Seals all there is, then checks it. */
async function check(db: Db, anchor: Seal | undefined): Promise<AuditCheck> {
  while ((await sealAudit({ db, clock: systemClock })).sealed > 0);
  return verifyAudit(db, anchor)
}

async function onLibsql(url: string, anchor: Seal | undefined): Promise<AuditCheck> {
  const file = url.startsWith('file:') ? url.slice('file:'.length) : null
  if (file !== null && !existsSync(file)) throw new Error(`There is no database at ${file}.`)
  const client = createClient({ url, authToken: process.env.DATABASE_AUTH_TOKEN })
  try {
    return await check(libsqlDb(client), anchor)
  } finally {
    client.close()
  }
}

async function onD1(directory: string, anchor: Seal | undefined): Promise<AuditCheck> {
  if (!existsSync(path.join(directory, 'd1')))
    throw new Error(`There is no local database in ${directory}. Run \`npm start\` once.`)
  return withD1(directory, db => check(db, anchor))
}

main().then(
  code => process.exit(code),
  error => {
    console.error(error instanceof Error ? error.message : error)
    process.exit(1)
  },
)
