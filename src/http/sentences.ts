// What is wrong with a value, in a sentence that a storefront's developer can act on: `detail` of each entry in
// `errors`. One mapping for all schemas; a schema that knows better gives a message of its own.

import { z } from 'zod'

type RawIssue = Parameters<NonNullable<ReturnType<typeof z.config>['localeError']>>[0]

const TYPES: Record<string, string> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: '`true` or `false`',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  null: '`null`',
}

const FORMATS: Record<string, string> = {
  email: 'an email address, such as ada@example.com',
  url: 'an absolute address, such as https://shop.example',
  datetime: 'a time by RFC 3339, such as 2026-11-22T12:00:00Z',
  date: 'a date, such as 2026-11-22',
  uuid: 'a UUID',
}

/** The sentence for a zod issue. */
export function sentenceOf(issue: RawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      if (issue.input === undefined) return 'Is missing.'
      return `Must be ${TYPES[issue.expected] ?? 'of another type'}.`
    case 'too_small':
      return sized(
        issue.origin,
        issue.exact ? 'exactly' : issue.inclusive === false ? 'more than' : 'at least',
        issue.minimum,
      )
    case 'too_big':
      return sized(
        issue.origin,
        issue.exact ? 'exactly' : issue.inclusive === false ? 'less than' : 'at most',
        issue.maximum,
      )
    case 'invalid_value':
      return `Must be ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.map(value => `\`${String(value)}\``).join(', ')}.`
    case 'invalid_format':
      return `Must be ${FORMATS[issue.format] ?? 'written in the form that the documentation gives'}.`
    case 'not_multiple_of':
      return `Must be a multiple of ${issue.divisor}.`
    case 'unrecognized_keys':
      return 'This field does not exist here.'
    case 'invalid_key':
      return 'Has a name in it that is not allowed.'
    case 'invalid_union':
      return 'Must have one of the forms that the documentation lists.'
    default:
      return 'Is not allowed here.'
  }
}

function sized(origin: string, bound: string, size: number | bigint): string {
  const count = (noun: string) => `${bound} ${size} ${noun}${Number(size) === 1 ? '' : 's'}`
  if (origin === 'string')
    return Number(size) === 1 && bound === 'at least'
      ? 'Must not be empty.'
      : `Must have ${count('character')}.`
  if (origin === 'array' || origin === 'set') return `Must have ${count('item')}.`
  return `Must be ${bound} ${size}.`
}

/** Makes these sentences the messages of every schema that gives none itself. */
export const speakInSentences = (): void => void z.config({ localeError: sentenceOf })
