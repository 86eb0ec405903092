// Logging in at an outside provider. A known identity opens its account. An unknown one makes an account if no one has its
// verified email; if somebody has, nothing is opened: the owner of the mailbox must allow it by mail, or link it when logged
// in as before. An email that the provider did not verify counts for nothing.

import { and, eq, sql } from 'drizzle-orm'
import { atomic } from '../../db/atomic.ts'
import type { Db, Statement } from '../../db/client.ts'
import type { Deps } from '../../deps.ts'
import type { Actor, SignedIn } from '../../http/context.ts'
import { notFound } from '../../http/errors.ts'
import { DomainError } from '../../lib/errors.ts'
import { equalSecrets, hmacSha256 } from '../../lib/hash.ts'
import { audit } from '../audit/statements.ts'
import { ACCOUNT_TOKEN_MS } from '../auth/account-token.ts'
import {
  countAttempt,
  counterKey,
  LIMITS,
  networkKey,
  refuseBeyond,
  rememberNetwork,
} from '../auth/limits.ts'
import { askForCode, openSession, selectAccount } from '../auth/open-session.ts'
import { mayMail } from '../auth/passwords.ts'
import type { Tokens } from '../auth/schemas.ts'
import { requireCaller, selectCaller } from '../auth/statements.ts'
import { emitEvent } from '../events/statements.ts'
import { requestMail } from '../notifications/statements.ts'
import { users } from '../users/table.ts'
import { accountExists, providerEmailMissing, providerStateInvalid } from './errors.ts'
import { linkStatements, taken } from './identities.ts'
import type { Claims, IdentityProvider } from './provider.ts'
import type { FinishLogin, StartedLogin } from './schemas.ts'
import { identities, providerLogins } from './table.ts'

const LOGIN_SECONDS = 10 * 60

/** Lists the providers that are set up. They are few: one page. */
export const listProviders = ({ identityProviders }: Deps) => ({
  data: identityProviders.map(({ id, name }) => ({ id, name })),
  next_cursor: null,
})

/** Begins a login at a provider. Raises `not_found`, `provider_unavailable`, `too_many_attempts`. */
export const startLogin = (deps: Deps, actor: Actor, id: string): Promise<StartedLogin> =>
  start(deps, actor, id, null)

/** Begins to link a provider to the caller's account. Raises as `startLogin`, and `token_invalid`. */
export async function startLink(deps: Deps, actor: Actor<SignedIn>, id: string): Promise<StartedLogin> {
  requireCaller(await selectCaller(deps.db, actor.principal, deps.clock()))
  return start(deps, actor, id, actor.principal.id)
}

async function start(
  deps: Deps,
  { network }: Actor,
  providerId: string,
  user_id: string | null,
): Promise<StartedLogin> {
  const { db, clock, ids } = deps
  const provider = providerOf(deps, providerId)
  const now = clock()
  const id = ids('providerLogin')
  const secrets = await secretsOf(deps, id)
  const authorization_url = await provider.authorizationUrl(secrets)
  const key = await counterKey(deps, LIMITS.provider_network, network)
  const [count] = await db.batch([
    countAttempt(db, key, LIMITS.provider_network, now),
    db.insert(providerLogins).values({
      id,
      provider: provider.id,
      user_id,
      created_at: now,
      expires_at: now + LOGIN_SECONDS * 1000,
    }),
  ])
  refuseBeyond(count, LIMITS.provider_network, now)
  return { authorization_url, state: secrets.state, binding: secrets.binding, expires_in: LOGIN_SECONDS }
}

/**
 * Finishes a login: opens the account that the identity is linked to, or makes one. Raises `not_found`,
 * `provider_state_invalid`, `provider_refused`, `provider_unavailable`, `provider_email_missing`, `account_exists`,
 * `mfa_required`, `too_many_attempts`.
 */
export async function finishLogin(
  deps: Deps,
  actor: Actor,
  providerId: string,
  answer: FinishLogin,
  device: string,
): Promise<Tokens> {
  const { db, clock } = deps
  const { network, request_id } = actor
  const claims = await redeem(deps, providerId, answer, null)
  const now = clock()
  const { issuer, subject } = claims
  const [linked, sameEmail, seenAt] = [
    sql`${users.id} = (SELECT user_id FROM identities WHERE issuer = ${issuer} AND subject = ${subject})`,
    sql`${users.email} = ${claims.verified_email ?? ''}`,
    await networkKey(deps, network),
  ]
  const [owners, namesakes] = await db.batch([selectAccount(db, linked), selectAccount(db, sameEmail)])
  const owner = owners[0]
  if (owner) {
    // Unlinked meanwhile, it opens nothing.
    const only = sql`EXISTS (SELECT 1 FROM identities
      WHERE issuer = ${issuer} AND subject = ${subject} AND user_id = users.id)`
    if (owner.confirmed_at) throw await askForCode(deps, owner, { only, statements: [] })
    return openSession(deps, actor, owner, {
      device,
      only,
      statements: [rememberNetwork(db, owner.id, seenAt, now)],
      refusals: { session_is_over: stateProblem, 'FOREIGN KEY': stateProblem },
    })
  }
  if (claims.verified_email === null) {
    throw new DomainError(providerEmailMissing, 'The provider names no email that it has verified.')
  }
  const namesake = namesakes[0]
  if (namesake) throw await askForConsent(deps, actor, namesake, claims)
  const account = await createAccount(deps, claims, request_id)
  return openSession(deps, actor, account, {
    device,
    only: sql`true`,
    statements: [rememberNetwork(db, account.id, seenAt, now)],
    refusals: { session_is_over: stateProblem },
  })
}

