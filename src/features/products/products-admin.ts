// Products, for those who run the shop: create, read, change, delete. A change reads the product whole, lays the input
// over it, and writes what differs under the version that was read.

import { eq } from 'drizzle-orm'
import { atomic } from '../../db/atomic.ts'
import type { Deps } from '../../deps.ts'
import { staleVersion, VERSION_REFUSALS, type Versioned } from '../../http/conditional.ts'
import type { Actor } from '../../http/context.ts'
import { notFound } from '../../http/errors.ts'
import { rfc3339 } from '../../lib/clock.ts'
import { DomainError } from '../../lib/errors.ts'
import { commitOnce, replayOf, type StoredReply, selectKey } from '../idempotency/service.ts'
import type { AdminProduct, AdminVariant, CreateProduct, UpdateProduct } from './admin-schemas.ts'
import { changedProduct, newProduct } from './drafts.ts'
import { handleTaken, productNotArchived } from './errors.ts'
import { createStatements, deleteStatements, PRODUCT_REFUSALS, updateStatements } from './product-writes.ts'
import {
  byId,
  type StoredProduct,
  type StoredRow,
  type StoredVariant,
  selectStored,
  storedProduct,
} from './stored.ts'
import { products } from './table.ts'

/** Creates a product. Raises `invalid_input`, `handle_taken` and what idempotency raises. */
export function createProduct(deps: Deps, actor: Actor, input: CreateProduct): Promise<StoredReply> {
  const { db, ids, clock } = deps
  return commitOnce(deps, actor, async () => {
    const now = clock()
    const product = newProduct(ids, input, now)
    const [keys, taken] = await db.batch([
      selectKey(db, actor),
      db.select({ id: products.id }).from(products).where(eq(products.handle, product.handle)),
    ])
    const replay = replayOf(keys[0], actor)
    if (replay) return replay
    if (taken.length > 0)
      throw new DomainError(handleTaken, `Another product has the handle ${product.handle}.`)
    return {
      statements: createStatements(deps, actor, product, now),
      reply: { status: 201, body: adminProduct(product) },
    }
  })
}

/** Reads a product as it is kept, drafts and archived ones too. Raises `not_found`. */
export async function getAdminProduct({ db }: Deps, id: string): Promise<Versioned<AdminProduct>> {
  return versioned(found(await selectStored(db, byId(id))))
}

/** Changes a product of a version. Raises `not_found`, `version_stale`, `invalid_input`, `handle_taken`. */
export async function updateProduct(
  deps: Deps,
  actor: Actor,
  id: string,
  version: number,
  input: UpdateProduct,
): Promise<Versioned<AdminProduct>> {
  const before = current(found(await selectStored(deps.db, byId(id))), version)
  return versioned(await writeProduct(deps, actor, before, changedProduct(deps.ids, before, input)))
}

/** Deletes an archived product of a version. Raises `not_found`, `version_stale`, `product_not_archived`. */
export async function deleteProduct(deps: Deps, actor: Actor, id: string, version: number): Promise<void> {
  const { db, clock } = deps
  const product = current(found(await selectStored(db, byId(id))), version)
  if (product.status !== 'archived')
    throw new DomainError(productNotArchived, `The product is ${product.status}, not archived.`)
  await atomic(db, deleteStatements(deps, actor, product, clock()), VERSION_REFUSALS)
}

/** Writes what differs between two states of a product, and reads it back. Raises `version_stale`, `handle_taken`. */
export async function writeProduct(
  deps: Deps,
  actor: Actor,
  before: StoredProduct,
  after: StoredProduct,
): Promise<StoredProduct> {
  const { db, clock } = deps
  const results: unknown[] = await atomic(
    db,
    [...updateStatements(deps, actor, before, after, clock()), selectStored(db, byId(before.id))],
    PRODUCT_REFUSALS,
  )
  return found(results.at(-1) as StoredRow[])
}

/** The product that was looked for. Raises `not_found`. */
export function found([row]: StoredRow[]): StoredProduct {
  if (!row) throw new DomainError(notFound, 'There is no such product.')
  return storedProduct(row)
}

/** Refuses to change any version but this. Raises `version_stale`. */
export function current(product: StoredProduct, version: number): StoredProduct {
  if (product.version !== version) throw staleVersion()
  return product
}

const versioned = (product: StoredProduct): Versioned<AdminProduct> => ({
  body: adminProduct(product),
  version: product.version,
})

const adminProduct = (product: StoredProduct): AdminProduct => ({
  id: product.id,
  handle: product.handle,
  title: product.title,
  description_html: product.description_html,
  vendor: product.vendor,
  product_type: product.product_type,
  status: product.status,
  tags: product.tags,
  options: product.options,
  images: product.images,
  variants: product.variants.map(variant => adminVariant(product.id, variant)),
  collections: product.collections,
  seo: { title: product.seo_title, description: product.seo_description },
  metadata: product.metadata,
  created_at: rfc3339(product.created_at),
  updated_at: rfc3339(product.updated_at),
})

/** A variant as it is shown to staff. */
export function adminVariant(product_id: string, variant: StoredVariant): AdminVariant {
  const { quantity, reserved, on_hand: _, ...fields } = variant
  return { ...fields, product_id, stock: quantity === null ? null : { on_hand: quantity, reserved } }
}
