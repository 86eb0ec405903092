// Wire shapes of collections.

import { z } from '@hono/zod-openapi'
import { list, Page, Timestamp } from '../../http/schemas.ts'

export const Collection = z
  .strictObject({
    id: z.string().openapi({ example: 'col_01KAMRCB9R2W4E6R8T0Y2U4I6O' }),
    handle: z.string().openapi({ example: 'kitchen' }),
    title: z.string().openapi({ example: 'Kitchen' }),
    description_html: z.string(),
    kind: z.enum(['manual', 'rules']).openapi({ description: 'Picked by hand, or whatever fits its rules.' }),
    image_url: z.string().nullable(),
    created_at: Timestamp,
    updated_at: Timestamp,
  })
  .openapi('Collection')

export const CollectionList = list('CollectionList', Collection)
export const CollectionQuery = z.strictObject(Page)

export type Collection = z.output<typeof Collection>
export type CollectionList = z.output<typeof CollectionList>
export type CollectionQuery = z.output<typeof CollectionQuery>
