// Wire shapes of uploaded pictures.

import { z } from '@hono/zod-openapi'

export const IMAGE_TYPES = ['image/png', 'image/jpeg', 'image/webp', 'image/gif', 'image/avif'] as const
export const MAX_IMAGE_BYTES = 10 * 1024 * 1024

const hash = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'

export const Image = z
  .strictObject({
    id: z.string().openapi({ description: 'SHA-256 of the bytes: the same picture again is the same one.' }),
    url: z
      .string()
      .openapi({ description: 'Path in this shop: use it in `images` of a product, or in a collection.' }),
    media_type: z.enum(IMAGE_TYPES),
    width: z.int(),
    height: z.int(),
    bytes: z.int(),
  })
  .openapi('Image', {
    description: 'A picture that was uploaded.',
    example: {
      id: hash,
      url: `/images/${hash}.png`,
      media_type: 'image/png',
      width: 1200,
      height: 1600,
      bytes: 184_320,
    },
  })

export type Image = z.output<typeof Image>
