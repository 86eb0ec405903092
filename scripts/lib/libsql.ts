// A libSQL file or server on Node: how it is opened, and how the project's migrations are applied to it.

import { mkdir, readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { type Client, createClient } from '@libsql/client'
import { LIBSQL_PRAGMAS } from '../../src/db/client.ts'

const MIGRATIONS = path.join(import.meta.dirname, '..', '..', 'migrations')

/** Opens a libSQL database; a file is made with its folder, and gets WAL and a wait for busy writers. */
export async function openLibsql(url: string, authToken?: string): Promise<Client> {
  if (url.startsWith('file:')) await mkdir(path.dirname(url.slice('file:'.length)), { recursive: true })
  const client = createClient({ url, authToken })
  if (url.startsWith('file:')) for (const pragma of LIBSQL_PRAGMAS) await client.execute(pragma)
  return client
}

/** Applies the migrations that the database does not have yet, in order, and notes them as wrangler does on D1. */
export async function migrateLibsql(client: Client): Promise<string[]> {
  await client.execute(
    'CREATE TABLE IF NOT EXISTS d1_migrations (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL)',
  )
  const { rows } = await client.execute('SELECT name FROM d1_migrations')
  const applied = new Set(rows.map(row => row.name))
  const files = (await readdir(MIGRATIONS)).filter(name => name.endsWith('.sql') && !applied.has(name)).sort()
  for (const name of files) {
    const text = await readFile(path.join(MIGRATIONS, name), 'utf8')
    await client.executeMultiple(
      `BEGIN;\n${text}\nINSERT INTO d1_migrations (name) VALUES ('${name}');\nCOMMIT;`,
    )
  }
  return files
}
