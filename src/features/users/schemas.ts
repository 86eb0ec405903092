// Wire shapes of accounts.

import { z } from '@hono/zod-openapi'
import {
  CARD_NUMBER_REFUSAL,
  line,
  list,
  noCardNumber,
  Address as PostalAddress,
  Timestamp,
} from '../../http/schemas.ts'
import { Email, exampleLinkToken, LinkToken, NewPassword, Password } from '../auth/schemas.ts'

const Name = line(200).refine(noCardNumber, CARD_NUMBER_REFUSAL).openapi({ example: 'Ada Lovelace' })
const Phone = z
  .string()
  .regex(/^\+?[0-9 ()./-]{5,30}$/)
  .openapi({ example: '+49 30 1234567' })

export const RegisterUser = z
  .strictObject({ email: Email, password: NewPassword, name: Name.optional() })
  .openapi('RegisterUser', {
    example: { email: 'ada@example.com', password: 'seven green kettles hum', name: 'Ada Lovelace' },
  })

export const VerifyUser = z
  .strictObject({
    token: LinkToken,
    password: Password.openapi({ description: 'The one of the registration: it proves that it was yours.' }),
  })
  .openapi('VerifyUser', { example: { token: exampleLinkToken, password: 'seven green kettles hum' } })

export const ChangeEmail = z
  .strictObject({
    new_email: Email,
    current_password: Password.openapi({ description: 'The one that you log in with.' }),
  })
  .openapi('ChangeEmail', {
    example: { new_email: 'ada.king@example.com', current_password: 'seven green kettles hum' },
  })

export const ConfirmEmail = z
  .strictObject({ token: LinkToken })
  .openapi('ConfirmEmail', { example: { token: exampleLinkToken } })

export const User = z
  .strictObject({
    id: z.string().openapi({ example: 'usr_01KAMRCB9R0000000000000000' }),
    email: z.string().openapi({ example: 'ada@example.com' }),
    name: z.string().nullable(),
    phone: z.string().nullable(),
    email_verified_at: Timestamp,
    created_at: Timestamp,
    updated_at: Timestamp,
  })
  .openapi('User', {
    description: 'A person with an account.',
    example: {
      id: 'usr_01M81J18G0F1WA11106WFXGE52',
      email: 'ada@example.com',
      name: 'Ada Lovelace',
      phone: null,
      email_verified_at: '2026-11-22T12:00:00.000Z',
      created_at: '2026-11-22T12:00:00.000Z',
      updated_at: '2026-11-22T12:00:00.000Z',
    },
  })

export const UpdateUser = z
  .strictObject({ name: Name.nullable().optional(), phone: Phone.nullable().optional() })
  .openapi('UpdateUser', {
    description: 'What is left out stays; null clears.',
    example: { name: 'Ada King', phone: null },
  })

const exampleSaved = {
  id: 'addr_01M81J18G0F1WA11106WFXGE52',
  address: { name: 'Ada Lovelace', line1: 'Rosenweg 7', city: 'Berlin', postal_code: '10115', country: 'DE' },
  is_default: true,
  created_at: '2026-11-22T12:00:00.000Z',
  updated_at: '2026-11-22T12:00:00.000Z',
}

export const SavedAddress = z
  .strictObject({
    id: z.string().openapi({ example: 'addr_01KAMRCB9R0000000000000000' }),
    address: PostalAddress,
    is_default: z.boolean().openapi({ description: 'The one to offer first; at most one.' }),
    created_at: Timestamp,
    updated_at: Timestamp,
  })
  .openapi('SavedAddress', { description: 'One entry of the address book.', example: exampleSaved })

export const SavedAddressList = list('SavedAddressList', SavedAddress, exampleSaved)

export const CreateAddress = z
  .strictObject({ address: PostalAddress, is_default: z.boolean().default(false) })
  .openapi('CreateAddress', { example: { address: exampleSaved.address, is_default: true } })

export const UpdateAddress = z
  .strictObject({ address: PostalAddress.optional(), is_default: z.boolean().optional() })
  .openapi('UpdateAddress', {
    description: 'What is left out stays. An address is replaced whole.',
    example: { is_default: true },
  })

export const PersonalData = z
  .strictObject({
    format: z.literal('curbside.personal-data/1'),
    exported_at: Timestamp,
    tables: z
      .record(z.string(), z.array(z.record(z.string(), z.unknown())))
      .openapi({ description: 'Everything that is stored about the person, by table.' }),
  })
  .openapi('PersonalData', {
    description: 'All that the shop knows about a person, without what would open their account.',
    example: {
      format: 'curbside.personal-data/1',
      exported_at: '2026-11-22T12:00:00.000Z',
      tables: { users: [{ id: 'usr_01M81J18G0F1WA11106WFXGE52', email: 'ada@example.com' }] },
    },
  })

export type RegisterUser = z.output<typeof RegisterUser>
export type VerifyUser = z.output<typeof VerifyUser>
export type User = z.output<typeof User>
export type UpdateUser = z.output<typeof UpdateUser>
export type SavedAddress = z.output<typeof SavedAddress>
export type CreateAddress = z.output<typeof CreateAddress>
export type UpdateAddress = z.output<typeof UpdateAddress>
export type PersonalData = z.output<typeof PersonalData>
