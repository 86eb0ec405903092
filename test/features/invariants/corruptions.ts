// What a test does to a good purchase: things that the schema refuses, and things that only a check can find.

/** A purchase of two pieces of one item with a discount, by the ids of its rows. */
export interface Purchase {
  orderId: string
  checkoutId: string
  variantId: string
  paymentId: string
  reservationId: string
  keyId: string
}

interface Refusal {
  what: string
  /** Name of what refuses it, as `violatedConstraint` gives it. */
  constraint: string
  statement: (purchase: Purchase) => string
}

const COPIED = `status, payment_status, fulfilment_status, email, currency, subtotal, discount, shipping, tax,
  tax_included, total, discounts, tax_lines, placed_at`

const secondOrder = ({ orderId }: Purchase): string =>
  `INSERT INTO orders (id, number, checkout_id, ${COPIED})
    SELECT 'copy_' || id, number + 1000000, checkout_id, ${COPIED} FROM orders WHERE id = '${orderId}'`

const payment = (id: string, checkoutId: string, status: string, attempt = 9): string =>
  `INSERT INTO payments (id, checkout_id, attempt, provider, status, currency, amount, created_at)
    VALUES ('${id}', '${checkoutId}', ${attempt}, 'manual', '${status}', 'EUR', 100, 0)`

const record = (paymentId: string, kind: string, amount: number): string =>
  `INSERT INTO payment_records (id, payment_id, kind, amount, created_at)
    VALUES ('prec_zzz_${paymentId}', '${paymentId}', '${kind}', ${amount}, 0)`

const sale = (id: string, { variantId, orderId }: Purchase): string =>
  `INSERT INTO stock_movements (id, variant_id, location_id, quantity, reason, order_id, created_at)
    VALUES ('${id}', '${variantId}', 'loc_default', -1, 'sale', '${orderId}', 0)`

const reservation = ({ variantId }: Purchase, quantity: number, status = 'open'): string =>
  `INSERT INTO stock_reservations (id, payment_id, variant_id, location_id, quantity, status, created_at, ended_at)
    VALUES ('res_of_${variantId}', 'pay_none', '${variantId}', 'loc_default', ${quantity}, '${status}', 0, ${status === 'open' ? 'NULL' : 0})`

const level = ({ variantId }: Purchase, set: string): string =>
  `UPDATE stock_levels SET ${set} WHERE variant_id = '${variantId}'`

const atDefault = ({ variantId }: Purchase): string => `${variantId} at loc_default`

const ofPayment = ({ paymentId }: Purchase): string => `WHERE payment_id = '${paymentId}'`

