// What `npm run check:readme` takes for a part to paste.

import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { pastedParts } from '../scripts/lib/pasted-blocks.ts'

const block = (mark: string, code: string) => `<!-- paste: ${mark} -->\n\`\`\`sh\n${code}\n\`\`\`\n`

test('marked blocks are taken as they stand, blocks of one name as one part, unmarked ones not at all', () => {
  const text = `# A\n${block('buy; expect: "paid"', 'A=1\n\n# why')}\n\`\`\`sh\nrm -rf x\n\`\`\`\n${block('run', 'true')}\n${block('buy; expect: ok', 'echo $A')}`
  expect(pastedParts(text)).toEqual([
    { name: 'buy', code: 'A=1\n\n# why\necho $A\n', expect: ['"paid"', 'ok'] },
    { name: 'run', code: 'true\n', expect: [] },
  ])
})

test('a mark without a block after it is a mistake, not nothing to do', () => {
  expect(() => pastedParts('<!-- paste: buy -->\n\nText.\n')).toThrow('no ```sh block')
  expect(() => pastedParts('<!-- paste: buy -->\n```js\nx\n```\n')).toThrow('no ```sh block')
})

test('the README and the runbook have their parts, each with something that it must print', async () => {
  const parts = await Promise.all(
    ['README.md', 'docs/runbook.md'].map(async file => pastedParts(await readFile(file, 'utf8'))),
  )
  expect(parts.flat().map(({ name }) => name)).toEqual(expect.arrayContaining(['purchase', 'node']))
  for (const { name, expect: wanted } of parts.flat()) expect(wanted, name).not.toEqual([])
})
