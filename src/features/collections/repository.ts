// SQL of collections.

import { asc, eq, gt, or } from 'drizzle-orm'
import type { Db } from '../../db/client.ts'
import { collections } from './table.ts'

export const selectCollections = (db: Db, after: string | null, limit: number) =>
  db
    .select()
    .from(collections)
    .where(after === null ? undefined : gt(collections.handle, after))
    .orderBy(asc(collections.handle))
    .limit(limit)

export const selectCollection = (db: Db, idOrHandle: string) =>
  db
    .select()
    .from(collections)
    .where(or(eq(collections.id, idOrHandle), eq(collections.handle, idOrHandle)))
    .limit(1)
