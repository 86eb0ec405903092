// Collections as staff create, change and delete them, and who is in, at once.

import { beforeAll, describe, expect, test } from 'vitest'
import { type Answer, openShop, type TestShop, withKey } from '../../support/shop.ts'
import { aDesk, type Desk, eventsOf, lastAudit } from '../../support/staff.ts'

const PATH = '/v1/admin/collections'
let shop: TestShop
let desk: Desk
beforeAll(async () => {
  shop = await openShop()
  desk = await aDesk(shop)
})

const at = ({ id }: { id: string }) => `${PATH}/${id}`
async function aCollection(input: Record<string, unknown> = {}): Promise<Answer['body']> {
  const answer = await desk.post(PATH, { title: `Col ${crypto.randomUUID()}`, ...input })
  expect(answer.status, answer.text).toBe(201)
  return answer.body
}
const rule = (field: string, relation: string, value: string) => ({
  match: 'all',
  conditions: [{ field, relation, value }],
})
const members = async ({ id }: { id: string }): Promise<string[]> =>
  (await desk.get(`/v1/admin/products?limit=100&collection=${id}`)).body.data
    .map((item: { id: string }) => item.id)
    .toSorted()

describe('a collection', () => {
  test('is created, read, listed, changed and deleted, and buyers see it so', async () => {
    const created = await desk.post(PATH, {
      title: 'Été chaud',
      description_html: '<b onclick="x">Hot</b><script>x</script>',
      image_url: '/images/c.svg',
    })
    const { body } = created
    expect(created.status, created.text).toBe(201)
    expect(body).toMatchObject({
      handle: 'ete-chaud',
      kind: 'manual',
      rules: null,
      description_html: '<b>Hot</b>',
    })
    expect(created.headers.get('Location')).toBe(at(body))
    const read = await desk.get(at(body))
    expect([read.body, read.headers.get('ETag')]).toEqual([body, created.headers.get('ETag')])
    expect((await shop.get('/v1/collections/ete-chaud')).body.image_url).toBe(
      'https://shop.example/images/c.svg',
    )

    const changed = await desk.write('PATCH', at(body), {
      title: 'Winter',
      handle: 'winter',
      image_url: null,
    })
    expect(changed.body).toEqual({
      ...body,
      title: 'Winter',
      handle: 'winter',
      image_url: null,
      updated_at: changed.body.updated_at,
    })
    expect((await shop.get('/v1/collections/winter')).body.title).toBe('Winter')
    expect(await lastAudit(shop, body.id)).toMatchObject({
      actor: desk.person.id,
      action: 'collection.updated',
      changes: { title: ['Été chaud', 'Winter'] },
    })

    expect((await desk.write('DELETE', at(body))).status).toBe(204)
    expect((await shop.get('/v1/collections/winter')).status).toBe(404)
    expect((await eventsOf(shop, body.id)).map(({ type, data }) => [type, data.version])).toEqual([
      ['collection.created', 1],
      ['collection.updated', 2],
      ['collection.deleted', 3],
    ])
  })

  test('is listed by handle or newest first, page by page, trimmed to what is asked for', async () => {
    for (const handle of ['zz-1', 'zz-3', 'zz-2']) await aCollection({ handle })
    const seen: string[] = []
    let cursor = ''
    do {
      const { body } = await desk.get(`${PATH}?limit=2&fields=handle${cursor}`)
      seen.push(...body.data.map((item: { handle: string }) => item.handle))
      expect(Object.keys(body.data[0])).toEqual(['id', 'handle'])
      cursor = body.next_cursor ? `&cursor=${body.next_cursor}` : ''
    } while (cursor)
    expect(seen).toEqual(seen.toSorted())
    expect(seen.slice(-3)).toEqual(['zz-1', 'zz-2', 'zz-3'])
    const newest = await desk.get(`${PATH}?sort=newest&limit=2`)
    expect(newest.body.data.map((item: { handle: string }) => item.handle)).toEqual(['zz-2', 'zz-3'])
    const next = await desk.get(`${PATH}?sort=newest&limit=1&cursor=${newest.body.next_cursor}`)
    expect(next.body.data[0].handle).toBe('zz-1')
  })

  test('with one key is made once', async () => {
    const key = withKey()
    const input = { title: 'Once', handle: 'once' }
    const answers = await Promise.all(Array.from({ length: 5 }, () => desk.post(PATH, input, key)))
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1)
    expect(answers[0]?.status).toBe(201)
    const other = await desk.post(PATH, input, withKey())
    expect([other.status, other.body.code]).toEqual([409, 'handle_taken'])
    const renamed = await desk.write('PATCH', at(await aCollection()), { handle: 'once' })
    expect([renamed.status, renamed.body.code]).toEqual([409, 'handle_taken'])
  })

  test.each<[string, Record<string, unknown>, string]>([
    ['a text compared as a number', { rules: rule('tag', 'less_than', '3') }, '/rules/conditions/0'],
    ['a price that is none', { rules: rule('price', 'equals', '1.5') }, '/rules/conditions/0'],
    ['no conditions', { rules: { match: 'all', conditions: [] } }, '/rules/conditions'],
    ['a picture by script', { image_url: 'javascript:x' }, '/image_url'],
    ['a title without letters', { title: '…' }, '/handle'],
    ['a kind', { kind: 'manual' }, '/kind'],
  ])('with %s is refused', async (_what, input, pointer) => {
    const answer = await desk.post(PATH, { title: 'Bad', ...input })
    expect(answer.status, answer.text).toBe(422)
    expect(answer.body.errors[0].pointer).toMatch(new RegExp(`^${pointer}`))
  })

  test('is written under its newest version only', async () => {
    const collection = await aCollection()
    const old = await desk.etag(at(collection))
    await desk.write('PATCH', at(collection), { title: 'New' })
    for (const [method, path, body] of [
      ['PATCH', at(collection), { title: 'x' }],
      ['PUT', `${at(collection)}/products`, { product_ids: [] }],
      ['PATCH', `${at(collection)}/products`, { add: [] }],
      ['DELETE', at(collection), undefined],
    ] as const) {
      expect((await desk.write(method, path, body, null)).status).toBe(428)
      expect((await desk.write(method, path, body, old)).status).toBe(412)
      expect((await desk.write(method, path.replace(/col_\w+/, 'col_none'), body, old)).status).toBe(404)
    }
    expect((await desk.get(at(collection))).body.title).toBe('New')
  })

  test('costs one call to read and two to write, beside the check of the right', async () => {
    const collection = await aCollection()
    const tag = await desk.etag(at(collection))
    const { id } = await shop.addProduct()
    expect(await shop.countCalls(() => desk.get(at(collection)))).toBe(2)
    expect(await shop.countCalls(() => desk.get(PATH))).toBe(2)
    expect(await shop.countCalls(() => desk.post(PATH, { title: crypto.randomUUID() }))).toBe(3)
    const put = () => desk.write('PUT', `${at(collection)}/products`, { product_ids: [id] }, tag)
    expect(await shop.countCalls(put)).toBe(3)
  })
})

