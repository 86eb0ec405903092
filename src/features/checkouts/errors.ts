import type { ErrorKind } from '../../lib/errors.ts'

export const checkoutNotReady: ErrorKind = {
  code: 'checkout_not_ready',
  status: 409,
  title: 'The checkout is not ready',
  help: '`missing` names what is still to be given or mended.',
  members: {
    missing: {
      description: 'What is still to be given or mended, as in the checkout.',
      type: 'array',
      items: { $ref: '#/components/schemas/Missing' },
      example: [{ pointer: '/email', code: 'required' }],
    },
  },
}
export const checkoutClosed: ErrorKind = {
  code: 'checkout_closed',
  status: 409,
  title: 'The checkout can no longer change',
  help: '`checkout_status` says whether it was completed or cancelled, or has expired. Read it for its order, or start a new one.',
  members: {
    checkout_status: {
      description: 'Why it can no longer change.',
      type: 'string',
      enum: ['completed', 'cancelled', 'expired'],
      example: 'completed',
    },
  },
}
export const checkoutCompleting: ErrorKind = {
  code: 'checkout_completing',
  status: 409,
  title: 'A payment for this checkout is under way',
  help: 'Wait `Retry-After` seconds and read the checkout.',
}
export const stockInsufficient: ErrorKind = {
  code: 'stock_insufficient',
  status: 409,
  title: 'There is not enough in stock',
  help: '`items` says how many are left of each item that is short. Nothing was charged or reserved.',
  members: {
    items: {
      description: 'The items that are short, and how many can be bought.',
      type: 'array',
      items: {
        type: 'object',
        required: ['line_id', 'variant_id', 'quantity', 'quantity_available'],
        properties: {
          line_id: { type: 'string' },
          variant_id: { type: 'string' },
          quantity: { type: 'integer' },
          quantity_available: { type: 'integer' },
        },
      },
      example: [
        {
          line_id: 'li_01M81J18G0F1WA11106WFXGE4Z',
          variant_id: 'var_01M81J18G0F1WA11106WFXGE4K',
          quantity: 2,
          quantity_available: 1,
        },
      ],
    },
  },
}
export const discountUsedUp: ErrorKind = {
  code: 'discount_used_up',
  status: 409,
  title: 'A discount was used up in the meantime',
  help: 'Read the checkout for its price without the discount, and complete it again.',
}
export const totalChanged: ErrorKind = {
  code: 'total_changed',
  status: 409,
  title: 'The total is not the one that was agreed to',
  help: 'Prices, discounts or taxes changed: the total is not your `expected_total`, or without one is higher than the checkout showed last. Read the checkout, show the new total, and complete it again.',
  members: {
    total: {
      description: 'The total as of now.',
      $ref: '#/components/schemas/Money',
      example: { amount: 4300, currency: 'EUR' },
    },
  },
}
export const addressInvalid: ErrorKind = {
  code: 'address_invalid',
  status: 422,
  title: 'The address does not fit its country',
  help: '`errors` names what is missing or wrong.',
}
