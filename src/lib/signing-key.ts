// The shape of the keys that sign access tokens: private JWKs (RFC 7517) on P-256 with the times of their life.

import { z } from 'zod'

const coordinate = z.string().regex(/^[\w-]{43}$/, 'must be 32 bytes in base64url')
const time = z.iso.datetime().transform(text => Date.parse(text))

/** How long an access token lives: RFC 9068 leaves it to us, 15 minutes bound what a stolen one is good for. */
export const ACCESS_TOKEN_SECONDS = 15 * 60

const SigningKeySchema = z
  .strictObject({
    kty: z.literal('EC'),
    crv: z.literal('P-256'),
    x: coordinate,
    y: coordinate,
    d: coordinate,
    kid: z.string().regex(/^[\w.-]{1,64}$/),
    created_at: time,
    /** From when on it signs. */
    active_at: time,
    /** From when on nothing that it signed is accepted. */
    retire_at: time,
  })
  .refine(key => key.created_at <= key.active_at && key.active_at < key.retire_at, {
    message: 'created_at, active_at and retire_at must follow each other',
  })

export type SigningKey = z.output<typeof SigningKeySchema>

/** `SIGNING_KEYS`: a JSON array, ordered here by when each begins to sign. A rotation may fail no live token. */
export const SigningKeys = z
  .string()
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text)
    } catch {
      context.addIssue({ code: 'custom', message: 'must be a JSON array of private JWKs' })
      return z.NEVER
    }
  })
  .pipe(z.array(SigningKeySchema))
  .transform(keys => keys.toSorted((a, b) => a.active_at - b.active_at))
  .superRefine((keys, context) => {
    if (new Set(keys.map(key => key.kid)).size !== keys.length) {
      context.addIssue({ code: 'custom', message: 'two keys share a kid' })
    }
    keys.forEach((key, i) => {
      const next = keys[i + 1]
      if (next && key.retire_at < next.active_at + ACCESS_TOKEN_SECONDS * 1000) {
        context.addIssue({
          code: 'custom',
          message: `${key.kid} must not retire before its last tokens expire: ${ACCESS_TOKEN_SECONDS} s after ${next.kid} becomes active`,
        })
      }
    })
  })
