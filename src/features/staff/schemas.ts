// Wire shapes of staff.

import { z } from '@hono/zod-openapi'
import { list, Timestamp } from '../../http/schemas.ts'
import { PERMISSIONS, type Permission, ROLE_NAMES } from '../../lib/permissions.ts'

const exampleMember = {
  id: 'usr_01M81J18G0F1WA11106WFXGE52',
  email: 'grace@example.com',
  name: 'Grace Hopper',
  role: 'viewer',
  permissions: ['products:read', 'orders:read'],
  created_at: '2026-11-22T12:00:00.000Z',
} as const

export const StaffMember = z
  .strictObject({
    id: z.string().openapi({ description: 'User id.', example: 'usr_01KAMRCB9R0000000000000000' }),
    email: z.string().openapi({ example: 'grace@example.com' }),
    name: z.string().nullable(),
    role: z.enum(ROLE_NAMES),
    permissions: z.array(z.enum(Object.keys(PERMISSIONS) as [Permission, ...Permission[]])),
    created_at: Timestamp,
  })
  .openapi('StaffMember', { description: 'Somebody who works here.' })

export const StaffList = list('StaffList', StaffMember, exampleMember)

export type StaffMember = z.output<typeof StaffMember>
