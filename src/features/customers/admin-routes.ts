// Customers over HTTP, for those who run the shop.

import { z } from '@hono/zod-openapi'
import { versionOf } from '../../http/conditional.ts'
import { replyCsv } from '../../http/csv.ts'
import { invalidCursor, invalidInput, notFound } from '../../http/errors.ts'
import { trim } from '../../http/fields.ts'
import { actorOf, jsonBody, operation, reply } from '../../http/operation.ts'
import { createRouter } from '../../http/router.ts'
import {
  Customer,
  CustomerCsv,
  CustomerExportQuery,
  CustomerList,
  CustomerQuery,
  UpdateCustomer,
} from './admin-schemas.ts'
import { exportCustomers, getCustomer, listCustomers, updateCustomer } from './customers-admin.ts'

const TAG = 'Customers'
const PATH = '/v1/admin/customers'
const params = z.object({
  id: z.string().openapi({ description: 'User id.', example: 'usr_01M81J18G0F1WA11106WFXGE52' }),
})

const listCustomersOperation = operation({
  method: 'get',
  path: PATH,
  operationId: 'listCustomers',
  summary: 'List customers',
  description: 'Lists people with an account, or finds them by how their email or name begins.',
  tag: TAG,
  permission: 'customers:read',
  request: { query: CustomerQuery },
  success: { status: 200, description: 'A page of customers.', schema: CustomerList },
  problems: [invalidCursor, invalidInput],
})

const exportCustomersOperation = operation({
  method: 'get',
  path: `${PATH}/export`,
  operationId: 'exportCustomers',
  summary: 'Export customers as CSV',
  description:
    'Streams the customers of a search, or all, as a CSV file. The audit log keeps that it was done.',
  tag: TAG,
  permission: 'customers:read',
  streams: true,
  request: { query: CustomerExportQuery },
  success: { status: 200, description: 'The file.', schema: CustomerCsv, mediaType: 'text/csv' },
  problems: [],
})

const getCustomerOperation = operation({
  method: 'get',
  path: `${PATH}/{id}`,
  operationId: 'getCustomer',
  summary: 'Get a customer',
  description: 'Reads a customer with addresses, groups, the note of staff, and what was ordered in all.',
  tag: TAG,
  permission: 'customers:read',
  request: { params },
  success: { status: 200, description: 'The customer.', schema: Customer },
  problems: [notFound],
})

const updateCustomerOperation = operation({
  method: 'patch',
  path: `${PATH}/{id}`,
  operationId: 'updateCustomer',
  summary: 'Change note and groups of a customer',
  description:
    'Changes what is given and leaves the rest. Prices of groups show in the customer’s carts and checkouts at once.',
  tag: TAG,
  permission: 'customers:write',
  conditional: true,
  request: { params, body: jsonBody(UpdateCustomer) },
  success: { status: 200, description: 'The customer as it is now.', schema: Customer },
  problems: [notFound],
})

/** Routes of customers. */
export const customerAdminRoutes = () =>
  createRouter()
    .openapi(listCustomersOperation, async c => {
      const { fields, ...query } = c.req.valid('query')
      return reply(c, CustomerList, trim(await listCustomers(c.var.deps, query), fields))
    })
    .openapi(exportCustomersOperation, async c =>
      replyCsv(c, 'customers', await exportCustomers(c.var.deps, actorOf(c), c.req.valid('query'))),
    )
    .openapi(getCustomerOperation, async c => {
      const { body, version } = await getCustomer(c.var.deps, c.req.valid('param').id)
      return reply(c, Customer, body, { version })
    })
    .openapi(updateCustomerOperation, async c => {
      const { id } = c.req.valid('param')
      const input = c.req.valid('json')
      const { body, version } = await updateCustomer(c.var.deps, actorOf(c), id, versionOf(c), input)
      return reply(c, Customer, body, { version })
    })
