// The shop's own settings, as everybody may see them.

import { sql } from 'drizzle-orm'
import type { Deps } from '../../deps.ts'
import { DomainError } from '../../lib/errors.ts'
import { absoluteUrl } from '../../lib/url.ts'
import type { ZonePlace } from '../pricing/model.ts'
import { shippingRates, shippingZones } from '../shipping/table.ts'
import { shopNotSetUp } from './errors.ts'
import type { Shop } from './schemas.ts'
import { shopSettings } from './table.ts'

/** Reads the shop's name, currencies, countries and policies. Raises `shop_not_set_up`. */
export async function getShop(deps: Deps): Promise<Shop> {
  const [row] = await deps.db
    .select({
      settings: shopSettings,
      // A zone without rates keeps its places out.
      places: sql<string>`(SELECT json_group_array(json(places)) FROM ${shippingZones}
        WHERE id IN (SELECT zone_id FROM ${shippingRates}))`,
    })
    .from(shopSettings)
  if (!row) throw new DomainError(shopNotSetUp, 'No settings have been loaded.', { retryAfterSeconds: 60 })
  const places: ZonePlace[] = JSON.parse(row.places).flat()
  const countries = new Set(places.map(place => place.country))
  const ships_worldwide = countries.delete('*')
  const { settings } = row
  return {
    name: settings.name,
    email: settings.email,
    default_currency: settings.default_currency,
    currencies: settings.currencies,
    countries: [...countries].sort(),
    ships_worldwide,
    prices_include_tax: settings.prices_include_tax,
    policies: settings.policies.map(({ type, url }) => ({
      type,
      url: absoluteUrl(deps.config.PUBLIC_URL, url),
    })),
  }
}
