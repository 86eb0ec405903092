import type { ErrorKind } from '../../lib/errors.ts'

export const providerStateInvalid: ErrorKind = {
  code: 'provider_state_invalid',
  status: 400,
  title: 'This login at a provider was not begun here',
  help: 'The `state` and `binding` are unknown, were used, are older than 10 minutes, or belong to another browser. Begin again.',
}
export const providerRefused: ErrorKind = {
  code: 'provider_refused',
  status: 400,
  title: 'The provider did not confirm the login',
  help: 'The code was refused, or what the provider said about the person does not hold. Begin again; if it stays, look at the shop’s log.',
}
export const providerUnavailable: ErrorKind = {
  code: 'provider_unavailable',
  status: 503,
  title: 'The provider does not answer',
  help: 'Begin the login again after as many seconds as `Retry-After` says, or log in with email and password.',
}
export const providerEmailMissing: ErrorKind = {
  code: 'provider_email_missing',
  status: 403,
  title: 'The provider names no verified email',
  help: 'An account begins with a verified email. Verify it at the provider, or register with email and password and link the provider from your account.',
}
export const accountExists: ErrorKind = {
  code: 'account_exists',
  status: 409,
  title: 'There is an account with this email',
  help: 'It is not opened by a login elsewhere before its owner allows it: open the link that was just mailed, or log in as before and link the provider from your account.',
}
export const identityTaken: ErrorKind = {
  code: 'identity_taken',
  status: 409,
  title: 'This login belongs to another account',
  help: 'Remove it there first.',
}
