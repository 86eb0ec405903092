// The store of the tests inside workerd: real D1 with the real migrations.

import { applyD1Migrations } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import type { OpenApiDocument } from '../../scripts/lib/openapi-document.ts'
import type { SchemaChecker } from '../../scripts/lib/openapi-schemas.ts'
import { d1Db } from '../../src/db/client.ts'
import type { TestStore } from './store.ts'

declare global {
  namespace Cloudflare {
    interface Env {
      DB: D1Database
      KV: KVNamespace
      ASSETS: Fetcher
      IMAGES: R2Bucket
      MIGRATIONS: Parameters<typeof applyD1Migrations>[1]
    }
  }
}

export const STORE_NAME = 'D1'

/** The validator makes code at run time, which workerd forbids: bodies are checked in the same tests on Node. */
export const schemaChecker: ((document: OpenApiDocument) => SchemaChecker) | null = null

/** Opens the file's database, counting calls: one `batch` or one statement that runs is one call. */
export async function openStore(): Promise<TestStore> {
  await applyD1Migrations(env.DB, env.MIGRATIONS)
  const counter = { calls: 0 }
  return { db: d1Db(counting(env.DB, counter)), counter }
}

const RUNS = new Set<string | symbol>(['all', 'run', 'raw', 'first'])

function counting(binding: D1Database, counter: { calls: number }): D1Database {
  const wrapStatement = (statement: D1PreparedStatement): D1PreparedStatement =>
    new Proxy(statement, {
      get(target, name) {
        const member = Reflect.get(target, name)
        if (typeof member !== 'function') return member
        return (...args: unknown[]) => {
          if (RUNS.has(name)) counter.calls += 1
          const result = member.apply(target, args)
          return name === 'bind' ? remember(wrapStatement(result), result) : result
        }
      },
    })
  // D1 takes only its own statements into a batch.
  const originals = new WeakMap<D1PreparedStatement, D1PreparedStatement>()
  const remember = (wrapped: D1PreparedStatement, original: D1PreparedStatement) => {
    originals.set(wrapped, original)
    return wrapped
  }
  return new Proxy(binding, {
    get(target, name) {
      if (name === 'prepare') {
        return (query: string) => {
          const statement = target.prepare(query)
          return remember(wrapStatement(statement), statement)
        }
      }
      if (name === 'batch') {
        return (statements: D1PreparedStatement[]) => {
          counter.calls += 1
          return target.batch(statements.map(statement => originals.get(statement) ?? statement))
        }
      }
      const member = Reflect.get(target, name)
      return typeof member === 'function' ? member.bind(target) : member
    },
  })
}
