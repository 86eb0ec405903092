// Shipping zones over HTTP, for those who run the shop.

import { z } from '@hono/zod-openapi'
import { versionOf } from '../../http/conditional.ts'
import { invalidCursor, notFound } from '../../http/errors.ts'
import { trim } from '../../http/fields.ts'
import { idempotencyErrors } from '../../http/idempotency-errors.ts'
import { actorOf, jsonBody, operation, reply, replyDone, replyStored } from '../../http/operation.ts'
import { createRouter } from '../../http/router.ts'
import { changedMeanwhile } from '../pricing/errors.ts'
import {
  CreateShippingZone,
  ShippingZone,
  ShippingZoneList,
  ShippingZoneQuery,
  UpdateShippingZone,
} from './admin-schemas.ts'
import { placeInOtherZone } from './errors.ts'
import {
  createShippingZone,
  deleteShippingZone,
  getShippingZone,
  listShippingZones,
  updateShippingZone,
} from './zones.ts'

const TAG = 'Shipping and taxes'
const PATH = '/v1/admin/shipping_zones'
const params = z.object({
  id: z.string().openapi({ description: 'Id of the zone.', example: 'zone_01M81J18G0F1WA11106WFXGE4J' }),
})

const listShippingZonesOperation = operation({
  method: 'get',
  path: PATH,
  operationId: 'listShippingZones',
  summary: 'List shipping zones',
  description: 'Lists where the shop ships to, and at which rates.',
  tag: TAG,
  permission: 'settings:read',
  request: { query: ShippingZoneQuery },
  success: { status: 200, description: 'A page of zones.', schema: ShippingZoneList },
  problems: [invalidCursor],
})

const createShippingZoneOperation = operation({
  method: 'post',
  path: PATH,
  operationId: 'createShippingZone',
  summary: 'Create a shipping zone',
  description:
    'Creates a zone. The zone that names an address most closely counts: a region before its country, a country before the rest of the world. No place can be in two zones.',
  tag: TAG,
  permission: 'settings:write',
  request: { body: jsonBody(CreateShippingZone) },
  idempotency: 'optional',
  success: { status: 201, description: 'The zone.', schema: ShippingZone, headers: ['Location'] },
  problems: [placeInOtherZone, changedMeanwhile, ...idempotencyErrors],
})

const getShippingZoneOperation = operation({
  method: 'get',
  path: `${PATH}/{id}`,
  operationId: 'getShippingZone',
  summary: 'Get a shipping zone',
  description: 'Reads a zone with its rates.',
  tag: TAG,
  permission: 'settings:read',
  request: { params },
  success: { status: 200, description: 'The zone.', schema: ShippingZone },
  problems: [notFound],
})

const updateShippingZoneOperation = operation({
  method: 'patch',
  path: `${PATH}/{id}`,
  operationId: 'updateShippingZone',
  summary: 'Change a shipping zone',
  description:
    'Changes what is given and leaves the rest. Rates are replaced as a list: send the id of one to keep it. Open checkouts follow at once; orders never change.',
  tag: TAG,
  permission: 'settings:write',
  conditional: true,
  request: { params, body: jsonBody(UpdateShippingZone) },
  success: { status: 200, description: 'The zone as it is now.', schema: ShippingZone },
  problems: [notFound, placeInOtherZone],
})

const deleteShippingZoneOperation = operation({
  method: 'delete',
  path: `${PATH}/{id}`,
  operationId: 'deleteShippingZone',
  summary: 'Delete a shipping zone',
  description:
    'Deletes a zone with its rates. Its places then belong to the zone that names them next closely, if any.',
  tag: TAG,
  permission: 'settings:write',
  conditional: true,
  request: { params },
  success: { status: 204, description: 'It is gone.' },
  problems: [notFound],
})

/** Routes of shipping zones. */
export const shippingAdminRoutes = () =>
  createRouter()
    .openapi(listShippingZonesOperation, async c => {
      const { fields, ...query } = c.req.valid('query')
      return reply(c, ShippingZoneList, trim(await listShippingZones(c.var.deps, query), fields))
    })
    .openapi(createShippingZoneOperation, async c => {
      const stored = await createShippingZone(c.var.deps, actorOf(c), c.req.valid('json'))
      return replyStored(c, ShippingZone, stored, { location: id => `${PATH}/${id}` })
    })
    .openapi(getShippingZoneOperation, async c => {
      const { body, version } = await getShippingZone(c.var.deps, c.req.valid('param').id)
      return reply(c, ShippingZone, body, { version })
    })
    .openapi(updateShippingZoneOperation, async c => {
      const { id } = c.req.valid('param')
      const { body, version } = await updateShippingZone(
        c.var.deps,
        actorOf(c),
        id,
        versionOf(c),
        c.req.valid('json'),
      )
      return reply(c, ShippingZone, body, { version })
    })
    .openapi(deleteShippingZoneOperation, async c => {
      await deleteShippingZone(c.var.deps, actorOf(c), c.req.valid('param').id, versionOf(c))
      return replyDone(c)
    })
