// Orders over HTTP, for those who run the shop.

import { z } from '@hono/zod-openapi'
import { versionOf } from '../../http/conditional.ts'
import { replyCsv } from '../../http/csv.ts'
import { invalidCursor, notFound } from '../../http/errors.ts'
import { trim } from '../../http/fields.ts'
import { actorOf, jsonBody, operation, reply } from '../../http/operation.ts'
import { createRouter } from '../../http/router.ts'
import {
  AdminOrder,
  AdminOrderList,
  OrderCsv,
  OrderExportQuery,
  OrderQuery,
  UpdateOrder,
} from './admin-schemas.ts'
import { exportOrders, getOrderDetail, listOrders, updateOrder } from './orders-admin.ts'

const TAG = 'Orders'
const PATH = '/v1/admin/orders'
const params = z.object({
  id: z.string().openapi({ description: 'Id of the order.', example: 'ord_01M81J18G0F1WA11106WFXGE52' }),
})

const listOrdersOperation = operation({
  method: 'get',
  path: PATH,
  operationId: 'listOrders',
  summary: 'List all orders',
  description: 'Lists the orders of the shop, or finds them by state, person, number, tag or time.',
  tag: TAG,
  permission: 'orders:read',
  request: { query: OrderQuery },
  success: { status: 200, description: 'A page of orders.', schema: AdminOrderList },
  problems: [invalidCursor],
})

const exportOrdersOperation = operation({
  method: 'get',
  path: `${PATH}/export`,
  operationId: 'exportOrders',
  summary: 'Export orders as CSV',
  description: 'Streams the orders of a search, or all, as a CSV file. The audit log keeps that it was done.',
  tag: TAG,
  permission: 'orders:read',
  streams: true,
  request: { query: OrderExportQuery },
  success: { status: 200, description: 'The file.', schema: OrderCsv, mediaType: 'text/csv' },
  problems: [],
})

const getOrderDetailOperation = operation({
  method: 'get',
  path: `${PATH}/{id}`,
  operationId: 'getOrderDetail',
  summary: 'Get an order with its history',
  description:
    'Reads an order with what staff keep about it and all that happened to it: payments, also failed ones, movements of stock, events and changes.',
  tag: TAG,
  permission: 'orders:read',
  request: { params },
  success: { status: 200, description: 'The order.', schema: AdminOrder },
  problems: [notFound],
})

const updateOrderOperation = operation({
  method: 'patch',
  path: `${PATH}/{id}`,
  operationId: 'updateOrder',
  summary: 'Change tags and note of an order',
  description: 'Changes what staff keep about an order. What was sold never changes.',
  tag: TAG,
  permission: 'orders:write',
  conditional: true,
  request: { params, body: jsonBody(UpdateOrder) },
  success: { status: 200, description: 'The order as it is now.', schema: AdminOrder },
  problems: [notFound],
})

/** Routes of orders for staff. */
export const orderAdminRoutes = () =>
  createRouter()
    .openapi(listOrdersOperation, async c => {
      const { fields, ...query } = c.req.valid('query')
      return reply(c, AdminOrderList, trim(await listOrders(c.var.deps, query), fields))
    })
    .openapi(exportOrdersOperation, async c =>
      replyCsv(c, 'orders', await exportOrders(c.var.deps, actorOf(c), c.req.valid('query'))),
    )
    .openapi(getOrderDetailOperation, async c => {
      const { body, version } = await getOrderDetail(c.var.deps, c.req.valid('param').id)
      return reply(c, AdminOrder, body, { version })
    })
    .openapi(updateOrderOperation, async c => {
      const { id } = c.req.valid('param')
      const input = c.req.valid('json')
      const { body, version } = await updateOrder(c.var.deps, actorOf(c), id, versionOf(c), input)
      return reply(c, AdminOrder, body, { version })
    })
