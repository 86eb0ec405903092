import type { ErrorKind } from '../../lib/errors.ts'

export const taxRateTaken: ErrorKind = {
  code: 'tax_rate_taken',
  status: 409,
  title: 'This tax is charged there already',
  help: 'There is a rate with this name, place and tax class. Change that one; a further tax of the same place needs a name of its own, and adds to it.',
}
