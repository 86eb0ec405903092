// Finds a Chromium for checks in a real browser.

import { accessSync, constants, readdirSync } from 'node:fs'
import { homedir } from 'node:os'
import path from 'node:path'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome']
/** Where `npx playwright-core install` puts browsers: a folder a version, within it one a platform. */
const CACHES = [
  process.env.PLAYWRIGHT_BROWSERS_PATH ?? '',
  path.join(homedir(), '.cache', 'ms-playwright'),
  path.join(homedir(), 'Library', 'Caches', 'ms-playwright'),
]
const IN_CACHE = /^(?:chrome|headless_shell|chrome-headless-shell|Chromium)$/

/**
 * The path of a Chromium: the one that CHROMIUM names (and no other), else one on PATH, else one of Playwright's.
 * Null when there is none. Throws when CHROMIUM names what cannot be run.
 */
export function findBrowser(): string | null {
  const named = process.env.CHROMIUM
  if (named) {
    if (isExecutable(named)) return named
    throw new Error(`CHROMIUM is ${named}, which cannot be run.`)
  }
  const onPath = (process.env.PATH ?? '')
    .split(path.delimiter)
    .flatMap(folder => NAMES.map(name => path.join(folder, name)))
  return [...onPath, ...CACHES.flatMap(inCache)].find(isExecutable) ?? null
}

function inCache(folder: string): string[] {
  if (folder === '') return []
  try {
    return readdirSync(folder)
      .filter(name => name.startsWith('chromium'))
      .flatMap(name =>
        readdirSync(path.join(folder, name), { recursive: true, encoding: 'utf8' })
          .filter(file => IN_CACHE.test(path.basename(file)))
          .map(file => path.join(folder, name, file)),
      )
  } catch {
    return []
  }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
