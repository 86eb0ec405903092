// What an outside app or a service client may be let do: the scopes of OAuth. Three kinds, and nothing else can be asked
// for: those of OpenID Connect, those over a person's own account, and the rights of staff (permissions.ts). Each has
// the sentence that its consent page shows.

import { PERMISSIONS } from './permissions.ts'

/** OpenID Connect Core §5.4 and §11. */
const OIDC_SCOPES = {
  openid: 'Know that it is you.',
  profile: 'See your name.',
  email: 'See your email address.',
  offline_access: 'Stay connected for 30 days, also while you are away.',
} as const

/** What a person can let an app do with their own account. */
export const PERSON_SCOPES = {
  'me:read': 'See your account: name, email, phone and saved addresses.',
  'me:write': 'Change your name, phone and saved addresses.',
  'me:orders': 'See your orders.',
  'me:checkout': 'Check out in your name, so that the order is yours.',
} as const

export type PersonScope = keyof typeof PERSON_SCOPES

/** Names that agents' platforms ask by (UCP 2026-04-08, identity linking), and the scope of ours that each one is. */
const SCOPE_ALIASES: Readonly<Record<string, PersonScope>> = {
  'dev.ucp.shopping.order:read': 'me:orders',
  'dev.ucp.shopping.checkout:manage': 'me:checkout',
}

/** A scope that an operation may ask of an outside app. */
export type AppScope = PersonScope | 'openid'

/** Every scope, in the order in which people read them. */
export const ALL_SCOPES: readonly string[] = [
  ...Object.keys(OIDC_SCOPES),
  ...Object.keys(PERSON_SCOPES),
  ...Object.keys(SCOPE_ALIASES),
  ...Object.keys(PERMISSIONS),
]

/** Says whether scopes hold one that an operation needs, under its own name or another. */
export const holdsScope = (scopes: readonly string[], needed: AppScope): boolean =>
  scopes.some(scope => scope === needed || SCOPE_ALIASES[scope] === needed)

/** Splits `scope` (RFC 6749 §3.3) into its parts, each once. */
export const splitScope = (text: string): string[] => [
  ...new Set(text.split(' ').filter(part => part !== '')),
]

/** What a scope allows, in a sentence for people. */
export function scopeText(scope: string): string {
  const texts: Readonly<Record<string, string>> = { ...OIDC_SCOPES, ...PERSON_SCOPES, ...PERMISSIONS }
  return texts[SCOPE_ALIASES[scope] ?? scope] ?? scope
}
