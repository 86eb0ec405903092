// RFC 7636: PKCE, for every client, by S256 alone (RFC 9700 §2.1.1).

import { beforeAll, describe, expect, test } from 'vitest'
import {
  type AClient,
  aCode,
  anApp,
  aRequest,
  CHALLENGE,
  destinationOf,
  expectOAuthError,
  redeem,
  VERIFIER,
} from '../support/apps.ts'
import { aPerson, type Person } from '../support/people.ts'
import { openShop, type TestShop } from '../support/shop.ts'

let shop: TestShop
let person: Person
const apps: Record<string, AClient> = {}
beforeAll(async () => {
  shop = await openShop()
  person = await aPerson(shop)
  apps.confidential = await anApp(shop)
  apps.public = await anApp(shop, { auth_method: 'none' })
})
const appOf = (name: string): AClient => apps[name] ?? expect.fail(name)

describe.each(['confidential', 'public'])('a %s client', name => {
  test.each([
    ['no challenge', { code_challenge: undefined, code_challenge_method: undefined }],
    ['a method without a challenge', { code_challenge: undefined }],
    ['a challenge without a method, which means plain', { code_challenge_method: undefined }],
    ['plain', { code_challenge_method: 'plain' }],
    ['plain, with a verifier as challenge', { code_challenge_method: 'plain', code_challenge: VERIFIER }],
    ['another method', { code_challenge_method: 's256' }],
    ['a short challenge', { code_challenge: CHALLENGE.slice(1) }],
    ['a long challenge', { code_challenge: `${CHALLENGE}x` }],
    ['a padded challenge', { code_challenge: `${CHALLENGE.slice(0, 42)}=` }],
  ])('is refused with %s (§4.4.1)', async (_name, fields) => {
    const back = destinationOf(await shop.get(aRequest(appOf(name), fields)))
    expect(back.searchParams.get('error')).toBe('invalid_request')
  })

  test.each([
    ['missing', ''],
    ['another', 'x'.repeat(43)],
    ['the challenge itself', CHALLENGE],
    ['too short', VERIFIER.slice(0, 42)],
    ['too long', VERIFIER.repeat(4).slice(0, 129)],
    ['with a letter that none has', `${VERIFIER.slice(0, 42)}+`],
    ['with a line end', `${VERIFIER}\n`],
    ['in another case', VERIFIER.toUpperCase()],
  ])('gets nothing for a verifier that is %s (§4.6)', async (_name, code_verifier) => {
    const code = await aCode(shop, person, appOf(name))
    const answer = await redeem(shop, appOf(name), code, { code_verifier })
    expectOAuthError(answer, code_verifier === '' ? 'invalid_request' : 'invalid_grant')
    expect((await redeem(shop, appOf(name), code)).status).toBe(200)
  })

  test.each([43, 128])('may have a verifier of %i characters (§4.1)', async length => {
    const code_verifier = 'aZ09-._~'.repeat(16).slice(0, length)
    const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(code_verifier))
    const code_challenge = Buffer.from(digest).toString('base64url')
    const code = await aCode(shop, person, appOf(name), { code_challenge })
    expect((await redeem(shop, appOf(name), code, { code_verifier })).status).toBe(200)
  })
})

test('the example of appendix B', async () => {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(VERIFIER))
  expect(Buffer.from(digest).toString('base64url')).toBe(CHALLENGE)
})
