// CSV downloads: streamed page by page, so that memory stays flat however much there is.

import type { Context } from 'hono'
import { csvRecord } from '../lib/csv.ts'
import type { AppEnv } from './context.ts'

type Cell = string | number | null

/** A table that is read in pages. */
export interface CsvTable {
  columns: readonly string[]
  /** Records, page by page. */
  pages: AsyncIterator<readonly (readonly Cell[])[], void>
}

/**
 * Answers with a table as a file to download. The first page is read before the answer begins, so that a failure then
 * is still a problem document; one that comes later breaks the transfer off, which a client sees.
 */
export async function replyCsv(
  c: Context<AppEnv>,
  name: string,
  { columns, pages }: CsvTable,
): Promise<Response> {
  const encoder = new TextEncoder()
  const encode = (records: readonly (readonly Cell[])[]) => encoder.encode(records.map(csvRecord).join(''))
  let next = await pages.next()
  const { log } = c.var.deps
  const request_id = c.var.requestId
  const body = new ReadableStream<Uint8Array>({
    start: controller => controller.enqueue(encode([columns])),
    pull: async controller => {
      try {
        if (next.done) return controller.close()
        controller.enqueue(encode(next.value))
        next = await pages.next()
      } catch (error) {
        log('error', 'export broken off', {
          request_id,
          error: error instanceof Error ? error.name : 'unknown',
        })
        controller.error(error)
      }
    },
    cancel: async () => {
      await pages.return?.()
    },
  })
  return c.body(body, 200, {
    'Content-Type': 'text/csv; charset=utf-8',
    'Content-Disposition': `attachment; filename="${name}.csv"`,
    'Cache-Control': 'no-store',
  })
}
