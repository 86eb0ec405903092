// Wire shapes of shipping zones and their rates.

import { z } from '@hono/zod-openapi'
import { fieldsOf, trimmableList } from '../../http/fields.ts'
import { line, Money, Page, Timestamp } from '../../http/schemas.ts'

const MAX_PLACES = 300
const MAX_RATES = 50
const MAX_TIERS = 50

const Place = z
  .strictObject({
    country: z
      .string()
      .regex(/^(?:[A-Z]{2}|\*)$/)
      .max(2)
      .openapi({ description: 'ISO 3166-1 alpha-2; `*` is the rest of the world.', example: 'DE' }),
    regions: z
      .array(
        z
          .string()
          .regex(/^[A-Z0-9]{1,3}$/)
          .max(3)
          .openapi({ example: 'CA' }),
      )
      .min(1)
      .max(100)
      .optional()
      .openapi({ description: 'ISO 3166-2, what follows the hyphen. The whole country when left out.' }),
  })
  .openapi('ShippingPlace', { description: 'A country, or some of its regions.', example: { country: 'DE' } })

const Price = z
  .array(Money)
  .min(1)
  .max(20)
  .openapi({ description: 'One a currency; the rate is not offered in others. 0 is free.' })

const RateRule = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('flat'), price: Price }),
    z.strictObject({
      kind: z.literal('by_weight'),
      tiers: z
        .array(z.strictObject({ from_grams: z.int().min(0).max(100_000_000), price: Price }))
        .min(1)
        .max(MAX_TIERS),
      max_grams: z
        .int()
        .min(1)
        .max(100_000_000)
        .nullable()
        .default(null)
        .openapi({ description: 'Not offered for what is heavier.' }),
    }),
    z.strictObject({
      kind: z.literal('by_subtotal'),
      tiers: z
        .array(z.strictObject({ from: Price, price: Price }))
        .min(1)
        .max(MAX_TIERS),
    }),
  ])
  .openapi('ShippingRateRule', {
    description: 'How the price comes about. A tier reaches up to where the next one begins.',
  })

const Eta = z
  .strictObject({ min: z.int().min(0).max(365), max: z.int().min(0).max(365) })
  .nullable()
  .openapi({ description: 'Days until it arrives.' })

const rate = { title: line(255).openapi({ example: 'Standard' }), rule: RateRule }

const Rate = z
  .strictObject({
    id: z.string().openapi({ example: 'ship_01M81J18G0F1WA11106WFXGE4J' }),
    ...rate,
    eta_days: Eta,
  })
  .openapi('ShippingRate', { description: 'One way of sending things to a zone.' })

const RateInput = z
  .strictObject({
    id: line(60).optional().openapi({
      description: 'Id of a rate of this zone, to keep it; without, it is a new one.',
      example: 'ship_01M81J18G0F1WA11106WFXGE4J',
    }),
    ...rate,
    eta_days: Eta.default(null),
  })
  .openapi('ShippingRateInput', { description: 'A rate as it is to be.' })

const fields = {
  name: line(255).openapi({ example: 'Nordics' }),
  places: z.array(Place).min(1).max(MAX_PLACES),
}
const Rates = z.array(RateInput).max(MAX_RATES).openapi({
  description:
    'In the order in which they are offered. The list replaces the one before. Without any the shop does not ship there.',
})

const exampleFields = {
  name: 'Nordics',
  places: [{ country: 'SE' }, { country: 'DK' }, { country: 'FI' }],
}
const exampleRate = {
  title: 'Standard',
  rule: { kind: 'flat' as const, price: [{ amount: 990, currency: 'EUR' }] },
  eta_days: { min: 3, max: 6 },
}
const exampleZone = {
  id: 'zone_01M81J18G0F1WA11106WFXGE4J',
  ...exampleFields,
  rates: [{ id: 'ship_01M81J18G0F1WA11106WFXGE4J', ...exampleRate }],
  updated_at: '2026-11-22T12:00:00.000Z',
}

export const ShippingZone = z
  .strictObject({
    id: z.string().openapi({ example: exampleZone.id }),
    ...fields,
    rates: z.array(Rate),
    updated_at: Timestamp,
  })
  .openapi('ShippingZone', {
    description: 'Where the shop ships to, and for how much.',
    example: exampleZone,
  })

export const CreateShippingZone = z
  .strictObject({ ...fields, rates: Rates.default([]) })
  .openapi('CreateShippingZone', {
    description: 'A new zone.',
    example: { ...exampleFields, rates: [exampleRate] },
  })

export const UpdateShippingZone = z
  .strictObject({ ...fields, rates: Rates })
  .partial()
  .openapi('UpdateShippingZone', {
    description: 'What is to change; what is left out stays. Lists are replaced whole.',
    example: { name: 'The north' },
  })

export const ShippingZoneList = trimmableList('ShippingZoneList', ShippingZone, exampleZone)
export const ShippingZoneQuery = z.strictObject({
  sort: z.enum(['newest', 'oldest']).optional().openapi({ description: '`oldest` when left out.' }),
  ...Page,
  fields: fieldsOf(ShippingZone),
})

export type ShippingZone = z.output<typeof ShippingZone>
export type ShippingRateInput = z.output<typeof RateInput>
export type CreateShippingZone = z.output<typeof CreateShippingZone>
export type UpdateShippingZone = z.output<typeof UpdateShippingZone>
export type ShippingZoneQuery = z.output<typeof ShippingZoneQuery>
