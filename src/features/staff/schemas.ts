// Wire shapes of staff and roles.

import { z } from '@hono/zod-openapi'
import { line, list, multiline, Timestamp } from '../../http/schemas.ts'
import { PERMISSIONS, type Permission } from '../../lib/permissions.ts'
import { Email, exampleLinkToken, LinkToken, NewPassword } from '../auth/schemas.ts'

const Right = z.enum(Object.keys(PERMISSIONS) as [Permission, ...Permission[]])

const RoleName = z
  .string()
  .regex(/^[a-z][a-z0-9_]{1,39}$/)
  .openapi({ description: 'Name of a role, see `GET /v1/admin/roles`.', example: 'viewer' })

const exampleMember = {
  id: 'usr_01M81J18G0F1WA11106WFXGE52',
  email: 'grace@example.com',
  name: 'Grace Hopper',
  role: 'viewer',
  permissions: ['products:read', 'orders:read'],
  has_second_factor: true,
  created_at: '2026-11-22T12:00:00.000Z',
}

export const StaffMember = z
  .strictObject({
    id: z.string().openapi({ description: 'User id.', example: 'usr_01KAMRCB9R0000000000000000' }),
    email: z.string().openapi({ example: 'grace@example.com' }),
    name: z.string().nullable(),
    role: RoleName,
    permissions: z.array(Right),
    has_second_factor: z.boolean(),
    created_at: Timestamp,
  })
  .openapi('StaffMember', { description: 'Somebody who works here.', example: exampleMember })

export const StaffList = list('StaffList', StaffMember, exampleMember)

export const ChangeRole = z
  .strictObject({ role: RoleName })
  .openapi('ChangeRole', { example: { role: 'viewer' } })

export const InviteStaff = z
  .strictObject({ email: Email, role: RoleName })
  .openapi('InviteStaff', { example: { email: 'grace@example.com', role: 'viewer' } })

const exampleInvitation = {
  id: 'act_01M81J18G0F1WA11106WFXGE52',
  email: 'grace@example.com',
  role: 'viewer',
  invited_by: 'usr_01M81J18G0F1WA11106WFXGE52',
  created_at: '2026-11-22T12:00:00.000Z',
  expires_at: '2026-11-25T12:00:00.000Z',
}

export const Invitation = z
  .strictObject({
    id: z.string(),
    email: z.string(),
    role: RoleName,
    invited_by: z.string().openapi({ description: 'User id.' }),
    created_at: Timestamp,
    expires_at: Timestamp,
  })
  .openapi('Invitation', {
    description: 'An invitation that was not accepted yet.',
    example: exampleInvitation,
  })

export const InvitationList = list('InvitationList', Invitation, exampleInvitation)

export const AcceptInvitation = z
  .strictObject({
    token: LinkToken,
    password: NewPassword.optional().openapi({
      description: 'For a new account. Who has an account already keeps the password of that.',
    }),
    name: line(200).optional(),
  })
  .openapi('AcceptInvitation', {
    example: { token: exampleLinkToken, password: 'seven green kettles hum', name: 'Grace Hopper' },
  })

const exampleRole = {
  name: 'packer',
  description: 'Packs parcels.',
  is_built_in: false,
  permissions: ['orders:read', 'inventory:write'],
  members: 0,
}

const Description = multiline(200).openapi({ example: 'Packs parcels.' })
const Rights = z
  .array(Right)
  .max(100)
  .transform(rights => [...new Set(rights)])

export const StaffRole = z
  .strictObject({
    name: RoleName,
    description: z.string(),
    is_built_in: z.boolean(),
    permissions: z.array(Right),
    members: z.int().openapi({ description: 'How many have it.', example: 2 }),
  })
  .openapi('StaffRole', { description: 'Rights under one name.', example: exampleRole })

export const StaffRoleList = list('StaffRoleList', StaffRole, exampleRole)

export const CreateRole = z
  .strictObject({ name: RoleName, description: Description.default(''), permissions: Rights })
  .openapi('CreateRole', {
    example: {
      name: 'packer',
      description: 'Packs parcels.',
      permissions: ['orders:read', 'inventory:write'],
    },
  })

export const UpdateRole = z
  .strictObject({ description: Description.optional(), permissions: Rights.optional() })
  .openapi('UpdateRole', {
    description: 'What is left out stays.',
    example: { permissions: ['orders:read'] },
  })

export const LoginPolicy = z
  .strictObject({
    require_second_factor_for: z
      .array(RoleName)
      .max(100)
      .openapi({ description: 'Roles whose members can only set up a second factor until they have one.' }),
  })
  .openapi('LoginPolicy', {
    description: 'What the shop asks of the logins of its staff.',
    example: { require_second_factor_for: ['owner'] },
  })

export type StaffMember = z.output<typeof StaffMember>
export type Invitation = z.output<typeof Invitation>
export type AcceptInvitation = z.output<typeof AcceptInvitation>
export type StaffRole = z.output<typeof StaffRole>
export type CreateRole = z.output<typeof CreateRole>
export type UpdateRole = z.output<typeof UpdateRole>
export type LoginPolicy = z.output<typeof LoginPolicy>
