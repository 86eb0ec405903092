// Wire shapes of logins, tokens and passwords.

import { z } from '@hono/zod-openapi'
import { list, Timestamp } from '../../http/schemas.ts'
import { LINE_PATTERN } from '../../lib/text.ts'
import { MAX_PASSWORD } from './password-policy.ts'

/** An email address, compared without regard to case. */
export const Email = z
  .email()
  .max(254)
  .regex(/^[\x21-\x7e]+$/)
  .toLowerCase()
  .openapi({ example: 'ada@example.com' })

/** A password as it is sent: any line of text. What makes a good new one is checked apart, and answered `password_refused`. */
export const Password = z
  .string()
  .min(1)
  .max(4 * MAX_PASSWORD)
  .regex(LINE_PATTERN)
  .openapi({ format: 'password', pattern: LINE_PATTERN.source, example: 'seven green kettles hum' })

export const NewPassword = Password.openapi({
  description: 'At least 15 characters, no other rule, but not one that is guessed first.',
})

/** Tokens of ours, as clients give them back. */
const OPAQUE = /^[\w.-]{1,200}$/

export const exampleLinkToken =
  'act_01M81J18G0F1WA11106WFXGE52.9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'

export const LinkToken = z
  .string()
  .regex(OPAQUE)
  .openapi({ description: 'The `token` of the link in the mail.', example: exampleLinkToken })

/** A code of a second factor: six digits, or a recovery code in any way of writing it. */
export const Code = z
  .string()
  .regex(/^[A-Za-z2-7 -]{24,40}$|^[0-9]{6}$/)
  .openapi({
    description: 'The six digits that the authenticator app shows, or a recovery code. It works once.',
    example: '123456',
  })

export const Login = z
  .strictObject({
    email: Email,
    password: Password,
    code: Code.optional().openapi({
      description:
        'The code of the second factor, if there is one and you have it at hand. Sent together with the password it opens the account even while others guess at it.',
    }),
  })
  .openapi('Login', { example: { email: 'ada@example.com', password: 'seven green kettles hum' } })

export const LoginWithCode = z
  .strictObject({
    mfa_token: LinkToken.openapi({ description: 'From the problem `mfa_required`.' }),
    code: Code,
  })
  .openapi('LoginWithCode', { example: { mfa_token: exampleLinkToken, code: '123456' } })

export const RefreshToken = z
  .strictObject({ refresh_token: z.string().regex(OPAQUE).openapi({ example: 'rt_9f86d081884c7d65' }) })
  .openapi('RefreshToken', {
    example: { refresh_token: 'rt_9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08' },
  })

export const Tokens = z
  .strictObject({
    access_token: z.string().openapi({ description: 'Send it as `Authorization: Bearer`.' }),
    token_type: z.literal('Bearer'),
    expires_in: z.int().openapi({ description: 'Seconds until the access token expires.', example: 900 }),
    scope: z.string().openapi({ description: 'What the token opens.', example: 'buyer' }),
    refresh_token: z.string().openapi({
      description: 'Good for one `POST /v1/auth/refresh`. Keep it where no other page can read it.',
    }),
    session_id: z.string().openapi({ example: 'ses_01KAMRCB9R0000000000000000' }),
    session_expires_at: Timestamp,
  })
  .openapi('Tokens', {
    description: 'What a login gives.',
    example: {
      access_token: 'eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiJ1c3JfMDEifQ.c2lnbmF0dXJl',
      token_type: 'Bearer',
      expires_in: 900,
      scope: 'buyer',
      refresh_token: 'rt_9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
      session_id: 'ses_01M81J18G0F1WA11106WFXGE52',
      session_expires_at: '2026-12-22T12:00:00.000Z',
    },
  })

export const RequestPasswordReset = z
  .strictObject({ email: Email })
  .openapi('RequestPasswordReset', { example: { email: 'ada@example.com' } })

