// Wire shapes of staff.

import { z } from '@hono/zod-openapi'
import { list, Timestamp } from '../../http/schemas.ts'
import { PERMISSIONS, type Permission, ROLE_NAMES } from '../../lib/permissions.ts'

export const StaffMember = z
  .strictObject({
    id: z.string().openapi({ description: 'User id.', example: 'usr_01KAMRCB9R0000000000000000' }),
    email: z.string().openapi({ example: 'grace@example.com' }),
    name: z.string().nullable(),
    role: z.enum(ROLE_NAMES),
    permissions: z.array(z.enum(Object.keys(PERMISSIONS) as [Permission, ...Permission[]])),
    created_at: Timestamp,
  })
  .openapi('StaffMember')

export const StaffList = list('StaffList', StaffMember)

export type StaffMember = z.output<typeof StaffMember>