/**
 * Finishes a link: the identity opens the caller's account from now on. Raises as `finishLogin`, and `identity_taken`,
 * `token_invalid`.
 */
export async function finishLink(
  deps: Deps,
  { principal, request_id }: Actor<SignedIn>,
  providerId: string,
  answer: FinishLogin,
): Promise<void> {
  const { db, clock } = deps
  const caller = requireCaller(await selectCaller(db, principal, clock()))
  const claims = await redeem(deps, providerId, answer, caller.id)
  await atomic(db, linkStatements(deps, caller, claims, request_id), { 'identities.issuer': taken })
}

const providerOf = ({ identityProviders }: Deps, id: string): IdentityProvider => {
  const provider = identityProviders.find(candidate => candidate.id === id)
  if (!provider) throw new DomainError(notFound, 'There is no such provider.')
  return provider
}

/** All that a login needs is derived from its id, so that its row opens nothing. */
async function secretsOf({ config }: Pick<Deps, 'config'>, id: string) {
  const derive = (what: string) => hmacSha256(config.TOKEN_SECRET, `provider-${what}:${id}`)
  const [state, nonce, code_verifier, binding] = await Promise.all(
    ['state', 'nonce', 'verifier', 'binding'].map(derive),
  )
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(code_verifier))
  return {
    state: `${id}.${state}`,
    nonce: nonce ?? '',
    code_verifier: code_verifier ?? '',
    binding: binding ?? '',
    code_challenge: Buffer.from(digest).toString('base64url'),
  }
}

/** Uses a login up that was begun by this browser, and asks the provider who came back. */
async function redeem(
  deps: Deps,
  providerId: string,
  { code, state, binding, iss }: FinishLogin,
  user_id: string | null,
): Promise<Claims> {
  const { db, clock } = deps
  const provider = providerOf(deps, providerId)
  const [id = ''] = state.split('.')
  const secrets = await secretsOf(deps, id)
  const isOurs = (await equalSecrets(secrets.state, state)) && (await equalSecrets(secrets.binding, binding))
  const used = await db
    .delete(providerLogins)
    .where(
      and(
        eq(providerLogins.id, isOurs ? id : ''),
        eq(providerLogins.provider, provider.id),
        sql`${providerLogins.user_id} IS ${user_id} AND ${providerLogins.expires_at} > ${clock()}`,
      ),
    )
    .returning({ id: providerLogins.id })
  if (used.length === 0) throw stateProblem()
  return provider.redeem({ code, iss, nonce: secrets.nonce, code_verifier: secrets.code_verifier })
}

const stateProblem = (): DomainError =>
  new DomainError(
    providerStateInvalid,
    'This login was not begun in this browser, or not in the last ten minutes.',
  )

/** Asks the owner of an account by mail whether the identity may open it. Returns what to raise. */
async function askForConsent(
  deps: Deps,
  { network }: Actor,
  account: { id: string; email: string },
  { provider, issuer, subject }: Claims,
): Promise<DomainError> {
  const { db, clock, ids } = deps
  const now = clock()
  if (await mayMail(deps, network, account.email, now)) {
    const token_id = ids('accountToken')
    const identity = JSON.stringify({ provider, issuer, subject })
    await db.batch([
      db.run(sql`INSERT INTO account_tokens (id, purpose, email, user_id, identity, created_at, expires_at)
        SELECT ${token_id}, 'link_identity', email, id, ${identity}, ${now}, ${now + ACCOUNT_TOKEN_MS}
        FROM users WHERE id = ${account.id}`),
      requestMail(
        db,
        ids,
        {
          template: 'link_identity',
          recipient: account.email,
          event: `link_identity:${token_id}`,
          token_id,
        },
        now,
      ),
    ])
  }
  return new DomainError(accountExists, 'There is an account with this email: a mail asks its owner.')
}

/** Makes the account of an identity whose email nobody has. Raises `account_exists` when somebody was quicker. */
async function createAccount(
  deps: Deps,
  claims: Claims,
  request_id: string,
): Promise<{ id: string; role: null; permissions: null }> {
  const { db, clock, ids } = deps
  const now = clock()
  const id = ids('user')
  const quicker = () => new DomainError(accountExists, 'There is an account with this email by now.')
  await atomic(
    db,
    [
      db.insert(users).values({
        id,
        email: claims.verified_email ?? '',
        name: claims.name,
        email_verified_at: now,
        created_at: now,
        updated_at: now,
      }),
      insertIdentity(db, ids('identity'), id, claims, now),
      emitEvent(db, ids, 'user.registered', id, { user_id: id }, now),
      audit(
        db,
        ids,
        {
          actor: id,
          action: 'user.registered',
          object_id: id,
          request_id,
          changes: { provider: claims.provider },
        },
        now,
      ),
    ],
    { 'users.email': quicker, 'identities.issuer': quicker },
  )
  return { id, role: null, permissions: null }
}

const insertIdentity = (
  db: Db,
  id: string,
  user_id: string,
  { provider, issuer, subject }: Claims,
  created_at: number,
): Statement => db.insert(identities).values({ id, user_id, provider, issuer, subject, created_at })
