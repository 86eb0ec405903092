// A product's change as statements of one unit: the product row under its version, then only those variants, prices and
// pictures that differ, the stock of new variants, search words, rule collections, the audit row and the event.

import { and, eq, sql } from 'drizzle-orm'
import type { Statement } from '../../db/client.ts'
import { guardChangedOne } from '../../db/guards.ts'
import type { Deps } from '../../deps.ts'
import { VERSION_REFUSALS } from '../../http/conditional.ts'
import type { Actor } from '../../http/context.ts'
import { DomainError } from '../../lib/errors.ts'
import { auditBy, changesOf } from '../audit/statements.ts'
import { refreshMemberships } from '../collections/statements.ts'
import { emitEvent } from '../events/statements.ts'
import { receiveCounts } from '../inventory/statements.ts'
import { handleTaken } from './errors.ts'
import { writeImages, writePrices, writeTypos, writeVariants } from './repository-writes.ts'
import type { StoredProduct, StoredVariant } from './stored.ts'
import { products } from './table.ts'
import { canonicalOptions, productRow, searchVocabulary } from './upsert.ts'

/** What the store may refuse of such a unit. */
export const PRODUCT_REFUSALS = {
  ...VERSION_REFUSALS,
  'products.handle': () => new DomainError(handleTaken, 'Another product has this handle.'),
}

type Parts = Pick<Deps, 'db' | 'ids'>
type Unit = [Statement, ...Statement[]]

/** Writes a product that is not there yet. Loses the race when somebody took its handle. */
export function createStatements(deps: Parts, actor: Actor, product: StoredProduct, now: number): Unit {
  const { db } = deps
  return [
    db
      .insert(products)
      .values({
        ...productRow(product, product.id),
        version: product.version,
        created_at: now,
        updated_at: now,
      })
      .onConflictDoNothing({ target: products.handle }),
    guardChangedOne(db, 'guard_version_current'),
    ...partStatements(deps, { ...product, variants: [], images: [] }, product, now),
    auditBy(deps, actor, 'product.created', product.id, inBrief(product), now),
    emitEvent(db, deps.ids, 'product.created', product.id, { version: product.version }, now),
  ]
}

/** Turns the stored product `before` into `after`, if its version is still the one read. */
export function updateStatements(
  deps: Parts,
  actor: Actor,
  before: StoredProduct,
  after: StoredProduct,
  now: number,
): Unit {
  const { db, ids } = deps
  const { id: _, ...row } = productRow(after, after.id)
  return [
    db
      .update(products)
      .set({ ...row, version: sql`version + 1`, updated_at: now })
      .where(and(eq(products.id, before.id), eq(products.version, before.version))),
    guardChangedOne(db, 'guard_version_current'),
    ...partStatements(deps, before, after, now),
    auditBy(
      deps,
      actor,
      'product.updated',
      before.id,
      changesOf(facts(before), { ...withoutVariants(before), ...facts(after) }),
      now,
    ),
    emitEvent(db, ids, 'product.updated', before.id, { version: before.version + 1 }, now),
  ]
}

/** Deletes an archived product with all that hangs on it, if its version is still the one read. Stock's books stay. */
export function deleteStatements(deps: Parts, actor: Actor, product: StoredProduct, now: number): Unit {
  const { db, ids } = deps
  return [
    db
      .update(products)
      .set({ version: sql`version + 1` })
      .where(
        and(
          eq(products.id, product.id),
          eq(products.version, product.version),
          eq(products.status, 'archived'),
        ),
      ),
    guardChangedOne(db, 'guard_version_current'),
    // Before the product: the triggers that keep price ranges must still find it.
    ...writeVariants(
      db,
      product.variants.map(({ id }) => id),
      [],
    ),
    db.delete(products).where(eq(products.id, product.id)),
    auditBy(deps, actor, 'product.deleted', product.id, inBrief(product), now),
    emitEvent(db, ids, 'product.deleted', product.id, { version: product.version + 1 }, now),
  ]
}

