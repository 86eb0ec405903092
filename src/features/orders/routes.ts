// Orders over HTTP.

import { z } from '@hono/zod-openapi'
import { invalidCursor, notFound } from '../../http/errors.ts'
import { actorOf, operation, reply, userOf } from '../../http/operation.ts'
import { createRouter } from '../../http/router.ts'
import { Page } from '../../http/schemas.ts'
import { Order, OrderList } from './schemas.ts'
import { getOrder, listMyOrders } from './service.ts'

const getOrderOperation = operation({
  method: 'get',
  path: '/v1/orders/{id}',
  operationId: 'getOrder',
  summary: 'Get an order',
  description:
    'Reads an order with the token that the completed checkout gave, or with the login of its owner. To everybody else the answer is the same as for an order that does not exist.',
  tag: 'Orders',
  permission: 'capability',
  scope: 'me:orders',
  request: {
    params: z.object({
      id: z.string().openapi({ description: 'Id of the order.', example: 'ord_01M81J18G0F1WA11106WFXGE52' }),
    }),
  },
  parameters: [
    {
      name: 'Order-Token',
      in: 'header',
      required: false,
      description: '`order_token` of the completed checkout.',
      schema: { type: 'string' },
      example: 'ot_758174899ce7004d6ab94faa997ba420e334e6785fe6515c0e9d4a1292a64b77',
    },
  ],
  success: { status: 200, description: 'The order.', schema: Order },
  problems: [notFound],
})

const listMyOrdersOperation = operation({
  method: 'get',
  path: '/v1/users/me/orders',
  operationId: 'listMyOrders',
  summary: 'List my orders',
  description:
    'Lists the orders of the caller, newest first: those placed while logged in, and those placed as a guest with the account’s email.',
  tag: 'Orders',
  permission: 'buyer',
  scope: 'me:orders',
  request: { query: z.strictObject(Page) },
  success: { status: 200, description: 'A page of orders.', schema: OrderList },
  problems: [invalidCursor],
})

/** Routes of orders. */
export const orderRoutes = () =>
  createRouter()
    .openapi(getOrderOperation, async c => {
      const token = c.req.header('Order-Token') ?? ''
      return reply(c, Order, await getOrder(c.var.deps, actorOf(c), c.req.valid('param').id, token))
    })
    .openapi(listMyOrdersOperation, async c =>
      reply(c, OrderList, await listMyOrders(c.var.deps, userOf(c), c.req.valid('query'))),
    )
