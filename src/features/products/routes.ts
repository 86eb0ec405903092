// The catalogue over HTTP: list, search and detail of products.

import { z } from '@hono/zod-openapi'
import { invalidCursor, notFound } from '../../http/errors.ts'
import { CATALOGUE_CACHE, operation, reply } from '../../http/operation.ts'
import { createRouter } from '../../http/router.ts'
import { currencyNotOffered } from '../shop/errors.ts'
import { notSoldInCurrency } from './errors.ts'
import { CurrencyQuery, Product, ProductList, ProductQuery } from './schemas.ts'
import { getProduct, listProducts } from './service.ts'

const listProductsOperation = operation({
  method: 'get',
  path: '/v1/products',
  operationId: 'listProducts',
  summary: 'List or search products',
  description:
    'Lists the products that are on sale, newest first, or searches them with `q`: every word must occur, endings may be missing, diacritics do not matter and one wrong letter is forgiven; a whole SKU or barcode finds its product first. Filters narrow the list together. Each product comes whole, with its variants, prices in one currency and stock.',
  tag: 'Catalogue',
  permission: 'public',
  request: { query: ProductQuery },
  success: { status: 200, description: 'A page of products.', schema: ProductList },
  problems: [invalidCursor, currencyNotOffered],
})

const getProductOperation = operation({
  method: 'get',
  path: '/v1/products/{id_or_handle}',
  operationId: 'getProduct',
  summary: 'Get a product',
  description:
    'Reads one product that is on sale, by its id or its handle. Its variants without a price in the currency are left out.',
  tag: 'Catalogue',
  permission: 'public',
  request: {
    params: z.object({
      id_or_handle: z
        .string()
        .openapi({ description: 'Id or handle of the product.', example: 'linen-shirt' }),
    }),
    query: z.strictObject(CurrencyQuery),
  },
  success: { status: 200, description: 'The product.', schema: Product },
  problems: [notFound, notSoldInCurrency, currencyNotOffered],
})

/** Routes of products. */
export const productRoutes = () =>
  createRouter()
    .openapi(listProductsOperation, async c =>
      reply(c, ProductList, await listProducts(c.var.deps, c.req.valid('query')), { cache: CATALOGUE_CACHE }),
    )
    .openapi(getProductOperation, async c => {
      const { id_or_handle } = c.req.valid('param')
      const product = await getProduct(c.var.deps, id_or_handle, c.req.valid('query').currency)
      return reply(c, Product, product, { cache: CATALOGUE_CACHE })
    })
