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
export const passwordWrong: ErrorKind = {
  code: 'password_wrong',
  status: 422,
  title: 'The current password is wrong',
  help: 'Give the password that you log in with, or reset it by mail.',
}
