-- Why: a checkout keeps the total that its buyer was last shown, so that none higher is charged unasked; and each applied
-- discount that is stored says what it was taken off (`target`), as the API now does. The column is online-safe. The
-- rewriting is not quite: until the new code runs, the old one cannot show orders and paid checkouts with discounts, whose
-- answers it holds to its own shape. Deploy the code right after. To undo: a further migration that drops the column and
-- takes the member out again.

ALTER TABLE checkouts ADD COLUMN shown_total integer;

-- Discounts stand in compact JSON, each opening with its promotion's id. (In a title the quotes would be escaped.)
UPDATE orders SET discounts = replace(discounts, '{"promotion_id":', '{"target":"line","promotion_id":');
UPDATE checkouts SET frozen_view = replace(frozen_view, '{"promotion_id":', '{"target":"line","promotion_id":')
  WHERE frozen_view IS NOT NULL;
UPDATE payments SET draft = replace(draft, '{"promotion_id":', '{"target":"line","promotion_id":')
  WHERE draft IS NOT NULL;
UPDATE idempotency_keys SET body = replace(body, '{"promotion_id":', '{"target":"line","promotion_id":')
  WHERE body IS NOT NULL;

-- Until now one promotion at most made a basket's shipping free.
UPDATE orders SET discounts = replace(discounts, '{"target":"line","promotion_id":"' || p.id || '"', '{"target":"shipping","promotion_id":"' || p.id || '"')
  FROM promotions p WHERE p.rule ->> 'kind' = 'free_shipping' AND instr(discounts, '"promotion_id":"' || p.id || '"') > 0;
UPDATE checkouts SET frozen_view = replace(frozen_view, '{"target":"line","promotion_id":"' || p.id || '"', '{"target":"shipping","promotion_id":"' || p.id || '"')
  FROM promotions p WHERE p.rule ->> 'kind' = 'free_shipping' AND instr(frozen_view, '"promotion_id":"' || p.id || '"') > 0;
UPDATE payments SET draft = replace(draft, '{"target":"line","promotion_id":"' || p.id || '"', '{"target":"shipping","promotion_id":"' || p.id || '"')
  FROM promotions p WHERE p.rule ->> 'kind' = 'free_shipping' AND instr(draft, '"promotion_id":"' || p.id || '"') > 0;
UPDATE idempotency_keys SET body = replace(body, '{"target":"line","promotion_id":"' || p.id || '"', '{"target":"shipping","promotion_id":"' || p.id || '"')
  FROM promotions p WHERE p.rule ->> 'kind' = 'free_shipping' AND instr(body, '"promotion_id":"' || p.id || '"') > 0;
