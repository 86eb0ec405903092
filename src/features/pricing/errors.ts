import type { ErrorKind } from '../../lib/errors.ts'

export const variantUnknown: ErrorKind = {
  code: 'variant_unknown',
  status: 422,
  title: 'There is no such variant on sale',
  help: 'Use `variants[].id` of a product that `GET /v1/products` shows.',
}
export const priceMissingInCurrency: ErrorKind = {
  code: 'price_missing_in_currency',
  status: 422,
  title: 'The variant has no price in this currency',
  help: 'Use another `currency` of `GET /v1/shop`, or a product that `GET /v1/products?currency=…` shows: that lists what is sold in a currency.',
}
export const tooManyLines: ErrorKind = {
  code: 'too_many_lines',
  status: 422,
  title: 'The basket is full',
  help: 'A basket holds at most 100 different items.',
}
export const quantityTooLarge: ErrorKind = {
  code: 'quantity_too_large',
  status: 422,
  title: 'Too many of one item',
  help: 'A line holds at most 10,000 of an item.',
}
export const totalTooLarge: ErrorKind = {
  code: 'total_too_large',
  status: 422,
  title: 'The total is too large',
  help: 'A basket may come to at most 1,000,000,000,000 minor units of its currency. Take something out.',
}
export const changedMeanwhile: ErrorKind = {
  code: 'changed_meanwhile',
  status: 409,
  title: 'Somebody else changed this at the same time',
  help: 'Read it again and repeat the change.',
}
