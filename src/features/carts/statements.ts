// Statements on carts that other features put into their own lists.

import { and, eq, sql } from 'drizzle-orm'
import type { Db } from '../../db/client.ts'
import { carts } from './table.ts'

export { selectCart as selectStoredCart } from './repository.ts'

/** Removes a cart that has become an order, unless it was changed since the checkout was made from it. */
export const deleteCart = (db: Db, id: string, checkoutId: string) =>
  db
    .delete(carts)
    .where(
      and(eq(carts.id, id), sql`updated_at <= (SELECT created_at FROM checkouts WHERE id = ${checkoutId})`),
    )
