// Hostile input, generated from the OpenAPI document: for each place that takes a value, what may not go in there.

import { type OpenApiDocument, resolveRef, type Schema } from '../../scripts/lib/openapi-document.ts'

/** One bad request body, as text, and where the refusal must point to. */
export interface BadBody {
  what: string
  text: string
  pointer: string
  /** The code of the entry in `errors`, where it can only be one. */
  code?: string
}

/** A schema with its references followed. */
interface Place {
  types: string[]
  properties: Record<string, Schema>
  /** Takes any names, each with a value of one schema. */
  isMap: boolean
  items?: Schema
  minimum: number
  maximum: number
  maxLength: number
  minLength: number
  maxItems: number
  enum?: string[]
  format?: string
}

type Limits = { maxLength?: number; minLength?: number; maxItems?: number; format?: string }

/** Follows a schema's references, as far as one value needs it. */
export function placeOf(document: OpenApiDocument, schema: Schema): Place {
  const partsOf = (part: Schema): (Schema & Limits)[] => {
    const whole = resolveRef<Schema & Limits>(document, part)
    return [whole, ...[...(whole.allOf ?? []), ...(whole.oneOf ?? [])].flatMap(partsOf)]
  }
  const parts = partsOf(schema)
  const of = <K extends keyof (Schema & Limits)>(key: K) =>
    parts.map(part => part[key]).find(value => value !== undefined)
  return {
    types: parts.flatMap(part => part.type ?? []),
    properties: of('properties') ?? {},
    isMap: typeof of('additionalProperties') === 'object',
    items: of('items'),
    minimum: of('minimum') ?? Number.NEGATIVE_INFINITY,
    maximum: of('maximum') ?? Number.POSITIVE_INFINITY,
    maxLength: of('maxLength') ?? 255,
    minLength: of('minLength') ?? 0,
    maxItems: of('maxItems') ?? 100,
    enum: of('enum'),
    format: of('format'),
  }
}

/** JSON texts, since some of them no JavaScript value has. */
const HUGE = '1e400'
const NUL = '"a\\u0000b"'
const LONE_SURROGATES = ['"\\ud800"', '"x\\udc00y"', '"\\udc00\\ud800"']
const BLANKS = [' ', '\u00a0', '\u2003 ', '\u200b', '\ufeff\u2060', '\u3164', '\u2800', '\ufe0f\u200d'].map(
  text => JSON.stringify(text),
)
const DEEP = `${'['.repeat(5_000)}${']'.repeat(5_000)}`
const MANY = `[${'0,'.repeat(100_000 - 1)}0]`
const LONG = JSON.stringify('x'.repeat(200_000))

const WRONG_TYPES: Record<string, string[]> = {
  string: ['true', '0', '1.5', HUGE, '[]', '["a"]', '{}', '{"a":1}', MANY, DEEP],
  integer: ['true', '"1"', '""', '1.5', '-0.5', HUGE, `-${HUGE}`, '[]', '[1]', '{}', DEEP],
  boolean: ['0', '1', '"true"', '""', '[]', '{}', DEEP],
  array: ['true', '0', '"a"', '{}', '{"0":"a","length":1}', HUGE, DEEP],
  object: ['true', '0', '"a"', '[]', '[{}]', HUGE, MANY, DEEP],
}

/** Texts that no value of this schema may be. */
function wrongValues(place: Place): string[] {
  const type = place.types.find(name => name !== 'null') ?? 'object'
  const wrongTypes = WRONG_TYPES[type]
  if (!wrongTypes) throw new Error(`no input is of type ${type}`)
  const wrong = [...wrongTypes]
  if (!place.types.includes('null')) wrong.push('null')
  if (type === 'string') {
    wrong.push(
      NUL,
      '"\\u001b[31m"',
      ...LONE_SURROGATES,
      JSON.stringify('x'.repeat(place.maxLength + 1)),
      LONG,
    )
    if (place.minLength > 0) wrong.push('""')
    // A password is whatever somebody chose; everything else that must be there must be seen.
    if (place.minLength > 0 && place.format !== 'password') wrong.push(...BLANKS)
  }
  if (type === 'integer') {
    // The bounds are those of the document.
    wrong.push('9007199254740993', String(place.minimum - 1), String(place.maximum + 1))
  }
  if (type === 'array')
    wrong.push(
      `[${Array(place.maxItems + 1)
        .fill('null')
        .join()}]`,
      MANY,
      '[null]',
    )
  return wrong
}

/** Names that nobody may set, and names that are dangerous in JavaScript. */
const FOREIGN = [
  'unknown_field',
  'id',
  'total',
  'totals',
  'subtotal',
  'price',
  'unit_price',
  'amount_paid',
  'discount',
  'discounts',
  'tax',
  'status',
  'payment_status',
  'order_id',
  'role',
  'owner',
  'customer_id',
  'principal',
  'version',
  'expires_at',
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
]

const MARK = '"@@"'

