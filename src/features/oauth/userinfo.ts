// Who logged in, for the app that asks (OpenID Connect Core §5.3).

import type { Deps } from '../../deps.ts'
import type { Actor, SignedIn } from '../../http/context.ts'
import { requireCaller, selectCaller } from '../auth/statements.ts'
import type { UserInfo } from './schemas.ts'

/** The claims that the token opens: all of them to the shop's own login. Raises `token_invalid`. */
export async function getUserInfo({ db, clock }: Deps, { principal }: Actor<SignedIn>): Promise<UserInfo> {
  const caller = requireCaller(await selectCaller(db, principal, clock()))
  const opens = (scope: string) => principal.app?.scopes.includes(scope) ?? true
  return {
    sub: caller.id,
    ...(opens('profile')
      ? {
          ...(caller.name === null ? {} : { name: caller.name }),
          updated_at: Math.floor(caller.updated_at / 1000),
        }
      : {}),
    ...(opens('email') ? { email: caller.email, email_verified: true } : {}),
  }
}

/** §5.3.1 wants POST too. */
export const postUserInfo = getUserInfo
