// Imports a product export into a shop that runs elsewhere, over its API. The file is checked here first, so that one with
// errors sends nothing; then it goes out in parts of whole products, written anew as CSV, so that the file may be of any
// size. A part that was sent twice is harmless, hence what fails may simply be run again.

import { createReadStream } from 'node:fs'
import { parseArgs } from 'node:util'
import { type ParsedProduct, parseShopifyCsv } from '../../src/features/imports/shopify-csv.ts'
import { csvHeader, csvProduct } from '../../src/features/imports/shopify-writer.ts'

const MAX_SHOWN_ERRORS = 100
/** Far below what the shop takes at once (4 MiB), so that a part is written in seconds. */
const PART_CHARS = 512 * 1024
const PART_PRODUCTS = 200
const MAX_TRIES = 5

interface Answer {
  created: number
  updated: number
  code?: string
  detail?: string
}

/** Runs `npm run import -- FILE.csv --url https://shop.example`. Returns the exit code. */
export async function importRemotely(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      url: { type: 'string' },
      token: { type: 'string' },
      'dry-run': { type: 'boolean' },
      'skip-invalid': { type: 'boolean' },
      'set-stock': { type: 'boolean' },
    },
  })
  const [file] = positionals
  const token = values.token ?? process.env.CURBSIDE_TOKEN
  if (!file || positionals.length > 1 || !values.url || !token) {
    console.error(
      'Usage: CURBSIDE_TOKEN=… npm run import -- FILE.csv --url https://shop.example [--dry-run] [--skip-invalid] [--set-stock]\n\nThe token is an access token of staff with products:write (POST /v1/auth/login).',
    )
    return 2
  }
  const shop = new URL(values.url).origin
  const { default_currency: currency } = await currencyOf(shop)
  const read = (): AsyncGenerator<ParsedProduct> => parseShopifyCsv(createReadStream(file), { currency })

  const others = new Set<string>()
  let products = 0
  let errors = 0
  for await (const parsed of read()) {
    if (parsed.kind === 'product') {
      products += 1
      for (const { prices } of parsed.product.variants) for (const price of prices) others.add(price.currency)
      continue
    }
    errors += 1
    const { line, column, reason, handle } = parsed
    if (errors <= MAX_SHOWN_ERRORS)
      console.error(`${file}:${line}: ${column ? `${column}: ` : ''}${reason}${handle ? ` (${handle})` : ''}`)
  }
  console.log(`${products} good products; ${errors} errors.`)
  if (errors > 0 && !values['skip-invalid']) {
    console.log('Nothing was sent. Mend the file, or use --skip-invalid.')
    return 1
  }
  if (values['dry-run']) {
    console.log('Dry run: nothing was sent.')
    return 0
  }

  const target = `${shop}/v1/admin/imports${values['set-stock'] ? '?set_stock=true' : ''}`
  others.delete(currency)
  const format = { currency, others: [...others] }
  const total = { created: 0, updated: 0 }
  let part = ''
  let inPart = 0
  const send = async () => {
    if (inPart === 0) return
    const { created, updated } = await post(target, token, csvHeader(format) + part)
    total.created += created
    total.updated += updated
    console.error(`sent: ${total.created + total.updated} of ${products} products`)
    part = ''
    inPart = 0
  }
  for await (const parsed of read()) {
    if (parsed.kind !== 'product') continue
    part += csvProduct(parsed.product, format)
    inPart += 1
    if (part.length > PART_CHARS || inPart === PART_PRODUCTS) await send()
  }
  await send()
  console.log(`Imported: ${total.created} new, ${total.updated} updated.`)
  return 0
}

async function currencyOf(shop: string): Promise<{ default_currency: string }> {
  const response = await fetch(`${shop}/v1/shop`)
  if (!response.ok) throw new Error(`${shop}/v1/shop answered ${response.status}. Is it a Curbside shop?`)
  return (await response.json()) as { default_currency: string }
}

async function post(target: string, token: string, csv: string): Promise<Answer> {
  for (let tries = 1; ; tries++) {
    const response = await fetch(target, {
      method: 'POST',
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'text/csv' },
      body: csv,
    })
    const answer = (await response.json()) as Answer
    if (response.ok) return answer
    const isPassing = response.status === 429 || response.status === 503
    if (!isPassing || tries === MAX_TRIES)
      throw new Error(
        `The shop answered ${response.status} ${answer.code}: ${answer.detail} What was sent before is imported; run it again once this is mended.`,
      )
    const seconds = Number(response.headers.get('Retry-After')) || 1
    await new Promise(resolve => setTimeout(resolve, seconds * 1000))
  }
}
