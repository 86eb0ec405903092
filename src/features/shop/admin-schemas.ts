// Wire shapes of the shop's settings, as those who run it see and change them.

import { z } from '@hono/zod-openapi'
import { Country, Currency, line, Timestamp } from '../../http/schemas.ts'

const Policy = z.strictObject({
  type: z.enum(['terms_of_service', 'privacy_policy', 'refund_policy', 'shipping_policy', 'contact']),
  url: z
    .string()
    .max(2048)
    .regex(/^(?:https:\/\/[^\s/]|\/(?!\/))\S*$/)
    .openapi({
      description: 'An https address, or a path of this shop, which begins with one slash.',
      example: 'https://shop.example/terms',
    }),
})

const settings = {
  name: line(100).openapi({ example: 'Curbside Goods' }),
  email: z
    .email()
    .max(254)
    .nullable()
    .openapi({ description: 'Where buyers can write to.', example: 'hello@shop.example' }),
  default_currency: Currency.openapi({ description: 'One of `currencies`.', example: 'EUR' }),
  currencies: z
    .array(Currency)
    .min(1)
    .max(20)
    .openapi({
      description: 'What the shop sells in. A product is for sale in those that it has a price in.',
      example: ['EUR', 'USD'],
    }),
  home_country: Country.openapi({
    description: 'Where a basket without an address is assumed to go, for estimates.',
  }),
  prices_include_tax: z
    .boolean()
    .openapi({ description: 'Whether the prices of variants and shipping contain tax.' }),
  policies: z.array(Policy).max(10),
  low_stock_threshold: z.int().min(0).max(1_000_000).openapi({
    description:
      'A variant is low in stock when this many or fewer are available, unless it has a threshold of its own.',
    example: 5,
  }),
}

const exampleSettings = {
  name: 'Curbside Goods',
  email: 'hello@shop.example',
  default_currency: 'EUR',
  currencies: ['EUR', 'USD'],
  home_country: 'DE',
  prices_include_tax: true,
  policies: [{ type: 'terms_of_service' as const, url: 'https://shop.example/terms' }],
  low_stock_threshold: 5,
}

export const ShopSettings = z.strictObject({ ...settings, updated_at: Timestamp }).openapi('ShopSettings', {
  description: 'The settings of the shop, as they are kept.',
  example: { ...exampleSettings, updated_at: '2026-11-22T12:00:00.000Z' },
})

export const UpdateShopSettings = z
  .strictObject(settings)
  .partial()
  .openapi('UpdateShopSettings', {
    description: 'What is to change; what is left out stays.',
    example: { name: 'Curbside Goods & Co' },
  })

export type ShopSettings = z.output<typeof ShopSettings>
export type UpdateShopSettings = z.output<typeof UpdateShopSettings>
