// All that is stored about a person: one list of holdings, from which both the export and the erasure are made, so that
// nothing can be in one and missing from the other. A person is an account together with its verified email, hence also
// what they did as a guest. A test compares the list with all tables of the schema.

import { eq, inArray, or, type SQL, sql } from 'drizzle-orm'
import { atomic } from '../../db/atomic.ts'
import type { Db, Statement } from '../../db/client.ts'
import type { Deps } from '../../deps.ts'
import { staleLogin } from '../../http/auth-errors.ts'
import type { Actor, SignedIn } from '../../http/context.ts'
import { rfc3339 } from '../../lib/clock.ts'
import { DomainError } from '../../lib/errors.ts'
import { audit } from '../audit/statements.ts'
import { auditNetworks } from '../audit/table.ts'
import { requireCaller, selectCaller } from '../auth/statements.ts'
import {
  accountTokens,
  knownNetworks,
  recoveryCodes,
  refreshTokens,
  secondFactors,
  sessions,
} from '../auth/table.ts'
import { carts } from '../carts/table.ts'
import { customerKeyOf } from '../checkouts/service.ts'
import { checkouts } from '../checkouts/table.ts'
import { customerGroupMembers, customerRecords } from '../customers/table.ts'
import { emitEvent } from '../events/statements.ts'
import { idempotencyKeys } from '../idempotency/table.ts'
import { mails } from '../notifications/table.ts'
import { oauthCodes, oauthGrants } from '../oauth/table.ts'
import { orderLines, orders } from '../orders/table.ts'
import { payments } from '../payments/table.ts'
import { promotionRedemptions } from '../promotions/table.ts'
import { identities, providerLogins } from '../providers/table.ts'
import { staffMembers } from '../staff/table.ts'
import { lastOwner, paymentUnderWay } from './errors.ts'
import type { PersonalData } from './schemas.ts'
import { addresses, users } from './table.ts'

/** What cannot be undone wants a login not older than this. */
const FRESH_LOGIN_SECONDS = 15 * 60
const PAYMENT_RETRY_SECONDS = 60
/** Stands in orders where an email was; RFC 2606 keeps `.invalid` from ever existing. */
export const ERASED_EMAIL = 'erased@erased.invalid'

interface Person {
  id: string
  email: string
  /** Under which the person's uses of promotions are counted. */
  customerKey: string
}

/** One table's part of a person. */
interface Holding {
  /** Reads it for the export, without what would open the account; null where it holds only copies and hashes. */
  read: Statement | null
  erase: Statement[]
}

