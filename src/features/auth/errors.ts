import type { ErrorKind } from '../../lib/errors.ts'

export const credentialsInvalid: ErrorKind = {
  code: 'credentials_invalid',
  status: 401,
  title: 'The email or the password is wrong',
  help: 'Or the account does not exist, or its email is not verified yet: these look the same on purpose. A new registration or a password reset helps in every case.',
}
export const refreshTokenInvalid: ErrorKind = {
  code: 'refresh_token_invalid',
  status: 401,
  title: 'The refresh token is not valid',
  help: 'It is unknown or expired, its session has ended, or it was used before; in the last case its whole session was ended just now. Log in again.',
}
export const tooManyAttempts: ErrorKind = {
  code: 'too_many_attempts',
  status: 429,
  title: 'Too many attempts',
  help: 'Wait as many seconds as `Retry-After` says. A password reset by mail opens the account at once.',
}
export const linkInvalid: ErrorKind = {
  code: 'link_invalid',
  status: 400,
  title: 'The link is not valid',
  help: 'Links work once and for an hour. Ask for a new one.',
}
export const passwordRefused: ErrorKind = {
  code: 'password_refused',
  status: 422,
  title: 'This password is too easy to guess',
  help: 'A password has 15 to 256 characters, any you like. It may not be a common password, a pattern, or made of the email or the shop’s name. Several random words make a good one.',
}
export const mfaRequired: ErrorKind = {
  code: 'mfa_required',
  status: 401,
  title: 'The second factor is missing',
  help: 'The password (or the login elsewhere) was right. Ask for the code of the authenticator app, or a recovery code, and send it with `mfa_token` to `POST /v1/auth/login/mfa` within 5 minutes.',
  members: {
    mfa_token: {
      description: 'Good for nothing but `POST /v1/auth/login/mfa`, once.',
      type: 'string',
      example:
        'act_01M81J18G0F1WA11106WFXGE52.9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    },
    expires_in: { description: 'Seconds until `mfa_token` expires.', type: 'integer', example: 300 },
  },
}
export const mfaTokenInvalid: ErrorKind = {
  code: 'mfa_token_invalid',
  status: 401,
  title: 'The login is not waiting for a code',
  help: 'The `mfa_token` is unknown, was used, is older than 5 minutes, or the password was changed since. Log in again.',
}
export const codeWrong: ErrorKind = {
  code: 'code_wrong',
  status: 422,
  title: 'The code is wrong',
  help: 'Give the six digits that the authenticator app shows now, or a recovery code. Each code works once: after a login wait for the next one. Check that the clock of the phone is right.',
}
export const secondFactorExists: ErrorKind = {
  code: 'second_factor_exists',
  status: 409,
  title: 'There is a second factor already',
  help: 'Remove it first, with the password and a code.',
}
export const secondFactorMissing: ErrorKind = {
  code: 'second_factor_missing',
  status: 409,
  title: 'There is no second factor to do this with',
  help: 'Begin with `POST /v1/users/me/second-factor`, then confirm it with a code of the app.',
}
export const passwordWrong: ErrorKind = {
  code: 'password_wrong',
  status: 422,
  title: 'The current password is wrong',
  help: 'Give the password that you log in with, or reset it by mail.',
}
