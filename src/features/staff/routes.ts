// Staff, roles and invitations over HTTP.

import { z } from '@hono/zod-openapi'
import { runInBackground } from '../../http/background.ts'
import { invalidCursor, notFound } from '../../http/errors.ts'
import { actorOf, jsonBody, operation, reply, replyDone, userOf } from '../../http/operation.ts'
import { createRouter } from '../../http/router.ts'
import { Page } from '../../http/schemas.ts'
import { linkInvalid, passwordRefused, tooManyAttempts } from '../auth/errors.ts'
import { sendDueMails } from '../notifications/service.ts'
import { shopNotSetUp } from '../shop/errors.ts'
import { lastOwner } from '../users/errors.ts'
import {
  alreadyStaff,
  rightNotHeld,
  roleBuiltIn,
  roleExists,
  roleInUse,
  roleUnknown,
  staffChanged,
} from './errors.ts'
import { acceptInvitation, cancelInvitation, inviteStaff, listInvitations } from './invitations.ts'
import { getLoginPolicy, setLoginPolicy } from './login-policy.ts'
import { createRole, deleteRole, getRole, listRoles, updateRole } from './roles.ts'
import {
  AcceptInvitation,
  ChangeRole,
  CreateRole,
  Invitation,
  InvitationList,
  InviteStaff,
  LoginPolicy,
  StaffList,
  StaffMember,
  StaffRole,
  StaffRoleList,
  UpdateRole,
} from './schemas.ts'
import { changeRole, getStaffMember, listStaff, removeStaff } from './service.ts'

const tag = 'Staff'
const idParam = (description: string, example: string) =>
  z.object({ id: z.string().openapi({ description, example }) })
const member = idParam('User id.', 'usr_01M81J18G0F1WA11106WFXGE52')
const invitation = idParam('Id of the invitation.', 'act_01M81J18G0F1WA11106WFXGE52')
const role = z.object({ name: z.string().openapi({ description: 'Name of the role.', example: 'packer' }) })

const listStaffOperation = operation({
  method: 'get',
  path: '/v1/admin/staff',
  operationId: 'listStaff',
  summary: 'List staff',
  description: 'Lists who works here, with their roles and the rights that these give.',
  tag,
  permission: 'staff:read',
  request: { query: z.strictObject(Page) },
  success: { status: 200, description: 'A page of staff.', schema: StaffList },
  problems: [invalidCursor],
})

const getStaffMemberOperation = operation({
  method: 'get',
  path: '/v1/admin/staff/{id}',
  operationId: 'getStaffMember',
  summary: 'Get a staff member',
  description: 'Reads somebody who works here.',
  tag,
  permission: 'staff:read',
  request: { params: member },
  success: { status: 200, description: 'The staff member.', schema: StaffMember },
  problems: [notFound],
})

const inviteStaffOperation = operation({
  method: 'post',
  path: '/v1/admin/staff',
  operationId: 'inviteStaff',
  summary: 'Invite somebody to the staff',
  description:
    'Mails a link that gives a role, once and within three days. You can only give a role whose rights you all have. A newer invitation of the same email takes the place of an older one.',
  tag,
  permission: 'staff:write',
  inPerson: true,
  request: { body: jsonBody(InviteStaff) },
  success: { status: 202, description: 'The invitation; the mail is on its way.', schema: Invitation },
  problems: [roleUnknown, rightNotHeld, alreadyStaff, tooManyAttempts],
})

const changeRoleOperation = operation({
  method: 'patch',
  path: '/v1/admin/staff/{id}',
  operationId: 'changeRole',
  summary: 'Change somebody’s role',
  description:
    'Gives a staff member another role, which counts from their next request on. You must have all rights of both roles. The shop keeps at least one owner.',
  tag,
  permission: 'staff:write',
  inPerson: true,
  request: { params: member, body: jsonBody(ChangeRole) },
  success: { status: 200, description: 'The staff member.', schema: StaffMember },
  problems: [notFound, roleUnknown, rightNotHeld, lastOwner, staffChanged],
})

