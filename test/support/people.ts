// People that tests need, made over HTTP: registered, confirmed by the mail they got, and logged in.

import { eq, sql } from 'drizzle-orm'
import { expect } from 'vitest'
import { staffMembers } from '../../src/features/staff/table.ts'
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

/** A challenge as every refusal has it: it names where tokens come from (RFC 9728 §5.1). */
export const challenge = (parameters = ''): string =>
  `Bearer ${parameters === '' ? '' : `${parameters}, `}resource_metadata="https://shop.example/.well-known/oauth-protected-resource"`

let counter = 0
export const anEmail = (): string => {
  counter += 1
  return `person-${counter}-${crypto.randomUUID().slice(0, 8)}@example.com`
}

/** Headers of a request from a network of its own, so that tests do not share limits. */
export const fromNetwork = (network: string): Record<string, string> => ({ 'CF-Connecting-IP': network })
export const aNetwork = (): string =>
  [...crypto.getRandomValues(new Uint8Array(3))].reduce((text, part) => `${text}.${part}`, '10')

/** Waits until every mail that was asked for is out: some are sent behind the reply. */
export async function mailsAreOut(shop: TestShop): Promise<void> {
  for (;;) {
    await shop.sweep()
    const open = await shop.db.all(
      sql`SELECT 1 FROM mails WHERE state IN ('due', 'sending') AND at <= ${shop.deps.clock()}`,
    )
    if (open.length === 0) return
    await new Promise(resolve => setTimeout(resolve, 1))
  }
}

/** The token of the newest link that went to an address; empty when none did. */
export async function linkTokenFor(shop: TestShop, email: string): Promise<string> {
  await mailsAreOut(shop)
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
export async function giveRole(shop: TestShop, userId: string, role: string): Promise<void> {
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
export async function aStaffMember(shop: TestShop, role: string): Promise<Person> {
  const person = await aPerson(shop)
  await giveRole(shop, person.id, role)
  return loginAs(shop, person.email)
}
