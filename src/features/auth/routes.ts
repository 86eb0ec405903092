// Logins, tokens, passwords and sessions over HTTP.

import { z } from '@hono/zod-openapi'
import { runInBackground } from '../../http/background.ts'
import { invalidCursor, notFound } from '../../http/errors.ts'
import { actorOf, jsonBody, operation, reply, replyDone, userOf } from '../../http/operation.ts'
import { createRouter } from '../../http/router.ts'
import { Page } from '../../http/schemas.ts'
import { sendDueMails } from '../notifications/service.ts'
import {
  codeWrong,
  credentialsInvalid,
  linkInvalid,
  mfaRequired,
  mfaTokenInvalid,
  passwordRefused,
  passwordWrong,
  refreshTokenInvalid,
  tooManyAttempts,
} from './errors.ts'
import { changePassword, requestPasswordReset, resetPassword } from './passwords.ts'
import {
  ChangePassword,
  Login,
  LoginWithCode,
  MailOnItsWay,
  RefreshToken,
  RequestPasswordReset,
  ResetPassword,
  SessionList,
  Tokens,
} from './schemas.ts'
import { login, loginWithCode, logout, refresh } from './service.ts'
import { endSession, listSessions } from './sessions.ts'

const TAG = 'Login'
const params = z.object({
  id: z.string().openapi({ description: 'Id of the session.', example: 'ses_01M81J18G0F1WA11106WFXGE52' }),
})

const loginOperation = operation({
  method: 'post',
  path: '/v1/auth/login',
  operationId: 'login',
  summary: 'Log in',
  description:
    'Opens a session with email and password: an access token for 15 minutes, and a refresh token that gets the next one. A wrong password, an unknown email and an unverified registration have the same answer. Wrong guesses are limited by account and network; a password reset always opens the account. An account with a second factor answers `mfa_required` with an `mfa_token`, unless the right `code` came along.',
  tag: TAG,
  permission: 'public',
  request: { body: jsonBody(Login) },
  success: { status: 200, description: 'The tokens.', schema: Tokens },
  problems: [credentialsInvalid, mfaRequired, codeWrong, tooManyAttempts],
})

const loginWithCodeOperation = operation({
  method: 'post',
  path: '/v1/auth/login/mfa',
  operationId: 'loginWithCode',
  summary: 'Log in: the second factor',
  description:
    'Ends a login that was answered `mfa_required`, with a code of the authenticator app or a recovery code. A wrong code can be tried again; guesses are limited by account and network.',
  tag: TAG,
  permission: 'public',
  request: { body: jsonBody(LoginWithCode) },
  success: { status: 200, description: 'The tokens.', schema: Tokens },
  problems: [mfaTokenInvalid, codeWrong, tooManyAttempts],
})

const refreshOperation = operation({
  method: 'post',
  path: '/v1/auth/refresh',
  operationId: 'refresh',
  summary: 'Get a new access token',
  description:
    'Replaces a refresh token, with a new access token. Each refresh token is used once; if the answer was lost, the same token gets the same replacement for 10 seconds, as long as that is unused. Any later use of a used token ends the session. A session lasts 30 days at most.',
  tag: TAG,
  permission: 'public',
  request: { body: jsonBody(RefreshToken) },
  success: { status: 200, description: 'The tokens.', schema: Tokens },
  problems: [refreshTokenInvalid],
})

const logoutOperation = operation({
  method: 'post',
  path: '/v1/auth/logout',
  operationId: 'logout',
  summary: 'Log out',
  description:
    'Ends the session of a refresh token. Its access token then opens nothing personal any more. A token that is unknown, or whose session is over, has the same answer.',
  tag: TAG,
  permission: 'public',
  request: { body: jsonBody(RefreshToken) },
  success: { status: 204, description: 'The session is over.' },
  problems: [],
})

const requestPasswordResetOperation = operation({
  method: 'post',
  path: '/v1/auth/password-reset',
  operationId: 'requestPasswordReset',
  summary: 'Ask for a password reset',
  description:
    'Sends a link to set a new password, if there is an account. The answer is the same if there is none. At most 5 mails an hour go to one address; beyond that an earlier link still works.',
  tag: TAG,
  permission: 'public',
  request: { body: jsonBody(RequestPasswordReset) },
  success: {
    status: 202,
    description: 'If there is an account, a mail is on its way.',
    schema: MailOnItsWay,
  },
  problems: [tooManyAttempts],
})

