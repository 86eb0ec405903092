// What the examples of logins need to be true: a code of now, a link that was just mailed, somebody who works here.

import { sql } from 'drizzle-orm'
import type { IdentityProvider } from '../../src/features/providers/provider.ts'
import { anApp, enrol } from '../support/codes.ts'
import {
  aNetwork,
  anAccount,
  anEmail,
  aPerson,
  aStaffMember,
  fromNetwork,
  linkTokenFor,
  PASSWORD,
} from '../support/people.ts'
import type { TestShop } from '../support/shop.ts'

interface Special {
  /** Members that take the place of the example's. */
  body?: object
  path?: string
  headers?: Record<string, string>
  /** Undoes what would disturb other tests. */
  after?: () => Promise<unknown>
}

/** A provider that believes every code: the code is the email, and a new subject each time. */
export const aFakeProvider: IdentityProvider = {
  id: 'google',
  name: 'Google',
  authorizationUrl: async ({ state }) => `https://accounts.example/authorize?state=${state}`,
  redeem: async ({ code }) => ({
    provider: 'google',
    issuer: 'https://accounts.example',
    subject: crypto.randomUUID(),
    verified_email: code,
    name: null,
  }),
}

const network = () => fromNetwork(aNetwork())

async function finishLogin(shop: TestShop): Promise<Special> {
  const { body } = await shop.post('/v1/auth/providers/google/start', undefined, network())
  return { body: { code: anEmail(), state: body.state, binding: body.binding }, headers: network() }
}

async function passwordAndCode(shop: TestShop): Promise<Special> {
  const person = await aPerson(shop)
  const { app } = await enrol(shop, person)
  return { body: { code: await app() }, headers: person.auth }
}

/** By operation: what stands for the example's values. */
export const logins: Record<string, (shop: TestShop) => Promise<Special>> = {
  confirmEmailChange: async shop => {
    const person = await aPerson(shop)
    const new_email = anEmail()
    await shop.post('/v1/users/me/email', { new_email, current_password: PASSWORD }, person.auth)
    return { body: { token: await linkTokenFor(shop, new_email) }, headers: person.auth }
  },
  beginSecondFactor: async shop => ({ headers: (await aPerson(shop)).auth }),
  confirmSecondFactor: async shop => {
    const { auth } = await aPerson(shop)
    const { body } = await shop.post('/v1/users/me/second-factor', { current_password: PASSWORD }, auth)
    return { body: { code: await anApp(shop, body.secret)() }, headers: auth }
  },
  replaceRecoveryCodes: passwordAndCode,
  disableSecondFactor: passwordAndCode,
  loginWithCode: async shop => {
    const person = await aPerson(shop)
    const { app } = await enrol(shop, person)
    const { email, password } = person
    const asked = await shop.post('/v1/auth/login', { email, password }, network())
    return { body: { mfa_token: asked.body.mfa_token, code: await app() }, headers: network() }
  },
  finishLogin,
  finishLink: async shop => {
    const { auth } = await aPerson(shop)
    const { body } = await shop.post('/v1/users/me/providers/google/start', undefined, auth)
    return { body: { state: body.state, binding: body.binding }, headers: auth }
  },
  confirmLink: async shop => {
    const email = await anAccount(shop)
    const { body } = await finishLogin(shop)
    await shop.post('/v1/auth/providers/google/finish', { ...body, code: email }, network())
    return { body: { token: await linkTokenFor(shop, email) }, headers: network() }
  },
  changeRole: async shop => ({ path: `/v1/admin/staff/${(await aStaffMember(shop, 'support')).id}` }),
  acceptInvitation: async shop => {
    const owner = await aStaffMember(shop, 'owner')
    const email = anEmail()
    await shop.post('/v1/admin/staff', { email, role: 'viewer' }, owner.auth)
    return { body: { token: await linkTokenFor(shop, email) }, headers: network() }
  },
  updateRole: async shop => {
    const owner = await aStaffMember(shop, 'owner')
    await shop.post('/v1/admin/roles', { name: 'example_role', permissions: [] }, owner.auth)
    return { path: '/v1/admin/roles/example_role' }
  },
  setLoginPolicy: async shop => ({
    after: async () => shop.db.run(sql`UPDATE shop_settings SET require_mfa_for = '[]'`),
  }),
}
