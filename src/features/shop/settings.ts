// The shop's settings, for those who run it.

import { and, eq, sql } from 'drizzle-orm'
import { atomic } from '../../db/atomic.ts'
import { guardChangedOne } from '../../db/guards.ts'
import type { Deps } from '../../deps.ts'
import { staleVersion, VERSION_REFUSALS, type Versioned } from '../../http/conditional.ts'
import type { Actor } from '../../http/context.ts'
import { invalidInput } from '../../http/errors.ts'
import { isCountry } from '../../lib/address.ts'
import { rfc3339 } from '../../lib/clock.ts'
import { DomainError, type FieldError } from '../../lib/errors.ts'
import { isCurrency } from '../../lib/money.ts'
import { auditBy, changesOf } from '../audit/statements.ts'
import type { ShopSettings, UpdateShopSettings } from './admin-schemas.ts'
import { shopNotSetUp } from './errors.ts'
import { shopSettings } from './table.ts'

type Row = typeof shopSettings.$inferSelect

/** Reads the settings. Raises `shop_not_set_up`. */
export async function getShopSettings({ db }: Deps): Promise<Versioned<ShopSettings>> {
  const [row] = await db.select().from(shopSettings)
  if (!row) throw new DomainError(shopNotSetUp, 'No settings have been loaded.', { retryAfterSeconds: 60 })
  return view(row)
}

/** Changes the settings of a version. Raises `shop_not_set_up`, `version_stale`, `invalid_input`. */
export async function updateShopSettings(
  deps: Deps,
  actor: Actor,
  version: number,
  input: UpdateShopSettings,
): Promise<Versioned<ShopSettings>> {
  const { db, clock } = deps
  const now = clock()
  const [before] = await db.select().from(shopSettings)
  if (!before) throw new DomainError(shopNotSetUp, 'No settings have been loaded.', { retryAfterSeconds: 60 })
  if (before.version !== version) throw staleVersion()
  const row: Row = { ...before, ...input, version: version + 1, updated_at: now }
  refuseSettings(row)
  await atomic(
    db,
    [
      db
        .update(shopSettings)
        .set({ ...input, version: sql`version + 1`, updated_at: now })
        .where(and(eq(shopSettings.id, before.id), eq(shopSettings.version, version))),
      guardChangedOne(db, 'guard_version_current'),
      auditBy(deps, actor, 'shop.settings_updated', 'shop', changesOf(before, input), now),
    ],
    VERSION_REFUSALS,
  )
  return view(row)
}

function refuseSettings({ currencies, default_currency, home_country }: Row): void {
  const errors: FieldError[] = []
  const refuse = (pointer: string, code: string, detail: string) =>
    errors.push({ in: 'body', pointer, code, detail })
  currencies.forEach((currency, i) => {
    if (!isCurrency(currency)) refuse(`/currencies/${i}`, 'currency_unknown', 'Not a currency of ISO 4217.')
    if (currencies.indexOf(currency) < i) refuse(`/currencies/${i}`, 'duplicate', 'Stands here twice.')
  })
  if (!currencies.includes(default_currency)) {
    refuse('/default_currency', 'currency_not_offered', 'Must be one of `currencies`.')
  }
  if (!isCountry(home_country)) refuse('/home_country', 'country_unknown', 'Not a country of ISO 3166-1.')
  if (errors.length > 0)
    throw new DomainError(invalidInput, 'These settings do not fit together.', { errors })
}

/** All but what the policy for logins says (staff/login-policy.ts). */
const view = ({
  id: _id,
  require_mfa_for: _policy,
  version,
  updated_at,
  ...settings
}: Row): Versioned<ShopSettings> => ({
  body: { ...settings, updated_at: rfc3339(updated_at) },
  version,
})
