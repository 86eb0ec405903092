// Collections over HTTP, for those who run the shop.

import { z } from '@hono/zod-openapi'
import { versionOf } from '../../http/conditional.ts'
import { invalidCursor, notFound } from '../../http/errors.ts'
import { idempotencyErrors } from '../../http/idempotency-errors.ts'
import { actorOf, jsonBody, operation, reply, replyDone, replyStored } from '../../http/operation.ts'
import { createRouter } from '../../http/router.ts'
import { changedMeanwhile } from '../pricing/errors.ts'
import { handleTaken } from '../products/errors.ts'
import {
  AdminCollection,
  AdminCollectionList,
  AdminCollectionQuery,
  ChangeMembers,
  CreateCollection,
  SetMembers,
  UpdateCollection,
} from './admin-schemas.ts'
import {
  changeCollectionProducts,
  createCollection,
  deleteCollection,
  getAdminCollection,
  listAdminCollections,
  setCollectionProducts,
  updateCollection,
} from './collections-admin.ts'
import { collectionByHand, collectionByRules } from './errors.ts'

const TAG = 'Products'
const PATH = '/v1/admin/collections'
const params = z.object({
  id: z.string().openapi({ description: 'Id of the collection.', example: 'col_01M81J18G0F1WA11106WFXGE4G' }),
})
const collection = (description: string) => ({ status: 200 as const, description, schema: AdminCollection })

const listAdminCollectionsOperation = operation({
  method: 'get',
  path: PATH,
  operationId: 'listAdminCollections',
  summary: 'List collections with their rules',
  description:
    'Lists collections as they are kept. `GET /v1/admin/products?collection=ID` lists the products of one.',
  tag: TAG,
  permission: 'products:read',
  request: { query: AdminCollectionQuery },
  success: { status: 200, description: 'A page of collections.', schema: AdminCollectionList },
  problems: [invalidCursor],
})

const createCollectionOperation = operation({
  method: 'post',
  path: PATH,
  operationId: 'createCollection',
  summary: 'Create a collection',
  description:
    'Creates a collection. With `rules` it holds at once, and from then on, whatever fits; without, you pick its products.',
  tag: TAG,
  permission: 'products:write',
  idempotency: 'optional',
  request: { body: jsonBody(CreateCollection) },
  success: {
    status: 201,
    description: 'The collection.',
    schema: AdminCollection,
    headers: ['Location', 'ETag'],
  },
  problems: [handleTaken, changedMeanwhile, ...idempotencyErrors],
})

const getAdminCollectionOperation = operation({
  method: 'get',
  path: `${PATH}/{id}`,
  operationId: 'getAdminCollection',
  summary: 'Get a collection with its rules',
  description: 'Reads a collection as it is kept. Its `ETag` goes into changes.',
  tag: TAG,
  permission: 'products:read',
  request: { params },
  success: collection('The collection.'),
  problems: [notFound],
})

const updateCollectionOperation = operation({
  method: 'patch',
  path: `${PATH}/{id}`,
  operationId: 'updateCollection',
  summary: 'Change a collection',
  description: 'Changes what is given and leaves the rest. New `rules` count at once.',
  tag: TAG,
  permission: 'products:write',
  conditional: true,
  request: { params, body: jsonBody(UpdateCollection) },
  success: collection('The collection as it is now.'),
  problems: [notFound, handleTaken, collectionByHand],
})

const deleteCollectionOperation = operation({
  method: 'delete',
  path: `${PATH}/{id}`,
  operationId: 'deleteCollection',
  summary: 'Delete a collection',
  description: 'Deletes a collection. Its products stay; promotions on it then apply to nothing.',
  tag: TAG,
  permission: 'products:write',
  conditional: true,
  request: { params },
  success: { status: 204, description: 'It is gone.' },
  problems: [notFound],
})

const setCollectionProductsOperation = operation({
  method: 'put',
  path: `${PATH}/{id}/products`,
  operationId: 'setCollectionProducts',
  summary: 'Set the products of a collection',
  description:
    'Makes exactly these products, up to 1,000, the members of a collection that is picked by hand. `errors` names every one that does not exist.',
  tag: TAG,
  permission: 'products:write',
  conditional: true,
  request: { params, body: jsonBody(SetMembers) },
  success: collection('The collection, with a new version.'),
  problems: [notFound, collectionByRules],
})

const changeCollectionProductsOperation = operation({
  method: 'patch',
  path: `${PATH}/{id}/products`,
  operationId: 'changeCollectionProducts',
  summary: 'Add and remove products of a collection',
  description:
    'Takes up to 1,000 products in and up to 1,000 out of a collection that is picked by hand. One that is in already stays in.',
  tag: TAG,
  permission: 'products:write',
  conditional: true,
  request: { params, body: jsonBody(ChangeMembers) },
  success: collection('The collection, with a new version.'),
  problems: [notFound, collectionByRules],
})

/** Routes of collections for those who run the shop. */
export const collectionAdminRoutes = () =>
  createRouter()
    .openapi(listAdminCollectionsOperation, async c =>
      reply(c, AdminCollectionList, await listAdminCollections(c.var.deps, c.req.valid('query'))),
    )
    .openapi(createCollectionOperation, async c =>
      replyStored(c, AdminCollection, await createCollection(c.var.deps, actorOf(c), c.req.valid('json')), {
        location: id => `${PATH}/${id}`,
        version: 1,
      }),
    )
    .openapi(getAdminCollectionOperation, async c => {
      const { body, version } = await getAdminCollection(c.var.deps, c.req.valid('param').id)
      return reply(c, AdminCollection, body, { version })
    })
    .openapi(updateCollectionOperation, async c => {
      const { id } = c.req.valid('param')
      const { body, version } = await updateCollection(
        c.var.deps,
        actorOf(c),
        id,
        versionOf(c),
        c.req.valid('json'),
      )
      return reply(c, AdminCollection, body, { version })
    })
    .openapi(deleteCollectionOperation, async c => {
      await deleteCollection(c.var.deps, actorOf(c), c.req.valid('param').id, versionOf(c))
      return replyDone(c)
    })
    .openapi(setCollectionProductsOperation, async c => {
      const { id } = c.req.valid('param')
      const { body, version } = await setCollectionProducts(
        c.var.deps,
        actorOf(c),
        id,
        versionOf(c),
        c.req.valid('json'),
      )
      return reply(c, AdminCollection, body, { version })
    })
    .openapi(changeCollectionProductsOperation, async c => {
      const { id } = c.req.valid('param')
      const { body, version } = await changeCollectionProducts(
        c.var.deps,
        actorOf(c),
        id,
        versionOf(c),
        c.req.valid('json'),
      )
      return reply(c, AdminCollection, body, { version })
    })
