// Uploaded pictures: checked by their bytes, kept under the hash of them, served for good.

import type { Deps } from '../../deps.ts'
import type { Actor } from '../../http/context.ts'
import { notFound } from '../../http/errors.ts'
import { DomainError } from '../../lib/errors.ts'
import { sha256 } from '../../lib/hash.ts'
import { auditBy } from '../audit/statements.ts'
import { imagesNotKept, imageTooLarge, imageUnreadable } from './errors.ts'
import { type ImageFormat, readImage } from './formats.ts'
import type { Image } from './schemas.ts'

const MAX_PIXELS = 25_000_000
const MAX_SIDE = 16_384
const RETRY_SECONDS = 3600

/** Media type and ending of each format. */
const TYPES: Record<ImageFormat, { type: Image['media_type']; ending: string }> = {
  png: { type: 'image/png', ending: 'png' },
  jpeg: { type: 'image/jpeg', ending: 'jpg' },
  gif: { type: 'image/gif', ending: 'gif' },
  webp: { type: 'image/webp', ending: 'webp' },
  avif: { type: 'image/avif', ending: 'avif' },
}

/** Keeps a picture and says where it is. Raises `image_unreadable`, `image_too_large`, `images_not_kept`. */
export async function uploadImage(
  deps: Deps,
  actor: Actor,
  saidType: string,
  content: ArrayBuffer,
): Promise<Image> {
  const { images, clock } = deps
  if (!images)
    throw new DomainError(imagesNotKept, 'No bucket is bound.', { retryAfterSeconds: RETRY_SECONDS })
  const bytes = new Uint8Array(content)
  const info = readImage(bytes)
  if (!info) throw new DomainError(imageUnreadable, 'These bytes are no picture that is known.')
  const { type, ending } = TYPES[info.format]
  if (type !== saidType) throw new DomainError(imageUnreadable, `This is ${type}, not ${saidType}.`)
  const { width, height } = info
  if (width * height > MAX_PIXELS || Math.max(width, height) > MAX_SIDE)
    throw new DomainError(imageTooLarge, `The picture has ${width} × ${height} pixels.`)

  const hash = await sha256(content)
  const name = `${hash}.${ending}`
  await images.put(name, bytes, type)
  // Kept first: should this fail, the same upload again is the same picture.
  await auditBy(deps, actor, 'image.uploaded', hash, { type, bytes: bytes.length, width, height }, clock())
  return { id: hash, url: `/images/${name}`, media_type: type, width, height, bytes: bytes.length }
}

/** The picture by its name, `<sha-256>.<ending>`. Raises `not_found`. */
export async function readUploadedImage(
  { images }: Deps,
  hash: string,
  ending: string,
): Promise<{ content: ReadableStream<Uint8Array> | Uint8Array; type: string }> {
  const content = await images?.get(`${hash}.${ending}`)
  const known = Object.values(TYPES).find(each => each.ending === ending)
  if (!content || !known) throw new DomainError(notFound, 'There is no such picture.')
  return { content, type: known.type }
}
