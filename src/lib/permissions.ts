// The rights that staff can have, and the roles that group them: the only place where either is named.

/** Every right, and what it allows: `area:verb`. Documented in OpenAPI as the scope of the operations that need it. */
export const PERMISSIONS = {
  'products:read': 'See products, also drafts and archived ones, and collections.',
  'products:write': 'Create and change products, prices, pictures and collections.',
  'inventory:read': 'See stock by location, and what moved it.',
  'inventory:write': 'Adjust stock and change locations.',
  'orders:read': 'See all orders.',
  'orders:write': 'Change orders.',
  'orders:refund': 'Give money back.',
  'customers:read': 'See customers.',
  'customers:write': 'Change customers’ notes and groups.',
  'promotions:read': 'See promotions, also those that are not running.',
  'promotions:write': 'Create and change promotions.',
  'settings:read': 'See the shop’s settings, shipping and taxes as they are kept.',
  'settings:write': 'Change the shop’s settings, shipping and taxes.',
  'staff:read': 'See who works here, and in which role.',
  'staff:write': 'Give and take roles.',
  'audit:read': 'Read the audit log.',
  'clients:read': 'See service clients and apps, and ask about their tokens.',
  'clients:write': 'Let service clients and apps in, change them and shut them out.',
} as const

export type Permission = keyof typeof PERMISSIONS

const EVERY = Object.keys(PERMISSIONS) as Permission[]

/** The rights of each role. */
export const ROLES = {
  owner: EVERY,
  manager: EVERY.filter(permission => permission !== 'staff:write'),
  support: [
    'products:read',
    'inventory:read',
    'promotions:read',
    'orders:read',
    'orders:write',
    'customers:read',
    'customers:write',
  ],
  viewer: ['products:read', 'inventory:read', 'orders:read'],
} as const satisfies Record<string, readonly Permission[]>

export type Role = keyof typeof ROLES
export const ROLE_NAMES = ['owner', 'manager', 'support', 'viewer'] as const satisfies readonly Role[]

/** Who may call an operation: everybody, whoever holds the object's own id or token, whoever is logged in, or staff with a right. */
export type Access = 'public' | 'capability' | 'buyer' | Permission

/** Says whether a text names a right. */
export const isPermission = (text: string): text is Permission => Object.hasOwn(PERMISSIONS, text)
