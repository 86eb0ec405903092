import type { ErrorKind } from '../../lib/errors.ts'

export const locationCodeTaken: ErrorKind = {
  code: 'location_code_taken',
  status: 409,
  title: 'Another location has this code',
  help: 'Each location has a code of its own. Choose another one.',
}

export const locationNotEmpty: ErrorKind = {
  code: 'location_not_empty',
  status: 409,
  title: 'There is still stock at this location',
  help: 'Transfer or write off what lies there, and wait until the checkouts that hold some of it have ended. To stop selling from it now, set `is_active` to false.',
}

export const locationIsDefault: ErrorKind = {
  code: 'location_is_default',
  status: 409,
  title: 'The default location stays',
  help: 'Stock that nobody names a location for goes there. It can be renamed, moved and made inactive, but not deleted.',
}

export const stockBelowReserved: ErrorKind = {
  code: 'stock_below_reserved',
  status: 409,
  title: 'Less would be left than is reserved',
  help: 'Checkouts that are being paid hold some of what lies there; `items` says how much. Nothing was booked. Take less, or try again in a few minutes, when these checkouts have ended.',
  members: {
    items: {
      description: 'The lines that take too much, and what they may take at most.',
      type: 'array',
      items: {
        type: 'object',
        properties: {
          line: { type: 'integer', description: 'Index of the line in the request.' },
          variant_id: { type: 'string' },
          location_id: { type: 'string' },
          on_hand: { type: 'integer' },
          reserved: { type: 'integer' },
          available: { type: 'integer', description: 'On hand and not reserved.' },
        },
      },
      example: [
        {
          line: 0,
          variant_id: 'var_01M81J18G0F1WA11106WFXGE4K',
          location_id: 'loc_default',
          on_hand: 5,
          reserved: 2,
          available: 3,
        },
      ],
    },
  },
}
