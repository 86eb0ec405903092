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
  request: { params: z.object({ id: z.string().openapi({ example: 'ord_01KAMRCB9R3N5Q7S9V1X3Z5B7D' }) }) },
  parameters: [
    {
      name: 'Order-Token',
      in: 'header',
      required: false,
      description: '`order_token` of the completed checkout.',
      schema: { type: 'string' },
      example: 'Zk0vJ2m8rQx1tYb7cWn4pL9sDf6hGa3e',
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
