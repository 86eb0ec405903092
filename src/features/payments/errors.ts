import type { ErrorKind } from '../../lib/errors.ts'

export const paymentProviderUnknown: ErrorKind = {
  code: 'payment_provider_unknown',
  status: 422,
  title: 'The shop does not take this way of paying',
  help: 'Use one of the `payment_providers` that the checkout lists.',
}
export const paymentTokenInvalid: ErrorKind = {
  code: 'payment_token_invalid',
  status: 422,
  title: 'The payment token is missing, or not one of the provider’s',
  help: 'Nothing was charged. Send in `payment.token` what the provider gave your client for this payment; `test` takes tok_approved, tok_declined, tok_error_before_charge and tok_timeout_after_charge.',
}
export const paymentDeclined: ErrorKind = {
  code: 'payment_declined',
  status: 402,
  title: 'The payment was declined',
  help: 'Nothing was charged and the items are free again. Try another way of paying, with a fresh Idempotency-Key.',
  members: {
    reason: { description: 'What the provider says about it.', type: 'string', example: 'card_declined' },
  },
}
export const paymentUnavailable: ErrorKind = {
  code: 'payment_unavailable',
  status: 503,
  title: 'The payment provider is out of order',
  help: 'Nothing was charged. Retry after `Retry-After` seconds, with the same Idempotency-Key.',
}
export const paymentOutcomeUnknown: ErrorKind = {
  code: 'payment_outcome_unknown',
  status: 503,
  title: 'The payment provider did not answer in time',
  help: 'Whether money moved is being found out. Retry with the same Idempotency-Key after `Retry-After` seconds: you get the order, or may pay again. You are never charged twice.',
}
export const paymentAbandoned: ErrorKind = {
  code: 'payment_abandoned',
  status: 409,
  title: 'The payment came too late',
  help: 'The attempt had been given up before the provider answered; whatever it took was given back. Complete the checkout again with a fresh Idempotency-Key.',
}
