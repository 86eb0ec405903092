-- Why: second factors, outside identities, changes of email, invitations, and roles of the shop's own (written by hand to
-- match src/features/*/table.ts). `staff_members` and `account_tokens` are made anew because SQLite cannot change a CHECK:
-- both are small, and nothing refers to them. Online-safe: a Worker of before reads the new tables as the old ones. To undo:
-- a further migration that makes both tables as in 0002 and drops the rest; roles of the shop's own must be empty then.

-- ---- roles -----------------------------------------------------------------------------------------------------------
-- A built-in role has no rights here: the code gives it those (lib/permissions.ts), also rights that are yet to come.
CREATE TABLE `roles` (
	`name` text PRIMARY KEY NOT NULL,
	`description` text NOT NULL,
	`permissions` text,
	`version` integer DEFAULT 1 NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	CONSTRAINT "role_builtin_has_rights_by_code" CHECK((name IN ('owner', 'manager', 'support', 'viewer')) = (permissions IS NULL)),
	CONSTRAINT "role_permissions_are_json" CHECK(permissions IS NULL OR json_valid(permissions))
) STRICT;

INSERT INTO roles (name, description, permissions, created_at, updated_at) VALUES
  ('owner', 'May do everything.', NULL, 0, 0),
  ('manager', 'Runs the shop, without giving roles.', NULL, 0, 0),
  ('support', 'Helps buyers with their orders.', NULL, 0, 0),
  ('viewer', 'Sees products and orders.', NULL, 0, 0);

CREATE TABLE `staff_members_next` (
	`user_id` text PRIMARY KEY NOT NULL,
	`role` text NOT NULL,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`role`) REFERENCES `roles`(`name`) ON UPDATE no action ON DELETE no action
) STRICT;
INSERT INTO staff_members_next (user_id, role, created_at) SELECT user_id, role, created_at FROM staff_members;
DROP TABLE staff_members;
ALTER TABLE staff_members_next RENAME TO staff_members;
CREATE INDEX `staff_members_by_role` ON `staff_members` (`role`);

CREATE TRIGGER staff_members_deleting BEFORE DELETE ON staff_members
WHEN OLD.role = 'owner' AND (SELECT count(*) FROM staff_members WHERE role = 'owner') = 1 BEGIN
  SELECT RAISE(ABORT, 'shop_keeps_an_owner');
END;

CREATE TRIGGER staff_members_updating BEFORE UPDATE OF role ON staff_members
WHEN OLD.role = 'owner' AND NEW.role <> 'owner' AND (SELECT count(*) FROM staff_members WHERE role = 'owner') = 1 BEGIN
  SELECT RAISE(ABORT, 'shop_keeps_an_owner');
END;

CREATE TRIGGER roles_deleting BEFORE DELETE ON roles WHEN OLD.permissions IS NULL BEGIN
  SELECT RAISE(ABORT, 'role_is_built_in');
END;

CREATE TRIGGER roles_updating BEFORE UPDATE ON roles WHEN OLD.permissions IS NULL OR NEW.name <> OLD.name BEGIN
  SELECT RAISE(ABORT, 'role_is_built_in');
END;

-- ---- what a mailed link may do -----------------------------------------------------------------------------------------
CREATE TABLE `account_tokens_next` (
	`id` text PRIMARY KEY NOT NULL,
	`purpose` text NOT NULL,
	`email` text NOT NULL,
	`password_hash` text,
	`name` text,
	`user_id` text,
	`role` text,
	`identity` text,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	CONSTRAINT "account_token_purpose_known" CHECK(purpose IN ('register', 'set_password', 'second_factor', 'change_email', 'invite', 'link_identity')),
	CONSTRAINT "account_token_registers_with_password" CHECK((purpose = 'register') = (password_hash IS NOT NULL)),
	CONSTRAINT "account_token_belongs_to_somebody" CHECK((purpose IN ('register', 'set_password')) = (user_id IS NULL)),
	CONSTRAINT "account_token_invites_to_a_role" CHECK((purpose = 'invite') = (role IS NOT NULL)),
	CONSTRAINT "account_token_links_an_identity" CHECK((purpose = 'link_identity') = (identity IS NOT NULL))
) STRICT;
INSERT INTO account_tokens_next (id, purpose, email, password_hash, name, created_at, expires_at)
  SELECT id, purpose, email, password_hash, name, created_at, expires_at FROM account_tokens;
DROP TABLE account_tokens;
ALTER TABLE account_tokens_next RENAME TO account_tokens;
CREATE INDEX `account_tokens_by_email` ON `account_tokens` (`email`);
CREATE INDEX `account_tokens_expiry` ON `account_tokens` (`expires_at`);
CREATE INDEX `account_tokens_by_user` ON `account_tokens` (`user_id`) WHERE user_id IS NOT NULL;

-- ---- second factors ----------------------------------------------------------------------------------------------------
CREATE TABLE `second_factors` (
	`user_id` text PRIMARY KEY NOT NULL,
	`secret` text NOT NULL,
	`last_step` integer NOT NULL,
	`created_at` integer NOT NULL,
	`confirmed_at` integer,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
) STRICT;

CREATE TABLE `recovery_codes` (
	`user_id` text NOT NULL,
	`code_hash` text NOT NULL,
	PRIMARY KEY(`user_id`, `code_hash`),
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
) STRICT, WITHOUT ROWID;

-- A code's step is never used again, whatever is raced.
CREATE TRIGGER second_factors_updating BEFORE UPDATE OF last_step ON second_factors
WHEN NEW.last_step <= OLD.last_step AND NEW.secret = OLD.secret BEGIN
  SELECT RAISE(ABORT, 'one_time_code_used_once');
END;

-- Roles whose members must have a second factor: a JSON list of names.
ALTER TABLE `shop_settings` ADD `require_mfa_for` text DEFAULT '[]' NOT NULL;

-- ---- outside identities ------------------------------------------------------------------------------------------------
CREATE TABLE `identities` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`provider` text NOT NULL,
	`issuer` text NOT NULL,
	`subject` text NOT NULL,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
) STRICT;
CREATE UNIQUE INDEX `identities_subject` ON `identities` (`issuer`,`subject`);
CREATE INDEX `identities_by_user` ON `identities` (`user_id`,`id`);

CREATE TABLE `provider_logins` (
	`id` text PRIMARY KEY NOT NULL,
	`provider` text NOT NULL,
	`user_id` text,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL
) STRICT;
CREATE INDEX `provider_logins_expiry` ON `provider_logins` (`expires_at`);

-- ---- changes of email --------------------------------------------------------------------------------------------------
-- Whose a mail is that went to an address which is no longer the account's.
ALTER TABLE `mails` ADD `user_id` text;

CREATE TRIGGER users_take_the_orders_of_their_new_email AFTER UPDATE OF email ON users WHEN NEW.email <> OLD.email BEGIN
  UPDATE orders SET user_id = NEW.id WHERE user_id IS NULL AND lower(email) = NEW.email;
END;
