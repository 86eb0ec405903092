// Wire shape of the shop itself.

import { z } from '@hono/zod-openapi'
import { Country, Currency } from '../../http/schemas.ts'

export const Shop = z
  .strictObject({
    name: z.string().openapi({ example: 'Curbside Goods' }),
    email: z.string().nullable().openapi({ description: 'Where buyers can write to.' }),
    default_currency: Currency,
    currencies: z.array(Currency).openapi({ example: ['EUR', 'USD'] }),
    countries: z.array(Country).openapi({ description: 'Where the shop ships to.', example: ['DE', 'AT'] }),
    ships_worldwide: z
      .boolean()
      .openapi({ description: 'A zone covers the rest of the world beside `countries`.' }),
    prices_include_tax: z.boolean(),
    policies: z.array(
      z.strictObject({
        type: z.enum(['terms_of_service', 'privacy_policy', 'refund_policy', 'shipping_policy', 'contact']),
        url: z.url(),
      }),
    ),
  })
  .openapi('Shop', {
    description: 'What everybody may know of the shop.',
    example: {
      name: 'Curbside Goods',
      email: 'hello@shop.example',
      default_currency: 'EUR',
      currencies: ['EUR', 'USD'],
      countries: ['AT', 'DE'],
      ships_worldwide: false,
      prices_include_tax: true,
      policies: [{ type: 'terms_of_service', url: 'https://shop.example/terms' }],
    },
  })
export type Shop = z.output<typeof Shop>
