// Keyset cursors: opaque to clients, validated when they come back. A cursor carries the sort it was made for and
// the sort values of the last row, nothing secret.

import { z } from 'zod'
import { DomainError } from '../lib/errors.ts'
import { invalidCursor } from './errors.ts'

const Cursor = z.tuple([z.string().max(40)], z.union([z.string().max(400), z.number()]))

export type CursorValue = string | number

/** Encodes where a page ended. */
export const encodeCursor = (sort: string, values: CursorValue[]): string =>
  base64url(new TextEncoder().encode(JSON.stringify([sort, ...values])))

/** Decodes a cursor made for this sort. Throws `invalid_cursor` for anything else. */
export function decodeCursor(
  text: string | undefined,
  sort: string,
  kinds: ('string' | 'number')[],
): CursorValue[] | null {
  if (text === undefined) return null
  const parsed = Cursor.safeParse(parseJson(text))
  const [madeFor, ...values] = parsed.success ? parsed.data : ['']
  if (
    madeFor !== sort ||
    values.length !== kinds.length ||
    values.some((value, i) => typeof value !== kinds[i])
  ) {
    throw new DomainError(invalidCursor, 'The cursor was not made by this list with this sort.')
  }
  return values
}

/** The id after which a page of a list begins that is sorted by id. Throws `invalid_cursor`. */
export const idOf = (cursor: string | undefined, sort: string): string | null => {
  const value = decodeCursor(cursor, sort, ['string'])?.[0]
  return value === undefined ? null : String(value)
}

/** Cuts rows, read one beyond the limit, into a page of a list that is sorted by id. */
export function pageById<T extends { id: string }>(
  rows: T[],
  limit: number,
  sort: string,
): { rows: T[]; next_cursor: string | null } {
  const page = rows.slice(0, limit)
  const last = page.at(-1)
  return { rows: page, next_cursor: rows.length > limit && last ? encodeCursor(sort, [last.id]) : null }
}

function parseJson(text: string): unknown {
  try {
    const bytes = Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), char =>
      char.charCodeAt(0),
    )
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    return null
  }
}

const base64url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
