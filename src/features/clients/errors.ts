import type { ErrorKind } from '../../lib/errors.ts'

export const clientInvalid: ErrorKind = {
  code: 'client_invalid',
  status: 422,
  title: 'The client does not fit together',
  help: 'An app has redirect URIs, a service client has none, proves itself, and has only rights of staff as scopes. `private_key_jwt` needs `keys`, the other methods have none.',
}
export const noSecret: ErrorKind = {
  code: 'client_has_no_secret',
  status: 409,
  title: 'This client has no secret',
  help: 'Only a client with `auth_method` `client_secret_basic` has one.',
}
