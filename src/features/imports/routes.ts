// Products in and out as CSV, for those who run the shop.

import { actorOf, bytesOf, operation, rawBody, reply } from '../../http/operation.ts'
import { createRouter } from '../../http/router.ts'
import { stockCountBelowReserved } from '../products/errors.ts'
import { shopNotSetUp } from '../shop/errors.ts'
import { importInvalid } from './errors.ts'
import { ImportQuery, ImportResult, ProductCsv } from './schemas.ts'
import { exportProducts, importProducts } from './service.ts'

const TAG = 'Products'
const CSV = 'text/csv'
export const IMPORTS_PATH = '/v1/admin/imports'

const importProductsOperation = operation({
  method: 'post',
  path: IMPORTS_PATH,
  operationId: 'importProducts',
  summary: 'Import products',
  description:
    'Imports a Shopify product export (UTF-8, up to 4 MiB) sent as it is. A product is known by its handle: the same file again changes nothing. A file with bad rows imports nothing unless `skip_invalid` says so. `npm run import -- FILE.csv --url` sends files of any size in parts.',
  tag: TAG,
  permission: 'products:write',
  request: { query: ImportQuery, body: rawBody([CSV]) },
  success: { status: 200, description: 'What was imported.', schema: ImportResult },
  problems: [importInvalid, shopNotSetUp, stockCountBelowReserved],
})

const exportProductsOperation = operation({
  method: 'get',
  path: '/v1/admin/products/export',
  operationId: 'exportProducts',
  summary: 'Export all products',
  description:
    'Streams every product, also drafts and archived ones, with variants, prices and stock. Imported again it changes nothing.',
  tag: TAG,
  permission: 'products:read',
  streams: true,
  success: {
    status: 200,
    description: 'The file.',
    schema: ProductCsv,
    mediaType: CSV,
    example: 'Handle,Title,Vendor,Variant Price\nlinen-shirt,Linen shirt,Northfield,39.00\n',
  },
  problems: [shopNotSetUp],
})

/** Routes of imports and exports. */
export const importRoutes = () =>
  createRouter()
    .openapi(importProductsOperation, async c => {
      const { bytes } = await bytesOf(c, [CSV])
      const result = await importProducts(c.var.deps, actorOf(c), bytes, c.req.valid('query'))
      return reply(c, ImportResult, result)
    })
    .openapi(exportProductsOperation, async c =>
      c.body(await exportProducts(c.var.deps), 200, {
        'Content-Type': `${CSV}; charset=utf-8`,
        'Content-Disposition': 'attachment; filename="products.csv"',
        'Cache-Control': 'no-store',
      }),
    )
