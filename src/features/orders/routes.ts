// Orders over HTTP.

import { z } from '@hono/zod-openapi'
import { notFound } from '../../http/errors.ts'
import { operation, reply } from '../../http/operation.ts'
import { createRouter } from '../../http/router.ts'
import { Order } from './schemas.ts'
import { getOrder } from './service.ts'

const getOrderOperation = operation({
  method: 'get',
  path: '/v1/orders/{id}',
  operationId: 'getOrder',
  summary: 'Get an order',
  description:
    'Reads an order with the token that the completed checkout gave. Without the token, or with another’s, the answer is the same as for an order that does not exist.',
  tag: 'Orders',
  permission: 'capability',
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

/** Routes of orders. */
export const orderRoutes = () =>
  createRouter().openapi(getOrderOperation, async c => {
    const token = c.req.header('Order-Token') ?? ''
    return reply(c, Order, await getOrder(c.var.deps, c.req.valid('param').id, token))
  })
