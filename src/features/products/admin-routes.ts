// Products over HTTP, for those who run the shop.

import { z } from '@hono/zod-openapi'
import { versionOf } from '../../http/conditional.ts'
import { invalidCursor, notFound } from '../../http/errors.ts'
import { idempotencyErrors } from '../../http/idempotency-errors.ts'
import { actorOf, jsonBody, operation, reply, replyDone, replyStored } from '../../http/operation.ts'
import { createRouter } from '../../http/router.ts'
import { changedMeanwhile } from '../pricing/errors.ts'
import {
  AdminProduct,
  AdminProductList,
  AdminProductQuery,
  BulkPriceResult,
  BulkPrices,
  CreateProduct,
  UpdateProduct,
} from './admin-schemas.ts'
import { handleTaken, productNotArchived } from './errors.ts'
import { listAdminProducts } from './list-admin.ts'
import { setPrices } from './prices-bulk.ts'
import { createProduct, deleteProduct, getAdminProduct, updateProduct } from './products-admin.ts'

const TAG = 'Products'
const PATH = '/v1/admin/products'
const params = z.object({
  id: z.string().openapi({ description: 'Id of the product.', example: 'prod_01M81J18G0F1WA11106WFXGE4J' }),
})

const listAdminProductsOperation = operation({
  method: 'get',
  path: PATH,
  operationId: 'listAdminProducts',
  summary: 'List all products',
  description:
    'Lists products of every status in brief. Filters narrow the list together; `q` searches drafts and archived ones too.',
  tag: TAG,
  permission: 'products:read',
  request: { query: AdminProductQuery },
  success: { status: 200, description: 'A page of products.', schema: AdminProductList },
  problems: [invalidCursor],
})

const createProductOperation = operation({
  method: 'post',
  path: PATH,
  operationId: 'createProduct',
  summary: 'Create a product',
  description:
    'Creates a product with its variants, prices, pictures and first stock, as a draft unless `status` says otherwise. Collections that pick by rule take it in at once.',
  tag: TAG,
  permission: 'products:write',
  idempotency: 'optional',
  request: { body: jsonBody(CreateProduct) },
  success: { status: 201, description: 'The product.', schema: AdminProduct, headers: ['Location', 'ETag'] },
  problems: [handleTaken, changedMeanwhile, ...idempotencyErrors],
})

const getAdminProductOperation = operation({
  method: 'get',
  path: `${PATH}/{id}`,
  operationId: 'getAdminProduct',
  summary: 'Get a product as it is kept',
  description: 'Reads a product of any status with all its prices and stock. Its `ETag` goes into changes.',
  tag: TAG,
  permission: 'products:read',
  request: { params },
  success: { status: 200, description: 'The product.', schema: AdminProduct },
  problems: [notFound],
})

const updateProductOperation = operation({
  method: 'patch',
  path: `${PATH}/{id}`,
  operationId: 'updateProduct',
  summary: 'Change a product',
  description:
    'Changes what is given and leaves the rest. Lists are then all that there is: a variant that `variants` leaves out is removed. Carts and open checkouts follow at once; orders never change.',
  tag: TAG,
  permission: 'products:write',
  conditional: true,
  request: { params, body: jsonBody(UpdateProduct) },
  success: { status: 200, description: 'The product as it is now.', schema: AdminProduct },
  problems: [notFound, handleTaken],
})

const deleteProductOperation = operation({
  method: 'delete',
  path: `${PATH}/{id}`,
  operationId: 'deleteProduct',
  summary: 'Delete an archived product',
  description:
    'Deletes a product for good. It must be archived. Orders keep what they sold, and the books of stock stay.',
  tag: TAG,
  permission: 'products:write',
  conditional: true,
  request: { params },
  success: { status: 204, description: 'It is gone.' },
  problems: [notFound, productNotArchived],
})

const setPricesOperation = operation({
  method: 'post',
  path: '/v1/admin/prices/bulk',
  operationId: 'setPrices',
  summary: 'Set many prices',
  description:
    'Sets up to 1,000 prices, all of them or none. `errors` names every row that cannot be applied. Products that change get a new version.',
  tag: TAG,
  permission: 'products:write',
  idempotency: 'optional',
  request: { body: jsonBody(BulkPrices) },
  success: { status: 200, description: 'What changed.', schema: BulkPriceResult },
  problems: [changedMeanwhile, ...idempotencyErrors],
})

/** Routes of products for those who run the shop. */
export const productAdminRoutes = () =>
  createRouter()
    .openapi(listAdminProductsOperation, async c =>
      reply(c, AdminProductList, await listAdminProducts(c.var.deps, c.req.valid('query'))),
    )
    .openapi(createProductOperation, async c =>
      replyStored(c, AdminProduct, await createProduct(c.var.deps, actorOf(c), c.req.valid('json')), {
        location: id => `${PATH}/${id}`,
        version: 1,
      }),
    )
    .openapi(getAdminProductOperation, async c => {
      const { body, version } = await getAdminProduct(c.var.deps, c.req.valid('param').id)
      return reply(c, AdminProduct, body, { version })
    })
    .openapi(updateProductOperation, async c => {
      const { id } = c.req.valid('param')
      const { body, version } = await updateProduct(
        c.var.deps,
        actorOf(c),
        id,
        versionOf(c),
        c.req.valid('json'),
      )
      return reply(c, AdminProduct, body, { version })
    })
    .openapi(deleteProductOperation, async c => {
      await deleteProduct(c.var.deps, actorOf(c), c.req.valid('param').id, versionOf(c))
      return replyDone(c)
    })
    .openapi(setPricesOperation, async c =>
      replyStored(c, BulkPriceResult, await setPrices(c.var.deps, actorOf(c), c.req.valid('json'))),
    )
