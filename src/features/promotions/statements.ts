// Statements on promotions that other features put into their atomic lists.

import { eq } from 'drizzle-orm'
import type { Db, Statement } from '../../db/client.ts'
import { promotionRedemptions } from './table.ts'

/** Constraints that refuse a use beyond a limit. */
export const PROMOTION_REFUSALS = [
  'promotion_usage_within_limit',
  'promotion_customer_usage_within_limit',
] as const

/** Counts a payment attempt's use of promotions; their limits abort the unit. */
export const redeemPromotions = (
  db: Db,
  paymentId: string,
  promotionIds: string[],
  customerKey: string,
  now: number,
): Statement[] =>
  promotionIds.map(promotion_id =>
    db
      .insert(promotionRedemptions)
      .values({ promotion_id, payment_id: paymentId, customer_key: customerKey, created_at: now }),
  )

/** Takes the uses of a failed attempt back. */
export const releasePromotions = (db: Db, paymentId: string) =>
  db.delete(promotionRedemptions).where(eq(promotionRedemptions.payment_id, paymentId))
