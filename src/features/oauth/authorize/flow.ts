// The way of a person through an authorization: log in, see who asks for what, allow or deny. Each step is judged anew
// from the request itself, so no step can be skipped and none depends on what an earlier one found.

import { and, eq, gt, isNull, sql } from 'drizzle-orm'
import { atomic } from '../../../db/atomic.ts'
import type { Deps } from '../../../deps.ts'
import type { Actor } from '../../../http/context.ts'
import { sha256 } from '../../../lib/hash.ts'
import { isPermission } from '../../../lib/permissions.ts'
import { withParameters } from '../../../lib/redirect-uri.ts'
import { scopeText, splitScope } from '../../../lib/scopes.ts'
import { audit } from '../../audit/statements.ts'
import type { Login, LoginWithCode } from '../../auth/schemas.ts'
import { login, loginWithCode, rightsNow } from '../../auth/service.ts'
import { sessions } from '../../auth/table.ts'
import { oauthClients } from '../../clients/table.ts'
import { users } from '../../users/table.ts'
import type { ClientRow } from '../client-auth.ts'
import { insertCode, newCode } from '../codes.ts'
import { oauthGrants } from '../table.ts'
import { type AuthorizationRequest, type AuthorizeErrorCode, judge, type ReturnAddress } from './request.ts'
import { type Holder, readTicket, ticketOf } from './ticket.ts'

/** How long the login of a browser opens these pages before the password is asked for again. */
const BROWSER_LOGIN_MS = 12 * 60 * 60 * 1000
const NONE_OF_THEM =
  'The person has none of the rights that are asked for, or still has to set up the second factor that they take.'

interface Asking {
  shop: string
  app: string
  /** Where the person goes afterwards, as they would say it. */
  destination: string
  ticket: string
}

/** What the person sees next. */
export type Step =
  | { kind: 'stop'; reason: 'client' | 'redirect_uri' | 'expired' }
  | { kind: 'leave'; app: string; url: string }
  | ({ kind: 'login'; email: string } & Asking)
  | ({ kind: 'code'; mfa_token: string } & Asking)
  | ({ kind: 'consent'; email: string; scopes: AskedScope[]; switch_query: string } & Asking)

export interface AskedScope {
  text: string
  /** A right over the shop, not over the person's own account. */
  is_staff: boolean
}

interface Known {
  shop: string
  client: ClientRow | undefined
  person: { id: string; email: string; authenticated_at: number } | undefined
  granted: string[]
}

/** Reads all that a step depends on. One database call. */
async function lookUp({ db, clock }: Deps, client_id: string, session_id: string): Promise<Known> {
  const now = clock()
  const isTheirs = and(
    eq(sessions.id, session_id),
    isNull(sessions.client_id),
    isNull(sessions.ended_at),
    gt(sessions.expires_at, now),
    gt(sessions.created_at, now - BROWSER_LOGIN_MS),
  )
  const [names, clients, people, grants] = await db.batch([
    db.all<{ name: string }>(sql`SELECT name FROM shop_settings`),
    db.select().from(oauthClients).where(eq(oauthClients.id, client_id)),
    db
      .select({ id: users.id, email: users.email, authenticated_at: sessions.created_at })
      .from(sessions)
      .innerJoin(users, eq(users.id, sessions.user_id))
      .where(isTheirs),
    db
      .select({ scope: oauthGrants.scope })
      .from(oauthGrants)
      .where(
        sql`client_id = ${client_id} AND user_id = (SELECT user_id FROM sessions WHERE id = ${session_id})`,
      ),
  ])
  return {
    shop: names[0]?.name ?? 'the shop',
    client: clients[0],
    person: people[0],
    granted: splitScope(grants[0]?.scope ?? ''),
  }
}

type Read =
  | { step: Step }
  | { step: null; known: Known; request: AuthorizationRequest; parameters: URLSearchParams }

/** Judges a request. What is wrong with it is the step that follows. */
async function readRequest(deps: Deps, query: string, session_id: string): Promise<Read> {
  const parameters = new URLSearchParams(query)
  const known = await lookUp(deps, parameters.get('client_id') ?? '', session_id)
  const judged = judge(parameters, known.client, deps.config.PUBLIC_URL)
  if (judged.kind === 'untrusted') return { step: { kind: 'stop', reason: judged.reason } }
  if (judged.kind === 'good') return { step: null, known, request: judged.request, parameters }
  return { step: leave(deps, known.client?.name ?? '', judged.to, judged.error, judged.description) }
}

