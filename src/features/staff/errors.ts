import type { ErrorKind } from '../../lib/errors.ts'

export const rightNotHeld: ErrorKind = {
  code: 'right_not_held',
  status: 403,
  title: 'You cannot give or take rights that you do not have',
  help: '`permissions` names the rights that yours lack. Somebody who has them can give or take such a role, let such a client in, change it, or make its secret anew. Anybody who may change clients can shut one out.',
  members: {
    permissions: {
      description: 'The rights that are needed.',
      type: 'array',
      items: { type: 'string' },
      example: ['staff:write'],
    },
  },
}
export const roleUnknown: ErrorKind = {
  code: 'role_unknown',
  status: 422,
  title: 'There is no such role',
  help: '`GET /v1/admin/roles` lists the roles.',
}
export const roleExists: ErrorKind = {
  code: 'role_exists',
  status: 409,
  title: 'There is a role of this name',
  help: 'Choose another name, or change the role that there is.',
}
export const roleBuiltIn: ErrorKind = {
  code: 'role_built_in',
  status: 409,
  title: 'A built-in role stays as it is',
  help: 'Make a role of your own with the rights that you want.',
}
export const roleInUse: ErrorKind = {
  code: 'role_in_use',
  status: 409,
  title: 'Somebody has this role',
  help: 'Give them another role first.',
}
export const alreadyStaff: ErrorKind = {
  code: 'already_staff',
  status: 409,
  title: 'They work here already',
  help: 'Change their role instead.',
}
export const staffChanged: ErrorKind = {
  code: 'staff_changed',
  status: 409,
  title: 'Roles were changed at the same time',
  help: 'Nothing was changed. Read again what there is, and repeat the request.',
}