export const REFUSALS: Refusal[] = [
  {
    what: 'a negative stock',
    constraint: 'stock_on_hand_not_negative',
    statement: p => level(p, 'on_hand = -1, reserved = -1'),
  },
  {
    what: 'a negative reservation',
    constraint: 'stock_reserved_not_negative',
    statement: p => level(p, 'reserved = -1'),
  },
  {
    what: 'more reserved than there is',
    constraint: 'stock_reserved_within_on_hand',
    statement: p => level(p, 'reserved = on_hand + 1'),
  },
  {
    what: 'a reservation of more than there is',
    constraint: 'stock_reserved_within_on_hand',
    statement: p => reservation(p, 9),
  },
  {
    what: 'a reservation that starts ended',
    constraint: 'stock_reservation_starts_open',
    statement: p => reservation(p, 1, 'claimed'),
  },
  {
    what: 'a reservation that ends twice',
    constraint: 'stock_reservation_ended',
    statement: p => `UPDATE stock_reservations SET status = 'released' ${ofPayment(p)}`,
  },
  {
    what: 'a changed movement',
    constraint: 'stock_movements_append_only',
    statement: p => `UPDATE stock_movements SET quantity = -1 WHERE order_id = '${p.orderId}'`,
  },
  {
    what: 'a deleted movement',
    constraint: 'stock_movements_append_only',
    statement: p => `DELETE FROM stock_movements WHERE order_id = '${p.orderId}'`,
  },
  {
    what: 'a movement of an item without stock',
    constraint: 'FOREIGN KEY',
    statement: p => sale('mov_none', { ...p, variantId: 'var_none' }),
  },
  {
    what: 'a movement of stock that lies elsewhere',
    constraint: 'FOREIGN KEY',
    statement: p => sale('mov_elsewhere', p).replace('loc_default', 'loc_none'),
  },
  {
    what: 'half a transfer without its document',
    constraint: 'stock_movement_transfer_has_document',
    statement: p => sale('mov_half', p).replace("'sale'", "'transfer_out'"),
  },
  {
    what: 'a reservation that moves to another place',
    constraint: 'stock_reservation_ended',
    statement: p =>
      `UPDATE stock_reservations SET status = 'released', ended_at = 1, location_id = 'loc_other' ${ofPayment(p)}`,
  },
  {
    what: 'a deletion of the default location',
    constraint: 'location_default_stays',
    statement: () => `UPDATE locations SET is_active = 0, deleted_at = 1 WHERE id = 'loc_default'`,
  },
  {
    what: 'a location that is deleted and sells',
    constraint: 'location_deleted_is_inactive',
    statement: p => `INSERT INTO locations (id, name, code, priority, created_at, updated_at, deleted_at)
      VALUES ('loc_x', 'X', '${p.orderId}', 1, 0, 0, 1)`,
  },
  {
    what: 'a changed payment record',
    constraint: 'payment_records_append_only',
    statement: p => `UPDATE payment_records SET amount = 1 ${ofPayment(p)}`,
  },
  {
    what: 'a deleted payment record',
    constraint: 'payment_records_append_only',
    statement: p => `DELETE FROM payment_records ${ofPayment(p)}`,
  },
  {
    what: 'a second capture',
    constraint: 'payment_transition_illegal',
    statement: p => record(p.paymentId, 'captured', 1),
  },
  {
    what: 'more refunded than was captured',
    constraint: 'payment_amounts_in_order',
    statement: p => record(p.paymentId, 'refunded', 1_000_000),
  },
  {
    what: 'a changed audit row',
    constraint: 'audit_log_append_only',
    statement: p => `UPDATE audit_log SET actor = 'nobody' WHERE object_id = '${p.orderId}'`,
  },
  {
    what: 'a deleted audit row',
    constraint: 'audit_log_append_only',
    statement: p => `DELETE FROM audit_log WHERE object_id = '${p.orderId}'`,
  },
  { what: 'a second order of a checkout', constraint: 'orders.checkout_id', statement: secondOrder },
  {
    what: 'a second live payment',
    constraint: 'payments.checkout_id',
    statement: p => payment('pay_2', p.checkoutId, 'pending'),
  },
  {
    what: 'a second payment of an order',
    constraint: 'payments.order_id',
    statement: p =>
      `UPDATE payments SET order_id = '${p.orderId}' WHERE id = (SELECT id FROM payments WHERE id <> '${p.paymentId}' LIMIT 1)`,
  },
  {
    what: 'a total that is not the sum of its parts',
    constraint: 'order_total_is_sum_of_parts',
    statement: p => `UPDATE orders SET total = total + 1 WHERE id = '${p.orderId}'`,
  },
  {
    what: 'a line that is not price times quantity',
    constraint: 'order_line_sums',
    statement: p => `UPDATE order_lines SET subtotal = subtotal + 1 WHERE order_id = '${p.orderId}'`,
  },
  {
    what: 'a completed checkout without an order',
    constraint: 'checkout_completed_has_order',
    statement: p => `UPDATE checkouts SET order_id = NULL WHERE id = '${p.checkoutId}'`,
  },
  {
    what: 'uses of a promotion beyond its limit',
    constraint: 'promotion_usage_within_limit',
    statement: () => `UPDATE promotions SET redeemed = usage_limit + 1`,
  },
  {
    what: 'a second record of one Idempotency-Key',
    constraint: 'idempotency_keys.id',
    statement: p => `INSERT INTO idempotency_keys SELECT * FROM idempotency_keys WHERE id = '${p.keyId}'`,
  },
]

interface Corruption {
  /** The check that must report it. */
  name: string
  how: string
  statements: (purchase: Purchase) => string[]
  /** Id of the row that must be named. */
  id: (purchase: Purchase) => string
}

const event = (p: Purchase, type: string): string =>
  `object_id = '${type === 'order.placed' ? p.orderId : p.paymentId}' AND type = '${type}'`