/** Begins, or goes on after a login, which `isFresh` says was just now. */
export async function authorize(
  deps: Deps,
  query: string,
  holder: Holder,
  request_id: string,
  isFresh = false,
): Promise<Step> {
  const read = await readRequest(deps, query, holder.session_id)
  if (read.step) return read.step
  const { known, request, parameters } = read
  const app = request.client.name
  const { prompts, max_age, redirect_uri } = request
  const { person } = known
  const isSilent = prompts.has('none')
  const asking = async (of: Holder, asked: string): Promise<Asking> => ({
    shop: known.shop,
    app,
    destination: destinationOf(redirect_uri),
    ticket: await ticketOf(deps, asked, of),
  })

  const isTooOld =
    person !== undefined && max_age !== null && deps.clock() - person.authenticated_at > max_age * 1000
  const wantsLogin = !isFresh && (prompts.has('login') || prompts.has('select_account') || isTooOld)
  if (!person || wantsLogin) {
    if (isSilent) return leave(deps, app, request, 'login_required', 'The person is not logged in.')
    const email = request.login_hint || (person?.email ?? '')
    return { kind: 'login', email, ...(await asking({ ...holder, session_id: '' }, query)) }
  }

  const scopes = await allowedTo(deps, request, person.id, holder.session_id)
  if (scopes.length === 0) return leave(deps, app, request, 'invalid_scope', NONE_OF_THEM)
  // An app that others could pose as is never let in unseen (RFC 8252 §8.6).
  const isRemembered =
    redirect_uri.startsWith('https:') && scopes.every(scope => known.granted.includes(scope))
  if (isRemembered && !prompts.has('consent'))
    return allow(deps, { ...request, scopes }, person, holder.session_id, request_id)
  if (isSilent) return leave(deps, app, request, 'consent_required', 'The person has not allowed this yet.')
  return {
    kind: 'consent',
    email: person.email,
    scopes: scopes.map(scope => ({ text: scopeText(scope), is_staff: isPermission(scope) })),
    switch_query: changed(parameters, 'prompt', 'login'),
    // Only what is shown here can be allowed by it, also if the person has more rights in a moment.
    ...(await asking(holder, changed(parameters, 'scope', scopes.join(' ')))),
  }
}

/** The same request, but for one parameter. */
function changed(parameters: URLSearchParams, name: string, value: string): string {
  const copy = new URLSearchParams(parameters)
  copy.set(name, value)
  return copy.toString()
}

/**
 * What the person can give of what is asked for: rights over the shop only as far as they have them, and none while they lack
 * the second factor that the shop wants of their role.
 */
async function allowedTo(
  deps: Deps,
  { scopes }: AuthorizationRequest,
  id: string,
  session_id: string,
): Promise<string[]> {
  if (!scopes.some(isPermission)) return scopes
  const now = await rightsNow(deps, { id, session_id })
  const rights = now === null || now.lacksFactor ? [] : now.rights
  return scopes.filter(scope => !isPermission(scope) || rights.includes(scope))
}

/** How a person proves who they are: by email and password, then by the code of their second factor, if they have one. */
export type Proof = Login | LoginWithCode

/**
 * Logs in and goes on. Raises what a login raises: `credentials_invalid`, `mfa_required`, `mfa_token_invalid`, `code_wrong`,
 * `too_many_attempts`, `unavailable`.
 */
export async function logInAndGoOn(
  deps: Deps,
  actor: Actor,
  input: { browser: string; ticket: string; proof: Proof; device: string },
): Promise<{ step: Step; session_id: string | null }> {
  const { browser, ticket, proof, device } = input
  const query = await readTicket(deps, ticket, { browser, session_id: '' })
  if (query === null) return { step: { kind: 'stop', reason: 'expired' }, session_id: null }
  const { session_id } =
    'mfa_token' in proof
      ? await loginWithCode(deps, actor, proof, device)
      : await login(deps, actor, proof, device)
  const step = await authorize(deps, query, { browser, session_id }, actor.request_id, true)
  return { step, session_id }
}

