-- Why: people with accounts, their sessions and addresses, staff, and mails; and whose an order, a checkout and a stored
-- answer is (generated from src/features/*/table.ts, then STRICT and triggers added by hand). Online-safe: creates, and
-- adds columns that may be null. To undo: a further migration that drops these tables, triggers and columns.

CREATE TABLE `account_tokens` (
	`id` text PRIMARY KEY NOT NULL,
	`purpose` text NOT NULL,
	`email` text NOT NULL,
	`password_hash` text,
	`name` text,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	CONSTRAINT "account_token_purpose_known" CHECK(purpose IN ('register', 'set_password')),
	CONSTRAINT "account_token_registers_with_password" CHECK((purpose = 'register') = (password_hash IS NOT NULL))
) STRICT;

CREATE INDEX `account_tokens_by_email` ON `account_tokens` (`email`);
CREATE INDEX `account_tokens_expiry` ON `account_tokens` (`expires_at`);
CREATE TABLE `attempt_counters` (
	`key` text PRIMARY KEY NOT NULL,
	`attempts` integer NOT NULL,
	`resets_at` integer NOT NULL,
	CONSTRAINT "attempt_counter_not_negative" CHECK(attempts >= 0)
) STRICT;

CREATE INDEX `attempt_counters_expiry` ON `attempt_counters` (`resets_at`);
CREATE TABLE `known_networks` (
	`user_id` text NOT NULL,
	`network` text NOT NULL,
	`seen_at` integer NOT NULL,
	PRIMARY KEY(`user_id`, `network`),
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
) STRICT, WITHOUT ROWID;

CREATE INDEX `known_networks_age` ON `known_networks` (`seen_at`);
CREATE TABLE `refresh_tokens` (
	`id` text PRIMARY KEY NOT NULL,
	`session_id` text NOT NULL,
	`previous_id` text,
	`nonce` text,
	`created_at` integer NOT NULL,
	`used_at` integer,
	FOREIGN KEY (`session_id`) REFERENCES `sessions`(`id`) ON UPDATE no action ON DELETE no action
) STRICT;

CREATE INDEX `refresh_tokens_by_session` ON `refresh_tokens` (`session_id`);
CREATE UNIQUE INDEX `refresh_tokens_one_head` ON `refresh_tokens` (`session_id`) WHERE used_at IS NULL;
CREATE UNIQUE INDEX `refresh_tokens_one_successor` ON `refresh_tokens` (`previous_id`);
CREATE TABLE `sessions` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`device` text NOT NULL,
	`created_at` integer NOT NULL,
	`last_used_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`ended_at` integer,
	`end_reason` text,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "session_ended_has_reason" CHECK((ended_at IS NULL) = (end_reason IS NULL)),
	CONSTRAINT "session_end_known" CHECK(end_reason IN ('logged_out', 'ended', 'password_changed', 'token_replayed'))
) STRICT;

CREATE INDEX `sessions_by_user` ON `sessions` (`user_id`,`id`);
CREATE INDEX `sessions_expiry` ON `sessions` (`expires_at`);
CREATE TABLE `mails` (
	`id` text PRIMARY KEY NOT NULL,
	`template` text NOT NULL,
	`recipient` text NOT NULL,
	`event` text NOT NULL,
	`token_id` text,
	`state` text NOT NULL,
	`tries` integer DEFAULT 0 NOT NULL,
	`created_at` integer NOT NULL,
	`at` integer NOT NULL,
	CONSTRAINT "mail_state_known" CHECK(state IN ('due', 'sending', 'sent', 'failed'))
) STRICT;

CREATE UNIQUE INDEX `mails_event` ON `mails` (`event`);
CREATE INDEX `mails_by_state` ON `mails` (`state`,`at`);
CREATE INDEX `mails_by_recipient` ON `mails` (`recipient`);
CREATE TABLE `staff_members` (
	`user_id` text PRIMARY KEY NOT NULL,
	`role` text NOT NULL,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "staff_role_known" CHECK(role IN ('owner', 'manager', 'support', 'viewer'))
) STRICT;

CREATE TABLE `addresses` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`address` text NOT NULL,
	`is_default` integer NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "address_is_json" CHECK(json_valid(address))
) STRICT;

CREATE INDEX `addresses_by_user` ON `addresses` (`user_id`,`id`);
CREATE UNIQUE INDEX `addresses_one_default` ON `addresses` (`user_id`) WHERE is_default = 1;
CREATE TABLE `users` (
	`id` text PRIMARY KEY NOT NULL,
	`email` text NOT NULL,
	`password_hash` text,
	`name` text,
	`phone` text,
	`email_verified_at` integer NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	CONSTRAINT "user_email_lower" CHECK(email = lower(email))
) STRICT;

CREATE UNIQUE INDEX `users_email` ON `users` (`email`);
ALTER TABLE `checkouts` ADD `user_id` text;
CREATE INDEX `checkouts_by_user` ON `checkouts` (`user_id`) WHERE user_id IS NOT NULL;
CREATE INDEX `checkouts_by_email` ON `checkouts` (lower(email)) WHERE email IS NOT NULL;
ALTER TABLE `idempotency_keys` ADD `user_id` text;
CREATE INDEX `idempotency_keys_by_user` ON `idempotency_keys` (`user_id`) WHERE user_id IS NOT NULL;
ALTER TABLE `orders` ADD `user_id` text;
CREATE INDEX `orders_by_user` ON `orders` (`user_id`,`id`) WHERE user_id IS NOT NULL;
CREATE INDEX `orders_of_guests` ON `orders` (lower(email)) WHERE user_id IS NULL;

-- ---- orders join the account of their email --------------------------------------------------------------------------
-- A users row exists only once its email is verified, so these two moments are all there are.
CREATE TRIGGER orders_join_their_account AFTER INSERT ON orders WHEN NEW.user_id IS NULL BEGIN
  UPDATE orders SET user_id = (SELECT id FROM users WHERE email = lower(NEW.email)) WHERE id = NEW.id;
END;

CREATE TRIGGER users_take_their_orders AFTER INSERT ON users BEGIN
  UPDATE orders SET user_id = NEW.id WHERE user_id IS NULL AND lower(email) = NEW.email;
END;

-- ---- addresses -------------------------------------------------------------------------------------------------------
CREATE TRIGGER addresses_inserting BEFORE INSERT ON addresses
WHEN (SELECT count(*) FROM addresses WHERE user_id = NEW.user_id) >= 50 BEGIN
  SELECT RAISE(ABORT, 'addresses_within_limit');
END;

-- ---- sessions --------------------------------------------------------------------------------------------------------
-- What has ended stays ended, a token is used once, and an ended session gets no further token, whatever is raced.
CREATE TRIGGER sessions_updating BEFORE UPDATE OF ended_at ON sessions
WHEN OLD.ended_at IS NOT NULL AND NEW.ended_at IS NOT OLD.ended_at BEGIN
  SELECT RAISE(ABORT, 'session_stays_ended');
END;

CREATE TRIGGER refresh_tokens_updating BEFORE UPDATE OF used_at ON refresh_tokens WHEN OLD.used_at IS NOT NULL BEGIN
  SELECT RAISE(ABORT, 'refresh_token_used_once');
END;

CREATE TRIGGER refresh_tokens_inserting BEFORE INSERT ON refresh_tokens
WHEN NOT EXISTS (SELECT 1 FROM sessions
                 WHERE id = NEW.session_id AND ended_at IS NULL AND expires_at > NEW.created_at) BEGIN
  SELECT RAISE(ABORT, 'session_is_over');
END;

-- ---- staff -----------------------------------------------------------------------------------------------------------
CREATE TRIGGER staff_members_deleting BEFORE DELETE ON staff_members
WHEN OLD.role = 'owner' AND (SELECT count(*) FROM staff_members WHERE role = 'owner') = 1 BEGIN
  SELECT RAISE(ABORT, 'shop_keeps_an_owner');
END;

CREATE TRIGGER staff_members_updating BEFORE UPDATE OF role ON staff_members
WHEN OLD.role = 'owner' AND NEW.role <> 'owner' AND (SELECT count(*) FROM staff_members WHERE role = 'owner') = 1 BEGIN
  SELECT RAISE(ABORT, 'shop_keeps_an_owner');
END;

-- ---- checkouts -------------------------------------------------------------------------------------------------------
-- While a payment is under way nobody, also no erasure, may take away what its order will be made of.
CREATE TRIGGER checkouts_deleting BEFORE DELETE ON checkouts WHEN OLD.status = 'completing' BEGIN
  SELECT RAISE(ABORT, 'checkout_is_being_paid');
END;