/** Every table that holds something of a person, in the order of erasure: what refers comes before what is referred to. */
export function holdings(db: Db, { id, email, customerKey }: Person): Record<string, Holding> {
  const theirCheckouts: SQL = sql`(SELECT id FROM checkouts WHERE user_id = ${id} OR lower(email) = ${email})`
  const theirOrders: SQL = sql`(SELECT id FROM orders WHERE user_id = ${id})`
  const ofCheckouts = sql`user_id = ${id} OR lower(email) = ${email}`
  const theirCarts = sql`id IN (SELECT cart_id FROM checkouts WHERE ${ofCheckouts})`
  const theirSessions = sql`session_id IN (SELECT id FROM sessions WHERE user_id = ${id})`
  return {
    idempotency_keys: {
      read: null,
      erase: [
        db
          .delete(idempotencyKeys)
          .where(
            sql`user_id = ${id} OR lower(body ->> 'email') = ${email} OR body ->> 'id' IN ${theirCheckouts}`,
          ),
      ],
    },
    carts: {
      read: db.select().from(carts).where(theirCarts),
      erase: [db.delete(carts).where(theirCarts)],
    },
    payments: {
      read: db
        .select({
          id: payments.id,
          checkout_id: payments.checkout_id,
          order_id: payments.order_id,
          provider: payments.provider,
          status: payments.status,
          currency: payments.currency,
          amount: payments.amount,
          draft: payments.draft,
          created_at: payments.created_at,
        })
        .from(payments)
        .where(sql`order_id IN ${theirOrders} OR checkout_id IN ${theirCheckouts}`),
      erase: [
        db
          .update(payments)
          .set({ draft: null })
          .where(sql`draft IS NOT NULL AND (order_id IN ${theirOrders} OR checkout_id IN ${theirCheckouts})`),
      ],
    },
    promotion_redemptions: {
      read: db.select().from(promotionRedemptions).where(eq(promotionRedemptions.customer_key, customerKey)),
      erase: [
        db
          .update(promotionRedemptions)
          .set({ customer_key: sql`'erased:' || payment_id` })
          .where(eq(promotionRedemptions.customer_key, customerKey)),
      ],
    },
    checkouts: {
      read: db.select().from(checkouts).where(ofCheckouts),
      erase: [db.delete(checkouts).where(ofCheckouts)],
    },
    order_lines: {
      read: db.select().from(orderLines).where(inArray(orderLines.order_id, theirOrders)),
      erase: [],
    },
    orders: {
      read: db.select().from(orders).where(eq(orders.user_id, id)),
      erase: [
        // Somebody else's order that was placed with this email keeps its owner, under the owner's email.
        db
          .update(orders)
          .set({ email: sql`(SELECT email FROM users WHERE users.id = orders.user_id)` })
          .where(sql`lower(email) = ${email} AND user_id <> ${id}`),
        db
          .update(orders)
          .set({
            user_id: null,
            email: ERASED_EMAIL,
            phone: null,
            shipping_address: null,
            billing_address: null,
            note: null,
            staff_note: null,
            tags: [],
            version: sql`version + 1`,
          })
          .where(eq(orders.user_id, id)),
      ],
    },
    mails: {
      read: db
        .select({ template: mails.template, state: mails.state, created_at: mails.created_at })
        .from(mails)
        .where(or(eq(mails.recipient, email), eq(mails.user_id, id))),
      erase: [db.delete(mails).where(or(eq(mails.recipient, email), eq(mails.user_id, id)))],
    },
    account_tokens: {
      read: db
        .select({
          purpose: accountTokens.purpose,
          name: accountTokens.name,
          created_at: accountTokens.created_at,
        })
        .from(accountTokens)
        .where(or(eq(accountTokens.email, email), eq(accountTokens.user_id, id))),
      erase: [
        db.delete(accountTokens).where(or(eq(accountTokens.email, email), eq(accountTokens.user_id, id))),
      ],
    },
    oauth_codes: {
      read: null,
      erase: [db.delete(oauthCodes).where(eq(oauthCodes.user_id, id))],
    },
    oauth_grants: {
      read: db.select().from(oauthGrants).where(eq(oauthGrants.user_id, id)),
      erase: [db.delete(oauthGrants).where(eq(oauthGrants.user_id, id))],
    },
    refresh_tokens: {
      read: null,
      erase: [db.delete(refreshTokens).where(theirSessions)],
    },
    sessions: {
      read: db.select().from(sessions).where(eq(sessions.user_id, id)),
      erase: [db.delete(sessions).where(eq(sessions.user_id, id))],
    },
    known_networks: {
      read: db
        .select({ seen_at: knownNetworks.seen_at })
        .from(knownNetworks)
        .where(eq(knownNetworks.user_id, id)),
      erase: [db.delete(knownNetworks).where(eq(knownNetworks.user_id, id))],
    },
    second_factors: {
      read: db
        .select({ created_at: secondFactors.created_at, confirmed_at: secondFactors.confirmed_at })
        .from(secondFactors)
        .where(eq(secondFactors.user_id, id)),
      erase: [db.delete(secondFactors).where(eq(secondFactors.user_id, id))],
    },
    recovery_codes: {
      read: null,
      erase: [db.delete(recoveryCodes).where(eq(recoveryCodes.user_id, id))],
    },
    identities: {
      read: db.select().from(identities).where(eq(identities.user_id, id)),
      erase: [db.delete(identities).where(eq(identities.user_id, id))],
    },
    provider_logins: {
      read: null,
      erase: [db.delete(providerLogins).where(eq(providerLogins.user_id, id))],
    },
    addresses: {
      read: db.select().from(addresses).where(eq(addresses.user_id, id)),
      erase: [db.delete(addresses).where(eq(addresses.user_id, id))],
    },
    customer_records: {
      read: db.select().from(customerRecords).where(eq(customerRecords.user_id, id)),
      erase: [db.delete(customerRecords).where(eq(customerRecords.user_id, id))],
    },
    customer_group_members: {
      read: db.select().from(customerGroupMembers).where(eq(customerGroupMembers.user_id, id)),
      erase: [db.delete(customerGroupMembers).where(eq(customerGroupMembers.user_id, id))],
    },
    audit_networks: {
      read: db
        .select({ audit_id: auditNetworks.audit_id, created_at: auditNetworks.created_at })
        .from(auditNetworks)
        .where(eq(auditNetworks.actor, id)),
      erase: [db.delete(auditNetworks).where(eq(auditNetworks.actor, id))],
    },
    staff_members: {
      read: db.select().from(staffMembers).where(eq(staffMembers.user_id, id)),
      erase: [db.delete(staffMembers).where(eq(staffMembers.user_id, id))],
    },
    users: {
      read: db
        .select({
          id: users.id,
          email: users.email,
          name: users.name,
          phone: users.phone,
          email_verified_at: users.email_verified_at,
          created_at: users.created_at,
          updated_at: users.updated_at,
        })
        .from(users)
        .where(eq(users.id, id)),
      erase: [db.delete(users).where(eq(users.id, id))],
    },
  }
}

