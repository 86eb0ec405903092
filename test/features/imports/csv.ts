// Small Shopify exports as text, and the parser run over them.

import { type ParsedProduct, parseShopifyCsv } from '../../../src/features/imports/shopify-csv.ts'

export type Chunk = string | Uint8Array

async function* from(...chunks: Chunk[]): AsyncGenerator<Chunk> {
  yield* chunks
}

/** All that the parser says of a file in EUR. */
export async function parse(...chunks: Chunk[]): Promise<ParsedProduct[]> {
  const items: ParsedProduct[] = []
  for await (const item of parseShopifyCsv(from(...chunks), { currency: 'EUR' })) items.push(item)
  return items
}

export const lines = (...rows: string[]): string => `${rows.join('\n')}\n`

/** A header of a few columns, and rows that fill them. */
export const small = (...rows: string[]): string =>
  lines('Handle,Title,Option1 Name,Option1 Value,Variant Price', ...rows)
