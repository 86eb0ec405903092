// Tokens that travel in mails. A token is derived from its row's id under TOKEN_SECRET (as a guest's order token is),
// so neither `account_tokens` nor `mails` holds anything that opens an account, and the text of a mail can be made
// when it is sent. The row says what the token may do and ends with its first use (ASVS 5.0 6.5.1, 11.5.1).

import { and, eq, gt } from 'drizzle-orm'
import type { Db, Statement } from '../../db/client.ts'
import type { Deps } from '../../deps.ts'
import { DomainError } from '../../lib/errors.ts'
import { equalSecrets, hmacSha256 } from '../../lib/hash.ts'
import { linkInvalid } from './errors.ts'
import { type ACCOUNT_TOKEN_PURPOSES, accountTokens } from './table.ts'

export const ACCOUNT_TOKEN_MS = 60 * 60 * 1000
/** Refuses, under `atomic`, a second use of one token. */
export const TOKEN_GONE = 'guard_version_current'

type Purpose = (typeof ACCOUNT_TOKEN_PURPOSES)[number]

/** Makes the token of an id. */
export const accountToken = async (deps: Pick<Deps, 'config'>, id: string): Promise<string> =>
  `${id}.${await hmacSha256(deps.config.TOKEN_SECRET, `account:${id}`)}`

/** The id in a token that we made, or null. */
export async function accountTokenId(deps: Pick<Deps, 'config'>, token: string): Promise<string | null> {
  const [id = ''] = token.split('.')
  return (await equalSecrets(await accountToken(deps, id), token)) ? id : null
}

/** Finds what an unexpired token of this purpose may do. */
export const selectAccountToken = (db: Db, id: string | null, purpose: Purpose, now: number) =>
  db
    .select()
    .from(accountTokens)
    .where(
      and(
        eq(accountTokens.id, id ?? ''),
        eq(accountTokens.purpose, purpose),
        gt(accountTokens.expires_at, now),
      ),
    )

/** Uses a token up. Put `guardChangedOne` behind it: the unit then aborts with TOKEN_GONE when somebody else did. */
export const useAccountToken = (db: Db, id: string): Statement =>
  db.delete(accountTokens).where(eq(accountTokens.id, id))

export const linkProblem = (): DomainError =>
  new DomainError(linkInvalid, 'The link is not one of ours, was used, or is too old.')
