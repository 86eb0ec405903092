// `manual`: the buyer pays later (bank transfer, invoice, on collection). The order waits for staff to see the money.

import type { PaymentProvider } from '../provider.ts'

const LATER = { status: 'awaiting', reference: null } as const

/** Pay later: there is nobody to call, so nothing can fail. */
export const manualProvider: PaymentProvider = {
  id: 'manual',
  authorise: async () => LATER,
  capture: async () => {},
  void: async () => {},
  refund: async () => {},
  lookUp: async () => LATER,
}