const removeStaffOperation = operation({
  method: 'delete',
  path: '/v1/admin/staff/{id}',
  operationId: 'removeStaff',
  summary: 'Remove somebody from the staff',
  description:
    'Takes somebody’s role, at once, and ends the invitations that they sent. Their account stays. You must have all rights of their role. The shop keeps at least one owner.',
  tag,
  permission: 'staff:write',
  inPerson: true,
  request: { params: member },
  success: { status: 204, description: 'They do not work here any more.' },
  problems: [notFound, rightNotHeld, lastOwner, staffChanged],
})

const listInvitationsOperation = operation({
  method: 'get',
  path: '/v1/admin/staff-invitations',
  operationId: 'listInvitations',
  summary: 'List invitations',
  description: 'Lists invitations that nobody has accepted yet.',
  tag,
  permission: 'staff:read',
  request: { query: z.strictObject(Page) },
  success: { status: 200, description: 'A page of invitations.', schema: InvitationList },
  problems: [invalidCursor],
})

const cancelInvitationOperation = operation({
  method: 'delete',
  path: '/v1/admin/staff-invitations/{id}',
  operationId: 'cancelInvitation',
  summary: 'Take an invitation back',
  description: 'The link of the invitation then does nothing.',
  tag,
  permission: 'staff:write',
  inPerson: true,
  request: { params: invitation },
  success: { status: 204, description: 'It is gone.' },
  problems: [notFound],
})

const acceptInvitationOperation = operation({
  method: 'post',
  path: '/v1/auth/invitations/accept',
  operationId: 'acceptInvitation',
  summary: 'Accept an invitation',
  description:
    'Gives the role of an invitation to the account of its email, with the token of the mailed link. Where there is no account yet, one is made with the password that you choose. Log in afterwards.',
  tag: 'Login',
  permission: 'public',
  request: { body: jsonBody(AcceptInvitation) },
  success: { status: 204, description: 'You work here: log in.' },
  problems: [linkInvalid, passwordRefused, tooManyAttempts],
})

const listRolesOperation = operation({
  method: 'get',
  path: '/v1/admin/roles',
  operationId: 'listRoles',
  summary: 'List roles',
  description: 'Lists the built-in roles and those of the shop, with their rights.',
  tag,
  permission: 'staff:read',
  request: { query: z.strictObject(Page) },
  success: { status: 200, description: 'A page of roles.', schema: StaffRoleList },
  problems: [invalidCursor],
})

const getRoleOperation = operation({
  method: 'get',
  path: '/v1/admin/roles/{name}',
  operationId: 'getRole',
  summary: 'Get a role',
  description: 'Reads a role with its rights.',
  tag,
  permission: 'staff:read',
  request: { params: role },
  success: { status: 200, description: 'The role.', schema: StaffRole },
  problems: [notFound],
})

const createRoleOperation = operation({
  method: 'post',
  path: '/v1/admin/roles',
  operationId: 'createRole',
  summary: 'Make a role',
  description: 'Puts rights under a name. You can only give rights that you have.',
  tag,
  permission: 'staff:write',
  inPerson: true,
  request: { body: jsonBody(CreateRole) },
  success: { status: 201, description: 'The role.', schema: StaffRole, headers: ['Location'] },
  problems: [roleExists, rightNotHeld, staffChanged],
})

const updateRoleOperation = operation({
  method: 'patch',
  path: '/v1/admin/roles/{name}',
  operationId: 'updateRole',
  summary: 'Change a role',
  description:
    'Changes the rights of a role, for the next request of everybody who has it. You must have its rights of before and after. Built-in roles stay as they are.',
  tag,
  permission: 'staff:write',
  inPerson: true,
  request: { params: role, body: jsonBody(UpdateRole) },
  success: { status: 200, description: 'The role.', schema: StaffRole },
  problems: [notFound, roleBuiltIn, rightNotHeld, staffChanged],
})

