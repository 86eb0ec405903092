import type { ErrorKind } from '../../lib/errors.ts'

export const stockCountBelowReserved: ErrorKind = {
  code: 'stock_count_below_reserved',
  status: 409,
  title: 'Less stock was counted than is reserved',
  help: 'Checkouts that are being paid hold more than the count says there is. `items` names the variants. Nothing was written; try again in a few minutes, when these checkouts have ended, or count again.',
  members: {
    items: {
      description: 'The variants of which more is reserved than was counted.',
      type: 'array',
      items: {
        type: 'object',
        required: ['variant_id', 'quantity', 'reserved'],
        properties: {
          variant_id: { type: 'string' },
          quantity: { type: 'integer' },
          reserved: { type: 'integer' },
        },
      },
      example: [{ variant_id: 'var_01M81J18G0F1WA11106WFXGE4K', quantity: 1, reserved: 2 }],
    },
  },
}

export const notSoldInCurrency: ErrorKind = {
  code: 'not_sold_in_currency',
  status: 404,
  title: 'The product is not sold in this currency',
  help: 'None of its variants has a price in the currency. `currencies` lists those in which it can be bought.',
  members: {
    currencies: {
      description: 'The currencies in which the product has prices.',
      type: 'array',
      items: { type: 'string' },
      example: ['EUR'],
    },
  },
}
