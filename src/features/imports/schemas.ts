// Wire shapes of imports and exports.

import { z } from '@hono/zod-openapi'
import { queryBoolean } from '../../http/schemas.ts'

export const MAX_IMPORT_BYTES = 4 * 1024 * 1024

const ImportProblem = z
  .strictObject({
    line: z.int().openapi({ description: 'Of the file, from 1.' }),
    column: z.string().nullable().openapi({ description: 'Null when it is not about one column.' }),
    reason: z.string(),
    handle: z.string().nullable().openapi({ description: 'Of the product, where it is known.' }),
  })
  .openapi('ImportProblem', {
    description: 'One thing that is wrong with a file.',
    example: { line: 3, column: 'Variant Price', reason: '"x" is not a price', handle: 'linen-shirt' },
  })

export const ImportQuery = z.strictObject({
  dry_run: queryBoolean().optional().openapi({
    type: 'boolean',
    description: '`true`: check the file and say what is in it, but write nothing.',
  }),
  skip_invalid: queryBoolean().optional().openapi({
    type: 'boolean',
    description: '`true`: import the good products of a file that has bad ones.',
  }),
  set_stock: queryBoolean().optional().openapi({
    type: 'boolean',
    description:
      '`true`: set the stock of every variant to the file’s number. Without it only new variants get theirs, and those that the shop counts already keep their stock, since they may have been sold since the export.',
  }),
})

export const ImportResult = z
  .strictObject({
    dry_run: z.boolean(),
    products: z.int().openapi({ description: 'Good products in the file.' }),
    variants: z.int(),
    created: z.int(),
    updated: z.int().openapi({ description: 'Products that were there already, changed or not.' }),
    problems: z.array(ImportProblem).openapi({ description: 'The first 1,000.' }),
    problem_count: z.int(),
  })
  .openapi('ImportResult', {
    description: 'What was in the file, and what became of it.',
    example: {
      dry_run: false,
      products: 2,
      variants: 6,
      created: 1,
      updated: 1,
      problems: [],
      problem_count: 0,
    },
  })

export const ProductCsv = z.string().openapi({
  description:
    'Shopify’s product columns, with `Price / CUR` for further currencies and `Metadata`. A text that a spreadsheet would run as a formula has an apostrophe in front, which an import takes away again.',
})

export type ImportQuery = z.output<typeof ImportQuery>
export type ImportResult = z.output<typeof ImportResult>
export type ImportProblem = z.output<typeof ImportProblem>
