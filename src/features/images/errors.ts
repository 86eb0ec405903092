import type { ErrorKind } from '../../lib/errors.ts'

export const imageUnreadable: ErrorKind = {
  code: 'image_unreadable',
  status: 422,
  title: 'The bytes are not a picture of the type that was said',
  help: 'Send a whole PNG, JPEG, WebP, GIF or AVIF file as it is, and its own type in `Content-Type`. SVG is refused: it can run scripts.',
}

export const imageTooLarge: ErrorKind = {
  code: 'image_too_large',
  status: 422,
  title: 'The picture has too many pixels',
  help: 'At most 25 million pixels (such as 5,000 × 5,000), and no side above 16,384. Make it smaller.',
}

export const imagesNotKept: ErrorKind = {
  code: 'images_not_kept',
  status: 503,
  title: 'This shop has no place for pictures',
  help: 'Its operator has not bound a bucket (`IMAGES`); pictures may still be named by an https address elsewhere.',
}
