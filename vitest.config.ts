// Three runs of one suite: pure modules in plain Node, everything inside workerd on real D1 with the real
// migrations, and the same feature tests again on libSQL (see docs/decisions/0003-tests.md).
import path from 'node:path'
import { cloudflareTest, readD1Migrations } from '@cloudflare/vitest-plugin'
import { defineConfig } from 'vitest/config'

// Or each test file says which secrets of .dev.vars it was given.
process.env.WRANGLER_LOG ??= 'error'

const here = import.meta.dirname
const UNIT = 'test/**/*.unit.test.ts'
const platform = (name: string) => ({
  alias: { '#platform': path.join(here, `test/support/platform.${name}.ts`) },
})

/** Only what hangs runs into these: no test is about time, and a busy machine is slow. */
const PATIENCE = { testTimeout: 60_000, hookTimeout: 60_000 }

export default defineConfig({
  test: {
    projects: [
      { test: { ...PATIENCE, name: 'unit', include: [UNIT] } },
      {
        plugins: [
          cloudflareTest(async () => ({
            wrangler: { configPath: './wrangler.toml' },
            miniflare: { bindings: { MIGRATIONS: await readD1Migrations(path.join(here, 'migrations')) } },
          })),
        ],
        resolve: platform('workers'),
        test: {
          ...PATIENCE,
          name: 'workerd',
          include: ['test/**/*.test.ts'],
          exclude: [UNIT, 'test/node/**'],
        },
      },
      {
        resolve: platform('libsql'),
        test: {
          ...PATIENCE,
          name: 'libsql',
          include: ['test/{features,conformance,node}/**/*.test.ts'],
          exclude: [UNIT],
        },
      },
    ],
  },
})
