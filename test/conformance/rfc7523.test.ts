// RFC 7523 §3: clients that prove themselves by a JWT of their own (private_key_jwt).

import { beforeAll, describe, expect, test } from 'vitest'
import {
  type AClient,
  aCode,
  anApp,
  aService,
  expectOAuthError,
  ISSUER,
  postForm,
  redeem,
} from '../support/apps.ts'
import { aPerson } from '../support/people.ts'
import { type Answer, openShop, type TestShop } from '../support/shop.ts'
import { aKeyPair, anAssertion, type KeyPair, seconds } from '../support/signing.ts'

const TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
let shop: TestShop
let key: KeyPair
let client: AClient
beforeAll(async () => {
  shop = await openShop()
  key = await aKeyPair()
  const other = await aKeyPair()
  client = await aService(shop, ['staff:read'], {
    auth_method: 'private_key_jwt',
    keys: [other.jwk, key.jwk],
  })
})

const ask = (client_assertion: string, fields: Record<string, string> = {}): Promise<Answer> =>
  postForm(shop, '/oauth/token', {
    grant_type: 'client_credentials',
    client_assertion,
    client_assertion_type: TYPE,
    ...fields,
  })

test.each([ISSUER, `${ISSUER}/oauth/token`])('an assertion for %s opens the door', async aud => {
  const answer = await ask(await anAssertion(shop, key, client.id, { aud }))
  expect([answer.status, answer.body.scope], answer.text).toEqual([200, 'staff:read'])
  expect((await ask(await anAssertion(shop, key, client.id, { aud: [aud] }))).status).toBe(200)
  expect((await ask(await anAssertion(shop, key, client.id, { aud }), { client_id: client.id })).status).toBe(
    200,
  )
})

test('an app redeems its code with it', async () => {
  const app = await anApp(shop, { auth_method: 'private_key_jwt', keys: [key.jwk] })
  const code = await aCode(shop, await aPerson(shop), app)
  const client_assertion = await anAssertion(shop, key, app.id)
  const answer = await redeem(shop, app, code, { client_assertion, client_assertion_type: TYPE })
  expect(answer.status, answer.text).toBe(200)
})

test('is good once, also when 20 come at once', async () => {
  const assertion = await anAssertion(shop, key, client.id)
  const answers = await Promise.all(Array.from({ length: 20 }, () => ask(assertion)))
  expect(answers.filter(answer => answer.status === 200)).toHaveLength(1)
  expectOAuthError(await ask(assertion), 'invalid_client', 401)
})

describe('refused as invalid_client', () => {
  const now = () => seconds(shop)
  const cases: Record<string, () => Promise<string>> = {
    'of another key': async () => anAssertion(shop, await aKeyPair(), client.id),
    'of another issuer': () => anAssertion(shop, key, client.id, { iss: 'cli_other' }),
    'about another client': () => anAssertion(shop, key, client.id, { sub: 'cli_other' }),
    'for another audience': () => anAssertion(shop, key, client.id, { aud: 'https://other.example' }),
    'for several audiences': () =>
      anAssertion(shop, key, client.id, { aud: [ISSUER, 'https://other.example'] }),
    'for an audience that begins alike': () =>
      anAssertion(shop, key, client.id, { aud: `${ISSUER}.evil.example` }),
    'without an audience': () => anAssertion(shop, key, client.id, { aud: undefined }),
    expired: () => anAssertion(shop, key, client.id, { exp: now() - 60 }),
    'good for an hour': () => anAssertion(shop, key, client.id, { exp: now() + 3600 }),
    'without an end': () => anAssertion(shop, key, client.id, { exp: undefined }),
    'not good yet': () => anAssertion(shop, key, client.id, { nbf: now() + 120 }),
    'without jti': () => anAssertion(shop, key, client.id, { jti: undefined }),
    'with an endless jti': () => anAssertion(shop, key, client.id, { jti: 'x'.repeat(300) }),
    'of no JWT': async () => 'x',
    'of alg none': async () => {
      const [, body] = (await anAssertion(shop, key, client.id)).split('.')
      return `${Buffer.from('{"alg":"none"}').toString('base64url')}.${body}.`
    },
  }
  test.each(Object.keys(cases))('%s', async name => {
    expectOAuthError(await ask((await cases[name]?.()) ?? ''), 'invalid_client', 401)
  })

  test('with another type, or none', async () => {
    const assertion = await anAssertion(shop, key, client.id)
    for (const client_assertion_type of ['', 'urn:ietf:params:oauth:client-assertion-type:saml2-bearer'])
      expectOAuthError(await ask(assertion, { client_assertion_type }), 'invalid_client', 401)
  })

  test('of a client that has a secret instead', async () => {
    const secretive = await aService(shop)
    expectOAuthError(await ask(await anAssertion(shop, key, secretive.id)), 'invalid_client', 401)
  })
})
