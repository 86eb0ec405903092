// Reads a product export of Shopify as a stream: one product is in memory at a time, so the file may be of any size
// (what grows is one number for each handle seen). For scripts on Node: csv-parse needs Node's streams.
//
// What it reads as Shopify does, and where it is stricter:
// - The rows of a product stand together and share a handle, compared in its normal form. A handle is kept if it is
//   one already, else made one ("Foo--Bar" becomes "foo-bar").
// - A product with any bad row is not imported; all its problems are reported. A syntax error ends the file, because
//   nothing after a stray quote can be trusted, and takes with it the product that was being read.
// - A handle that comes back later is an error, since the first part is already handed on.

import { parse } from 'csv-parse'
import { toHandle } from '../../lib/text.ts'
import type { ProductInput } from '../products/input.ts'
import { type Cells, type Header, type Problem, type Row, readCells, readHeader } from './shopify-cells.ts'
import { type ProductDraft, startProduct } from './shopify-product.ts'

/** A product, or one thing that is wrong with the file. `line` is the physical line of the row, from 1. */
export type ParsedProduct =
  | { kind: 'product'; product: ProductInput; line: number }
  | { kind: 'error'; line: number; column: string | null; reason: string; handle: string | null }

export interface ShopifyCsvOptions {
  /** Of the columns `Variant Price` and `Variant Compare At Price`. */
  currency: string
}

const HANDLE = /^[a-z0-9]+(?:[-_][a-z0-9]+)*$/
const MAX_HANDLE = 200
/** Guards memory against a quote that is never closed. In characters; a description has at most 64 KiB. */
const MAX_ROW = 1024 * 1024
const PIECE = 64 * 1024

/** Reads an export. Never throws for what is in the file: every problem is an item of kind `error`. */
export async function* parseShopifyCsv(
  chunks: AsyncIterable<Uint8Array | string>,
  options: ShopifyCsvOptions,
): AsyncGenerator<ParsedProduct> {
  let header: Header | null = null
  let draft: ProductDraft | null = null
  /** The handle whose rows are being read, and whether one of them was bad. */
  let current: string | null = null
  let isBad = false
  const firstLines = new Map<string, number>()

  function* report(problems: Problem[], handle: string | null): Generator<ParsedProduct> {
    if (problems.length > 0) isBad = true
    for (const problem of problems) yield { kind: 'error', ...problem, handle }
  }

  function* flush(): Generator<ParsedProduct> {
    if (draft && !isBad) yield { kind: 'product', product: draft.finish(), line: draft.line }
    draft = null
    current = null
    isBad = false
  }

  function* readRow(row: Row, columns: Header): Generator<ParsedProduct> {
    const cells = readCells(row, columns)
    const name = readHandle(cells)
    if (name === null) {
      // Without a title it was meant for the product being read, which is then not whole.
      if (cells.has('Title')) yield* flush()
      yield* report(cells.problems, current)
      return
    }
    // In a row that is too wide the cells are under the wrong columns: nothing more can be said about them.
    const isReadable = hasWidth(cells, row, columns)
    if (name !== current) {
      yield* flush()
      current = name
      const firstLine = firstLines.get(name)
      if (firstLine !== undefined) {
        cells.fail(
          'Handle',
          `"${name}" was already on line ${firstLine}; a product's rows must stand together`,
        )
      } else {
        firstLines.set(name, row.line)
        if (isReadable) draft = startProduct(name, cells, columns)
      }
    } else if (isReadable) {
      draft?.add(cells)
    }
    yield* report(cells.problems, name)
  }

  for await (const item of readRecords(chunks)) {
    if ('reason' in item) {
      yield* report([item], current)
      return
    }
    if (!header) {
      const read = readHeader(item, options.currency)
      if ('reason' in read) {
        yield* report([read], null)
        return
      }
      header = read
    } else if (item.cells.some(cell => cell.trim() !== '')) {
      yield* readRow(item, header)
    }
  }
  if (!header) yield { kind: 'error', line: 1, column: null, reason: 'The file is empty', handle: null }
  yield* flush()
}