/** Reads all that is stored about the caller. Raises `token_invalid`. */
export async function exportMe(deps: Deps, { principal }: Actor<SignedIn>): Promise<PersonalData> {
  const { db, clock } = deps
  const now = clock()
  const caller = requireCaller(await selectCaller(db, principal, now))
  const parts = Object.entries(holdings(db, await personOf(deps, caller))).flatMap(([table, { read }]) =>
    read ? [{ table, read }] : [],
  )
  const [first, ...rest] = parts.map(part => part.read)
  if (!first) throw new Error('unreachable: a person is held somewhere')
  const results = await db.batch([first, ...rest])
  return {
    format: 'curbside.personal-data/1',
    exported_at: rfc3339(now),
    tables: Object.fromEntries(parts.map(({ table }, i) => [table, results[i] as Record<string, unknown>[]])),
  }
}

/**
 * Erases the caller: the account goes, and what names the person goes from everything else, in one unit. Orders stay
 * with their sums, the audit log stays with ids. Raises `login_too_old`, `payment_under_way`, `last_owner`,
 * `token_invalid`; then nothing was erased.
 */
export async function eraseMe(deps: Deps, { principal, request_id }: Actor<SignedIn>): Promise<void> {
  const { db, clock, ids } = deps
  const now = clock()
  if (now / 1000 - principal.authenticated_at > FRESH_LOGIN_SECONDS) throw staleLogin(FRESH_LOGIN_SECONDS)
  const caller = requireCaller(await selectCaller(db, principal, now))
  const { id } = caller
  const erasures = Object.values(holdings(db, await personOf(deps, caller))).flatMap(({ erase }) => erase)
  await atomic(
    db,
    [
      emitEvent(db, ids, 'user.erased', id, { user_id: id }, now),
      audit(db, ids, { actor: id, action: 'user.erased', object_id: id, request_id, changes: {} }, now),
      ...erasures,
    ],
    {
      checkout_is_being_paid: () =>
        new DomainError(paymentUnderWay, 'A payment is under way. Nothing was erased.', {
          retryAfterSeconds: PAYMENT_RETRY_SECONDS,
        }),
      shop_keeps_an_owner: () => new DomainError(lastOwner, 'You are the only owner of the shop.'),
    },
  )
}

const personOf = async (deps: Deps, { id, email }: { id: string; email: string }): Promise<Person> => ({
  id,
  email,
  customerKey: (await customerKeyOf(deps, email)) ?? '',
})
