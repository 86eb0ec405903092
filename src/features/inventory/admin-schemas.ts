// Wire shapes of stock, as those who run the shop see and book it.

import { z } from '@hono/zod-openapi'
import { fieldsOf, trimmableList } from '../../http/fields.ts'
import { CARD_NUMBER_REFUSAL, line, multiline, noCardNumber, Page, Timestamp } from '../../http/schemas.ts'
import { ADJUSTMENT_REASONS, MOVEMENT_REASONS } from './table.ts'

/** More of one variant than any shop has; sums of it stay exact. */
export const MAX_QUANTITY = 1_000_000_000
export const MAX_LINES = 1_000

const id = line(64)
const VariantId = id.openapi({ description: 'Variant id.', example: 'var_01M81J18G0F1WA11106WFXGE4K' })
const LocationId = id.openapi({ description: 'Location id.', example: 'loc_default' })
const Sku = line(255).openapi({
  description: 'SKU of the variant, instead of its id; it must be that of one variant only.',
  example: 'MUG-OAT',
})
const Note = multiline(500)
  .refine(noCardNumber, CARD_NUMBER_REFUSAL)
  .openapi({ description: 'For those who read the history. Nothing about buyers.', example: 'Delivery 4711' })

// ---- what there is

const exampleItem = {
  id: 'var_01M81J18G0F1WA11106WFXGE4K',
  product_id: 'prod_01M81J18G0F1WA11106WFXGE4J',
  product_title: 'Stoneware mug',
  variant_title: 'Oat',
  sku: 'MUG-OAT',
  tracks_inventory: true,
  on_hand: 12,
  reserved: 2,
  available: 10,
  low_stock_threshold: null,
  is_low: false,
  levels: [{ location_id: 'loc_default', is_active: true, on_hand: 12, reserved: 2, available: 10 }],
}

const Count = (description: string) => z.int().openapi({ description })

export const InventoryItem = z
  .strictObject({
    id: z.string().openapi({ description: 'Variant id.', example: exampleItem.id }),
    product_id: z.string().nullable().openapi({ description: 'Null when the variant was deleted.' }),
    product_title: z.string().nullable(),
    variant_title: z.string().nullable(),
    sku: z.string().nullable(),
    tracks_inventory: z.boolean().openapi({ description: 'Whether stock bounds what can be sold.' }),
    on_hand: Count('What lies there, over all locations.'),
    reserved: Count('Held by checkouts that are being paid.'),
    available: Count('What buyers can get: not reserved, at active locations.'),
    low_stock_threshold: z
      .int()
      .nullable()
      .openapi({ description: 'Low when this many or fewer are available; null takes the shop’s.' }),
    is_low: z.boolean(),
    levels: z.array(
      z.strictObject({
        location_id: z.string(),
        is_active: z.boolean().openapi({ description: 'Whether orders take from this location.' }),
        on_hand: Count('What lies there.'),
        reserved: Count('Held by checkouts that are being paid.'),
        available: Count('What buyers can get; none at a location that is not active.'),
      }),
    ),
  })
  .openapi('InventoryItem', { description: 'A variant, and what lies where.', example: exampleItem })

export const InventoryList = trimmableList('InventoryList', InventoryItem, exampleItem)

export const ListInventory = z.strictObject({
  ...Page,
  variant_id: VariantId.optional(),
  sku: line(255).optional().openapi({ description: 'Exactly this SKU.', example: 'MUG-OAT' }),
  product_id: id
    .optional()
    .openapi({ description: 'Variants of this product.', example: exampleItem.product_id }),
  location_id: id
    .optional()
    .openapi({ description: 'Variants that lie, or once lay, at this location.', example: 'loc_default' }),
  low: z
    .enum(['true'])
    .optional()
    .openapi({ description: 'Only what is low in stock, by each variant’s threshold or the shop’s.' }),
  fields: fieldsOf(InventoryItem),
})

export const UpdateInventoryItem = z
  .strictObject({
    low_stock_threshold: z
      .int()
      .min(0)
      .max(1_000_000)
      .nullable()
      .openapi({ description: 'Low when this many or fewer are available; null takes the shop’s.' }),
  })
  .openapi('UpdateInventoryItem', { description: 'What is to change.', example: { low_stock_threshold: 3 } })

// ---- bookings

const AdjustmentLine = z
  .strictObject({
    variant_id: VariantId.optional(),
    sku: Sku.optional(),
    location_id: LocationId.optional(),
    quantity: z.int().min(-MAX_QUANTITY).max(MAX_QUANTITY).optional().openapi({
      description: 'How many come in, or go out when negative. Either this or `on_hand`.',
      example: 10,
    }),
    on_hand: z.int().min(0).max(MAX_QUANTITY).optional().openapi({
      description: 'How many were counted; the difference is booked. For the reason `counted`.',
    }),
  })
  .openapi('StockAdjustmentLine', {
    description:
      'One variant at one location, by `variant_id` or `sku`; the default location when none is named.',
    example: { sku: 'MUG-OAT', location_id: 'loc_default', quantity: 10 },
  })

export const CreateStockAdjustment = z
  .strictObject({
    reason: z.enum(ADJUSTMENT_REASONS).openapi({
      description:
        '`received` and `returned` bring stock in, `written_off` takes it out, `counted` says what there is.',
      example: 'received',
    }),
    note: Note.optional(),
    lines: z.array(AdjustmentLine).min(1).max(MAX_LINES),
  })
  .openapi('CreateStockAdjustment', {
    description: 'What came in, went out or was counted: all lines are booked, or none.',
    example: {
      reason: 'received',
      note: 'Delivery 4711',
      lines: [{ variant_id: 'var_01M81J18G0F1WA11106WFXGE4K', quantity: 10 }],
    },
  })