function partStatements(deps: Parts, before: StoredProduct, after: StoredProduct, now: number): Statement[] {
  const { db, ids } = deps
  const old = new Map(before.variants.map((variant, position) => [variant.id, { variant, position }]))
  const kept = new Set(after.variants.map(({ id }) => id))
  const removed = before.variants.flatMap(({ id }) => (kept.has(id) ? [] : [id]))
  const placed = after.variants.map((variant, position) => ({ variant, position, was: old.get(variant.id) }))
  const differing = placed.filter(
    ({ variant, position, was }) => !was || was.position !== position || !alike(variant, was.variant),
  )
  const chosenAnew = differing.flatMap(({ variant, was }) => {
    const options = canonicalOptions(variant.options)
    return was && canonicalOptions(was.variant.options) !== options ? [{ id: variant.id, options }] : []
  })
  const priced = differing.filter(
    ({ variant, was }) => !was || JSON.stringify(pricesOf(variant)) !== JSON.stringify(pricesOf(was.variant)),
  )
  // Stock that is counted from now on begins as given; what was counted once goes on from there.
  const opened = placed.flatMap(({ variant }) =>
    variant.tracks_inventory && variant.on_hand === null
      ? [{ variant_id: variant.id, quantity: variant.quantity ?? 0 }]
      : [],
  )
  const imagesDiffer = JSON.stringify(before.images) !== JSON.stringify(after.images)
  return [
    ...writeVariants(db, removed, []),
    ...chooseAnew(deps, chosenAnew),
    ...writeVariants(
      db,
      [],
      differing.map(({ variant: { prices: _prices, ...variant }, position }) => ({
        ...variant,
        position,
        product_id: after.id,
        options: canonicalOptions(variant.options),
      })),
    ),
    ...writePrices(
      db,
      priced.flatMap(({ variant, was }) =>
        (was?.variant.prices ?? [])
          .filter(({ currency }) => !variant.prices.some(price => price.currency === currency))
          .map(({ currency }) => ({ variant_id: variant.id, currency })),
      ),
      priced.flatMap(({ variant }) => variant.prices.map(price => ({ ...price, variant_id: variant.id }))),
    ),
    ...(imagesDiffer
      ? writeImages(
          db,
          before.images.length > 0 ? [after.id] : [],
          after.images.map((image, position) => ({
            ...image,
            id: ids('image'),
            product_id: after.id,
            position,
          })),
        )
      : []),
    ...(opened.length > 0 ? receiveCounts(db, ids, opened, now) : []),
    ...writeTypos(db, searchVocabulary([after])),
    ...refreshMemberships(db, [after.id]),
  ]
}

/** Two variants may swap their options: all are parked first, so that no two are ever the same. */
const chooseAnew = ({ db }: Parts, rows: { id: string; options: string }[]): Statement[] => {
  const json = sql`json_each(${JSON.stringify(rows)})`
  return rows.length === 0
    ? []
    : [
        db.run(
          sql`UPDATE variants SET options = json_object('', id) WHERE id IN (SELECT value ->> 'id' FROM ${json})`,
        ),
        db.run(sql`
          UPDATE variants SET options = (SELECT value ->> 'options' FROM ${json} WHERE value ->> 'id' = variants.id)
          WHERE id IN (SELECT value ->> 'id' FROM ${json})`),
      ]
}

const pricesOf = ({ prices }: StoredVariant) =>
  prices
    .map(({ currency, amount, compare_at_amount }) => [currency, amount, compare_at_amount] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))

/** Whether two states of a variant are the same in all that a product's writer sets. */
const alike = (a: StoredVariant, b: StoredVariant): boolean =>
  JSON.stringify(variantFacts(a)) === JSON.stringify(variantFacts(b))

const variantFacts = (variant: StoredVariant) => ({
  title: variant.title,
  options: canonicalOptions(variant.options),
  sku: variant.sku,
  barcode: variant.barcode,
  weight_grams: variant.weight_grams,
  requires_shipping: variant.requires_shipping,
  taxable: variant.taxable,
  tax_class: variant.tax_class,
  tracks_inventory: variant.tracks_inventory,
  inventory_policy: variant.inventory_policy,
  image_url: variant.image_url,
  prices: pricesOf(variant),
})

const inBrief = ({ handle, title, status, variants }: StoredProduct) => ({
  handle,
  title,
  status,
  variants: variants.length,
})

const withoutVariants = ({ variants }: StoredProduct) =>
  Object.fromEntries(variants.map(({ id }) => [id, null]))

/** What the audit log compares of a product: one member a field, one a variant. The description only as its length. */
const facts = (product: StoredProduct): Record<string, unknown> => ({
  handle: product.handle,
  title: product.title,
  description_chars: product.description_html.length,
  vendor: product.vendor,
  product_type: product.product_type,
  status: product.status,
  tags: product.tags,
  options: product.options.map(({ name }) => name),
  metadata: product.metadata,
  seo_title: product.seo_title,
  seo_description: product.seo_description,
  images: product.images,
  ...Object.fromEntries(product.variants.map(variant => [variant.id, variantFacts(variant)])),
})
