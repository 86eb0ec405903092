// Locations over HTTP.

import { z } from '@hono/zod-openapi'
import { versionOf } from '../../http/conditional.ts'
import { invalidCursor, notFound } from '../../http/errors.ts'
import { trim } from '../../http/fields.ts'
import { idempotencyErrors } from '../../http/idempotency-errors.ts'
import { actorOf, jsonBody, operation, reply, replyDone, replyStored } from '../../http/operation.ts'
import { createRouter } from '../../http/router.ts'
import { changedMeanwhile } from '../pricing/errors.ts'
import { locationCodeTaken, locationIsDefault, locationNotEmpty } from './errors.ts'
import { CreateLocation, ListLocations, Location, LocationList, UpdateLocation } from './location-schemas.ts'
import { createLocation, deleteLocation, getLocation, listLocations, updateLocation } from './locations.ts'

const TAG = 'Inventory'
const PATH = '/v1/admin/locations'
const params = z.strictObject({
  id: z.string().openapi({ description: 'Location id.', example: 'loc_01M81J18G0F1WA11106WFXGE60' }),
})

const listLocationsOperation = operation({
  method: 'get',
  path: PATH,
  operationId: 'listLocations',
  summary: 'List locations',
  description: 'Lists the places where goods lie.',
  tag: TAG,
  permission: 'inventory:read',
  request: { query: ListLocations },
  success: { status: 200, description: 'A page of locations.', schema: LocationList },
  problems: [invalidCursor],
})

const createLocationOperation = operation({
  method: 'post',
  path: PATH,
  operationId: 'createLocation',
  summary: 'Open a location',
  description: 'Makes a place where goods can lie. Stock comes in by adjustments and transfers.',
  tag: TAG,
  permission: 'inventory:write',
  request: { body: jsonBody(CreateLocation) },
  idempotency: 'optional',
  success: { status: 201, description: 'The location.', schema: Location, headers: ['Location'] },
  problems: [locationCodeTaken, changedMeanwhile, ...idempotencyErrors],
})

const getLocationOperation = operation({
  method: 'get',
  path: `${PATH}/{id}`,
  operationId: 'getLocation',
  summary: 'Get a location',
  description: 'Reads one location.',
  tag: TAG,
  permission: 'inventory:read',
  request: { params },
  success: { status: 200, description: 'The location.', schema: Location },
  problems: [notFound],
})

const updateLocationOperation = operation({
  method: 'patch',
  path: `${PATH}/{id}`,
  operationId: 'updateLocation',
  summary: 'Change a location',
  description:
    'Changes what is given and leaves the rest. Making a location inactive takes its stock out of what buyers can get, at once; checkouts that hold some of it still end as they would.',
  tag: TAG,
  permission: 'inventory:write',
  conditional: true,
  request: { params, body: jsonBody(UpdateLocation) },
  success: { status: 200, description: 'The location as it is now.', schema: Location },
  problems: [notFound, locationCodeTaken],
})

const deleteLocationOperation = operation({
  method: 'delete',
  path: `${PATH}/{id}`,
  operationId: 'deleteLocation',
  summary: 'Delete a location',
  description: 'Closes a location at which nothing lies any more. Its movements stay in the books.',
  tag: TAG,
  permission: 'inventory:write',
  conditional: true,
  request: { params },
  success: { status: 204, description: 'It is gone.' },
  problems: [notFound, locationNotEmpty, locationIsDefault],
})

/** Routes of locations. */
export const locationRoutes = () =>
  createRouter()
    .openapi(listLocationsOperation, async c => {
      const { fields, ...query } = c.req.valid('query')
      return reply(c, LocationList, trim(await listLocations(c.var.deps, query), fields))
    })
    .openapi(createLocationOperation, async c => {
      const stored = await createLocation(c.var.deps, actorOf(c), c.req.valid('json'))
      return replyStored(c, Location, stored, { location: id => `${PATH}/${id}` })
    })
    .openapi(getLocationOperation, async c => {
      const { body, version } = await getLocation(c.var.deps, c.req.valid('param').id)
      return reply(c, Location, body, { version })
    })
    .openapi(updateLocationOperation, async c => {
      const { id } = c.req.valid('param')
      const input = c.req.valid('json')
      const { body, version } = await updateLocation(c.var.deps, actorOf(c), id, versionOf(c), input)
      return reply(c, Location, body, { version })
    })
    .openapi(deleteLocationOperation, async c => {
      await deleteLocation(c.var.deps, actorOf(c), c.req.valid('param').id, versionOf(c))
      return replyDone(c)
    })