export const ResetPassword = z
  .strictObject({ token: LinkToken, password: NewPassword })
  .openapi('ResetPassword', { example: { token: exampleLinkToken, password: 'seven green kettles hum' } })

export const ChangePassword = z
  .strictObject({ current_password: Password, new_password: NewPassword })
  .openapi('ChangePassword', {
    example: { current_password: 'seven green kettles hum', new_password: 'nine purple lanterns sing' },
  })

/** The answer that is the same whoever the email belongs to. */
export const MailOnItsWay = z.strictObject({ status: z.literal('mail_on_its_way') }).openapi('MailOnItsWay', {
  description: 'If there is something to do, a mail says how to go on.',
  example: { status: 'mail_on_its_way' },
})

const exampleSession = {
  id: 'ses_01M81J18G0F1WA11106WFXGE52',
  device: 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0',
  is_current: true,
  created_at: '2026-11-22T12:00:00.000Z',
  last_used_at: '2026-11-22T12:00:00.000Z',
  expires_at: '2026-12-22T12:00:00.000Z',
}

export const Session = z
  .strictObject({
    id: z.string().openapi({ example: 'ses_01KAMRCB9R0000000000000000' }),
    device: z.string().openapi({ description: '`User-Agent` of the login.' }),
    is_current: z.boolean().openapi({ description: 'The one that asks.' }),
    created_at: Timestamp,
    last_used_at: Timestamp,
    expires_at: Timestamp,
  })
  .openapi('Session', { description: 'One login.', example: exampleSession })

export const SessionList = list('SessionList', Session, exampleSession)

const CurrentPassword = Password.openapi({ description: 'The one that you log in with.' })

export const BeginSecondFactor = z
  .strictObject({ current_password: CurrentPassword })
  .openapi('BeginSecondFactor', { example: { current_password: 'seven green kettles hum' } })

export const ConfirmSecondFactor = z
  .strictObject({ code: Code })
  .openapi('ConfirmSecondFactor', { example: { code: '123456' } })

export const PasswordAndCode = z
  .strictObject({ current_password: CurrentPassword, code: Code })
  .openapi('PasswordAndCode', { example: { current_password: 'seven green kettles hum', code: '123456' } })

export const SecondFactor = z
  .strictObject({
    is_enabled: z.boolean(),
    enabled_at: Timestamp.nullable(),
    is_required: z.boolean().openapi({ description: 'The shop wants one of everybody in your role.' }),
    recovery_codes_left: z.int().openapi({ example: 10 }),
  })
  .openapi('SecondFactor', {
    description: 'Whether logging in takes a code.',
    example: {
      is_enabled: true,
      enabled_at: '2026-11-22T12:00:00.000Z',
      is_required: false,
      recovery_codes_left: 10,
    },
  })

export const SecondFactorSecret = z
  .strictObject({
    secret: z.string().openapi({ description: 'Base32, to type in.' }),
    otpauth_uri: z.string().openapi({ description: 'The same for a QR code.' }),
  })
  .openapi('SecondFactorSecret', {
    description: 'What an authenticator app needs. It is shown once.',
    example: {
      secret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP',
      otpauth_uri:
        'otpauth://totp/Curbside%20Goods:ada%40example.com?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Curbside%20Goods&algorithm=SHA1&digits=6&period=30',
    },
  })

export const RecoveryCodes = z
  .strictObject({ recovery_codes: z.array(z.string()) })
  .openapi('RecoveryCodes', {
    description:
      'For when the app is lost: each opens the account once, with the password. They are shown once.',
    example: { recovery_codes: ['K7QX-2MVA-P5ZC-T3RB-N6WD-4FHJ'] },
  })

export type Login = z.output<typeof Login>
export type LoginWithCode = z.output<typeof LoginWithCode>
export type SecondFactor = z.output<typeof SecondFactor>
export type SecondFactorSecret = z.output<typeof SecondFactorSecret>
export type RecoveryCodes = z.output<typeof RecoveryCodes>
export type Tokens = z.output<typeof Tokens>
export type Session = z.output<typeof Session>
