// Single variants, for those who run the shop. A variant has no version of its own: every change is one of its product,
// whose ETag the caller names.

import type { Deps } from '../../deps.ts'
import type { Versioned } from '../../http/conditional.ts'
import type { Actor } from '../../http/context.ts'
import { invalidInput } from '../../http/errors.ts'
import { DomainError } from '../../lib/errors.ts'
import { type AdminVariant, type CreateVariant, MAX_VARIANTS, type UpdateVariant } from './admin-schemas.ts'
import { withChangedVariant, withoutVariant, withVariant } from './drafts.ts'
import { lastVariant } from './errors.ts'
import { adminVariant, current, found, writeProduct } from './products-admin.ts'
import { byId, byVariant, type StoredProduct, selectStored } from './stored.ts'

/** Reads a variant with its prices and stock. Raises `not_found`. */
export async function getVariant({ db }: Deps, id: string): Promise<Versioned<AdminVariant>> {
  return variantOf(found(await selectStored(db, byVariant(id))), id)
}

/** Adds a variant to a product of a version. Raises `not_found`, `version_stale`, `invalid_input`. */
export async function createVariant(
  deps: Deps,
  actor: Actor,
  productId: string,
  version: number,
  input: CreateVariant,
): Promise<Versioned<AdminVariant>> {
  const before = current(found(await selectStored(deps.db, byId(productId))), version)
  if (before.variants.length >= MAX_VARIANTS)
    throw new DomainError(invalidInput, `A product has at most ${MAX_VARIANTS} variants.`)
  const after = withVariant(deps.ids, before, input)
  return variantOf(await writeProduct(deps, actor, before, after), after.variants.at(-1)?.id)
}

/** Changes a variant, by its product's version. Raises `not_found`, `version_stale`, `invalid_input`. */
export async function updateVariant(
  deps: Deps,
  actor: Actor,
  id: string,
  version: number,
  input: UpdateVariant,
): Promise<Versioned<AdminVariant>> {
  const before = current(found(await selectStored(deps.db, byVariant(id))), version)
  return variantOf(await writeProduct(deps, actor, before, withChangedVariant(before, id, input)), id)
}

/** Removes a variant, by its product's version. Raises `not_found`, `version_stale`, `last_variant`. */
export async function deleteVariant(deps: Deps, actor: Actor, id: string, version: number): Promise<void> {
  const before = current(found(await selectStored(deps.db, byVariant(id))), version)
  if (before.variants.length === 1)
    throw new DomainError(lastVariant, 'This is the only variant of its product.')
  await writeProduct(deps, actor, before, withoutVariant(before, id))
}

function variantOf(product: StoredProduct, id: string | undefined): Versioned<AdminVariant> {
  const variant = product.variants.find(each => each.id === id)
  // The unit that wrote it has read it back.
  if (!variant) throw new Error('unreachable: the variant is not in its product')
  return { body: adminVariant(product.id, variant), version: product.version }
}