/** Shows the login again after one that failed, or asks for the code of one that waits for it. */
export async function loginAgain(
  deps: Deps,
  ticket: string,
  browser: string,
  shown: { kind: 'login'; email: string } | { kind: 'code'; mfa_token: string },
): Promise<Step> {
  const query = await readTicket(deps, ticket, { browser, session_id: '' })
  if (query === null) return { kind: 'stop', reason: 'expired' }
  const { shop, client } = await lookUp(deps, new URLSearchParams(query).get('client_id') ?? '', '')
  const destination = destinationOf(new URLSearchParams(query).get('redirect_uri') ?? '')
  return { ...shown, shop, app: client?.name ?? '', destination, ticket }
}

/** Carries out what the person decided on the page that they saw. */
export async function decide(
  deps: Deps,
  holder: Holder,
  ticket: string,
  isAllowed: boolean,
  request_id: string,
): Promise<Step> {
  const asked = await readTicket(deps, ticket, holder)
  // Who only wants to go back need not be logged in.
  const query = asked ?? (isAllowed ? null : await readTicket(deps, ticket, { ...holder, session_id: '' }))
  if (query === null) return { kind: 'stop', reason: 'expired' }
  const read = await readRequest(deps, query, holder.session_id)
  if (read.step) return read.step
  const { known, request } = read
  const app = request.client.name
  if (!isAllowed) return leave(deps, app, request, 'access_denied', 'The person did not allow it.')
  if (!known.person) return { kind: 'stop', reason: 'expired' }
  const scopes = await allowedTo(deps, request, known.person.id, holder.session_id)
  if (scopes.length === 0) return leave(deps, app, request, 'invalid_scope', NONE_OF_THEM)
  return allow(deps, { ...request, scopes }, known.person, holder.session_id, request_id)
}

/** Gives the code, and remembers what was allowed, in one unit. */
async function allow(
  deps: Deps,
  request: AuthorizationRequest,
  person: { id: string; authenticated_at: number },
  session_id: string,
  request_id: string,
): Promise<Step> {
  const { db, ids, clock } = deps
  const { client, scopes, redirect_uri, code_challenge, nonce, dpop_jkt } = request
  const now = clock()
  const code = newCode()
  const scope = scopes.join(' ')
  const grant = { user_id: person.id, client_id: client.id, created_at: now, updated_at: now }
  const united = sql`(SELECT group_concat(value, ' ') FROM (
    SELECT value FROM json_each('["' || replace(oauth_grants.scope, ' ', '","') || '"]')
    UNION SELECT value FROM json_each(${JSON.stringify(scopes)})))`
  await atomic(db, [
    db
      .insert(oauthGrants)
      .values({ id: ids('grant'), scope, ...grant })
      .onConflictDoUpdate({
        target: [oauthGrants.user_id, oauthGrants.client_id],
        set: { scope: united, updated_at: now },
      }),
    insertCode(
      db,
      {
        id: await sha256(code),
        client_id: client.id,
        user_id: person.id,
        session_id,
        redirect_uri,
        code_challenge,
        scope,
        nonce,
        dpop_jkt,
        authenticated_at: person.authenticated_at,
      },
      now,
    ),
    audit(
      db,
      ids,
      { actor: person.id, action: 'app.allowed', object_id: client.id, request_id, changes: { scopes } },
      now,
    ),
  ])
  const { state } = request
  const url = withParameters(redirect_uri, { code, state, iss: deps.config.PUBLIC_URL })
  return { kind: 'leave', app: client.name, url }
}

/** Back to the app with an error (RFC 6749 §4.1.2.1), and `iss` (RFC 9207). */
const leave = (
  { config }: Deps,
  app: string,
  { redirect_uri, state }: ReturnAddress,
  error: AuthorizeErrorCode,
  error_description: string,
): Step => ({
  kind: 'leave',
  app,
  url: withParameters(redirect_uri, { error, error_description, state, iss: config.PUBLIC_URL }),
})

/** The host, unless the app is on the person's own machine. */
function destinationOf(redirect_uri: string): string {
  const { protocol, host } = new URL(redirect_uri)
  return protocol === 'https:' ? host : 'the app on this device'
}
