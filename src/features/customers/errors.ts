import type { ErrorKind } from '../../lib/errors.ts'

export const customerGroupTaken: ErrorKind = {
  code: 'customer_group_taken',
  status: 409,
  title: 'Another group has this name',
  help: 'Choose another name, or change the group that has it.',
}
