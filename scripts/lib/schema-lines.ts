// A database's schema as a set of lines, one a column, key, index or constraint, so that two of them can be compared.
// What SQLite itself understood is read, not what was written, except for expressions, which it keeps as text.

import type { Client } from '@libsql/client'

/** Tables that no table definition names: SQLite's own, the migrations' book, and the full-text index. */
const NOT_DECLARED = /^(?:sqlite_|d1_migrations$|product_search)/

/** Describes every table of ours. */
export async function schemaLines(client: Client): Promise<Set<string>> {
  const lines = new Set<string>()
  const { rows } = await client.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'table'")
  for (const { name, sql } of rows) {
    const table = String(name)
    if (NOT_DECLARED.test(table)) continue
    for (const line of [
      ...(await columns(client, table)),
      ...(await foreignKeys(client, table)),
      ...(await indexes(client, table)),
      ...checks(String(sql)),
    ])
      lines.add(`${table}: ${line}`)
  }
  return lines
}

/** What only one of two schemas has, as sentences. */
export const differences = (declared: ReadonlySet<string>, migrated: ReadonlySet<string>): string[] => [
  ...[...declared]
    .filter(line => !migrated.has(line))
    .map(line => `no migration makes what table.ts has: ${line}`),
  ...[...migrated]
    .filter(line => !declared.has(line))
    .map(line => `no table.ts has what migrations make: ${line}`),
]

async function columns(client: Client, table: string): Promise<string[]> {
  const { rows } = await client.execute(`SELECT * FROM pragma_table_xinfo('${table}')`)
  return rows.map(({ name, type, notnull, dflt_value, pk }) =>
    [
      `column ${name} ${String(type).toLowerCase()}`,
      ...(notnull ? ['not null'] : []),
      ...(dflt_value === null ? [] : [`default ${dflt_value}`]),
      ...(pk ? [`primary key part ${pk}`] : []),
    ].join(' '),
  )
}

async function foreignKeys(client: Client, table: string): Promise<string[]> {
  const { rows } = await client.execute(`SELECT * FROM pragma_foreign_key_list('${table}')`)
  return rows.map(
    row =>
      `${row.from} references ${row.table}(${row.to}) on update ${row.on_update} on delete ${row.on_delete}`,
  )
}

async function indexes(client: Client, table: string): Promise<string[]> {
  const { rows } = await client.execute({
    sql: "SELECT sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL",
    args: [table],
  })
  return rows.map(row => plain(String(row.sql)))
}

/** The named CHECKs in the text of a table. */
function checks(sql: string): string[] {
  return [...sql.matchAll(/CONSTRAINT\s+"?(\w+)"?\s+CHECK\s*\(/g)].map(match => {
    const start = match.index + match[0].length
    return `check ${match[1]} (${plain(sql.slice(start, endOfParenthesis(sql, start)))})`
  })
}

function endOfParenthesis(text: string, start: number): number {
  let depth = 1
  let isQuoted = false
  for (let at = start; at < text.length; at++) {
    const char = text[at]
    if (char === "'") isQuoted = !isQuoted
    if (isQuoted) continue
    if (char === '(') depth += 1
    if (char === ')') depth -= 1
    if (depth === 0) return at
  }
  return text.length
}

/** Text without the ways of writing that mean nothing: quotes around names, and spaces. */
const plain = (sql: string): string =>
  sql
    .replaceAll(/[`"]/g, '')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/ ?([(),]) ?/g, '$1')
    .trim()
