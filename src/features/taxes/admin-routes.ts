// Tax rates over HTTP, for those who run the shop.

import { z } from '@hono/zod-openapi'
import { versionOf } from '../../http/conditional.ts'
import { invalidCursor, notFound } from '../../http/errors.ts'
import { trim } from '../../http/fields.ts'
import { idempotencyErrors } from '../../http/idempotency-errors.ts'
import { actorOf, jsonBody, operation, reply, replyDone, replyStored } from '../../http/operation.ts'
import { createRouter } from '../../http/router.ts'
import { changedMeanwhile } from '../pricing/errors.ts'
import { CreateTaxRate, TaxRate, TaxRateList, TaxRateQuery, UpdateTaxRate } from './admin-schemas.ts'
import { taxRateTaken } from './errors.ts'
import { createTaxRate, deleteTaxRate, getTaxRate, listTaxRates, updateTaxRate } from './rates.ts'

const TAG = 'Shipping and taxes'
const PATH = '/v1/admin/tax_rates'
const params = z.object({
  id: z.string().openapi({ description: 'Id of the tax rate.', example: 'tax_01M81J18G0F1WA11106WFXGE4J' }),
})

const listTaxRatesOperation = operation({
  method: 'get',
  path: PATH,
  operationId: 'listTaxRates',
  summary: 'List tax rates',
  description: 'Lists which taxes are charged where.',
  tag: TAG,
  permission: 'settings:read',
  request: { query: TaxRateQuery },
  success: { status: 200, description: 'A page of tax rates.', schema: TaxRateList },
  problems: [invalidCursor],
})

const createTaxRateOperation = operation({
  method: 'post',
  path: PATH,
  operationId: 'createTaxRate',
  summary: 'Create a tax rate',
  description:
    'Creates a tax rate. All rates of an address add up: those of its country and those of its region. One tax can be entered once for a place and class.',
  tag: TAG,
  permission: 'settings:write',
  request: { body: jsonBody(CreateTaxRate) },
  idempotency: 'optional',
  success: { status: 201, description: 'The tax rate.', schema: TaxRate, headers: ['Location'] },
  problems: [taxRateTaken, changedMeanwhile, ...idempotencyErrors],
})

const getTaxRateOperation = operation({
  method: 'get',
  path: `${PATH}/{id}`,
  operationId: 'getTaxRate',
  summary: 'Get a tax rate',
  description: 'Reads a tax rate.',
  tag: TAG,
  permission: 'settings:read',
  request: { params },
  success: { status: 200, description: 'The tax rate.', schema: TaxRate },
  problems: [notFound],
})

const updateTaxRateOperation = operation({
  method: 'patch',
  path: `${PATH}/{id}`,
  operationId: 'updateTaxRate',
  summary: 'Change a tax rate',
  description:
    'Changes what is given and leaves the rest. Carts and open checkouts follow at once; orders never change.',
  tag: TAG,
  permission: 'settings:write',
  conditional: true,
  request: { params, body: jsonBody(UpdateTaxRate) },
  success: { status: 200, description: 'The tax rate as it is now.', schema: TaxRate },
  problems: [notFound, taxRateTaken],
})

const deleteTaxRateOperation = operation({
  method: 'delete',
  path: `${PATH}/{id}`,
  operationId: 'deleteTaxRate',
  summary: 'Delete a tax rate',
  description: 'Deletes a tax rate: it is no longer charged.',
  tag: TAG,
  permission: 'settings:write',
  conditional: true,
  request: { params },
  success: { status: 204, description: 'It is gone.' },
  problems: [notFound],
})

/** Routes of tax rates. */
export const taxAdminRoutes = () =>
  createRouter()
    .openapi(listTaxRatesOperation, async c => {
      const { fields, ...query } = c.req.valid('query')
      return reply(c, TaxRateList, trim(await listTaxRates(c.var.deps, query), fields))
    })
    .openapi(createTaxRateOperation, async c => {
      const stored = await createTaxRate(c.var.deps, actorOf(c), c.req.valid('json'))
      return replyStored(c, TaxRate, stored, { location: id => `${PATH}/${id}` })
    })
    .openapi(getTaxRateOperation, async c => {
      const { body, version } = await getTaxRate(c.var.deps, c.req.valid('param').id)
      return reply(c, TaxRate, body, { version })
    })
    .openapi(updateTaxRateOperation, async c => {
      const { id } = c.req.valid('param')
      const { body, version } = await updateTaxRate(
        c.var.deps,
        actorOf(c),
        id,
        versionOf(c),
        c.req.valid('json'),
      )
      return reply(c, TaxRate, body, { version })
    })
    .openapi(deleteTaxRateOperation, async c => {
      await deleteTaxRate(c.var.deps, actorOf(c), c.req.valid('param').id, versionOf(c))
      return replyDone(c)
    })
