// Wire shapes of collections as those who run the shop see and change them.

import { z } from '@hono/zod-openapi'
import { fieldsOf, trimmableList } from '../../http/fields.ts'
import { line, Page, Timestamp } from '../../http/schemas.ts'
import { Handle, Html, Id, ImageUrl } from '../products/admin-schemas.ts'

export const MAX_MEMBERS_A_REQUEST = 1000

const condition = <F extends z.ZodType, R extends z.ZodType, V extends z.ZodType>(
  field: F,
  relation: R,
  value: V,
) => z.strictObject({ field, relation, value })

const Rules = z.strictObject({
  match: z.enum(['all', 'any']),
  conditions: z
    .array(
      z.union([
        condition(
          z.enum(['tag', 'vendor', 'product_type', 'title']),
          z.enum(['equals', 'not_equals', 'contains', 'starts_with']),
          line(255),
        ),
        condition(
          z.literal('price'),
          z.enum(['equals', 'not_equals', 'less_than', 'greater_than']),
          z
            .string()
            .regex(/^\d{1,13}$/)
            .openapi({ description: 'Minor units of the shop’s own currency; the lowest price counts.' }),
        ),
      ]),
    )
    .min(1)
    .max(60),
})

const exampleRules = {
  match: 'all' as const,
  conditions: [{ field: 'tag' as const, relation: 'equals' as const, value: 'linen' }],
}

const fields = {
  handle: Handle.openapi({ example: 'summer' }),
  title: line(255).openapi({ example: 'Summer' }),
  description_html: Html,
  image_url: ImageUrl.nullable(),
}

const example = {
  id: 'col_01M81J18G0F1WA11106WFXGE4G',
  handle: 'summer',
  title: 'Summer',
  description_html: '<p>Light things for warm days.</p>',
  kind: 'rules' as const,
  rules: exampleRules,
  image_url: null,
  created_at: '2026-11-22T12:00:00.000Z',
  updated_at: '2026-11-22T12:00:00.000Z',
}

export const AdminCollection = z
  .strictObject({
    id: z.string(),
    handle: z.string(),
    title: z.string(),
    description_html: z.string(),
    kind: z.enum(['manual', 'rules']),
    rules: Rules.nullable().openapi({ description: 'Null when the products are picked by hand.' }),
    image_url: z.string().nullable(),
    created_at: Timestamp,
    updated_at: Timestamp,
  })
  .openapi('AdminCollection', { description: 'A collection as it is kept.', example })

export const AdminCollectionList = trimmableList('AdminCollectionList', AdminCollection, example)

export const AdminCollectionQuery = z.strictObject({
  sort: z.enum(['handle', 'newest']).optional().openapi({ description: '`handle` when left out.' }),
  fields: fieldsOf(AdminCollection),
  ...Page,
})

export const CreateCollection = z
  .strictObject({
    ...z.object(fields).partial().shape,
    title: fields.title,
    rules: Rules.optional().openapi({ description: 'Left out, the products are picked by hand.' }),
  })
  .openapi('CreateCollection', {
    description: 'A collection. The handle is made of the title when left out.',
    example: { title: 'Linen', rules: exampleRules },
  })

export const UpdateCollection = z
  .strictObject({ ...fields, rules: Rules })
  .partial()
  .openapi('UpdateCollection', {
    description: 'What is to change; what is left out stays. Only a collection by rules has `rules`.',
    example: { title: 'Summer again' },
  })

const productIds = (max: number) =>
  z
    .array(Id)
    .max(max)
    .openapi({ example: ['prod_01M81J18G0F1WA11106WFXGE4J'] })

export const SetMembers = z
  .strictObject({ product_ids: productIds(MAX_MEMBERS_A_REQUEST) })
  .openapi('SetMembers', {
    description: 'All products that there are then.',
    example: { product_ids: ['prod_01M81J18G0F1WA11106WFXGE4J'] },
  })

export const ChangeMembers = z
  .strictObject({
    add: productIds(MAX_MEMBERS_A_REQUEST).optional(),
    remove: productIds(MAX_MEMBERS_A_REQUEST).optional(),
  })
  .openapi('ChangeMembers', {
    description: 'Products to take in, and products to take out.',
    example: { add: ['prod_01M81J18G0F1WA11106WFXGE4J'] },
  })

export type AdminCollection = z.output<typeof AdminCollection>
export type AdminCollectionQuery = z.output<typeof AdminCollectionQuery>
export type CreateCollection = z.output<typeof CreateCollection>
export type UpdateCollection = z.output<typeof UpdateCollection>
export type SetMembers = z.output<typeof SetMembers>
export type ChangeMembers = z.output<typeof ChangeMembers>
