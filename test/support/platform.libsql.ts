// The store of the same tests on libSQL: a file of its own for each test file, with the real migrations.

import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Client } from '@libsql/client'
import { migrateLibsql, openLibsql } from '../../scripts/lib/libsql.ts'
import { libsqlDb } from '../../src/db/client.ts'
import type { TestStore } from './store.ts'

export const STORE_NAME = 'libSQL'

export { schemaChecker } from '../../scripts/lib/openapi-schemas.ts'

let opened: Promise<TestStore> | undefined

/** Opens this test file's database, counting calls. */
export function openStore(): Promise<TestStore> {
  opened ??= open()
  return opened
}

async function open(): Promise<TestStore> {
  const directory = await mkdtemp(path.join(tmpdir(), 'curbside-test-'))
  const client = await openLibsql(`file:${path.join(directory, 'shop.db')}`)
  await migrateLibsql(client)
  const counter = { calls: 0 }
  return { db: libsqlDb(counting(client, counter)), counter }
}

const counting = (client: Client, counter: { calls: number }): Client =>
  new Proxy(client, {
    get(target, name) {
      const member = Reflect.get(target, name)
      if (typeof member !== 'function') return member
      return (...args: unknown[]) => {
        if (name === 'execute' || name === 'batch') counter.calls += 1
        return member.apply(target, args)
      }
    },
  })
