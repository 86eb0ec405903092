-- Why: the shop's tables, their named constraints and indexes (generated from src/features/*/table.ts, then STRICT and
-- WITHOUT ROWID added by hand). Online-safe: creates only. To undo: a further migration that drops them.

CREATE TABLE `audit_log` (
	`id` text PRIMARY KEY NOT NULL,
	`actor` text NOT NULL,
	`action` text NOT NULL,
	`object_id` text NOT NULL,
	`request_id` text,
	`changes` text NOT NULL,
	`created_at` integer NOT NULL
) STRICT;

CREATE INDEX `audit_log_by_object` ON `audit_log` (`object_id`,`id`);
CREATE TABLE `carts` (
	`id` text PRIMARY KEY NOT NULL,
	`currency` text NOT NULL,
	`country` text NOT NULL,
	`lines` text NOT NULL,
	`discount_codes` text NOT NULL,
	`version` integer NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	CONSTRAINT "cart_lines_are_json" CHECK(json_valid(lines))
) STRICT;

CREATE INDEX `carts_expiry` ON `carts` (`expires_at`);
CREATE TABLE `checkouts` (
	`id` text PRIMARY KEY NOT NULL,
	`cart_id` text,
	`status` text NOT NULL,
	`currency` text NOT NULL,
	`country` text NOT NULL,
	`lines` text NOT NULL,
	`discount_codes` text NOT NULL,
	`email` text,
	`customer_key` text,
	`phone` text,
	`shipping_address` text,
	`billing_address` text,
	`shipping_option_id` text,
	`note` text,
	`payment_id` text,
	`order_id` text,
	`frozen_view` text,
	`version` integer NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	CONSTRAINT "checkout_status_known" CHECK(status IN ('open', 'completing', 'completed', 'cancelled')),
	CONSTRAINT "checkout_completed_has_order" CHECK((status = 'completed') = (order_id IS NOT NULL)),
	CONSTRAINT "checkout_completing_has_payment" CHECK(status <> 'completing' OR payment_id IS NOT NULL)
) STRICT;

CREATE INDEX `checkouts_expiry` ON `checkouts` (`expires_at`);
CREATE TABLE `collection_products` (
	`collection_id` text NOT NULL,
	`product_id` text NOT NULL,
	PRIMARY KEY(`collection_id`, `product_id`),
	FOREIGN KEY (`collection_id`) REFERENCES `collections`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`product_id`) REFERENCES `products`(`id`) ON UPDATE no action ON DELETE cascade
) STRICT, WITHOUT ROWID;

CREATE INDEX `collection_products_by_product` ON `collection_products` (`product_id`);
CREATE TABLE `collections` (
	`id` text PRIMARY KEY NOT NULL,
	`handle` text NOT NULL,
	`title` text NOT NULL,
	`description_html` text DEFAULT '' NOT NULL,
	`kind` text NOT NULL,
	`rules` text,
	`image_url` text,
	`version` integer DEFAULT 1 NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	CONSTRAINT "collection_kind_known" CHECK(kind IN ('manual', 'rules')),
	CONSTRAINT "collection_rules_present" CHECK((kind = 'rules') = (rules IS NOT NULL))
) STRICT;

CREATE UNIQUE INDEX `collections_handle` ON `collections` (`handle`);
CREATE TABLE `outbox_events` (
	`id` text PRIMARY KEY NOT NULL,
	`type` text NOT NULL,
	`object_id` text NOT NULL,
	`data` text NOT NULL,
	`created_at` integer NOT NULL,
	`due_at` integer
) STRICT;

CREATE INDEX `outbox_events_due` ON `outbox_events` (`due_at`) WHERE due_at IS NOT NULL;
CREATE INDEX `outbox_events_by_object` ON `outbox_events` (`object_id`);
CREATE TABLE `idempotency_keys` (
	`id` text PRIMARY KEY NOT NULL,
	`fingerprint` text NOT NULL,
	`state` text NOT NULL,
	`status` integer,
	`body` text,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	CONSTRAINT "idempotency_done_has_reply" CHECK((state = 'done') = (status IS NOT NULL AND body IS NOT NULL))
) STRICT;

