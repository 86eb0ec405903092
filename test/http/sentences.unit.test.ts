// What a developer reads of a value that is not valid: a sentence, for each kind of issue that zod can raise.

import { z } from '@hono/zod-openapi'
import { expect, test } from 'vitest'
import { Country, Currency, line, queryBoolean, queryInt } from '../../src/http/schemas.ts'
import { speakInSentences } from '../../src/http/sentences.ts'

speakInSentences()

const cases: [what: string, schema: z.ZodType, value: unknown, sentence: string][] = [
  ['a missing field', z.string(), undefined, 'Is missing.'],
  ['a number for a text', z.string(), 1, 'Must be a text.'],
  ['a text for a number', z.number(), 'x', 'Must be a number.'],
  ['a fraction', z.int(), 1.5, 'Must be a whole number.'],
  ['infinity', z.int(), Number.POSITIVE_INFINITY, 'Must be a number.'],
  ['a text for a boolean', z.boolean(), 'yes', 'Must be `true` or `false`.'],
  ['a text for a list', z.array(z.string()), 'x', 'Must be a list.'],
  ['a list for an object', z.strictObject({}), [], 'Must be an object.'],
  ['a text for a map', z.record(z.string(), z.string()), 'x', 'Must be an object.'],
  ['too small a number', z.int().min(1), 0, 'Must be at least 1.'],
  ['too large a number', z.int().max(100), 101, 'Must be at most 100.'],
  ['a number at an open bound', z.number().positive(), 0, 'Must be more than 0.'],
  ['a number at an open upper bound', z.number().lt(5), 5, 'Must be less than 5.'],
  ['an empty text', z.string().min(1), '', 'Must not be empty.'],
  ['too short a text', z.string().min(15), 'short', 'Must have at least 15 characters.'],
  ['too long a text', z.string().max(1), 'ab', 'Must have at most 1 character.'],
  ['a text of another length', z.string().length(2), 'a', 'Must have exactly 2 characters.'],
  ['too few items', z.array(z.string()).min(1), [], 'Must have at least 1 item.'],
  ['too many items', z.array(z.string()).max(2), ['a', 'b', 'c'], 'Must have at most 2 items.'],
  ['none of some words', z.enum(['price', '-price']), 'cheap', 'Must be one of `price`, `-price`.'],
  ['another than the one word', z.literal('Bearer'), 'Basic', 'Must be `Bearer`.'],
  ['no email', z.email(), 'ada', 'Must be an email address, such as ada@example.com.'],
  ['no address', z.url(), 'x', 'Must be an absolute address, such as https://shop.example.'],
  ['no time', z.iso.datetime(), 'now', 'Must be a time by RFC 3339, such as 2026-11-22T12:00:00Z.'],
  [
    'another pattern',
    z.string().regex(/^x$/),
    'y',
    'Must be written in the form that the documentation gives.',
  ],
  ['not a multiple', z.number().multipleOf(5), 7, 'Must be a multiple of 5.'],
  ['an unknown field', z.strictObject({}), { total: 0 }, 'This field does not exist here.'],
  ['a bad name in a map', z.record(Currency, z.int()), { euro: 1 }, 'Has a name in it that is not allowed.'],
  [
    'none of some forms',
    z.union([z.int(), z.boolean()]),
    'x',
    'Must have one of the forms that the documentation lists.',
  ],
  ['what a rule of ours refuses', z.string().refine(() => false), 'x', 'Is not allowed here.'],
  ['a message of the schema itself', z.string().min(1, 'Say something.'), '', 'Say something.'],
  [
    'two lines',
    line(10),
    'a\nb',
    'Must be one line with a character that can be seen, and no control characters.',
  ],
  ['a number in a query that is none', queryInt(1, 100), '1e2', 'Must be a whole number in digits.'],
  ['a number in a query beyond its bound', queryInt(1, 100), '101', 'Must be at most 100.'],
  ['a boolean in a query', queryBoolean(), 'yes', 'Must be one of `true`, `false`.'],
  ['no currency', Currency, 'euro', 'Must be a currency code of three capital letters, such as EUR.'],
  ['no country', Country, 'Germany', 'Must be a country code of two capital letters, such as DE.'],
]

test.each(cases)('%s', (_, schema, value, sentence) => {
  expect(schema.safeParse(value).error?.issues[0]?.message).toBe(sentence)
})
