// Reading collections. Their products are listed by `GET /v1/products?collection=`.

import type { Deps } from '../../deps.ts'
import { notFound } from '../../http/errors.ts'
import { decodeCursor, encodeCursor } from '../../http/pagination.ts'
import { DEFAULT_LIMIT } from '../../http/schemas.ts'
import { rfc3339 } from '../../lib/clock.ts'
import { DomainError } from '../../lib/errors.ts'
import { absoluteUrl } from '../../lib/url.ts'
import { selectCollection, selectCollections } from './repository.ts'
import type { Collection, CollectionList, CollectionQuery } from './schemas.ts'
import type { collections } from './table.ts'

/** Lists collections by handle. Raises `invalid_cursor`. */
export async function listCollections(deps: Deps, query: CollectionQuery): Promise<CollectionList> {
  const limit = query.limit ?? DEFAULT_LIMIT
  const after = decodeCursor(query.cursor, 'handle', ['string'])
  const rows = await selectCollections(deps.db, after === null ? null : String(after[0]), limit + 1)
  const last = rows.length > limit ? rows[limit - 1] : undefined
  return {
    data: rows.slice(0, limit).map(row => collectionOf(deps, row)),
    next_cursor: last ? encodeCursor('handle', [last.handle]) : null,
  }
}

/** Reads one collection by id or handle. Raises `not_found`. */
export async function getCollection(deps: Deps, idOrHandle: string): Promise<Collection> {
  const [row] = await selectCollection(deps.db, idOrHandle)
  if (!row) throw new DomainError(notFound, 'There is no such collection.')
  return collectionOf(deps, row)
}

function collectionOf(deps: Deps, row: typeof collections.$inferSelect): Collection {
  return {
    id: row.id,
    handle: row.handle,
    title: row.title,
    description_html: row.description_html,
    kind: row.kind,
    image_url: row.image_url && absoluteUrl(deps.config.PUBLIC_URL, row.image_url),
    created_at: rfc3339(row.created_at),
    updated_at: rfc3339(row.updated_at),
  }
}
