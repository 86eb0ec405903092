// The promises of the shop as queries: each finds the rows that break it, so a good database answers with none. They
// hold at every commit, also while purchases are under way. `$now` stands for the time of the check in milliseconds.

/** One promise, or a part of one. */
export interface InvariantQuery {
  promise: 'INV-STOCK' | 'INV-ONCE' | 'INV-MONEY' | 'INV-ATOMIC' | 'INV-OUTBOX'
  name: string
  /** Rows that break it: `id` of the row, `detail` with what is wrong. */
  query: string
}

const DAY_MS = 24 * 60 * 60 * 1000
/** How a level `s` is named. */
const LEVEL = `s.variant_id || ' at ' || s.location_id`
const PAID = `('awaiting', 'authorised', 'captured', 'voided')`

export const INVARIANTS: readonly InvariantQuery[] = [
  // ---- INV-STOCK ----
  {
    promise: 'INV-STOCK',
    name: 'levels_are_within_bounds',
    query: `SELECT ${LEVEL} AS id, 'on hand ' || on_hand || ', reserved ' || reserved AS detail FROM stock_levels s
      WHERE on_hand < 0 OR reserved < 0 OR reserved > on_hand`,
  },
  {
    promise: 'INV-STOCK',
    name: 'on_hand_is_the_sum_of_movements',
    query: `SELECT ${LEVEL} AS id, 'on hand ' || s.on_hand || ', movements ' || coalesce(sum(m.quantity), 0) AS detail
      FROM stock_levels s LEFT JOIN stock_movements m ON (m.variant_id, m.location_id) = (s.variant_id, s.location_id)
      GROUP BY s.variant_id, s.location_id HAVING s.on_hand <> coalesce(sum(m.quantity), 0)`,
  },
  {
    promise: 'INV-STOCK',
    name: 'reserved_is_the_sum_of_open_reservations',
    query: `SELECT ${LEVEL} AS id, 'reserved ' || s.reserved || ', open ' || coalesce(sum(r.quantity), 0) AS detail
      FROM stock_levels s LEFT JOIN stock_reservations r
        ON (r.variant_id, r.location_id) = (s.variant_id, s.location_id) AND r.status = 'open'
      GROUP BY s.variant_id, s.location_id HAVING s.reserved <> coalesce(sum(r.quantity), 0)`,
  },
  {
    // What was sold is counted by claimed reservations here, not by the movements that they caused.
    promise: 'INV-STOCK',
    name: 'sold_reserved_and_available_are_what_came_in',
    query: `SELECT ${LEVEL} AS id, 'sold, reserved and available '
        || (claimed + s.reserved + (s.on_hand - s.reserved)) || ', came in ' || came_in AS detail
      FROM (SELECT l.*,
          (SELECT coalesce(sum(quantity), 0) FROM stock_reservations r WHERE r.status = 'claimed'
            AND (r.variant_id, r.location_id) = (l.variant_id, l.location_id)) AS claimed,
          (SELECT coalesce(sum(quantity), 0) FROM stock_movements m WHERE m.reason <> 'sale'
            AND (m.variant_id, m.location_id) = (l.variant_id, l.location_id)) AS came_in
        FROM stock_levels l) s
      WHERE claimed + s.reserved + (s.on_hand - s.reserved) <> came_in`,
  },
  {
    // What buyers see and are refused by: one sum a variant, kept by triggers.
    promise: 'INV-STOCK',
    name: 'available_is_what_is_free_at_active_locations',
    query: `SELECT coalesce(i.variant_id, s.variant_id) AS id,
        'available ' || coalesce(i.available, 'missing') || ', free ' || coalesce(s.free, 0) AS detail
      FROM stock_items i FULL JOIN (SELECT variant_id, sum(iif(l.is_active, on_hand - reserved, 0)) AS free
        FROM stock_levels JOIN locations l ON l.id = location_id GROUP BY variant_id) s ON s.variant_id = i.variant_id
      WHERE i.available IS NOT coalesce(s.free, 0)`,
  },
  {
    promise: 'INV-STOCK',
    name: 'a_deleted_location_is_empty',
    query: `SELECT l.id, 'on hand ' || sum(s.on_hand) || ', reserved ' || sum(s.reserved) AS detail
      FROM locations l JOIN stock_levels s ON s.location_id = l.id
      WHERE l.deleted_at IS NOT NULL GROUP BY l.id HAVING sum(s.on_hand) > 0 OR sum(s.reserved) > 0`,
  },
  {
    promise: 'INV-STOCK',
    name: 'a_transfer_takes_what_it_brings',
    query: `SELECT document_id AS id, variant_id || ' ' || sum(quantity) AS detail FROM stock_movements
      WHERE reason IN ('transfer_out', 'transfer_in') GROUP BY document_id, variant_id HAVING sum(quantity) <> 0`,
  },
  {
    promise: 'INV-STOCK',
    name: 'a_reservation_ends_with_its_payment',
    query: `SELECT r.id, r.status || ', payment ' || coalesce(p.status, 'missing') AS detail
      FROM stock_reservations r LEFT JOIN payments p ON p.id = r.payment_id
      WHERE p.id IS NULL OR r.status <> CASE
        WHEN p.status = 'pending' THEN 'open' WHEN p.order_id IS NOT NULL THEN 'claimed' ELSE 'released' END`,
  },
  {
    promise: 'INV-STOCK',
    name: 'a_claimed_reservation_is_one_sale',
    query: `SELECT r.id, 'quantity ' || r.quantity || ', movement ' || coalesce(m.quantity, 'missing') AS detail
      FROM stock_reservations r JOIN payments p ON p.id = r.payment_id
      LEFT JOIN stock_movements m ON m.id = replace(r.id, 'res_', 'mov_')
      WHERE r.status = 'claimed' AND r.quantity > 0
        AND (m.quantity, m.variant_id, m.location_id, m.order_id, m.reason)
          IS NOT (-r.quantity, r.variant_id, r.location_id, p.order_id, 'sale')`,
  },
  {
    promise: 'INV-STOCK',
    name: 'a_sale_comes_from_a_claimed_reservation',
    query: `SELECT m.id, 'order ' || coalesce(m.order_id, 'missing') || ', reservation ' || coalesce(r.status, 'missing') AS detail
      FROM stock_movements m LEFT JOIN stock_reservations r ON r.id = replace(m.id, 'mov_', 'res_')
      WHERE m.reason = 'sale' AND (r.status, m.quantity, m.order_id IS NULL) IS NOT ('claimed', -r.quantity, 0)`,
  },

  // ---- INV-ONCE ----
  {
    promise: 'INV-ONCE',
    name: 'a_checkout_makes_one_order',
    query: `SELECT checkout_id AS id, count(*) || ' orders' AS detail FROM orders GROUP BY checkout_id HAVING count(*) > 1`,
  },
  {
    promise: 'INV-ONCE',
    name: 'an_order_has_one_payment',
    query: `SELECT o.id, count(p.id) || ' payments' AS detail FROM orders o
      LEFT JOIN payments p ON p.order_id = o.id AND p.status IN ${PAID} AND p.checkout_id = o.checkout_id
      GROUP BY o.id HAVING count(p.id) <> 1`,
  },
  {
    promise: 'INV-ONCE',
    name: 'a_checkout_has_one_live_payment',
    query: `SELECT checkout_id AS id, count(*) || ' live payments' AS detail FROM payments
      WHERE status IN ('pending', 'awaiting', 'authorised', 'captured') GROUP BY checkout_id HAVING count(*) > 1`,
  },
  {
    // An abandoned attempt may have a charge until its provider has been asked after it for the last time.
    promise: 'INV-ONCE',
    name: 'the_provider_took_what_the_shop_recorded',
    query: `SELECT c.key AS id, 'provider kept ' || (c.captured - c.refunded) || ', shop '
        || coalesce(p.captured_amount - p.refunded_amount || ' as ' || p.status, 'knows no payment') AS detail
      FROM test_provider_charges c LEFT JOIN payments p ON p.id = c.key
      WHERE c.currency <> 'XXX' AND p.status IS NOT 'pending' AND p.recheck_at IS NULL
        AND (c.captured - c.refunded, c.currency) IS NOT (p.captured_amount - p.refunded_amount, p.currency)`,
  },
  {
    promise: 'INV-ONCE',
    name: 'a_captured_payment_is_in_the_provider_book',
    query: `SELECT p.id, 'captured ' || p.captured_amount || ', not in the book' AS detail FROM payments p
      WHERE p.provider = 'test' AND p.captured_amount > 0
        AND NOT EXISTS (SELECT 1 FROM test_provider_charges c WHERE c.key = p.id AND c.captured = p.captured_amount)`,
  },

  // ---- INV-MONEY ----
  {
    promise: 'INV-MONEY',
    name: 'a_payment_is_the_sum_of_its_records',
    query: `SELECT p.id, 'authorised ' || p.authorised_amount || ', captured ' || p.captured_amount || ', refunded '
        || p.refunded_amount AS detail
      FROM payments p LEFT JOIN payment_records r ON r.payment_id = p.id
      GROUP BY p.id
      HAVING p.authorised_amount <> coalesce(sum(r.amount) FILTER (WHERE r.kind = 'authorised'), 0)
        OR p.captured_amount <> coalesce(sum(r.amount) FILTER (WHERE r.kind = 'captured'), 0)
        OR p.refunded_amount <> coalesce(sum(r.amount) FILTER (WHERE r.kind = 'refunded'), 0)`,
  },
  {
    promise: 'INV-MONEY',
    name: 'a_payment_is_in_the_state_of_its_last_record',
    query: `SELECT p.id, p.status || ', last record ' || coalesce(r.kind, 'missing') AS detail
      FROM payments p
      LEFT JOIN payment_records r ON r.id = (SELECT max(id) FROM payment_records WHERE payment_id = p.id)
      WHERE NOT EXISTS (SELECT 1 FROM payment_transitions t WHERE t.kind = r.kind AND t.to_status = p.status)`,
  },
  {
    promise: 'INV-MONEY',
    name: 'refunds_are_within_what_was_captured',
    query: `SELECT id, 'amount ' || amount || ', captured ' || captured_amount || ', refunded ' || refunded_amount AS detail
      FROM payments WHERE refunded_amount > captured_amount OR captured_amount > amount OR refunded_amount < 0`,
  },
  {
    promise: 'INV-MONEY',
    name: 'an_order_is_the_sum_of_its_parts',
    query: `SELECT id, 'total ' || total AS detail FROM orders
      WHERE total <> subtotal - discount + shipping + iif(tax_included, 0, tax)
        OR tax <> (SELECT coalesce(sum(value ->> 'amount'), 0) FROM json_each(tax_lines))`,
  },
  {
    promise: 'INV-MONEY',
    name: 'an_order_is_the_sum_of_its_lines',
    query: `SELECT o.id, 'subtotal ' || o.subtotal || ', lines ' || coalesce(sum(l.subtotal), 0) AS detail
      FROM orders o LEFT JOIN order_lines l ON l.order_id = o.id
      GROUP BY o.id
      HAVING o.subtotal <> coalesce(sum(l.subtotal), 0) OR o.discount <> coalesce(sum(l.discount), 0)
        OR o.tax < coalesce(sum(l.tax), 0)`,
  },
  {
    promise: 'INV-MONEY',
    name: 'a_line_is_the_sum_of_its_parts',
    query: `SELECT l.order_id || ' ' || l.id AS id, 'total ' || l.total AS detail
      FROM order_lines l JOIN orders o ON o.id = l.order_id
      WHERE l.subtotal <> l.unit_price * l.quantity OR l.discount NOT BETWEEN 0 AND l.subtotal
        OR l.total <> l.subtotal - l.discount + iif(o.tax_included, 0, l.tax)`,
  },
  {
    promise: 'INV-MONEY',
    name: 'an_order_is_paid_what_it_costs',
    query: `SELECT o.id, 'total ' || o.total || ' ' || o.currency || ', payment ' || p.amount || ' ' || p.currency AS detail
      FROM orders o JOIN payments p ON p.order_id = o.id
      WHERE (o.total, o.currency) <> (p.amount, p.currency) OR (p.status = 'captured' AND p.captured_amount <> p.amount)`,
  },
  {
    promise: 'INV-MONEY',
    name: 'uses_of_a_promotion_are_counted',
    query: `SELECT id, 'redeemed ' || redeemed AS detail FROM promotions p
      WHERE redeemed <> (SELECT count(*) FROM promotion_redemptions r WHERE r.promotion_id = p.id)
        OR redeemed > coalesce(usage_limit, redeemed)`,
  },

  // ---- INV-ATOMIC ----
  {
    promise: 'INV-ATOMIC',
    name: 'a_payment_with_an_order_is_not_without_it',
    query: `SELECT p.id, p.status || ', order ' || coalesce(p.order_id, 'missing') AS detail
      FROM payments p LEFT JOIN orders o ON o.id = p.order_id
      WHERE (p.status IN ${PAID}) <> (o.id IS NOT NULL)`,
  },
  {
    promise: 'INV-ATOMIC',
    name: 'a_checkout_is_where_its_payment_is',
    query: `SELECT c.id, c.status || ', payment ' || coalesce(p.status, 'missing') AS detail
      FROM checkouts c LEFT JOIN payments p ON p.id = c.payment_id
      LEFT JOIN orders o ON o.checkout_id = c.id
      WHERE (c.status = 'completing') <> (p.status IS 'pending') OR c.order_id IS NOT o.id`,
  },
  {
    promise: 'INV-ATOMIC',
    name: 'a_payment_under_way_owns_its_checkout',
    query: `SELECT p.id, 'checkout ' || coalesce(c.status, 'missing') AS detail
      FROM payments p LEFT JOIN checkouts c ON c.id = p.checkout_id
      WHERE p.status = 'pending' AND (c.status IS NOT 'completing' OR c.payment_id IS NOT p.id OR p.draft IS NULL)`,
  },
  {
    // A counted item without any reservation was sold without being taken from stock. (What was counted is what had
    // a movement before the order; an item that is counted only since then is left out.)
    promise: 'INV-ATOMIC',
    name: 'an_order_took_all_of_its_stock',
    query: `SELECT o.id, 'line ' || l.id || ' of ' || l.variant_id || ' took ' || coalesce(sum(r.quantity), 'nothing') AS detail
      FROM orders o JOIN order_lines l ON l.order_id = o.id JOIN payments p ON p.order_id = o.id
      LEFT JOIN variants v ON v.id = l.variant_id
      LEFT JOIN stock_reservations r ON r.payment_id = p.id AND r.variant_id = l.variant_id
      GROUP BY l.order_id, l.id
      HAVING sum(r.quantity) > l.quantity OR (count(r.id) = 0 AND v.tracks_inventory AND EXISTS (
        SELECT 1 FROM stock_movements m WHERE m.variant_id = l.variant_id AND m.created_at < o.placed_at))`,
  },
  {
    promise: 'INV-ATOMIC',
    name: 'an_order_has_its_audit_row',
    query: `SELECT coalesce(o.id, a.object_id) AS id, count(a.id) || ' audit rows' AS detail
      FROM orders o FULL JOIN (SELECT * FROM audit_log WHERE action = 'checkout.completed') a ON a.object_id = o.id
      GROUP BY 1 HAVING count(a.id) <> 1 OR count(o.id) <> 1`,
  },
  {
    promise: 'INV-ATOMIC',
    name: 'a_failed_payment_has_its_audit_row',
    query: `SELECT p.id, p.status || ', ' || count(a.id) || ' audit rows' AS detail
      FROM payments p LEFT JOIN audit_log a ON a.object_id = p.id AND a.action = 'payment.' || p.status
      WHERE p.status IN ('declined', 'failed', 'abandoned') GROUP BY p.id HAVING count(a.id) <> 1`,
  },
  {
    // Kept answers go after a day; the last hour of it is left to the sweep.
    promise: 'INV-ATOMIC',
    name: 'an_order_has_its_stored_answer',
    query: `SELECT o.id, 'stored answer ' || coalesce(k.state, 'missing') AS detail
      FROM orders o JOIN payments p ON p.order_id = o.id LEFT JOIN idempotency_keys k ON k.id = p.idempotency_id
      WHERE (k.id IS NULL AND o.placed_at > $now - ${DAY_MS - DAY_MS / 24})
        OR (k.id IS NOT NULL AND (k.state, k.status, k.body ->> 'order_id') IS NOT ('done', 200, o.id))`,
  },
  {
    promise: 'INV-ATOMIC',
    name: 'a_running_key_has_its_payment',
    query: `SELECT k.id, 'running without a pending payment' AS detail FROM idempotency_keys k
      WHERE k.state = 'running'
        AND NOT EXISTS (SELECT 1 FROM payments p WHERE p.idempotency_id = k.id AND p.status = 'pending')`,
  },

  // ---- INV-OUTBOX ----
  {
    promise: 'INV-OUTBOX',
    name: 'an_order_has_its_event',
    query: `SELECT coalesce(o.id, e.object_id) AS id, count(e.id) || ' events' AS detail
      FROM orders o FULL JOIN (SELECT * FROM outbox_events WHERE type = 'order.placed') e ON e.object_id = o.id
      GROUP BY 1 HAVING count(e.id) <> 1 OR count(o.id) <> 1`,
  },
  {
    promise: 'INV-OUTBOX',
    name: 'a_captured_payment_has_its_event',
    query: `SELECT p.id, count(e.id) || ' events' AS detail
      FROM payments p LEFT JOIN outbox_events e ON e.object_id = p.id AND e.type = 'payment.captured'
      WHERE p.status = 'captured' GROUP BY p.id HAVING count(e.id) <> 1`,
  },
  {
    // No consumer exists yet, so an event without a due time would never be handed out.
    promise: 'INV-OUTBOX',
    name: 'an_event_is_due',
    query: `SELECT id, type AS detail FROM outbox_events WHERE due_at IS NULL`,
  },
]

