// Conditional writes (RFC 9110 §13.1.1): whoever changes something names the version that they read, so that no change
// is lost. An ETag of ours is `"<version>.<hash of the answer>"`: the hash makes it strong, the version is what counts
// here, since an answer may also tell what moves by itself (the stock of a product) and is not being changed.

import type { Context } from 'hono'
import { DomainError } from '../lib/errors.ts'
import type { AppEnv } from './context.ts'
import { preconditionRequired, versionStale } from './errors.ts'

/** Something with the version that leads its ETag. */
export interface Versioned<T> {
  body: T
  version: number
}

const TAG = /^"(\d{1,15})\.[\w+/=]{1,64}"$/

/**
 * The version that the caller names in `If-Match`. `*` and lists name none; a weak tag never matches (RFC 9110 §13.1.1).
 * Raises `precondition_required`, `version_stale`.
 */
export function versionOf(c: Context<AppEnv>): number {
  const header = c.req.header('If-Match')?.trim()
  if (!header || header === '*') {
    throw new DomainError(preconditionRequired, 'Send the ETag that you last read in If-Match.')
  }
  const version = TAG.exec(header)?.[1]
  if (version === undefined) throw staleVersion()
  return Number(version)
}

/** Refuses a write on a version that is not the newest any more. */
export const staleVersion = (): DomainError =>
  new DomainError(versionStale, 'It was changed by somebody else. Read it again.')

/** What a unit refuses with whose `guard_version_current` (db/guards.ts) found another version. */
export const VERSION_REFUSALS = { guard_version_current: staleVersion }
