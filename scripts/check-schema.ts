// `npm run check:schema`: fails when the table definitions (src/features/*/table.ts) and the migrations say different
// things, when `npm run db:generate` would find something to do, or when docs/storage.md does not name a table. No network,
// no server.

import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { createClient } from '@libsql/client'
import { generateSQLiteDrizzleJson, generateSQLiteMigration } from 'drizzle-kit/api'
import * as tables from '../src/db/schema.ts'
import { migrateLibsql } from './lib/libsql.ts'
import { differences, schemaLines } from './lib/schema-lines.ts'

const MIGRATIONS = path.resolve(import.meta.dirname, '..', 'migrations')
const META = path.join(MIGRATIONS, 'meta')

type Snapshot = Awaited<ReturnType<typeof generateSQLiteDrizzleJson>>

const readJson = async (file: string) => JSON.parse(await readFile(path.join(META, file), 'utf8'))

/** Compares a database that ran the migrations with one that was made from the table definitions. */
async function compareDatabases(declared: Snapshot): Promise<{ faults: string[]; lines: number }> {
  const [migrated, made] = [createClient({ url: ':memory:' }), createClient({ url: ':memory:' })]
  await migrateLibsql(migrated)
  const empty = { ...declared, tables: {}, views: {} }
  for (const statement of await generateSQLiteMigration(empty, declared)) await made.execute(statement)
  const [wanted, there] = [await schemaLines(made), await schemaLines(migrated)]
  return { faults: differences(wanted, there), lines: wanted.size }
}

/** What `drizzle-kit generate` starts from: its book of migrations, and the schema as of the last one. */
async function compareSnapshot(declared: Snapshot): Promise<string[]> {
  const files = (await readdir(MIGRATIONS)).filter(name => name.endsWith('.sql')).sort()
  const { entries }: { entries: { tag: string }[] } = await readJson('_journal.json')
  const noted = entries.map(({ tag }) => `${tag}.sql`)
  if (!isDeepStrictEqual(files, noted))
    return [`migrations/meta/_journal.json has ${noted.join(', ')}; the folder has ${files.join(', ')}`]
  const last = `${entries.at(-1)?.tag.slice(0, 4)}_snapshot.json`
  const snapshot: Snapshot = await readJson(last)
  const names = new Set([...Object.keys(snapshot.tables), ...Object.keys(declared.tables)])
  const stale = [...names].filter(
    name => !isDeepStrictEqual(snapshot.tables[name], plainJson(declared.tables[name])),
  )
  return stale.length === 0 ? [] : [`migrations/meta/${last} is stale for ${stale.sort().join(', ')}`]
}

/** Tables that docs/storage.md, the inventory of what is kept and for how long, does not name. */
async function unnamedTables(declared: Snapshot): Promise<string[]> {
  const text = await readFile(path.join(MIGRATIONS, '..', 'docs', 'storage.md'), 'utf8')
  return Object.keys(declared.tables)
    .filter(name => !text.includes(`\`${name}\``))
    .map(name => `docs/storage.md does not name ${name}`)
}

const plainJson = (value: unknown): unknown =>
  value === undefined ? value : JSON.parse(JSON.stringify(value))

const declared = await generateSQLiteDrizzleJson(tables)
const { faults, lines } = await compareDatabases(declared)
faults.push(...(await compareSnapshot(declared)), ...(await unnamedTables(declared)))
if (faults.length > 0) {
  console.error(`The schema is not one:\n${faults.map(fault => `  - ${fault}`).join('\n')}`)
  process.exit(1)
}
console.log(`schema: migrations and table.ts agree on ${lines} columns, keys, indexes and constraints`)
process.exit(0)
