// RFC 9207: every answer of the authorization endpoint says who gave it.

import { beforeAll, expect, test } from 'vitest'
import { type AClient, aBrowser, anApp, aRequest, destinationOf, ISSUER } from '../support/apps.ts'
import { aPerson } from '../support/people.ts'
import { openShop, type TestShop } from '../support/shop.ts'

let shop: TestShop
let app: AClient
beforeAll(async () => {
  shop = await openShop()
  app = await anApp(shop)
})

test('iss stands in a success, a denial and every error, once, and is the issuer of the metadata (§2, §2.4)', async () => {
  const { body } = await shop.get('/.well-known/oauth-authorization-server')
  expect(body.authorization_response_iss_parameter_supported).toBe(true)
  const browser = aBrowser(shop)
  const person = await aPerson(shop)
  const answers = [
    await browser.deny(await browser.get(aRequest(app))),
    await browser.allow(await browser.open(aRequest(app), person)),
    await browser.get(aRequest(app)),
    await browser.get(aRequest(app, { response_type: 'token' })),
    await browser.get(aRequest(app, { scope: 'everything' })),
    await browser.get(aRequest(app, { code_challenge: undefined })),
    await aBrowser(shop).get(aRequest(app, { prompt: 'none' })),
  ]
  for (const answer of answers) {
    const back = destinationOf(answer)
    expect(back.searchParams.getAll('iss')).toEqual([body.issuer])
    expect(body.issuer).toBe(ISSUER)
    expect(back.searchParams.has('code')).toBe(!back.searchParams.has('error'))
  }
})