const deleteRoleOperation = operation({
  method: 'delete',
  path: '/v1/admin/roles/{name}',
  operationId: 'deleteRole',
  summary: 'Delete a role',
  description: 'Deletes a role that nobody has.',
  tag,
  permission: 'staff:write',
  inPerson: true,
  request: { params: role },
  success: { status: 204, description: 'It is gone.' },
  problems: [notFound, roleBuiltIn, roleInUse, rightNotHeld, staffChanged],
})

const getLoginPolicyOperation = operation({
  method: 'get',
  path: '/v1/admin/login-policy',
  operationId: 'getLoginPolicy',
  summary: 'Get the login policy',
  description: 'Tells which roles need a second factor.',
  tag,
  permission: 'staff:read',
  success: { status: 200, description: 'The policy.', schema: LoginPolicy },
  problems: [],
})

const setLoginPolicyOperation = operation({
  method: 'put',
  path: '/v1/admin/login-policy',
  operationId: 'setLoginPolicy',
  summary: 'Set the login policy',
  description:
    'Replaces the list of roles that need a second factor. From their next request on, staff of these roles without one can only set it up.',
  tag,
  permission: 'staff:write',
  inPerson: true,
  request: { body: jsonBody(LoginPolicy) },
  success: { status: 200, description: 'The policy.', schema: LoginPolicy },
  problems: [roleUnknown, shopNotSetUp],
})

/** Routes of staff, roles and invitations. */
export const staffRoutes = () =>
  createRouter()
    .openapi(listStaffOperation, async c =>
      reply(c, StaffList, await listStaff(c.var.deps, c.req.valid('query'))),
    )
    .openapi(getStaffMemberOperation, async c =>
      reply(c, StaffMember, await getStaffMember(c.var.deps, c.req.valid('param').id)),
    )
    .openapi(inviteStaffOperation, async c => {
      const invited = await inviteStaff(c.var.deps, userOf(c), c.req.valid('json'))
      runInBackground(c, sendDueMails(c.var.deps))
      return reply(c, Invitation, invited, { status: 202 })
    })
    .openapi(changeRoleOperation, async c => {
      const { id } = c.req.valid('param')
      return reply(c, StaffMember, await changeRole(c.var.deps, userOf(c), id, c.req.valid('json')))
    })
    .openapi(removeStaffOperation, async c => {
      await removeStaff(c.var.deps, userOf(c), c.req.valid('param').id)
      return replyDone(c)
    })
    .openapi(listInvitationsOperation, async c =>
      reply(c, InvitationList, await listInvitations(c.var.deps, c.req.valid('query'))),
    )
    .openapi(cancelInvitationOperation, async c => {
      await cancelInvitation(c.var.deps, userOf(c), c.req.valid('param').id)
      return replyDone(c)
    })
    .openapi(acceptInvitationOperation, async c => {
      await acceptInvitation(c.var.deps, actorOf(c), c.req.valid('json'))
      return replyDone(c)
    })
    .openapi(listRolesOperation, async c =>
      reply(c, StaffRoleList, await listRoles(c.var.deps, c.req.valid('query'))),
    )
    .openapi(getRoleOperation, async c =>
      reply(c, StaffRole, await getRole(c.var.deps, c.req.valid('param').name)),
    )
    .openapi(createRoleOperation, async c => {
      const made = await createRole(c.var.deps, userOf(c), c.req.valid('json'))
      return reply(c, StaffRole, made, {
        status: 201,
        headers: { Location: `/v1/admin/roles/${made.name}` },
      })
    })
    .openapi(updateRoleOperation, async c => {
      const { name } = c.req.valid('param')
      return reply(c, StaffRole, await updateRole(c.var.deps, userOf(c), name, c.req.valid('json')))
    })
    .openapi(deleteRoleOperation, async c => {
      await deleteRole(c.var.deps, userOf(c), c.req.valid('param').name)
      return replyDone(c)
    })
    .openapi(getLoginPolicyOperation, async c => reply(c, LoginPolicy, await getLoginPolicy(c.var.deps)))
    .openapi(setLoginPolicyOperation, async c =>
      reply(c, LoginPolicy, await setLoginPolicy(c.var.deps, userOf(c), c.req.valid('json'))),
    )
