// Logins at outside providers over HTTP.

import { z } from '@hono/zod-openapi'
import { runInBackground } from '../../http/background.ts'
import { invalidCursor, notFound } from '../../http/errors.ts'
import { actorOf, jsonBody, operation, reply, replyDone, userOf } from '../../http/operation.ts'
import { createRouter } from '../../http/router.ts'
import { Page } from '../../http/schemas.ts'
import { linkInvalid, mfaRequired, tooManyAttempts } from '../auth/errors.ts'
import { Tokens } from '../auth/schemas.ts'
import { sendDueMails } from '../notifications/service.ts'
import {
  accountExists,
  identityTaken,
  providerEmailMissing,
  providerRefused,
  providerStateInvalid,
  providerUnavailable,
} from './errors.ts'
import { confirmLink, listIdentities, removeIdentity } from './identities.ts'
import { ConfirmLink, FinishLogin, IdentityList, ProviderList, StartedLogin } from './schemas.ts'
import { finishLink, finishLogin, listProviders, startLink, startLogin } from './service.ts'

const tag = 'Login'
const provider = z.object({
  id: z.string().openapi({ description: 'Id of the provider.', example: 'google' }),
})
const identity = z.object({
  id: z.string().openapi({ description: 'Id of the login.', example: 'idn_01M81J18G0F1WA11106WFXGE52' }),
})

const listProvidersOperation = operation({
  method: 'get',
  path: '/v1/auth/providers',
  operationId: 'listProviders',
  summary: 'List login providers',
  description: 'Lists where people may log in instead of giving a password. They are few: there is one page.',
  tag,
  permission: 'public',
  usesStore: false,
  success: { status: 200, description: 'The providers.', schema: ProviderList },
  problems: [],
})

const startLoginOperation = operation({
  method: 'post',
  path: '/v1/auth/providers/{id}/start',
  operationId: 'startLogin',
  summary: 'Log in at a provider',
  description:
    'Begins a login at an OpenID provider. Keep `binding` in the browser, send the browser to `authorization_url`, and finish with the `code` and `state` that come back.',
  tag,
  permission: 'public',
  request: { params: provider },
  success: { status: 200, description: 'Where to send the browser.', schema: StartedLogin },
  problems: [notFound, providerUnavailable, tooManyAttempts],
})

const finishLoginOperation = operation({
  method: 'post',
  path: '/v1/auth/providers/{id}/finish',
  operationId: 'finishLogin',
  summary: 'Finish a login at a provider',
  description:
    'Opens a session for the account that the person at the provider is linked to. An unknown person with a verified email gets an account. If that email has one already, nothing is opened: a mail asks its owner whether to link the two.',
  tag,
  permission: 'public',
  request: { params: provider, body: jsonBody(FinishLogin) },
  success: { status: 200, description: 'The tokens.', schema: Tokens },
  problems: [
    notFound,
    providerStateInvalid,
    providerRefused,
    providerUnavailable,
    providerEmailMissing,
    accountExists,
    mfaRequired,
    tooManyAttempts,
  ],
})

const confirmLinkOperation = operation({
  method: 'post',
  path: '/v1/auth/identities/confirm',
  operationId: 'confirmLink',
  summary: 'Allow a login by mail',
  description:
    'Links the login at a provider to the account, given the token of the mailed link. Begin the login again afterwards.',
  tag,
  permission: 'public',
  request: { body: jsonBody(ConfirmLink) },
  success: { status: 204, description: 'It is linked.' },
  problems: [linkInvalid, identityTaken, tooManyAttempts],
})

const startLinkOperation = operation({
  method: 'post',
  path: '/v1/users/me/providers/{id}/start',
  operationId: 'startLink',
  summary: 'Link a provider',
  description: 'Begins a login at a provider that will then open the caller’s account too.',
  tag,
  permission: 'buyer',
  request: { params: provider },
  success: { status: 200, description: 'Where to send the browser.', schema: StartedLogin },
  problems: [notFound, providerUnavailable, tooManyAttempts],
})

const finishLinkOperation = operation({
  method: 'post',
  path: '/v1/users/me/providers/{id}/finish',
  operationId: 'finishLink',
  summary: 'Finish linking a provider',
  description: 'Links the person at the provider to the caller’s account, whatever their email there is.',
  tag,
  permission: 'buyer',
  request: { params: provider, body: jsonBody(FinishLogin) },
  success: { status: 204, description: 'It is linked.' },
  problems: [notFound, providerStateInvalid, providerRefused, providerUnavailable, identityTaken],
})

const listIdentitiesOperation = operation({
  method: 'get',
  path: '/v1/users/me/identities',
  operationId: 'listIdentities',
  summary: 'List my logins elsewhere',
  description: 'Lists which logins at providers open the caller’s account.',
  tag,
  permission: 'buyer',
  request: { query: z.strictObject(Page) },
  success: { status: 200, description: 'A page of logins.', schema: IdentityList },
  problems: [invalidCursor],
})

const removeIdentityOperation = operation({
  method: 'delete',
  path: '/v1/users/me/identities/{id}',
  operationId: 'removeIdentity',
  summary: 'Remove a login elsewhere',
  description:
    'It opens the account no more. Whoever has no password then sets one by `POST /v1/auth/password-reset`.',
  tag,
  permission: 'buyer',
  request: { params: identity },
  success: { status: 204, description: 'It is gone.' },
  problems: [notFound],
})

/** Routes of logins at providers. */
export const providerRoutes = () =>
  createRouter()
    .openapi(listProvidersOperation, async c =>
      reply(c, ProviderList, listProviders(c.var.deps), { cache: 'public, max-age=300' }),
    )
    .openapi(startLoginOperation, async c =>
      reply(c, StartedLogin, await startLogin(c.var.deps, actorOf(c), c.req.valid('param').id)),
    )
    .openapi(finishLoginOperation, async c => {
      const { id } = c.req.valid('param')
      const device = c.req.header('User-Agent') ?? ''
      const finished = finishLogin(c.var.deps, actorOf(c), id, c.req.valid('json'), device)
      try {
        return await reply(c, Tokens, await finished)
      } finally {
        runInBackground(c, sendDueMails(c.var.deps))
      }
    })
    .openapi(confirmLinkOperation, async c => {
      await confirmLink(c.var.deps, actorOf(c), c.req.valid('json'))
      runInBackground(c, sendDueMails(c.var.deps))
      return replyDone(c)
    })
    .openapi(startLinkOperation, async c =>
      reply(c, StartedLogin, await startLink(c.var.deps, userOf(c), c.req.valid('param').id)),
    )
    .openapi(finishLinkOperation, async c => {
      const { id } = c.req.valid('param')
      await finishLink(c.var.deps, userOf(c), id, c.req.valid('json'))
      runInBackground(c, sendDueMails(c.var.deps))
      return replyDone(c)
    })
    .openapi(listIdentitiesOperation, async c =>
      reply(c, IdentityList, await listIdentities(c.var.deps, userOf(c), c.req.valid('query'))),
    )
    .openapi(removeIdentityOperation, async c => {
      await removeIdentity(c.var.deps, userOf(c), c.req.valid('param').id)
      return replyDone(c)
    })
