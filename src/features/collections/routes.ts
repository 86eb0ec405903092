// Collections over HTTP.

import { z } from '@hono/zod-openapi'
import { invalidCursor, notFound } from '../../http/errors.ts'
import { CATALOGUE_CACHE, operation, reply } from '../../http/operation.ts'
import { createRouter } from '../../http/router.ts'
import { Collection, CollectionList, CollectionQuery } from './schemas.ts'
import { getCollection, listCollections } from './service.ts'

const listCollectionsOperation = operation({
  method: 'get',
  path: '/v1/collections',
  operationId: 'listCollections',
  summary: 'List collections',
  description:
    'Lists the collections of the shop by handle. `GET /v1/products?collection=HANDLE` lists the products of one.',
  tag: 'Catalogue',
  permission: 'public',
  request: { query: CollectionQuery },
  success: { status: 200, description: 'A page of collections.', schema: CollectionList },
  problems: [invalidCursor],
})

const getCollectionOperation = operation({
  method: 'get',
  path: '/v1/collections/{id_or_handle}',
  operationId: 'getCollection',
  summary: 'Get a collection',
  description: 'Reads one collection by its id or its handle.',
  tag: 'Catalogue',
  permission: 'public',
  request: {
    params: z.object({
      id_or_handle: z.string().openapi({ description: 'Id or handle of the collection.', example: 'summer' }),
    }),
  },
  success: { status: 200, description: 'The collection.', schema: Collection },
  problems: [notFound],
})

/** Routes of collections. */
export const collectionRoutes = () =>
  createRouter()
    .openapi(listCollectionsOperation, async c =>
      reply(c, CollectionList, await listCollections(c.var.deps, c.req.valid('query')), {
        cache: CATALOGUE_CACHE,
      }),
    )
    .openapi(getCollectionOperation, async c => {
      const { id_or_handle } = c.req.valid('param')
      return reply(c, Collection, await getCollection(c.var.deps, id_or_handle), { cache: CATALOGUE_CACHE })
    })
