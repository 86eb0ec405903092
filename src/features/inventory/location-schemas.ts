// Wire shapes of locations.

import { z } from '@hono/zod-openapi'
import { fieldsOf, trimmableList } from '../../http/fields.ts'
import { Country, line, orNull, Page, queryBoolean, Timestamp } from '../../http/schemas.ts'

const LocationAddress = z
  .strictObject({
    line1: line(200).openapi({ description: 'Street and number.', example: 'Hafenstraße 12' }),
    line2: line(200).optional().openapi({ description: 'Gate, floor or building.' }),
    city: line(100).openapi({ example: 'Hamburg' }),
    region: line(10).optional().openapi({
      description: 'The part of the ISO 3166-2 code after the hyphen; needed in US, CA and AU.',
      example: 'HH',
    }),
    postal_code: line(20)
      .optional()
      .openapi({ description: 'Needed where the country has postal codes.', example: '20457' }),
    country: Country,
  })
  .openapi('LocationAddress', {
    description: 'Where a location is, checked by the rules of its country.',
    example: { line1: 'Hafenstraße 12', city: 'Hamburg', postal_code: '20457', country: 'DE' },
  })

const fields = {
  name: line(100).openapi({ example: 'Warehouse Hamburg' }),
  code: z
    .string()
    .regex(/^[A-Z0-9][A-Z0-9_-]{0,31}$/)
    .openapi({ description: 'Short and unique, for people and other systems.', example: 'HAM' }),
  address: orNull(LocationAddress),
  priority: z.int().min(0).max(1_000_000).openapi({
    description: 'Orders take from the location with the lowest number first; among equals, from the oldest.',
    example: 10,
  }),
  is_active: z.boolean().openapi({
    description: 'Buyers can only get what lies at active locations. Making one inactive keeps its stock.',
  }),
}

const exampleLocation = {
  id: 'loc_01M81J18G0F1WA11106WFXGE60',
  name: 'Warehouse Hamburg',
  code: 'HAM',
  address: { line1: 'Hafenstraße 12', city: 'Hamburg', postal_code: '20457', country: 'DE' },
  priority: 10,
  is_active: true,
  is_default: false,
  created_at: '2026-11-22T12:00:00.000Z',
  updated_at: '2026-11-22T12:00:00.000Z',
}

export const Location = z
  .strictObject({
    id: z.string().openapi({ example: exampleLocation.id }),
    ...fields,
    is_default: z.boolean().openapi({
      description: 'Stock that nobody names a location for goes here. There is one such location.',
    }),
    created_at: Timestamp,
    updated_at: Timestamp,
  })
  .openapi('Location', { description: 'Where goods lie.', example: exampleLocation })

export const LocationList = trimmableList('LocationList', Location, exampleLocation)

export const CreateLocation = z
  .strictObject({
    ...fields,
    address: LocationAddress.optional(),
    priority: fields.priority.default(100),
    is_active: fields.is_active.default(true),
  })
  .openapi('CreateLocation', {
    description: 'A place where goods lie. It begins empty.',
    example: { name: 'Warehouse Hamburg', code: 'HAM', priority: 10 },
  })

export const UpdateLocation = z
  .strictObject(fields)
  .partial()
  .openapi('UpdateLocation', {
    description: 'What is to change; what is left out stays.',
    example: { priority: 20 },
  })

export const LOCATION_SORTS = ['priority', 'newest'] as const

export const ListLocations = z.strictObject({
  ...Page,
  is_active: queryBoolean()
    .optional()
    .openapi({ description: 'Only active ones, or only those that are not.' }),
  sort: z
    .enum(LOCATION_SORTS)
    .optional()
    .openapi({ description: '`priority` (the default): in the order in which orders take from them.' }),
  fields: fieldsOf(Location),
})

export type Location = z.output<typeof Location>
export type CreateLocation = z.output<typeof CreateLocation>
export type UpdateLocation = z.output<typeof UpdateLocation>
export type ListLocations = z.output<typeof ListLocations>