CREATE INDEX `idempotency_keys_expiry` ON `idempotency_keys` (`expires_at`);
CREATE TABLE `stock_levels` (
	`variant_id` text PRIMARY KEY NOT NULL,
	`on_hand` integer DEFAULT 0 NOT NULL,
	`reserved` integer DEFAULT 0 NOT NULL,
	CONSTRAINT "stock_on_hand_not_negative" CHECK(on_hand >= 0),
	CONSTRAINT "stock_reserved_not_negative" CHECK(reserved >= 0),
	CONSTRAINT "stock_reserved_within_on_hand" CHECK(reserved <= on_hand)
) STRICT;

CREATE TABLE `stock_movements` (
	`id` text PRIMARY KEY NOT NULL,
	`variant_id` text NOT NULL,
	`quantity` integer NOT NULL,
	`reason` text NOT NULL,
	`order_id` text,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`variant_id`) REFERENCES `stock_levels`(`variant_id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "stock_movement_not_empty" CHECK(quantity <> 0)
) STRICT;

CREATE INDEX `stock_movements_by_variant` ON `stock_movements` (`variant_id`,`id`);
CREATE INDEX `stock_movements_by_order` ON `stock_movements` (`order_id`);
CREATE TABLE `stock_reservations` (
	`id` text PRIMARY KEY NOT NULL,
	`payment_id` text NOT NULL,
	`variant_id` text NOT NULL,
	`quantity` integer NOT NULL,
	`status` text NOT NULL,
	`created_at` integer NOT NULL,
	`ended_at` integer,
	FOREIGN KEY (`variant_id`) REFERENCES `stock_levels`(`variant_id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "stock_reservation_quantity" CHECK(quantity >= 0),
	CONSTRAINT "stock_reservation_status" CHECK(status IN ('open', 'claimed', 'released')),
	CONSTRAINT "stock_reservation_ended" CHECK((status = 'open') = (ended_at IS NULL))
) STRICT;

CREATE UNIQUE INDEX `stock_reservations_by_payment` ON `stock_reservations` (`payment_id`,`variant_id`);
CREATE INDEX `stock_reservations_open` ON `stock_reservations` (`variant_id`) WHERE status = 'open';
CREATE TABLE `order_lines` (
	`id` text NOT NULL,
	`order_id` text NOT NULL,
	`position` integer NOT NULL,
	`variant_id` text NOT NULL,
	`product_id` text NOT NULL,
	`title` text NOT NULL,
	`variant_title` text NOT NULL,
	`sku` text,
	`quantity` integer NOT NULL,
	`unit_price` integer NOT NULL,
	`subtotal` integer NOT NULL,
	`discount` integer NOT NULL,
	`tax` integer NOT NULL,
	`total` integer NOT NULL,
	`requires_shipping` integer NOT NULL,
	PRIMARY KEY(`order_id`, `id`),
	FOREIGN KEY (`order_id`) REFERENCES `orders`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "order_line_quantity" CHECK(quantity > 0),
	CONSTRAINT "order_line_sums" CHECK(subtotal = unit_price * quantity AND discount BETWEEN 0 AND subtotal)
) STRICT, WITHOUT ROWID;