/** Every bad body that one fault makes of a good one. */
export function badBodies(
  document: OpenApiDocument,
  schema: Schema,
  good: Record<string, unknown>,
): BadBody[] {
  return visit('', placeOf(document, schema), good)

  function visit(pointer: string, place: Place, value: Record<string, unknown>): BadBody[] {
    const bodies: BadBody[] = []
    for (const name of FOREIGN.filter(name => !Object.hasOwn(place.properties, name))) {
      for (const text of ['0', '{"polluted":true}']) {
        const marked = put(pointer, { ...value, '@@': 0 }).replace(
          '"@@":0',
          `${JSON.stringify(name)}:${text}`,
        )
        bodies.push({
          what: `${name} at ${pointer || '/'}`,
          text: marked,
          pointer: `${pointer}/${name}`,
          ...(place.isMap ? {} : { code: 'unknown_field' }),
        })
      }
    }
    for (const [name, property] of Object.entries(place.properties)) {
      const inner = placeOf(document, property)
      const at = `${pointer}/${name}`
      const withWrong = (text: string) => put(pointer, { ...value, [name]: '@@' }).replace(MARK, text)
      for (const text of wrongValues(inner))
        bodies.push({ what: `${at} ${short(text)}`, text: withWrong(text), pointer: at })
      if (inner.items) {
        const item = placeOf(document, inner.items)
        for (const text of wrongValues(item)) {
          bodies.push({ what: `${at}/0 ${short(text)}`, text: withWrong(`[${text}]`), pointer: at })
        }
      }
      const child = value[name]
      if (isObject(child)) bodies.push(...visit(at, inner, child))
      const [first] = Array.isArray(child) ? child : []
      if (isObject(first) && inner.items) {
        bodies.push(...visit(`${at}/0`, placeOf(document, inner.items), first))
      }
    }
    return bodies
  }

  /** The good body, as text, with an object in the place that the pointer names. */
  function put(pointer: string, object: Record<string, unknown>): string {
    const parts = pointer.split('/').slice(1)
    const last = parts.pop()
    if (last === undefined) return JSON.stringify(object)
    const copy = structuredClone(good)
    let node: Record<string, unknown> = copy
    for (const part of parts) node = node[part] as Record<string, unknown>
    node[last] = object
    return JSON.stringify(copy)
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const short = (text: string): string => (text.length > 40 ? `${text.slice(0, 40)}… (${text.length})` : text)

/** Bodies that are no JSON document at all. */
export const notJson = (good: string): string[] => [
  '',
  ' ',
  '{',
  '}',
  '{"a":}',
  "{'a':1}",
  '{"a":1,}',
  '{"a" 1}',
  'NaN',
  'undefined',
  '01',
  '+1',
  '"\u0001"',
  good.slice(0, -1),
  good.slice(0, Math.floor(good.length / 2)),
  `${good}${good}`,
  `${good}x`,
  '['.repeat(100_000),
  '{"a":'.repeat(40_000),
]

/** JSON documents that are no object. */
export const NO_OBJECT = [
  'null',
  'true',
  '0',
  HUGE,
  '""',
  '"text"',
  '[]',
  '[{}]',
  DEEP,
  MANY,
  `${'[{"a":'.repeat(20_000)}0${'}]'.repeat(20_000)}`,
]

/** Query values that no parameter of this schema takes. */
export function wrongQueryValues(place: Place): string[] {
  if (place.enum) return ['', 'x', '%00', 'Title', '__proto__']
  if (place.types.includes('integer')) {
    const outside = [place.minimum - 1, place.maximum + 1].filter(Number.isFinite).map(String)
    return [
      '',
      'x',
      '1.5',
      '1e2',
      '0x10',
      '%201',
      '1%20',
      '+1',
      '-1',
      '1e400',
      'NaN',
      '9'.repeat(30),
      '%00',
      '1%00',
      ...outside,
    ]
  }
  if (place.types.includes('boolean')) return ['', '0', '1', 'TRUE', 'yes', 'null', '%00', 'true%00']
  return ['', 'a%00b', '%1b', '%7f', 'x'.repeat(place.maxLength + 1)]
}

/** Path segments that name nothing. */
export const WRONG_IDS = [
  'x',
  '%20',
  '%00',
  'a%00b',
  'a%2Fb',
  '%2e%2e%2f%2e%2e',
  '..',
  '%2e%2e',
  '%',
  '%zz',
  '%ed%a0%80',
  '%f0%9f%92%a5',
  '*',
  '%25',
  '_',
  "'%20OR%201=1%20--",
  '%22%3B%20DROP%20TABLE%20carts;--',
  '__proto__',
  'constructor',
  'null',
  'undefined',
  '0',
  '-1',
  '9007199254740993',
  'x'.repeat(5_000),
]

/** Cursors that no list gave. */
export const FORGED_CURSORS = [
  'x',
  '!!!!',
  'bnVsbA',
  'W10',
  '____',
  ...[
    [],
    [null],
    ['newest'],
    ['newest', null],
    ['other_sort', 'x'],
    ['newest', 1],
    ['newest', 1, 2],
    ['newest', {}],
    ['newest', [], []],
    ['price', 'x', 'y'],
    ["'; DROP TABLE products; --", 1, 'x'],
    [{ toString: 1 }],
    { length: 2 },
    'newest',
    0,
  ].map(value => btoa(JSON.stringify(value)).replaceAll('=', '')),
  btoa('["newest",1e400,"x"]').replaceAll('=', ''),
  btoa('['.repeat(400)).replaceAll('=', ''),
]
