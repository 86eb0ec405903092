// Pictures that staff upload and everybody sees: what is refused, what is kept, and how it is served.

import { beforeAll, describe, expect, test } from 'vitest'
import { createApp } from '../../../src/app.ts'
import { sha256 } from '../../../src/lib/hash.ts'
import { avif, GIF, JPEG, PNG, pngOf, WEBP } from '../../support/pictures.ts'
import { openShop, type TestShop } from '../../support/shop.ts'
import { aDesk, type Desk, lastAudit } from '../../support/staff.ts'

const PATH = '/v1/admin/images'
let shop: TestShop
let desk: Desk
beforeAll(async () => {
  shop = await openShop()
  desk = await aDesk(shop)
})

const upload = (bytes: Uint8Array | string, type: string) => desk.post(PATH, bytes, { 'Content-Type': type })
const fetchRaw = (path: string, init?: RequestInit) =>
  createApp(shop.deps).fetch(new Request(`https://shop.example${path}`, init))

describe('an upload', () => {
  test.each([
    ['image/png', PNG, 'png'],
    ['image/jpeg', JPEG, 'jpg'],
    ['image/webp', WEBP, 'webp'],
    ['image/gif', GIF, 'gif'],
    ['image/avif', avif([3, 2]), 'avif'],
  ])('of %s is kept under its hash and served byte for byte, for good', async (type, bytes, ending) => {
    const answer = await upload(bytes, type)
    expect(answer.status, answer.text).toBe(201)
    const hash = await sha256(new Uint8Array(bytes).buffer)
    const url = `/images/${hash}.${ending}`
    expect(answer.body).toEqual({ id: hash, url, media_type: type, width: 3, height: 2, bytes: bytes.length })
    expect(answer.headers.get('Location')).toBe(url)
    const served = await fetchRaw(url)
    expect(served.status).toBe(200)
    expect(new Uint8Array(await served.arrayBuffer())).toEqual(new Uint8Array(bytes))
    expect(Object.fromEntries(served.headers)).toMatchObject({
      'content-type': type,
      'cache-control': 'public, max-age=31536000, immutable',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
      etag: `"${hash}"`,
    })
    expect(await lastAudit(shop, hash)).toMatchObject({ actor: desk.person.id, action: 'image.uploaded' })
    // The same again is the same.
    expect((await upload(bytes, type)).body).toEqual(answer.body)
  })

  test('answers HEAD without a body and 304 to who has it', async () => {
    const { url, id } = (await upload(PNG, 'image/png')).body
    const head = await fetchRaw(url, { method: 'HEAD' })
    expect([head.status, await head.text(), head.headers.get('ETag')]).toEqual([200, '', `"${id}"`])
    const again = await fetchRaw(url, { headers: { 'If-None-Match': `"${id}"` } })
    expect([again.status, await again.text()]).toEqual([304, ''])
  })

  test('is a picture of a product that buyers see', async () => {
    const { url } = (await upload(PNG, 'image/png')).body
    const product = await desk.post('/v1/admin/products', {
      title: 'Pictured',
      status: 'active',
      images: [{ url, alt: 'It' }],
      variants: [{ prices: [{ currency: 'EUR', amount: 1 }], image_url: url }],
    })
    expect(product.status, product.text).toBe(201)
    const shown = (await shop.get('/v1/products/pictured')).body
    expect(shown.images).toEqual([{ url: `https://shop.example${url}`, alt: 'It' }])
  })

  const html = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
  test.each<[string, Uint8Array | string, string, number, string]>([
    ['an SVG', html, 'image/svg+xml', 415, 'unsupported_media_type'],
    ['a picture in no type', PNG, 'application/octet-stream', 415, 'unsupported_media_type'],
    ['a script under the name of a PNG', html, 'image/png', 422, 'image_unreadable'],
    ['a JPEG under the name of a PNG', JPEG, 'image/png', 422, 'image_unreadable'],
    ['nothing', '', 'image/png', 422, 'image_unreadable'],
    ['a cut-off picture', PNG.slice(0, 18), 'image/png', 422, 'image_unreadable'],
    ['26 million pixels', pngOf(5200, 5000), 'image/png', 422, 'image_too_large'],
    ['a side of 16,385', pngOf(16385, 1), 'image/png', 422, 'image_too_large'],
  ])('of %s is refused', async (_what, bytes, type, status, code) => {
    const answer = await upload(bytes, type)
    expect([answer.status, answer.body.code]).toEqual([status, code])
  })

  test('may have 10 MiB and not a byte more; everything else keeps the small limit', async () => {
    const large = new Uint8Array(10 * 1024 * 1024)
    large.set(PNG)
    expect((await upload(large, 'image/png')).status).toBe(201)
    const tooLarge = new Uint8Array(large.length + 1)
    tooLarge.set(PNG)
    expect((await upload(tooLarge, 'image/png')).body.code).toBe('body_too_large')
    const elsewhere = await desk.post('/v1/admin/products', ' '.repeat(256 * 1024 + 1))
    expect(elsewhere.body.code).toBe('body_too_large')
  })

  test('needs the right to write products', async () => {
    const viewer = await aDesk(shop, 'viewer')
    expect((await viewer.post(PATH, PNG, { 'Content-Type': 'image/png' })).status).toBe(403)
  })

  test('where nothing keeps pictures is answered so', async () => {
    const bare = await openShop({ file: null, deps: { images: null } })
    const answer = await bare.post(PATH, PNG, { ...desk.person.auth, 'Content-Type': 'image/png' })
    expect([answer.status, answer.body.code]).toEqual([503, 'images_not_kept'])
  })
})

test('a name that no upload has is not found, whatever it looks like', async () => {
  const hash = await sha256('nobody uploaded this')
  for (const name of [`${hash}.png`, `${hash}.svg`, `${hash}.exe`, '..%2f..%2fetc%2fpasswd', `${hash}`]) {
    const answer = await shop.get(`/images/${name}`)
    expect([answer.status, answer.body.code], name).toEqual([404, 'not_found'])
  }
})
