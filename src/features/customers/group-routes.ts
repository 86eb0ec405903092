// Customer groups and their prices over HTTP, for those who run the shop.

import { z } from '@hono/zod-openapi'
import { versionOf } from '../../http/conditional.ts'
import { invalidCursor, notFound } from '../../http/errors.ts'
import { trim } from '../../http/fields.ts'
import { idempotencyErrors } from '../../http/idempotency-errors.ts'
import { actorOf, jsonBody, operation, reply, replyDone, replyStored } from '../../http/operation.ts'
import { createRouter } from '../../http/router.ts'
import { changedMeanwhile } from '../pricing/errors.ts'
import { customerGroupTaken } from './errors.ts'
import { listGroupPrices, updateGroupPrices } from './group-prices.ts'
import {
  CreateCustomerGroup,
  CustomerGroup,
  CustomerGroupList,
  CustomerGroupQuery,
  GroupPriceList,
  GroupPriceQuery,
  UpdateCustomerGroup,
  UpdateGroupPrices,
} from './group-schemas.ts'
import {
  createCustomerGroup,
  deleteCustomerGroup,
  getCustomerGroup,
  listCustomerGroups,
  updateCustomerGroup,
} from './groups.ts'

const TAG = 'Customers'
const PATH = '/v1/admin/customer_groups'
const params = z.object({
  id: z.string().openapi({ description: 'Id of the group.', example: 'grp_01M81J18G0F1WA11106WFXGE4J' }),
})

const listCustomerGroupsOperation = operation({
  method: 'get',
  path: PATH,
  operationId: 'listCustomerGroups',
  summary: 'List customer groups',
  description: 'Lists the groups that customers can be in.',
  tag: TAG,
  permission: 'customers:read',
  request: { query: CustomerGroupQuery },
  success: { status: 200, description: 'A page of groups.', schema: CustomerGroupList },
  problems: [invalidCursor],
})

const createCustomerGroupOperation = operation({
  method: 'post',
  path: PATH,
  operationId: 'createCustomerGroup',
  summary: 'Create a customer group',
  description: 'Creates a group. Customers come into it by changing the customer.',
  tag: TAG,
  permission: 'customers:write',
  request: { body: jsonBody(CreateCustomerGroup) },
  idempotency: 'optional',
  success: { status: 201, description: 'The group.', schema: CustomerGroup, headers: ['Location'] },
  problems: [customerGroupTaken, changedMeanwhile, ...idempotencyErrors],
})

const getCustomerGroupOperation = operation({
  method: 'get',
  path: `${PATH}/{id}`,
  operationId: 'getCustomerGroup',
  summary: 'Get a customer group',
  description: 'Reads a group.',
  tag: TAG,
  permission: 'customers:read',
  request: { params },
  success: { status: 200, description: 'The group.', schema: CustomerGroup },
  problems: [notFound],
})

const updateCustomerGroupOperation = operation({
  method: 'patch',
  path: `${PATH}/{id}`,
  operationId: 'updateCustomerGroup',
  summary: 'Change a customer group',
  description: 'Changes what is given and leaves the rest.',
  tag: TAG,
  permission: 'customers:write',
  conditional: true,
  request: { params, body: jsonBody(UpdateCustomerGroup) },
  success: { status: 200, description: 'The group as it is now.', schema: CustomerGroup },
  problems: [notFound, customerGroupTaken],
})

const deleteCustomerGroupOperation = operation({
  method: 'delete',
  path: `${PATH}/{id}`,
  operationId: 'deleteCustomerGroup',
  summary: 'Delete a customer group',
  description: 'Deletes a group with its prices. Its members stay customers and pay what everybody pays.',
  tag: TAG,
  permission: 'customers:write',
  conditional: true,
  request: { params },
  success: { status: 204, description: 'It is gone.' },
  problems: [notFound],
})

const listGroupPricesOperation = operation({
  method: 'get',
  path: `${PATH}/{id}/prices`,
  operationId: 'listGroupPrices',
  summary: 'List the prices of a group',
  description:
    'Lists what the group pays, by variant. What is not in it costs the group what it costs everybody.',
  tag: TAG,
  permission: 'customers:read',
  request: { params, query: GroupPriceQuery },
  success: { status: 200, description: 'A page of prices.', schema: GroupPriceList },
  problems: [notFound, invalidCursor],
})

const updateGroupPricesOperation = operation({
  method: 'patch',
  path: `${PATH}/{id}/prices`,
  operationId: 'updateGroupPrices',
  summary: 'Set prices of a group',
  description:
    'Sets and takes away prices of a group, all or none. A buyer who is logged in pays the lowest of what everybody pays and what their groups pay.',
  tag: TAG,
  // What things cost is the catalogue's matter, whoever pays it.
  permission: 'products:write',
  conditional: true,
  request: { params, body: jsonBody(UpdateGroupPrices) },
  success: { status: 200, description: 'The group, with its new version.', schema: CustomerGroup },
  problems: [notFound],
})

/** Routes of customer groups. */
export const customerGroupRoutes = () =>
  createRouter()
    .openapi(listCustomerGroupsOperation, async c => {
      const { fields, ...query } = c.req.valid('query')
      return reply(c, CustomerGroupList, trim(await listCustomerGroups(c.var.deps, query), fields))
    })
    .openapi(createCustomerGroupOperation, async c => {
      const stored = await createCustomerGroup(c.var.deps, actorOf(c), c.req.valid('json'))
      return replyStored(c, CustomerGroup, stored, { location: id => `${PATH}/${id}` })
    })
    .openapi(getCustomerGroupOperation, async c => {
      const { body, version } = await getCustomerGroup(c.var.deps, c.req.valid('param').id)
      return reply(c, CustomerGroup, body, { version })
    })
    .openapi(updateCustomerGroupOperation, async c => {
      const { id } = c.req.valid('param')
      const input = c.req.valid('json')
      const { body, version } = await updateCustomerGroup(c.var.deps, actorOf(c), id, versionOf(c), input)
      return reply(c, CustomerGroup, body, { version })
    })
    .openapi(deleteCustomerGroupOperation, async c => {
      await deleteCustomerGroup(c.var.deps, actorOf(c), c.req.valid('param').id, versionOf(c))
      return replyDone(c)
    })
    .openapi(listGroupPricesOperation, async c => {
      const { id } = c.req.valid('param')
      const { body, version } = await listGroupPrices(c.var.deps, id, c.req.valid('query'))
      return reply(c, GroupPriceList, body, { version })
    })
    .openapi(updateGroupPricesOperation, async c => {
      const { id } = c.req.valid('param')
      const input = c.req.valid('json')
      const { body, version } = await updateGroupPrices(c.var.deps, actorOf(c), id, versionOf(c), input)
      return reply(c, CustomerGroup, body, { version })
    })
