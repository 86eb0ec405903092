// Accounts and address books over HTTP.

import { z } from '@hono/zod-openapi'
import { loginTooOld } from '../../http/auth-errors.ts'
import { runInBackground } from '../../http/background.ts'
import { invalidCursor, notFound } from '../../http/errors.ts'
import { idempotencyErrors } from '../../http/idempotency-errors.ts'
import { actorOf, jsonBody, operation, reply, replyDone, replyStored, userOf } from '../../http/operation.ts'
import { createRouter } from '../../http/router.ts'
import { Page } from '../../http/schemas.ts'
import { linkInvalid, passwordRefused, passwordWrong, tooManyAttempts } from '../auth/errors.ts'
import { MailOnItsWay } from '../auth/schemas.ts'
import { addressInvalid } from '../checkouts/errors.ts'
import { sendDueMails } from '../notifications/service.ts'
import { createAddress, deleteAddress, listAddresses, updateAddress } from './addresses.ts'
import { confirmEmailChange, requestEmailChange } from './email.ts'
import { lastOwner, paymentUnderWay, tooManyAddresses } from './errors.ts'
import { eraseMe, exportMe } from './person.ts'
import {
  ChangeEmail,
  ConfirmEmail,
  CreateAddress,
  PersonalData,
  RegisterUser,
  SavedAddress,
  SavedAddressList,
  UpdateAddress,
  UpdateUser,
  User,
  VerifyUser,
} from './schemas.ts'
import { getMe, registerUser, updateMe, verifyUser } from './service.ts'

const TAG = 'Accounts'
const params = z.object({
  id: z.string().openapi({ description: 'Id of the address.', example: 'addr_01M81J18G0F1WA11106WFXGE52' }),
})

const registerUserOperation = operation({
  method: 'post',
  path: '/v1/users',
  operationId: 'registerUser',
  summary: 'Register',
  description:
    'Asks for an account. A mail brings a link that makes it; until then nothing exists. The answer is the same for an email that has an account already, which then gets a mail that says so.',
  tag: TAG,
  permission: 'public',
  request: { body: jsonBody(RegisterUser) },
  success: { status: 202, description: 'A mail is on its way.', schema: MailOnItsWay },
  problems: [passwordRefused, tooManyAttempts],
})

const verifyUserOperation = operation({
  method: 'post',
  path: '/v1/users/verify',
  operationId: 'verifyUser',
  summary: 'Confirm a registration',
  description:
    'Makes the account, given the token of the mailed link and the password of the registration. Orders that were placed with the email as a guest join the account.',
  tag: TAG,
  permission: 'public',
  request: { body: jsonBody(VerifyUser) },
  success: { status: 204, description: 'The account exists: log in.' },
  problems: [linkInvalid, passwordWrong, tooManyAttempts],
})

const getMeOperation = operation({
  method: 'get',
  path: '/v1/users/me',
  operationId: 'getMe',
  summary: 'Get my account',
  description: 'Reads the account of the caller.',
  tag: TAG,
  permission: 'buyer',
  scope: 'me:read',
  success: { status: 200, description: 'The account.', schema: User },
  problems: [],
})

const updateMeOperation = operation({
  method: 'patch',
  path: '/v1/users/me',
  operationId: 'updateMe',
  summary: 'Change my account',
  description: 'Changes name and phone of the caller.',
  tag: TAG,
  permission: 'buyer',
  scope: 'me:write',
  request: { body: jsonBody(UpdateUser) },
  success: { status: 200, description: 'The account.', schema: User },
  problems: [],
})

const requestEmailChangeOperation = operation({
  method: 'post',
  path: '/v1/users/me/email',
  operationId: 'requestEmailChange',
  summary: 'Ask for another email',
  description:
    'Mails a link to the new email; nothing changes before it is confirmed. The answer is the same for an email that has an account already, which then gets a mail that says so.',
  tag: TAG,
  permission: 'buyer',
  request: { body: jsonBody(ChangeEmail) },
  success: { status: 202, description: 'A mail is on its way.', schema: MailOnItsWay },
  problems: [passwordWrong, tooManyAttempts],
})

const confirmEmailChangeOperation = operation({
  method: 'post',
  path: '/v1/users/me/email/confirm',
  operationId: 'confirmEmailChange',
  summary: 'Change my email',
  description:
    'Changes the email, given the token of the link that came to it, for the person who asked and is logged in. All other sessions end, the old email gets a notice, and orders that were placed with the new email as a guest join the account.',
  tag: TAG,
  permission: 'buyer',
  request: { body: jsonBody(ConfirmEmail) },
  success: { status: 204, description: 'The email is changed.' },
  problems: [linkInvalid, tooManyAttempts],
})

const eraseMeOperation = operation({
  method: 'delete',
  path: '/v1/users/me',
  operationId: 'eraseMe',
  summary: 'Erase my account',
  description:
    'Erases the account and everything that names the person, for good: addresses, sessions, checkouts, carts, mails, and names, addresses and emails in orders. Sums of orders stay. It wants a login of the last 15 minutes.',
  tag: TAG,
  permission: 'buyer',
  success: { status: 204, description: 'It is erased.' },
  problems: [loginTooOld, paymentUnderWay, lastOwner],
})

