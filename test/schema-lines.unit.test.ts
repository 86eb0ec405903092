// The comparison of schemas that `npm run check:schema` rests on: each kind of difference is seen.

import { createClient } from '@libsql/client'
import { expect, test } from 'vitest'
import { differences, schemaLines } from '../scripts/lib/schema-lines.ts'

const SCHEMA = `
  CREATE TABLE people (id text PRIMARY KEY NOT NULL) STRICT;
  CREATE TABLE things (
    id integer PRIMARY KEY NOT NULL, owner text REFERENCES people(id), name text NOT NULL, size integer DEFAULT 1 NOT NULL,
    CONSTRAINT "size_known" CHECK(size IN (1, 2) OR name = ')')
  ) STRICT;
  CREATE INDEX \`things_by_owner\` ON \`things\` (\`owner\`,\`id\`) WHERE owner IS NOT NULL;
  CREATE TABLE d1_migrations (id integer);`

async function linesOf(sql: string): Promise<Set<string>> {
  const client = createClient({ url: ':memory:' })
  await client.executeMultiple(sql)
  return schemaLines(client)
}

test('a schema written otherwise is the same schema', async () => {
  const other = SCHEMA.replaceAll('`', '"').replaceAll(' STRICT', '').replace('IN (1, 2)', 'IN(1,2)')
  expect(differences(await linesOf(SCHEMA), await linesOf(other))).toEqual([])
})

test.each([
  ['a column', ' size integer DEFAULT 1 NOT NULL,', ' size integer DEFAULT 1 NOT NULL, more text,'],
  ['a type', 'name text', 'name integer'],
  ['NOT NULL', 'name text NOT NULL', 'name text'],
  ['a default', 'DEFAULT 1', 'DEFAULT 2'],
  ['a key', 'id integer PRIMARY KEY NOT NULL', 'id integer NOT NULL'],
  ['a reference', ' REFERENCES people(id)', ''],
  ['what a reference does', 'people(id)', 'people(id) ON DELETE CASCADE'],
  ['the name of a constraint', 'size_known', 'size_unknown'],
  ['the rule of a constraint', 'IN (1, 2)', 'IN (1, 2, 3)'],
  ['the end of a rule', "name = ')'", "name = '('"],
  ['the columns of an index', '(`owner`,`id`)', '(`id`,`owner`)'],
  ['the condition of an index', ' WHERE owner IS NOT NULL', ''],
  ['the uniqueness of an index', 'CREATE INDEX', 'CREATE UNIQUE INDEX'],
  ['a table', 'CREATE TABLE people', 'CREATE TABLE persons'],
])('another %s is another schema, from either side', async (_, from, to) => {
  const changed = SCHEMA.replace(from, to)
  expect(changed).not.toBe(SCHEMA)
  const [one, two] = [await linesOf(SCHEMA), await linesOf(changed)]
  expect(differences(one, two)).not.toEqual([])
  expect(differences(two, one)).not.toEqual([])
})
