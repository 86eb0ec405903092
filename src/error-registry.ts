// Every problem code of the API, from the features that define them: the source of the pages under /problems/ and of
// docs/errors.md. Two kinds with one code would not start.

import * as auth from './features/auth/errors.ts'
import * as checkouts from './features/checkouts/errors.ts'
import * as clients from './features/clients/errors.ts'
import * as collections from './features/collections/errors.ts'
import * as customers from './features/customers/errors.ts'
import * as images from './features/images/errors.ts'
import * as imports from './features/imports/errors.ts'
import * as inventory from './features/inventory/errors.ts'
import * as payments from './features/payments/errors.ts'
import * as pricing from './features/pricing/errors.ts'
import * as products from './features/products/errors.ts'
import * as promotions from './features/promotions/errors.ts'
import * as providers from './features/providers/errors.ts'
import * as shipping from './features/shipping/errors.ts'
import * as shop from './features/shop/errors.ts'
import * as staff from './features/staff/errors.ts'
import * as taxes from './features/taxes/errors.ts'
import * as users from './features/users/errors.ts'
import { authErrors } from './http/auth-errors.ts'
import { transportErrors } from './http/errors.ts'
import { idempotencyErrors, idempotencyInProgress, idempotencyKeyMissing } from './http/idempotency-errors.ts'
import type { ErrorKind } from './lib/errors.ts'

const kinds: ErrorKind[] = [
  ...transportErrors,
  ...authErrors,
  ...Object.values(auth),
  ...Object.values(users),
  ...Object.values(shop),
  ...Object.values(staff),
  ...Object.values(providers),
  ...Object.values(products),
  ...Object.values(collections),
  ...Object.values(images),
  ...Object.values(imports),
  ...Object.values(pricing),
  ...Object.values(checkouts),
  ...Object.values(payments),
  ...Object.values(inventory),
  ...Object.values(customers),
  ...Object.values(promotions),
  ...Object.values(shipping),
  ...Object.values(taxes),
  ...Object.values(clients),
  idempotencyKeyMissing,
  idempotencyInProgress,
  ...idempotencyErrors,
]

/** All kinds by code, in alphabetical order. */
export const errorRegistry: ReadonlyMap<string, ErrorKind> = new Map(
  kinds.map((kind): [string, ErrorKind] => [kind.code, kind]).sort(([a], [b]) => a.localeCompare(b)),
)

if (errorRegistry.size !== kinds.length) throw new Error('two problem kinds share a code')
