// CSV as others read it: RFC 4180, and safe to open in a spreadsheet.

/** A text that begins so is run as a formula by spreadsheets (OWASP, CSV Injection). */
const FORMULA = /^[=+\-@\t\r]/
const NEEDS_QUOTES = /[",\r\n]/

/**
 * Writes one record, with its line end. A text that a spreadsheet would run as a formula gets an apostrophe before it;
 * numbers are ours and stay as they are. Null is an empty cell.
 */
export const csvRecord = (cells: readonly (string | number | null)[]): string =>
  `${cells.map(csvCell).join(',')}\r\n`

function csvCell(value: string | number | null): string {
  if (value === null) return ''
  if (typeof value === 'number') return String(value)
  const text = FORMULA.test(value) ? `'${value}` : value
  return NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
