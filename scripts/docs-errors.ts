// `npm run docs:errors`: writes docs/errors.md from the registry of problem codes; with `--check` it only says whether
// the file is what it would write.

import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { errorRegistry } from '../src/error-registry.ts'
import type { ErrorKind } from '../src/lib/errors.ts'

const FILE = path.resolve(import.meta.dirname, '..', 'docs', 'errors.md')

const INTRODUCTION = `# Problem codes

<!-- Written by \`npm run docs:errors\` from src/error-registry.ts. -->

Every error of \`/v1\` is a problem document (RFC 9457, \`application/problem+json\`):

\`\`\`json
{
  "type": "https://shop.example/problems/stock_insufficient",
  "title": "There is not enough in stock",
  "status": 409,
  "code": "stock_insufficient",
  "detail": "Some items are short in stock. Nothing was charged.",
  "request_id": "req_01M81J18G0F1WA11106WFXGE54",
  "items": [{ "variant_id": "var_01M81J18G0F1WA11106WFXGE4K", "quantity": 2, "quantity_available": 1 }]
}
\`\`\`

Branch on \`code\`: it never changes its meaning. \`type\` is the address of a page that explains it. \`detail\` is for people and
may change. \`invalid_input\` and its kin name each wrong place in \`errors[]\` as a JSON Pointer (RFC 6901). Where a repeat may
help, \`Retry-After\` says after how many seconds. Which operation can answer what stands in the OpenAPI document
(\`/openapi.json\`).
`

/** The whole file. */
function render(kinds: ErrorKind[]): string {
  const sections = [...Map.groupBy(kinds, kind => kind.status)]
    .sort(([a], [b]) => a - b)
    .map(([status, group]) => `## ${status}\n\n${group.map(entry).join('\n')}`)
  return `${INTRODUCTION}\n${sections.join('\n\n')}\n`
}

function entry({ code, title, help, members }: ErrorKind): string {
  const further = Object.entries(members ?? {}).map(
    ([name, { description }]) => `  - \`${name}\`: ${description}`,
  )
  return [`- **\`${code}\`**: ${title}. ${help}`, ...further].join('\n')
}

const wanted = render([...errorRegistry.values()])
if (process.argv.includes('--check')) {
  const there = await readFile(FILE, 'utf8').catch(() => '')
  if (there !== wanted) {
    console.error('docs/errors.md is stale: run `npm run docs:errors` and commit it.')
    process.exit(1)
  }
  console.log(`docs/errors.md has all ${errorRegistry.size} codes`)
} else {
  await writeFile(FILE, wanted)
}
