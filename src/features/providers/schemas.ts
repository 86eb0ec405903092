// Wire shapes of logins at outside providers.

import { z } from '@hono/zod-openapi'
import { list, Timestamp } from '../../http/schemas.ts'
import { exampleLinkToken, LinkToken } from '../auth/schemas.ts'

const exampleProvider = { id: 'google', name: 'Google' }

export const Provider = z
  .strictObject({ id: z.string(), name: z.string() })
  .openapi('Provider', { description: 'Where people may log in instead.', example: exampleProvider })

export const ProviderList = list('ProviderList', Provider, exampleProvider)

const STATE =
  'plg_01M81J18G0F1WA11106WFXGE52.9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'
const BINDING = '7d865e959b2466918c9863afca942d0fb89d7c9ac0c99bafc3749504ded97730'
const TOKEN = /^[\w.-]{1,200}$/

export const StartedLogin = z
  .strictObject({
    authorization_url: z.url().openapi({ description: 'Send the browser there.' }),
    state: z.string().openapi({ description: 'Comes back from the provider, beside the code.' }),
    binding: z.string().openapi({
      description:
        'Keep it in this browser (sessionStorage) and send it when the login is finished: it proves that the same browser began it.',
    }),
    expires_in: z.int().openapi({ description: 'Seconds until it must be finished.', example: 600 }),
  })
  .openapi('StartedLogin', {
    description: 'A login that goes on at the provider.',
    example: {
      authorization_url: `https://accounts.example/authorize?response_type=code&client_id=shop&state=${STATE}`,
      state: STATE,
      binding: BINDING,
      expires_in: 600,
    },
  })

export const FinishLogin = z
  .strictObject({
    code: z
      .string()
      .min(1)
      .max(2048)
      .regex(/^[\x21-\x7e]+$/)
      .openapi({ description: 'From the provider.' }),
    state: z.string().regex(TOKEN),
    binding: z.string().regex(TOKEN),
    iss: z
      .url()
      .max(500)
      .optional()
      .openapi({ description: 'From the provider, if it came along (RFC 9207).' }),
  })
  .openapi('FinishLogin', {
    example: { code: 'SplxlOBeZQQYbYS6WxSbIA', state: STATE, binding: BINDING },
  })

export const ConfirmLink = z
  .strictObject({ token: LinkToken })
  .openapi('ConfirmLink', { example: { token: exampleLinkToken } })

const exampleIdentity = {
  id: 'idn_01M81J18G0F1WA11106WFXGE52',
  provider: 'google',
  created_at: '2026-11-22T12:00:00.000Z',
}

export const Identity = z
  .strictObject({
    id: z.string(),
    provider: z.string().openapi({ description: 'Id of the provider.' }),
    created_at: Timestamp,
  })
  .openapi('Identity', { description: 'A login elsewhere that opens the account.', example: exampleIdentity })

export const IdentityList = list('IdentityList', Identity, exampleIdentity)

export type StartedLogin = z.output<typeof StartedLogin>
export type FinishLogin = z.output<typeof FinishLogin>
export type Identity = z.output<typeof Identity>
