// `npm test`: installs what is missing and runs everything that proves the project, cheapest first.

import { ensureInstalled, fail, run } from './lib/steps.mjs'

const STEPS = [
  ['format, lint and import rules', 'biome', ['ci', '--error-on-warnings']],
  ['types', 'tsc', ['-p', '.', '--noEmit']],
  ['assets', 'node', ['scripts/build-assets.ts']],
  ['OpenAPI document', 'node', ['scripts/check-openapi.ts']],
  ['schema', 'node', ['scripts/check-schema.ts']],
  ['error pages', 'node', ['scripts/docs-errors.ts', '--check']],
  ['commit messages', 'node', ['scripts/check-commits.ts']],
  ['tests: pure, in workerd on D1, on libSQL', 'vitest', ['run']],
]

async function main() {
  await ensureInstalled()
  for (const [name, command, args] of STEPS) {
    const started = Date.now()
    console.log(`\n== ${name}`)
    await run(command, args)
    console.log(`== ${name}: ok (${((Date.now() - started) / 1000).toFixed(1)} s)`)
  }
  console.log('\nAll of it passed.')
}

main().catch(fail)
