import type { ErrorKind } from '../../lib/errors.ts'

export const promotionCodeTaken: ErrorKind = {
  code: 'promotion_code_taken',
  status: 409,
  title: 'Another promotion has this code',
  help: 'Choose another code, or change the promotion that has it. Upper and lower case do not matter.',
}
export const promotionUsed: ErrorKind = {
  code: 'promotion_used',
  status: 409,
  title: 'The promotion was used',
  help: 'Orders refer to it, so it stays. Set `is_active` to false to end it.',
}