CREATE INDEX `order_lines_by_variant` ON `order_lines` (`variant_id`);
CREATE TABLE `orders` (
	`id` text PRIMARY KEY NOT NULL,
	`number` integer NOT NULL,
	`checkout_id` text NOT NULL,
	`status` text NOT NULL,
	`payment_status` text NOT NULL,
	`fulfilment_status` text NOT NULL,
	`email` text NOT NULL,
	`phone` text,
	`currency` text NOT NULL,
	`subtotal` integer NOT NULL,
	`discount` integer NOT NULL,
	`shipping` integer NOT NULL,
	`tax` integer NOT NULL,
	`tax_included` integer NOT NULL,
	`total` integer NOT NULL,
	`shipping_address` text,
	`billing_address` text,
	`shipping_option` text,
	`discounts` text NOT NULL,
	`tax_lines` text NOT NULL,
	`note` text,
	`version` integer DEFAULT 1 NOT NULL,
	`placed_at` integer NOT NULL,
	CONSTRAINT "order_total_is_sum_of_parts" CHECK(total = subtotal - discount + shipping
      + CASE WHEN tax_included THEN 0 ELSE tax END),
	CONSTRAINT "order_amounts_not_negative" CHECK(subtotal >= 0 AND discount >= 0 AND shipping >= 0 AND tax >= 0 AND total >= 0)
) STRICT;

CREATE UNIQUE INDEX `orders_number` ON `orders` (`number`);
CREATE UNIQUE INDEX `orders_checkout` ON `orders` (`checkout_id`);
CREATE INDEX `orders_by_email` ON `orders` (`email`);
CREATE TABLE `payment_records` (
	`id` text PRIMARY KEY NOT NULL,
	`payment_id` text NOT NULL,
	`kind` text NOT NULL,
	`amount` integer NOT NULL,
	`provider_reference` text,
	`reason` text,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`payment_id`) REFERENCES `payments`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "payment_record_amount" CHECK(amount >= 0)
) STRICT;

CREATE INDEX `payment_records_by_payment` ON `payment_records` (`payment_id`,`id`);
CREATE TABLE `payment_transitions` (
	`kind` text NOT NULL,
	`from_status` text NOT NULL,
	`to_status` text NOT NULL,
	PRIMARY KEY(`kind`, `from_status`)
) STRICT, WITHOUT ROWID;

CREATE TABLE `payments` (
	`id` text PRIMARY KEY NOT NULL,
	`checkout_id` text NOT NULL,
	`attempt` integer NOT NULL,
	`provider` text NOT NULL,
	`status` text NOT NULL,
	`currency` text NOT NULL,
	`amount` integer NOT NULL,
	`authorised_amount` integer DEFAULT 0 NOT NULL,
	`captured_amount` integer DEFAULT 0 NOT NULL,
	`refunded_amount` integer DEFAULT 0 NOT NULL,
	`provider_reference` text,
	`order_id` text,
	`draft` text,
	`idempotency_id` text,
	`created_at` integer NOT NULL,
	`recheck_at` integer,
	CONSTRAINT "payment_amounts_in_order" CHECK(0 <= refunded_amount AND refunded_amount <= captured_amount
      AND captured_amount <= amount AND 0 <= authorised_amount AND authorised_amount <= amount)
) STRICT;

CREATE UNIQUE INDEX `payments_by_checkout` ON `payments` (`checkout_id`,`attempt`);
CREATE UNIQUE INDEX `payments_one_live_a_checkout` ON `payments` (`checkout_id`) WHERE status IN ('pending', 'awaiting', 'authorised', 'captured');
CREATE UNIQUE INDEX `payments_one_an_order` ON `payments` (`order_id`);
CREATE INDEX `payments_recheck` ON `payments` (`recheck_at`) WHERE recheck_at IS NOT NULL;
CREATE TABLE `test_provider_charges` (
	`key` text PRIMARY KEY NOT NULL,
	`amount` integer NOT NULL,
	`currency` text NOT NULL,
	`captured` integer NOT NULL,
	`refunded` integer DEFAULT 0 NOT NULL,
	`is_voided` integer DEFAULT false NOT NULL
) STRICT;

