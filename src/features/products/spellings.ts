// Text in a column whatever the case of its letters, found through the column's ordinary index and in all scripts
// (SQLite's NOCASE knows A to Z only, and wants an index of its own).

import { type SQL, sql } from 'drizzle-orm'
import { caseForms } from '../../lib/text.ts'

/**
 * The CTE `name (item, text)`, for a WITH RECURSIVE: for each of the texts, by its place in the list, every spelling of
 * it that the column holds. It grows spellings letter by letter and asks the index each time whether anything begins so:
 * some two lookups a letter, however long the table is.
 */
export function spellings(name: string, texts: string[], table: string, column: string): SQL {
  const [cte, walk] = [sql.identifier(name), sql.identifier(`${name}_walk`)]
  const [from, value] = [sql.identifier(table), sql.identifier(column)]
  return sql`${walk} (item, text, at, forms) AS (
      SELECT key, '', 0, value FROM json_each(${JSON.stringify(texts.map(caseForms))})
      UNION ALL
      SELECT known.item, known.text || form.value, known.at + 1, known.forms
      FROM ${walk} known, json_each(known.forms, '$[' || known.at || ']') form
      WHERE EXISTS (SELECT 1 FROM ${from} WHERE ${value} >= known.text || form.value
        AND ${value} < known.text || form.value || char(1114111))),
    ${cte} (item, text) AS MATERIALIZED (
      SELECT item, text FROM ${walk} WHERE at = json_array_length(forms)
        AND EXISTS (SELECT 1 FROM ${from} WHERE ${value} = text))`
}
