import type { ErrorKind } from '../../lib/errors.ts'

export const shopNotSetUp: ErrorKind = {
  code: 'shop_not_set_up',
  status: 503,
  title: 'The shop has no settings yet',
  help: 'Load a shop into its database first; `npm run demo:load` loads the demo shop.',
}

export const countryNotOffered: ErrorKind = {
  code: 'country_not_offered',
  status: 422,
  title: 'The shop does not sell to this country',
  help: 'Use an ISO 3166-1 alpha-2 code. `GET /v1/shop` lists the `countries` that the shop ships to; what needs no shipping goes anywhere.',
}

export const currencyNotOffered: ErrorKind = {
  code: 'currency_not_offered',
  status: 422,
  title: 'The shop does not sell in this currency',
  help: '`GET /v1/shop` lists the currencies of the shop.',
}
