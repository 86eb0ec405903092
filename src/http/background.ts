// Work that may finish after the reply: handed to the platform where there is one, simply left running on Node.

import type { Context } from 'hono'
import type { AppEnv } from './context.ts'

/** Lets a promise outlive the request. The promise must not reject. */
export function runInBackground(c: Context<AppEnv>, work: Promise<void>): void {
  try {
    c.executionCtx.waitUntil(work)
  } catch {
    // No execution context: Node and direct calls of the app keep the promise alive by themselves.
  }
}
