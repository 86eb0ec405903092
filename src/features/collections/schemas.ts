// Wire shapes of collections.

import { z } from '@hono/zod-openapi'
import { list, Page, Timestamp } from '../../http/schemas.ts'

const exampleCollection = {
  id: 'col_01M81J18G0F1WA11106WFXGE4G',
  handle: 'summer',
  title: 'Summer',
  description_html: '<p>Light things for warm days.</p>',
  kind: 'rules',
  image_url: null,
  created_at: '2026-11-22T12:00:00.000Z',
  updated_at: '2026-11-22T12:00:00.000Z',
}

export const Collection = z
  .strictObject({
    id: z.string().openapi({ example: 'col_01M81J18G0F1WA11106WFXGE4G' }),
    handle: z.string().openapi({ example: 'summer' }),
    title: z.string().openapi({ example: 'Summer' }),
    description_html: z.string(),
    kind: z.enum(['manual', 'rules']).openapi({ description: 'Picked by hand, or whatever fits its rules.' }),
    image_url: z.string().nullable(),
    created_at: Timestamp,
    updated_at: Timestamp,
  })
  .openapi('Collection', { description: 'Products that belong together.', example: exampleCollection })

export const CollectionList = list('CollectionList', Collection, exampleCollection)
export const CollectionQuery = z.strictObject(Page)

export type Collection = z.output<typeof Collection>
export type CollectionList = z.output<typeof CollectionList>
export type CollectionQuery = z.output<typeof CollectionQuery>
