import type { ErrorKind } from '../../lib/errors.ts'

export const stockCountBelowReserved: ErrorKind = {
  code: 'stock_count_below_reserved',
  status: 409,
  title: 'Less stock was counted than is reserved',
  help: 'Checkouts that are being paid hold more than the count says there is. `items` names the variants. Nothing was written; try again in a few minutes, when these checkouts have ended, or count again.',
}
