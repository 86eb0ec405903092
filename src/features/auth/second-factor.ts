// A person's own second factor: setting it up, proving that the app works, new recovery codes, removing it. Setting up and
// removing take the password, so that whoever finds an open session can do neither.

import { and, eq, isNull, sql } from 'drizzle-orm'
import { atomic } from '../../db/atomic.ts'
import type { Db, Statement } from '../../db/client.ts'
import { guardChangedOne } from '../../db/guards.ts'
import type { Deps } from '../../deps.ts'
import type { Actor, SignedIn } from '../../http/context.ts'
import { rfc3339 } from '../../lib/clock.ts'
import { DomainError } from '../../lib/errors.ts'
import { seal } from '../../lib/secret-box.ts'
import { base32, newTotpSecret, otpauthUri } from '../../lib/totp.ts'
import { audit } from '../audit/statements.ts'
import { requestMail } from '../notifications/statements.ts'
import { shopSettings } from '../shop/table.ts'
import { staffMembers } from '../staff/table.ts'
import { CODE_REFUSALS, hashOfRecoveryCode, lockOf, passCode } from './codes.ts'
import { secondFactorExists, secondFactorMissing } from './errors.ts'
import { passPassword } from './passwords.ts'
import type { RecoveryCodes, SecondFactor, SecondFactorSecret } from './schemas.ts'
import { type Caller, endSessions, requireCaller, selectCaller } from './statements.ts'
import { recoveryCodes, secondFactors, sessions } from './table.ts'

const RECOVERY_CODES = 10
const RECOVERY_BYTES = 15

const selectFactor = (db: Db, user_id: string) =>
  db.select().from(secondFactors).where(eq(secondFactors.user_id, user_id))

/** Tells whether the caller has a second factor, and whether the shop wants one of them. Raises `token_invalid`. */
export async function getSecondFactor(
  { db, clock }: Deps,
  { principal }: Actor<SignedIn>,
): Promise<SecondFactor> {
  const [callers, factors, [codes], wanted] = await db.batch([
    selectCaller(db, principal, clock()),
    selectFactor(db, principal.id),
    db
      .select({ left: sql<number>`count(*)` })
      .from(recoveryCodes)
      .where(eq(recoveryCodes.user_id, principal.id)),
    db
      .select({ role: staffMembers.role })
      .from(staffMembers)
      .where(
        sql`${staffMembers.user_id} = ${principal.id} AND EXISTS (
          SELECT 1 FROM shop_settings, json_each(require_mfa_for) wanted WHERE wanted.value = ${staffMembers.role})`,
      ),
  ])
  requireCaller(callers)
  const enabled_at = factors[0]?.confirmed_at ?? null
  return {
    is_enabled: enabled_at !== null,
    enabled_at: enabled_at === null ? null : rfc3339(enabled_at),
    is_required: wanted.length > 0,
    recovery_codes_left: codes?.left ?? 0,
  }
}

/**
 * Makes the secret of an app; until it is confirmed nothing changes. Asked again, an unconfirmed one is replaced. Raises
 * `password_wrong`, `second_factor_exists`, `too_many_attempts`, `token_invalid`.
 */
export async function beginSecondFactor(
  deps: Deps,
  actor: Actor<SignedIn>,
  { current_password }: { current_password: string },
): Promise<SecondFactorSecret> {
  const { db, clock } = deps
  const now = clock()
  const { caller, statements } = await passPassword(deps, actor, current_password)
  const [shop] = await db.select({ name: shopSettings.name }).from(shopSettings)
  const plain = newTotpSecret()
  const row = {
    user_id: caller.id,
    secret: await seal(plain, lockOf(deps, caller.id)),
    last_step: 0,
    created_at: now,
  }
  await atomic(
    db,
    [
      db
        .insert(secondFactors)
        .values(row)
        .onConflictDoUpdate({
          target: secondFactors.user_id,
          set: row,
          setWhere: isNull(secondFactors.confirmed_at),
        }),
      guardChangedOne(db, 'guard_version_current'),
      ...statements,
      record(deps, actor, caller, 'user.second_factor_begun', now),
    ],
    { guard_version_current: factorExists },
  )
  return {
    secret: base32(plain),
    otpauth_uri: otpauthUri(plain, shop?.name ?? 'Curbside', caller.email),
  }
}

/**
 * Turns the second factor on, given the first code of the app, ends all other sessions, and gives recovery codes. Raises
 * `code_wrong`, `second_factor_missing`, `second_factor_exists`, `too_many_attempts`, `token_invalid`.
 */
