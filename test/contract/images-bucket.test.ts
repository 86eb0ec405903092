// Uploaded pictures in a real R2 bucket, as workerd emulates it.

import { env } from 'cloudflare:workers'
import { expect, test } from 'vitest'
import { bucketImages } from '../../src/features/images/store.ts'
import { PNG } from '../support/pictures.ts'

test('a picture in the bucket is read as it was written, with its type', async () => {
  const images = bucketImages(env.IMAGES)
  expect(await images.get('none.png')).toBeNull()
  await images.put('a.png', PNG, 'image/png')
  await images.put('a.png', PNG, 'image/png')
  const content = await images.get('a.png')
  expect(new Uint8Array(await new Response(content as ReadableStream).arrayBuffer())).toEqual(PNG)
  expect((await env.IMAGES.head('a.png'))?.httpMetadata?.contentType).toBe('image/png')
})
