// Single variants over HTTP, for those who run the shop. `If-Match` is their product's version.

import { z } from '@hono/zod-openapi'
import { versionOf } from '../../http/conditional.ts'
import { notFound } from '../../http/errors.ts'
import { actorOf, jsonBody, operation, reply, replyDone } from '../../http/operation.ts'
import { createRouter } from '../../http/router.ts'
import { exampleAdminVariant } from './admin-example.ts'
import { AdminVariant, CreateVariant, UpdateVariant } from './admin-schemas.ts'
import { lastVariant } from './errors.ts'
import { createVariant, deleteVariant, getVariant, updateVariant } from './variants-admin.ts'

const TAG = 'Products'
const PATH = '/v1/admin/variants'
const params = z.object({
  id: z.string().openapi({ description: 'Id of the variant.', example: 'var_01M81J18G0F1WA11106WFXGE4K' }),
})
const productParams = z.object({
  id: z.string().openapi({ description: 'Id of the product.', example: 'prod_01M81J18G0F1WA11106WFXGE4J' }),
})
const variant = (description: string) => ({
  description,
  schema: AdminVariant,
  example: exampleAdminVariant,
})

const createVariantOperation = operation({
  method: 'post',
  path: '/v1/admin/products/{id}/variants',
  operationId: 'createVariant',
  summary: 'Add a variant',
  description:
    'Adds a variant as the last of its product. It has a value for each option, and no other variant has the same ones. `If-Match` is the ETag of the product.',
  tag: TAG,
  permission: 'products:write',
  conditional: true,
  request: { params: productParams, body: jsonBody(CreateVariant) },
  success: { status: 201, ...variant('The variant.'), headers: ['Location'] },
  problems: [notFound],
})

const getVariantOperation = operation({
  method: 'get',
  path: `${PATH}/{id}`,
  operationId: 'getVariant',
  summary: 'Get a variant',
  description: 'Reads a variant with all its prices and stock. Its `ETag` is one of its product.',
  tag: TAG,
  permission: 'products:read',
  request: { params },
  success: { status: 200, ...variant('The variant.') },
  problems: [notFound],
})

const updateVariantOperation = operation({
  method: 'patch',
  path: `${PATH}/{id}`,
  operationId: 'updateVariant',
  summary: 'Change a variant',
  description:
    'Changes what is given and leaves the rest; `prices` are all prices there are then. `If-Match` is the ETag of the product, or of any variant of it.',
  tag: TAG,
  permission: 'products:write',
  conditional: true,
  request: { params, body: jsonBody(UpdateVariant) },
  success: { status: 200, ...variant('The variant as it is now.') },
  problems: [notFound],
})

const deleteVariantOperation = operation({
  method: 'delete',
  path: `${PATH}/{id}`,
  operationId: 'deleteVariant',
  summary: 'Remove a variant',
  description:
    'Removes a variant that is not the last of its product. Orders keep what they sold. `If-Match` is the ETag of the product, or of any variant of it.',
  tag: TAG,
  permission: 'products:write',
  conditional: true,
  request: { params },
  success: { status: 204, description: 'It is gone.' },
  problems: [notFound, lastVariant],
})

/** Routes of single variants. */
export const variantAdminRoutes = () =>
  createRouter()
    .openapi(createVariantOperation, async c => {
      const { id } = c.req.valid('param')
      const { body, version } = await createVariant(
        c.var.deps,
        actorOf(c),
        id,
        versionOf(c),
        c.req.valid('json'),
      )
      return reply(c, AdminVariant, body, {
        status: 201,
        version,
        headers: { Location: `${PATH}/${body.id}` },
      })
    })
    .openapi(getVariantOperation, async c => {
      const { body, version } = await getVariant(c.var.deps, c.req.valid('param').id)
      return reply(c, AdminVariant, body, { version })
    })
    .openapi(updateVariantOperation, async c => {
      const { id } = c.req.valid('param')
      const { body, version } = await updateVariant(
        c.var.deps,
        actorOf(c),
        id,
        versionOf(c),
        c.req.valid('json'),
      )
      return reply(c, AdminVariant, body, { version })
    })
    .openapi(deleteVariantOperation, async c => {
      await deleteVariant(c.var.deps, actorOf(c), c.req.valid('param').id, versionOf(c))
      return replyDone(c)
    })
