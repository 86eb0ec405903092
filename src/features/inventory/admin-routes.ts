// Stock over HTTP, for those who run the shop.

import { z } from '@hono/zod-openapi'
import { versionOf } from '../../http/conditional.ts'
import { invalidCursor, notFound } from '../../http/errors.ts'
import { trim } from '../../http/fields.ts'
import { idempotencyErrors, idempotencyKeyMissing } from '../../http/idempotency-errors.ts'
import { actorOf, jsonBody, operation, reply, replyStored } from '../../http/operation.ts'
import { createRouter } from '../../http/router.ts'
import { changedMeanwhile } from '../pricing/errors.ts'
import { createStockAdjustment } from './adjustments.ts'
import {
  CreateStockAdjustment,
  CreateStockTransfer,
  InventoryItem,
  InventoryList,
  ListInventory,
  ListStockMovements,
  StockAdjustment,
  StockMovementList,
  StockTransfer,
  UpdateInventoryItem,
} from './admin-schemas.ts'
import { stockBelowReserved } from './errors.ts'
import { getInventoryItem, listInventory, updateInventoryItem } from './items.ts'
import { listStockMovements } from './movements.ts'
import { createStockTransfer } from './transfers.ts'

const TAG = 'Inventory'
const PATH = '/v1/admin/inventory'
const params = z.strictObject({
  id: z.string().openapi({ description: 'Variant id.', example: 'var_01M81J18G0F1WA11106WFXGE4K' }),
})
const BOOKING_PROBLEMS = [idempotencyKeyMissing, stockBelowReserved, changedMeanwhile, ...idempotencyErrors]

const listInventoryOperation = operation({
  method: 'get',
  path: PATH,
  operationId: 'listInventory',
  summary: 'List stock',
  description:
    'Lists variants with what lies where: all, those of a product, a SKU or a location, or only what is low.',
  tag: TAG,
  permission: 'inventory:read',
  request: { query: ListInventory },
  success: { status: 200, description: 'A page of variants with their stock.', schema: InventoryList },
  problems: [invalidCursor],
})

const listStockMovementsOperation = operation({
  method: 'get',
  path: `${PATH}/movements`,
  operationId: 'listStockMovements',
  summary: 'List stock movements',
  description: 'The history of stock: what came in or went out, where, when and why.',
  tag: TAG,
  permission: 'inventory:read',
  request: { query: ListStockMovements },
  success: { status: 200, description: 'A page of movements.', schema: StockMovementList },
  problems: [invalidCursor],
})

const createStockAdjustmentOperation = operation({
  method: 'post',
  path: `${PATH}/adjustments`,
  operationId: 'createStockAdjustment',
  summary: 'Adjust stock',
  description:
    'Books what came in, went out or was counted, up to 1,000 lines: all of them or none. Stock never falls below what checkouts hold.',
  tag: TAG,
  permission: 'inventory:write',
  request: { body: jsonBody(CreateStockAdjustment) },
  idempotency: 'required',
  success: { status: 201, description: 'What was booked.', schema: StockAdjustment, headers: ['Location'] },
  problems: BOOKING_PROBLEMS,
})

const createStockTransferOperation = operation({
  method: 'post',
  path: `${PATH}/transfers`,
  operationId: 'createStockTransfer',
  summary: 'Transfer stock',
  description:
    'Moves stock from one location to another, up to 1,000 lines: all of them or none. What checkouts hold stays where it is.',
  tag: TAG,
  permission: 'inventory:write',
  request: { body: jsonBody(CreateStockTransfer) },
  idempotency: 'required',
  success: { status: 201, description: 'What was moved.', schema: StockTransfer, headers: ['Location'] },
  problems: BOOKING_PROBLEMS,
})

const getInventoryItemOperation = operation({
  method: 'get',
  path: `${PATH}/variants/{id}`,
  operationId: 'getInventoryItem',
  summary: 'Get the stock of a variant',
  description: 'Reads what lies where of one variant.',
  tag: TAG,
  permission: 'inventory:read',
  request: { params },
  success: { status: 200, description: 'The variant and its stock.', schema: InventoryItem },
  problems: [notFound],
})

const updateInventoryItemOperation = operation({
  method: 'patch',
  path: `${PATH}/variants/{id}`,
  operationId: 'updateInventoryItem',
  summary: 'Set when a variant is low',
  description: 'Sets the threshold of one variant. Quantities change by adjustments and transfers only.',
  tag: TAG,
  permission: 'inventory:write',
  conditional: true,
  request: { params, body: jsonBody(UpdateInventoryItem) },
  success: { status: 200, description: 'The variant as it is now.', schema: InventoryItem },
  problems: [notFound],
})

const booked = (id: string) => `${PATH}/movements?document_id=${id}`

/** Routes of stock. */
export const inventoryRoutes = () =>
  createRouter()
    .openapi(listInventoryOperation, async c => {
      const { fields, ...query } = c.req.valid('query')
      return reply(c, InventoryList, trim(await listInventory(c.var.deps, query), fields))
    })
    .openapi(listStockMovementsOperation, async c => {
      const { fields, ...query } = c.req.valid('query')
      return reply(c, StockMovementList, trim(await listStockMovements(c.var.deps, query), fields))
    })
    .openapi(createStockAdjustmentOperation, async c => {
      const stored = await createStockAdjustment(c.var.deps, actorOf(c), c.req.valid('json'))
      return replyStored(c, StockAdjustment, stored, { location: booked })
    })
    .openapi(createStockTransferOperation, async c => {
      const stored = await createStockTransfer(c.var.deps, actorOf(c), c.req.valid('json'))
      return replyStored(c, StockTransfer, stored, { location: booked })
    })
    .openapi(getInventoryItemOperation, async c => {
      const { body, version } = await getInventoryItem(c.var.deps, c.req.valid('param').id)
      return reply(c, InventoryItem, body, { version })
    })
    .openapi(updateInventoryItemOperation, async c => {
      const { id } = c.req.valid('param')
      const input = c.req.valid('json')
      const { body, version } = await updateInventoryItem(c.var.deps, actorOf(c), id, versionOf(c), input)
      return reply(c, InventoryItem, body, { version })
    })
