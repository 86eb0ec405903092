// The shop itself over HTTP.

import { operation, reply } from '../../http/operation.ts'
import { createRouter } from '../../http/router.ts'
import { shopNotSetUp } from './errors.ts'
import { Shop } from './schemas.ts'
import { getShop } from './service.ts'

const getShopOperation = operation({
  method: 'get',
  path: '/v1/shop',
  operationId: 'getShop',
  summary: 'Get the shop',
  description:
    'Tells the name of the shop, which currencies it sells in, where it ships to, and where its policies are.',
  tag: 'Catalogue',
  permission: 'public',
  success: { status: 200, description: 'The shop.', schema: Shop },
  problems: [shopNotSetUp],
})

/** Routes of the shop itself. */
export const shopRoutes = () =>
  createRouter().openapi(getShopOperation, async c =>
    reply(c, Shop, await getShop(c.var.deps), { cache: 'public, max-age=300' }),
  )
