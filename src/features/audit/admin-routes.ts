// The audit log over HTTP.

import { invalidCursor } from '../../http/errors.ts'
import { trim } from '../../http/fields.ts'
import { operation, reply } from '../../http/operation.ts'
import { createRouter } from '../../http/router.ts'
import { AuditList, AuditQuery } from './schemas.ts'
import { listAuditEntries } from './service.ts'

const listAuditEntriesOperation = operation({
  method: 'get',
  path: '/v1/admin/audit',
  operationId: 'listAuditEntries',
  summary: 'Read the audit log',
  description:
    'Lists who did what to which object, newest first, also what was denied. Entries never change, and `npm run audit:verify` shows that they did not.',
  tag: 'Audit',
  permission: 'audit:read',
  request: { query: AuditQuery },
  success: { status: 200, description: 'A page of the log.', schema: AuditList },
  problems: [invalidCursor],
})

/** Routes of the audit log. */
export const auditAdminRoutes = () =>
  createRouter().openapi(listAuditEntriesOperation, async c => {
    const { fields, ...query } = c.req.valid('query')
    return reply(c, AuditList, trim(await listAuditEntries(c.var.deps, query), fields))
  })