const exampleAdjustment = {
  id: 'adj_01M81J18G0F1WA11106WFXGE61',
  reason: 'received' as const,
  note: 'Delivery 4711',
  created_at: '2026-11-22T12:00:00.000Z',
  lines: [
    {
      variant_id: 'var_01M81J18G0F1WA11106WFXGE4K',
      location_id: 'loc_default',
      quantity: 10,
      on_hand: 22,
      movement_id: 'mov_01M81J18G0F1WA11106WFXGE62',
    },
  ],
}

export const StockAdjustment = z
  .strictObject({
    id: z.string(),
    reason: z.enum(ADJUSTMENT_REASONS),
    note: z.string().nullable(),
    created_at: Timestamp,
    lines: z.array(
      z.strictObject({
        variant_id: z.string(),
        location_id: z.string(),
        quantity: Count('What was booked; 0 when the count was right.'),
        on_hand: Count('What lies there now.'),
        movement_id: z.string().nullable().openapi({ description: 'Null when nothing was booked.' }),
      }),
    ),
  })
  .openapi('StockAdjustment', { description: 'What was booked.', example: exampleAdjustment })

const TransferLine = z
  .strictObject({
    variant_id: VariantId.optional(),
    sku: Sku.optional(),
    quantity: z.int().min(1).max(MAX_QUANTITY).openapi({ description: 'How many.', example: 5 }),
  })
  .openapi('StockTransferLine', {
    description: 'One variant, by `variant_id` or `sku`.',
    example: { sku: 'MUG-OAT', quantity: 5 },
  })

export const CreateStockTransfer = z
  .strictObject({
    from_location_id: LocationId,
    to_location_id: LocationId,
    note: Note.optional(),
    lines: z.array(TransferLine).min(1).max(MAX_LINES),
  })
  .openapi('CreateStockTransfer', {
    description: 'What goes from one location to another: all lines are booked, or none.',
    example: {
      from_location_id: 'loc_default',
      to_location_id: 'loc_01M81J18G0F1WA11106WFXGE60',
      lines: [{ variant_id: 'var_01M81J18G0F1WA11106WFXGE4K', quantity: 5 }],
    },
  })

const exampleTransfer = {
  id: 'trf_01M81J18G0F1WA11106WFXGE63',
  from_location_id: 'loc_default',
  to_location_id: 'loc_01M81J18G0F1WA11106WFXGE60',
  note: null,
  created_at: '2026-11-22T12:00:00.000Z',
  lines: [{ variant_id: 'var_01M81J18G0F1WA11106WFXGE4K', quantity: 5 }],
}

export const StockTransfer = z
  .strictObject({
    id: z.string(),
    from_location_id: z.string(),
    to_location_id: z.string(),
    note: z.string().nullable(),
    created_at: Timestamp,
    lines: z.array(z.strictObject({ variant_id: z.string(), quantity: z.int() })),
  })
  .openapi('StockTransfer', { description: 'What was moved.', example: exampleTransfer })

// ---- history

const exampleMovement = {
  id: 'mov_01M81J18G0F1WA11106WFXGE62',
  variant_id: 'var_01M81J18G0F1WA11106WFXGE4K',
  location_id: 'loc_default',
  quantity: 10,
  reason: 'received' as const,
  order_id: null,
  document_id: 'adj_01M81J18G0F1WA11106WFXGE61',
  actor: 'usr_01M81J18G0F1WA11106WFXGE52',
  note: 'Delivery 4711',
  created_at: '2026-11-22T12:00:00.000Z',
}

export const StockMovement = z
  .strictObject({
    id: z.string(),
    variant_id: z.string(),
    location_id: z.string(),
    quantity: Count('What came in, or went out when negative.'),
    reason: z.enum(MOVEMENT_REASONS),
    order_id: z.string().nullable().openapi({ description: 'The order that took it.' }),
    document_id: z
      .string()
      .nullable()
      .openapi({ description: 'The adjustment or transfer that it is part of.' }),
    actor: z.string().nullable().openapi({ description: 'Who booked it; null for sales and imports.' }),
    note: z.string().nullable(),
    created_at: Timestamp,
  })
  .openapi('StockMovement', {
    description: 'What moved stock, and why. Never changes.',
    example: exampleMovement,
  })

export const StockMovementList = trimmableList('StockMovementList', StockMovement, exampleMovement)

export const MOVEMENT_SORTS = ['newest', 'oldest'] as const

export const ListStockMovements = z.strictObject({
  ...Page,
  variant_id: VariantId.optional(),
  location_id: LocationId.optional(),
  reason: z.enum(MOVEMENT_REASONS).optional().openapi({ description: 'Why it moved.' }),
  order_id: id
    .optional()
    .openapi({ description: 'What this order took.', example: 'ord_01M81J18G0F1WA11106WFXGE55' }),
  document_id: id
    .optional()
    .openapi({ description: 'What this adjustment or transfer booked.', example: exampleAdjustment.id }),
  sort: z.enum(MOVEMENT_SORTS).optional().openapi({ description: '`newest` when left out.' }),
  fields: fieldsOf(StockMovement),
})

export type InventoryItem = z.output<typeof InventoryItem>
export type ListInventory = z.output<typeof ListInventory>
export type UpdateInventoryItem = z.output<typeof UpdateInventoryItem>
export type CreateStockAdjustment = z.output<typeof CreateStockAdjustment>
export type StockAdjustment = z.output<typeof StockAdjustment>
export type CreateStockTransfer = z.output<typeof CreateStockTransfer>
export type StockTransfer = z.output<typeof StockTransfer>
export type StockMovement = z.output<typeof StockMovement>
export type ListStockMovements = z.output<typeof ListStockMovements>
