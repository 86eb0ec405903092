// Wire schemas that every feature shares. Rules stand in the schema itself (patterns, bounds), not in refinements,
// so that the OpenAPI document says all that the code checks.

import { z } from '@hono/zod-openapi'
import { MAX_AMOUNT } from '../lib/money.ts'
import { holdsCardNumber, LINE_PATTERN, MULTILINE_PATTERN, trim, VISIBLE_LINE_PATTERN } from '../lib/text.ts'

// The generator would write a pattern's flags into it, hence `source`: JSON Schema's patterns are Unicode anyway.

/**
 * One line of text that says something: without control characters and lone surrogates, and not of white space or
 * invisible characters alone. It is trimmed and NFC-normalised.
 */
export const line = (max: number) =>
  z
    .string()
    .max(max)
    .regex(
      VISIBLE_LINE_PATTERN,
      'Must be one line with a character that can be seen, and no control characters.',
    )
    .overwrite(trim)
    .normalize()
    // The pattern implies the least length; only one of them shall be reported.
    .openapi({ minLength: 1, pattern: VISIBLE_LINE_PATTERN.source })

/** One line of text that may say nothing, such as what somebody types into a search box. */
export const typedLine = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(LINE_PATTERN, 'Must be one line, without control characters.')
    .normalize()
    .openapi({ pattern: LINE_PATTERN.source })

/** Text of several lines. */
export const multiline = (max: number) =>
  z
    .string()
    .max(max)
    .regex(MULTILINE_PATTERN, 'Must have no control characters but tabs and line ends.')
    .normalize()
    .openapi({ pattern: MULTILINE_PATTERN.source })

/**
 * A named schema, or null. `lazy` is for the document: without it the generator declares the named schema itself
 * nullable, or demands an object that is null.
 */
export const orNull = <T extends z.ZodType>(schema: T) => z.lazy(() => schema).nullable()

/** Refuses text that holds a card number, wherever a person may type one by mistake. Clients send tokens instead. */
export const noCardNumber = (text: string): boolean => !holdsCardNumber(text)
export const CARD_NUMBER_REFUSAL =
  'Never send a card number: send the token that the payment provider gave you.'

const typed = (max: number) => line(max).refine(noCardNumber, CARD_NUMBER_REFUSAL)

export const Timestamp = z.iso
  .datetime()
  .openapi({ description: 'RFC 3339, UTC.', example: '2026-11-22T12:00:00.000Z' })

export const Currency = z
  .string()
  .regex(/^[A-Z]{3}$/, 'Must be a currency code of three capital letters, such as EUR.')
  .openapi({ description: 'ISO 4217 code, upper case.', example: 'EUR' })

export const Country = z
  .string()
  .regex(/^[A-Z]{2}$/, 'Must be a country code of two capital letters, such as DE.')
  .openapi({ description: 'ISO 3166-1 alpha-2 code, upper case.', example: 'DE' })

export const Amount = z
  .int()
  .min(0)
  .max(MAX_AMOUNT)
  .openapi({ description: 'Minor units of the currency: cents for EUR, whole yen for JPY.', example: 1999 })

export const Money = z.strictObject({ amount: Amount, currency: Currency }).openapi('Money', {
  description: 'An amount in minor units of its currency.',
  example: { amount: 1999, currency: 'EUR' },
})

/** A whole number in a query string, by pattern: no coercion, so `0x10` and `1e2` are refused. */
export const queryInt = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,13}$/, 'Must be a whole number in digits.')
    .transform(Number)
    .pipe(z.int().min(min).max(max))
    .openapi({ type: 'integer', minimum: min, maximum: max })

/** `true` or `false` in a query string, nothing else. */
export const queryBoolean = () =>
  z
    .enum(['true', 'false'])
    .transform(text => text === 'true')
    .openapi({ type: 'boolean' })

/** An instant in a query string, as epoch milliseconds. */
export const queryTime = (description: string) =>
  z.iso
    .datetime()
    .max(40)
    .transform(text => Date.parse(text))
    .openapi({
      type: 'string',
      format: 'date-time',
      maxLength: 40,
      description,
      example: '2026-11-22T12:00:00.000Z',
    })

export const Page = {
  limit: queryInt(1, 100).optional().openapi({
    type: 'integer',
    minimum: 1,
    maximum: 100,
    description: 'How many at most. 20 when left out.',
    example: 20,
  }),
  cursor: line(1400)
    .optional()
    .openapi({ description: '`next_cursor` of the page before. The first page when left out.' }),
}

export const DEFAULT_LIMIT = 20

/** The envelope of every list: `name` in the document, an example of one item, and fields that only this list has. */
export const list = <T extends z.ZodType, E extends z.ZodRawShape = Record<never, never>>(
  name: string,
  item: T,
  example: unknown,
  extra: E = {} as E,
) =>
  z
    .strictObject({
      data: z.array(item),
      next_cursor: z
        .string()
        .nullable()
        .openapi({ description: 'Pass it as `cursor` for the next page; null on the last one.' }),
      ...extra,
    })
    .openapi(name, {
      description: 'One page of a list.',
      example: { data: [example], next_cursor: 'WyJuZXdlc3QiLDE3OTUzNDg4MDAwMDAsInByb2RfMDEiXQ' },
    })

export const Address = z
  .strictObject({
    name: typed(200).openapi({ description: 'The person.', example: 'Ada Lovelace' }),
    company: typed(200).optional().openapi({ example: 'Analytical Engines Ltd' }),
    line1: typed(200).openapi({ description: 'Street and number.', example: 'Rosenweg 7' }),
    line2: typed(200).optional().openapi({ description: 'Flat, floor or building.' }),
    city: typed(100).openapi({ example: 'Berlin' }),
    region: line(10).optional().openapi({
      description: 'The part of the ISO 3166-2 code after the hyphen; needed in US, CA and AU.',
      example: 'BE',
    }),
    postal_code: line(20)
      .optional()
      .openapi({ description: 'Needed where the country has postal codes.', example: '10115' }),
    country: Country,
  })
  .openapi('Address', {
    description: 'A postal address, checked by the rules of its country.',
    example: {
      name: 'Ada Lovelace',
      line1: 'Rosenweg 7',
      city: 'Berlin',
      postal_code: '10115',
      country: 'DE',
    },
  })
