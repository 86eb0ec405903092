// What picture some bytes are: each format by its own bytes, and nothing else.

import { readFile } from 'node:fs/promises'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readImage } from '../../../src/features/images/formats.ts'
import { avif, GIF, JPEG, PNG, WEBP, WEBP_EXTENDED, WEBP_LOSSLESS } from '../../support/pictures.ts'

const PICTURES: [string, Uint8Array][] = [
  ['png', PNG],
  ['jpeg', JPEG],
  ['webp', WEBP],
  ['webp', WEBP_LOSSLESS],
  ['webp', WEBP_EXTENDED],
  ['gif', GIF],
  ['avif', avif([3, 2])],
]
const text = (content: string) => new TextEncoder().encode(content)

describe('a picture', () => {
  test.each(PICTURES)('is known as %s, with its size', (format, bytes) => {
    expect(readImage(bytes)).toEqual({ format, width: 3, height: 2 })
  })

  test('in tiles is as large as the whole', () => {
    expect(readImage(avif([512, 512], [4000, 3000], [160, 120]))).toMatchObject({ width: 4000, height: 3000 })
  })

  test.each(PICTURES)('that is cut off before its size is none (%s)', (_format, bytes) => {
    for (let length = 0; length < 10; length++) expect(readImage(bytes.slice(0, length))).toBeNull()
  })

  test.each([
    ['an SVG', text('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>')],
    ['HTML', text('<!doctype html><script>alert(1)</script>')],
    ['a GIF of no size', text('GIF89a\0\0\0\0;')],
    ['an MP4', Uint8Array.from([0, 0, 0, 16, ...text('ftypisom'), 0, 0, 0, 0])],
    ['nothing', new Uint8Array()],
    ['a PNG without its first chunk', PNG.slice(0, 8)],
    [
      'a brand across the boundary of two',
      Uint8Array.from([0, 0, 0, 24, ...text('ftypmif1'), 0, 0, 0, 0, ...text('xxavifxx')]),
    ],
  ])('is not %s', (_what, bytes) => {
    expect(readImage(bytes)).toBeNull()
  })

  test('never makes the reader throw, however it is damaged', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...PICTURES.map(([, bytes]) => bytes)),
        fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { maxLength: 12 }),
        fc.nat(400),
        (bytes, changes, length) => {
          const damaged = bytes.slice(0, length)
          for (const [at, value] of changes) if (at < damaged.length) damaged[at] = value
          const info = readImage(damaged)
          expect(info === null || (info.width > 0 && info.height > 0)).toBe(true)
        },
      ),
      { numRuns: 3000 },
    )
  })

  test('of the documentation viewer is read as it is on disk', async () => {
    const logo = await readFile('node_modules/swagger-ui-dist/favicon-32x32.png')
    expect(readImage(new Uint8Array(logo))).toEqual({ format: 'png', width: 32, height: 32 })
  })
})
