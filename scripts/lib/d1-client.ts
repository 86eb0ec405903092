// A D1 binding whose database another process holds (d1-process.ts). As much of D1 as the project's `Db` uses: prepared
// statements with `all`, `raw` and `run`, and `batch`.

import { fork } from 'node:child_process'
import path from 'node:path'

interface Query {
  sql: string
  params: unknown[]
}

export interface D1Question {
  id: number
  method: 'all' | 'raw' | 'run' | 'batch'
  queries: Query[]
}

export interface D1Answer {
  id: number
  result?: unknown
  /** The message of the error that the database threw. */
  error?: string
}

/** Starts the process that holds the local D1. Nothing of it is left after `close`. */
export function startLocalD1(): { binding: D1Database; close: () => Promise<void> } {
  const child = fork(path.join(import.meta.dirname, 'd1-process.ts'), { execArgv: [] })
  const waiting = new Map<number, PromiseWithResolvers<unknown>>()
  let asked = 0
  child.on('message', ({ id, result, error }: D1Answer) => {
    const question = waiting.get(id)
    waiting.delete(id)
    if (error === undefined) question?.resolve(result)
    else question?.reject(new Error(error))
  })
  const ended = new Promise<void>(resolve => {
    child.on('exit', code => {
      for (const { reject } of waiting.values()) reject(new Error(`the local database ended (${code})`))
      waiting.clear()
      resolve()
    })
  })
  const ask = (method: D1Question['method'], queries: Query[]): Promise<unknown> => {
    asked += 1
    const question = Promise.withResolvers<unknown>()
    waiting.set(asked, question)
    child.send({ id: asked, method, queries } satisfies D1Question, error => error && question.reject(error))
    return question.promise
  }
  const statement = (query: Query) => ({
    query,
    bind: (...params: unknown[]) => statement({ ...query, params }),
    all: () => ask('all', [query]),
    raw: () => ask('raw', [query]),
    run: () => ask('run', [query]),
  })
  const binding = {
    prepare: (sql: string) => statement({ sql, params: [] }),
    batch: (statements: { query: Query }[]) =>
      ask(
        'batch',
        statements.map(({ query }) => query),
      ),
  }
  return {
    // It has what `d1Db` calls, not the rest of a D1 (sessions, dumps).
    binding: binding as unknown as D1Database,
    close: async () => {
      if (child.connected) child.disconnect()
      await ended
    },
  }
}
