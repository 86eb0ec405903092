// Failures of authentication and authorisation, with the challenges that RFC 6750 §3 wants beside them.

import { DomainError, type ErrorKind } from '../lib/errors.ts'
import type { Permission } from '../lib/permissions.ts'

export const authenticationRequired: ErrorKind = {
  code: 'authentication_required',
  status: 401,
  title: 'This needs a login',
  help: 'Send `Authorization: Bearer <access_token>` with the access token of `POST /v1/auth/login`, or, as an app or a service client, of `POST /oauth/token`.',
}
export const tokenInvalid: ErrorKind = {
  code: 'token_invalid',
  status: 401,
  title: 'The access token is not valid',
  help: 'It is malformed, expired, not ours, or its session has ended. Get a new one with `POST /v1/auth/refresh` or `POST /oauth/token`, or log in again. Without an `Authorization` header, public operations answer as to anybody.',
}
export const loginTooOld: ErrorKind = {
  code: 'login_too_old',
  status: 401,
  title: 'This needs a fresh login',
  help: 'What cannot be undone is done only soon after the password was given. Log in again and repeat the request (RFC 9470).',
  members: {
    max_age_seconds: { description: 'How old the login may be.', type: 'integer', example: 900 },
  },
}
export const permissionMissing: ErrorKind = {
  code: 'permission_missing',
  status: 403,
  title: 'You do not have the right to do this',
  help: '`permission` names the right that is needed. An owner can give you a role that has it; then log in again.',
  members: {
    permission: { description: 'The right that is needed.', type: 'string', example: 'staff:read' },
  },
}

export const secondFactorRequired: ErrorKind = {
  code: 'second_factor_required',
  status: 403,
  title: 'Your role needs a second factor',
  help: 'The shop wants one of everybody in your role. Set it up with `POST /v1/users/me/second-factor`; until then you can do what any buyer can.',
}

export const scopeMissing: ErrorKind = {
  code: 'scope_missing',
  status: 403,
  title: 'The app was not let do this',
  help: '`scope` names what the person has to allow. Send them to `/oauth/authorize` again and ask for it.',
  members: {
    scope: { description: 'The scope that is needed.', type: 'string', example: 'me:orders' },
  },
}
export const ownLoginRequired: ErrorKind = {
  code: 'own_login_required',
  status: 403,
  title: 'Only the person themselves can do this',
  help: 'It takes the token of the person’s own login at the shop (`POST /v1/auth/login`). Neither an app that acts for them nor a service client can do it.',
}

/** Every failure of authentication and authorisation, for the registry. */
export const authErrors = [
  authenticationRequired,
  tokenInvalid,
  loginTooOld,
  permissionMissing,
  secondFactorRequired,
  scopeMissing,
  ownLoginRequired,
]

const challenge = (parameters = ''): Record<string, string> => ({
  'WWW-Authenticate': parameters === '' ? 'Bearer' : `Bearer ${parameters}`,
})

/** No token came. RFC 6750 §3.1: then the challenge carries no error code. */
export const noToken = (): DomainError =>
  new DomainError(authenticationRequired, 'Send an access token.', { headers: challenge() })

/** The token is not one to trust. Why is not told: it would only help forgers. */
export const badToken = (): DomainError =>
  new DomainError(tokenInvalid, 'The access token is not valid, or no longer.', {
    headers: challenge('error="invalid_token"'),
  })

/** The password was given too long ago for this (RFC 9470 §3). */
export const staleLogin = (maxAgeSeconds: number): DomainError =>
  new DomainError(loginTooOld, `Log in again: the last login may be ${maxAgeSeconds} seconds old.`, {
    headers: challenge(`error="insufficient_user_authentication", max_age=${maxAgeSeconds}`),
    members: { max_age_seconds: maxAgeSeconds },
  })

/** The caller is staff, and may only enrol (RFC 9470 §3). */
export const lackingSecondFactor = (): DomainError =>
  new DomainError(secondFactorRequired, 'Set up a second factor first.', {
    headers: challenge('error="insufficient_user_authentication"'),
  })

/** The proof of a key (RFC 9449) that should come with a token does not hold, or lacks a fresh nonce. */
export const badProof = (error: 'invalid_dpop_proof' | 'use_dpop_nonce', nonce: string): DomainError =>
  new DomainError(tokenInvalid, 'The DPoP proof of the access token does not hold.', {
    headers: { 'WWW-Authenticate': `DPoP error="${error}", algs="ES256"`, 'DPoP-Nonce': nonce },
  })

/** The person did not let the app do this. */
export const lackingScope = (scope: string): DomainError =>
  new DomainError(scopeMissing, `This needs the scope ${scope}.`, {
    headers: challenge(`error="insufficient_scope", scope="${scope}"`),
    members: { scope },
  })

/** An app or a service client tries what only the person may do. */
export const notInPerson = (): DomainError =>
  new DomainError(ownLoginRequired, 'This needs the person’s own login.', {
    headers: challenge('error="insufficient_scope"'),
  })

/** The caller is known, and lacks a right. */
export const lackingPermission = (permission: Permission): DomainError =>
  new DomainError(permissionMissing, `This needs the right ${permission}.`, {
    headers: challenge(`error="insufficient_scope", scope="${permission}"`),
    members: { permission },
  })
