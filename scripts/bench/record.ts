// What the shop asks of the database for a request: the real app runs in this process on a D1 binding that writes
// down every call. The bare Worker (floor-worker.mjs) then makes the same calls, with the same SQL and parameters.

import { createApp } from '../../src/app.ts'
import { readConfig } from '../../src/config.ts'
import { d1Db } from '../../src/db/client.ts'
import { memoryKv } from '../../src/db/kv.ts'
import { createDeps } from '../../src/deps.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { TEST_VARS } from '../lib/worker-options.ts'

/** One statement: the index of its SQL, and its parameters. */
type Step = [sql: number, ...params: unknown[]]
/** One database call: a batch, or a single statement. */
export type DatabaseCall = { batch: Step[] } | { all: Step }

/** Requests with the database calls that they make; SQL texts are kept once. */
export interface Recording {
  sql: string[]
  /** By method and path, as the bare Worker gets them. */
  calls: Record<string, DatabaseCall[]>
}

export interface Recorder {
  recording: Recording
  /** Sends a request through the real app and files its database calls under `name`. */
  send(name: string, request: Request): Promise<Response>
}

/** Opens a recorder over a D1 database. */
export function openRecorder(binding: D1Database): Recorder {
  const recording: Recording = { sql: [], calls: {} }
  const indexes = new Map<string, number>()
  let current: DatabaseCall[] = []

  const indexOf = (text: string): number => {
    const index = indexes.get(text) ?? recording.sql.push(text) - 1
    indexes.set(text, index)
    return index
  }
  const watched = watch(binding, indexOf, call => current.push(call))
  const platform = { db: d1Db(watched), kv: memoryKv(systemClock), assets: async () => null }
  const app = createApp({ ...createDeps(readConfig(TEST_VARS), platform), log: () => {} })
  return {
    recording,
    send: async (name, request) => {
      current = []
      const response = await app.fetch(request)
      const text = await response.text()
      if (!response.ok) throw new Error(`recording ${name}: ${response.status} ${text}`)
      recording.calls[name] = current
      return new Response(text, response)
    },
  }
}

const RUNS = new Set<string | symbol>(['all', 'run', 'raw', 'first'])

/** The binding itself, but every call that goes to the database is noted first. */
function watch(
  binding: D1Database,
  indexOf: (sql: string) => number,
  note: (call: DatabaseCall) => void,
): D1Database {
  const known = new WeakMap<object, { real: D1PreparedStatement; step: Step }>()
  const wrap = (real: D1PreparedStatement, step: Step): D1PreparedStatement => {
    const wrapped: D1PreparedStatement = new Proxy(real, {
      get: (target, name) => {
        if (name === 'bind')
          return (...params: unknown[]) => wrap(target.bind(...params), [step[0], ...params])
        const member: unknown = Reflect.get(target, name)
        if (typeof member !== 'function') return member
        return (...args: unknown[]) => {
          if (RUNS.has(name)) note({ all: step })
          return member.apply(target, args)
        }
      },
    })
    known.set(wrapped, { real, step })
    return wrapped
  }
  return new Proxy(binding, {
    get: (target, name) => {
      if (name === 'prepare') return (text: string) => wrap(target.prepare(text), [indexOf(text)])
      if (name === 'batch') {
        return (statements: D1PreparedStatement[]) => {
          const entries = statements.map(statement => known.get(statement) ?? missing())
          note({ batch: entries.map(({ step }) => step) })
          return target.batch(entries.map(({ real }) => real))
        }
      }
      const member: unknown = Reflect.get(target, name)
      return typeof member === 'function' ? member.bind(target) : member
    },
  })
}

function missing(): never {
  throw new Error('a statement that this binding did not prepare')
}
