-- Why: the OAuth 2.1 authorization server: apps and service clients, codes, what people have allowed, and which sessions
-- belong to apps (written to match src/features/{clients,oauth,auth}/table.ts). Online-safe: creates, and adds columns
-- that may be null. To undo: a further migration that ends the sessions with a client_id, then drops these tables,
-- indexes and columns.

CREATE TABLE `oauth_clients` (
	`id` text PRIMARY KEY NOT NULL,
	`kind` text NOT NULL,
	`name` text NOT NULL,
	`auth_method` text NOT NULL,
	`secret_hash` text,
	`keys` text,
	`redirect_uris` text NOT NULL,
	`scopes` text NOT NULL,
	`is_dpop_required` integer NOT NULL,
	`version` integer NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`disabled_at` integer,
	CONSTRAINT "client_kind_known" CHECK(kind IN ('app', 'service')),
	CONSTRAINT "client_auth_method_known" CHECK(auth_method IN ('none', 'client_secret_basic', 'private_key_jwt')),
	CONSTRAINT "client_secret_by_method" CHECK((auth_method = 'client_secret_basic') = (secret_hash IS NOT NULL)),
	CONSTRAINT "client_keys_by_method" CHECK((auth_method = 'private_key_jwt') = (keys IS NOT NULL)),
	CONSTRAINT "client_service_proves_itself" CHECK(kind = 'app' OR auth_method <> 'none'),
	CONSTRAINT "client_redirects_by_kind" CHECK((kind = 'app') = (json_array_length(redirect_uris) > 0))
) STRICT;

CREATE INDEX `oauth_clients_by_kind` ON `oauth_clients` (`kind`,`id`);
CREATE TABLE `oauth_codes` (
	`id` text PRIMARY KEY NOT NULL,
	`client_id` text NOT NULL,
	`user_id` text NOT NULL,
	`session_id` text NOT NULL,
	`redirect_uri` text NOT NULL,
	`code_challenge` text NOT NULL,
	`scope` text NOT NULL,
	`nonce` text,
	`dpop_jkt` text,
	`authenticated_at` integer NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`used_at` integer,
	FOREIGN KEY (`client_id`) REFERENCES `oauth_clients`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
) STRICT;

CREATE INDEX `oauth_codes_by_user` ON `oauth_codes` (`user_id`);
CREATE INDEX `oauth_codes_by_client` ON `oauth_codes` (`client_id`);
CREATE INDEX `oauth_codes_expiry` ON `oauth_codes` (`expires_at`);
CREATE TABLE `oauth_grants` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`client_id` text NOT NULL,
	`scope` text NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`client_id`) REFERENCES `oauth_clients`(`id`) ON UPDATE no action ON DELETE no action
) STRICT;

CREATE UNIQUE INDEX `oauth_grants_one_an_app` ON `oauth_grants` (`user_id`,`client_id`);
CREATE INDEX `oauth_grants_by_client` ON `oauth_grants` (`client_id`);
CREATE TABLE `used_token_ids` (
	`id` text PRIMARY KEY NOT NULL,
	`expires_at` integer NOT NULL
) STRICT;

CREATE INDEX `used_token_ids_expiry` ON `used_token_ids` (`expires_at`);
ALTER TABLE `sessions` ADD `client_id` text;
ALTER TABLE `sessions` ADD `scope` text;
ALTER TABLE `sessions` ADD `authenticated_at` integer;
ALTER TABLE `sessions` ADD `dpop_jkt` text;
ALTER TABLE `sessions` ADD `code_id` text;
CREATE INDEX `sessions_by_client` ON `sessions` (`client_id`) WHERE client_id IS NOT NULL;
CREATE UNIQUE INDEX `sessions_one_a_code` ON `sessions` (`code_id`) WHERE code_id IS NOT NULL;

-- ---- codes -----------------------------------------------------------------------------------------------------------
-- A code is used once, and only while the login stands in which it was given and its client is let in.
CREATE TRIGGER oauth_codes_updating BEFORE UPDATE OF used_at ON oauth_codes WHEN OLD.used_at IS NOT NULL BEGIN
  SELECT RAISE(ABORT, 'authorization_code_used_once');
END;

CREATE TRIGGER sessions_of_apps_inserting BEFORE INSERT ON sessions
WHEN NEW.client_id IS NOT NULL AND NOT EXISTS (
  SELECT 1 FROM oauth_codes
  JOIN oauth_clients ON oauth_clients.id = oauth_codes.client_id
  JOIN sessions AS login ON login.id = oauth_codes.session_id
  WHERE oauth_codes.id = NEW.code_id AND oauth_codes.client_id = NEW.client_id AND oauth_codes.user_id = NEW.user_id
    AND oauth_codes.expires_at > NEW.created_at AND oauth_clients.disabled_at IS NULL
    AND login.ended_at IS NULL AND login.expires_at > NEW.created_at) BEGIN
  SELECT RAISE(ABORT, 'authorization_is_over');
END;