CREATE TABLE `prices` (
	`variant_id` text NOT NULL,
	`currency` text NOT NULL,
	`amount` integer NOT NULL,
	`compare_at_amount` integer,
	PRIMARY KEY(`variant_id`, `currency`),
	FOREIGN KEY (`variant_id`) REFERENCES `variants`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "price_not_negative" CHECK(amount >= 0 AND (compare_at_amount IS NULL OR compare_at_amount >= 0))
) STRICT, WITHOUT ROWID;

CREATE TABLE `product_images` (
	`id` text PRIMARY KEY NOT NULL,
	`product_id` text NOT NULL,
	`position` integer NOT NULL,
	`url` text NOT NULL,
	`alt` text DEFAULT '' NOT NULL,
	FOREIGN KEY (`product_id`) REFERENCES `products`(`id`) ON UPDATE no action ON DELETE cascade
) STRICT;

CREATE INDEX `product_images_by_product` ON `product_images` (`product_id`,`position`);
CREATE TABLE `product_price_ranges` (
	`product_id` text NOT NULL,
	`currency` text NOT NULL,
	`min_amount` integer NOT NULL,
	`max_amount` integer NOT NULL,
	PRIMARY KEY(`product_id`, `currency`),
	FOREIGN KEY (`product_id`) REFERENCES `products`(`id`) ON UPDATE no action ON DELETE cascade
) STRICT, WITHOUT ROWID;

CREATE INDEX `product_price_ranges_by_price` ON `product_price_ranges` (`currency`,`min_amount`,`product_id`);
CREATE TABLE `product_tags` (
	`tag` text NOT NULL,
	`product_id` text NOT NULL,
	PRIMARY KEY(`tag`, `product_id`),
	FOREIGN KEY (`product_id`) REFERENCES `products`(`id`) ON UPDATE no action ON DELETE cascade
) STRICT, WITHOUT ROWID;

CREATE INDEX `product_tags_by_product` ON `product_tags` (`product_id`);
CREATE TABLE `products` (
	`seq` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`id` text NOT NULL,
	`handle` text NOT NULL,
	`title` text NOT NULL,
	`description_html` text DEFAULT '' NOT NULL,
	`vendor` text DEFAULT '' NOT NULL,
	`product_type` text DEFAULT '' NOT NULL,
	`status` text NOT NULL,
	`tags` text NOT NULL,
	`options` text NOT NULL,
	`metadata` text NOT NULL,
	`seo_title` text,
	`seo_description` text,
	`search_text` text DEFAULT '' NOT NULL,
	`version` integer DEFAULT 1 NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	CONSTRAINT "product_status_known" CHECK(status IN ('draft', 'active', 'archived'))
) STRICT;

CREATE UNIQUE INDEX `products_id` ON `products` (`id`);
CREATE UNIQUE INDEX `products_handle` ON `products` (`handle`);
CREATE INDEX `products_by_age` ON `products` (`status`,`id`);
CREATE INDEX `products_by_title` ON `products` (`status`,title COLLATE NOCASE,`id`);
CREATE INDEX `products_by_vendor` ON `products` (`vendor`,`status`,`id`);
CREATE INDEX `products_by_type` ON `products` (`product_type`,`status`,`id`);
CREATE TABLE `search_typos` (
	`typo` text NOT NULL,
	`word` text NOT NULL,
	PRIMARY KEY(`typo`, `word`)
) STRICT, WITHOUT ROWID;

CREATE TABLE `variants` (
	`id` text PRIMARY KEY NOT NULL,
	`product_id` text NOT NULL,
	`position` integer NOT NULL,
	`title` text NOT NULL,
	`options` text NOT NULL,
	`sku` text,
	`barcode` text,
	`weight_grams` integer DEFAULT 0 NOT NULL,
	`requires_shipping` integer DEFAULT true NOT NULL,
	`taxable` integer DEFAULT true NOT NULL,
	`tax_class` text DEFAULT 'standard' NOT NULL,
	`tracks_inventory` integer DEFAULT true NOT NULL,
	`inventory_policy` text DEFAULT 'deny' NOT NULL,
	`image_url` text,
	FOREIGN KEY (`product_id`) REFERENCES `products`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "variant_weight_not_negative" CHECK(weight_grams >= 0),
	CONSTRAINT "variant_policy_known" CHECK(inventory_policy IN ('deny', 'continue'))
) STRICT;

