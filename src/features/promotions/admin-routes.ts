// Promotions over HTTP, for those who run the shop.

import { z } from '@hono/zod-openapi'
import { versionOf } from '../../http/conditional.ts'
import { invalidCursor, notFound } from '../../http/errors.ts'
import { trim } from '../../http/fields.ts'
import { idempotencyErrors } from '../../http/idempotency-errors.ts'
import { actorOf, jsonBody, operation, reply, replyDone, replyStored } from '../../http/operation.ts'
import { createRouter } from '../../http/router.ts'
import { changedMeanwhile } from '../pricing/errors.ts'
import {
  CreatePromotion,
  Promotion,
  PromotionList,
  PromotionQuery,
  UpdatePromotion,
} from './admin-schemas.ts'
import { promotionCodeTaken, promotionUsed } from './errors.ts'
import {
  createPromotion,
  deletePromotion,
  getPromotion,
  listPromotions,
  updatePromotion,
} from './promotions-admin.ts'

const TAG = 'Promotions'
const PATH = '/v1/admin/promotions'
const params = z.object({
  id: z
    .string()
    .openapi({ description: 'Id of the promotion.', example: 'promo_01M81J18G0F1WA11106WFXGE4J' }),
})

const listPromotionsOperation = operation({
  method: 'get',
  path: PATH,
  operationId: 'listPromotions',
  summary: 'List promotions',
  description: 'Lists all promotions, also those that are not running, with how often each was used.',
  tag: TAG,
  permission: 'promotions:read',
  request: { query: PromotionQuery },
  success: { status: 200, description: 'A page of promotions.', schema: PromotionList },
  problems: [invalidCursor],
})

const createPromotionOperation = operation({
  method: 'post',
  path: PATH,
  operationId: 'createPromotion',
  summary: 'Create a promotion',
  description:
    'Creates a promotion. With a code buyers must type it; without, it applies by itself, to carts and open checkouts too.',
  tag: TAG,
  permission: 'promotions:write',
  request: { body: jsonBody(CreatePromotion) },
  idempotency: 'optional',
  success: { status: 201, description: 'The promotion.', schema: Promotion, headers: ['Location'] },
  problems: [promotionCodeTaken, changedMeanwhile, ...idempotencyErrors],
})

const getPromotionOperation = operation({
  method: 'get',
  path: `${PATH}/{id}`,
  operationId: 'getPromotion',
  summary: 'Get a promotion',
  description: 'Reads a promotion and how often it was used.',
  tag: TAG,
  permission: 'promotions:read',
  request: { params },
  success: { status: 200, description: 'The promotion.', schema: Promotion },
  problems: [notFound],
})

const updatePromotionOperation = operation({
  method: 'patch',
  path: `${PATH}/{id}`,
  operationId: 'updatePromotion',
  summary: 'Change a promotion',
  description:
    'Changes what is given and leaves the rest. Carts and open checkouts follow at once; orders never change.',
  tag: TAG,
  permission: 'promotions:write',
  conditional: true,
  request: { params, body: jsonBody(UpdatePromotion) },
  success: { status: 200, description: 'The promotion as it is now.', schema: Promotion },
  problems: [notFound, promotionCodeTaken],
})

const deletePromotionOperation = operation({
  method: 'delete',
  path: `${PATH}/{id}`,
  operationId: 'deletePromotion',
  summary: 'Delete a promotion',
  description: 'Deletes a promotion that nobody used. One that was used stays; deactivate it instead.',
  tag: TAG,
  permission: 'promotions:write',
  conditional: true,
  request: { params },
  success: { status: 204, description: 'It is gone.' },
  problems: [notFound, promotionUsed],
})

/** Routes of promotions. */
export const promotionAdminRoutes = () =>
  createRouter()
    .openapi(listPromotionsOperation, async c => {
      const { fields, ...query } = c.req.valid('query')
      return reply(c, PromotionList, trim(await listPromotions(c.var.deps, query), fields))
    })
    .openapi(createPromotionOperation, async c => {
      const stored = await createPromotion(c.var.deps, actorOf(c), c.req.valid('json'))
      return replyStored(c, Promotion, stored, { location: id => `${PATH}/${id}` })
    })
    .openapi(getPromotionOperation, async c => {
      const { body, version } = await getPromotion(c.var.deps, c.req.valid('param').id)
      return reply(c, Promotion, body, { version })
    })
    .openapi(updatePromotionOperation, async c => {
      const { id } = c.req.valid('param')
      const { body, version } = await updatePromotion(
        c.var.deps,
        actorOf(c),
        id,
        versionOf(c),
        c.req.valid('json'),
      )
      return reply(c, Promotion, body, { version })
    })
    .openapi(deletePromotionOperation, async c => {
      await deletePromotion(c.var.deps, actorOf(c), c.req.valid('param').id, versionOf(c))
      return replyDone(c)
    })
