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

export const handleTaken: ErrorKind = {
  code: 'handle_taken',
  status: 409,
  title: 'Another one has this handle',
  help: 'A handle is the last part of an address in the storefront, so no two products and no two collections share one. Choose another.',
}

export const productNotArchived: ErrorKind = {
  code: 'product_not_archived',
  status: 409,
  title: 'Only an archived product can be deleted',
  help: 'Set `status` to `archived` first: then nobody buys it any more, and you can still bring it back. Orders keep what they sold either way.',
}

export const lastVariant: ErrorKind = {
  code: 'last_variant',
  status: 409,
  title: 'A product keeps at least one variant',
  help: 'The variant is what is bought. Archive the product, or add another variant first.',
}
