// The parts of our documents that a reader pastes into a shell, and that are therefore run as they stand:
//
//   <!-- paste: NAME; expect: TEXT -->
//   ```sh
//   …
//   ```
//
// Blocks of one name are one part. TEXT must stand in what the part prints. Parts of README.md find the shop's origin in
// SHOP and the first owner's password in OWNER_PASSWORD.

export interface PastedPart {
  name: string
  code: string
  expect: string[]
}

const BLOCK = /<!-- paste: ([\w-]+)(?:; expect: (.+?))? -->\n+```sh\n(.*?)```/gs

/** The parts of a Markdown text, in their order. Throws when a mark has no block after it. */
export function pastedParts(markdown: string): PastedPart[] {
  const parts = new Map<string, PastedPart>()
  let blocks = 0
  for (const [, name = '', expect, code = ''] of markdown.matchAll(BLOCK)) {
    const part = parts.get(name) ?? { name, code: '', expect: [] }
    part.code += code
    if (expect) part.expect.push(expect)
    parts.set(name, part)
    blocks += 1
  }
  if (markdown.split('<!-- paste:').length - 1 !== blocks)
    throw new Error('a "paste" mark has no ```sh block after it')
  return [...parts.values()]
}