export const CORRUPTIONS: Corruption[] = [
  {
    name: 'on_hand_is_the_sum_of_movements',
    how: 'a level written by hand',
    statements: p => [level(p, 'on_hand = on_hand + 1')],
    id: atDefault,
  },
  {
    name: 'reserved_is_the_sum_of_open_reservations',
    how: 'a level written by hand',
    statements: p => [level(p, 'reserved = reserved + 1')],
    id: atDefault,
  },
  {
    name: 'sold_reserved_and_available_are_what_came_in',
    how: 'a sale that nobody claimed',
    statements: p => [sale(`mov_of_${p.variantId}`, p)],
    id: atDefault,
  },
  {
    name: 'available_is_what_is_free_at_active_locations',
    how: 'a sum written by hand',
    statements: p => [`UPDATE stock_items SET available = available + 1 WHERE variant_id = '${p.variantId}'`],
    id: p => p.variantId,
  },
  {
    name: 'a_deleted_location_is_empty',
    how: 'one that was closed with its goods, its trigger gone',
    statements: p => [
      'DROP TRIGGER IF EXISTS locations_deleting',
      `INSERT INTO locations (id, name, code, priority, created_at, updated_at)
        VALUES ('loc_${p.variantId}', 'Lost', 'LOST-${p.variantId}', 1, 0, 0)`,
      `INSERT INTO stock_levels (variant_id, location_id) VALUES ('${p.variantId}', 'loc_${p.variantId}')`,
      `INSERT INTO stock_movements (id, variant_id, location_id, quantity, reason, created_at)
        VALUES ('mov_lost_${p.variantId}', '${p.variantId}', 'loc_${p.variantId}', 1, 'received', 0)`,
      `UPDATE locations SET is_active = 0, deleted_at = 1 WHERE id = 'loc_${p.variantId}'`,
    ],
    id: p => `loc_${p.variantId}`,
  },
  {
    name: 'a_transfer_takes_what_it_brings',
    how: 'goods that left and never arrived',
    statements: p => [
      `INSERT INTO stock_movements (id, variant_id, location_id, quantity, reason, document_id, created_at)
        VALUES ('mov_out_${p.variantId}', '${p.variantId}', 'loc_default', -1, 'transfer_out', 'trf_of_${p.variantId}', 0)`,
    ],
    id: p => `trf_of_${p.variantId}`,
  },
  {
    name: 'a_reservation_ends_with_its_payment',
    how: 'one of no payment',
    statements: p => [reservation(p, 1)],
    id: p => `res_of_${p.variantId}`,
  },
  {
    name: 'a_sale_comes_from_a_claimed_reservation',
    how: 'a sale that nobody claimed',
    statements: p => [sale(`mov_of_${p.variantId}`, p)],
    id: p => `mov_of_${p.variantId}`,
  },
  {
    name: 'a_checkout_makes_one_order',
    how: 'a second order, its index gone',
    statements: p => ['DROP INDEX IF EXISTS orders_checkout', secondOrder(p)],
    id: p => p.checkoutId,
  },
  {
    name: 'an_order_has_one_payment',
    how: 'the payment taken away',
    statements: p => [`UPDATE payments SET order_id = NULL WHERE id = '${p.paymentId}'`],
    id: p => p.orderId,
  },
  {
    name: 'a_checkout_has_one_live_payment',
    how: 'a second one, its index gone',
    statements: p => [
      'DROP INDEX IF EXISTS payments_one_live_a_checkout',
      payment(`2_${p.paymentId}`, p.checkoutId, 'captured'),
    ],
    id: p => p.checkoutId,
  },
  {
    name: 'the_provider_took_what_the_shop_recorded',
    how: 'a refund that the shop does not know',
    statements: p => [`UPDATE test_provider_charges SET refunded = 1 WHERE key = '${p.paymentId}'`],
    id: p => p.paymentId,
  },
  {
    name: 'the_provider_took_what_the_shop_recorded',
    how: 'a charge that the shop does not know',
    statements: p => [
      `INSERT INTO test_provider_charges (key, amount, currency, captured) VALUES ('2_${p.paymentId}', 1, 'EUR', 1)`,
    ],
    id: p => `2_${p.paymentId}`,
  },
  {
    name: 'a_captured_payment_is_in_the_provider_book',
    how: 'a charge that the provider does not know',
    statements: p => [`DELETE FROM test_provider_charges WHERE key = '${p.paymentId}'`],
    id: p => p.paymentId,
  },
  {
    name: 'a_payment_is_the_sum_of_its_records',
    how: 'an amount written by hand',
    statements: p => [`UPDATE payments SET authorised_amount = 1 WHERE id = '${p.paymentId}'`],
    id: p => p.paymentId,
  },
  {
    name: 'a_payment_is_in_the_state_of_its_last_record',
    how: 'a state written by hand',
    statements: p => [`UPDATE payments SET status = 'awaiting' WHERE id = '${p.paymentId}'`],
    id: p => p.paymentId,
  },
  {
    name: 'an_order_is_the_sum_of_its_parts',
    how: 'its taxes gone',
    statements: p => [`UPDATE orders SET tax_lines = '[]' WHERE id = '${p.orderId}'`],
    id: p => p.orderId,
  },
  {
    name: 'an_order_is_the_sum_of_its_lines',
    how: 'a line gone',
    statements: p => [`DELETE FROM order_lines WHERE order_id = '${p.orderId}'`],
    id: p => p.orderId,
  },
  {
    name: 'a_line_is_the_sum_of_its_parts',
    how: 'a total written by hand',
    statements: p => [
      `UPDATE order_lines SET id = 'li_x', total = total - 1 WHERE order_id = '${p.orderId}'`,
    ],
    id: p => `${p.orderId} li_x`,
  },
  {
    name: 'an_order_is_paid_what_it_costs',
    how: 'an amount written by hand',
    statements: p => [`UPDATE payments SET amount = amount + 1 WHERE id = '${p.paymentId}'`],
    id: p => p.orderId,
  },
  {
    name: 'uses_of_a_promotion_are_counted',
    how: 'a count written by hand',
    statements: () => ['UPDATE promotions SET redeemed = redeemed + 1'],
    id: () => 'promo_ten',
  },
  {
    name: 'a_payment_with_an_order_is_not_without_it',
    how: 'money without an order',
    statements: p => [payment(`3_${p.paymentId}`, `3_${p.checkoutId}`, 'captured')],
    id: p => `3_${p.paymentId}`,
  },
  {
    name: 'a_checkout_is_where_its_payment_is',
    how: 'open again after it was paid',
    statements: p => [`UPDATE checkouts SET status = 'open', order_id = NULL WHERE id = '${p.checkoutId}'`],
    id: p => p.checkoutId,
  },
  {
    name: 'a_payment_under_way_owns_its_checkout',
    how: 'one of no checkout',
    statements: p => [payment(`4_${p.paymentId}`, `4_${p.checkoutId}`, 'pending')],
    id: p => `4_${p.paymentId}`,
  },
  {
    name: 'an_order_took_all_of_its_stock',
    how: 'a line that reserved nothing',
    statements: p => [`DELETE FROM stock_reservations ${ofPayment(p)}`],
    id: p => p.orderId,
  },
  {
    name: 'an_order_has_its_audit_row',
    how: 'the row gone, its trigger too',
    statements: p => [
      'DROP TRIGGER IF EXISTS audit_log_no_delete',
      `DELETE FROM audit_log WHERE object_id = '${p.orderId}'`,
    ],
    id: p => p.orderId,
  },
  {
    name: 'a_failed_payment_has_its_audit_row',
    how: 'a decline that nobody noted',
    statements: p => [payment(`5_${p.paymentId}`, `5_${p.checkoutId}`, 'declined')],
    id: p => `5_${p.paymentId}`,
  },
  {
    name: 'an_order_has_its_stored_answer',
    how: 'the answer gone',
    statements: p => [`DELETE FROM idempotency_keys WHERE id = '${p.keyId}'`],
    id: p => p.orderId,
  },
  {
    name: 'an_order_has_its_stored_answer',
    how: 'the answer of another order',
    statements: p => [`UPDATE idempotency_keys SET body = '{"order_id":"ord_x"}' WHERE id = '${p.keyId}'`],
    id: p => p.orderId,
  },
  {
    name: 'a_running_key_has_its_payment',
    how: 'a claim of no payment',
    statements: p => [
      `INSERT INTO idempotency_keys (id, fingerprint, state, created_at, expires_at) VALUES ('2_${p.keyId}', '', 'running', 0, 0)`,
    ],
    id: p => `2_${p.keyId}`,
  },
  {
    name: 'an_order_has_its_event',
    how: 'the event gone',
    statements: p => [`DELETE FROM outbox_events WHERE ${event(p, 'order.placed')}`],
    id: p => p.orderId,
  },
  {
    name: 'a_captured_payment_has_its_event',
    how: 'the event gone',
    statements: p => [`DELETE FROM outbox_events WHERE ${event(p, 'payment.captured')}`],
    id: p => p.paymentId,
  },
  {
    name: 'an_event_is_due',
    how: 'an event that is due never',
    statements: p => [
      `UPDATE outbox_events SET id = 'evt_' || '${p.orderId}', due_at = NULL WHERE ${event(p, 'order.placed')}`,
    ],
    id: p => `evt_${p.orderId}`,
  },
  {
    name: 'a_claimed_reservation_is_one_sale',
    how: 'the movement gone, its trigger too',
    statements: p => [
      'DROP TRIGGER IF EXISTS stock_movements_no_delete',
      `DELETE FROM stock_movements WHERE order_id = '${p.orderId}'`,
    ],
    id: p => p.reservationId,
  },
]