describe('the products of a collection', () => {
  test('picked by hand are set, added and removed', async () => {
    const collection = await aCollection()
    const ids = (await Promise.all([1, 2, 3].map(() => shop.addProduct()))).map(({ id }) => id).toSorted()
    const [one = '', two = '', three = ''] = ids
    const path = `${at(collection)}/products`
    const tag = async () => desk.etag(at(collection))
    expect((await desk.write('PUT', path, { product_ids: [two, one, one] }, await tag())).status).toBe(200)
    expect(await members(collection)).toEqual([one, two])
    const answer = await desk.write(
      'PATCH',
      path,
      { add: [three, one], remove: [two, 'prod_gone'] },
      await tag(),
    )
    expect(answer.status, answer.text).toBe(200)
    expect(await members(collection)).toEqual([one, three])
    expect(await lastAudit(shop, collection.id)).toMatchObject({
      changes: { add: [three, one], remove: [two, 'prod_gone'] },
    })
    expect((await shop.get(`/v1/products?collection=${collection.handle}`)).body.data).toHaveLength(2)
    await desk.write('PUT', path, { product_ids: [] }, answer.headers.get('ETag'))
    expect(await members(collection)).toEqual([])
  })

  test('that do not exist are named, and nothing changes', async () => {
    const collection = await aCollection()
    const { id } = await shop.addProduct()
    const path = `${at(collection)}/products`
    const tag = await desk.etag(at(collection))
    const set = await desk.write('PUT', path, { product_ids: [id, 'prod_x', 'prod_y'] }, tag)
    expect(
      set.body.errors.map(({ pointer, code }: { pointer: string; code: string }) => [pointer, code]),
    ).toEqual([
      ['/product_ids/1', 'not_found'],
      ['/product_ids/2', 'not_found'],
    ])
    const added = await desk.write('PATCH', path, { add: ['prod_x'] }, tag)
    expect(added.body.errors[0].pointer).toBe('/add/0')
    expect([await members(collection), await desk.etag(at(collection))]).toEqual([[], tag])
    const many = await desk.write('PUT', path, { product_ids: Array(1001).fill(id) }, tag)
    expect(many.body.errors[0]).toMatchObject({ pointer: '/product_ids', code: 'too_big' })
  })

  test('by rules are what fits, from the moment of writing, and cannot be picked', async () => {
    const tag = crypto.randomUUID()
    const fits = await shop.addProduct({ tags: [tag] })
    const other = await shop.addProduct({ vendor: tag })
    const collection = await aCollection({ rules: rule('tag', 'equals', tag) })
    expect(collection.kind).toBe('rules')
    expect(await members(collection)).toEqual([fits.id])
    await desk.write('PATCH', at(collection), {
      rules: rule('vendor', 'starts_with', tag.toUpperCase().slice(0, 9)),
    })
    expect(await members(collection)).toEqual([other.id])
    for (const [method, body] of [
      ['PUT', { product_ids: [] }],
      ['PATCH', { add: [fits.id] }],
    ] as const) {
      const answer = await desk.write(
        method,
        `${at(collection)}/products`,
        body,
        await desk.etag(at(collection)),
      )
      expect([answer.status, answer.body.code]).toEqual([409, 'collection_by_rules'])
    }
    const byHand = await desk.write('PATCH', at(await aCollection()), { rules: rule('tag', 'equals', tag) })
    expect([byHand.status, byHand.body.code]).toEqual([409, 'collection_by_hand'])
  })

  test.each<[string, Record<string, unknown>, Record<string, unknown>, Record<string, unknown>]>([
    ['a tag', rule('tag', 'not_equals', 'sold'), { tags: ['sold'] }, { tags: ['Sold out'] }],
    [
      'a price',
      rule('price', 'greater_than', '5000'),
      {},
      { variants: [{ prices: [{ currency: 'EUR', amount: 5001 }] }] },
    ],
    ['a title', rule('title', 'contains', 'QUARTZ'), {}, { title: 'Rose quartz' }],
    [
      'any of two conditions',
      {
        match: 'any',
        conditions: [rule('vendor', 'equals', 'Zed'), rule('product_type', 'equals', 'Zed')].flatMap(
          r => r.conditions,
        ),
      },
      {},
      { product_type: 'Zed' },
    ],
  ])('by rules follow a change of %s in the unit that makes it', async (_what, rules, before, after) => {
    const product = await desk.post('/v1/admin/products', {
      title: `Ruled ${crypto.randomUUID()}`,
      variants: [{ prices: [{ currency: 'EUR', amount: 100 }] }],
      ...before,
    })
    const path = `/v1/admin/products/${product.body.id}`
    const collection = await aCollection({ rules })
    const isIn = async () => (await members(collection)).includes(product.body.id)
    expect(await isIn()).toBe(false)
    expect((await desk.write('PATCH', path, after)).status).toBe(200)
    expect(await isIn()).toBe(true)
    const back = {
      title: 'Plain',
      tags: [],
      product_type: '',
      variants: [{ prices: [{ currency: 'EUR', amount: 100 }] }],
      ...before,
    }
    await desk.write('PATCH', path, back)
    expect(await isIn()).toBe(false)
  })
})
