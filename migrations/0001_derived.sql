-- Why: everything that follows from other rows is derived here, by triggers, so that no writer can forget it or get it
-- wrong: price ranges, tags, the search index, stock levels (INV-STOCK), promotion usage and payment states (INV-ONCE,
-- INV-MONEY); and what may never change afterwards is made append-only. Online-safe: creates only.
-- To undo: a further migration that drops the triggers by name.
-- Never INSERT OR REPLACE or OR IGNORE in a trigger: the statement that fires it overrides that with its own policy
-- (an upsert with ABORT; https://sqlite.org/lang_createtrigger.html). ON CONFLICT clauses are the trigger's own.

-- ---- products: price ranges ----------------------------------------------------------------------------------------
CREATE TRIGGER prices_inserted AFTER INSERT ON prices BEGIN
  INSERT INTO product_price_ranges (product_id, currency, min_amount, max_amount)
    SELECT v.product_id, NEW.currency, min(p.amount), max(p.amount)
    FROM variants v JOIN prices p ON p.variant_id = v.id AND p.currency = NEW.currency
    WHERE v.product_id = (SELECT product_id FROM variants WHERE id = NEW.variant_id)
    GROUP BY v.product_id
    ON CONFLICT (product_id, currency) DO UPDATE
      SET min_amount = excluded.min_amount, max_amount = excluded.max_amount;
END;

CREATE TRIGGER prices_updated AFTER UPDATE OF amount ON prices WHEN OLD.amount <> NEW.amount BEGIN
  INSERT INTO product_price_ranges (product_id, currency, min_amount, max_amount)
    SELECT v.product_id, NEW.currency, min(p.amount), max(p.amount)
    FROM variants v JOIN prices p ON p.variant_id = v.id AND p.currency = NEW.currency
    WHERE v.product_id = (SELECT product_id FROM variants WHERE id = NEW.variant_id)
    GROUP BY v.product_id
    ON CONFLICT (product_id, currency) DO UPDATE
      SET min_amount = excluded.min_amount, max_amount = excluded.max_amount;
END;

CREATE TRIGGER prices_deleted AFTER DELETE ON prices BEGIN
  DELETE FROM product_price_ranges
    WHERE product_id = (SELECT product_id FROM variants WHERE id = OLD.variant_id) AND currency = OLD.currency;
  INSERT INTO product_price_ranges (product_id, currency, min_amount, max_amount)
    SELECT v.product_id, OLD.currency, min(p.amount), max(p.amount)
    FROM variants v JOIN prices p ON p.variant_id = v.id AND p.currency = OLD.currency
    WHERE v.product_id = (SELECT product_id FROM variants WHERE id = OLD.variant_id)
    GROUP BY v.product_id;
END;

-- Before, not by cascade: the trigger above must still find the variant's product.
CREATE TRIGGER variants_deleted BEFORE DELETE ON variants BEGIN
  DELETE FROM prices WHERE variant_id = OLD.id;
END;

-- ---- products: tags ------------------------------------------------------------------------------------------------
CREATE TRIGGER products_tags_inserted AFTER INSERT ON products BEGIN
  INSERT INTO product_tags (tag, product_id) SELECT value, NEW.id FROM json_each(NEW.tags) WHERE true ON CONFLICT DO NOTHING;
END;

CREATE TRIGGER products_tags_updated AFTER UPDATE OF tags ON products WHEN OLD.tags <> NEW.tags BEGIN
  DELETE FROM product_tags WHERE product_id = OLD.id;
  INSERT INTO product_tags (tag, product_id) SELECT value, NEW.id FROM json_each(NEW.tags) WHERE true ON CONFLICT DO NOTHING;
END;

-- ---- products: full-text search over active products ----------------------------------------------------------------
-- Contentless: the index holds no second copy of the text. Porter stems English; remove_diacritics folds the rest.
CREATE VIRTUAL TABLE product_search USING fts5(
  title, vendor, product_type, tags, body,
  content = '', contentless_delete = 1, tokenize = 'porter unicode61 remove_diacritics 2', prefix = '2 3'
);

CREATE TRIGGER products_search_inserted AFTER INSERT ON products WHEN NEW.status = 'active' BEGIN
  INSERT INTO product_search (rowid, title, vendor, product_type, tags, body)
    VALUES (NEW.seq, NEW.title, NEW.vendor, NEW.product_type, NEW.tags, NEW.search_text);
END;

CREATE TRIGGER products_search_updated
AFTER UPDATE OF title, vendor, product_type, tags, search_text, status ON products BEGIN
  DELETE FROM product_search WHERE rowid = OLD.seq;
  INSERT INTO product_search (rowid, title, vendor, product_type, tags, body)
    SELECT NEW.seq, NEW.title, NEW.vendor, NEW.product_type, NEW.tags, NEW.search_text WHERE NEW.status = 'active';
END;

CREATE TRIGGER products_search_deleted AFTER DELETE ON products BEGIN
  DELETE FROM product_search WHERE rowid = OLD.seq;
END;

-- ---- stock (INV-STOCK) ---------------------------------------------------------------------------------------------
-- on_hand = sum of movements, reserved = sum of open reservations. The CHECKs on stock_levels abort what would oversell.
CREATE TRIGGER stock_movements_inserted AFTER INSERT ON stock_movements BEGIN
  UPDATE stock_levels SET on_hand = on_hand + NEW.quantity WHERE variant_id = NEW.variant_id;
END;

CREATE TRIGGER stock_movements_no_update BEFORE UPDATE ON stock_movements BEGIN
  SELECT RAISE(ABORT, 'stock_movements_append_only');
END;

CREATE TRIGGER stock_movements_no_delete BEFORE DELETE ON stock_movements BEGIN
  SELECT RAISE(ABORT, 'stock_movements_append_only');
END;

CREATE TRIGGER stock_reservations_inserting BEFORE INSERT ON stock_reservations WHEN NEW.status <> 'open' BEGIN
  SELECT RAISE(ABORT, 'stock_reservation_starts_open');
END;

CREATE TRIGGER stock_reservations_inserted AFTER INSERT ON stock_reservations BEGIN
  UPDATE stock_levels SET reserved = reserved + NEW.quantity WHERE variant_id = NEW.variant_id;
END;

-- A reservation ends exactly once; nothing else about it ever changes.
CREATE TRIGGER stock_reservations_updating BEFORE UPDATE ON stock_reservations
WHEN OLD.status <> 'open' OR NEW.status = 'open' OR NEW.quantity <> OLD.quantity OR NEW.variant_id <> OLD.variant_id
BEGIN
  SELECT RAISE(ABORT, 'stock_reservation_ended');
END;

CREATE TRIGGER stock_reservations_updated AFTER UPDATE ON stock_reservations BEGIN
  UPDATE stock_levels SET reserved = reserved - OLD.quantity WHERE variant_id = OLD.variant_id;
END;

CREATE TRIGGER stock_reservations_deleting BEFORE DELETE ON stock_reservations WHEN OLD.status = 'open' BEGIN
  SELECT RAISE(ABORT, 'stock_reservation_open');
END;

-- ---- promotions: usage ---------------------------------------------------------------------------------------------
CREATE TRIGGER promotion_redemptions_inserting BEFORE INSERT ON promotion_redemptions
WHEN (SELECT count(*) FROM promotion_redemptions r
      WHERE r.promotion_id = NEW.promotion_id AND r.customer_key = NEW.customer_key)
     >= (SELECT coalesce(usage_limit_per_customer, 9007199254740991) FROM promotions WHERE id = NEW.promotion_id)
BEGIN
  SELECT RAISE(ABORT, 'promotion_customer_usage_within_limit');
END;

CREATE TRIGGER promotion_redemptions_inserted AFTER INSERT ON promotion_redemptions BEGIN
  UPDATE promotions SET redeemed = redeemed + 1 WHERE id = NEW.promotion_id;
END;

CREATE TRIGGER promotion_redemptions_deleted AFTER DELETE ON promotion_redemptions BEGIN
  UPDATE promotions SET redeemed = redeemed - 1 WHERE id = OLD.promotion_id;
END;

-- ---- payments (INV-ONCE, INV-MONEY) --------------------------------------------------------------------------------
-- An `abandoned` attempt (its outcome was unknown for too long, its stock was given back) stays abandoned whatever the
-- provider says later; the records then show the money that came late and went back.
INSERT INTO payment_transitions (kind, from_status, to_status) VALUES
  ('started', 'pending', 'pending'),
  ('awaiting', 'pending', 'awaiting'),
  ('authorised', 'pending', 'authorised'),
  ('captured', 'pending', 'captured'),
  ('declined', 'pending', 'declined'),
  ('failed', 'pending', 'failed'),
  ('abandoned', 'pending', 'abandoned'),
  ('captured', 'awaiting', 'captured'),
  ('voided', 'awaiting', 'voided'),
  ('captured', 'authorised', 'captured'),
  ('voided', 'authorised', 'voided'),
  ('refunded', 'captured', 'captured'),
  ('authorised', 'abandoned', 'abandoned'),
  ('captured', 'abandoned', 'abandoned'),
  ('voided', 'abandoned', 'abandoned'),
  ('refunded', 'abandoned', 'abandoned');

CREATE TRIGGER payment_records_inserting BEFORE INSERT ON payment_records
WHEN NOT EXISTS (SELECT 1 FROM payment_transitions t JOIN payments p ON p.status = t.from_status
                 WHERE p.id = NEW.payment_id AND t.kind = NEW.kind)
BEGIN
  SELECT RAISE(ABORT, 'payment_transition_illegal');
END;

CREATE TRIGGER payment_records_inserted AFTER INSERT ON payment_records BEGIN
  UPDATE payments SET
    status = (SELECT to_status FROM payment_transitions t WHERE t.kind = NEW.kind AND t.from_status = payments.status),
    authorised_amount = authorised_amount + iif(NEW.kind = 'authorised', NEW.amount, 0),
    captured_amount = captured_amount + iif(NEW.kind = 'captured', NEW.amount, 0),
    refunded_amount = refunded_amount + iif(NEW.kind = 'refunded', NEW.amount, 0),
    provider_reference = coalesce(NEW.provider_reference, provider_reference)
  WHERE id = NEW.payment_id;
END;

CREATE TRIGGER payment_records_no_update BEFORE UPDATE ON payment_records BEGIN
  SELECT RAISE(ABORT, 'payment_records_append_only');
END;

CREATE TRIGGER payment_records_no_delete BEFORE DELETE ON payment_records BEGIN
  SELECT RAISE(ABORT, 'payment_records_append_only');
END;

-- ---- audit ---------------------------------------------------------------------------------------------------------
CREATE TRIGGER audit_log_no_update BEFORE UPDATE ON audit_log BEGIN
  SELECT RAISE(ABORT, 'audit_log_append_only');
END;

CREATE TRIGGER audit_log_no_delete BEFORE DELETE ON audit_log BEGIN
  SELECT RAISE(ABORT, 'audit_log_append_only');
END;