const resetPasswordOperation = operation({
  method: 'post',
  path: '/v1/auth/password-reset/confirm',
  operationId: 'resetPassword',
  summary: 'Set a new password by mail',
  description:
    'Sets a password with the token of a mailed link, once and within an hour. All sessions end, and waiting after wrong guesses ends too.',
  tag: TAG,
  permission: 'public',
  request: { body: jsonBody(ResetPassword) },
  success: { status: 204, description: 'The password is set.' },
  problems: [linkInvalid, passwordRefused, tooManyAttempts],
})

const changePasswordOperation = operation({
  method: 'put',
  path: '/v1/users/me/password',
  operationId: 'changePassword',
  summary: 'Change the password',
  description: 'Sets a new password, given the current one. All other sessions end.',
  tag: TAG,
  permission: 'buyer',
  request: { body: jsonBody(ChangePassword) },
  success: { status: 204, description: 'The password is changed.' },
  problems: [passwordWrong, passwordRefused, tooManyAttempts],
})

const listSessionsOperation = operation({
  method: 'get',
  path: '/v1/users/me/sessions',
  operationId: 'listSessions',
  summary: 'List sessions',
  description: 'Lists where the caller is logged in, newest first.',
  tag: TAG,
  permission: 'buyer',
  request: { query: z.strictObject(Page) },
  success: { status: 200, description: 'A page of sessions.', schema: SessionList },
  problems: [invalidCursor],
})

const endSessionOperation = operation({
  method: 'delete',
  path: '/v1/users/me/sessions/{id}',
  operationId: 'endSession',
  summary: 'End a session',
  description:
    'Logs the caller out elsewhere, or here. Another person’s session looks exactly like one that does not exist.',
  tag: TAG,
  permission: 'buyer',
  request: { params },
  success: { status: 204, description: 'The session is over.' },
  problems: [notFound],
})

/** Routes of logins, tokens, passwords and sessions. */
export const authRoutes = () =>
  createRouter()
    .openapi(loginOperation, async c => {
      const device = c.req.header('User-Agent') ?? ''
      return reply(c, Tokens, await login(c.var.deps, actorOf(c), c.req.valid('json'), device))
    })
    .openapi(loginWithCodeOperation, async c => {
      const device = c.req.header('User-Agent') ?? ''
      return reply(c, Tokens, await loginWithCode(c.var.deps, actorOf(c), c.req.valid('json'), device))
    })
    .openapi(refreshOperation, async c =>
      reply(c, Tokens, await refresh(c.var.deps, actorOf(c), c.req.valid('json').refresh_token)),
    )
    .openapi(logoutOperation, async c => {
      await logout(c.var.deps, c.req.valid('json').refresh_token)
      return replyDone(c)
    })
    .openapi(requestPasswordResetOperation, async c => {
      await requestPasswordReset(c.var.deps, actorOf(c), c.req.valid('json').email)
      runInBackground(c, sendDueMails(c.var.deps))
      return reply(c, MailOnItsWay, { status: 'mail_on_its_way' }, { status: 202 })
    })
    .openapi(resetPasswordOperation, async c => {
      await resetPassword(c.var.deps, actorOf(c), c.req.valid('json'))
      runInBackground(c, sendDueMails(c.var.deps))
      return replyDone(c)
    })
    .openapi(changePasswordOperation, async c => {
      await changePassword(c.var.deps, userOf(c), c.req.valid('json'))
      runInBackground(c, sendDueMails(c.var.deps))
      return replyDone(c)
    })
    .openapi(listSessionsOperation, async c =>
      reply(c, SessionList, await listSessions(c.var.deps, userOf(c), c.req.valid('query'))),
    )
    .openapi(endSessionOperation, async c => {
      await endSession(c.var.deps, userOf(c), c.req.valid('param').id)
      return replyDone(c)
    })
