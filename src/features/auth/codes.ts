// Checking the code of a second factor: six digits of an app, or a recovery code. Each is used once, in the unit of what it
// opens. Guesses are counted exactly:
//   - (account, network): 5 wrong codes in 15 minutes, then that network waits.
//   - account: 10 wrong codes in an hour, then networks that never opened it wait, and a mail tells the owner that somebody
//     knows the password. At 3 of 1,000,000 codes a guess, that is one in some 1,400 days of guessing.
// Whoever is shut out by others sets a new password by mail: that ends the others' logins and clears the counters.

import { and, eq, lt } from 'drizzle-orm'
import type { Db, Statement } from '../../db/client.ts'
import { guardChangedOne } from '../../db/guards.ts'
import type { Deps } from '../../deps.ts'
import type { Actor } from '../../http/context.ts'
import { DomainError } from '../../lib/errors.ts'
import { sha256 } from '../../lib/hash.ts'
import { type Lock, unseal } from '../../lib/secret-box.ts'
import { matchingStep } from '../../lib/totp.ts'
import { requestMail } from '../notifications/statements.ts'
import { codeWrong } from './errors.ts'
import { clearCounter, countAttempt, counterKey, giveBack, LIMITS, refuseBeyond } from './limits.ts'
import { recoveryCodes, secondFactors } from './table.ts'

/** Refuses, under `atomic`, a second use of one code: the guard's name, or the trigger's where two codes are raced. */
export const CODE_REFUSALS = {
  guard_version_current: () => wrongCode(),
  one_time_code_used_once: () => wrongCode(),
}

/** A second factor, as a login reads it. */
export interface Factor {
  id: string
  email: string
  secret: string | null
  last_step: number | null
}

/** How the secret of a person's app is encrypted. */
export const lockOf = ({ config }: Pick<Deps, 'config'>, user_id: string): Lock => ({
  master: config.TOKEN_SECRET,
  purpose: 'curbside second factor',
  context: user_id,
})

const RECOVERY = /^[A-Z2-7]{24}$/

/** A recovery code as it is hashed, or null for another kind of code. Case, spaces and hyphens do not matter. */
export const recoveryCodeIn = (code: string): string | null => {
  const plain = code.toUpperCase().replaceAll(/[\s-]/g, '')
  return RECOVERY.test(plain) ? plain : null
}

export const hashOfRecoveryCode = (user_id: string, code: string): Promise<string> =>
  sha256(`recovery:${user_id}:${code}`)

/** The step of a code of the app, if it is right and newer than the last one that was taken. As slow without a factor. */
export async function stepOfCode(
  deps: Pick<Deps, 'config'>,
  factor: Factor | undefined,
  code: string,
  now: number,
): Promise<number | null> {
  const id = factor?.id ?? ''
  const secret = await unseal(factor?.secret ?? 'v1.AAAA.AAAA', lockOf(deps, id))
  const step = await matchingStep(secret ?? new Uint8Array(20), code, now)
  return secret !== null && step !== null && step > (factor?.last_step ?? 0) ? step : null
}

/** The statements that use a code up, or null when it is wrong. A recovery code's are refused when there is no such code. */
async function useCode(deps: Deps, factor: Factor, code: string, now: number): Promise<Statement[] | null> {
  const { db } = deps
  const recovery = recoveryCodeIn(code)
  if (recovery !== null) {
    const code_hash = await hashOfRecoveryCode(factor.id, recovery)
    return [
      db
        .delete(recoveryCodes)
        .where(and(eq(recoveryCodes.user_id, factor.id), eq(recoveryCodes.code_hash, code_hash))),
      guardChangedOne(db, 'guard_version_current'),
    ]
  }
  const step = await stepOfCode(deps, factor, code, now)
  if (step === null) return null
  return [
    db
      .update(secondFactors)
      .set({ last_step: step })
      .where(and(eq(secondFactors.user_id, factor.id), lt(secondFactors.last_step, step))),
    guardChangedOne(db, 'guard_version_current'),
  ]
}

/** The keys under which wrong codes are counted. */
export async function codeCounters(deps: Pick<Deps, 'config'>, user_id: string, network: string) {
  const [pair, account] = await Promise.all([
    counterKey(deps, LIMITS.code_pair, `${network} ${user_id}`),
    counterKey(deps, LIMITS.code_account, user_id),
  ])
  return { pair, account }
}

/** Forgets all wrong codes of an account from a network. */
export const clearCodes = (db: Db, keys: { pair: string; account: string }): Statement[] => [
  clearCounter(db, keys.pair),
  clearCounter(db, keys.account),
]

/**
 * Counts and checks a code. Returns the statements that use it up and give the attempt back: for the unit of what it opens,
 * under CODE_REFUSALS. Raises `code_wrong`, `too_many_attempts`.
 */
export async function passCode(
  deps: Deps,
  { network }: Actor,
  factor: Factor,
  code: string,
  isKnownNetwork: boolean,
): Promise<Statement[]> {
  const { db, clock, ids } = deps
  const now = clock()
  const keys = await codeCounters(deps, factor.id, network)
  const [ofPair, ofAccount] = await db.batch([
    countAttempt(db, keys.pair, LIMITS.code_pair, now),
    countAttempt(db, keys.account, LIMITS.code_account, now),
  ])
  refuseBeyond(ofPair, LIMITS.code_pair, now)
  if (!isKnownNetwork) refuseBeyond(ofAccount, LIMITS.code_account, now)
  const statements = await useCode(deps, factor, code, now)
  if (statements !== null) {
    return [...statements, clearCounter(db, keys.pair), giveBack(db, keys.account, ofAccount)]
  }
  const count = ofAccount[0]
  if (count && count.attempts >= LIMITS.code_account.attempts) {
    // One mail a window: a second one of the same event is ignored.
    const event = `codes_guessed:${factor.id}:${count.resets_at}`
    await requestMail(db, ids, { template: 'codes_guessed', recipient: factor.email, event }, now)
  }
  throw wrongCode()
}

const wrongCode = (): DomainError => {
  const detail = 'That is not a code of now, or it was used.'
  return new DomainError(codeWrong, detail, {
    errors: [{ in: 'body', pointer: '/code', code: codeWrong.code, detail }],
  })
}
