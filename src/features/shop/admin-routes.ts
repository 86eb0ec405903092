// The shop's settings over HTTP, for those who run it.

import { versionOf } from '../../http/conditional.ts'
import { actorOf, jsonBody, operation, reply } from '../../http/operation.ts'
import { createRouter } from '../../http/router.ts'
import { ShopSettings, UpdateShopSettings } from './admin-schemas.ts'
import { shopNotSetUp } from './errors.ts'
import { getShopSettings, updateShopSettings } from './settings.ts'

const TAG = 'Shop settings'
const PATH = '/v1/admin/shop'

const getShopSettingsOperation = operation({
  method: 'get',
  path: PATH,
  operationId: 'getShopSettings',
  summary: 'Get the settings',
  description: 'Reads the settings of the shop as they are kept.',
  tag: TAG,
  permission: 'settings:read',
  success: { status: 200, description: 'The settings.', schema: ShopSettings },
  problems: [shopNotSetUp],
})

const updateShopSettingsOperation = operation({
  method: 'patch',
  path: PATH,
  operationId: 'updateShopSettings',
  summary: 'Change the settings',
  description:
    'Changes what is given and leaves the rest. Carts and open checkouts follow at once; orders never change.',
  tag: TAG,
  permission: 'settings:write',
  conditional: true,
  request: { body: jsonBody(UpdateShopSettings) },
  success: { status: 200, description: 'The settings as they are now.', schema: ShopSettings },
  problems: [shopNotSetUp],
})

/** Routes of the shop's settings. */
export const shopAdminRoutes = () =>
  createRouter()
    .openapi(getShopSettingsOperation, async c => {
      const { body, version } = await getShopSettings(c.var.deps)
      return reply(c, ShopSettings, body, { version })
    })
    .openapi(updateShopSettingsOperation, async c => {
      const { body, version } = await updateShopSettings(
        c.var.deps,
        actorOf(c),
        versionOf(c),
        c.req.valid('json'),
      )
      return reply(c, ShopSettings, body, { version })
    })
