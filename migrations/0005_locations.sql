-- Why: stock lies in several places. Levels, movements and reservations name their location, `stock_items` keeps what
-- buyers can get of a variant, and the shop says when that is low (tables from src/features/*/table.ts; STRICT, WITHOUT
-- ROWID and triggers by hand). All stock that there is goes to `loc_default`. Not online-safe: the three stock tables are
-- rewritten, so purchases wait for as long as that takes. To undo: a further migration that sums the locations up again.

CREATE TABLE `locations` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`code` text NOT NULL,
	`address` text,
	`priority` integer NOT NULL,
	`is_active` integer DEFAULT true NOT NULL,
	`version` integer DEFAULT 1 NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`deleted_at` integer,
	CONSTRAINT "location_deleted_is_inactive" CHECK(deleted_at IS NULL OR NOT is_active)
) STRICT;

CREATE UNIQUE INDEX `locations_code` ON `locations` (`code`) WHERE deleted_at IS NULL;
CREATE INDEX `locations_by_priority` ON `locations` (`priority`,`id`) WHERE deleted_at IS NULL;

INSERT INTO locations (id, name, code, priority, created_at, updated_at)
  VALUES ('loc_default', 'Main location', 'MAIN', 100, unixepoch() * 1000, unixepoch() * 1000);

ALTER TABLE `shop_settings` ADD `low_stock_threshold` integer DEFAULT 5 NOT NULL
  CONSTRAINT "shop_low_stock_threshold_not_negative" CHECK(low_stock_threshold >= 0);

-- ---- the stock tables, with locations ------------------------------------------------------------------------------
DROP TRIGGER stock_movements_inserted;
DROP TRIGGER stock_movements_no_update;
DROP TRIGGER stock_movements_no_delete;
DROP TRIGGER stock_reservations_inserting;
DROP TRIGGER stock_reservations_inserted;
DROP TRIGGER stock_reservations_updating;
DROP TRIGGER stock_reservations_updated;
DROP TRIGGER stock_reservations_deleting;
DROP INDEX stock_movements_by_variant;
DROP INDEX stock_movements_by_order;
DROP INDEX stock_reservations_by_payment;
DROP INDEX stock_reservations_open;
ALTER TABLE stock_levels RENAME TO old_stock_levels;
ALTER TABLE stock_movements RENAME TO old_stock_movements;
ALTER TABLE stock_reservations RENAME TO old_stock_reservations;

CREATE TABLE `stock_levels` (
	`variant_id` text NOT NULL,
	`location_id` text NOT NULL,
	`on_hand` integer DEFAULT 0 NOT NULL,
	`reserved` integer DEFAULT 0 NOT NULL,
	PRIMARY KEY(`variant_id`, `location_id`),
	FOREIGN KEY (`location_id`) REFERENCES `locations`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "stock_on_hand_not_negative" CHECK (on_hand >= 0),
	CONSTRAINT "stock_reserved_not_negative" CHECK (reserved >= 0),
	CONSTRAINT "stock_reserved_within_on_hand" CHECK (reserved <= on_hand)
) STRICT, WITHOUT ROWID;

CREATE INDEX `stock_levels_by_location` ON `stock_levels` (`location_id`,`variant_id`);
CREATE TABLE `stock_items` (
	`variant_id` text PRIMARY KEY NOT NULL,
	`available` integer DEFAULT 0 NOT NULL,
	`low_stock_threshold` integer,
	`low_at` integer,
	`version` integer DEFAULT 1 NOT NULL,
	CONSTRAINT "stock_low_stock_threshold_not_negative" CHECK(low_stock_threshold >= 0)
) STRICT, WITHOUT ROWID;

CREATE INDEX `stock_items_low` ON `stock_items` (`variant_id`) WHERE available <= low_at;
CREATE TABLE `stock_movements` (
	`id` text PRIMARY KEY NOT NULL,
	`variant_id` text NOT NULL,
	`location_id` text NOT NULL,
	`quantity` integer NOT NULL,
	`reason` text NOT NULL,
	`order_id` text,
	`document_id` text,
	`actor` text,
	`note` text,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`variant_id`,`location_id`) REFERENCES `stock_levels`(`variant_id`,`location_id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "stock_movement_not_empty" CHECK(quantity <> 0),
	CONSTRAINT "stock_movement_transfer_has_document" CHECK(reason NOT IN ('transfer_in', 'transfer_out') OR document_id IS NOT NULL)
) STRICT;

CREATE INDEX `stock_movements_by_age` ON `stock_movements` (`created_at`,`id`);
CREATE INDEX `stock_movements_by_variant` ON `stock_movements` (`variant_id`,`created_at`,`id`);
CREATE INDEX `stock_movements_by_location` ON `stock_movements` (`location_id`,`created_at`,`id`);
CREATE INDEX `stock_movements_by_reason` ON `stock_movements` (`reason`,`created_at`,`id`);
CREATE INDEX `stock_movements_by_order` ON `stock_movements` (`order_id`,`created_at`,`id`) WHERE order_id IS NOT NULL;
CREATE INDEX `stock_movements_by_document` ON `stock_movements` (`document_id`,`created_at`,`id`) WHERE document_id IS NOT NULL;
CREATE TABLE `stock_reservations` (
	`id` text PRIMARY KEY NOT NULL,
	`payment_id` text NOT NULL,
	`variant_id` text NOT NULL,
	`location_id` text NOT NULL,
	`quantity` integer NOT NULL,
	`status` text NOT NULL,
	`created_at` integer NOT NULL,
	`ended_at` integer,
	FOREIGN KEY (`variant_id`,`location_id`) REFERENCES `stock_levels`(`variant_id`,`location_id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "stock_reservation_quantity" CHECK(quantity >= 0),
	CONSTRAINT "stock_reservation_status" CHECK(status IN ('open', 'claimed', 'released')),
	CONSTRAINT "stock_reservation_ended" CHECK((status = 'open') = (ended_at IS NULL))
) STRICT;

CREATE UNIQUE INDEX `stock_reservations_by_payment` ON `stock_reservations` (`payment_id`,`variant_id`,`location_id`);
CREATE INDEX `stock_reservations_open` ON `stock_reservations` (`variant_id`,`location_id`) WHERE status = 'open';

INSERT INTO stock_levels (variant_id, location_id, on_hand, reserved)
  SELECT variant_id, 'loc_default', on_hand, reserved FROM old_stock_levels;
INSERT INTO stock_movements (id, variant_id, location_id, quantity, reason, order_id, created_at)
  SELECT id, variant_id, 'loc_default', quantity, reason, order_id, created_at FROM old_stock_movements;
INSERT INTO stock_reservations (id, payment_id, variant_id, location_id, quantity, status, created_at, ended_at)
  SELECT id, payment_id, variant_id, 'loc_default', quantity, status, created_at, ended_at FROM old_stock_reservations;
INSERT INTO stock_items (variant_id, available, low_at)
  SELECT v.id, coalesce(s.on_hand - s.reserved, 0), iif(v.tracks_inventory, (SELECT low_stock_threshold FROM shop_settings), NULL)
  FROM variants v LEFT JOIN old_stock_levels s ON s.variant_id = v.id;
-- The books outlive a variant that is deleted.
INSERT INTO stock_items (variant_id, available)
  SELECT variant_id, on_hand - reserved FROM old_stock_levels WHERE variant_id NOT IN (SELECT id FROM variants);
DROP TABLE old_stock_movements;
DROP TABLE old_stock_reservations;
DROP TABLE old_stock_levels;

-- ---- stock (INV-STOCK) ---------------------------------------------------------------------------------------------
-- At each location: on_hand = sum of movements, reserved = sum of open reservations. The CHECKs on stock_levels abort
-- what would oversell.
CREATE TRIGGER stock_movements_inserted
AFTER INSERT ON stock_movements BEGIN
  UPDATE stock_levels SET on_hand = on_hand + NEW.quantity
    WHERE variant_id = NEW.variant_id AND location_id = NEW.location_id;
END;

CREATE TRIGGER stock_movements_into_deleted
BEFORE INSERT ON stock_movements
WHEN NEW.quantity > 0 AND EXISTS (SELECT 1 FROM locations WHERE id = NEW.location_id AND deleted_at IS NOT NULL)
BEGIN
  SELECT RAISE(ABORT, 'stock_location_deleted');
END;

CREATE TRIGGER stock_movements_no_update
BEFORE UPDATE ON stock_movements BEGIN
  SELECT RAISE(ABORT, 'stock_movements_append_only');
END;

CREATE TRIGGER stock_movements_no_delete
BEFORE DELETE ON stock_movements BEGIN
  SELECT RAISE(ABORT, 'stock_movements_append_only');
END;

CREATE TRIGGER stock_reservations_inserting
BEFORE INSERT ON stock_reservations WHEN NEW.status <> 'open' BEGIN
  SELECT RAISE(ABORT, 'stock_reservation_starts_open');
END;

CREATE TRIGGER stock_reservations_inserted
AFTER INSERT ON stock_reservations BEGIN
  UPDATE stock_levels SET reserved = reserved + NEW.quantity
    WHERE variant_id = NEW.variant_id AND location_id = NEW.location_id;
END;

-- A reservation ends exactly once; nothing else about it ever changes.
CREATE TRIGGER stock_reservations_updating
BEFORE UPDATE ON stock_reservations
WHEN OLD.status <> 'open' OR NEW.status = 'open'
  OR (NEW.quantity, NEW.variant_id, NEW.location_id) <> (OLD.quantity, OLD.variant_id, OLD.location_id)
BEGIN
  SELECT RAISE(ABORT, 'stock_reservation_ended');
END;

CREATE TRIGGER stock_reservations_updated
AFTER UPDATE ON stock_reservations BEGIN
  UPDATE stock_levels SET reserved = reserved - OLD.quantity
    WHERE variant_id = OLD.variant_id AND location_id = OLD.location_id;
END;

CREATE TRIGGER stock_reservations_deleting
BEFORE DELETE ON stock_reservations WHEN OLD.status = 'open' BEGIN
  SELECT RAISE(ABORT, 'stock_reservation_open');
END;

-- ---- stock: what buyers can get ------------------------------------------------------------------------------------
-- available = sum of what is not reserved at active locations, one row a variant, so that reading a product does not
-- depend on how many locations there are.
CREATE TRIGGER stock_levels_inserted AFTER INSERT ON stock_levels BEGIN
  INSERT INTO stock_items (variant_id) VALUES (NEW.variant_id) ON CONFLICT DO NOTHING;
  UPDATE stock_items SET available = available + NEW.on_hand - NEW.reserved
    WHERE variant_id = NEW.variant_id AND (SELECT is_active FROM locations WHERE id = NEW.location_id);
END;

CREATE TRIGGER stock_levels_updated AFTER UPDATE OF on_hand, reserved ON stock_levels BEGIN
  UPDATE stock_items SET available = available + NEW.on_hand - NEW.reserved - OLD.on_hand + OLD.reserved
    WHERE variant_id = NEW.variant_id AND (SELECT is_active FROM locations WHERE id = NEW.location_id);
END;

CREATE TRIGGER stock_levels_deleted AFTER DELETE ON stock_levels BEGIN
  UPDATE stock_items SET available = available - OLD.on_hand + OLD.reserved
    WHERE variant_id = OLD.variant_id AND (SELECT is_active FROM locations WHERE id = OLD.location_id);
END;

CREATE TRIGGER locations_switched AFTER UPDATE OF is_active ON locations WHEN OLD.is_active <> NEW.is_active BEGIN
  UPDATE stock_items SET available = available + iif(NEW.is_active, 1, -1) * (
      SELECT on_hand - reserved FROM stock_levels s WHERE s.variant_id = stock_items.variant_id AND s.location_id = NEW.id)
    WHERE variant_id IN (SELECT variant_id FROM stock_levels WHERE location_id = NEW.id AND on_hand > reserved);
END;

-- A location that is gone holds nothing. Its row stays: the books name it.
CREATE TRIGGER locations_deleting BEFORE UPDATE OF deleted_at ON locations
WHEN NEW.deleted_at IS NOT NULL
  AND EXISTS (SELECT 1 FROM stock_levels WHERE location_id = NEW.id AND (on_hand > 0 OR reserved > 0))
BEGIN
  SELECT RAISE(ABORT, 'location_not_empty');
END;

-- Stock that nobody named a location for goes to the default one.
CREATE TRIGGER locations_default_stays BEFORE UPDATE OF deleted_at ON locations
WHEN NEW.deleted_at IS NOT NULL AND NEW.id = 'loc_default' BEGIN
  SELECT RAISE(ABORT, 'location_default_stays');
END;

-- ---- stock: when it is low -----------------------------------------------------------------------------------------
-- low_at = the variant's own threshold, else the shop's; null for what is not counted. Kept beside `available`, so that an
-- index can hold exactly what is low.
CREATE TRIGGER variants_stock_inserted AFTER INSERT ON variants BEGIN
  INSERT INTO stock_items (variant_id, low_at)
    VALUES (NEW.id, iif(NEW.tracks_inventory, (SELECT low_stock_threshold FROM shop_settings), NULL))
    ON CONFLICT DO NOTHING;
END;

CREATE TRIGGER variants_stock_updated AFTER UPDATE OF tracks_inventory ON variants
WHEN OLD.tracks_inventory <> NEW.tracks_inventory BEGIN
  UPDATE stock_items SET low_at = iif(NEW.tracks_inventory,
      coalesce(low_stock_threshold, (SELECT low_stock_threshold FROM shop_settings)), NULL)
    WHERE variant_id = NEW.id;
END;

CREATE TRIGGER variants_stock_deleted AFTER DELETE ON variants BEGIN
  UPDATE stock_items SET low_at = NULL WHERE variant_id = OLD.id;
  DELETE FROM stock_items
    WHERE variant_id = OLD.id AND NOT EXISTS (SELECT 1 FROM stock_levels WHERE variant_id = OLD.id);
END;

CREATE TRIGGER stock_items_threshold AFTER UPDATE OF low_stock_threshold ON stock_items BEGIN
  UPDATE stock_items SET low_at = iif((SELECT tracks_inventory FROM variants WHERE id = NEW.variant_id),
      coalesce(NEW.low_stock_threshold, (SELECT low_stock_threshold FROM shop_settings)), NULL)
    WHERE variant_id = NEW.variant_id;
END;

CREATE TRIGGER shop_settings_stock_inserted AFTER INSERT ON shop_settings BEGIN
  UPDATE stock_items SET low_at = coalesce(low_stock_threshold, NEW.low_stock_threshold)
    WHERE variant_id IN (SELECT id FROM variants WHERE tracks_inventory);
END;

CREATE TRIGGER shop_settings_stock_updated AFTER UPDATE OF low_stock_threshold ON shop_settings
WHEN OLD.low_stock_threshold <> NEW.low_stock_threshold BEGIN
  UPDATE stock_items SET low_at = coalesce(low_stock_threshold, NEW.low_stock_threshold)
    WHERE variant_id IN (SELECT id FROM variants WHERE tracks_inventory);
END;
