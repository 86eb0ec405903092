// The SQL of search: what the words of a query mean to the full-text index, and a page by relevance.

import { type SQL, sql } from 'drizzle-orm'
import type { SearchWord } from './search-words.ts'
import { spellings } from './spellings.ts'

export interface Search {
  /** Words that must all occur. */
  words: (SearchWord & { typos: string[] })[]
  /** The query as it was typed: it may be a whole SKU or barcode. */
  text: string
}

/**
 * A page by relevance: products with a variant whose SKU or barcode is the query come first, then those whose title has
 * the very words, then those whose title has words that begin so, then vendor, type and tags, then all the rest; the
 * newest first within each tier. Unlike a BM25 score, a product's place does not depend on what other products there
 * are, so pages stay stable; and each tier is read in the order of the index, only as far as the page needs it: SQLite
 * runs the arms of a UNION ALL one after the other, and no further than the LIMIT.
 */
export function rankedPage(
  { words, text }: Search = { words: [], text: '' },
  { joins, conditions }: { joins: SQL; conditions: SQL },
  page: { after: (string | number)[] | null; limit: number },
): { ctes: SQL; again: SQL } {
  const [afterTier, afterSeq] = page.after ?? [CODE_TIER, null]
  const from = Math.min(Number(afterTier), TIERS.length - 1)
  const tiers = [CODE_TIER, ...TIERS.keys()].filter(tier => tier >= from)
  const arms = tiers.map(tier => {
    const after = tier === afterTier && afterSeq !== null ? sql`AND rowid < ${afterSeq}` : sql``
    const source =
      tier === CODE_TIER
        ? sql`(SELECT seq AS rowid FROM coded) WHERE true`
        : sql`product_search WHERE product_search MATCH (SELECT ${TIERS[tier]} FROM asked)
            AND rowid NOT IN (SELECT seq FROM coded)`
    // A limit that limits nothing: without one SQLite drops the order of a subquery.
    return sql`SELECT * FROM (
      SELECT ${sql.raw(String(tier))} AS tier, rowid AS seq FROM ${source} ${after} ORDER BY rowid DESC LIMIT -1)`
  })
  const exact = words.map(({ text }) => `"${text}"`).join(' AND ')
  return {
    ctes: sql`${spellings('spelled_skus', [text], 'variants', 'sku')},
      coded AS MATERIALIZED (${productsByCode(text)}),
      asked AS MATERIALIZED (SELECT ${exact} AS exact, ${matchExpression(words)} AS loose),
      page AS (
        SELECT ranked.tier, p.seq, json_array(ranked.tier, p.seq) AS cursor, r.currency, r.min_amount, r.max_amount
        FROM (${sql.join(arms, sql` UNION ALL `)}) ranked CROSS JOIN products p ON p.seq = ranked.seq ${joins}
        WHERE ${conditions} LIMIT ${page.limit + 1})`,
    again: sql`page.tier, page.seq DESC`,
  }
}

const CODE_TIER = -1

/** FTS5 expressions of `asked`, each leaving out what those before it find. */
const TIERS = [
  sql`'{title} : (' || exact || ')'`,
  sql`'({title} : (' || loose || ')) NOT ({title} : (' || exact || '))'`,
  sql`'({title vendor product_type tags} : (' || loose || ')) NOT ({title} : (' || loose || '))'`,
  sql`'(' || loose || ') NOT ({title vendor product_type tags} : (' || loose || '))'`,
]

/**
 * The products of a SKU or barcode, whatever the case of its letters. SKUs have an index. Barcodes have none of their
 * own, but their words are in the full-text index, where digits are rare enough to find few products.
 */
function productsByCode(text: string): SQL {
  const bySku = sql`SELECT p.seq FROM variants v CROSS JOIN products p ON p.id = v.product_id
    WHERE v.sku IN (SELECT text FROM spelled_skus)`
  if (!BARCODE.test(text)) return bySku
  return sql`${bySku} UNION SELECT p.seq FROM product_search CROSS JOIN products p ON p.seq = product_search.rowid
    WHERE product_search MATCH ${`{body} : "${text}"`}
      AND EXISTS (SELECT 1 FROM variants v WHERE v.product_id = p.id AND lower(v.barcode) = lower(${text}))`
}

/** Letters and digits, at least four of them digits; hyphens and spaces as in an ISBN. Nothing that FTS5 reads as syntax. */
const BARCODE = /^(?=(?:.*\d){4})[\dA-Za-z][\dA-Za-z -]*$/

/**
 * The FTS5 expression, composed inside the statement so that one call is enough. Every word must match as a prefix.
 * Stemming has shortened what is in the index ("ceramic" to "ceram"), so a prefix that is no word itself also stands for
 * the words that begin with it; and when all that finds nothing, for the words that one wrong letter tells apart from it.
 */
export const matchExpression = (words: Search['words']): SQL => sql`(
  WITH word AS (SELECT value ->> 'text' AS text, value ->> 'folded' AS folded, value -> 'typos' AS typos
    FROM json_each(${JSON.stringify(words)})),
  meant AS MATERIALIZED (SELECT
    '"' || text || '"*' || coalesce(' OR ' || (SELECT group_concat('"' || known || '"', ' OR ') FROM (
      SELECT t.word AS known FROM search_typos t WHERE length(folded) >= ${MIN_EXPANDED_LETTERS}
        AND t.typo >= folded AND t.typo < folded || char(1114111) AND length(t.typo) = length(t.word)
        AND NOT EXISTS (SELECT 1 FROM search_typos WHERE (typo, word) = (folded, text))
      ORDER BY t.typo LIMIT ${MAX_ALTERNATIVES})), '') AS prefix,
    (SELECT group_concat('"' || known || '"', ' OR ') FROM (
      SELECT DISTINCT t.word AS known FROM search_typos t WHERE t.typo IN (SELECT value FROM json_each(typos))
      ORDER BY known LIMIT ${MAX_ALTERNATIVES})) AS near
    FROM word)
  SELECT group_concat('(' || CASE
      WHEN near IS NULL OR EXISTS (SELECT 1 FROM product_search WHERE product_search MATCH prefix) THEN prefix
      ELSE prefix || ' OR ' || near END || ')', ' AND ') FROM meant)`

/** Stemming leaves at least this many letters of nearly every word. */
const MIN_EXPANDED_LETTERS = 4
/** Words that one word of a query stands for, beside those it is a prefix of. */
const MAX_ALTERNATIVES = 20
