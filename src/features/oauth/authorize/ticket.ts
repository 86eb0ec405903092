// What binds the pages of one authorization together without a store: a cookie that names the browser, and in each form a
// ticket that holds the request, signed for that browser and login, for ten minutes. A form that another site made has no
// ticket of this browser, so it does nothing (RFC 9700 §4.7); what the person was shown is what is decided upon.

import { z } from 'zod'
import type { Deps } from '../../../deps.ts'
import { equalSecrets, hmacSha256 } from '../../../lib/hash.ts'

const TICKET_MS = 10 * 60_000
const BROWSER_BYTES = 16
const BROWSER = /^[0-9a-f]{32}$/

const Body = z.strictObject({ query: z.string(), expires_at: z.number() })

/** Whose browser, and logged in with which session (empty: with none). */
export interface Holder {
  browser: string
  session_id: string
}

/** The cookie's value when it is one of ours, else a fresh one. */
export const browserOf = (cookie: string | undefined): string =>
  cookie && BROWSER.test(cookie)
    ? cookie
    : Buffer.from(crypto.getRandomValues(new Uint8Array(BROWSER_BYTES))).toString('hex')

/** Puts an authorization request into a ticket. */
export async function ticketOf(deps: Deps, query: string, holder: Holder): Promise<string> {
  const body = Buffer.from(JSON.stringify({ query, expires_at: deps.clock() + TICKET_MS })).toString(
    'base64url',
  )
  return `${body}.${await signature(deps, body, holder)}`
}

/** The authorization request in a ticket; null when it is not this holder's, or too old. */
export async function readTicket(deps: Deps, ticket: string, holder: Holder): Promise<string | null> {
  const [body = '', given = ''] = ticket.split('.')
  if (!(await equalSecrets(given, await signature(deps, body, holder)))) return null
  const { query, expires_at } = Body.parse(JSON.parse(Buffer.from(body, 'base64url').toString()))
  return expires_at > deps.clock() ? query : null
}

const signature = ({ config }: Deps, body: string, { browser, session_id }: Holder): Promise<string> =>
  hmacSha256(config.TOKEN_SECRET, `ticket:${browser}:${session_id}:${body}`)

/** The login cookie of a session. */
export const loginCookie = async ({ config }: Deps, session_id: string): Promise<string> =>
  `${session_id}.${await hmacSha256(config.TOKEN_SECRET, `browser-login:${session_id}`)}`

/** The session of a login cookie that we made; empty otherwise. */
export async function sessionOf(deps: Deps, cookie: string | undefined): Promise<string> {
  const [session_id = ''] = (cookie ?? '').split('.')
  return cookie !== undefined && (await equalSecrets(cookie, await loginCookie(deps, session_id)))
    ? session_id
    : ''
}
