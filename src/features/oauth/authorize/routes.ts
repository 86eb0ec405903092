// The authorization endpoint (RFC 6749 §3.1) and the forms of its pages. Pages for people, not operations: they are not in
// the OpenAPI document.

import type { Context } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import type { AppEnv } from '../../../http/context.ts'
import { unavailable } from '../../../http/errors.ts'
import { formOf } from '../../../http/form-operation.ts'
import {
  codePage,
  consentPage,
  leavingPage,
  loginPage,
  OAUTH_PAGE_HEADERS,
  stopPage,
} from '../../../http/oauth-pages.ts'
import { actorOf } from '../../../http/operation.ts'
import { createRouter } from '../../../http/router.ts'
import { DomainError } from '../../../lib/errors.ts'
import {
  codeWrong,
  credentialsInvalid,
  mfaRequired,
  mfaTokenInvalid,
  tooManyAttempts,
} from '../../auth/errors.ts'
import { Login, LoginWithCode } from '../../auth/schemas.ts'
import { authorize, decide, logInAndGoOn, loginAgain, type Step } from './flow.ts'
import { browserOf, type Holder, loginCookie, sessionOf } from './ticket.ts'

const BROWSER = 'curbside-authorize'
const LOGIN = 'curbside-login'

/** Cookies of this host alone, for no script, and for no request that another site makes in the background. */
function cookieOptions(c: Context<AppEnv>) {
  const isSecure = c.var.deps.config.PUBLIC_URL.startsWith('https:')
  return {
    path: '/',
    httpOnly: true,
    sameSite: 'Lax' as const,
    ...(isSecure ? { secure: true, prefix: 'host' as const } : {}),
  }
}

const cookie = (c: Context<AppEnv>, name: string): string | undefined =>
  getCookie(c, name, cookieOptions(c).prefix)

/** Whose browser and login it is; a browser that has no name yet gets one. */
async function holderOf(c: Context<AppEnv>): Promise<Holder> {
  const given = cookie(c, BROWSER)
  const browser = browserOf(given)
  if (browser !== given) setCookie(c, BROWSER, browser, cookieOptions(c))
  return { browser, session_id: await sessionOf(c.var.deps, cookie(c, LOGIN)) }
}

const sentForm = async (c: Context<AppEnv>) => (await formOf(c)) ?? new URLSearchParams()

interface Showing {
  /** A form was answered: then a page leads on, see oauth-pages.ts. */
  isForm: boolean
  problem?: string
  status?: 200 | 422 | 429 | 503
}

function show(c: Context<AppEnv>, step: Step, { isForm, problem, status = 200 }: Showing) {
  for (const [name, value] of Object.entries(OAUTH_PAGE_HEADERS)) c.header(name, value)
  switch (step.kind) {
    case 'stop':
      return c.html(stopPage(step.reason), 400)
    case 'login':
      return c.html(loginPage({ ...step, problem }), status)
    case 'code':
      return c.html(codePage({ ...step, problem }), status)
    case 'consent':
      return c.html(consentPage(step))
    case 'leave':
      return isForm ? c.html(leavingPage(step)) : c.redirect(step.url, 303)
  }
}

/** What went wrong with a login, as the page says it; null for what is no matter of the page. */
function loginProblem(error: DomainError): { problem: string; status: 422 | 429 | 503 } | null {
  if (error.kind === credentialsInvalid)
    return { problem: 'The email or the password is not right.', status: 422 }
  if (error.kind === codeWrong)
    return { problem: 'That is not a code of now, or it was used. Try the next one.', status: 422 }
  if (error.kind === mfaTokenInvalid)
    return { problem: 'That took too long. Please log in again.', status: 422 }
  if (error.kind === tooManyAttempts)
    return { problem: 'Too many attempts. Wait a quarter of an hour, or reset your password.', status: 429 }
  if (error.kind === unavailable)
    return { problem: 'Many people are logging in just now. Please try again.', status: 503 }
  return null
}

/** Routes of the pages on which a person lets an app in. */
export const authorizeRoutes = () => {
  const app = createRouter()

  app.get('/oauth/authorize', async c => {
    const query = new URL(c.req.url).search.slice(1)
    return show(c, await authorize(c.var.deps, query, await holderOf(c), c.var.requestId), { isForm: false })
  })

  // OpenID Connect Core §3.1.2.1 wants POST too. From another site it comes without cookies, hence as a GET of its own.
  app.post('/oauth/authorize', async c => {
    for (const [name, value] of Object.entries(OAUTH_PAGE_HEADERS)) c.header(name, value)
    return c.redirect(`/oauth/authorize?${await sentForm(c)}`, 303)
  })

  app.post('/oauth/authorize/login', async c => {
    const { deps } = c.var
    const form = await sentForm(c)
    const { browser } = await holderOf(c)
    const ticket = form.get('ticket') ?? ''
    const email = (form.get('email') ?? '').trim()
    const mfa_token = form.get('mfa_token')
    const again = async (asked: string | null, problem?: string, status?: 422 | 429 | 503) => {
      const shown =
        asked === null ? { kind: 'login' as const, email } : { kind: 'code' as const, mfa_token: asked }
      return show(c, await loginAgain(deps, ticket, browser, shown), { isForm: true, problem, status })
    }
    const given =
      mfa_token === null
        ? Login.safeParse({ email, password: form.get('password') ?? '' })
        : LoginWithCode.safeParse({ mfa_token, code: (form.get('code') ?? '').trim() })
    if (!given.success)
      return again(
        mfa_token,
        mfa_token === null ? 'Give an email address and a password.' : 'Give a code.',
        422,
      )
    const device = c.req.header('User-Agent') ?? ''
    try {
      const input = { browser, ticket, device, proof: given.data }
      const { step, session_id } = await logInAndGoOn(deps, actorOf(c), input)
      if (session_id !== null) setCookie(c, LOGIN, await loginCookie(deps, session_id), cookieOptions(c))
      return show(c, step, { isForm: true })
    } catch (error) {
      if (!(error instanceof DomainError)) throw error
      if (error.kind === mfaRequired) return again(String(error.extras.members?.mfa_token))
      const known = loginProblem(error)
      if (!known) throw error
      if (error.extras.retryAfterSeconds !== undefined)
        c.header('Retry-After', String(error.extras.retryAfterSeconds))
      return again(error.kind === mfaTokenInvalid ? null : mfa_token, known.problem, known.status)
    }
  })

  app.post('/oauth/authorize/decision', async c => {
    const form = await sentForm(c)
    const isAllowed = form.get('decision') === 'allow'
    const ticket = form.get('ticket') ?? ''
    const step = await decide(c.var.deps, await holderOf(c), ticket, isAllowed, c.var.requestId)
    return show(c, step, { isForm: true })
  })

  return app
}
