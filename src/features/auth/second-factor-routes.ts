// The second factor over HTTP: one's own, and the login that waits for its code.

import { runInBackground } from '../../http/background.ts'
import { jsonBody, operation, reply, replyDone, userOf } from '../../http/operation.ts'
import { createRouter } from '../../http/router.ts'
import { sendDueMails } from '../notifications/service.ts'
import {
  codeWrong,
  passwordWrong,
  secondFactorExists,
  secondFactorMissing,
  tooManyAttempts,
} from './errors.ts'
import {
  BeginSecondFactor,
  ConfirmSecondFactor,
  PasswordAndCode,
  RecoveryCodes,
  SecondFactor,
  SecondFactorSecret,
} from './schemas.ts'
import {
  beginSecondFactor,
  confirmSecondFactor,
  disableSecondFactor,
  getSecondFactor,
  replaceRecoveryCodes,
} from './second-factor.ts'

const TAG = 'Login'
const PATH = '/v1/users/me/second-factor'

const getSecondFactorOperation = operation({
  method: 'get',
  path: PATH,
  operationId: 'getSecondFactor',
  summary: 'Get my second factor',
  description: 'Tells whether logging in takes a code, and how many recovery codes are left.',
  tag: TAG,
  permission: 'buyer',
  success: { status: 200, description: 'The state.', schema: SecondFactor },
  problems: [],
})

const beginSecondFactorOperation = operation({
  method: 'post',
  path: PATH,
  operationId: 'beginSecondFactor',
  summary: 'Set up a second factor',
  description:
    'Gives the secret for an authenticator app (RFC 6238: SHA-1, 30 seconds, six digits). Nothing changes until a code of the app confirms it; asked again, it gives a new secret.',
  tag: TAG,
  permission: 'buyer',
  request: { body: jsonBody(BeginSecondFactor) },
  success: { status: 200, description: 'The secret, once.', schema: SecondFactorSecret },
  problems: [passwordWrong, secondFactorExists, tooManyAttempts],
})

const confirmSecondFactorOperation = operation({
  method: 'post',
  path: `${PATH}/confirm`,
  operationId: 'confirmSecondFactor',
  summary: 'Turn the second factor on',
  description:
    'Takes the first code of the app. From now on every login asks for one; all other sessions end. The answer has ten recovery codes, which are never shown again.',
  tag: TAG,
  permission: 'buyer',
  request: { body: jsonBody(ConfirmSecondFactor) },
  success: { status: 200, description: 'It is on. The recovery codes, once.', schema: RecoveryCodes },
  problems: [codeWrong, secondFactorMissing, secondFactorExists, tooManyAttempts],
})

const replaceRecoveryCodesOperation = operation({
  method: 'post',
  path: `${PATH}/recovery-codes`,
  operationId: 'replaceRecoveryCodes',
  summary: 'Get new recovery codes',
  description: 'Makes ten new recovery codes; the old ones end. It takes the password and a code.',
  tag: TAG,
  permission: 'buyer',
  request: { body: jsonBody(PasswordAndCode) },
  success: { status: 200, description: 'The recovery codes, once.', schema: RecoveryCodes },
  problems: [passwordWrong, codeWrong, secondFactorMissing, tooManyAttempts],
})

const disableSecondFactorOperation = operation({
  method: 'post',
  path: `${PATH}/disable`,
  operationId: 'disableSecondFactor',
  summary: 'Turn the second factor off',
  description:
    'Removes the second factor and its recovery codes. It takes the password and a code, and a mail tells of it.',
  tag: TAG,
  permission: 'buyer',
  request: { body: jsonBody(PasswordAndCode) },
  success: { status: 204, description: 'The password alone opens the account.' },
  problems: [passwordWrong, codeWrong, secondFactorMissing, tooManyAttempts],
})

/** Routes of one's own second factor. */
export const secondFactorRoutes = () =>
  createRouter()
    .openapi(getSecondFactorOperation, async c =>
      reply(c, SecondFactor, await getSecondFactor(c.var.deps, userOf(c))),
    )
    .openapi(beginSecondFactorOperation, async c =>
      reply(c, SecondFactorSecret, await beginSecondFactor(c.var.deps, userOf(c), c.req.valid('json'))),
    )
    .openapi(confirmSecondFactorOperation, async c => {
      const codes = await confirmSecondFactor(c.var.deps, userOf(c), c.req.valid('json'))
      runInBackground(c, sendDueMails(c.var.deps))
      return reply(c, RecoveryCodes, codes)
    })
    .openapi(replaceRecoveryCodesOperation, async c =>
      reply(c, RecoveryCodes, await replaceRecoveryCodes(c.var.deps, userOf(c), c.req.valid('json'))),
    )
    .openapi(disableSecondFactorOperation, async c => {
      await disableSecondFactor(c.var.deps, userOf(c), c.req.valid('json'))
      runInBackground(c, sendDueMails(c.var.deps))
      return replyDone(c)
    })