CREATE UNIQUE INDEX `variants_by_product` ON `variants` (`product_id`,`options`);
CREATE INDEX `variants_by_sku` ON `variants` (`sku`);
CREATE TABLE `promotion_redemptions` (
	`promotion_id` text NOT NULL,
	`payment_id` text NOT NULL,
	`customer_key` text NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`promotion_id`, `payment_id`),
	FOREIGN KEY (`promotion_id`) REFERENCES `promotions`(`id`) ON UPDATE no action ON DELETE no action
) STRICT, WITHOUT ROWID;

CREATE INDEX `promotion_redemptions_by_customer` ON `promotion_redemptions` (`promotion_id`,`customer_key`);
CREATE INDEX `promotion_redemptions_by_payment` ON `promotion_redemptions` (`payment_id`);
CREATE TABLE `promotions` (
	`id` text PRIMARY KEY NOT NULL,
	`title` text NOT NULL,
	`code` text,
	`rule` text NOT NULL,
	`is_active` integer DEFAULT true NOT NULL,
	`usage_limit` integer,
	`usage_limit_per_customer` integer,
	`redeemed` integer DEFAULT 0 NOT NULL,
	`version` integer DEFAULT 1 NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	CONSTRAINT "promotion_code_upper" CHECK(code = upper(code)),
	CONSTRAINT "promotion_usage_within_limit" CHECK(redeemed >= 0 AND (usage_limit IS NULL OR redeemed <= usage_limit))
) STRICT;

CREATE UNIQUE INDEX `promotions_code` ON `promotions` (`code`);
CREATE INDEX `promotions_automatic` ON `promotions` (`is_active`) WHERE code IS NULL;
CREATE TABLE `shipping_rates` (
	`id` text PRIMARY KEY NOT NULL,
	`zone_id` text NOT NULL,
	`title` text NOT NULL,
	`position` integer NOT NULL,
	`rule` text NOT NULL,
	`eta_days_min` integer,
	`eta_days_max` integer,
	FOREIGN KEY (`zone_id`) REFERENCES `shipping_zones`(`id`) ON UPDATE no action ON DELETE cascade
) STRICT;

CREATE INDEX `shipping_rates_by_zone` ON `shipping_rates` (`zone_id`,`position`);
CREATE TABLE `shipping_zones` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`places` text NOT NULL
) STRICT;

CREATE TABLE `shop_settings` (
	`id` integer PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`email` text,
	`default_currency` text NOT NULL,
	`currencies` text NOT NULL,
	`home_country` text NOT NULL,
	`prices_include_tax` integer NOT NULL,
	`policies` text NOT NULL,
	`version` integer DEFAULT 1 NOT NULL,
	`updated_at` integer NOT NULL,
	CONSTRAINT "shop_settings_one_row" CHECK(id = 1)
) STRICT;

CREATE TABLE `tax_rates` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`country` text NOT NULL,
	`region` text,
	`tax_class` text NOT NULL,
	`rate_ppm` integer NOT NULL,
	`applies_to_shipping` integer NOT NULL,
	CONSTRAINT "tax_rate_in_range" CHECK(rate_ppm BETWEEN 0 AND 1000000)
) STRICT;

CREATE INDEX `tax_rates_by_place` ON `tax_rates` (`country`,`region`);
CREATE TABLE `guards` (
	`name` text NOT NULL,
	CONSTRAINT "guard_version_current" CHECK(name <> 'guard_version_current'),
	CONSTRAINT "guard_payment_pending" CHECK(name <> 'guard_payment_pending')
) STRICT;
