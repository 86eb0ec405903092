// Staff over HTTP.

import { z } from '@hono/zod-openapi'
import { invalidCursor } from '../../http/errors.ts'
import { operation, reply } from '../../http/operation.ts'
import { createRouter } from '../../http/router.ts'
import { Page } from '../../http/schemas.ts'
import { StaffList } from './schemas.ts'
import { listStaff } from './service.ts'

const listStaffOperation = operation({
  method: 'get',
  path: '/v1/admin/staff',
  operationId: 'listStaff',
  summary: 'List staff',
  description: 'Lists who works here, with their roles and the rights that these give.',
  tag: 'Staff',
  permission: 'staff:read',
  request: { query: z.strictObject(Page) },
  success: { status: 200, description: 'A page of staff.', schema: StaffList },
  problems: [invalidCursor],
})

/** Routes of staff. */
export const staffRoutes = () =>
  createRouter().openapi(listStaffOperation, async c =>
    reply(c, StaffList, await listStaff(c.var.deps, c.req.valid('query'))),
  )
