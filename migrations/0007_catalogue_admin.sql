-- Why: lists of the back office sort products of every status by title and by last change, and search drafts and archived
-- products, which the storefront's index must not hold. The second index of words holds exactly those, so that nothing is
-- stored twice. Online-safe: creates only, and fills the new index from rows that are there.
-- To undo: a further migration that drops the indexes, the triggers and the table by name.
CREATE INDEX `products_by_any_title` ON `products` (title COLLATE NOCASE,`id`,`status`,`vendor`,`product_type`);
CREATE INDEX `products_by_update` ON `products` (`updated_at`,`id`,`status`,`vendor`,`product_type`);
CREATE INDEX `products_by_status_update` ON `products` (`status`,`updated_at`,`id`);

-- ---- products: full-text search over those that are not active -------------------------------------------------------
CREATE VIRTUAL TABLE product_search_hidden USING fts5(
  title, vendor, product_type, tags, body,
  content = '', contentless_delete = 1, tokenize = 'porter unicode61 remove_diacritics 2', prefix = '2 3'
);

INSERT INTO product_search_hidden (rowid, title, vendor, product_type, tags, body)
  SELECT seq, title, vendor, product_type, tags, search_text FROM products WHERE status <> 'active';

CREATE TRIGGER products_hidden_inserted AFTER INSERT ON products WHEN NEW.status <> 'active' BEGIN
  INSERT INTO product_search_hidden (rowid, title, vendor, product_type, tags, body)
    VALUES (NEW.seq, NEW.title, NEW.vendor, NEW.product_type, NEW.tags, NEW.search_text);
END;

CREATE TRIGGER products_hidden_updated
AFTER UPDATE OF title, vendor, product_type, tags, search_text, status ON products
WHEN OLD.status <> 'active' OR NEW.status <> 'active' BEGIN
  DELETE FROM product_search_hidden WHERE rowid = OLD.seq;
  INSERT INTO product_search_hidden (rowid, title, vendor, product_type, tags, body)
    SELECT NEW.seq, NEW.title, NEW.vendor, NEW.product_type, NEW.tags, NEW.search_text WHERE NEW.status <> 'active';
END;

CREATE TRIGGER products_hidden_deleted AFTER DELETE ON products WHEN OLD.status <> 'active' BEGIN
  DELETE FROM product_search_hidden WHERE rowid = OLD.seq;
END;
