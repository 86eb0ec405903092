// Wire shapes of tax rates.

import { z } from '@hono/zod-openapi'
import { fieldsOf, trimmableList } from '../../http/fields.ts'
import { Country, line, Page, Timestamp } from '../../http/schemas.ts'

const Region = z
  .string()
  .regex(/^[A-Z0-9]{1,3}$/)
  .max(3)
  .nullable()
  .openapi({
    description:
      'ISO 3166-2, what follows the hyphen; null for the whole country. Rates of a region add to those of its country.',
    example: 'QC',
  })

const fields = {
  name: line(255).openapi({ description: 'As it stands on orders.', example: 'MwSt' }),
  country: Country,
  region: Region,
  tax_class: line(50).openapi({
    description: 'Which variants bear it: those of this class. Shipping is `standard`.',
    example: 'standard',
  }),
  rate_ppm: z
    .int()
    .min(0)
    .max(1_000_000)
    .openapi({ description: 'Parts per million: 190000 is 19 %.', example: 190_000 }),
  applies_to_shipping: z.boolean(),
}

const exampleFields = {
  name: 'TVQ',
  country: 'CA',
  region: 'QC',
  tax_class: 'standard',
  rate_ppm: 99_750,
  applies_to_shipping: true,
}
const exampleRate = {
  id: 'tax_01M81J18G0F1WA11106WFXGE4J',
  ...exampleFields,
  updated_at: '2026-11-22T12:00:00.000Z',
}

export const TaxRate = z
  .strictObject({ id: z.string().openapi({ example: exampleRate.id }), ...fields, updated_at: Timestamp })
  .openapi('TaxRate', { description: 'A tax that is charged in a place.', example: exampleRate })

export const CreateTaxRate = z
  .strictObject({ ...fields, region: Region.default(null) })
  .openapi('CreateTaxRate', { description: 'A new tax rate.', example: exampleFields })

export const UpdateTaxRate = z
  .strictObject(fields)
  .partial()
  .openapi('UpdateTaxRate', {
    description: 'What is to change; what is left out stays.',
    example: { rate_ppm: 100_000 },
  })

export const TaxRateList = trimmableList('TaxRateList', TaxRate, exampleRate)
export const TaxRateQuery = z.strictObject({
  country: Country.optional().openapi({ description: 'Only those of this country and its regions.' }),
  sort: z.enum(['newest', 'oldest']).optional().openapi({ description: '`oldest` when left out.' }),
  ...Page,
  fields: fieldsOf(TaxRate),
})

export type TaxRate = z.output<typeof TaxRate>
export type CreateTaxRate = z.output<typeof CreateTaxRate>
export type UpdateTaxRate = z.output<typeof UpdateTaxRate>
export type TaxRateQuery = z.output<typeof TaxRateQuery>
