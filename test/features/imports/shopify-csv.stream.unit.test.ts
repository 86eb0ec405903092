// A file of any size passes through the parser without staying in memory.

import v8 from 'node:v8'
import vm from 'node:vm'
import { describe, expect, it } from 'vitest'
import { parseShopifyCsv } from '../../../src/features/imports/shopify-csv.ts'

describe('streaming', () => {
  const ROWS = 100_000
  const ROWS_PER_PRODUCT = 4

  it('reads 100,000 rows without keeping them, and no further ahead than it must', async () => {
    v8.setFlagsFromString('--expose-gc')
    const collectGarbage: () => void = vm.runInNewContext('gc')
    const retained = (): number => {
      collectGarbage()
      return process.memoryUsage().heapUsed
    }
    let written = 0
    let bytes = 0
    async function* file(): AsyncGenerator<Uint8Array> {
      const encoder = new TextEncoder()
      yield encoder.encode('Handle,Title,Body (HTML),Option1 Name,Option1 Value,Variant SKU,Variant Price\n')
      for (let row = 0; row < ROWS; row++) {
        const size = row % ROWS_PER_PRODUCT
        const handle = `product-${Math.floor(row / ROWS_PER_PRODUCT)}`
        const body = `"<p>${`Row ${row} of a long file. `.repeat(20)}</p>"`
        const chunk = encoder.encode(
          size === 0
            ? `${handle},Product,${body},Size,0,SKU-${row},9.99\n`
            : `${handle},,,,${size},SKU-${row},9.99\n`,
        )
        written = row + 1
        bytes += chunk.length
        yield chunk
      }
    }

    const before = retained()
    let peak = 0
    let products = 0
    let ahead = 0
    for await (const item of parseShopifyCsv(file(), { currency: 'EUR' })) {
      if (item.kind === 'error') throw new Error(item.reason)
      expect(item.product.variants).toHaveLength(ROWS_PER_PRODUCT)
      products++
      ahead = Math.max(ahead, written - products * ROWS_PER_PRODUCT)
      if (products % 2500 === 0) peak = Math.max(peak, retained() - before)
    }
    expect(products).toBe(ROWS / ROWS_PER_PRODUCT)
    // The rows read before a product is handed on: its own and the one that shows that it is over.
    expect(ahead).toBeLessThanOrEqual(2)
    // Kept: the handles. The file itself is several times as long.
    expect(bytes).toBeGreaterThan(12 * 1024 * 1024)
    expect(peak).toBeLessThan(8 * 1024 * 1024)
  }, 120_000)
})
