import type { ErrorKind } from '../../lib/errors.ts'

export const tooManyAddresses: ErrorKind = {
  code: 'too_many_addresses',
  status: 409,
  title: 'The address book is full',
  help: 'It holds 50 addresses. Delete one that is no longer needed.',
}
export const paymentUnderWay: ErrorKind = {
  code: 'payment_under_way',
  status: 409,
  title: 'A payment is under way',
  help: 'Nothing was erased. Repeat the request after as many seconds as `Retry-After` says, when the order is placed or the payment has failed.',
}
export const lastOwner: ErrorKind = {
  code: 'last_owner',
  status: 409,
  title: 'The shop would have no owner',
  help: 'Nothing was changed. Make somebody else an owner first.',
}