export async function confirmSecondFactor(
  deps: Deps,
  actor: Actor<SignedIn>,
  { code }: { code: string },
): Promise<RecoveryCodes> {
  const { db, clock } = deps
  const now = clock()
  const { caller, factor } = await ownFactor(deps, actor)
  if (factor.confirmed_at !== null) throw factorExists()
  const used = await passCode(deps, actor, { ...factor, id: caller.id, email: caller.email }, code, true)
  const fresh = await newRecoveryCodes(deps, caller.id)
  await atomic(
    db,
    [
      ...fresh.statements,
      db
        .update(secondFactors)
        .set({ confirmed_at: now })
        .where(
          and(
            eq(secondFactors.user_id, caller.id),
            eq(secondFactors.secret, factor.secret),
            isNull(secondFactors.confirmed_at),
          ),
        ),
      guardChangedOne(db, 'guard_version_current'),
      ...used,
      endSessions(
        db,
        sql`${sessions.user_id} = ${caller.id} AND ${sessions.id} <> ${actor.principal.session_id}`,
        'ended',
        now,
      ),
      tell(deps, caller, 'second_factor_on', now),
      record(deps, actor, caller, 'user.second_factor_enabled', now),
    ],
    CODE_REFUSALS,
  )
  return { recovery_codes: fresh.codes }
}

/** Replaces the recovery codes. Raises what `disableSecondFactor` raises. */
export async function replaceRecoveryCodes(
  deps: Deps,
  actor: Actor<SignedIn>,
  input: { current_password: string; code: string },
): Promise<RecoveryCodes> {
  const { caller, statements } = await passBoth(deps, actor, input)
  const fresh = await newRecoveryCodes(deps, caller.id)
  await atomic(
    deps.db,
    [
      ...fresh.statements,
      ...statements,
      record(deps, actor, caller, 'user.recovery_codes_replaced', deps.clock()),
    ],
    CODE_REFUSALS,
  )
  return { recovery_codes: fresh.codes }
}

/**
 * Removes the second factor. Raises `password_wrong`, `code_wrong`, `second_factor_missing`, `too_many_attempts`,
 * `token_invalid`.
 */
export async function disableSecondFactor(
  deps: Deps,
  actor: Actor<SignedIn>,
  input: { current_password: string; code: string },
): Promise<void> {
  const { db, clock } = deps
  const now = clock()
  const { caller, statements } = await passBoth(deps, actor, input)
  const [first, ...rest] = statements
  if (!first) throw new Error('unreachable: a code is used up by statements')
  await atomic(
    db,
    [
      first,
      ...rest,
      db.delete(recoveryCodes).where(eq(recoveryCodes.user_id, caller.id)),
      db.delete(secondFactors).where(eq(secondFactors.user_id, caller.id)),
      tell(deps, caller, 'second_factor_off', now),
      record(deps, actor, caller, 'user.second_factor_disabled', now),
    ],
    CODE_REFUSALS,
  )
}

async function ownFactor({ db, clock }: Deps, { principal }: Actor<SignedIn>) {
  const [callers, factors] = await db.batch([
    selectCaller(db, principal, clock()),
    selectFactor(db, principal.id),
  ])
  const caller = requireCaller(callers)
  const factor = factors[0]
  if (!factor) throw factorMissing()
  return { caller, factor }
}

/** The password and a code of a factor that is on. */
async function passBoth(
  deps: Deps,
  actor: Actor<SignedIn>,
  { current_password, code }: { current_password: string; code: string },
): Promise<{ caller: Caller; statements: Statement[] }> {
  const { factor } = await ownFactor(deps, actor)
  if (factor.confirmed_at === null) throw factorMissing()
  const { caller, statements } = await passPassword(deps, actor, current_password)
  const used = await passCode(deps, actor, { ...factor, id: caller.id, email: caller.email }, code, true)
  return { caller, statements: [...used, ...statements] }
}

async function newRecoveryCodes(
  { db }: Deps,
  user_id: string,
): Promise<{ codes: string[]; statements: [Statement, Statement] }> {
  const plain = Array.from({ length: RECOVERY_CODES }, () =>
    base32(crypto.getRandomValues(new Uint8Array(RECOVERY_BYTES))),
  )
  const rows = await Promise.all(
    plain.map(async code => ({ user_id, code_hash: await hashOfRecoveryCode(user_id, code) })),
  )
  return {
    codes: plain.map(code => code.match(/.{4}/g)?.join('-') ?? code),
    statements: [
      db.delete(recoveryCodes).where(eq(recoveryCodes.user_id, user_id)),
      db.insert(recoveryCodes).values(rows),
    ],
  }
}

const tell = (
  { db, ids }: Deps,
  { id, email }: Caller,
  template: 'second_factor_on' | 'second_factor_off',
  now: number,
): Statement => requestMail(db, ids, { template, recipient: email, event: `${template}:${id}:${now}` }, now)

const record = (
  { db, ids }: Deps,
  { request_id }: Actor,
  { id }: Caller,
  action: string,
  now: number,
): Statement => audit(db, ids, { actor: id, action, object_id: id, request_id, changes: {} }, now)

const factorExists = (): DomainError =>
  new DomainError(secondFactorExists, 'There is a second factor already.')
const factorMissing = (): DomainError => new DomainError(secondFactorMissing, 'There is no second factor.')