const exportMeOperation = operation({
  method: 'get',
  path: '/v1/users/me/export',
  operationId: 'exportMe',
  summary: 'Export my data',
  description:
    'All that is stored about the caller as one JSON document, by table. Passwords, tokens and their hashes are left out.',
  tag: TAG,
  permission: 'buyer',
  success: { status: 200, description: 'The data.', schema: PersonalData },
  problems: [],
})

const listAddressesOperation = operation({
  method: 'get',
  path: '/v1/users/me/addresses',
  operationId: 'listAddresses',
  summary: 'List my addresses',
  description: 'Lists the caller’s addresses, oldest first.',
  tag: TAG,
  permission: 'buyer',
  scope: 'me:read',
  request: { query: z.strictObject(Page) },
  success: { status: 200, description: 'A page of addresses.', schema: SavedAddressList },
  problems: [invalidCursor],
})

const createAddressOperation = operation({
  method: 'post',
  path: '/v1/users/me/addresses',
  operationId: 'createAddress',
  summary: 'Save an address',
  description: 'Adds an address. As the default it takes the place of the one that was.',
  tag: TAG,
  permission: 'buyer',
  scope: 'me:write',
  request: { body: jsonBody(CreateAddress) },
  idempotency: 'optional',
  success: {
    status: 201,
    description: 'The address.',
    schema: SavedAddress,
    headers: ['Location'],
  },
  problems: [addressInvalid, tooManyAddresses, ...idempotencyErrors],
})

const updateAddressOperation = operation({
  method: 'patch',
  path: '/v1/users/me/addresses/{id}',
  operationId: 'updateAddress',
  summary: 'Change an address',
  description:
    'Replaces an address, or makes it the default. Another person’s looks like one that does not exist.',
  tag: TAG,
  permission: 'buyer',
  scope: 'me:write',
  request: { params, body: jsonBody(UpdateAddress) },
  success: { status: 200, description: 'The address.', schema: SavedAddress },
  problems: [notFound, addressInvalid],
})

const deleteAddressOperation = operation({
  method: 'delete',
  path: '/v1/users/me/addresses/{id}',
  operationId: 'deleteAddress',
  summary: 'Delete an address',
  description: 'Takes an address out of the book. Orders keep theirs.',
  tag: TAG,
  permission: 'buyer',
  scope: 'me:write',
  request: { params },
  success: { status: 204, description: 'It is gone.' },
  problems: [notFound],
})

/** Routes of accounts and address books. */
export const userRoutes = () =>
  createRouter()
    .openapi(registerUserOperation, async c => {
      await registerUser(c.var.deps, actorOf(c), c.req.valid('json'))
      runInBackground(c, sendDueMails(c.var.deps))
      return reply(c, MailOnItsWay, { status: 'mail_on_its_way' }, { status: 202 })
    })
    .openapi(verifyUserOperation, async c => {
      await verifyUser(c.var.deps, actorOf(c), c.req.valid('json'))
      return replyDone(c)
    })
    .openapi(getMeOperation, async c => reply(c, User, await getMe(c.var.deps, userOf(c))))
    .openapi(updateMeOperation, async c =>
      reply(c, User, await updateMe(c.var.deps, userOf(c), c.req.valid('json'))),
    )
    .openapi(requestEmailChangeOperation, async c => {
      await requestEmailChange(c.var.deps, userOf(c), c.req.valid('json'))
      runInBackground(c, sendDueMails(c.var.deps))
      return reply(c, MailOnItsWay, { status: 'mail_on_its_way' }, { status: 202 })
    })
    .openapi(confirmEmailChangeOperation, async c => {
      await confirmEmailChange(c.var.deps, userOf(c), c.req.valid('json'))
      runInBackground(c, sendDueMails(c.var.deps))
      return replyDone(c)
    })
    .openapi(eraseMeOperation, async c => {
      await eraseMe(c.var.deps, userOf(c))
      return replyDone(c)
    })
    .openapi(exportMeOperation, async c => reply(c, PersonalData, await exportMe(c.var.deps, userOf(c))))
    .openapi(listAddressesOperation, async c =>
      reply(c, SavedAddressList, await listAddresses(c.var.deps, userOf(c), c.req.valid('query'))),
    )
    .openapi(createAddressOperation, async c =>
      replyStored(c, SavedAddress, await createAddress(c.var.deps, userOf(c), c.req.valid('json')), {
        location: id => `/v1/users/me/addresses/${id}`,
      }),
    )
    .openapi(updateAddressOperation, async c => {
      const { id } = c.req.valid('param')
      return reply(c, SavedAddress, await updateAddress(c.var.deps, userOf(c), id, c.req.valid('json')))
    })
    .openapi(deleteAddressOperation, async c => {
      await deleteAddress(c.var.deps, userOf(c), c.req.valid('param').id)
      return replyDone(c)
    })
