// `fields=` on lists: the answer keeps only the members that the caller names. `id` always stays.

import { z } from '@hono/zod-openapi'
import { list } from './schemas.ts'

type Item = z.ZodObject<{ id: z.ZodType }>

/** The query parameter: names of members of the list's items, separated by commas. */
export const fieldsOf = (item: z.ZodObject) => {
  const names = Object.keys(item.shape) as [string, ...string[]]
  return z
    .string()
    .max(600)
    .transform(text => text.split(','))
    .pipe(z.array(z.enum(names)))
    .optional()
    .openapi({
      type: 'string',
      maxLength: 600,
      pattern: `^(${names.join('|')})(,(${names.join('|')}))*$`,
      description: `Keep only these members of each item, separated by commas; \`id\` stays. Of: ${names.map(name => `\`${name}\``).join(', ')}.`,
      example: names.slice(0, 2).join(','),
    })
}

/** The envelope of a list whose items may be trimmed by `fields=`. */
export const trimmableList = <T extends Item>(name: string, item: T, example: unknown) =>
  list(name, z.union([item, item.partial().required({ id: true })]), example)

/** Trims a page to the members that the caller named; all of them when none were. */
export function trim<T extends { id: string }>(
  page: { data: T[]; next_cursor: string | null },
  fields: readonly string[] | undefined,
): { data: (Partial<T> & { id: string })[]; next_cursor: string | null } {
  if (!fields) return page
  const kept = new Set([...fields, 'id'])
  return {
    data: page.data.map(
      item =>
        Object.fromEntries(Object.entries(item).filter(([name]) => kept.has(name))) as Partial<T> & {
          id: string
        },
    ),
    next_cursor: page.next_cursor,
  }
}
