// People that tests need, made over HTTP: registered, confirmed by the mail they got, and logged in.

import { eq } from 'drizzle-orm'
import { expect } from 'vitest'
import { staffMembers } from '../../src/features/staff/table.ts'
import type { Role } from '../../src/lib/permissions.ts'
import type { TestShop } from './shop.ts'

export const PASSWORD = 'seven green kettles hum'

export interface Person {
  id: string
  email: string
  password: string
  tokens: { access_token: string; refresh_token: string; session_id: string; scope: string }
  /** Headers of a request of theirs. */
  auth: Record<string, string>
}

let counter = 0
export const anEmail = (): string => `person-${(counter += 1)}-${crypto.randomUUID().slice(0, 8)}@example.com`

/** Headers of a request from a network of its own, so that tests do not share limits. */
export const fromNetwork = (network: string): Record<string, string> => ({ 'CF-Connecting-IP': network })
export const aNetwork = (): string =>
  [...crypto.getRandomValues(new Uint8Array(3))].reduce((text, part) => `${text}.${part}`, '10')

/** Runs the scheduled job, so that every mail is out. */
export const linkTokenFor = async (shop: TestShop, email: string): Promise<string> => {
  await shop.sweep()
  const text = shop.mails.findLast(mail => mail.to === email && mail.text.includes('token='))?.text ?? ''
  return /token=(\S+)/.exec(text)?.[1] ?? ''
}

/** Registers and confirms somebody; returns without a login. */
export async function anAccount(shop: TestShop, email = anEmail(), password = PASSWORD): Promise<string> {
  const network = fromNetwork(aNetwork())
  const registered = await shop.post('/v1/users', { email, password, name: 'Ada Lovelace' }, network)
  expect(registered.status, registered.text).toBe(202)
  const token = await linkTokenFor(shop, email)
  const verified = await shop.post('/v1/users/verify', { token, password }, network)
  expect(verified.status, verified.text).toBe(204)
  return email
}

/** Logs somebody in. */
export async function loginAs(
  shop: TestShop,
  email: string,
  password = PASSWORD,
  network = aNetwork(),
): Promise<Person> {
  const answer = await shop.post('/v1/auth/login', { email, password }, fromNetwork(network))
  expect(answer.status, answer.text).toBe(200)
  const auth = { Authorization: `Bearer ${answer.body.access_token}` }
  const me = await shop.get('/v1/users/me', auth)
  expect(me.status, me.text).toBe(200)
  return { id: me.body.id, email, password, tokens: answer.body, auth }
}

/** Somebody who is logged in. */
export const aPerson = async (shop: TestShop): Promise<Person> => loginAs(shop, await anAccount(shop))

/** Gives somebody a role, as an owner's shell would. */
export async function giveRole(shop: TestShop, userId: string, role: Role): Promise<void> {
  await shop.db
    .insert(staffMembers)
    .values({ user_id: userId, role, created_at: 0 })
    .onConflictDoUpdate({ target: staffMembers.user_id, set: { role } })
}

/** Takes somebody's role away. */
export const takeRole = async (shop: TestShop, userId: string): Promise<void> => {
  await shop.db.delete(staffMembers).where(eq(staffMembers.user_id, userId))
}

/** Staff who logged in with their role. */
export async function aStaffMember(shop: TestShop, role: Role): Promise<Person> {
  const person = await aPerson(shop)
  await giveRole(shop, person.id, role)
  return loginAs(shop, person.email)
}
