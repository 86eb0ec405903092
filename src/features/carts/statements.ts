// Statements on carts that other features put into their own lists.

import { eq } from 'drizzle-orm'
import type { Db } from '../../db/client.ts'
import { carts } from './table.ts'

export { selectCart as selectStoredCart } from './repository.ts'

/** Removes a cart that has become an order. */
export const deleteCart = (db: Db, id: string) => db.delete(carts).where(eq(carts.id, id))
