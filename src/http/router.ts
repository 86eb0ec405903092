// The constructor of every router: one hook for invalid input, so that each feature reports it alike.

import { OpenAPIHono } from '@hono/zod-openapi'
import { DomainError, type FieldError } from '../lib/errors.ts'
import type { AppEnv } from './context.ts'
import { invalidInput } from './errors.ts'
import { speakInSentences } from './sentences.ts'

speakInSentences()

const PLACES = {
  json: 'body',
  form: 'body',
  query: 'query',
  param: 'path',
  header: 'header',
  cookie: 'header',
} as const

/** Makes a router whose validation failures are `invalid_input` with JSON Pointers. */
export const createRouter = () =>
  new OpenAPIHono<AppEnv>({
    defaultHook: result => {
      if (result.success) return
      const place = PLACES[result.target]
      const errors = result.error.issues.flatMap(issue => fieldErrors(place, issue))
      throw new DomainError(
        invalidInput,
        `${errors.length} ${errors.length === 1 ? 'place is' : 'places are'} not valid.`,
        { errors },
      )
    },
  })

export type Router = ReturnType<typeof createRouter>

type Issue = { code?: string; path: PropertyKey[]; message: string; keys?: string[] }

function fieldErrors(place: FieldError['in'], issue: Issue): FieldError[] {
  const code = issue.code ?? 'invalid'
  // One entry for each unknown field, so that the pointer names the field itself.
  if (code === 'unrecognized_keys') {
    return (issue.keys ?? []).map(key => ({
      in: place,
      pointer: pointer([...issue.path, key]),
      code: 'unknown_field',
      detail: 'This field does not exist here.',
    }))
  }
  return [{ in: place, pointer: pointer(issue.path), code, detail: issue.message }]
}

/** RFC 6901: `~` and `/` inside a name are escaped. */
export const pointer = (path: PropertyKey[]): string =>
  path.map(part => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
