// Carts over HTTP. A cart's id is the right to it: whoever has it may read and change the cart.

import { z } from '@hono/zod-openapi'
import { notFound } from '../../http/errors.ts'
import { idempotencyErrors } from '../../http/idempotency-errors.ts'
import { actorOf, jsonBody, operation, reply, replyStored } from '../../http/operation.ts'
import { createRouter } from '../../http/router.ts'
import {
  changedMeanwhile,
  priceMissingInCurrency,
  quantityTooLarge,
  tooManyLines,
  totalTooLarge,
  variantUnknown,
} from '../pricing/errors.ts'
import { LineInput } from '../pricing/schemas.ts'
import { countryNotOffered, currencyNotOffered, shopNotSetUp } from '../shop/errors.ts'
import { Cart, CreateCart, PutDiscountCodes, UpdateLine } from './schemas.ts'
import {
  addCartLine,
  createCart,
  getCart,
  putCartDiscountCodes,
  removeCartLine,
  updateCartLine,
} from './service.ts'

const TAG = 'Carts'
const params = z.object({
  id: z
    .string()
    .openapi({ description: 'Id of the cart.', example: 'cart_01M81J18G0P9G5X99KB9F3PYQJP5ZBJMSVQH' }),
})
const lineParams = params.extend({
  line_id: z.string().openapi({
    description: 'Id of the line: `lines[].id` of the cart.',
    example: 'li_01M81J18G0F1WA11106WFXGE4Z',
  }),
})

const createCartOperation = operation({
  method: 'post',
  path: '/v1/carts',
  operationId: 'createCart',
  summary: 'Create a cart',
  description:
    'Creates a cart, with items in it if you like. Prices, discounts and taxes are computed by the shop.',
  tag: TAG,
  permission: 'public',
  request: { body: jsonBody(CreateCart) },
  idempotency: 'optional',
  success: {
    status: 201,
    description: 'The new cart.',
    schema: Cart,
    headers: ['Location'],
  },
  problems: [
    variantUnknown,
    priceMissingInCurrency,
    quantityTooLarge,
    currencyNotOffered,
    countryNotOffered,
    totalTooLarge,
    shopNotSetUp,
    ...idempotencyErrors,
  ],
})

const getCartOperation = operation({
  method: 'get',
  path: '/v1/carts/{id}',
  operationId: 'getCart',
  summary: 'Get a cart',
  description:
    'Reads a cart, priced as of now. `messages` says when a price changed since an item was put in, or when stock is short; quantities are never changed silently.',
  tag: TAG,
  permission: 'capability',
  request: { params },
  success: { status: 200, description: 'The cart.', schema: Cart },
  problems: [notFound, totalTooLarge, shopNotSetUp],
})

const addCartLineOperation = operation({
  method: 'post',
  path: '/v1/carts/{id}/lines',
  operationId: 'addCartLine',
  summary: 'Add an item to a cart',
  description: 'Adds an item. If it is in the cart already, its line gets that many more.',
  tag: TAG,
  permission: 'capability',
  request: { params, body: jsonBody(LineInput) },
  idempotency: 'optional',
  success: { status: 200, description: 'The cart.', schema: Cart },
  problems: [
    notFound,
    variantUnknown,
    priceMissingInCurrency,
    quantityTooLarge,
    tooManyLines,
    changedMeanwhile,
    totalTooLarge,
    shopNotSetUp,
    ...idempotencyErrors,
  ],
})

const updateCartLineOperation = operation({
  method: 'patch',
  path: '/v1/carts/{id}/lines/{line_id}',
  operationId: 'updateCartLine',
  summary: 'Change the quantity of a line',
  description: 'Sets how many of the item are to be bought.',
  tag: TAG,
  permission: 'capability',
  request: { params: lineParams, body: jsonBody(UpdateLine) },
  success: { status: 200, description: 'The cart.', schema: Cart },
  problems: [notFound, changedMeanwhile, totalTooLarge, shopNotSetUp],
})

const removeCartLineOperation = operation({
  method: 'delete',
  path: '/v1/carts/{id}/lines/{line_id}',
  operationId: 'removeCartLine',
  summary: 'Take an item out of a cart',
  description: 'Removes the line and answers the cart that is left.',
  tag: TAG,
  permission: 'capability',
  request: { params: lineParams },
  success: { status: 200, description: 'The cart.', schema: Cart },
  problems: [notFound, changedMeanwhile, totalTooLarge, shopNotSetUp],
})

const putCartDiscountCodesOperation = operation({
  method: 'put',
  path: '/v1/carts/{id}/discount_codes',
  operationId: 'putCartDiscountCodes',
  summary: 'Set the discount codes of a cart',
  description: 'Replaces all codes. A code that takes nothing off is kept, with the reason beside it.',
  tag: TAG,
  permission: 'capability',
  request: { params, body: jsonBody(PutDiscountCodes) },
  success: { status: 200, description: 'The cart.', schema: Cart },
  problems: [notFound, changedMeanwhile, totalTooLarge, shopNotSetUp],
})

/** Routes of carts. */
export const cartRoutes = () =>
  createRouter()
    .openapi(createCartOperation, async c => {
      const stored = await createCart(c.var.deps, actorOf(c), c.req.valid('json'))
      return replyStored(c, Cart, stored, { location: id => `/v1/carts/${id}` })
    })
    .openapi(getCartOperation, async c =>
      reply(c, Cart, await getCart(c.var.deps, actorOf(c), c.req.valid('param').id)),
    )
    .openapi(addCartLineOperation, async c => {
      const stored = await addCartLine(c.var.deps, actorOf(c), c.req.valid('param').id, c.req.valid('json'))
      return replyStored(c, Cart, stored)
    })
    .openapi(updateCartLineOperation, async c => {
      const { id, line_id } = c.req.valid('param')
      return replyStored(
        c,
        Cart,
        await updateCartLine(c.var.deps, actorOf(c), id, line_id, c.req.valid('json').quantity),
      )
    })
    .openapi(removeCartLineOperation, async c => {
      const { id, line_id } = c.req.valid('param')
      return replyStored(c, Cart, await removeCartLine(c.var.deps, actorOf(c), id, line_id))
    })
    .openapi(putCartDiscountCodesOperation, async c => {
      const stored = await putCartDiscountCodes(
        c.var.deps,
        actorOf(c),
        c.req.valid('param').id,
        c.req.valid('json').codes,
      )
      return replyStored(c, Cart, stored)
    })