/** The row's handle in its normal form, or null with the problem noted. */
function readHandle(cells: Cells): string | null {
  const raw = cells.text('Handle', MAX_HANDLE)
  const handle = HANDLE.test(raw) ? raw : toHandle(raw)
  if (cells.problems.length > 0) return null
  if (handle !== '') return handle
  cells.fail(
    'Handle',
    raw === '' ? 'The handle is missing' : `"${raw}" has no letter or digit to make a handle of`,
  )
  return null
}

/** Spreadsheets leave out empty cells at the end of a row; a cell too many means that a comma is not in quotes. */
function hasWidth(cells: Cells, row: Row, header: Header): boolean {
  if (row.cells.slice(header.width).every(cell => cell.trim() === '')) return true
  cells.fail(
    null,
    `The row has ${row.cells.length} cells, the header ${header.width}; put texts with commas in quotes`,
  )
  return false
}

/** Splits the text into records. A syntax error is the last item. */
async function* readRecords(chunks: AsyncIterable<Uint8Array | string>): AsyncGenerator<Row | Problem> {
  let rows: Row[] = []
  let lastLine = 0
  const parser = parse({
    skip_empty_lines: true,
    relax_column_count: true,
    record_delimiter: '\n',
    max_record_size: MAX_ROW,
    // Taken here and not from the readable side, which loses the rows before an error.
    on_record: (record: string[], { lines }) => {
      const inside = record.reduce((sum, cell) => sum + (cell.split('\n').length - 1), 0)
      rows.push({ line: lines - inside, cells: record })
      lastLine = lines
      return null
    },
  })
  // The callbacks below hear of every error; without a listener it would also end the process.
  parser.on('error', () => undefined)
  const settled = (start: (done: (error?: Error | null) => void) => void) =>
    new Promise<Error | null>(resolve => start(error => resolve(error ?? null)))

  try {
    for await (const text of readText(chunks)) {
      const error = await settled(done => parser.write(text, done))
      yield* rows
      rows = []
      if (error) {
        yield syntaxProblem(error, lastLine + 1, parser.info.lines)
        return
      }
    }
    const error = await settled(done => parser.end(done))
    yield* rows
    if (error) yield syntaxProblem(error, lastLine + 1, parser.info.lines)
  } finally {
    parser.destroy()
  }
}

function syntaxProblem(error: Error, line: number, found: number): Problem {
  const code = 'code' in error ? error.code : undefined
  const end = 'The file cannot be read beyond this row'
  const reason =
    code === 'CSV_QUOTE_NOT_CLOSED'
      ? 'A cell opens with a quote mark (") that is never closed'
      : code === 'CSV_MAX_RECORD_SIZE'
        ? `The row is longer than ${MAX_ROW} characters; a quote mark (") is probably never closed`
        : `A quote mark (") stands in the middle of a cell on line ${found}; put the cell in quotes and double the mark`
  return { line, column: null, reason: `${reason}. ${end}` }
}

/**
 * Decodes the chunks: pieces of bounded size, line ends as "\n" (so that every line is counted once), no byte order
 * mark. What is not UTF-8, and a lone surrogate, becomes U+FFFD, which the cells then refuse.
 */
async function* readText(chunks: AsyncIterable<Uint8Array | string>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: false, ignoreBOM: true })
  let held = ''
  let isStart = true
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; at += PIECE) {
      const piece = chunk.slice(at, at + PIECE)
      let text = held + (typeof piece === 'string' ? piece : decoder.decode(piece, { stream: true }))
      // Half a line end or half a character waits for the rest.
      held = /[\r\ud800-\udbff]$/.exec(text)?.[0] ?? ''
      text = text.slice(0, text.length - held.length)
      if (text === '') continue
      yield normalised(isStart ? text.replace(/^\ufeff/, '') : text)
      isStart = false
    }
  }
  const rest = held + decoder.decode()
  if (rest !== '') yield normalised(rest)
}

const normalised = (text: string): string => text.replace(/\r\n?/g, '\n').toWellFormed()