/** What is left when nobody works any more and the sweep has run: nothing half done. Not a promise at every moment. */
export const SETTLED: readonly InvariantQuery[] = [
  {
    promise: 'INV-ONCE',
    name: 'settled_no_payment_is_pending',
    query: `SELECT id, checkout_id AS detail FROM payments WHERE status = 'pending'`,
  },
  {
    promise: 'INV-ONCE',
    name: 'settled_no_checkout_is_completing',
    query: `SELECT id, payment_id AS detail FROM checkouts WHERE status = 'completing'`,
  },
  {
    promise: 'INV-STOCK',
    name: 'settled_no_reservation_is_open',
    query: `SELECT id, payment_id AS detail FROM stock_reservations WHERE status = 'open'`,
  },
  {
    promise: 'INV-ATOMIC',
    name: 'settled_no_key_is_running',
    query: `SELECT id, state AS detail FROM idempotency_keys WHERE state = 'running'`,
  },
  {
    // Every charge: also those of abandoned attempts that are still to be asked after.
    promise: 'INV-ONCE',
    name: 'settled_every_charge_is_an_order_or_given_back',
    query: `SELECT c.key AS id, 'kept ' || (c.captured - c.refunded) || ', order ' || coalesce(p.order_id, 'missing') AS detail
      FROM test_provider_charges c LEFT JOIN payments p ON p.id = c.key LEFT JOIN orders o ON o.id = p.order_id
      WHERE c.currency <> 'XXX' AND c.captured - c.refunded <> coalesce(o.total, 0)`,
  },
]
