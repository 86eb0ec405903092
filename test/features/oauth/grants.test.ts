// What a person let apps do: seen and taken back by them alone.

import { sql } from 'drizzle-orm'
import { beforeAll, expect, test } from 'vitest'
import {
  type AClient,
  aBrowser,
  aCode,
  anApp,
  appTokens,
  aRequest,
  bearer,
  redeem,
  refreshWith,
} from '../../support/apps.ts'
import { face } from '../../support/diff.ts'
import { aPerson } from '../../support/people.ts'
import { openShop, type TestShop } from '../../support/shop.ts'

let shop: TestShop
let app: AClient
beforeAll(async () => {
  shop = await openShop()
  app = await anApp(shop)
})

const grantsOf = async (auth: Record<string, string>) =>
  (await shop.get('/v1/users/me/grants', auth)).body.data

test('grants are listed page by page, with all that was ever allowed and not taken back', async () => {
  const person = await aPerson(shop)
  const others = await Promise.all([1, 2].map(i => anApp(shop, { name: `App ${i}` })))
  for (const client of [app, ...others]) await aCode(shop, person, client, { scope: 'openid' })
  await aCode(shop, person, app, { scope: 'me:orders openid' })
  const first = await shop.get('/v1/users/me/grants?limit=2', person.auth)
  const second = await shop.get(`/v1/users/me/grants?limit=2&cursor=${first.body.next_cursor}`, person.auth)
  expect([...first.body.data, ...second.body.data].map(({ name }: { name: string }) => name)).toEqual([
    'Garden planner',
    'App 1',
    'App 2',
  ])
  expect(second.body.next_cursor).toBeNull()
  expect(first.body.data[0].scopes.sort()).toEqual(['me:orders', 'openid'])
})

test('a grant taken back ends the app’s sessions and codes at once, and it is asked for again', async () => {
  const person = await aPerson(shop)
  const browser = aBrowser(shop)
  const tokens = await appTokens(shop, person, app)
  const code = await aCode(shop, person, app, {}, browser)
  const [grant] = await grantsOf(person.auth)
  const path = `/v1/users/me/grants/${grant.id}`
  expect((await shop.call('DELETE', path, { headers: person.auth })).status).toBe(204)
  expect(await grantsOf(person.auth)).toEqual([])
  expect((await shop.get('/v1/users/me/orders', bearer(tokens.access_token))).status).toBe(401)
  expect((await refreshWith(shop, app, tokens.refresh_token)).body.error).toBe('invalid_grant')
  expect((await redeem(shop, app, code)).body.error).toBe('invalid_grant')
  expect((await browser.get(aRequest(app))).text).toContain('value="allow"')
  expect((await shop.call('DELETE', path, { headers: person.auth })).status).toBe(404)
  expect((await shop.get('/v1/users/me', person.auth)).status).toBe(200)
  const actions = await shop.db.all<{ action: string }>(
    sql`SELECT action FROM audit_log WHERE actor = ${person.id} AND action LIKE 'app.%' ORDER BY id`,
  )
  expect(actions.map(({ action }) => action)).toEqual(['app.allowed', 'app.allowed', 'app.revoked'])
})

test('another person’s grant looks exactly like one that does not exist (INV-404)', async () => {
  const [ada, eve] = [await aPerson(shop), await aPerson(shop)]
  await aCode(shop, ada, app)
  const [grant] = await grantsOf(ada.auth)
  const remove = (id: string) => shop.call('DELETE', `/v1/users/me/grants/${id}`, { headers: eve.auth })
  expect(face(await remove(grant.id))).toEqual(face(await remove('grt_01M81J18G0F1WA11106WFXGE52')))
  expect(await grantsOf(ada.auth)).toHaveLength(1)
})

test('a changed password ends what apps have, and an app’s session is no login that could be listed or ended as one', async () => {
  const person = await aPerson(shop)
  const tokens = await appTokens(shop, person, app)
  const listed = (await shop.get('/v1/users/me/sessions', person.auth)).body.data
  const [session] = await shop.db.all<{ id: string }>(
    sql`SELECT id FROM sessions WHERE user_id = ${person.id} AND client_id = ${app.id}`,
  )
  expect(listed.map(({ id }: { id: string }) => id)).not.toContain(session?.id)
  const ended = await shop.call('DELETE', `/v1/users/me/sessions/${session?.id}`, { headers: person.auth })
  expect(ended.status).toBe(404)
  const changed = await shop.call('PUT', '/v1/users/me/password', {
    body: { current_password: person.password, new_password: 'nine purple lanterns sing' },
    headers: person.auth,
  })
  expect(changed.status, changed.text).toBe(204)
  expect((await shop.get('/v1/users/me/orders', bearer(tokens.access_token))).status).toBe(401)
  expect((await refreshWith(shop, app, tokens.refresh_token)).body.error).toBe('invalid_grant')
})
