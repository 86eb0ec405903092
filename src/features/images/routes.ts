// Uploaded pictures over HTTP: staff send them, everybody sees them.

import { unsupportedMediaType } from '../../http/errors.ts'
import { actorOf, bytesOf, operation, rawBody, reply } from '../../http/operation.ts'
import { createRouter } from '../../http/router.ts'
import { imagesNotKept, imageTooLarge, imageUnreadable } from './errors.ts'
import { IMAGE_TYPES, Image } from './schemas.ts'
import { readUploadedImage, uploadImage } from './service.ts'

export const IMAGES_PATH = '/v1/admin/images'
/** A picture never changes under its name. */
const FOR_GOOD = 'public, max-age=31536000, immutable'
const PICTURE_POLICY = "default-src 'none'; sandbox"

const uploadImageOperation = operation({
  method: 'post',
  path: IMAGES_PATH,
  operationId: 'uploadImage',
  summary: 'Upload a picture',
  description:
    'Keeps a PNG, JPEG, WebP, GIF or AVIF file of up to 10 MiB and 25 million pixels, sent as it is. Use the `url` of the answer in a product or collection.',
  tag: 'Products',
  permission: 'products:write',
  request: { body: rawBody(IMAGE_TYPES) },
  success: { status: 201, description: 'The picture.', schema: Image, headers: ['Location'] },
  problems: [imageUnreadable, imageTooLarge, imagesNotKept, unsupportedMediaType],
})

/** Uploads of pictures. */
export const imageAdminRoutes = () =>
  createRouter().openapi(uploadImageOperation, async c => {
    const { type, bytes } = await bytesOf(c, IMAGE_TYPES)
    const image = await uploadImage(c.var.deps, actorOf(c), type, bytes)
    return reply(c, Image, image, { status: 201, headers: { Location: image.url } })
  })

/** `GET /images/<sha-256>.<ending>`: uploaded pictures. All other pictures are static files (http/pages.ts). */
export const imageRoutes = () =>
  createRouter().get('/images/:name{[0-9a-f]{64}\\.[a-z]{3,4}}', async c => {
    const [hash = '', ending = ''] = c.req.param('name').split('.')
    const headers = {
      ETag: `"${hash}"`,
      'Cache-Control': FOR_GOOD,
      'Content-Security-Policy': PICTURE_POLICY,
      'Cross-Origin-Resource-Policy': 'cross-origin',
    }
    const { content, type } = await readUploadedImage(c.var.deps, hash, ending)
    if (c.req.header('If-None-Match')?.includes(headers.ETag)) return c.body(null, 304, headers)
    return c.body(content as ReadableStream, 200, { ...headers, 'Content-Type': type })
  })
