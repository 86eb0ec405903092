// Checkouts over HTTP. A checkout's id is the right to it.

import { z } from '@hono/zod-openapi'
import { runInBackground } from '../../http/background.ts'
import { notFound } from '../../http/errors.ts'
import {
  idempotencyErrors,
  idempotencyInProgress,
  idempotencyKeyMissing,
} from '../../http/idempotency-errors.ts'
import { actorOf, jsonBody, operation, reply, replyStored } from '../../http/operation.ts'
import { createRouter } from '../../http/router.ts'
import {
  paymentAbandoned,
  paymentDeclined,
  paymentOutcomeUnknown,
  paymentProviderUnknown,
  paymentTokenInvalid,
  paymentUnavailable,
} from '../payments/errors.ts'
import {
  changedMeanwhile,
  priceMissingInCurrency,
  quantityTooLarge,
  totalTooLarge,
  variantUnknown,
} from '../pricing/errors.ts'
import { countryNotOffered, currencyNotOffered, shopNotSetUp } from '../shop/errors.ts'
import { completeCheckout } from './complete.ts'
import {
  addressInvalid,
  checkoutClosed,
  checkoutCompleting,
  checkoutNotReady,
  discountUsedUp,
  stockInsufficient,
  totalChanged,
} from './errors.ts'
import {
  Checkout,
  CompleteCheckout,
  CreateCheckout,
  exampleCancelled,
  exampleCompleted,
  UpdateCheckout,
} from './schemas.ts'
import { cancelCheckout, createCheckout, getCheckout, updateCheckoutDetails } from './service.ts'

const TAG = 'Checkouts'
const params = z.object({
  id: z
    .string()
    .openapi({ description: 'Id of the checkout.', example: 'chk_01M81J18G04XWS479AQFZYRJ14EPQNYYMERK' }),
})

const createCheckoutOperation = operation({
  method: 'post',
  path: '/v1/checkouts',
  operationId: 'createCheckout',
  summary: 'Start a checkout',
  description:
    'Starts a checkout from a cart (`cart_id`) or directly from `lines`. Contact, address and shipping can come at once or later; `missing` says what is still needed.',
  tag: TAG,
  permission: 'public',
  scope: 'me:checkout',
  request: { body: jsonBody(CreateCheckout) },
  idempotency: 'optional',
  success: {
    status: 201,
    description: 'The new checkout.',
    schema: Checkout,
    headers: ['Location'],
  },
  problems: [
    notFound,
    addressInvalid,
    variantUnknown,
    priceMissingInCurrency,
    quantityTooLarge,
    currencyNotOffered,
    countryNotOffered,
    totalTooLarge,
    shopNotSetUp,
    ...idempotencyErrors,
  ],
})

const getCheckoutOperation = operation({
  method: 'get',
  path: '/v1/checkouts/{id}',
  operationId: 'getCheckout',
  summary: 'Get a checkout',
  description:
    'Reads a checkout, priced as of now, with what is missing and which shipping options there are.',
  tag: TAG,
  permission: 'capability',
  request: { params },
  success: { status: 200, description: 'The checkout.', schema: Checkout },
  problems: [notFound, totalTooLarge, shopNotSetUp],
})

const updateCheckoutOperation = operation({
  method: 'patch',
  path: '/v1/checkouts/{id}',
  operationId: 'updateCheckoutDetails',
  summary: 'Change a checkout',
  description:
    'Gives or changes contact, addresses, shipping option, discount codes and note. What is left out stays, null clears.',
  tag: TAG,
  permission: 'capability',
  scope: 'me:checkout',
  request: { params, body: jsonBody(UpdateCheckout) },
  success: { status: 200, description: 'The checkout.', schema: Checkout },
  problems: [
    notFound,
    addressInvalid,
    checkoutClosed,
    checkoutCompleting,
    changedMeanwhile,
    totalTooLarge,
    shopNotSetUp,
  ],
})

const completeCheckoutOperation = operation({
  method: 'post',
  path: '/v1/checkouts/{id}/complete',
  operationId: 'completeCheckout',
  summary: 'Pay and place the order',
  description:
    'Reserves the stock, pays, and places the order: all of it, or nothing. Retry with the same Idempotency-Key as often as you like: there is one order and one payment. `order_id` and `order_token` of the answer open the order.',
  tag: TAG,
  permission: 'capability',
  scope: 'me:checkout',
  request: { params, body: jsonBody(CompleteCheckout) },
  idempotency: 'required',
  success: {
    status: 200,
    description: 'The completed checkout.',
    schema: Checkout,
    example: exampleCompleted,
  },
  problems: [
    notFound,
    checkoutNotReady,
    checkoutClosed,
    checkoutCompleting,
    stockInsufficient,
    discountUsedUp,
    totalChanged,
    changedMeanwhile,
    paymentProviderUnknown,
    paymentTokenInvalid,
    paymentDeclined,
    paymentUnavailable,
    paymentOutcomeUnknown,
    paymentAbandoned,
    idempotencyKeyMissing,
    idempotencyInProgress,
    totalTooLarge,
    shopNotSetUp,
    ...idempotencyErrors,
  ],
})

const cancelCheckoutOperation = operation({
  method: 'post',
  path: '/v1/checkouts/{id}/cancel',
  operationId: 'cancelCheckout',
  summary: 'Cancel a checkout',
  description:
    'Gives a checkout up. It can then neither change nor be completed. Its cart stays. Cancelling again changes nothing.',
  tag: TAG,
  permission: 'capability',
  request: { params },
  idempotency: 'optional',
  success: {
    status: 200,
    description: 'The cancelled checkout.',
    schema: Checkout,
    example: exampleCancelled,
  },
  problems: [
    notFound,
    checkoutClosed,
    checkoutCompleting,
    changedMeanwhile,
    totalTooLarge,
    shopNotSetUp,
    ...idempotencyErrors,
  ],
})

/** Routes of checkouts. */
export const checkoutRoutes = () =>
  createRouter()
    .openapi(createCheckoutOperation, async c => {
      const stored = await createCheckout(c.var.deps, actorOf(c), c.req.valid('json'))
      return replyStored(c, Checkout, stored, { location: id => `/v1/checkouts/${id}` })
    })
    .openapi(getCheckoutOperation, async c =>
      reply(c, Checkout, await getCheckout(c.var.deps, actorOf(c), c.req.valid('param').id)),
    )
    .openapi(updateCheckoutOperation, async c => {
      const stored = await updateCheckoutDetails(
        c.var.deps,
        actorOf(c),
        c.req.valid('param').id,
        c.req.valid('json'),
      )
      return replyStored(c, Checkout, stored)
    })
    .openapi(completeCheckoutOperation, async c => {
      const { id } = c.req.valid('param')
      const completing = completeCheckout(c.var.deps, actorOf(c), id, c.req.valid('json'))
      // Workers may end a request whose client has gone; what has begun to be paid is still to be settled.
      const ended = () => {}
      runInBackground(c, completing.then(ended, ended))
      return replyStored(c, Checkout, await completing)
    })
    .openapi(cancelCheckoutOperation, async c =>
      replyStored(c, Checkout, await cancelCheckout(c.var.deps, actorOf(c), c.req.valid('param').id)),
    )
